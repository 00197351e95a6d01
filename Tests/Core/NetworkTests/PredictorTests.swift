import Network
import Numerics
import Testing

@Suite struct PredictorTests {
    static func shape(queryWidth: Int, damage: Bool) -> PredictorShape {
        PredictorShape(
            inputWidth: 5, width: 8, depth: 2, heads: 2, outputWidth: 3, queryWidth: queryWidth, hasDamageHead: damage)
    }

    static let requests = [
        Predictor.Request(visible: [0, 3, 1], hidden: [2, 5]), Predictor.Request(visible: [4], hidden: []),
        Predictor.Request(visible: [5, 2], hidden: [0, 1, 4]),
    ]

    /// Every parameter, the context and the query tokens, with and without queries and the damage head.
    @Test(arguments: [0, 2], [false, true])
    func gradients(queries: Int, damage: Bool) {
        var layout = ParameterLayout()
        let predictor = Predictor(&layout, prefix: "p.", shape: Self.shape(queryWidth: 4, damage: damage))
        let store = ParameterStore<Double>(drawing: layout, seed: 1)
        let context = Matrix<Double>.random(6, 5, seed: 2)
        let query = Matrix<Double>.random(queries, 4, seed: 3)
        let positions = Matrix<Double>.random(6, 8, seed: 4)
        let dPredicted = Matrix<Double>.random(11, 3, seed: 5)
        let dDamage = damage ? Matrix<Double>.random(11, 1, seed: 6).storage : []
        func run(
            _ values: [Double], _ context: Matrix<Double>, _ query: Matrix<Double>, training: Bool
        ) -> Predictor.Activations<Double> {
            var moved = store
            moved.values = values
            var activations = Predictor.Activations<Double>(predictor.shape, training: training)
            predictor.forward(
                context: context, requests: Self.requests, query: query, positions: positions, store: moved,
                activations: &activations, training: training)
            return activations
        }
        func loss(_ values: [Double], _ context: Matrix<Double>, _ query: Matrix<Double>) -> Double {
            let a = run(values, context, query, training: false)
            return dot(a.predicted.storage, dPredicted.storage) + dot(a.damage, dDamage)
        }
        var activations = run(store.values, context, query, training: true)
        #expect(activations.predicted == run(store.values, context, query, training: false).predicted)
        var gradients = ParameterStore<Double>(zerosFor: layout)
        var contextGradient: Matrix<Double>? = Matrix(rows: 0, columns: 5)
        var queryGradient: Matrix<Double>? = Matrix(rows: 0, columns: 4)
        predictor.backward(
            predictedGradient: dPredicted, damageGradient: dDamage, context: context,
            contextGradient: &contextGradient, query: query, queryGradient: &queryGradient, gradients: &gradients,
            store: store, activations: &activations)
        let byContext = centralDifferences(context.storage) {
            loss(store.values, Matrix(rows: 6, columns: 5, storage: $0), query)
        }
        #expect(relativeError(contextGradient!.storage, byContext) < gradientTolerance)
        let byQuery = centralDifferences(query.storage) {
            loss(store.values, context, Matrix(rows: queries, columns: 4, storage: $0))
        }
        #expect(relativeError(queryGradient!.storage, byQuery) < gradientTolerance)
        let byParameters = centralDifferences(store.values) { loss($0, context, query) }
        for parameter in layout.parameters {
            let error = relativeError(Array(gradients[parameter]), Array(byParameters[parameter.range]))
            #expect(error < gradientTolerance, "\(parameter.name): \(error)")
        }
    }

    @Test func predictionsLieWhereTheyAreAskedFor() {
        var layout = ParameterLayout()
        let predictor = Predictor(&layout, prefix: "", shape: Self.shape(queryWidth: 0, damage: true))
        let store = ParameterStore<Float>(drawing: layout, seed: 7)
        let context = Matrix<Float>.random(6, 5, seed: 8)
        let positions = Matrix<Float>.random(6, 8, seed: 9)
        let none = Matrix<Float>(rows: 0, columns: 0)
        func run(_ requests: [Predictor.Request], _ context: Matrix<Float>) -> Predictor.Activations<Float> {
            var activations = Predictor.Activations<Float>(predictor.shape, training: false)
            predictor.forward(
                context: context, requests: requests, query: none, positions: positions, store: store,
                activations: &activations, training: false)
            return activations
        }
        let whole = run(Self.requests, context)
        #expect(whole.predicted.rows == 11 && whole.state.rows == 11 && whole.damage.count == 11)
        // One request alone gives what it gives in the batch.
        var rows = Matrix<Float>(rows: 0, columns: 5)
        gatherRows(&rows, from: context, indices: [4, 5])
        let alone = run([Self.requests[2]], rows)
        #expect(relativeError(alone.predicted.storage, Array(whole.predicted.storage[(6 * 3)...])) < 1e-6)
        // The order of the hidden patches is the order of the predictions.
        let turned = run([Predictor.Request(visible: [5, 2], hidden: [4, 0, 1])], rows)
        #expect(relativeError(Array(turned.predicted.row(2)), Array(alone.predicted.row(4))) < 1e-5)
    }

