import Handover
import Numerics
import Score
import Testing

@testable import Calibration

@Suite("Calibration on two grids")
struct InterleavedFitTests {
    /// Good parts whose error on the interleaved grid is `scale` times that on their own.
    private static func parts(_ count: Int, scale: Double, maker: inout HeldOutMaker) -> [HeldOutPart] {
        (0..<count).map { _ in
            func arm(_ target: Matrix<Float>, _ scale: Double) -> PatchPrediction.Arm {
                var predicted = target
                addScaled(&predicted, 1, maker.normals(maker.places, maker.width, scale: scale))
                return PatchPrediction.Arm(
                    name: "repair", predicted: predicted, hidden: maker.normals(maker.places, maker.states))
            }
            let target = maker.normals(maker.places, maker.width)
            let moved = maker.normals(maker.places, maker.width)
            return HeldOutPart(
                PatchPrediction(
                    image: HeldOutMaker.image(rows: maker.rows, columns: maker.columns), target: target,
                    arms: [arm(target, 1)], damage: maker.normals(1, maker.places).storage,
                    interleaved: .init(
                        target: moved, repair: arm(moved, scale), damage: maker.normals(1, maker.places).storage)))
        }
    }

    @Test("Each grid gets statistics of its own, fitted on its own errors")
    func ownStatistics() throws {
        var maker = HeldOutMaker(seed: 31)
        let parts = Self.parts(60, scale: 3, maker: &maker)
        let calibrator = Calibrator(
            options: CalibrationOptions(overkillRate: 0.02, reviewRate: 0.05), armNames: ["repair"],
            gridRows: maker.rows, gridColumns: maker.columns)
        let statistics = try calibrator.fit(parts)
        #expect(statistics.arms.map(\.name) == ["repair", "damage", "repair.interleaved", "damage.interleaved"])
        // Whitened by its own covariance, a good part's error is about 1 on either grid, though one is three times as large.
        for arm in statistics.arms where arm.family == "repair" {
            let magnitudes = parts.flatMap { arm.magnitudes($0.prediction).plain }
            let mean = magnitudes.reduce(0, +) / Float(magnitudes.count)
            #expect(mean > 0.85 && mean < 1.1, "\(arm.name): \(mean)")
        }
        let again = try calibrator.fit(parts)
        #expect(again == statistics)
    }

    @Test("A defect that only the interleaved grid sees raises the score")
    func seenByTheOtherGrid() throws {
        var maker = HeldOutMaker(seed: 32)
        let statistics = try Calibrator(
            options: CalibrationOptions(overkillRate: 0.02, reviewRate: 0.05), armNames: ["repair"],
            gridRows: maker.rows, gridColumns: maker.columns
        ).fit(Self.parts(60, scale: 1, maker: &maker))
        let scorer = Scorer(statistics: statistics)
        let whole = Self.parts(1, scale: 1, maker: &maker)[0].prediction
        let view = try #require(whole.interleaved)
        var predicted = view.repair.predicted
        for column in 0..<maker.width { predicted[7, column] += 12 }
        let hurt = PatchPrediction(
            image: whole.image, target: whole.target, arms: whole.arms, damage: whole.damage,
            interleaved: .init(
                target: view.target,
                repair: .init(name: "repair", predicted: predicted, hidden: view.repair.hidden), damage: view.damage))
        let before = try scorer.score(whole)
        let after = try scorer.score(hurt)
        #expect(after.score > before.score + 0.5)
        let columns = 2 * maker.columns
        let peak = try #require(after.anomalyMap.indices.max { after.anomalyMap[$0] < after.anomalyMap[$1] })
        // Interleaved patch (1, 2) covers cells 1…2 × 3…4.
        #expect((0...3).contains(peak / columns) && (2...5).contains(peak % columns))
    }
}
