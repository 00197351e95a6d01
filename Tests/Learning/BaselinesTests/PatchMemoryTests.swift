import Calibration
import Foundation
import Handover
import Imaging
import Numerics
import Pipeline
import Score
import Testing

@testable import Baselines

/// Made-up predictions of a 5 × 5 grid.
private struct PredictionMaker {
    static let side = 5
    static let width = 8
    var random: RandomSource

    mutating func normals(_ rows: Int, _ columns: Int) -> Matrix<Float> {
        Matrix(
            rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(random.normal()) })
    }

    /// A good part; `odd`: a patch whose token is moved by ten deviations, unseen by the predictor.
    mutating func prediction(odd: Int? = nil, arms: [String] = ["masked.2", "repair"]) -> PatchPrediction {
        let patches = Self.side * Self.side
        var target = normals(patches, Self.width)
        let predicted = target
        var noise = normals(patches, Self.width)
        for index in noise.storage.indices { noise.storage[index] *= 0.3 }
        var answer = predicted
        addScaled(&answer, 1, noise)
        if let odd { for column in 0..<Self.width { target[odd, column] += 10 } }
        let geometry = Geometry(
            originalWidth: 80, originalHeight: 80, inputWidth: 80, inputHeight: 80, patchSize: 16)
        let intake = Intake(file: "part.png", bytes: Data())
        let image = DecodedImage(
            intake: intake, picture: Image(width: 1, height: 1, colour: [0]), pixels: [], geometry: geometry)
        return PatchPrediction(
            image: image, target: target,
            arms: arms.map { .init(name: $0, predicted: answer, hidden: normals(patches, 6)) }, damage: nil)
    }
}

@Suite("Patch memory")
struct PatchMemoryTests {
    @Test("An odd patch scores above every good part, and its place is the map's peak, with each baseline")
    func oddPatch() throws {
        var maker = PredictionMaker(random: RandomSource(seed: 5))
        let good = (0..<60).map { _ in maker.prediction() }
        let side = PredictionMaker.side
        var pool = PatchPool(pictures: good.count, width: PredictionMaker.width, seed: 1)
        var moments = PositionMoments(width: PredictionMaker.width, places: side * side, seed: 1)
        for part in good {
            pool.add(neighbourhoodMeans(part.target, rows: side, columns: side))
            moments.add(part.target)
        }
        let memory = PatchMemory(pool, gridRows: side, gridColumns: side, seed: 1, workers: 2)
        #expect(memory.count == 150 && memory.bytes == 150 * 8 * 4 && memory.fitSeconds > 0)
        let gaussians = try #require(PositionGaussians(moments, gridRows: side, gridColumns: side, workers: 2))
        for method in [memory, gaussians] as [any ComparedMethod] {
            let worstGood = try (0..<20).map { _ in try method.judge(maker.prediction()).score }.max() ?? 0
            for odd in [0, 12, 24] {
                let judgement = try method.judge(maker.prediction(odd: odd))
                #expect(judgement.score > 1.5 * worstGood, "\(method.name): \(judgement.score) against \(worstGood)")
                let peak = judgement.map.indices.max { judgement.map[$0] < judgement.map[$1] } ?? -1
                // The 3 × 3 means of the memory may move the peak to a neighbour.
                #expect(abs(peak / side - odd / side) <= 1 && abs(peak % side - odd % side) <= 1)
            }
        }
    }

    @Test("A pool that is too large keeps an even, repeatable share of every picture")
    func pool() {
        var maker = PredictionMaker(random: RandomSource(seed: 6))
        let parts = (0..<10).map { number -> Matrix<Float> in
            var tokens = maker.normals(25, 3)
            for row in 0..<25 { tokens[row, 0] = Float(number) }
            return tokens
        }
        func made(_ seed: UInt64) -> PatchPool {
            var pool = PatchPool(pictures: 10, width: 3, limit: 73, seed: seed)
            for part in parts { pool.add(part) }
            return pool
        }
        let pool = made(1)
        #expect(pool.patches.rows == 70)
        for number in 0..<10 {
            #expect((0..<70).count { pool.patches[$0, 0] == Float(number) } == 7)
        }
        #expect(made(1).patches == pool.patches && made(2).patches != pool.patches)
    }

