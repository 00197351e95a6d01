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
package final class PatchPredictor {
    private struct Arm {
        let name: String
        let subsets: [[Int]]
        let requests: [Predictor.Request]
        /// For each patch, the row of the predictor's output that predicts it unseen.
        let rows: [Int]
    }

    private let model: InspectionModel<Float>
    private let arms: [Arm]
    private let query: Matrix<Float>
    private let positions: Matrix<Float>
    private let patchCount: Int
    private let repair: Bool
    private var secondPass: SecondPass?
    private var pass: Encoder.Activations<Float>
    private var prediction: Predictor.Activations<Float>
    private var context: Matrix<Float>
    private var statistics: [Matrix<Float>] = []

    /// - Parameter query: tokens that condition the predictor, (Q, queryWidth); Q = 0 for models without language.
    ///
    /// Traps on a second pass without block sizes: its suspicion comes from the masked arms.
    package init(
        model: InspectionModel<Float>, options: PredictOptions, query: Matrix<Float>, gridRows: Int, gridColumns: Int
    ) {
        self.model = model
        self.query = query
        repair = options.repair
        patchCount = gridRows * gridColumns
        positions = Positions.sineCosine(rows: gridRows, columns: gridColumns, width: model.shape.predictorWidth)
        let grid = PatchGrid(rows: gridRows, columns: gridColumns)
        precondition(
            options.secondPassShare == nil || !options.blockSizes.isEmpty,
            "PatchPredictor: expected block sizes for the second pass, got none")
        secondPass = options.secondPassShare.map { SecondPass(share: $0, grid: grid) }
        var arms: [Arm] = []
        for blockSize in options.blockSizes {
            let masks = Mask.inspectionPartitions(grid: grid, blockSize: blockSize, count: options.partitions)
            arms.append(
                PatchPredictor.arm(name: PredictOptions.maskedName(blockSize), masks: masks, patchCount: patchCount))
        }
        self.arms = arms
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
        return Arm(
            name: name, subsets: masks.map(\.context),
            requests: masks.map { Predictor.Request(visible: $0.context, hidden: $0.targets, wanted: .hidden) },
            rows: rows)
    }

    /// Embedding → PatchPrediction.
    package func predict(_ embedding: Embedding) -> PatchPrediction {
        var results: [PatchPrediction.Arm] = []
        for arm in arms {
            predictHidden(embedding, subsets: arm.subsets, requests: arm.requests)
            results.append(result(named: arm.name, rows: arm.rows))
        }
        let (damage, interleaved) = predictVisible(embedding, results: &results)
        if secondPass != nil {
            let mask = secondPass?.mask(masked: results.prefix(arms.count), target: embedding.target, damage: damage)
            results.append(second(mask, embedding, elsewhere: results[0]))
        }
        return PatchPrediction(
            image: embedding.image, target: embedding.target, arms: results, damage: damage, interleaved: interleaved)
    }

    /// Predicts every patch of the picture's own grid and of its interleaved one with nothing hidden, where that is asked
    /// for, as one batch; adds the repair arm. The interleaved grid is only repaired, not masked: a fourth of the cost of
    /// hiding every patch again.
    private func predictVisible(
        _ embedding: Embedding, results: inout [PatchPrediction.Arm]
    ) -> (damage: [Float]?, interleaved: PatchPrediction.Interleaved?) {
        let own = repair || model.shape.hasDamageHead
        let views = (own ? [embedding.context] : []) + (embedding.interleaved.map { [$0.context] } ?? [])
        guard !views.isEmpty else { return (nil, nil) }
        context.resize(rows: 0)
        for view in views { context.append(view) }
        let everything = Predictor.Request(visible: Array(0..<patchCount), hidden: [])
        model.predictor.forward(
            context: context, requests: views.map { _ in everything }, query: query, positions: positions,
            store: model.store, activations: &prediction, training: false)
        func damage(_ rows: Range<Int>) -> [Float]? { model.shape.hasDamageHead ? Array(prediction.damage[rows]) : nil }
        let first = 0..<patchCount
        if repair { results.append(result(named: "repair", rows: Array(first))) }
        let last = prediction.predicted.rows - patchCount..<prediction.predicted.rows
        return (
            own ? damage(first) : nil,
            embedding.interleaved.map { view in
                PatchPrediction.Interleaved(
                    target: view.target, repair: result(named: "repair", rows: Array(last)), damage: damage(last))
            }
        )
    }

    /// Encodes the visible patches of every request anew and predicts its hidden ones, into `prediction`.
    private func predictHidden(_ embedding: Embedding, subsets: [[Int]], requests: [Predictor.Request]) {
        model.encoder.forward(
            patchTokens: embedding.patchTokens, subsets: subsets, depth: model.shape.encoderDepth,
            keep: Set(model.shape.targetBlocks), store: model.store, activations: &pass, training: false)
        model.context(&context, of: pass, statistics: &statistics)
        model.predictor.forward(
            context: context, requests: requests, query: query, positions: positions, store: model.store,
            activations: &prediction, training: false)
    }

    /// The second pass: the mask's patches predicted from all others, the others as a masked arm predicted them.
    private func second(
        _ mask: Mask?, _ embedding: Embedding, elsewhere masked: PatchPrediction.Arm
    ) -> PatchPrediction.Arm {
        var predicted = masked.predicted
        var hidden = masked.hidden
        if let mask {
            predictHidden(
                embedding, subsets: [mask.context],
                requests: [Predictor.Request(visible: mask.context, hidden: mask.targets, wanted: .hidden)])
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
}
