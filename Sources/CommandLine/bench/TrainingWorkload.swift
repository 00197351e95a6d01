import Masking
import Network
import Numerics

/// One worker's share of a training step: forward, losses and backward over its own pictures. The step of the
/// optimiser is measured with it, once per call, although workers share one in training.
struct TrainingWorkload: Sendable {
    let shape: BenchShape
    let batch: Int
    let learns: Bool
    let masks: [Mask]
    let positions: Matrix<Float>
    let predictorPositions: Matrix<Float>
    let directions: Matrix<Float>
    let wanted: [Int]
    let rowWeights: [Float]
    var model: InspectionModel<Float>
    var optimizer: AdamW<Float>
    var gradients: ParameterStore<Float>
    var patches: Matrix<Float>
    var tokens: Matrix<Float>
    var target: Matrix<Float>
    var context: Matrix<Float>
    var cleanPass: Encoder.Activations<Float>
    var contextPass: Encoder.Activations<Float>
    var prediction: Predictor.Activations<Float>

    init(_ shape: BenchShape, source: EncoderSource, batch: Int, seed: UInt64) {
        self.shape = shape
        self.batch = batch
        learns = source == .trained
        var random = RandomSource(seed: seed)
        let grid = shape.grid
        masks = (0..<batch).map { _ in Mask.multiBlock(grid: grid, using: &random) }
        model = shape.model(source)
        positions = model.encoder.gridPositions(rows: grid.rows, columns: grid.columns, store: model.store)
        predictorPositions = Positions.sineCosine(rows: grid.rows, columns: grid.columns, width: 192)
        directions = SIGReg.directions(width: model.shape.contextWidth, count: 256, using: &random)
        wanted = masks.enumerated().flatMap { index, mask in
            (mask.context + mask.targets).map { $0 + index * grid.count }
        }
        rowWeights = [Float](repeating: 1, count: wanted.count)
        optimizer = AdamW(layout: model.layout, weightDecay: 0.05)
        gradients = ParameterStore(zerosFor: model.layout)
        patches = Matrix(rows: 0, columns: 3 * shape.patchSize * shape.patchSize)
        for index in 0..<batch {
            var one = Matrix<Float>(rows: 0, columns: patches.columns)
            let pixels = shape.pixels(seed: seed &+ UInt64(index))
            model.encoder.patches(&one, pixels: pixels, height: shape.side, width: shape.side)
            patches.storage.append(contentsOf: one.storage)
            patches.rows += one.rows
        }
        tokens = Matrix(rows: 0, columns: shape.width)
        target = Matrix(rows: 0, columns: model.shape.contextWidth)
        context = target
        cleanPass = Encoder.Activations(model.shape.encoder, training: learns)
        contextPass = cleanPass
        prediction = Predictor.Activations(model.predictor.shape, training: true)
    }

    mutating func run() {
        gradients.clear()
        model.encoder.embed(&tokens, patches: patches, positions: positions, store: model.store)
        let count = shape.patches
        let cleanStatistics = Self.encode(
            model, tokens, (0..<batch).map { index in (0..<count).map { $0 + index * count } }, &cleanPass, &target)
        let contextStatistics = Self.encode(
            model, tokens, masks.enumerated().map { index, mask in mask.context.map { $0 + index * count } },
            &contextPass, &context)
        let none = Matrix<Float>(rows: 0, columns: 0)
        model.predictor.forward(
            context: context, requests: masks.map { Predictor.Request(visible: $0.context, hidden: $0.targets) },
            query: none, positions: predictorPositions, store: model.store, activations: &prediction, training: true)
        var wantedTargets = Matrix<Float>(rows: 0, columns: target.columns)
        gatherRows(&wantedTargets, from: target, indices: wanted)
        var gradient = Matrix<Float>(rows: 0, columns: target.columns)
        _ = smoothL1(
            predicted: prediction.predicted, target: wantedTargets, rowWeights: rowWeights, beta: 1, weight: 1,
            gradient: &gradient)
        var contextGradient: Matrix<Float>? = learns ? Matrix(rows: 0, columns: context.columns) : nil
        var noQuery: Matrix<Float>?
        model.predictor.backward(
            predictedGradient: gradient, damageGradient: [], context: context, contextGradient: &contextGradient,
            query: none, queryGradient: &noQuery, gradients: &gradients, store: model.store, activations: &prediction)
        if learns, let contextGradient {
            Self.backward(model, contextGradient, patches, &contextPass, contextStatistics, &gradients)
            var regularisation = Matrix<Float>(rows: 0, columns: target.columns)
            _ = SIGReg.loss(
                embeddings: target, directions: directions, weight: 0.02 / Float(target.rows),
                gradient: &regularisation)
            Self.backward(model, regularisation, patches, &cleanPass, cleanStatistics, &gradients)
        }
        optimizer.update(
            &model.store, gradients: gradients, learningRate: 1e-4, gradientScale: 1, learning: model.learning)
    }

    private static func encode(
        _ model: InspectionModel<Float>, _ tokens: Matrix<Float>, _ subsets: [[Int]],
        _ pass: inout Encoder.Activations<Float>, _ output: inout Matrix<Float>
    ) -> [Matrix<Float>] {
        model.encoder.forward(
            patchTokens: tokens, subsets: subsets, depth: model.shape.encoderDepth,
            keep: Set(model.shape.targetBlocks), store: model.store, activations: &pass,
            training: model.shape.source == .trained)
        var statistics: [Matrix<Float>] = []
        model.context(&output, of: pass, statistics: &statistics)
        return statistics
    }

    private static func backward(
        _ model: InspectionModel<Float>, _ gradient: Matrix<Float>, _ patches: Matrix<Float>,
        _ pass: inout Encoder.Activations<Float>, _ statistics: [Matrix<Float>],
        _ gradients: inout ParameterStore<Float>
    ) {
        var byBlock = model.contextBackward(gradient, pass: pass, statistics: statistics)
        guard var top = byBlock.removeValue(forKey: model.shape.encoderDepth) else { return }
        model.encoder.backward(
            &top, injected: byBlock, patches: patches, depth: model.shape.encoderDepth, gradients: &gradients,
            store: model.store, activations: &pass)
    }
}
