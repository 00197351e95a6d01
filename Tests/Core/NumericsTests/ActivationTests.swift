import Foundation
import Numerics
import Testing

@Suite struct ActivationTests {
    /// What the doc comments of `exponential` and `errorFunction` promise.
    static let exponentialTolerance = 2e-7
    static let errorFunctionTolerance = 4e-7

    static func each(_ values: [Float], _ kernel: (SIMD16<Float>) -> SIMD16<Float>) -> [Float] {
        var result: [Float] = []
        for start in stride(from: 0, to: values.count, by: 16) {
            var lanes = SIMD16<Float>(repeating: 0)
            for lane in 0..<min(16, values.count - start) { lanes[lane] = values[start + lane] }
            let output = kernel(lanes)
            for lane in 0..<min(16, values.count - start) { result.append(output[lane]) }
        }
        return result
    }

    @Test func exponentialOverItsWholeRange() {
        let values = (0...175_000).map { Float(-87 + Double($0) * 1e-3) } + [0, -0.0, 1e-30, -1e-8, 88]
        var worst = 0.0
        for (x, y) in zip(values, Self.each(values, Float.exponential)) {
            worst = max(worst, abs(Double(y) / exp(Double(x)) - 1))
        }
        #expect(worst < Self.exponentialTolerance)
        #expect(Self.each([0, -0.0], Float.exponential) == [1, 1])
    }

    @Test func exponentialOutside() {
        let results = Self.each([-87.5, -1000, -.infinity, 89, 1e30, .infinity, .nan, -.nan], Float.exponential)
        #expect(results[0...2] == [0, 0, 0])
        #expect(results[3] == results[4] && results[3].isFinite && results[3] > 1.6e38)
        #expect(results[5] == .infinity)
        #expect(results[6].isNaN && results[7].isNaN)
        let payload = Float(bitPattern: 0x7fff_ffff)
        #expect(Self.each([payload, Float(bitPattern: 0x7fc0_0001)], Float.exponential).allSatisfy { $0.isNaN })
    }

    @Test func errorFunctionOverItsWholeRange() {
        let values = (-60_000...60_000).map { Float(Double($0) * 1e-4) } + [1e-30, -1e-30, 100, -100, 1e38]
        let results = Self.each(values, Float.errorFunction)
        var worst = 0.0
        for (x, y) in zip(values, results) { worst = max(worst, abs(Double(y) - erf(Double(x)))) }
        #expect(worst < Self.errorFunctionTolerance)
        #expect(results.allSatisfy { abs($0) <= 1 })
        let special = Self.each([.infinity, -.infinity, .nan, 0], Float.errorFunction)
        #expect(special[0] == 1 && special[1] == -1 && special[2].isNaN && special[3] == 0)
    }

    @Test func doubleIsTheLibrarys() {
        let x = SIMD16<Double>(repeating: 0.3)
        #expect(Double.exponential(x)[15] == exp(0.3) && Double.errorFunction(x)[0] == erf(0.3))
        #expect(Double.exponential(SIMD16(repeating: .nan))[3].isNaN)
    }

    @Test(arguments: [1, 15, 16, 17, 192, 333])
    func geluAgreesWithNaive(width: Int) {
        let x = Matrix<Float>.random(3, width, seed: 1, scale: 3)
        var y = Matrix<Float>(rows: 0, columns: width)
        geluForward(&y, input: x)
        let expected = x.wide.storage.map(Naive.gelu)
        #expect(relativeError(y.wide.storage, expected) < 1e-6)
        var inPlace = x
        geluForward(inPlace: &inPlace)
        #expect(inPlace == y)
    }

    @Test func geluFarOut() {
        var x = Matrix<Float>(rows: 1, columns: 4, storage: [1e6, -1e6, 30, -30])
        var y = x
        geluForward(&y, input: x)
        #expect(y.storage.map(abs) == [1e6, 0, 30, 0])
        x.storage[2] = .nan
        geluForward(&y, input: x)
        #expect(y.storage[2].isNaN && y.storage[3] == 0)
        var gradient = Matrix<Float>(rows: 1, columns: 4, storage: [1, 1, 1, 1])
        geluBackward(&gradient, input: x)
        #expect(gradient.storage[0] == 1 && gradient.storage[1] == 0 && gradient.storage[2].isNaN)
    }

    @Test(arguments: [5, 16, 35])
    func geluGradient(width: Int) {
        let x = Matrix<Double>.random(2, width, seed: 2, scale: 2)
        let dy = Matrix<Double>.random(2, width, seed: 3)
        var gradient = dy
        geluBackward(&gradient, input: x)
        let numeric = centralDifferences(x.storage) { values in
            var y = Matrix<Double>(rows: 0, columns: width)
            geluForward(&y, input: Matrix(rows: 2, columns: width, storage: values))
            return dot(y.storage, dy.storage)
        }
        #expect(relativeError(gradient.storage, numeric) < gradientTolerance)
    }

    @Test func floatGradientAgreesWithDouble() {
        // 3,500 numbers: several stretches, and a rest that is no whole vector.
        let x = Matrix<Float>.random(5, 700, seed: 4, scale: 2)
        var fast = Matrix<Float>.random(5, 700, seed: 5)
        var wide = fast.wide
        geluBackward(&fast, input: x)
        geluBackward(&wide, input: x.wide)
        #expect(relativeError(fast.wide.storage, wide.storage) < 1e-6)
    }
}
