import Foundation
import Numerics
import Testing

@testable import Calibration

@Suite("Thresholds from the tail of good scores")
struct GoodTailTests {
    /// Laws of good scores, light tails to heavy ones.
    enum Law: String, CaseIterable {
        case uniform, normal, exponential, logNormal, cauchyLike

        func draw(_ random: inout RandomSource) -> Double {
            switch self {
            case .uniform: random.uniform()
            case .normal: random.normal()
            case .exponential: -log(1 - random.uniform())
            case .logNormal: exp(0.5 * random.normal())
            // Student's t of three degrees: variance, but no third moment.
            case .cauchyLike:
                random.normal()
                    / ((0..<3).reduce(0.0) { sum, _ in
                        let z = random.normal()
                        return sum + z * z
                    } / 3).squareRoot()
            }
        }
    }

    /// Mean and standard deviation of the share of 400 new good parts at or above the thresholds of `trials` draws of
    /// `parts` good parts.
    private func overkill(
        _ law: Law, parts: Int, rate: Double, trials: Int = 1200, _ threshold: ([Double], Double) -> Double?
    ) throws -> (mean: Double, deviation: Double) {
        var random = RandomSource(seed: 11)
        var shares: [Double] = []
        for _ in 0..<trials {
            let scores = (0..<parts).map { _ in law.draw(&random) }.sorted()
            let limit = try #require(threshold(scores, rate))
            shares.append(Double((0..<400).count { _ in law.draw(&random) >= limit }) / 400)
        }
        let mean = shares.reduce(0, +) / Double(trials)
        let square = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(trials)
        return (mean, square.squareRoot())
    }

    @Test(
        "An exponential tail is failed at the promised rate exactly",
        arguments: [(49, 0.02), (95, 0.02), (199, 0.005), (60, 0.05), (25, 0.1)])
    func exact(parts: Int, rate: Double) throws {
        let found = try overkill(.exponential, parts: parts, rate: rate, GoodTail.threshold)
        // Four standard errors of the mean over 1,200 draws.
        #expect(abs(found.mean - rate) < 4 * found.deviation / 1200.0.squareRoot(), "mean \(found.mean)")
    }

    @Test("Other tails fail at most a third more than promised", arguments: Law.allCases, [49, 95, 300])
    func otherLaws(law: Law, parts: Int) throws {
        let found = try overkill(law, parts: parts, rate: 0.02, trials: 400, GoodTail.threshold)
        #expect(found.mean < 0.0267, "mean \(found.mean)")
    }

    /// What the report says of a set of good parts: a false alarm of the threshold itself is as rare as an interval of 95 %
    /// allows, and parts of another night, six times as often above the threshold, are told.
    @Test("A right threshold is seldom called wrong, a wrong one often", arguments: [49, 95, 300])
    func band(parts: Int) throws {
        var random = RandomSource(seed: 12)
        let bound = Binomial.band(expectedRate: 0.02, of: 200, calibratedOn: parts).upperBound
        let trials = 2000
        var alarms = (right: 0, wrong: 0)
        for _ in 0..<trials {
            let scores = (0..<parts).map { _ in Law.exponential.draw(&random) }.sorted()
            let limit = try #require(GoodTail.threshold(scores, rate: 0.02))
            func share(_ shift: Double) -> Double {
                Double((0..<200).count { _ in Law.exponential.draw(&random) + shift >= limit }) / 200
            }
            if share(0) > bound { alarms.right += 1 }
            if share(log(6)) > bound { alarms.wrong += 1 }
        }
        // One tail of 95 %, and three standard errors of a share of 2,000.
        #expect(Double(alarms.right) / Double(trials) < 0.025 + 0.0105, "\(alarms)")
        #expect(Double(alarms.wrong) / Double(trials) > 0.5, "\(alarms)")
    }

    @Test("Chance decides less than with one order statistic", arguments: [Law.normal, .exponential, .logNormal])
    func steadier(law: Law) throws {
        let order = try overkill(law, parts: 49, rate: 0.02, Conformal.threshold)
        let tail = try overkill(law, parts: 49, rate: 0.02, GoodTail.threshold)
        #expect(tail.deviation < 0.93 * order.deviation)
    }

    /// One picture among the good ones that is not: the order statistic is its score, 20; the tail hears the others.
    @Test("One odd good part does not set the threshold")
    func oddPart() throws {
        let scores = (1...94).map { Double($0) / 94 } + [20]
        let order = try #require(Conformal.threshold(scores, rate: 0.02))
        let tail = try #require(GoodTail.threshold(scores, rate: 0.02))
        #expect(order == 20)
        #expect(tail > 1 && tail < 6, "threshold \(tail)")
    }

    @Test("Scores in other units give the threshold in those units")
    func units() throws {
        var random = RandomSource(seed: 3)
        let scores = (0..<70).map { _ in random.normal() }.sorted()
        let threshold = try #require(GoodTail.threshold(scores, rate: 0.02))
        let moved = try #require(GoodTail.threshold(scores.map { 7 * $0 - 3 }, rate: 0.02))
        #expect(abs(moved - (7 * threshold - 3)) < 1e-9)
    }

    @Test("Rates inside the bulk are order statistics, too few scores none, equal scores themselves")
    func borders() throws {
        let scores = (1...99).map { Double($0) }
        #expect(GoodTail.threshold(scores, rate: 0.5) == 50)
        #expect(GoodTail.threshold(scores, rate: 0.3) == 70)
        #expect(GoodTail.threshold(Array(scores.prefix(48)), rate: 0.02) == nil)
        #expect(GoodTail.threshold([], rate: 0.5) == nil)
        #expect(GoodTail.threshold([Double](repeating: 2, count: 60), rate: 0.02) == 2)
        // With so few, the only tail is the greatest score.
        #expect(GoodTail.threshold([1, 2, 3, 5], rate: 0.2) == 5)
        #expect(GoodTail.threshold([4], rate: 0.5) == 4)
    }

    @Test("A lower rate never gives a lower threshold")
    func monotonic() throws {
        var random = RandomSource(seed: 5)
        for parts in [49, 60, 95, 199, 640] {
            let scores = (0..<parts).map { _ in exp(random.normal()) }.sorted()
            var before = Double.infinity
            for rate in stride(from: 1 / Double(parts + 1) + 1e-9, through: 0.1, by: 0.004) {
                let threshold = try #require(GoodTail.threshold(scores, rate: rate))
                #expect(threshold <= before + 1e-9, "\(parts) parts, rate \(rate)")
                before = threshold
            }
        }
    }
}
