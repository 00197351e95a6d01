import Dispatch
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
    private let interleaved: Bool
    /// Milliseconds that the interleaved grid took of the last picture's time; 0 without it.
    package private(set) var secondLookMs = 0.0
    private var patches: Matrix<Float>
    private var embedded: Matrix<Float>
    private var pass: Encoder.Activations<Float>
    private var statistics: [Matrix<Float>] = []

    /// - Parameters:
    ///   - gridRows, gridColumns: the patch grid of every picture that will come.
    ///   - lowLevel: the fitted low-level targets, for models that have them.
    ///   - interleaved: true looks at every picture a second time, with its grid moved by half a patch.
    package init(
        model: InspectionModel<Float>, lowLevel: LowLevelTargets?, gridRows: Int, gridColumns: Int,
        interleaved: Bool = false
    ) {
        self.interleaved = interleaved
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
        embedded = Matrix(rows: 0, columns: model.shape.encoder.width)
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
        let whole = tokens(image.pixels, geometry)
        let patchTokens = embedded  // before the second look overwrites it
        var second: Embedding.Interleaved?
        secondLookMs = 0
        if interleaved {
            let start = DispatchTime.now().uptimeNanoseconds
            let moved = HalfPatch.moved(
                image.pixels, height: geometry.inputHeight, width: geometry.inputWidth, patchSize: geometry.patchSize)
            let seen = tokens(moved, geometry)
            second = Embedding.Interleaved(target: seen.target, context: seen.context)
            secondLookMs = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
        }
        guard whole.target.storage.allSatisfy(\.isFinite), second?.target.storage.allSatisfy(\.isFinite) ?? true else {
            throw Rejection(
                stage: .embed, outcome: .quarantined, reason: .notFinite,
                sentence: "expected finite embeddings, got NaN or infinity; the picture or the model is damaged")
        }
        return Embedding(
            image: image, target: whole.target, context: whole.context, patchTokens: patchTokens, interleaved: second)
    }

    /// Targets and context of planes (3, H, W); leaves the patches before the first block in `embedded`.
    private func tokens(_ pixels: [Float], _ geometry: Geometry) -> (target: Matrix<Float>, context: Matrix<Float>) {
        model.encoder.patches(&patches, pixels: pixels, height: geometry.inputHeight, width: geometry.inputWidth)
        embedded = Matrix(rows: 0, columns: model.shape.encoder.width)
        model.encoder.embed(&embedded, patches: patches, positions: positions, store: model.store)
        model.encoder.forward(
            patchTokens: embedded, subsets: [Array(0..<embedded.rows)], depth: model.shape.encoderDepth,
            keep: Set(model.shape.targetBlocks), store: model.store, activations: &pass, training: false)
        var context = Matrix<Float>(rows: 0, columns: model.shape.contextWidth)
        model.context(&context, of: pass, statistics: &statistics)
        guard let lowLevel else { return (context, context) }
        let target = context.joined(
            lowLevel.targets(pixels: pixels, height: geometry.inputHeight, width: geometry.inputWidth))
        return (target, context)
    }
}
