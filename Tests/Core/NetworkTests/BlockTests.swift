import Numerics
import Testing

@testable import Network

@Suite struct BlockTests {
    @Test(arguments: [[4], [3, 1, 6]])
    func gradients(lengths: [Int]) {
        var layout = ParameterLayout()
        let block = Block(&layout, prefix: "b", width: 6, heads: 2)
        let store = ParameterStore<Double>(drawing: layout, seed: 1)
        let segments = Segments(lengths: lengths)
        let x = Matrix<Double>.random(segments.rows, 6, seed: 2)
        let dy = Matrix<Double>.random(segments.rows, 6, seed: 3)
        func output(_ values: [Double], _ x: Matrix<Double>) -> Matrix<Double> {
            var moved = store
            moved.values = values
            var tokens = x
            var activations = Block.Activations<Double>(width: 6)
            block.forward(&tokens, segments: segments, store: moved, activations: &activations, training: false)
            return tokens
        }
        var tokens = x
        var activations = Block.Activations<Double>(width: 6)
        block.forward(&tokens, segments: segments, store: store, activations: &activations, training: true)
        #expect(tokens == output(store.values, x))
        var gradient = dy
        var gradients = ParameterStore<Double>(zerosFor: layout)
        var scratch = Block.Scratch<Double>(width: 6)
        block.backward(
            &gradient, gradients: &gradients, segments: segments, store: store, activations: activations,
            scratch: &scratch)
        let byInput = centralDifferences(x.storage) {
            dot(output(store.values, Matrix(rows: x.rows, columns: 6, storage: $0)).storage, dy.storage)
        }
        #expect(relativeError(gradient.storage, byInput) < gradientTolerance)
        let byParameters = centralDifferences(store.values) { dot(output($0, x).storage, dy.storage) }
        for parameter in layout.parameters {
            // A key's bias moves every score of a row alike, so its true gradient is 0: the whole vector is compared.
            let error = relativeError(Array(gradients[parameter]), Array(byParameters[parameter.range]))
            #expect(error < gradientTolerance, "\(parameter.name): \(error)")
        }
        // A second backward adds the same again.
        let once = gradients.values
        gradient = dy
        block.backward(
            &gradient, gradients: &gradients, segments: segments, store: store, activations: activations,
            scratch: &scratch)
        #expect(relativeError(gradients.values, once.map { 2 * $0 }) < 1e-12)
    }

    /// Segments that want some rows, all and none; a plain block, and one with all that published weights may have.
    @Test(arguments: [false, true])
    func wantedRowsAreThoseOfTheWholeBlock(published: Bool) {
        Self.checkWanted(Double.self, published: published, tolerance: 1e-12)
        // Products of other sizes may round in another order.
        Self.checkWanted(Float.self, published: published, tolerance: 1e-5)
    }

    static func checkWanted<Scalar: KernelScalar>(_ type: Scalar.Type, published: Bool, tolerance: Double) {
        var layout = ParameterLayout()
        let shape =
            published
            ? BlockShape(
                width: 48, heads: 3, hiddenWidth: 80, hasLayerScale: true, activation: .quickGELU, epsilon: 1e-5)
            : BlockShape(width: 48, heads: 3)
        let block = Block(&layout, prefix: "b", shape: shape)
        let store = ParameterStore<Scalar>(drawing: layout, seed: 7)
        let segments = Segments(lengths: [50, 4, 21, 3])
        var rows = Block.WantedRows()
        for range in [30..<50, 50..<54, 54..<54, 76..<78] { rows.append(range) }
        var activations = Block.Activations<Scalar>(width: 48, hiddenWidth: shape.hiddenWidth)
        for seed in [UInt64(8), 9] {
            let x = Matrix<Scalar>.random(78, 48, seed: seed)
            var whole = x
            block.forward(&whole, segments: segments, store: store, activations: &activations, training: false)
            var some = x
            block.forward(&some, segments: segments, wanted: rows, store: store, activations: &activations)
            var chosen = Matrix<Scalar>(rows: 0, columns: 48)
            gatherRows(&chosen, from: whole, indices: rows.indices)
            #expect(some.rows == 26)
            #expect(relativeError(some.storage, chosen.storage) < tolerance)
        }
    }

    @Test func floatFollowsDouble() {
        var layout = ParameterLayout()
        let block = Block(&layout, prefix: "b", width: 48, heads: 3)
        let store = ParameterStore<Float>(drawing: layout, seed: 4, scale: 0.1)
        var wideStore = ParameterStore<Double>(zerosFor: layout)
        wideStore.values = store.values.map(Double.init)
        let segments = Segments(lengths: [50, 21])
        var tokens = Matrix<Float>.random(71, 48, seed: 5)
        var wide = Matrix<Double>(rows: 71, columns: 48, storage: tokens.storage.map(Double.init))
        var activations = Block.Activations<Float>(width: 48)
        var wideActivations = Block.Activations<Double>(width: 48)
        block.forward(&tokens, segments: segments, store: store, activations: &activations, training: true)
        block.forward(&wide, segments: segments, store: wideStore, activations: &wideActivations, training: true)
        #expect(relativeError(tokens.storage, wide.storage) < 1e-6)
        var gradient = Matrix<Float>.random(71, 48, seed: 6)
        var wideGradient = Matrix<Double>(rows: 71, columns: 48, storage: gradient.storage.map(Double.init))
        var gradients = ParameterStore<Float>(zerosFor: layout)
        var wideGradients = ParameterStore<Double>(zerosFor: layout)
        var scratch = Block.Scratch<Float>(width: 48)
        var wideScratch = Block.Scratch<Double>(width: 48)
        block.backward(
            &gradient, gradients: &gradients, segments: segments, store: store, activations: activations,
            scratch: &scratch)
        block.backward(
            &wideGradient, gradients: &wideGradients, segments: segments, store: wideStore,
            activations: wideActivations, scratch: &wideScratch)
        #expect(relativeError(gradient.storage, wideGradient.storage) < 1e-5)
        #expect(relativeError(gradients.values, wideGradients.values) < 1e-5)
    }
}
