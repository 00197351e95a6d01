import Numerics
import Testing

@Suite struct RowsTests {
    @Test func gatherTakesRowsInOrder() {
        let x = Matrix<Float>.random(6, 5, seed: 1)
        var y = Matrix<Float>(rows: 1, columns: 5)
        let indices = [5, 0, 0, 3]
        gatherRows(&y, from: x, indices: indices)
        #expect(y.rows == 4)
        for (row, index) in indices.enumerated() { #expect(y.row(row).elementsEqual(x.row(index))) }
        gatherRows(&y, from: x, indices: [])
        #expect(y.rows == 0 && y.storage.isEmpty)
    }

    @Test func rowsAreTakenOutAndPutBelow() {
        let x = Matrix<Float>.random(6, 5, seed: 6)
        var y = x.rows(1..<3)
        #expect(y.rows == 2 && y.row(0).elementsEqual(x.row(1)) && y.row(1).elementsEqual(x.row(2)))
        y.append(x.rows(0..<1))
        #expect(y.rows == 3 && y.row(2).elementsEqual(x.row(0)))
        #expect(x.rows(6..<6) == Matrix(rows: 0, columns: 5))
    }

    @Test func scatterIsTheBackwardOfGather() {
        let x = Matrix<Double>.random(5, 3, seed: 2)
        let indices = [4, 1, 1, 1, 0, 4]
        let dy = Matrix<Double>.random(6, 3, seed: 3)
        let before = Matrix<Double>.random(5, 3, seed: 4)
        var dx = before
        scatterAddRows(&dx, adding: dy, indices: indices)
        let numeric = centralDifferences(x.storage) { values in
            var y = Matrix<Double>(rows: 0, columns: 3)
            gatherRows(&y, from: Matrix(rows: 5, columns: 3, storage: values), indices: indices)
            return dot(y.storage, dy.storage)
        }
        #expect(relativeError(zip(dx.storage, before.storage).map { $0 - $1 }, numeric) < gradientTolerance)
    }

    @Test func gatherIsTheBackwardOfScatter() {
        let indices = [2, 0, 2]
        let x = Matrix<Double>.random(3, 4, seed: 5)
        let dy = Matrix<Double>.random(3, 4, seed: 6)
        var dx = Matrix<Double>(rows: 0, columns: 4)
        gatherRows(&dx, from: dy, indices: indices)
        let numeric = centralDifferences(x.storage) { values in
            var y = Matrix<Double>(rows: 3, columns: 4)
            scatterAddRows(&y, adding: Matrix(rows: 3, columns: 4, storage: values), indices: indices)
            return dot(y.storage, dy.storage)
        }
        #expect(relativeError(dx.storage, numeric) < gradientTolerance)
    }

    @Test func rowsAreSetAndAddedTo() {
        var matrix = Matrix<Float>(rows: 3, columns: 2)
        let source = Matrix<Float>(rows: 2, columns: 2, storage: [1, 2, 3, 4])
        matrix.setRow(1, source.row(1))
        matrix.addRow(1, source.row(0))
        #expect(matrix.storage == [0, 0, 4, 6, 0, 0])
        addScaled(&matrix, -0.5, Matrix(rows: 3, columns: 2, storage: [2, 2, 2, 2, 2, 2]))
        #expect(matrix.storage == [-1, -1, 3, 5, -1, -1])
    }

    @Test func rowsAreGatheredBesideOthers() {
        let source = Matrix<Float>(rows: 3, columns: 2, storage: [1, 2, 3, 4, 5, 6])
        var target = Matrix<Float>(rows: 2, columns: 4, storage: [9, 9, 9, 9, 8, 8, 8, 8])
        gatherRows(&target, at: 1, from: source, indices: [2, 0])
        #expect(target.storage == [9, 5, 6, 9, 8, 1, 2, 8])
    }

    @Test func storesAddUp() {
        var layout = ParameterLayout()
        let a = layout.add("a", rows: 2, columns: 3, .normal(0.5))
        let b = layout.add("b", columns: 3, .ones)
        #expect(a.decays && !b.decays && layout.count == 9 && b.range == 6..<9)
        var source = RandomSource(seed: 1)
        var store = ParameterStore<Float>(initialising: layout, using: &source)
        #expect(store[a].allSatisfy { abs($0) <= 1 && $0 != 0 } && store[b] == [1, 1, 1])
        let copy = store
        let norm = store.add([copy], range: 0..<9, workers: 1)
        #expect(norm > 0)
        #expect(store.values == copy.values.map { 2 * $0 })
        store[b] = [1, 2, 3]
        #expect(store.values[6...] == [1, 2, 3])
        store.clear(6..<8)
        #expect(store.values[6...] == [0, 0, 3] && store.values[5] != 0)
        store.clear(0..<9)
        #expect(store.values == [Float](repeating: 0, count: 9))
    }

    @Test func initialisationIsCutAtTwoDeviations() {
        var layout = ParameterLayout()
        let a = layout.add("a", rows: 100, columns: 200, .normal(0.02))
        var source = RandomSource(seed: 3)
        let store = ParameterStore<Float>(initialising: layout, using: &source)
        let values = store[a].map(Double.init)
        let deviation = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
        #expect(values.allSatisfy { abs($0) <= 0.04 })
        #expect(abs(deviation / 0.02 - 0.8796) < 0.02)  // of a normal cut at two deviations
    }
}
