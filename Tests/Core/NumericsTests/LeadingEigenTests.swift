import Numerics
import Testing

@Suite("Leading eigenvectors")
struct LeadingEigenTests {
    /// A·Aᵀ with A (n, rank).
    static func semidefinite(_ n: Int, rank: Int, seed: UInt64) -> Matrix<Double> {
        let a = Matrix<Double>.random(n, rank, seed: seed)
        return product(a, a, transposeB: true)
    }

    @Test(
        "They are those of the whole decomposition",
        arguments: [(1, 1, 1), (5, 5, 5), (30, 30, 4), (60, 60, 16), (60, 10, 10), (40, 3, 8), (90, 30, 12)])
    func agreesWithEigen(n: Int, rank: Int, count: Int) {
        let a = Self.semidefinite(n, rank: rank, seed: UInt64(n + rank))
        var random = RandomSource(seed: 1)
        let (values, vectors) = LinearAlgebra.leadingEigen(a, count: count, using: &random)
        let whole = LinearAlgebra.eigen(a)
        #expect(values.count == count && vectors.rows == n && vectors.columns == count)
        let greatest = whole.values[0]
        for component in 0..<count {
            #expect(abs(values[component] - max(0, whole.values[component])) < 1e-6 * greatest)
            guard component < rank else { continue }
            // A·v = λ·v, length 1, and at right angles to the others.
            var v = Matrix<Double>(rows: n, columns: 1)
            for row in 0..<n { v[row, 0] = vectors[row, component] }
            let image = product(a, v)
            let miss = (0..<n).reduce(0.0) { $0 + (image[$1, 0] - values[component] * v[$1, 0]).magnitude }
            #expect(miss / Double(n) < 1e-4 * greatest, "component \(component): \(miss)")
            for other in 0..<min(count, rank) {
                var dot = 0.0
                for row in 0..<n { dot += vectors[row, component] * vectors[row, other] }
                #expect(abs(dot - (other == component ? 1 : 0)) < 1e-8)
            }
        }
        #expect(values == values.sorted(by: >))
        #expect(vectors.storage.allSatisfy { $0.isFinite })
    }

    @Test("A matrix of zeros has zeros and nothing that is not finite")
    func zeros() {
        var random = RandomSource(seed: 2)
        let (values, vectors) = LinearAlgebra.leadingEigen(Matrix(rows: 20, columns: 20), count: 3, using: &random)
        #expect(values == [0, 0, 0] && vectors.storage.allSatisfy { $0.isFinite })
    }

    @Test("The same seed gives the same bits")
    func repeats() {
        let a = Self.semidefinite(25, rank: 25, seed: 3)
        func run() -> (values: [Double], vectors: Matrix<Double>) {
            var random = RandomSource(seed: 4)
            return LinearAlgebra.leadingEigen(a, count: 5, using: &random)
        }
        #expect(run().values == run().values && run().vectors == run().vectors)
    }
}
