import Numerics
import Testing

@Suite struct LinearAlgebraTests {
    /// A·Aᵀ + I, symmetric positive definite.
    static func positive(_ n: Int, seed: UInt64) -> Matrix<Double> {
        let a = Matrix<Double>.random(n, n, seed: seed)
        var result = product(a, a, transposeB: true)
        for index in 0..<n { result[index, index] += 1 }
        return result
    }

    @Test(arguments: [0, 1, 2, 7, 40])
    func choleskyGivesBackItsMatrix(n: Int) throws {
        let a = Self.positive(n, seed: 1)
        let l = try #require(LinearAlgebra.cholesky(a))
        for i in 0..<n { for j in i + 1..<max(n, i + 1) { #expect(l[i, j] == 0) } }
        #expect(relativeError(product(l, l, transposeB: true).storage, a.storage) < 1e-13)
        let inverse = LinearAlgebra.inverseOfLower(l)
        var identity = Matrix<Double>(rows: n, columns: n)
        for index in 0..<n { identity[index, index] = 1 }
        #expect(relativeError(product(l, inverse).storage, identity.storage) < 1e-11)
    }

    @Test func choleskyRefusesWhatIsNotPositiveDefinite() {
        #expect(LinearAlgebra.cholesky(Matrix(rows: 2, columns: 2, storage: [1, 2, 2, 1])) == nil)
        #expect(LinearAlgebra.cholesky(Matrix(rows: 2, columns: 2, storage: [1, 1, 1, 1])) == nil)
        #expect(LinearAlgebra.cholesky(Matrix(rows: 1, columns: 1, storage: [-1])) == nil)
        #expect(LinearAlgebra.cholesky(Matrix(rows: 2, columns: 2, storage: [1, .nan, .nan, 1])) == nil)
        #expect(LinearAlgebra.cholesky(Matrix(rows: 1, columns: 1, storage: [.infinity])) == nil)
        #expect(LinearAlgebra.solve(Matrix(rows: 1, columns: 1, storage: [0]), Matrix(rows: 1, columns: 1)) == nil)
    }

    @Test(arguments: [1, 5, 30])
    func solveSolves(n: Int) throws {
        let a = Self.positive(n, seed: 2)
        let x = Matrix<Double>.random(n, 3, seed: 3)
        let solution = try #require(LinearAlgebra.solve(a, product(a, x)))
        #expect(relativeError(solution.storage, x.storage) < 1e-9)
    }

    @Test(arguments: [1, 2, 9, 64])
    func eigenGivesBackItsMatrix(n: Int) {
        let a = Self.positive(n, seed: 4)
        let (values, vectors) = LinearAlgebra.eigen(a)
        #expect(values == values.sorted(by: >))
        var scaled = vectors
        for row in 0..<n { for column in 0..<n { scaled[row, column] *= values[column] } }
        #expect(relativeError(product(scaled, vectors, transposeB: true).storage, a.storage) < 1e-9)
        let gram = product(vectors, transposeA: true, vectors)
        for i in 0..<n { for j in 0..<n { #expect(abs(gram[i, j] - (i == j ? 1 : 0)) < 1e-10) } }
    }

    @Test func eigenOfKnownMatrices() {
        let (values, _) = LinearAlgebra.eigen(Matrix(rows: 2, columns: 2, storage: [2, 1, 1, 2]))
        #expect(abs(values[0] - 3) < 1e-14 && abs(values[1] - 1) < 1e-14)
        let (zeros, _) = LinearAlgebra.eigen(Matrix(rows: 3, columns: 3))
        #expect(zeros == [0, 0, 0])
        // Rank one: the others are 0 up to rounding, and negative ones stay tiny.
        let v = Matrix<Double>.random(6, 1, seed: 5)
        let (one, _) = LinearAlgebra.eigen(product(v, v, transposeB: true))
        #expect(abs(one[0] / dot(v.storage, v.storage) - 1) < 1e-10 && one[1...].allSatisfy { abs($0) < 1e-9 })
    }
}
