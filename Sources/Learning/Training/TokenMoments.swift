import Decode
import Network
import Numerics

/// Sums of an encoder's normed tokens over patches.
struct TokenMoments: Sendable {
    private var count = 0.0
    private var sum: [Double]
    private var square: [Double]

    init(width: Int) {
        sum = [Double](repeating: 0, count: width)
        square = sum
    }

    mutating func add(_ tokens: Matrix<Float>) {
        for row in 0..<tokens.rows {
            for (column, value) in tokens.row(row).enumerated() {
                sum[column] += Double(value)
                square[column] += Double(value) * Double(value)
            }
        }
        count += Double(tokens.rows)
    }

    mutating func add(_ other: TokenMoments) {
        for column in sum.indices {
            sum[column] += other.sum[column]
            square[column] += other.square[column]
        }
        count += other.count
    }

    /// Per dimension the mean and 1 / deviation; a dimension that never varies keeps scale 1 / 0.01.
    func meanAndScale() -> ([Float], [Float]) {
        let mean = sum.map { $0 / max(1, count) }
        let scale = mean.indices.map { column -> Float in
            let variance = max(0, square[column] / max(1, count) - mean[column] * mean[column])
            return Float(1 / max(variance.squareRoot(), 0.01))
        }
        return (mean.map { Float($0) }, scale)
    }
}

/// An encoder pass over one picture, for statistics.
struct TokenProbe {
    let model: InspectionModel<Float>
    let decoder: Decoder

    /// Moments of the context tokens of planes (3, H, W) in the model's normalisation.
    func moments(_ pixels: [Float]) -> TokenMoments {
        var result = TokenMoments(width: model.shape.contextWidth)
        result.add(context(pixels))
        return result
    }

    /// Context tokens of planes (3, H, W) with nothing hidden, (N, contextWidth).
    func context(_ pixels: [Float]) -> Matrix<Float> {
        let side = model.shape.encoder.patchSize
        let rows = decoder.inputHeight / side
        let columns = decoder.inputWidth / side
        var patches = Matrix<Float>(rows: 0, columns: 3 * side * side)
        model.encoder.patches(&patches, pixels: pixels, height: decoder.inputHeight, width: decoder.inputWidth)
        var tokens = Matrix<Float>(rows: 0, columns: model.shape.encoder.width)
        model.encoder.embed(
            &tokens, patches: patches,
            positions: model.encoder.gridPositions(rows: rows, columns: columns, store: model.store),
            store: model.store)
        var pass = Encoder.Activations<Float>(model.shape.encoder, training: false)
        model.encoder.forward(
            patchTokens: tokens, subsets: [Array(0..<tokens.rows)], depth: model.shape.encoderDepth,
            keep: Set(model.shape.targetBlocks), store: model.store, activations: &pass, training: false)
        var context = Matrix<Float>(rows: 0, columns: model.shape.contextWidth)
        var statistics: [Matrix<Float>] = []
        model.context(&context, of: pass, statistics: &statistics)
        return context
    }
}