    /// What some rows alone cost less is not allowed to change them: any mixture of requests, with and without query
    /// tokens, against the same requests that want everything.
    @Test(
        arguments: [0, 2], [[false, false, false], [true, true, true], [true, false, true], [false, true, false]])
    func wantedRowsAreThoseOfTheFullPass(queries: Int, hiddenOnly: [Bool]) {
        Self.checkWanted(Double.self, queries: queries, hiddenOnly: hiddenOnly, tolerance: 1e-12)
        // Products of other sizes may round in another order.
        Self.checkWanted(Float.self, queries: queries, hiddenOnly: hiddenOnly, tolerance: 1e-5)
    }

    static func checkWanted<Scalar: KernelScalar>(
        _ type: Scalar.Type, queries: Int, hiddenOnly: [Bool], tolerance: Double
    ) {
        var layout = ParameterLayout()
        let predictor = Predictor(&layout, prefix: "p.", shape: shape(queryWidth: 4, damage: true))
        let store = ParameterStore<Scalar>(drawing: layout, seed: 13)
        let query = Matrix<Scalar>.random(queries, 4, seed: 14)
        let positions = Matrix<Scalar>.random(6, 8, seed: 15)
        var activations = Predictor.Activations<Scalar>(predictor.shape, training: false)
        func run(_ requests: [Predictor.Request], seed: UInt64) {
            predictor.forward(
                context: .random(6, 5, seed: seed), requests: requests, query: query, positions: positions,
                store: store, activations: &activations, training: false)
        }
        let asked = zip(requests, hiddenOnly).map {
            Predictor.Request(visible: $0.visible, hidden: $0.hidden, wanted: $1 ? .hidden : .all)
        }
        var rows: [Int] = []
        var start = 0
        for request in asked {
            let end = start + request.visible.count + request.hidden.count
            rows += (request.wanted == .all ? start : start + request.visible.count)..<end
            start = end
        }
        // Again and in turns, in the same room: nothing of one pass is left in the next.
        for seed in [UInt64(16), 17] {
            run(requests, seed: seed)
            let whole = activations
            run(asked, seed: seed)
            #expect(activations.predicted.rows == rows.count && activations.damage.count == rows.count)
            func chosen(_ matrix: Matrix<Scalar>) -> [Scalar] { rows.flatMap { Array(matrix.row($0)) } }
            #expect(relativeError(activations.predicted.storage, chosen(whole.predicted)) < tolerance)
            #expect(relativeError(activations.state.storage, chosen(whole.state)) < tolerance)
            #expect(relativeError(activations.damage, rows.map { whole.damage[$0] }) < tolerance)
        }
    }

    @Test func frozenEncoderGetsNoGradient() {
        var layout = ParameterLayout()
        let predictor = Predictor(&layout, prefix: "", shape: Self.shape(queryWidth: 0, damage: false))
        let store = ParameterStore<Double>(drawing: layout, seed: 10)
        var activations = Predictor.Activations<Double>(predictor.shape, training: true)
        let context = Matrix<Double>.random(6, 5, seed: 11)
        let none = Matrix<Double>(rows: 0, columns: 0)
        predictor.forward(
            context: context, requests: Self.requests, query: none, positions: .random(6, 8, seed: 12), store: store,
            activations: &activations, training: true)
        var contextGradient: Matrix<Double>?
        var queryGradient: Matrix<Double>?
        var gradients = ParameterStore<Double>(zerosFor: layout)
        predictor.backward(
            predictedGradient: activations.predicted, damageGradient: [], context: context,
            contextGradient: &contextGradient, query: none, queryGradient: &queryGradient, gradients: &gradients,
            store: store, activations: &activations)
        #expect(contextGradient == nil && gradients[predictor.inputWeight].contains { $0 != 0 })
    }
}
