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

    /// Sides below, at and beyond the width of a strip.
    @Test(arguments: [1, 7, 96, 97, 250])
    func productWithLowerIsTheFullOne(side: Int) {
        var lower = Matrix<Double>.random(side, side, seed: 10)
        for row in 0..<side {
            for column in row + 1..<max(side, row + 1) { lower[row, column] = 0 }
        }
        let x = Matrix<Double>.random(13, side, seed: 11)
        let expected = product(x, lower, transposeB: true)
        #expect(relativeError(productWithLower(x, lower).storage, expected.storage) < 1e-13)
        let (x32, lower32) = (x.storage.map { Float($0) }, lower.storage.map { Float($0) })
        let fast = productWithLower(
            Matrix(rows: 13, columns: side, storage: x32), Matrix(rows: side, columns: side, storage: lower32))
        #expect(relativeError(fast.wide.storage, expected.storage) < Self.floatTolerance)
        #expect(productWithLower(Matrix<Float>(rows: 0, columns: side), Matrix(rows: side, columns: side)).rows == 0)
    }

    /// Each part of a fused projection is a layer of its own.
    @Test func partsOfAFusedLayer() {
        let (layout, weight, bias) = Self.layer(5, 12)
        let store = ParameterStore<Float>(drawing: layout, seed: 12)
        let x = Matrix<Float>.random(4, 5, seed: 13)
        var whole = Matrix<Float>(rows: 0, columns: 12)
        linearForward(&whole, input: x, store: store, weight: weight, bias: bias)
        for range in [0..<1, 1..<3, 0..<3] {
            var part = Matrix<Float>(rows: 0, columns: 4 * range.count)
            linearForward(
                &part, input: x, store: store, weight: weight.parts(range, of: 3), bias: bias.parts(range, of: 3))
            let expected = (0..<4).flatMap { whole.row($0).dropFirst(4 * range.lowerBound).prefix(4 * range.count) }
            #expect(relativeError(part.storage, expected) < Self.floatTolerance)
        }
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
