import Defects
import Handover
import Network
import Numerics

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

/// Forward and backward of a part of a batch, in room of its own that is taken once.
final class ShardWorker {
    private let options: TrainingOptions
    private let positions: Matrix<Float>
    private let gridPositions: Matrix<Float>
    /// Of a tile, in pixels.
    private let width: Int
    private let height: Int
    /// The picture's patches of every tile: where the predictor is told that they are.
    private let places: [[Int]]
    private let caches: TargetCaches
    /// Tokens of each line's query, and their rows when all stand one below the other; empty for one line.
    private let queries: [[Int]]
    private let queryRanges: [Range<Int>]
    private var queryTokens: Matrix<Float>
    private var queryGradient: Matrix<Float>?
    /// Patches and embedded tokens of every picture that is encoded, clean ones first.
    private var patches: Matrix<Float>
    private var tokens: Matrix<Float>
    private var pass: Encoder.Activations<Float>
    /// Context tokens of every sequence, in the order of the pass, where the encoder learns.
    private var encoded: Matrix<Float>
    private var encodedGradient: Matrix<Float>
    private var context: Matrix<Float>
    private var contextGradient: Matrix<Float>?
    private var wantedTargets: Matrix<Float>
    private var predictedGradient: Matrix<Float>
    private var prediction: Predictor.Activations<Float>
    private var lossRoom: Matrix<Float>
    private(set) var gradients: ParameterStore<Float>
    /// This shard's learned targets: of every sample all patches, (samples · N, contextWidth).
    private(set) var target: Matrix<Float>

    /// - Parameters:
    ///   - tiles: the pictures' patch grid, and how they are cut: a sample is a tile.
    ///   - caches: shared by all shards.
    ///   - queries: tokens of each line's query, where the model has a table of them.
    init(
        model: InspectionModel<Float>, options: TrainingOptions, tiles: TileLayout, caches: TargetCaches,
        queries: [[Int]] = []
    ) {
        self.queries = model.queryTable == nil ? [] : queries
        queryRanges = QueryTable.ranges(self.queries)
        queryTokens = Matrix(rows: 0, columns: model.shape.queryWidth)
        queryGradient = model.queryTable == nil ? nil : queryTokens
        self.caches = caches
        self.options = options
        let side = model.shape.encoder.patchSize
        width = tiles.tileColumns * side
        height = tiles.tileRows * side
        places = (0..<tiles.count).map(tiles.patches)
        let learns = model.shape.source.learns
        positions = Positions.sineCosine(
            rows: tiles.gridRows, columns: tiles.gridColumns, width: model.shape.predictorWidth)
        // Positions of patches never learn: computed ones have no parameters, published ones stay as they are.
        gridPositions = model.encoder.gridPositions(
            rows: tiles.tileRows, columns: tiles.tileColumns, store: model.store)
        patches = Matrix(rows: 0, columns: 3 * side * side)
        tokens = Matrix(rows: 0, columns: model.shape.encoder.width)
        pass = Encoder.Activations(model.shape.encoder, training: learns)
        prediction = Predictor.Activations(model.predictor.shape, training: true)
        context = Matrix(rows: 0, columns: model.shape.contextWidth)
        encoded = context
        encodedGradient = context
        contextGradient = learns ? context : nil
        target = context
        wantedTargets = Matrix(rows: 0, columns: model.shape.targetWidth)
        predictedGradient = wantedTargets
        lossRoom = wantedTargets
        gradients = ParameterStore(zerosFor: model.layout)
    }

