import Handover
import Numerics
import Testing

@testable import Score

@Suite("Scorer")
struct ScorerTests {
    @Test("Score, verdict, regions and map say one thing, for any map")
    func consistency() throws {
        var random = RandomSource(seed: 4)
        var seen: Set<Verdict> = []
        for round in 0..<2000 {
            let rows = 1 + random.integer(below: 6)
            let columns = 1 + random.integer(below: 6)
            let map = Made.normals(rows * columns, &random, scale: round % 2 == 0 ? 1.5 : 4)
            let share = [0.01, 0.1, 0.5][random.integer(below: 3)]
            let scorer = Scorer(statistics: Made.statistics(rows: rows, columns: columns, topShare: share))
            let part = try scorer.score(Made.prediction(map, rows: rows, columns: columns))
            seen.insert(part.verdict)
            #expect(part.anomalyMap.max().map { Double($0) } == part.score)
            #expect(part.thresholds.fail == 1 && part.thresholds.review == 0.5)
            switch part.verdict {
            case .pass: #expect(part.score < 0.5 && part.regions.isEmpty)
            case .review: #expect(part.score >= 0.5 && part.score < 1)
            case .fail: #expect(part.score >= 1)
            }
            if part.verdict != .pass {
                let level = part.verdict == .fail ? 1 : 0.5
                #expect(!part.regions.isEmpty && part.regions.allSatisfy { $0.peak >= level })
                #expect(part.regions.first?.peak == part.score)
            }
        }
        #expect(seen == Set(Verdict.allCases))
    }

    /// Scores next to a threshold, where a rounding of the map could disagree with the verdict.
    @Test("At a threshold verdict and map stay on the same side")
    func nextToTheThreshold() throws {
        var verdicts: Set<Verdict> = []
        for fail in [5.0, 5.000000001, 4.999999999, 7.3, 1.1] {
            for value in [Float(fail), Float(fail).nextUp, Float(fail).nextDown] {
                for other in stride(from: Float(0), to: value, by: value / 9) {
                    let scorer = Scorer(
                        statistics: Made.statistics(rows: 1, columns: 4, zero: 1, review: 1.05, fail: fail))
                    let part = try scorer.score(
                        Made.prediction([value, other, 0, 0], rows: 1, columns: 4))
                    verdicts.insert(part.verdict)
                    let peak = try #require(part.anomalyMap.max())
                    #expect((peak >= 1) == (part.verdict == .fail))
                    #expect((part.verdict == .fail) == part.regions.contains { $0.peak >= 1 })
                }
            }
        }
        #expect(verdicts.isSuperset(of: [.review, .fail]))
    }

    @Test("A number that is not finite is a rejection, wherever it stands", arguments: 0..<30)
    func notFinite(patch: Int) {
        var map = [Float](repeating: 0.5, count: 30)
        for bad in [Float.nan, .infinity] {
            map[patch] = bad
            let scorer = Scorer(statistics: Made.statistics(rows: 5, columns: 6))
            let error = #expect(throws: Rejection.self) {
                try scorer.score(Made.prediction(map, rows: 5, columns: 6))
            }
            #expect(error?.reason == .notFinite && error?.stage == .score)
        }
    }

    /// A NaN must not be lost on the way: max(NaN, 0) is 0.
    @Test("A NaN of an arm whose plain values make no heat stays one", arguments: [0, 17, 29])
    func notFiniteWithoutPlainHeat(patch: Int) {
        let unit = ArmScale(median: 0, percentile99: 1)
        let damage = ArmStatistics(source: .damage, expected: nil, scoreScale: unit, heatScale: unit)
        let silent = ArmStatistics(source: .damage, expected: nil, scoreScale: unit, heatScale: nil)
        var odd = [Float](repeating: 0.5, count: 30)
        odd[patch] = .nan
        let calm = [Float](repeating: 0.5, count: 30)
        let maps = FusedMaps([(damage, (calm, calm)), (silent, (odd, odd))], rows: 5, columns: 6)
        #expect(maps.score[patch].isNaN && maps.heat[patch].isNaN)
    }

    @Test("p-values count the good parts at or above")
    func pValue() {
        let statistics = Made.statistics(rows: 1, columns: 1, goodScores: [1, 2, 2, 3])
        #expect(statistics.pValue(raw: 0) == 1)
        #expect(statistics.pValue(raw: 2) == 4.0 / 5)
        #expect(statistics.pValue(raw: 2.5) == 2.0 / 5)
        #expect(statistics.pValue(raw: 9) == 1.0 / 5)
        #expect(statistics.score(raw: 1) == 0 && statistics.score(raw: 5) == 1 && statistics.score(raw: 9) == 2)
    }

    @Test("More damage never lowers the score")
    func monotonic() throws {
        var random = RandomSource(seed: 5)
        let scorer = Scorer(statistics: Made.statistics(rows: 6, columns: 6, topShare: 0.1))
        for _ in 0..<200 {
            var map = Made.normals(36, &random, scale: 2)
            var before = -Double.infinity
            let patch = random.integer(below: 36)
            for _ in 0..<6 {
                let score = try scorer.score(Made.prediction(map, rows: 6, columns: 6)).score
                #expect(score >= before)
                before = score
                map[patch] += Float(random.uniform(0...3))
            }
        }
    }
}
