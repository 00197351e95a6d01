import Handover
import Masking
import Network
import Numerics

/// How the predictor is asked at inspection.
package struct PredictOptions: Sendable, Equatable {
    /// Side of a hidden block in patches, one masked arm for each.
    package var blockSizes: [Int]
    /// Number of disjoint partitions per block size; 1 / partitions of the patches is hidden at a time.
    package var partitions: Int
    /// True adds the repair arm: a prediction with nothing hidden.
    package var repair: Bool
    /// True looks at the interleaved grid too, with nothing hidden.
    package var interleaved: Bool
    /// Share of the patches that the second pass suspects, in (0, 1); nil: there is no second pass. It needs block sizes.
    package var secondPassShare: Double?

    package init(
        blockSizes: [Int], partitions: Int, repair: Bool, interleaved: Bool = false, secondPassShare: Double? = nil
    ) {
        self.interleaved = interleaved
        self.secondPassShare = secondPassShare
        self.blockSizes = blockSizes
        self.partitions = partitions
        self.repair = repair
    }

    /// The names of `PatchPrediction.arms`, in their order: "masked.2", "repair", "second".
    package var armNames: [String] {
        blockSizes.map(Self.maskedName) + (repair ? ["repair"] : []) + (secondPassShare == nil ? [] : ["second"])
    }

    fileprivate static func maskedName(_ blockSize: Int) -> String { "masked.\(blockSize)" }
}