    /// Makes the gradients those of `samples`; `share` is their part of the batch.
    func run(
        _ samples: [Sample], model: InspectionModel<Float>, lowLevel: LowLevelTargets?, share: Double,
        directions: Matrix<Float>?
    ) -> StepLosses {
        gradients.clear(model.learningRange)
        let learns = model.shape.source.learns
        let patchCount = gridPositions.rows
        var losses = StepLosses()
        var statistics: [Matrix<Float>] = []
        var contextRows: [Int] = []
        if learns {
            contextRows = encodeTogether(samples, model: model, statistics: &statistics)
        } else {
            encodeFrozen(samples, model: model)
        }
        model.queryTable?.forward(&queryTokens, queries: queries, store: model.store)
        model.predictor.forward(
            context: context,
            requests: samples.map { sample in
                let places = places[sample.view.tile]
                return Predictor.Request(
                    visible: sample.visible.map { places[$0] }, hidden: sample.hidden.map { places[$0] },
                    query: queryRanges.isEmpty ? nil : queryRanges[sample.query])
            }, query: queryTokens, positions: positions, store: model.store, activations: &prediction, training: true)

        let rows = LossRows(samples, patchCount: patchCount, visibleWeight: Float(options.visibleWeight))
        wantedTargets.resize(rows: rows.wanted.count)
        gatherRows(&wantedTargets, at: 0, from: target, indices: rows.wanted)
        if let lowLevel {
            var low = Matrix<Float>(rows: 0, columns: lowLevel.width)
            for sample in samples {
                low.storage += caches.lowLevel.numbers(of: sample.view) {
                    lowLevel.targets(pixels: sample.clean, height: height, width: width).storage
                }
                low.rows += patchCount
            }
            gatherRows(&wantedTargets, at: model.shape.contextWidth, from: low, indices: rows.wanted)
        }
        losses.hidden = loss(prediction.predicted, rows.hidden)
        losses.visible = loss(prediction.predicted, rows.visible)
        losses.constant = loss(nil, rows.weights)
        _ = smoothL1(
            predicted: prediction.predicted, target: wantedTargets, rowWeights: rows.weights, beta: 1,
            weight: Float(share), gradient: &predictedGradient)
        var damageGradient: [Float] = []
        if model.shape.hasDamageHead {
            losses.damage = Double(
                binaryCrossEntropy(
                    logits: prediction.damage, targets: rows.damage, rowWeights: rows.damageWeights,
                    positiveWeight: DamageLabel.positiveWeight, weight: Float(options.damageWeight * share),
                    gradient: &damageGradient))
        }

        model.predictor.backward(
            predictedGradient: predictedGradient, damageGradient: damageGradient, context: context,
            contextGradient: &contextGradient, query: queryTokens, queryGradient: &queryGradient,
            gradients: &gradients, store: model.store, activations: &prediction)
        if let table = model.queryTable, let queryGradient {
            table.backward(gradients: &gradients, outputGradient: queryGradient, queries: queries)
        }
        if learns {
            losses.regularisation = backward(
                contextRows: contextRows, statistics: statistics, model: model, share: share, directions: directions)
        }
        return losses
    }

    /// One pass of an encoder that learns over all of the shard: every clean picture whole, for the targets, then what
    /// each sample's context may see of its own picture. A sample that sees its clean picture whole needs no second
    /// sequence. Fills `encoded`, `target` and `context`; gives back the row of `encoded` of each row of `context`.
    private func encodeTogether(
        _ samples: [Sample], model: InspectionModel<Float>, statistics: inout [Matrix<Float>]
    ) -> [Int] {
        let patchCount = gridPositions.rows
        let damaged = samples.indices.filter { !samples[$0].damage.isEmpty }
        embed(samples.map(\.clean) + damaged.map { samples[$0].seen }, model: model)
        var sequences = samples.indices.map { Array($0 * patchCount..<($0 + 1) * patchCount) }
        var contextRows: [Int] = []
        var end = samples.count * patchCount
        for (index, sample) in samples.enumerated() {
            if sample.seesAll {
                contextRows.append(contentsOf: sequences[index])
                continue
            }
            let picture = damaged.firstIndex(of: index).map { samples.count + $0 } ?? index
            sequences.append(sample.visible.map { $0 + picture * patchCount })
            contextRows.append(contentsOf: end..<end + sample.visible.count)
            end += sample.visible.count
        }
        encode(sequences, model: model)
        model.context(&encoded, of: pass, statistics: &statistics)
        gatherRows(&target, from: encoded, indices: Array(0..<samples.count * patchCount))
        gatherRows(&context, from: encoded, indices: contextRows)
        return contextRows
    }

