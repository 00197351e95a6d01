import Score

/// From the raw scores of held-out good parts to thresholds, whatever method gave the scores.
package enum ThresholdFit {
    /// Fewest held-out parts that say anything.
    private static let fewest = 4

    /// The overkill rate that so many held-out parts allow: the one asked for. Refuses, with the number needed, when they
    /// are too few, unless the nearest rate is asked for.
    package static func rate(_ options: CalibrationOptions, parts: Int) throws(CalibrationError) -> Double {
        let needed = Conformal.partsNeeded(rate: options.overkillRate)
        if parts >= max(needed, fewest) { return options.overkillRate }
        guard options.nearestRate, parts >= fewest else {
            throw .tooFewParts(found: parts, needed: max(fewest, needed), rate: options.overkillRate)
        }
        return 1 / Double(parts + 1)
    }

    /// Thresholds at `rate` and `reviewRate`. Traps on no scores; they must be finite.
    ///
    /// - Parameter leastGap: from the median good part to a threshold, in raw units, whatever the scores say: good parts that
    ///   all score the same leave no scale but rounding.
    package static func fit(
        _ scores: [Double], rate: Double, reviewRate: Double, leastGap: Double = 0.05
    ) -> ScoreCalibration {
        precondition(!scores.isEmpty, "ThresholdFit: expected scores, got none")
        // As they are stored, so that a model read again says the same.
        func stored(_ value: Double) -> Double { Double(Float(value)) }
        let scores = scores.map(stored).sorted()
        let fail = stored(GoodTail.threshold(scores, rate: rate) ?? scores[scores.count - 1])
        let review = GoodTail.threshold(scores, rate: max(rate, reviewRate)).map(stored) ?? fail
        let zero = scores[scores.count / 2]
        let least = zero + leastGap
        let top = max(fail, least)
        return ScoreCalibration(
            goodScores: scores, zero: zero, review: min(max(review, least), top), fail: top, overkillRate: rate)
    }
}