/// The stage that predicts every patch from what surrounds it.
///
/// For each block size the grid is cut into disjoint partitions; each is hidden in turn, the visible patches are
/// encoded anew (dropping tokens of a full pass would leak the answer), and the hidden ones are predicted. All
/// partitions of a block size are one batch of sequences. Where it is asked for, a second pass then hides all patches
/// that look suspicious at once, with their neighbours: a defect larger than a block is in the context of none of them.
///
/// A picture that is cut into tiles is predicted tile by tile, each patch at its place on the whole picture, and what
/// is said of patches in several tiles is blended as their targets were: a blend of residuals is the blend's residual.
package final class PatchPredictor {
    private struct Arm {
        let name: String
        /// Over a tile's grid, the same for every tile.
        let masks: [Mask]
        /// For each patch of a tile, the row of the predictor's output that predicts it unseen.
        let rows: [Int]
    }

    /// What is said of one tile.
    private struct TilePrediction {
        var arms: [PatchPrediction.Arm]
        var damage: [Float]?
        var interleaved: (repair: PatchPrediction.Arm, damage: [Float]?)?
    }

    private let model: InspectionModel<Float>
    private let arms: [Arm]
    private let query: Matrix<Float>
    private let positions: Matrix<Float>
    private let tiles: TileLayout
    /// The picture's patches of every tile: where the predictor is told that they are.
    private let places: [[Int]]
    private let repair: Bool
    private var secondPass: SecondPass?
    private var pass: Encoder.Activations<Float>
    private var prediction: Predictor.Activations<Float>
    private var context: Matrix<Float>
    private var statistics: [Matrix<Float>] = []

    /// A predictor of pictures that are not cut, with a patch grid of `gridRows` × `gridColumns`.
    package convenience init(
        model: InspectionModel<Float>, options: PredictOptions, query: Matrix<Float>, gridRows: Int, gridColumns: Int
    ) {
        self.init(
            model: model, options: options, query: query,
            tiles: TileLayout(wholeRows: gridRows, columns: gridColumns))
    }

    /// - Parameters:
    ///   - query: tokens that condition the predictor, (Q, queryWidth); Q = 0 for models without language.
    ///   - tiles: the patch grid of every picture that will come, and how it is cut.
    ///
    /// Traps on a second pass without block sizes: its suspicion comes from the masked arms.
    package init(
        model: InspectionModel<Float>, options: PredictOptions, query: Matrix<Float>, tiles: TileLayout
    ) {
        self.model = model
        self.query = query
        self.tiles = tiles
        places = (0..<tiles.count).map(tiles.patches)
        repair = options.repair
        positions = Positions.sineCosine(
            rows: tiles.gridRows, columns: tiles.gridColumns, width: model.shape.predictorWidth)
        precondition(
            options.secondPassShare == nil || !options.blockSizes.isEmpty,
            "PatchPredictor: expected block sizes for the second pass, got none")
        secondPass = options.secondPassShare.map {
            SecondPass(share: $0, grid: PatchGrid(rows: tiles.gridRows, columns: tiles.gridColumns))
        }
        let grid = PatchGrid(rows: tiles.tileRows, columns: tiles.tileColumns)
        arms = options.blockSizes.map { blockSize in
            let masks = Mask.inspectionPartitions(grid: grid, blockSize: blockSize, count: options.partitions)
            return PatchPredictor.arm(
                name: PredictOptions.maskedName(blockSize), masks: masks, patchCount: grid.count)
        }
        pass = Encoder.Activations(model.shape.encoder, training: false)
        prediction = Predictor.Activations(model.predictor.shape, training: false)
        context = Matrix(rows: 0, columns: model.shape.contextWidth)
    }

    private static func arm(name: String, masks: [Mask], patchCount: Int) -> Arm {
        var rows = [Int](repeating: -1, count: patchCount)
        var first = 0
        for mask in masks {
            for (offset, patch) in mask.targets.enumerated() { rows[patch] = first + offset }
            first += mask.targets.count
        }
        precondition(rows.allSatisfy { $0 >= 0 }, "PatchPredictor: \(name) leaves a patch unpredicted")
        return Arm(name: name, masks: masks, rows: rows)
    }

    /// Embedding → PatchPrediction.
    package func predict(_ embedding: Embedding) -> PatchPrediction {
        precondition(
            embedding.context.rows == tiles.count * patchCount && embedding.patchTokens.rows == embedding.context.rows,
            "PatchPredictor: expected \(tiles.count) tiles of \(patchCount) patches, got \(embedding.context.rows) rows"
        )
        var parts: [TilePrediction] = []
        for tile in 0..<tiles.count {
            var results: [PatchPrediction.Arm] = []
            for arm in arms {
                predictHidden(embedding, tile: tile, masks: arm.masks)
                results.append(result(named: arm.name, rows: arm.rows))
            }
            parts.append(predictVisible(embedding, tile: tile, results: results))
        }
        var results = parts[0].arms.indices.map { arm in together(parts.map { $0.arms[arm] }) }
        let damage = together(parts.map(\.damage))
        let suspects = secondPass?.suspects(
            masked: results.prefix(arms.count), target: embedding.target, damage: damage)
        if let suspects {
            results.append(
                together(
                    (0..<tiles.count).map { tile in
                        second(suspects, embedding, tile: tile, elsewhere: parts[tile].arms[0])
                    }))
        }
        return PatchPrediction(
            image: embedding.image, target: embedding.target, arms: results, damage: damage,
            lowLevel: embedding.lowLevel,
            interleaved: embedding.interleaved.map { view in
                PatchPrediction.Interleaved(
                    target: view.target, repair: together(parts.compactMap { $0.interleaved?.repair }),
                    damage: together(parts.map { $0.interleaved?.damage }), lowLevel: view.lowLevel)
            })
    }

    /// Patches of a tile.
    private var patchCount: Int { tiles.tilePatchCount }

    /// Rows of the embedding's context and patches that are a tile's.
    private func rows(ofTile tile: Int) -> Range<Int> { tile * patchCount..<(tile + 1) * patchCount }

    /// A request over a tile's patches, which are named by their places on the picture.
    private func request(
        tile: Int, visible: [Int], hidden: [Int], wanted: Predictor.Request.Wanted
    ) -> Predictor.Request {
        Predictor.Request(
            visible: visible.map { places[tile][$0] }, hidden: hidden.map { places[tile][$0] }, wanted: wanted)
    }

    /// Predicts every patch of a tile's own grid and of its interleaved one with nothing hidden, where that is asked for,
    /// as one batch; adds the repair arm. The interleaved grid is only repaired, not masked: a fourth of the cost of hiding
    /// every patch again.
    private func predictVisible(
        _ embedding: Embedding, tile: Int, results: [PatchPrediction.Arm]
    ) -> TilePrediction {
        var part = TilePrediction(arms: results)
        let own = repair || model.shape.hasDamageHead
        let views = (own ? [embedding.context] : []) + (embedding.interleaved.map { [$0.context] } ?? [])
        guard !views.isEmpty else { return part }
        context.resize(rows: 0)
        for view in views { context.append(tiles.isWhole ? view : view.rows(rows(ofTile: tile))) }
        let everything = request(tile: tile, visible: Array(0..<patchCount), hidden: [], wanted: .all)
        model.predictor.forward(
            context: context, requests: views.map { _ in everything }, query: query, positions: positions,
            store: model.store, activations: &prediction, training: false)
        func damage(_ rows: Range<Int>) -> [Float]? { model.shape.hasDamageHead ? Array(prediction.damage[rows]) : nil }
        let first = 0..<patchCount
        if repair { part.arms.append(result(named: "repair", rows: Array(first))) }
        if own { part.damage = damage(first) }
        if embedding.interleaved != nil {
            let last = prediction.predicted.rows - patchCount..<prediction.predicted.rows
            part.interleaved = (result(named: "repair", rows: Array(last)), damage(last))
        }
        return part
    }

    /// Encodes the visible patches of every mask of a tile anew and predicts its hidden ones, into `prediction`.
    private func predictHidden(_ embedding: Embedding, tile: Int, masks: [Mask]) {
        let first = tile * patchCount
        model.encoder.forward(
            patchTokens: embedding.patchTokens, subsets: masks.map { $0.context.map { first + $0 } },
            depth: model.shape.encoderDepth, keep: Set(model.shape.targetBlocks), store: model.store,
            activations: &pass, training: false)
        model.context(&context, of: pass, statistics: &statistics)
        let requests = masks.map { request(tile: tile, visible: $0.context, hidden: $0.targets, wanted: .hidden) }
        model.predictor.forward(
            context: context, requests: requests, query: query, positions: positions, store: model.store,
            activations: &prediction, training: false)
    }

    /// The second pass over a tile: the suspects inside and their neighbours predicted from all other patches of the tile,
    /// the others as a masked arm predicted them.
    private func second(
        _ suspects: [Int], _ embedding: Embedding, tile: Int, elsewhere masked: PatchPrediction.Arm
    ) -> PatchPrediction.Arm {
        var predicted = masked.predicted
        var hidden = masked.hidden
        let inside = suspects.compactMap { places[tile].firstIndex(of: $0) }
        let grid = PatchGrid(rows: tiles.tileRows, columns: tiles.tileColumns)
        if let mask = SecondPass.mask(around: inside, grid: grid) {
            predictHidden(embedding, tile: tile, masks: [mask])
            for (offset, patch) in mask.targets.enumerated() {
                predicted.setRow(patch, prediction.predicted.row(offset))
                hidden.setRow(patch, prediction.state.row(offset))
            }
        }
        return PatchPrediction.Arm(name: "second", predicted: predicted, hidden: hidden)
    }

    private func result(named name: String, rows: [Int]) -> PatchPrediction.Arm {
        var predicted = Matrix<Float>(rows: 0, columns: model.shape.targetWidth)
        gatherRows(&predicted, from: prediction.predicted, indices: rows)
        var hidden = Matrix<Float>(rows: 0, columns: model.shape.predictorWidth)
        gatherRows(&hidden, from: prediction.state, indices: rows)
        return PatchPrediction.Arm(name: name, predicted: predicted, hidden: hidden)
    }

    /// An arm over the picture from the same arm over every tile.
    private func together(_ parts: [PatchPrediction.Arm]) -> PatchPrediction.Arm {
        PatchPrediction.Arm(
            name: parts[0].name, predicted: tiles.together(parts.map(\.predicted)),
            hidden: tiles.together(parts.map(\.hidden)))
    }

    /// Log-odds over the picture from those over every tile; nil without a damage head.
    private func together(_ parts: [[Float]?]) -> [Float]? {
        let known = parts.compactMap { $0 }
        guard known.count == tiles.count else { return nil }
        return tiles.together(known.map { Matrix(rows: $0.count, columns: 1, storage: $0) }).storage
    }
}