    /// A frozen encoder says the same of a clean picture every time: its targets come from the cache.
    private func encodeFrozen(_ samples: [Sample], model: InspectionModel<Float>) {
        let patchCount = gridPositions.rows
        target.resize(rows: samples.count * patchCount)
        var statistics: [Matrix<Float>] = []
        for (index, sample) in samples.enumerated() {
            let known = caches.learned.numbers(of: sample.view) {
                // Alone, so that its last bit does not depend on who else is in the shard.
                embed([sample.clean], model: model)
                encode([Array(0..<patchCount)], model: model)
                model.context(&context, of: pass, statistics: &statistics)
                return context.storage.map { Float16($0) }
            }
            let start = index * known.count
            for (place, value) in known.enumerated() { target.storage[start + place] = Float(value) }
        }
        embed(samples.map(\.seen), model: model)
        encode(samples.indices.map { index in samples[index].visible.map { $0 + index * patchCount } }, model: model)
        model.context(&context, of: pass, statistics: &statistics)
    }

    private func embed(_ pictures: [[Float]], model: InspectionModel<Float>) {
        patches.resize(rows: pictures.count * gridPositions.rows)
        for (index, pixels) in pictures.enumerated() {
            model.encoder.patches(
                &patches, at: index * gridPositions.rows, pixels: pixels, height: height, width: width)
        }
        model.encoder.embed(&tokens, patches: patches, positions: gridPositions, store: model.store)
    }

    private func encode(_ sequences: [[Int]], model: InspectionModel<Float>) {
        model.encoder.forward(
            patchTokens: tokens, subsets: sequences, depth: model.shape.encoderDepth,
            keep: Set(model.shape.targetBlocks), store: model.store, activations: &pass,
            training: model.shape.source.learns)
    }

    /// The encoder's backward, from the predictor's context and from SIGReg on the targets; gives back SIGReg's loss.
    private func backward(
        contextRows: [Int], statistics: [Matrix<Float>], model: InspectionModel<Float>, share: Double,
        directions: Matrix<Float>?
    ) -> Double {
        guard let contextGradient else { return 0 }
        encodedGradient.resize(rows: encoded.rows)
        encodedGradient.fill(0)
        scatterAddRows(&encodedGradient, adding: contextGradient, indices: contextRows)
        var regularisation = 0.0
        if let directions {
            var gradient = Matrix<Float>(rows: 0, columns: target.columns)
            regularisation = Double(
                SIGReg.loss(
                    embeddings: target, directions: directions,
                    weight: Float(options.regularisation * share * regularisationScale(rows: target.rows)),
                    gradient: &gradient))
            scatterAddRows(&encodedGradient, adding: gradient, indices: Array(0..<gradient.rows))
        }
        var byBlock = model.contextBackward(encodedGradient, pass: pass, statistics: statistics)
        guard var top = byBlock.removeValue(forKey: model.shape.encoderDepth) else { return regularisation }
        model.encoder.backward(
            &top, injected: byBlock, patches: patches, depth: model.shape.encoderDepth, gradients: &gradients,
            store: model.store, activations: &pass)
        return regularisation
    }

    /// Adds the gradients of other shards to this one's, in their order, and gives back the norm of the sum.
    func add(_ others: [ShardWorker], range: Range<Int>, workers: Int) -> Double {
        gradients.add(others.map(\.gradients), range: range, workers: workers)
    }

    /// The smooth-L1 of a prediction, of zeros when nil.
    private func loss(_ predicted: Matrix<Float>?, _ weights: [Float]) -> Double {
        let zeros = predicted == nil ? Matrix<Float>(rows: wantedTargets.rows, columns: wantedTargets.columns) : nil
        return Double(
            smoothL1(
                predicted: predicted ?? zeros ?? wantedTargets, target: wantedTargets, rowWeights: weights, beta: 1,
                weight: 0, gradient: &lossRoom))
    }
}

/// The Epps–Pulley statistic grows with the number of rows; λ = 0.05 is meant for about a thousand of them.
private func regularisationScale(rows: Int) -> Double { min(1, 1024 / Double(max(1, rows))) }
