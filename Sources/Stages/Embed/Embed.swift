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
    /// Milliseconds that the interleaved grid took of the last picture's time: half, for both are one batch; 0 without it.
    package private(set) var secondLookMs = 0.0
    private var patches: Matrix<Float>
    private var embedded: Matrix<Float>
    private var context: Matrix<Float>
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
        context = Matrix(rows: 0, columns: model.shape.contextWidth)
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
        let start = DispatchTime.now().uptimeNanoseconds
        var views = [image.pixels]
        if interleaved {
            views.append(
                HalfPatch.moved(
                    image.pixels, height: geometry.inputHeight, width: geometry.inputWidth,
                    patchSize: geometry.patchSize))
        }
        encode(views, geometry)
        let own = view(0, pixels: views[0], geometry)
        let second = interleaved ? view(1, pixels: views[1], geometry) : nil
        let took = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
        secondLookMs = interleaved ? took / 2 : 0
        guard own.target.storage.allSatisfy(\.isFinite), second?.target.storage.allSatisfy(\.isFinite) ?? true else {
            throw Rejection(
                stage: .embed, outcome: .quarantined, reason: .notFinite,
                sentence: "expected finite embeddings, got NaN or infinity; the picture or the model is damaged")
        }
        return Embedding(
            image: image, target: own.target, context: own.context, patchTokens: embedded.rows(0..<patchCount),
            interleaved: second.map { Embedding.Interleaved(target: $0.target, context: $0.context) })
    }

    private var patchCount: Int { gridRows * gridColumns }

    /// Encodes planes (3, H, W) of one or two grids as one batch, which reads every weight once: leaves the patches before
    /// the first block in `embedded` and the context tokens in `context`, one view below the other.
    private func encode(_ views: [[Float]], _ geometry: Geometry) {
        patches.resize(rows: views.count * patchCount)
        for (index, pixels) in views.enumerated() {
            model.encoder.patches(
                &patches, at: index * patchCount, pixels: pixels, height: geometry.inputHeight,
                width: geometry.inputWidth)
        }
        model.encoder.embed(&embedded, patches: patches, positions: positions, store: model.store)
        model.encoder.forward(
            patchTokens: embedded, subsets: views.indices.map { Array($0 * patchCount..<($0 + 1) * patchCount) },
            depth: model.shape.encoderDepth, keep: Set(model.shape.targetBlocks), store: model.store,
            activations: &pass, training: false)
        model.context(&context, of: pass, statistics: &statistics)
    }

    /// Targets and context of a view that was encoded.
    private func view(
        _ index: Int, pixels: [Float], _ geometry: Geometry
    ) -> (target: Matrix<Float>, context: Matrix<Float>) {
        let own = context.rows(index * patchCount..<(index + 1) * patchCount)
        guard let lowLevel else { return (own, own) }
        return (
            own.joined(lowLevel.targets(pixels: pixels, height: geometry.inputHeight, width: geometry.inputWidth)), own
        )
    }
}
