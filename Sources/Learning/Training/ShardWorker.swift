import Defects
import Masking
import Network
import Numerics

/// One sample of a batch, drawn before the step so that the shards only compute.
struct Sample: Sendable {
    /// The picture's index while it lies as it was taken; nil when it was turned, and its targets with it.
    let untouched: Int?
    /// Clean planes (3, H, W).
    let clean: [Float]
    /// What the context encoder sees: the clean picture, or a damaged one with noise.
    let seen: [Float]
    /// Share of visibly damaged pixels of each patch, (N); empty when the picture is whole.
    let damage: [Float]
    /// Patches the context encoder sees, and those it must predict unseen.
    let visible: [Int]
    let hidden: [Int]
}

/// Losses of a step or a shard, as means over its samples.
package struct StepLosses: Sendable {
    /// smooth-L1 of hidden patches and of visible ones, on unit-scale targets.
    package var hidden = 0.0
    package var visible = 0.0
    package var damage = 0.0
    package var regularisation = 0.0
    /// The same smooth-L1 if every target were predicted by 0, the mean: what a useless predictor scores.
    package var constant = 0.0
}

/// Forward and backward of a part of a batch, in room of its own.
final class ShardWorker {
    private let options: TrainingOptions
    private let positions: Matrix<Float>
    private let gridPositions: Matrix<Float>
    private let width: Int
    private let height: Int
    private let cache: TargetCache?
    private var patches: Matrix<Float>
    private var seenPatches: Matrix<Float>
    private var tokens: Matrix<Float>
    private var cleanPass: Encoder.Activations<Float>
    private var contextPass: Encoder.Activations<Float>
    private var prediction: Predictor.Activations<Float>
    private var context: Matrix<Float>
    private var target: Matrix<Float>
    private(set) var gradients: ParameterStore<Float>
    /// A sample of this shard's learned targets, for the collapse probe.
    private(set) var lastTargets: Matrix<Float>

    /// - Parameter cache: shared by all shards; nil where the encoder learns.
    init(
        model: InspectionModel<Float>, options: TrainingOptions, width: Int, height: Int, cache: TargetCache?
    ) {
        self.cache = cache
        self.options = options
        self.width = width
        self.height = height
        let side = model.shape.encoder.patchSize
        let learns = model.shape.source == .trained
        positions = Positions.sineCosine(
            rows: height / side, columns: width / side, width: model.shape.predictorWidth)
        gridPositions = model.encoder.gridPositions(rows: height / side, columns: width / side, store: model.store)
        patches = Matrix(rows: 0, columns: 3 * side * side)
        seenPatches = patches
        tokens = Matrix(rows: 0, columns: model.shape.encoder.width)
        cleanPass = Encoder.Activations(model.shape.encoder, training: learns)
        contextPass = Encoder.Activations(model.shape.encoder, training: learns)
        prediction = Predictor.Activations(model.predictor.shape, training: true)
        context = Matrix(rows: 0, columns: model.shape.contextWidth)
        target = context
        lastTargets = context
        gradients = ParameterStore(zerosFor: model.layout)
    }

