import Numerics
import Testing

@Suite struct PoolingTests {
    static let lengths = [3, 0, 1, 5]

    @Test func meanOfSegments() {
        let x = Matrix<Double>.random(9, 5, seed: 1)
        let segments = Segments(lengths: Self.lengths)
        var mean = Matrix<Double>(rows: 0, columns: 5)
        meanForward(&mean, input: x, segments: segments)
        for segment in 0..<4 {
            for column in 0..<5 {
                let values = segments[segment].map { x[$0, column] }
                let expected = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
                #expect(abs(mean[segment, column] - expected) < 1e-14)
            }
        }
        let dy = Matrix<Double>.random(4, 5, seed: 2)
        var dx = Matrix<Double>(rows: 0, columns: 5)
        meanBackward(&dx, outputGradient: dy, segments: segments)
        let numeric = centralDifferences(x.storage) {
            var moved = Matrix<Double>(rows: 0, columns: 5)
            meanForward(&moved, input: Matrix(rows: 9, columns: 5, storage: $0), segments: segments)
            return dot(moved.storage, dy.storage)
        }
        #expect(relativeError(dx.storage, numeric) < gradientTolerance)
    }

    @Test func unitRows() {
        let x = Matrix<Double>.random(6, 7, seed: 3)
        var unit = Matrix<Double>(rows: 0, columns: 7)
        var norms: [Double] = []
        unitForward(&unit, norms: &norms, input: x)
        for row in 0..<6 {
            let length = x.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(norms[row] - length) < 1e-14)
            #expect(zip(unit.row(row), x.row(row)).allSatisfy { abs($0 - $1 / length) < 1e-14 })
        }
        let dy = Matrix<Double>.random(6, 7, seed: 4)
        var dx = Matrix<Double>(rows: 0, columns: 7)
        unitBackward(&dx, outputGradient: dy, output: unit, norms: norms)
        let numeric = centralDifferences(x.storage) {
            var moved = Matrix<Double>(rows: 0, columns: 7)
            var lengths: [Double] = []
            unitForward(&moved, norms: &lengths, input: Matrix(rows: 6, columns: 7, storage: $0))
            return dot(moved.storage, dy.storage)
        }
        #expect(relativeError(dx.storage, numeric) < gradientTolerance)
    }

    @Test func zeroAndNotANumber() {
        var unit = Matrix<Float>(rows: 0, columns: 3)
        var norms: [Float] = []
        unitForward(&unit, norms: &norms, input: Matrix(rows: 2, columns: 3, storage: [0, 0, 0, 1, .nan, 2]))
        #expect(unit.row(0).allSatisfy { $0 == 0 })
        #expect(unit.row(1).allSatisfy { $0.isNaN })
    }
}

@Suite struct EmbeddingTests {
    @Test func looksUpAndAddsBack() {
        var layout = ParameterLayout()
        _ = layout.add("before", columns: 3, .zeros)
        let table = layout.add("table", rows: 5, columns: 4, .zeros)
        let store = ParameterStore<Double>(drawing: layout, seed: 1)
        let indices = [4, 0, 4, 2]
        var y = Matrix<Double>(rows: 0, columns: 4)
        embeddingForward(&y, store: store, table: table, indices: indices)
        for (row, index) in indices.enumerated() {
            #expect(Array(y.row(row)) == (0..<4).map { store.values[3 + index * 4 + $0] })
        }
        embeddingForward(&y, store: store, table: table, indices: [1, 1, 1, 1], accumulate: true)
        #expect(y[0, 2] == store.values[3 + 4 * 4 + 2] + store.values[3 + 4 + 2])
        let dy = Matrix<Double>.random(4, 4, seed: 2)
        var gradients = ParameterStore<Double>(zerosFor: layout)
        embeddingBackward(gradients: &gradients, table: table, outputGradient: dy, indices: indices)
        let numeric = centralDifferences(store.values) {
            var moved = store
            moved.values = $0
            var output = Matrix<Double>(rows: 0, columns: 4)
            embeddingForward(&output, store: moved, table: table, indices: indices)
            return dot(output.storage, dy.storage)
        }
        #expect(relativeError(gradients.values, numeric) < gradientTolerance)
    }
}
