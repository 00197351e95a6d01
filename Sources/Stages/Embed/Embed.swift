import Handover
import Network
import Numerics

/// The stage that says what every patch is: the target encoder over the whole picture.
///
/// Owns the room it works in, so nothing is allocated per image after the first; one value per worker.
package final class Embedder {
    private let model: InspectionModel<Float>
    private let lowLevel: LowLevelTargets?
    private let positions: Matrix<Float>
    private let gridRows: Int
    private let gridColumns: Int
    private var patches: Matrix<Float>
    private var pass: Encoder.Activations<Float>
    private var statistics: [Matrix<Float>] = []

    /// - Parameters:
    ///   - gridRows, gridColumns: the patch grid of every picture that will come.
    ///   - lowLevel: the fitted low-level targets, for models that have them.
    package init(model: InspectionModel<Float>, lowLevel: LowLevelTargets?, gridRows: Int, gridColumns: Int) {
        precondition(
            (lowLevel?.width ?? 0) == model.shape.lowLevelWidth,
            "Embedder: expected low-level targets of width \(model.shape.lowLevelWidth)")
        self.model = model
        self.lowLevel = lowLevel
        self.gridRows = gridRows
        self.gridColumns = gridColumns
        positions = model.encoder.gridPositions(rows: gridRows, columns: gridColumns, store: model.store)
        let side = model.shape.encoder.patchSize
        patches = Matrix(rows: 0, columns: 3 * side * side)
        pass = Encoder.Activations(model.shape.encoder, training: false)
    }

    /// DecodedImage → Embedding. A picture whose embedding is not finite is rejected: a NaN would pass every
    /// comparison with a threshold.
    package func embed(_ image: DecodedImage) throws(Rejection) -> Embedding {
        let geometry = image.geometry
        precondition(
            geometry.gridRows == gridRows && geometry.gridColumns == gridColumns,
            "Embedder: expected a grid of \(gridRows) x \(gridColumns), got \(geometry.gridRows) x \(geometry.gridColumns)"
        )
        let width = model.shape.encoder.width
        model.encoder.patches(
            &patches, pixels: image.pixels, height: geometry.inputHeight, width: geometry.inputWidth)
        var tokens = Matrix<Float>(rows: 0, columns: width)
        model.encoder.embed(&tokens, patches: patches, positions: positions, store: model.store)
        model.encoder.forward(
            patchTokens: tokens, subsets: [Array(0..<tokens.rows)], depth: model.shape.encoderDepth,
            keep: Set(model.shape.targetBlocks), store: model.store, activations: &pass, training: false)
        var context = Matrix<Float>(rows: 0, columns: model.shape.contextWidth)
        model.context(&context, of: pass, statistics: &statistics)
        let target: Matrix<Float>
        if let lowLevel {
            target = context.joined(
                lowLevel.targets(pixels: image.pixels, height: geometry.inputHeight, width: geometry.inputWidth))
        } else {
            target = context
        }
        guard target.storage.allSatisfy(\.isFinite) else {
            throw Rejection(
                stage: .embed, outcome: .quarantined, reason: .notFinite,
                sentence: "expected finite embeddings, got NaN or infinity; the picture or the model is damaged")
        }
        return Embedding(image: image, target: target, context: context, patchTokens: tokens)
    }
}