    @Test("A token that is no number is a rejection, never a pass")
    func notFinite() throws {
        var maker = PredictionMaker(random: RandomSource(seed: 7))
        let side = PredictionMaker.side
        var moments = PositionMoments(width: PredictionMaker.width, places: side * side, seed: 1)
        for _ in 0..<20 { moments.add(maker.prediction().target) }
        let gaussians = try #require(PositionGaussians(moments, gridRows: side, gridColumns: side, workers: 1))
        let memory = PatchMemory(
            bank: maker.normals(40, PredictionMaker.width), gridRows: side, gridColumns: side)
        let whole = maker.prediction()
        var target = whole.target
        target[7, 2] = .nan
        let broken = PatchPrediction(image: whole.image, target: target, arms: whole.arms, damage: nil)
        #expect(throws: Rejection.self) { try gaussians.judge(broken) }
        #expect(throws: Rejection.self) { try memory.judge(broken) }
        var one = PositionMoments(width: PredictionMaker.width, places: side * side, seed: 1)
        one.add(whole.target)
        #expect(PositionGaussians(one, gridRows: side, gridColumns: side, workers: 1) == nil)
    }
}

@Suite("Methods that come with a model")
struct OwnMethodsTests {
    /// Calibrated on made-up parts.
    private func statistics(_ parts: [HeldOutPart]) throws -> ScoreStatistics {
        try Calibrator(
            options: CalibrationOptions(overkillRate: 0.1, reviewRate: 0.2),
            armNames: parts[0].prediction.arms.map(\.name),
            gridRows: PredictionMaker.side, gridColumns: PredictionMaker.side
        ).fit(parts)
    }