    /// Adds up the gradients of `samples`; `share` is their part of the batch, `step` seeds SIGReg's directions.
    func run(
        _ samples: [Sample], model: InspectionModel<Float>, lowLevel: LowLevelTargets?, share: Double,
        directions: Matrix<Float>?
    ) -> StepLosses {
        gradients.clear()
        let learns = model.shape.source == .trained
        let side = model.shape.encoder.patchSize
        let patchCount = (width / side) * (height / side)
        let everything = Array(0..<patchCount)
        var losses = StepLosses()

        // Targets: every clean picture whole; a frozen encoder says the same every time.
        let keep = Set(model.shape.targetBlocks)
        let pictures = samples.compactMap(\.untouched)
        let cache = pictures.count == samples.count ? cache : nil
        var cleanStatistics: [Matrix<Float>] = []
        if cache?.fill(&target, pictures: pictures) != true {
            stack(samples.map(\.clean), model: model, into: &patches)
            model.encoder.embed(&tokens, patches: patches, positions: gridPositions, store: model.store)
            let offsets = samples.indices.map { index in everything.map { $0 + index * patchCount } }
            model.encoder.forward(
                patchTokens: tokens, subsets: offsets, depth: model.shape.encoderDepth, keep: keep, store: model.store,
                activations: &cleanPass, training: learns)
            model.context(&target, of: cleanPass, statistics: &cleanStatistics)
            cache?.keep(target, pictures: pictures)
        }
        lastTargets = target
        var fullTarget = target
        if let lowLevel {
            var low = Matrix<Float>(rows: 0, columns: lowLevel.width)
            for sample in samples {
                let part = lowLevel.targets(pixels: sample.clean, height: height, width: width)
                low.storage.append(contentsOf: part.storage)
                low.rows += part.rows
            }
            fullTarget = target.joined(low)
        }

        // Context: what may be seen, encoded without what is hidden.
        stack(samples.map(\.seen), model: model, into: &seenPatches)
        model.encoder.embed(
            &tokens, patches: seenPatches, positions: gridPositions, store: model.store)
        let subsets = samples.indices.map { index in samples[index].visible.map { $0 + index * patchCount } }
        model.encoder.forward(
            patchTokens: tokens, subsets: subsets, depth: model.shape.encoderDepth, keep: keep, store: model.store,
            activations: &contextPass, training: learns)
        var contextStatistics: [Matrix<Float>] = []
        model.context(&context, of: contextPass, statistics: &contextStatistics)

        let noQuery = Matrix<Float>(rows: 0, columns: 0)
        model.predictor.forward(
            context: context,
            requests: samples.map { Predictor.Request(visible: $0.visible, hidden: $0.hidden) }, query: noQuery,
            positions: positions, store: model.store, activations: &prediction, training: true)

        // Losses.
        var wanted: [Int] = []
        var hiddenWeights: [Float] = []
        var visibleWeights: [Float] = []
        var damageTargets: [Float] = []
        var damageWeights: [Float] = []
        for (index, sample) in samples.enumerated() {
            for patch in sample.visible {
                wanted.append(patch + index * patchCount)
                hiddenWeights.append(0)
                visibleWeights.append(1)
                let fraction = sample.damage.isEmpty ? 0 : sample.damage[patch]
                damageTargets.append(fraction > DamageLabel.damaged ? 1 : 0)
                damageWeights.append(fraction == 0 || fraction > DamageLabel.damaged ? 1 : 0)
            }
            for patch in sample.hidden {
                wanted.append(patch + index * patchCount)
                hiddenWeights.append(1)
                visibleWeights.append(0)
                damageTargets.append(0)
                damageWeights.append(0)
            }
        }
        var wantedTargets = Matrix<Float>(rows: 0, columns: model.shape.targetWidth)
        gatherRows(&wantedTargets, from: fullTarget, indices: wanted)
        let rowWeights = zip(hiddenWeights, visibleWeights).map { $0 + Float(options.visibleWeight) * $1 }
        var gradient = Matrix<Float>(rows: 0, columns: model.shape.targetWidth)
        losses.hidden = loss(prediction.predicted, wantedTargets, hiddenWeights)
        losses.visible = loss(prediction.predicted, wantedTargets, visibleWeights)
        losses.constant = loss(
            Matrix(rows: wantedTargets.rows, columns: wantedTargets.columns), wantedTargets, rowWeights)
        _ = smoothL1(
            predicted: prediction.predicted, target: wantedTargets, rowWeights: rowWeights, beta: 1,
            weight: Float(share), gradient: &gradient)
        var damageGradient: [Float] = []
        if model.shape.hasDamageHead {
            losses.damage = Double(
                binaryCrossEntropy(
                    logits: prediction.damage, targets: damageTargets, rowWeights: damageWeights, positiveWeight: 4,
                    weight: Float(options.damageWeight * share), gradient: &damageGradient))
        }

        // Backward.
        var contextGradient: Matrix<Float>? = learns ? Matrix(rows: 0, columns: model.shape.contextWidth) : nil
        var noQueryGradient: Matrix<Float>?
        model.predictor.backward(
            predictedGradient: gradient, damageGradient: damageGradient, context: context,
            contextGradient: &contextGradient, query: noQuery, queryGradient: &noQueryGradient, gradients: &gradients,
            store: model.store, activations: &prediction)
        if learns, let contextGradient {
            encoderBackward(
                contextGradient, pass: &contextPass, statistics: contextStatistics, patches: seenPatches, model: model)
            if let directions {
                var regularisationGradient = Matrix<Float>(rows: 0, columns: model.shape.contextWidth)
                losses.regularisation = Double(
                    SIGReg.loss(
                        embeddings: target, directions: directions,
                        weight: Float(options.regularisation * share * regularisationScale(rows: target.rows)),
                        gradient: &regularisationGradient))
                encoderBackward(
                    regularisationGradient, pass: &cleanPass, statistics: cleanStatistics, patches: patches,
                    model: model)
            }
        }
        return losses
    }

    private func encoderBackward(
        _ gradient: Matrix<Float>, pass: inout Encoder.Activations<Float>, statistics: [Matrix<Float>],
        patches: Matrix<Float>, model: InspectionModel<Float>
    ) {
        var byBlock = model.contextBackward(gradient, pass: pass, statistics: statistics)
        guard var top = byBlock.removeValue(forKey: model.shape.encoderDepth) else { return }
        model.encoder.backward(
            &top, injected: byBlock, patches: patches, depth: model.shape.encoderDepth, gradients: &gradients,
            store: model.store, activations: &pass)
    }

    private func stack(_ pictures: [[Float]], model: InspectionModel<Float>, into patches: inout Matrix<Float>) {
        var all = Matrix<Float>(rows: 0, columns: patches.columns)
        for pixels in pictures {
            var one = Matrix<Float>(rows: 0, columns: patches.columns)
            model.encoder.patches(&one, pixels: pixels, height: height, width: width)
            all.storage.append(contentsOf: one.storage)
            all.rows += one.rows
        }
        patches = all
    }

    private func loss(_ predicted: Matrix<Float>, _ target: Matrix<Float>, _ weights: [Float]) -> Double {
        var unused = Matrix<Float>(rows: 0, columns: predicted.columns)
        return Double(
            smoothL1(
                predicted: predicted, target: target, rowWeights: weights, beta: 1, weight: 0, gradient: &unused))
    }
}

/// The Epps–Pulley statistic grows with the number of rows; λ = 0.05 is meant for about a thousand of them.
private func regularisationScale(rows: Int) -> Double { min(1, 1024 / Double(max(1, rows))) }

/// When a patch counts as damaged: from this share of visibly changed pixels on; between 0 and it, it counts as
/// neither (a grazed corner tells nothing).
enum DamageLabel {
    static let damaged: Float = 0.06
    /// Mean absolute difference over the channels, in normalised units, from which a pixel is visibly changed.
    static let visible: Float = 0.08
}
