import Foundation
import Handover
import Numerics
import Score
import Testing

@testable import Calibration

@Suite("Arm fits")
struct ArmFitTests {
    @Test("Ridge: the closed form on a design with a known solution")
    func ridge() throws {
        var maker = HeldOutMaker(seed: 1)
        // Without noise and with hardly any penalty the weights come back.
        let hidden = (0..<30).map { _ in maker.normals(20, 3) }
        let weights: [Float] = [0.5, -2, 1, 0.25]
        let values = hidden.map { affine($0, weights) }
        let found = try #require(ArmFit.ridge(hidden, values, penalty: 1e-9))
        for (a, b) in zip(found, weights) { #expect(abs(a - b) < 1e-3) }
        // One column without a mean: w = Σxy / (Σx² + λn), intercept Σy / (n + λn).
        let x: [Float] = [-2, -1, 1, 2]
        let y: [Float] = [-3, 0, 1, 4]
        let one = try #require(
            ArmFit.ridge([Matrix(rows: 4, columns: 1, storage: x)], [y], penalty: 0.5))
        #expect(abs(one[0] - 15.0 / (10 + 2)) < 1e-6)
        #expect(abs(one[1] - 2.0 / (4 + 2)) < 1e-6)
    }

    @Test("Loose parts get one mean for all places, fixtured ones keep theirs")
    func shrinkage() {
        var maker = HeldOutMaker(seed: 2)
        let parts = 40
        let loose = (0..<parts).map { _ in maker.normals(1, 30).storage }
        let noise = ArmFit.shrunkPlaceMeans(loose, places: 30)
        let raw = (0..<30).map { n in loose.reduce(Float(0)) { $0 + $1[n] } / Float(parts) }
        func deviation(_ values: [Float]) -> Float {
            let mean = values.reduce(0, +) / Float(values.count)
            return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)).squareRoot()
        }
        #expect(deviation(noise) < 0.6 * deviation(raw))
        let wanted = (0..<30).map { Float($0 % 5) }
        let fixtured = loose.map { part in part.indices.map { part[$0] + wanted[$0] } }
        let kept = ArmFit.shrunkPlaceMeans(fixtured, places: 30)
        for n in 0..<30 { #expect(abs(kept[n] - wanted[n]) < 0.7) }
        #expect(deviation(kept) > 1.2)
        // Without any noise they are kept as they are, and without any difference they are that value.
        #expect(ArmFit.shrunkPlaceMeans([[1, 5], [1, 5]], places: 2) == [1, 5])
        #expect(ArmFit.shrunkPlaceMeans([[2, 2], [2, 2]], places: 2) == [2, 2])
    }

    @Test("Whitened residuals of good parts have unit size along every direction")
    func whitening() throws {
        var maker = HeldOutMaker(seed: 3)
        maker.rows = 6
        maker.columns = 6
        // Dimension 0 varies a hundred times more than dimension 5, and 1 follows 0.
        let residuals = (0..<60).map { _ -> Matrix<Float> in
            var r = maker.normals(36, 6)
            for n in 0..<36 {
                r[n, 0] *= 10
                r[n, 1] = 0.5 * r[n, 0] + r[n, 1]
                r[n, 5] *= 0.1
                r[n, 2] += 3
            }
            return r
        }
        let whitening = try #require(ArmFit.whitening(residuals, shrinkage: 1e-4))
        for n in 0..<36 { #expect(abs(whitening.mean[n, 2] - 3) < 0.5) }
        let zero = Matrix<Float>(rows: 36, columns: 6)
        var square = 0.0
        for residual in residuals {
            for m in whitening.magnitudes(predicted: residual, target: zero) { square += Double(m * m) }
        }
        #expect(abs(square / (60 * 36) - 1) < 0.1)
        // Ten units along the loud dimension are one deviation, ten along the quiet one are a hundred.
        var loud = whitening.mean
        loud[0, 0] += 10
        loud[0, 1] += 5
        var quiet = whitening.mean
        quiet[0, 5] += 1
        let a = whitening.magnitudes(predicted: loud, target: zero)[0]
        let b = whitening.magnitudes(predicted: quiet, target: zero)[0]
        #expect(b > 3 * a)
    }
}
