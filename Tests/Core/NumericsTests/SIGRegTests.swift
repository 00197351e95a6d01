import Foundation
import Numerics
import Testing

@Suite struct SIGRegTests {
    /// The kernel steps cosines from knot to knot by rotation; 16 rotations lose at most 16 roundings.
    static let doubleTolerance = 1e-12

    static func value<Scalar: KernelScalar>(_ x: Matrix<Scalar>, _ directions: Matrix<Scalar>, weight: Scalar = 1)
        -> (loss: Scalar, gradient: Matrix<Scalar>)
    {
        var gradient = Matrix<Scalar>(rows: 0, columns: x.columns)
        let loss = SIGReg.loss(embeddings: x, directions: directions, weight: weight, gradient: &gradient)
        return (loss, gradient)
    }

    @Test(arguments: [(1, 1), (9, 5), (64, 33), (300, 16)])
    func agreesWithNaive(rows: Int, count: Int) {
        var source = RandomSource(seed: 1)
        let directions: Matrix<Double> = SIGReg.directions(width: 6, count: count, using: &source)
        let x = Matrix<Double>.random(rows, 6, seed: 2, scale: 1.7)
        let expected = Naive.sigreg(x, directions: directions)
        #expect(abs(Self.value(x, directions).loss / expected - 1) < Self.doubleTolerance)
    }

    @Test func floatAgreesWithDouble() {
        var source = RandomSource(seed: 3)
        let directions: Matrix<Float> = SIGReg.directions(width: 24, count: 50, using: &source)
        let x = Matrix<Float>.random(100, 24, seed: 4, scale: 4)
        let fast = Self.value(x, directions)
        let exact = Self.value(x.wide, directions.wide)
        #expect(abs(Double(fast.loss) / exact.loss - 1) < 1e-4)
        #expect(relativeError(fast.gradient.wide.storage, exact.gradient.storage) < 1e-4)
    }

    @Test(arguments: [3, 16, 21])
    func gradient(count: Int) {
        var source = RandomSource(seed: 5)
        let directions: Matrix<Double> = SIGReg.directions(width: 4, count: count, using: &source)
        let x = Matrix<Double>.random(7, 4, seed: 6, scale: 1.5)
        let (_, gradient) = Self.value(x, directions, weight: 0.3)
        let numeric = centralDifferences(x.storage) {
            0.3 * Self.value(Matrix(rows: 7, columns: 4, storage: $0), directions).loss
        }
        #expect(relativeError(gradient.storage, numeric) < gradientTolerance)
    }

    /// Every quarter turn, its borders, and angles far out.
    @Test func cosinesAndSinesAreTheLibrarys() {
        var wrong: [Double] = []
        var angles: [Double] = [1e5, -1e5]
        for step in -40_000...40_000 { angles.append(Double(step) * 1e-3) }
        for eighth in -9...9 { angles.append(Double(eighth) * Double.pi / 4) }
        for start in stride(from: 0, to: angles.count, by: 8) {
            var x = SIMD8<Double>(repeating: 0)
            for lane in 0..<min(8, angles.count - start) { x[lane] = angles[start + lane] }
            let (cosines, sines) = SIGReg.cosinesAndSines(of: x)
            for lane in 0..<8 {
                let isRight = abs(cosines[lane] - cos(x[lane])) < 3e-16 && abs(sines[lane] - sin(x[lane])) < 3e-16
                if !isRight { wrong.append(x[lane]) }
            }
        }
        #expect(wrong.isEmpty)
        let (cosine, sine) = SIGReg.cosinesAndSines(of: SIMD8(.nan, .infinity, 0, 0, 0, 0, 0, 0))
        for lane in 0..<2 { #expect(cosine[lane].isNaN && sine[lane].isNaN) }
        #expect(cosine[2] == 1 && sine[2] == 0)
    }

    @Test func directionsAreUnitAndDiffer() {
        var source = RandomSource(seed: 7)
        let directions: Matrix<Double> = SIGReg.directions(width: 12, count: 20, using: &source)
        for column in 0..<20 {
            let square = (0..<12).reduce(0.0) { $0 + directions[$1, column] * directions[$1, column] }
            #expect(abs(square - 1) < 1e-12)
        }
        #expect(directions[0, 0] != directions[0, 1])
    }

    /// What the loss is for: a collapse is far from N(0, 1), a normal sample is near.
    @Test func collapseCostsMore() {
        var source = RandomSource(seed: 8)
        let directions: Matrix<Double> = SIGReg.directions(width: 8, count: 32, using: &source)
        let normal = Matrix<Double>.random(256, 8, seed: 9)
        let point = Matrix<Double>(rows: 256, columns: 8)
        var line = normal
        for row in 0..<256 { for column in 1..<8 { line[row, column] = 0 } }
        let good = Self.value(normal, directions).loss
        #expect(Self.value(line, directions).loss > 10 * good)
        #expect(Self.value(point, directions).loss > 50 * good)
    }

    @Test func notANumberIsShown() {
        var source = RandomSource(seed: 10)
        let directions: Matrix<Float> = SIGReg.directions(width: 3, count: 20, using: &source)
        for bad in [Float.nan, .infinity] {
            var x = Matrix<Float>.random(20, 3, seed: 11)
            x[4, 1] = bad
            #expect(Self.value(x, directions).loss.isNaN)
        }
    }
}
