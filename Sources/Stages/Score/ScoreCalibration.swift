import Handover

/// What held-out good parts say about a method's scores: the thresholds, and how rare a score is. The same for every way
/// of judging a line; without it no verdict can be given.
package struct ScoreCalibration: Sendable, Equatable {
    /// Raw image scores of held-out good parts, ascending.
    package let goodScores: [Double]
    /// Raw scores that become 0 (the median of good parts), the review threshold, and 1 (the fail threshold).
    package let zero: Double
    package let review: Double
    package let fail: Double
    /// The share of good parts expected at or above `fail`.
    package let overkillRate: Double

    package init(goodScores: [Double], zero: Double, review: Double, fail: Double, overkillRate: Double) {
        self.goodScores = goodScores
        self.zero = zero
        self.review = review
        self.fail = fail
        self.overkillRate = overkillRate
    }

    /// What is impossible about these numbers, or nil: they may come from a file.
    package var problem: String? {
        if goodScores.isEmpty || !goodScores.allSatisfy(\.isFinite) {
            return "good_scores: expected finite numbers, one at least, got \(goodScores.count)"
        }
        if !(overkillRate > 0 && overkillRate <= 1) {
            return "overkillRate: expected more than 0 and at most 1, got \(overkillRate)"
        }
        if !(zero < fail && review <= fail && zero.isFinite && fail.isFinite) {
            return "expected zero < fail and review <= fail, got \(zero), \(fail) and \(review)"
        }
        return nil
    }

    /// Raw score → image score.
    package func score(raw: Double) -> Double { (raw - zero) / (fail - zero) }

    /// (1 + number of held-out good parts with at least this raw score) / (1 + their number).
    package func pValue(raw: Double) -> Double {
        let atLeast = goodScores.count { $0 >= raw }
        return Double(1 + atLeast) / Double(1 + goodScores.count)
    }

    /// The part with its verdict: the last step of every scorer.
    ///
    /// - Parameters:
    ///   - image: with the geometry of the map.
    ///   - heat: a value a cell in raw units, whose greatest is `rawScore`: so verdict, regions and heatmap say one thing.
    /// - Throws: a rejection where a number is not finite; it is never a pass.
    package func part(_ image: DecodedImage, heat: [Float], rawScore: Double) throws(Rejection) -> ScoredPart {
        // In the precision of the map, so that score and map lie on the same side of every threshold.
        let score = Double(Float(self.score(raw: rawScore)))
        let map = heat.map { value in
            value >= Float(rawScore) ? Float(score) : min(Float(score), Float(self.score(raw: Double(value))))
        }
        guard score.isFinite, map.allSatisfy(\.isFinite) else { throw Self.notFinite(score) }
        let reviewScore = Double(Float(self.score(raw: review)))
        let verdict: Verdict = score >= 1 ? .fail : score >= reviewScore ? .review : .pass
        let level: Float? =
            switch verdict {
            case .pass: nil
            case .review: Float(reviewScore)
            case .fail: 1
            }
        return ScoredPart(
            image: image, anomalyMap: map, rawScore: rawScore, score: score, pValue: pValue(raw: rawScore),
            verdict: verdict, thresholds: Thresholds(review: reviewScore, fail: 1, overkillRate: overkillRate),
            regions: level.map { Regions.above($0, map: map, geometry: image.geometry) } ?? [])
    }

    static func notFinite(_ score: Double) -> Rejection {
        Rejection(
            stage: .score, outcome: .quarantined, reason: .notFinite,
            sentence: "expected a finite score, got \(score); the model or its calibration is damaged")
    }
}