    @Test("Names: the product first, then what learns, readings and arms; the only masked arm is not listed twice")
    func names() throws {
        var maker = PredictionMaker(random: RandomSource(seed: 8))
        let statistics = try statistics((0..<40).map { _ in HeldOutPart(maker.prediction()) })
        let names = MethodCatalogue.names(statistics)
        #expect(
            names == ["vl-jepa", "knn", "padim", "jepa-raw", "jepa-whitened", "jepa-calibrated", "arm:repair"])
        let own = MethodCatalogue.own(statistics, names: names)
        #expect(own.map(\.name) == names.filter { !MethodCatalogue.fitted.contains($0) })
        #expect(MethodCatalogue.own(statistics, names: ["jepa-raw"]).map(\.name) == ["jepa-raw"])
        // Every reading sees the odd patch; the raw one keeps nothing, the others their whitening.
        let good = maker.prediction()
        let bad = maker.prediction(odd: 12)
        for method in own {
            #expect(try method.judge(bad).score > method.judge(good).score, "\(method.name)")
            #expect((method.bytes > 0) == (method.name != "jepa-raw"))
        }
    }

    @Test("The second pass is listed as an arm, judges alone, and is no part of the masked readings")
    func secondPass() throws {
        var maker = PredictionMaker(random: RandomSource(seed: 11))
        let arms = ["masked.2", "repair", "second"]
        let parts = (0..<40).map { _ in HeldOutPart(maker.prediction(arms: arms)) }
        let statistics = try statistics(parts)
        #expect(MethodCatalogue.names(statistics).suffix(3) == ["jepa-calibrated", "arm:repair", "arm:second"])
        let own = MethodCatalogue.own(statistics, names: ["arm:second", "jepa-raw", "jepa-whitened"])
        #expect(own.map(\.name) == ["jepa-raw", "jepa-whitened", "arm:second"])
        let good = maker.prediction(arms: arms)
        let bad = maker.prediction(odd: 12, arms: arms)
        #expect(try own[2].judge(bad).score > own[2].judge(good).score)
        // The readings keep the masked arm's numbers alone.
        #expect(own[1].bytes == own[2].bytes)
        let fitted = try #require(CrossFit.scores(parts, statistics: statistics, names: ["arm:second"], workers: 2))
        #expect(fitted["arm:second"]?.count == 40)
    }

    @Test("The raw error is the root mean square of the residual, averaged over the top share")
    func raw() throws {
        var maker = PredictionMaker(random: RandomSource(seed: 9))
        let statistics = try statistics((0..<40).map { _ in HeldOutPart(maker.prediction()) })
        let method = try #require(PredictionError(.raw, statistics: statistics))
        let part = maker.prediction(odd: 3)
        var expected = 0.0
        for column in 0..<PredictionMaker.width {
            let residual = Double(part.arms[0].predicted[3, column] - part.target[3, column])
            expected += residual * residual / Double(PredictionMaker.width)
        }
        #expect(abs(try method.judge(part).score - expected.squareRoot()) < 1e-5)
    }

    @Test("Cross-fitted scores know the disturbances that the model knows")
    func crossFitDisturbed() throws {
        var maker = PredictionMaker(random: RandomSource(seed: 12))
        let parts = (0..<24).map { _ in HeldOutPart(maker.prediction()) }
        // Other light moves all residuals by several times what good parts differ by.
        let disturbed = parts.map { part in
            var moved = part.prediction.target
            for index in moved.storage.indices { moved.storage[index] += Float(8 * maker.random.normal()) }
            return DisturbedPart(
                kind: 0, clean: part.prediction,
                disturbed: PatchPrediction(
                    image: part.prediction.image, target: moved, arms: part.prediction.arms, damage: nil))
        }
        let calibrator = Calibrator(
            options: CalibrationOptions(overkillRate: 0.1, reviewRate: 0.2),
            armNames: parts[0].prediction.arms.map(\.name), gridRows: PredictionMaker.side,
            gridColumns: PredictionMaker.side)
        let knowing = try calibrator.fit(parts, disturbances: Disturbances(disturbed))
        func mean(_ statistics: ScoreStatistics) throws -> (honest: Double, own: Double) {
            let scores = try #require(
                CrossFit.scores(parts, statistics: statistics, names: ["jepa-whitened"], workers: 2)?["jepa-whitened"])
            let method = try #require(PredictionError(.whitened, statistics: statistics))
            let own = try parts.map { try method.judge($0.prediction).score }
            return (scores.reduce(0, +) / 24, own.reduce(0, +) / 24)
        }
        let (blind, told) = (try mean(statistics(parts)), try mean(knowing))
        #expect(told.honest < 1.3 * told.own && told.honest < 0.7 * blind.honest, "\(told), \(blind)")
    }

    @Test("Cross-fitted scores of held-out parts are higher than the scores that the parts' own statistics give them")
    func crossFit() throws {
        var maker = PredictionMaker(random: RandomSource(seed: 10))
        let parts = (0..<24).map { _ in HeldOutPart(maker.prediction()) }
        let statistics = try statistics(parts)
        let scores = try #require(
            CrossFit.scores(parts, statistics: statistics, names: ["jepa-whitened", "arm:repair"], workers: 2))
        #expect(Set(scores.keys) == ["jepa-whitened", "arm:repair"])
        let honest = try #require(scores["jepa-whitened"])
        let method = try #require(PredictionError(.whitened, statistics: statistics))
        let flattered = try parts.map { try method.judge($0.prediction).score }
        #expect(honest.count == 24)
        #expect(honest.reduce(0, +) > flattered.reduce(0, +))
        #expect(CrossFit.scores(Array(parts.prefix(7)), statistics: statistics, names: [], workers: 1) == nil)
    }
}
