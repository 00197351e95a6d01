import Dispatch
import Handover
import Network
import Numerics

/// The stage that says what every patch is: the target encoder over the whole picture, or over its tiles one after the
/// other: the encoder sees a tile as its picture, and what it says of patches in several tiles is blended.
///
/// Owns the room it works in, so nothing is allocated per image after the first; one value per worker.
package final class Embedder {
    private let model: InspectionModel<Float>
    private let lowLevel: LowLevelTargets?
    private let positions: Matrix<Float>
    private let tiles: TileLayout
    private let interleaved: Bool
    /// Milliseconds that the interleaved grid took of the last picture's time: half, for both are one batch; 0 without it.
    package private(set) var secondLookMs = 0.0
    private var patches: Matrix<Float>
    private var embedded: Matrix<Float>
    private var context: Matrix<Float>
    private var pass: Encoder.Activations<Float>
    private var statistics: [Matrix<Float>] = []

    /// An embedder of pictures that are not cut, with a patch grid of `gridRows` × `gridColumns`.
    package convenience init(
        model: InspectionModel<Float>, lowLevel: LowLevelTargets?, gridRows: Int, gridColumns: Int,
        interleaved: Bool = false
    ) {
        self.init(
            model: model, lowLevel: lowLevel, tiles: TileLayout(wholeRows: gridRows, columns: gridColumns),
            interleaved: interleaved)
    }

    /// - Parameters:
    ///   - tiles: the patch grid of every picture that will come, and how it is cut.
    ///   - lowLevel: the fitted low-level targets, for models that have them: a part of the targets where the network predicts
    ///     them, else beside these.
    ///   - interleaved: true looks at every picture a second time, with its grid moved by half a patch.
    package init(
        model: InspectionModel<Float>, lowLevel: LowLevelTargets?, tiles: TileLayout, interleaved: Bool = false
    ) {
        self.interleaved = interleaved
        precondition(
            model.shape.lowLevelWidth == 0 || lowLevel?.width == model.shape.lowLevelWidth,
            "Embedder: expected low-level targets of width \(model.shape.lowLevelWidth)")
        self.model = model
        self.lowLevel = lowLevel
        self.tiles = tiles
        positions = model.encoder.gridPositions(
            rows: tiles.tileRows, columns: tiles.tileColumns, store: model.store)
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
            geometry.gridRows == tiles.gridRows && geometry.gridColumns == tiles.gridColumns,
            "Embedder: expected a grid of \(tiles.gridRows) x \(tiles.gridColumns), got \(geometry.gridRows) x \(geometry.gridColumns)"
        )
        let start = DispatchTime.now().uptimeNanoseconds
        var views = [image.pixels]
        if interleaved {
            views.append(
                HalfPatch.moved(
                    image.pixels, height: geometry.inputHeight, width: geometry.inputWidth,
                    patchSize: geometry.patchSize))
        }
        var seen = views.map { _ in View(model.shape, tiles) }
        var patchTokens = Matrix<Float>(rows: 0, columns: embedded.columns)
        for tile in 0..<tiles.count {
            let cut = views.map { tiles.pixels(ofTile: tile, of: $0, patchSize: geometry.patchSize) }
            encode(cut)
            patchTokens.append(embedded.rows(0..<patchCount))
            for index in cut.indices {
                let part = view(index, pixels: cut[index])
                tiles.add(part.target, ofTile: tile, to: &seen[index].target)
                seen[index].context.append(part.context)
            }
        }
        if model.shape.lowLevelWidth == 0, let lowLevel {
            // Of the whole picture: no border of a tile comes near them.
            for index in views.indices {
                seen[index].lowLevel = lowLevel.targets(
                    pixels: views[index], height: geometry.inputHeight, width: geometry.inputWidth)
            }
        }
        let own = seen[0]
        let second = interleaved ? seen[1] : nil
        let took = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
        secondLookMs = interleaved ? took / 2 : 0
        guard seen.allSatisfy(\.isFinite) else {
            throw Rejection(
                stage: .embed, outcome: .quarantined, reason: .notFinite,
                sentence: "expected finite embeddings, got NaN or infinity; the picture or the model is damaged")
        }
        return Embedding(
            image: image, target: own.target, context: own.context, patchTokens: patchTokens,
            lowLevel: own.lowLevel,
            interleaved: second.map {
                Embedding.Interleaved(target: $0.target, context: $0.context, lowLevel: $0.lowLevel)
            })
    }

    /// What was seen of a picture under one grid: targets of the picture, context tile below tile.
    private struct View {
        var target: Matrix<Float>
        var context: Matrix<Float>
        /// Low-level targets that are not among the others.
        var lowLevel: Matrix<Float>?

        init(_ shape: ModelShape, _ tiles: TileLayout) {
            target = Matrix(rows: tiles.isWhole ? 0 : tiles.patchCount, columns: shape.targetWidth)
            context = Matrix(rows: 0, columns: shape.contextWidth)
        }

        var isFinite: Bool {
            target.storage.allSatisfy(\.isFinite) && lowLevel?.storage.allSatisfy(\.isFinite) ?? true
        }
    }

    private var patchCount: Int { tiles.tilePatchCount }
    private var height: Int { tiles.tileRows * model.shape.encoder.patchSize }
    private var width: Int { tiles.tileColumns * model.shape.encoder.patchSize }

    /// Encodes a tile's planes (3, h, w) of one or two grids as one batch, which reads every weight once: leaves the
    /// patches before the first block in `embedded` and the context tokens in `context`, one view below the other.
    private func encode(_ views: [[Float]]) {
        patches.resize(rows: views.count * patchCount)
        for (index, pixels) in views.enumerated() {
            model.encoder.patches(
                &patches, at: index * patchCount, pixels: pixels, height: height, width: width)
        }
        model.encoder.embed(&embedded, patches: patches, positions: positions, store: model.store)
        model.encoder.forward(
            patchTokens: embedded, subsets: views.indices.map { Array($0 * patchCount..<($0 + 1) * patchCount) },
            depth: model.shape.encoderDepth, keep: Set(model.shape.targetBlocks), store: model.store,
            activations: &pass, training: false)
        model.context(&context, of: pass, statistics: &statistics)
    }

    /// Targets and context of a tile's view that was encoded.
    private func view(_ index: Int, pixels: [Float]) -> (target: Matrix<Float>, context: Matrix<Float>) {
        let own = context.rows(index * patchCount..<(index + 1) * patchCount)
        guard let lowLevel, model.shape.lowLevelWidth > 0 else { return (own, own) }
        return (own.joined(lowLevel.targets(pixels: pixels, height: height, width: width)), own)
    }
}
