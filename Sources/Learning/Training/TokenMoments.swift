import Handover
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

/// Encoder passes over the tiles of a picture, for statistics.
struct TokenProbe: Sendable {
    let model: InspectionModel<Float>
    /// Among the targets where the network predicts them, else beside these.
    let lowLevel: LowLevelTargets?
    let tiles: TileLayout

    /// Moments of the context tokens of planes (3, H, W) in the model's normalisation, over all tiles.
    func moments(_ pixels: [Float]) -> TokenMoments {
        var result = TokenMoments(width: model.shape.contextWidth)
        for tile in 0..<tiles.count {
            result.add(context(tiles.pixels(ofTile: tile, of: pixels, patchSize: side)))
        }
        return result
    }

    /// Targets of planes (3, H, W), (N, D), as inspection's embedding has them: blended where tiles overlap.
    func targets(_ pixels: [Float]) -> Matrix<Float> {
        tiles.together(
            (0..<tiles.count).map { tile in
                let cut = tiles.pixels(ofTile: tile, of: pixels, patchSize: side)
                let tokens = context(cut)
                guard let lowLevel, model.shape.lowLevelWidth > 0 else { return tokens }
                return tokens.joined(
                    lowLevel.targets(pixels: cut, height: tiles.tileRows * side, width: tiles.tileColumns * side))
            })
    }

    /// The same of picture `index`, on the interleaved grid where asked.
    func targets(_ images: TrainingImages, _ index: Int, interleaved: Bool) -> Matrix<Float> {
        targets(pixels(images, index, interleaved: interleaved))
    }

    /// Low-level targets of picture `index`, (N, L), on the interleaved grid where asked. Traps without.
    func lowLevelTargets(_ images: TrainingImages, _ index: Int, interleaved: Bool) -> Matrix<Float> {
        guard let lowLevel else { preconditionFailure("TokenProbe: the model has no low-level targets") }
        return lowLevel.targets(
            pixels: pixels(images, index, interleaved: interleaved), height: images.height, width: images.width)
    }

    private func pixels(_ images: TrainingImages, _ index: Int, interleaved: Bool) -> [Float] {
        let pixels = images.pixels(index)
        guard interleaved else { return pixels }
        return HalfPatch.moved(pixels, height: images.height, width: images.width, patchSize: side)
    }

    private var side: Int { model.shape.encoder.patchSize }

    /// Context tokens of a tile's planes (3, h, w) with nothing hidden, (n, contextWidth).
    private func context(_ pixels: [Float]) -> Matrix<Float> {
        var patches = Matrix<Float>(rows: 0, columns: 3 * side * side)
        model.encoder.patches(
            &patches, pixels: pixels, height: tiles.tileRows * side, width: tiles.tileColumns * side)
        var tokens = Matrix<Float>(rows: 0, columns: model.shape.encoder.width)
        model.encoder.embed(
            &tokens, patches: patches,
            positions: model.encoder.gridPositions(
                rows: tiles.tileRows, columns: tiles.tileColumns, store: model.store),
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
