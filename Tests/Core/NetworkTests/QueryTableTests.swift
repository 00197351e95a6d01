import Network
import Numerics
import Testing

/// One predictor under several queries, and the table that holds their tokens.
@Suite struct QueryTableTests {
    static let queries = [[0, 2, 1], [0, 3]]
    static let requests = [
        Predictor.Request(visible: [0, 3, 1], hidden: [2, 5], query: 3..<5),
        Predictor.Request(visible: [4], hidden: [], query: 0..<3),
        Predictor.Request(visible: [5, 2], hidden: [0, 1, 4], query: 3..<5),
        Predictor.Request(visible: [1], hidden: [3], query: 0..<0),
    ]

    struct Network {
        let layout: ParameterLayout
        let predictor: Predictor
        let table: QueryTable

        init() {
            var layout = ParameterLayout()
            predictor = Predictor(&layout, prefix: "p.", shape: PredictorTests.shape(queryWidth: 4, damage: true))
            table = QueryTable(&layout, prefix: "p.query.", shape: .init(tokens: 5, positions: 3), width: 4)
            self.layout = layout
        }

        func run<Scalar: KernelScalar>(
            _ store: ParameterStore<Scalar>, _ context: Matrix<Scalar>, _ requests: [Predictor.Request],
            training: Bool = false
        ) -> (Predictor.Activations<Scalar>, query: Matrix<Scalar>) {
            var query = Matrix<Scalar>(rows: 0, columns: 4)
            table.forward(&query, queries: QueryTableTests.queries, store: store)
            var activations = Predictor.Activations<Scalar>(predictor.shape, training: training)
            predictor.forward(
                context: context, requests: requests, query: query, positions: .random(6, 8, seed: 4), store: store,
                activations: &activations, training: training)
            return (activations, query)
        }
    }

    @Test("Gradients of sequences that read different queries reach the tables, and every other parameter")
    func gradients() {
        let network = Network()
        let store = ParameterStore<Double>(drawing: network.layout, seed: 1)
        let context = Matrix<Double>.random(7, 5, seed: 2)
        let dPredicted = Matrix<Double>.random(13, 3, seed: 5)
        let dDamage = Matrix<Double>.random(13, 1, seed: 6).storage
        func loss(_ values: [Double]) -> Double {
            var moved = store
            moved.values = values
            let a = network.run(moved, context, Self.requests).0
            return dot(a.predicted.storage, dPredicted.storage) + dot(a.damage, dDamage)
        }
        var (activations, query) = network.run(store, context, Self.requests, training: true)
        var gradients = ParameterStore<Double>(zerosFor: network.layout)
        var contextGradient: Matrix<Double>?
        var queryGradient: Matrix<Double>? = Matrix(rows: 0, columns: 4)
        network.predictor.backward(
            predictedGradient: dPredicted, damageGradient: dDamage, context: context,
            contextGradient: &contextGradient, query: query, queryGradient: &queryGradient, gradients: &gradients,
            store: store, activations: &activations)
        network.table.backward(gradients: &gradients, outputGradient: queryGradient!, queries: Self.queries)
        let expected = centralDifferences(store.values, loss)
        for parameter in network.layout.parameters {
            let error = relativeError(Array(gradients[parameter]), Array(expected[parameter.range]))
            #expect(error < gradientTolerance, "\(parameter.name): \(error)")
        }
        // Row 4 is in no query.
        #expect(gradients[network.table.tokens].suffix(4).allSatisfy { $0 == 0 })
    }

    @Test("A sequence reads its own query and nobody else's")
    func ownQuery() {
        let network = Network()
        let store = ParameterStore<Double>(drawing: network.layout, seed: 1)
        let context = Matrix<Double>.random(7, 5, seed: 2)
        let all = network.run(store, context, Self.requests).0
        var rows = Matrix<Double>(rows: 0, columns: 5)
        gatherRows(&rows, from: context, indices: [4, 5])
        let alone = network.run(store, rows, [Self.requests[2]]).0
        #expect(relativeError(alone.predicted.storage, Array(all.predicted.storage[(6 * 3)..<(11 * 3)])) < 1e-12)
        let other = network.run(store, rows, [Predictor.Request(visible: [5, 2], hidden: [0, 1, 4], query: 0..<3)]).0
        #expect(relativeError(other.predicted.storage, alone.predicted.storage) > 1e-3)
        // Without a range a request reads all tokens.
        let everything = network.run(store, rows, [Predictor.Request(visible: [5, 2], hidden: [0, 1, 4])]).0
        let named = network.run(store, rows, [Predictor.Request(visible: [5, 2], hidden: [0, 1, 4], query: 0..<5)]).0
        #expect(everything.predicted == named.predicted && everything.predicted != alone.predicted)
    }
}
