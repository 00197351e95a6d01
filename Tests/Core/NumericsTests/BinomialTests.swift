import Testing

@testable import Numerics

/// Bisection ends below it; scipy's own inverse is no better.
private let tolerance = 1e-9

@Suite("Binomial: numbers of scipy 1.17 (beta.ppf, binom.interval, betabinom.interval)")
struct BinomialTests {
    @Test(
        "Clopper–Pearson intervals",
        arguments: [
            (0, 20, 0.0, 0.1684334709830853), (1, 20, 0.0012650894979498038, 0.24873276277202777),
            (5, 100, 0.016431879182052155, 0.11283491110546275), (191, 191, 0.9808718058241537, 1.0),
            (3, 1000, 0.0006190999316495713, 0.008742023238478303),
        ])
    func interval(successes: Int, count: Int, low: Double, high: Double) {
        let found = Binomial.interval(successes: successes, of: count)
        #expect(abs(found.lowerBound - low) < tolerance && abs(found.upperBound - high) < tolerance)
    }

    @Test("Bands of seen shares", arguments: [(0.02, 20, 0.0, 2.0), (0.5, 41, 14, 27), (0.05, 1000, 37, 64)])
    func band(rate: Double, count: Int, low: Double, high: Double) {
        let found = Binomial.band(rate: rate, of: count)
        #expect(abs(found.lowerBound - low / Double(count)) < tolerance)
        #expect(abs(found.upperBound - high / Double(count)) < tolerance)
    }

    @Test(
        "Bands with the luck of calibration",
        arguments: [(0.02, 20, 49, 0.0, 2.0), (0.5, 100, 49, 33, 67), (0.05, 500, 199, 10, 45)])
    func calibrated(rate: Double, count: Int, calibrated: Int, low: Double, high: Double) {
        let found = Binomial.band(rate: rate, of: count, calibratedOn: calibrated)
        #expect(abs(found.lowerBound - low / Double(count)) < tolerance)
        #expect(abs(found.upperBound - high / Double(count)) < tolerance)
    }

    /// `scipy.stats.betabinom(count, rate · (n + 1), (1 − rate) · (n + 1)).interval(0.95)`, scipy 1.17.1.
    @Test(
        "Bands around an expected rate",
        arguments: [(0.02, 191, 95, 0.0, 12.0), (0.02, 100, 49, 0, 8), (0.05, 500, 130, 8, 49), (0.02, 20, 52, 0, 2)])
    func expected(rate: Double, count: Int, calibrated: Int, low: Double, high: Double) {
        let found = Binomial.band(expectedRate: rate, of: count, calibratedOn: calibrated)
        #expect(abs(found.lowerBound - low / Double(count)) < tolerance)
        #expect(abs(found.upperBound - high / Double(count)) < tolerance)
    }

    @Test("Ends: no trial, no rate, every rate")
    func ends() {
        #expect(Binomial.interval(successes: 0, of: 0) == 0...1)
        #expect(Binomial.band(rate: 0, of: 10) == 0...0 && Binomial.band(rate: 1, of: 10) == 1...1)
        #expect(Binomial.band(rate: 0.01, of: 10, calibratedOn: 49) == 0...0)
        #expect(Binomial.band(rate: 1, of: 10, calibratedOn: 49) == 1...1)
        #expect(Binomial.band(expectedRate: 0, of: 10, calibratedOn: 49) == 0...0)
        #expect(Binomial.band(expectedRate: 1, of: 10, calibratedOn: 49) == 1...1)
    }

    @Test("A conformal threshold keeps its promise: seen shares of simulated nights lie in the band 19 times of 20")
    func simulated() {
        var random = RandomSource(seed: 77)
        let band = Binomial.band(rate: 0.1, of: 60, calibratedOn: 49)
        var inside = 0
        for _ in 0..<2_000 {
            let good = (0..<49).map { _ in random.uniform() }.sorted()
            // p <= 0.1 with 49 parts: at most four of them lie as high.
            let flagged = (0..<60).count { _ in random.uniform() > good[44] }
            if band.contains(Double(flagged) / 60) { inside += 1 }
        }
        // Discrete bands hold at least 95 %, and here little more.
        #expect((1_880...1_990).contains(inside), "\(inside)")
    }
}
