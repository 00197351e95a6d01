import Foundation

/// How far shares of counted parts may lie from their expectation by chance.
package enum Binomial {
    /// The exact (Clopper–Pearson, 1934) interval of a share of which `successes` of `count` were seen: at least
    /// `confidence` of such intervals hold the true share. 0…1 when nothing was counted.
    ///
    /// Traps unless 0 <= successes <= count and 0 < confidence < 1.
    package static func interval(
        successes: Int, of count: Int, confidence: Double = 0.95
    ) -> ClosedRange<Double> {
        precondition(
            successes >= 0 && successes <= count && confidence > 0 && confidence < 1,
            "Binomial.interval: expected 0 <= successes <= count, got \(successes) of \(count)")
        let tail = (1 - confidence) / 2
        // P(X >= successes) grows with the share, P(X <= successes) falls: bisection finds where each is the tail.
        let low = successes == 0 ? 0 : root { 1 - cumulative(successes - 1, of: count, rate: $0) < tail }
        let high = successes == count ? 1 : root { cumulative(successes, of: count, rate: $0) > tail }
        return min(low, high)...max(low, high)
    }

    /// The central `confidence` range of the share of `count` trials that succeed when each does with `rate`.
    package static func band(rate: Double, of count: Int, confidence: Double = 0.95) -> ClosedRange<Double> {
        precondition(
            (0...1).contains(rate) && count > 0, "Binomial.band: expected a rate in 0...1, got \(rate) of \(count)")
        return central(count: count, confidence: confidence) { logMass($0, of: count, rate: rate) }
    }

    /// The same when the rate is not known but set by an order statistic: `count` new good parts against the threshold
    /// that `calibrated` good parts give for the nominal `rate`. Beta–binomial, as exchangeable parts make it; wider than
    /// `band`, because the calibration parts were drawn by chance as well.
    package static func band(
        rate: Double, of count: Int, calibratedOn calibrated: Int, confidence: Double = 0.95
    ) -> ClosedRange<Double> {
        precondition(
            (0...1).contains(rate) && count > 0 && calibrated > 0,
            "Binomial.band: expected a rate in 0...1, got \(rate) of \(count) on \(calibrated)")
        let above = Int((rate * Double(calibrated + 1) + 1e-9).rounded(.down))
        if above == 0 { return 0...0 }
        if above > calibrated { return 1...1 }
        return betaBand(above: Double(above), below: Double(calibrated + 1 - above), count, confidence)
    }

    /// The same for a threshold that a share `rate` of new good parts is expected to exceed and that a smoothed tail of
    /// `calibrated` scores gives (`GoodTail`): which share does exceed it is as uncertain as that of an order statistic of
    /// as many parts, but its mean is the rate itself, between two order statistics. Of 95 parts and 2 % the order
    /// statistic's mean is 1.04 %: its band is no band of such a threshold.
    package static func band(
        expectedRate rate: Double, of count: Int, calibratedOn calibrated: Int, confidence: Double = 0.95
    ) -> ClosedRange<Double> {
        precondition(
            (0...1).contains(rate) && count > 0 && calibrated > 0,
            "Binomial.band: expected a rate in 0...1, got \(rate) of \(count) on \(calibrated)")
        if rate == 0 || rate == 1 { return rate...rate }
        let parts = Double(calibrated + 1)
        return betaBand(above: rate * parts, below: (1 - rate) * parts, count, confidence)
    }

    /// The central range of a beta–binomial share.
    private static func betaBand(
        above a: Double, below b: Double, _ count: Int, _ confidence: Double
    ) -> ClosedRange<Double> {
        central(count: count, confidence: confidence) { k in
            logChoose(count, k) + logBeta(Double(k) + a, Double(count - k) + b) - logBeta(a, b)
        }
    }

    /// P(X <= k) for X binomial.
    package static func cumulative(_ k: Int, of count: Int, rate: Double) -> Double {
        if k >= count { return 1 }
        if k < 0 { return 0 }
        return min(1, (0...k).reduce(0) { $0 + exp(logMass($1, of: count, rate: rate)) })
    }

    /// The largest x in 0…1 for which `holds`, which is true below some x and false above.
    private static func root(_ holds: (Double) -> Bool) -> Double {
        var low = 0.0
        var high = 1.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if holds(middle) { low = middle } else { high = middle }
        }
        return low
    }

    private static func central(count: Int, confidence: Double, logMass: (Int) -> Double) -> ClosedRange<Double> {
        let tail = (1 - confidence) / 2
        var sum = 0.0
        var low: Int?
        for k in 0...count {
            sum += exp(logMass(k))
            if low == nil, sum >= tail { low = k }
            if sum >= 1 - tail - 1e-12 { return Double(low ?? k) / Double(count)...Double(k) / Double(count) }
        }
        return Double(low ?? count) / Double(count)...1
    }

    private static func logMass(_ k: Int, of count: Int, rate: Double) -> Double {
        if rate <= 0 { return k == 0 ? 0 : -.infinity }
        if rate >= 1 { return k == count ? 0 : -.infinity }
        return logChoose(count, k) + Double(k) * log(rate) + Double(count - k) * log1p(-rate)
    }

    private static func logChoose(_ n: Int, _ k: Int) -> Double {
        logGamma(Double(n + 1)) - logGamma(Double(k + 1)) - logGamma(Double(n - k + 1))
    }

    private static func logBeta(_ a: Double, _ b: Double) -> Double { logGamma(a) + logGamma(b) - logGamma(a + b) }

    /// ln Γ(x) for x > 0. Not `lgamma`, which writes its sign to a variable that all threads share.
    private static func logGamma(_ x: Double) -> Double {
        var shift = 0.0
        var z = x
        while z < 8 {
            shift += log(z)
            z += 1
        }
        // Stirling's series; from 8 on its sixth term is below 1e-13.
        let inverse = 1 / z
        let square = inverse * inverse
        let series =
            inverse
            * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188))))
        return (z - 0.5) * log(z) - z + 0.918_938_533_204_672_74 + series - shift
    }
}
