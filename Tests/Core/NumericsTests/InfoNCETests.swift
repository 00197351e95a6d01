import Foundation
import Numerics
import Testing

@Suite struct InfoNCETests {
    struct Result<Scalar: KernelScalar> {
        var loss: Scalar
        var a: Matrix<Scalar>
        var b: Matrix<Scalar>
        var logScale: Scalar
    }

    static func value<Scalar: KernelScalar>(
        _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, logScale: Scalar, groups: [Int]? = nil, weight: Scalar = 1
    ) -> Result<Scalar> {
        var result = Result(
            loss: 0, a: Matrix<Scalar>(rows: 0, columns: a.columns), b: Matrix<Scalar>(rows: 0, columns: a.columns),
            logScale: 0)
        result.loss = InfoNCE.loss(
            a, b, logScale: logScale, groups: groups, weight: weight, gradientA: &result.a, gradientB: &result.b,
            logScaleGradient: &result.logScale)
        return result
    }

    /// As its definition says: two cross-entropies, pair by pair.
    static func naive(_ a: Matrix<Double>, _ b: Matrix<Double>, logScale: Double, groups: [Int]?) -> Double {
        let scale = min(exp(logScale), 100)
        func logit(_ i: Int, _ j: Int) -> Double { scale * zip(a.row(i), b.row(j)).reduce(0) { $0 + $1.0 * $1.1 } }
        func isPair(_ i: Int, _ j: Int) -> Bool { i == j || groups == nil || groups![i] != groups![j] }
        var total = 0.0
        for i in 0..<a.rows {
            let row = (0..<a.rows).filter { isPair(i, $0) }.map { exp(logit(i, $0)) }.reduce(0, +)
            let column = (0..<a.rows).filter { isPair($0, i) }.map { exp(logit($0, i)) }.reduce(0, +)
            total -= log(exp(logit(i, i)) / row) + log(exp(logit(i, i)) / column)
        }
        return total / Double(2 * a.rows)
    }

    @Test(arguments: [nil, [0, 1, 0, 2, 3, 2, 2]] as [[Int]?], [0.0, 2.659, 3.5])
    func valueAndGradients(groups: [Int]?, logScale: Double) {
        let a = Matrix<Double>.random(7, 5, seed: 1, scale: 0.4)
        let b = Matrix<Double>.random(7, 5, seed: 2, scale: 0.4)
        let found = Self.value(a, b, logScale: logScale, groups: groups, weight: 0.7)
        #expect(abs(found.loss / Self.naive(a, b, logScale: logScale, groups: groups) - 1) < 1e-12)
        func loss(_ a: Matrix<Double>, _ b: Matrix<Double>, _ t: Double) -> Double {
            0.7 * Self.value(a, b, logScale: t, groups: groups).loss
        }
        let byA = centralDifferences(a.storage) { loss(Matrix(rows: 7, columns: 5, storage: $0), b, logScale) }
        let byB = centralDifferences(b.storage) { loss(a, Matrix(rows: 7, columns: 5, storage: $0), logScale) }
        let byScale = centralDifferences([logScale]) { loss(a, b, $0[0]) }
        #expect(relativeError(found.a.storage, byA) < gradientTolerance)
        #expect(relativeError(found.b.storage, byB) < gradientTolerance)
        #expect(relativeError([found.logScale], byScale) < gradientTolerance)
    }

    @Test func floatFollowsDouble() {
        let a = Matrix<Float>.random(64, 32, seed: 3, scale: 0.17)
        let b = Matrix<Float>.random(64, 32, seed: 4, scale: 0.17)
        let fast = Self.value(a, b, logScale: Float(InfoNCE.firstLogScale))
        let exact = Self.value(a.wide, b.wide, logScale: InfoNCE.firstLogScale)
        #expect(abs(Double(fast.loss) / exact.loss - 1) < 1e-5)
        #expect(relativeError(fast.a.wide.storage, exact.a.storage) < 1e-5)
        #expect(relativeError(fast.b.wide.storage, exact.b.storage) < 1e-5)
    }

    /// Embeddings that know nothing cost log B; right ones almost nothing.
    @Test func ends() {
        let same = Matrix<Double>(rows: 8, columns: 4, storage: Array(repeating: 0.5, count: 32))
        #expect(abs(Self.value(same, same, logScale: 2).loss - log(8)) < 1e-12)
        var right = Matrix<Double>(rows: 8, columns: 8)
        for row in 0..<8 { right[row, row] = 1 }
        #expect(Self.value(right, right, logScale: InfoNCE.greatestLogScale).loss < 1e-30)
        #expect(Self.value(Matrix<Double>(rows: 0, columns: 4), Matrix(rows: 0, columns: 4), logScale: 1).loss == 0)
    }

    @Test func temperatureIsLimited() {
        #expect(abs(exp(InfoNCE.firstLogScale) - 1 / 0.07) < 1e-9 && abs(exp(InfoNCE.greatestLogScale) - 100) < 1e-9)
        let a = Matrix<Double>.random(5, 4, seed: 5)
        let b = Matrix<Double>.random(5, 4, seed: 6)
        let above = Self.value(a, b, logScale: 9)
        #expect(abs(above.loss - Self.value(a, b, logScale: InfoNCE.greatestLogScale).loss) < 1e-9)
        #expect(above.logScale == 0)
        var logScale = 9.0
        InfoNCE.clip(&logScale)
        #expect(logScale == InfoNCE.greatestLogScale)
        logScale = 1.5
        InfoNCE.clip(&logScale)
        #expect(logScale == 1.5)
    }

    @Test func notANumberIsShown() {
        var a = Matrix<Float>.random(4, 3, seed: 7)
        a[2, 1] = .nan
        #expect(Self.value(a, Matrix<Float>.random(4, 3, seed: 8), logScale: 1).loss.isNaN)
    }
}
