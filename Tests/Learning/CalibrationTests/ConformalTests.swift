import Foundation
import Numerics
import Testing

@testable import Calibration

@Suite("Conformal thresholds")
struct ConformalTests {
    @Test("Parts needed for a rate")
    func partsNeeded() {
        #expect(Conformal.partsNeeded(rate: 0.005) == 199)
        #expect(Conformal.partsNeeded(rate: 0.02) == 49)
        #expect(Conformal.partsNeeded(rate: 0.01) == 99)
        #expect(Conformal.partsNeeded(rate: 0.5) == 1)
        #expect(Conformal.partsNeeded(rate: 0) == Int.max)
        for parts in 1...1000 {
            let rate = 1 / Double(parts + 1)
            #expect(Conformal.partsNeeded(rate: rate) == parts)
            // Needed is exactly what a threshold can be given for.
            let scores = (0..<parts).map { Double($0) }
            #expect(Conformal.threshold(scores, rate: rate) == Double(parts - 1))
            #expect(Conformal.threshold(Array(scores.dropLast()), rate: rate) == nil)
        }
    }

    @Test("The threshold is the order statistic that the rate names")
    func orderStatistic() {
        let scores = (1...99).map { Double($0) }
        #expect(Conformal.threshold(scores, rate: 0.01) == 99)
        #expect(Conformal.threshold(scores, rate: 0.05) == 95)
        #expect(Conformal.threshold(scores, rate: 0.5) == 50)
        #expect(Conformal.threshold([], rate: 0.5) == nil)
    }

    /// The promise itself: over many draws of good parts, the share of new good parts at or above the threshold has the
    /// rate as its mean. 4000 trials of one new part each: three standard deviations of a binomial.
    @Test("Exchangeable good parts are failed at the promised rate", arguments: [(49, 0.02), (60, 0.05), (25, 0.1)])
    func overkill(parts: Int, rate: Double) throws {
        var random = RandomSource(seed: 7)
        let trials = 4000
        var failed = 0
        for _ in 0..<trials {
            let scores = (0..<parts).map { _ in exp(random.normal()) }.sorted()
            let threshold = try #require(Conformal.threshold(scores, rate: rate))
            if exp(random.normal()) >= threshold { failed += 1 }
        }
        let found = Double(failed) / Double(trials)
        let deviation = (rate * (1 - rate) / Double(trials)).squareRoot()
        #expect(found <= rate + 3 * deviation)
        // Not needlessly strict either: the next order statistic down would promise 1 / (n + 1) more.
        #expect(found >= rate - 1 / Double(parts + 1) - 3 * deviation)
    }
}
