import Numerics
import Score
import Testing

@testable import Calibration

@Suite("Gaussians at places")
struct PlaceFitTests {
    @Test("Components of good targets have unit variance and no mean")
    func components() {
        var maker = HeldOutMaker(seed: 1)
        let targets = (0..<40).map { _ -> Matrix<Float> in
            var t = maker.normals(20, 6)
            for n in 0..<20 {
                t[n, 0] = 5 * t[n, 0] + 2
                t[n, 3] = 0.5 * t[n, 3] + t[n, 0]
            }
            return t
        }
        var random = RandomSource(seed: 2)
        let (projection, offset) = PlaceFit.components(targets, count: 4, using: &random)
        #expect(projection.rows == 4 && offset.count == 4)
        var covariance = Matrix<Double>(rows: 4, columns: 4)
        var mean = [Double](repeating: 0, count: 4)
        for target in targets {
            let c = PatchGaussians.components(target, projection: projection, offset: offset)
            for n in 0..<20 {
                for i in 0..<4 {
                    mean[i] += Double(c[n, i]) / 800
                    for j in 0..<4 { covariance[i, j] += Double(c[n, i]) * Double(c[n, j]) / 800 }
                }
            }
        }
        for i in 0..<4 {
            #expect(abs(mean[i]) < 1e-3)
            for j in 0..<4 { #expect(abs(covariance[i, j] - (i == j ? 1 : 0)) < 1e-2) }
        }
    }

    @Test("Planted means and covariances come back")
    func recovers() throws {
        var maker = HeldOutMaker(seed: 3)
        let places = 12
        let means = maker.normals(places, 2, scale: 4)
        let identity = Matrix<Float>(rows: 2, columns: 2, storage: [1, 0, 0, 1])
        let parts = (0..<400).map { _ -> Matrix<Float> in
            var c = maker.normals(places, 2)
            for n in 0..<places {
                let scale: Float = n % 2 == 0 ? 2 : 0.5
                c[n, 1] = 0.8 * c[n, 0] + 0.6 * c[n, 1]
                c[n, 0] = means[n, 0] + scale * c[n, 0]
                c[n, 1] = means[n, 1] + scale * c[n, 1]
            }
            return c
        }
        let gaussian = try #require(PlaceFit.fit(parts, projection: identity, offset: [0, 0]))
        for n in 0..<places {
            let scale: Float = n % 2 == 0 ? 2 : 0.5
            for i in 0..<2 { #expect(abs(gaussian.mean[n, i] - means[n, i]) < 0.2 * scale + 0.05) }
            // F Σ Fᵀ = 1 for the planted Σ, up to sampling and the shrinkage.
            let f = Matrix<Double>(
                rows: 2, columns: 2, storage: (0..<4).map { Double(gaussian.factors.storage[n * 4 + $0]) })
            let s = Double(scale * scale)
            let planted = Matrix<Double>(rows: 2, columns: 2, storage: [s, 0.8 * s, 0.8 * s, s])
            let unit = product(product(f, planted), f, transposeB: true)
            for i in 0..<2 { for j in 0..<2 { #expect(abs(unit[i, j] - (i == j ? 1 : 0)) < 0.35) } }
        }
    }

    @Test("Loose parts end with one mean for all places")
    func loose() throws {
        var maker = HeldOutMaker(seed: 4)
        let identity = Matrix<Float>(rows: 2, columns: 2, storage: [1, 0, 0, 1])
        let parts = (0..<30).map { _ in maker.normals(200, 2) }
        let gaussian = try #require(PlaceFit.fit(parts, projection: identity, offset: [0, 0]))
        // A place's own mean has a deviation of 1 / √30 = 0.18.
        #expect(gaussian.mean.storage.allSatisfy { abs($0) < 0.3 })
        let square = gaussian.mean.storage.reduce(0) { $0 + $1 * $1 } / 400
        #expect(square.squareRoot() < 0.6 / Float(30).squareRoot())
    }

    @Test("Identical parts give finite Gaussians, a single part none")
    func degenerate() throws {
        let identity = Matrix<Float>(rows: 2, columns: 2, storage: [1, 0, 0, 1])
        let part = Matrix<Float>(rows: 3, columns: 2, storage: [1, 2, 3, 4, 5, 6])
        let gaussian = try #require(PlaceFit.fit([part, part, part], projection: identity, offset: [0, 0]))
        #expect(gaussian.mean == part && gaussian.magnitudes(atPlaces: part).allSatisfy { $0 == 0 })
        var moved = part
        moved[1, 1] += 1
        #expect(gaussian.magnitudes(atPlaces: moved)[1] > 5)
        #expect(PlaceFit.fit([part], projection: identity, offset: [0, 0]) == nil)
        // Components of targets that never vary, and of rank one.
        var random = RandomSource(seed: 5)
        for targets in [[part, part], [Matrix<Float>(rows: 3, columns: 2)]] {
            let (projection, offset) = PlaceFit.components(targets, count: 2, using: &random)
            #expect(projection.storage.allSatisfy { $0.isFinite } && offset.allSatisfy { $0.isFinite })
        }
    }
}
