import Numerics
import Testing

@Suite struct LinearTests {
    /// Float products of length 192: rounding grows like sqrt(192) · 6e-8.
    static let floatTolerance = 2e-6

    static func layer(_ inputs: Int, _ outputs: Int) -> (ParameterLayout, weight: Parameter, bias: Parameter) {
        var layout = ParameterLayout()
        let weight = layout.add("w", rows: outputs, columns: inputs, .zeros)
        let bias = layout.add("b", columns: outputs, .zeros)
        return (layout, weight, bias)
    }

    @Test(arguments: [(1, 1, 1), (5, 3, 7), (197, 192, 576), (33, 17, 16), (0, 4, 4)])
    func fastAgreesWithNaive(rows: Int, inputs: Int, outputs: Int) {
        let (layout, weight, bias) = Self.layer(inputs, outputs)
        let store = ParameterStore<Float>(drawing: layout, seed: 1)
        let x = Matrix<Float>.random(rows, inputs, seed: 2)
        let w = Matrix(rows: outputs, columns: inputs, storage: store[weight].map(Double.init))
        let b = store[bias].map(Double.init)
        var y = Matrix<Float>(rows: 0, columns: outputs)
        linearForward(&y, input: x, store: store, weight: weight, bias: bias)
        #expect(relativeError(y.wide.storage, Naive.linear(x.wide, weight: w, bias: b).storage) < Self.floatTolerance)
        linearForward(&y, input: x, store: store, weight: weight, bias: nil)
        #expect(relativeError(y.wide.storage, Naive.linear(x.wide, weight: w, bias: nil).storage) < Self.floatTolerance)
        let before = Matrix<Float>.random(rows, outputs, seed: 3)
        y = before
        linearForward(&y, input: x, store: store, weight: weight, bias: bias, accumulate: true)
        let expected = zip(before.wide.storage, Naive.linear(x.wide, weight: w, bias: b).storage).map { $0 + $1 }
        #expect(relativeError(y.wide.storage, expected) < Self.floatTolerance)
    }

    @Test func gradients() {
        let (layout, weight, bias) = Self.layer(5, 3)
        let store = ParameterStore<Double>(drawing: layout, seed: 4)
        let x = Matrix<Double>.random(7, 5, seed: 5)
        let dy = Matrix<Double>.random(7, 3, seed: 6)
        func loss(_ store: ParameterStore<Double>, _ x: Matrix<Double>) -> Double {
            var y = Matrix<Double>(rows: 0, columns: 3)
            linearForward(&y, input: x, store: store, weight: weight, bias: bias)
            return dot(y.storage, dy.storage)
        }
        // Gradients are added to what is there: starting from 1 shows it.
        var gradients = ParameterStore<Double>(zerosFor: layout)
        for index in gradients.values.indices { gradients.values[index] = 1 }
        var dx: Matrix<Double>? = Matrix(rows: 0, columns: 5)
        linearBackward(
            inputGradient: &dx, gradients: &gradients, outputGradient: dy, input: x, store: store, weight: weight,
            bias: bias)
        let byParameters = centralDifferences(store.values) { values in
            var moved = store
            moved.values = values
            return loss(moved, x)
        }
        #expect(relativeError(gradients.values.map { $0 - 1 }, byParameters) < gradientTolerance)
        let byInput = centralDifferences(x.storage) { loss(store, Matrix(rows: 7, columns: 5, storage: $0)) }
        #expect(relativeError(dx!.storage, byInput) < gradientTolerance)
    }

    @Test func nothingBelowLearns() {
        let (layout, weight, bias) = Self.layer(4, 4)
        let store = ParameterStore<Double>(drawing: layout, seed: 7)
        var gradients = ParameterStore<Double>(zerosFor: layout)
        var dx: Matrix<Double>?
        let x = Matrix<Double>.random(3, 4, seed: 8)
        linearBackward(
            inputGradient: &dx, gradients: &gradients, outputGradient: x, input: x, store: store, weight: weight,
            bias: bias)
        #expect(dx == nil)
        #expect(gradients[weight].contains { $0 != 0 })
    }

    @Test func productTransposes() {
        let a = Matrix<Double>.random(4, 3, seed: 9)
        let b = Matrix<Double>.random(3, 5, seed: 10)
        var aT = Matrix<Double>(rows: 3, columns: 4)
        for i in 0..<4 { for j in 0..<3 { aT[j, i] = a[i, j] } }
        var bT = Matrix<Double>(rows: 5, columns: 3)
        for i in 0..<3 { for j in 0..<5 { bT[j, i] = b[i, j] } }
        let expected = Naive.linear(a, weight: bT, bias: nil)
        for result in [
            product(a, b), product(aT, transposeA: true, b), product(a, bT, transposeB: true),
            product(aT, transposeA: true, bT, transposeB: true),
        ] {
            #expect(relativeError(result.storage, expected.storage) < 1e-14)
        }
        #expect(
            product(Matrix<Double>(rows: 2, columns: 0), Matrix(rows: 0, columns: 3)).storage
                == .init(repeating: 0, count: 6))
    }

    /// The order of rows and the size of the batch must not change a row's bits: scores may not depend on batching.
    @Test func rowsAreTheSameBitsInTwoBatches() {
        let (layout, weight, bias) = Self.layer(192, 576)
        let store = ParameterStore<Float>(drawing: layout, seed: 11)
        let x = Matrix<Float>.random(196, 192, seed: 12)
        var y = Matrix<Float>(rows: 0, columns: 576)
        linearForward(&y, input: x, store: store, weight: weight, bias: bias)
        var again = Matrix<Float>(rows: 0, columns: 576)
        linearForward(&again, input: x, store: store, weight: weight, bias: bias)
        #expect(y == again)
    }

    @Test func matrixKeepsItsRoom() {
        var matrix = Matrix<Float>(rows: 10, columns: 4)
        matrix.resize(rows: 2)
        #expect(matrix.storage.count == 8 && matrix.rows == 2 && matrix.storage.capacity >= 40)
        matrix.resize(rows: 3)
        matrix.fill(2)
        #expect(matrix.storage == .init(repeating: 2, count: 12) && matrix.row(2) == [2, 2, 2, 2])
    }

    @Test func libraryIsNamed() throws {
        try OpenBLAS.check()
        #expect(OpenBLAS.kernelName != "none" && OpenBLAS.kernelName != "unknown")
        #expect(OpenBLAS.configuration.contains("OpenBLAS"))
        let missing = OpenBLASError(tried: ["libopenblas.so.0"], reasons: ["not found"])
        #expect(missing.description.contains("apt-get install") && missing.description.contains("not found"))
    }
}
