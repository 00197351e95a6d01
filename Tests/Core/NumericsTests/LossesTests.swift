import Foundation
import Numerics
import Testing

@Suite struct LossesTests {
    static func smooth<Scalar: KernelScalar>(
        _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, weights: [Scalar], beta: Scalar, weight: Scalar = 1
    ) -> (loss: Scalar, gradient: Matrix<Scalar>) {
        var gradient = Matrix<Scalar>(rows: 0, columns: a.columns)
        let loss = smoothL1(
            predicted: a, target: b, rowWeights: weights, beta: beta, weight: weight, gradient: &gradient)
        return (loss, gradient)
    }

    @Test(arguments: [0.1, 1, 5])
    func smoothL1AgreesWithNaive(beta: Double) {
        let a = Matrix<Float>.random(6, 37, seed: 1)
        let b = Matrix<Float>.random(6, 37, seed: 2)
        let weights: [Float] = [1, 0, 0.5, 2, 0, 1]
        let expected = Naive.smoothL1(a.wide, b.wide, weights: weights.map(Double.init), beta: beta)
        let (loss, gradient) = Self.smooth(a, b, weights: weights, beta: Float(beta))
        #expect(abs(Double(loss) / expected - 1) < 1e-5)
        #expect(gradient.row(1).allSatisfy { $0 == 0 } && gradient.row(4).allSatisfy { $0 == 0 })
    }

    @Test func smoothL1Gradient() {
        let a = Matrix<Double>.random(5, 19, seed: 3)
        let b = Matrix<Double>.random(5, 19, seed: 4)
        let weights = [1, 0, 0.25, 3, 1.0]
        let (_, gradient) = Self.smooth(a, b, weights: weights, beta: 0.7, weight: 2.5)
        let numeric = centralDifferences(a.storage) { values in
            2.5 * Self.smooth(Matrix(rows: 5, columns: 19, storage: values), b, weights: weights, beta: 0.7).loss
        }
        #expect(relativeError(gradient.storage, numeric) < gradientTolerance)
    }

    @Test func smoothL1WithoutWeightIsZero() {
        let a = Matrix<Float>.random(2, 3, seed: 5)
        let (loss, gradient) = Self.smooth(a, a, weights: [0, 0], beta: 1)
        #expect(loss == 0 && gradient.storage == [Float](repeating: 0, count: 6))
    }

    @Test func smoothL1ShowsNotANumber() {
        let a = Matrix<Float>(rows: 1, columns: 3, storage: [1, .nan, 2])
        let b = Matrix<Float>(rows: 1, columns: 3)
        let (loss, gradient) = Self.smooth(a, b, weights: [1], beta: 1)
        #expect(loss.isNaN && gradient.storage[1].isNaN && gradient.storage[0].isFinite)
    }

    static func entropy<Scalar: KernelScalar>(
        _ logits: [Scalar], _ targets: [Scalar], _ weights: [Scalar], weight: Scalar = 1
    ) -> (loss: Scalar, gradient: [Scalar]) {
        var gradient: [Scalar] = []
        let loss = binaryCrossEntropy(
            logits: logits, targets: targets, rowWeights: weights, positiveWeight: 3, weight: weight,
            gradient: &gradient)
        return (loss, gradient)
    }

    @Test func crossEntropyAgreesWithItsFormula() {
        let logits: [Float] = [-3, -0.5, 0, 0.5, 3, 8]
        let targets: [Float] = [0, 1, 0.25, 0, 1, 0]
        let weights: [Float] = [1, 2, 0, 1, 0.5, 1]
        var expected = 0.0
        for index in 0..<6 {
            let p = 1 / (1 + exp(-Double(logits[index])))
            let t = Double(targets[index])
            expected -= Double(weights[index]) / 5.5 * (3 * t * log(p) + (1 - t) * log(1 - p))
        }
        #expect(abs(Double(Self.entropy(logits, targets, weights).loss) / expected - 1) < 1e-6)
    }

    @Test func crossEntropyGradient() {
        let logits = [-2, -0.1, 0.3, 4, -6.0]
        let targets = [0, 1, 0.5, 1, 0.0]
        let weights = [1, 0.5, 2, 1, 0.0]
        let (_, gradient) = Self.entropy(logits, targets, weights, weight: 1.5)
        let numeric = centralDifferences(logits) { 1.5 * Self.entropy($0, targets, weights).loss }
        #expect(relativeError(gradient, numeric) < gradientTolerance && gradient[4] == 0)
    }

    @Test func crossEntropyOfHugeLogits() {
        let (loss, gradient) = Self.entropy([1e4, -1e4, 1e4, -1e4] as [Float], [1, 0, 0, 1], [1, 1, 1, 1])
        #expect(abs(loss - 1e4) < 1)  // two right at no cost, two wrong: (1e4 + 3 · 1e4) / 4
        #expect(gradient == [0, 0, 0.25, -0.75])
        let (bad, badGradient) = Self.entropy([.nan, 0] as [Float], [1, 0], [1, 1])
        #expect(bad.isNaN && badGradient[0].isNaN && badGradient[1].isFinite)
        #expect(Self.entropy([1, 2] as [Float], [1, 1], [0, 0]).loss == 0)
    }
}
