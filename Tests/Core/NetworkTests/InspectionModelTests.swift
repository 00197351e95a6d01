import Network
import Numerics
import Testing

@Suite("Inspection model")
struct InspectionModelTests {
    static func shape(_ blocks: [Int], classToken: Bool, source: EncoderSource = .trained) -> ModelShape {
        ModelShape(
            source: source,
            encoder: EncoderShape(
                patchSize: 2, width: 8, depth: 3, heads: 2, hasClassToken: classToken, learnedPositionSide: 0),
            targetBlocks: blocks, lowLevelWidth: 3, predictorWidth: 8, predictorDepth: 1, predictorHeads: 2,
            hasDamageHead: true)
    }

    static func model(_ blocks: [Int], classToken: Bool) -> InspectionModel<Double> {
        var random = RandomSource(seed: 1)
        var model = InspectionModel<Double>(shape: shape(blocks, classToken: classToken), using: &random)
        model.store = ParameterStore(drawing: model.layout, seed: 2)
        model.tokenMean = Matrix<Double>.random(1, model.shape.contextWidth, seed: 3).storage
        model.tokenScale = Matrix<Double>.random(1, model.shape.contextWidth, seed: 4).storage.map { 1 + abs($0) }
        return model
    }

    static func pass(
        _ model: InspectionModel<Double>, patches: Matrix<Double>, subsets: [[Int]], training: Bool
    ) -> Encoder.Activations<Double> {
        var tokens = Matrix<Double>(rows: 0, columns: 8)
        let positions: Matrix<Double> = model.encoder.gridPositions(rows: 2, columns: 3, store: model.store)
        model.encoder.embed(&tokens, patches: patches, positions: positions, store: model.store)
        var activations = Encoder.Activations<Double>(model.shape.encoder, training: training)
        model.encoder.forward(
            patchTokens: tokens, subsets: subsets, depth: model.shape.encoderDepth,
            keep: Set(model.shape.targetBlocks), store: model.store, activations: &activations, training: training)
        return activations
    }

    @Test("Context: the normed tokens of each target block side by side, standardised", arguments: [false, true])
    func context(classToken: Bool) {
        let model = Self.model([1, 3], classToken: classToken)
        let subsets = [[0, 2, 5], [6, 7, 9, 11]]
        let pass = Self.pass(model, patches: .random(12, 12, seed: 5), subsets: subsets, training: false)
        var context = Matrix<Double>(rows: 0, columns: 16)
        var statistics: [Matrix<Double>] = []
        model.context(&context, of: pass, statistics: &statistics)
        #expect(context.rows == 7 && model.shape.targetWidth == 19)
        let extra = classToken ? 1 : 0
        let rows = (0..<3).map { $0 + extra } + (0..<4).map { 3 + 2 * extra + $0 }
        for (place, block) in [1, 3].enumerated() {
            for (row, source) in rows.enumerated() {
                let token = Array(pass.kept[block]!.row(source))
                let mean = token.reduce(0, +) / 8
                let variance = token.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8
                for column in 0..<8 {
                    let normed = (token[column] - mean) / (variance + 1e-6).squareRoot()
                    let index = place * 8 + column
                    let wanted = (normed - model.tokenMean[index]) * model.tokenScale[index]
                    #expect(abs(context[row, index] - wanted) < 1e-9)
                }
            }
        }
    }

    @Test(
        "Its backward is the derivative, token by token and through to every parameter",
        arguments: [[3], [1, 3], [1, 2, 3], [2]], [false, true])
    func gradients(blocks: [Int], classToken: Bool) {
        let model = Self.model(blocks, classToken: classToken)
        let subsets = [[0, 2, 5], [6, 7, 9, 11]]
        let patches = Matrix<Double>.random(12, 12, seed: 5)
        let weights = Matrix<Double>.random(7, model.shape.contextWidth, seed: 6)
        func loss(_ model: InspectionModel<Double>, _ pass: Encoder.Activations<Double>) -> Double {
            var context = Matrix<Double>(rows: 0, columns: model.shape.contextWidth)
            var statistics: [Matrix<Double>] = []
            model.context(&context, of: pass, statistics: &statistics)
            return dot(context.storage, weights.storage)
        }
        var pass = Self.pass(model, patches: patches, subsets: subsets, training: true)
        var context = Matrix<Double>(rows: 0, columns: model.shape.contextWidth)
        var statistics: [Matrix<Double>] = []
        model.context(&context, of: pass, statistics: &statistics)
        var byBlock = model.contextBackward(weights, pass: pass, statistics: statistics)
        #expect(byBlock.keys.sorted() == blocks)
        for block in blocks {
            let tokens = pass.kept[block]!
            let numeric = centralDifferences(tokens.storage) { values in
                var moved = pass
                moved.kept[block] = Matrix(rows: tokens.rows, columns: 8, storage: values)
                return loss(model, moved)
            }
            #expect(relativeError(byBlock[block]!.storage, numeric) < gradientTolerance)
        }
        // The way a training step goes: on through the encoder's blocks.
        var gradient = byBlock.removeValue(forKey: model.shape.encoderDepth)!
        var gradients = ParameterStore<Double>(zerosFor: model.layout)
        model.encoder.backward(
            &gradient, injected: byBlock, patches: patches, depth: model.shape.encoderDepth, gradients: &gradients,
            store: model.store, activations: &pass)
        let names = ["blocks.0.attn.qkv.weight", "patch_embed.proj.bias", "blocks.0.norm1.bias", "cls_token"]
        let probed = model.layout.parameters.filter { names.map { "encoder." + $0 }.contains($0.name) }
        #expect(probed.count == (classToken ? 4 : 3))
        for parameter in probed {
            let numeric = centralDifferences(Array(model.store[parameter])) { values in
                var moved = model
                moved.store[parameter] = values[...]
                return loss(moved, Self.pass(moved, patches: patches, subsets: subsets, training: false))
            }
            let error = relativeError(Array(gradients[parameter]), numeric)
            #expect(error < gradientTolerance, "\(parameter.name): \(error)")
        }
    }

    @Test("A frozen encoder learns nothing, a trained or adapted one everything")
    func learning() {
        var random = RandomSource(seed: 7)
        let frozen = InspectionModel<Float>(
            shape: Self.shape([3], classToken: true, source: .imported), using: &random)
        #expect(!frozen.learning.isEmpty && frozen.learning.allSatisfy { $0.hasPrefix("predictor.") })
        let trained = InspectionModel<Float>(shape: Self.shape([3], classToken: false), using: &random)
        #expect(trained.learning == Set(trained.layout.parameters.map(\.name)))
        let adapted = InspectionModel<Float>(
            shape: Self.shape([3], classToken: true, source: .adapted), using: &random)
        #expect(adapted.learning == Set(adapted.layout.parameters.map(\.name)))
        #expect(adapted.learningRange == 0..<adapted.layout.count)
    }
}
