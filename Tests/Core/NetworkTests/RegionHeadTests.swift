import Network
import Numerics
import Testing

@Suite("Region heads") struct RegionHeadTests {
    static let shape = RegionHeadShape(inputWidth: 6, hiddenWidth: 7, outputWidth: 4)

    @Test("Gradients of every parameter, from ŝ of unit length and from before, agree with central differences")
    func gradients() {
        var layout = ParameterLayout()
        let head = RegionHead(&layout, prefix: "head.", shape: Self.shape)
        let store = ParameterStore<Double>(drawing: layout, seed: 1)
        let input = Matrix<Double>.random(5, 6, seed: 2)
        let byEmbedding = Matrix<Double>.random(5, 4, seed: 3)
        let byProjected = Matrix<Double>.random(5, 4, seed: 4)
        func run(_ values: [Double]) -> RegionHead.Activations<Double> {
            var moved = store
            moved.values = values
            var activations = RegionHead.Activations<Double>(Self.shape)
            head.forward(input, store: moved, activations: &activations)
            return activations
        }
        let activations = run(store.values)
        for row in 0..<5 {
            #expect(abs(activations.embeddings.row(row).reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
        }
        var gradients = ParameterStore<Double>(zerosFor: layout)
        head.backward(
            embeddingGradient: byEmbedding, projectedGradient: byProjected, input: input, gradients: &gradients,
            store: store, activations: activations)
        let numeric = centralDifferences(store.values) {
            let a = run($0)
            return dot(a.embeddings.storage, byEmbedding.storage) + dot(a.projected.storage, byProjected.storage)
        }
        for parameter in layout.parameters {
            #expect(
                relativeError(Array(gradients.values[parameter.range]), Array(numeric[parameter.range]))
                    < gradientTolerance, "\(parameter.name)")
        }
    }
}
