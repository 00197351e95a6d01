import Handover

/// The stage that turns prediction errors into a calibrated map, a score, a verdict and regions.
package struct Scorer: Sendable {
    private let statistics: ScoreStatistics

    /// An uncalibrated model has no `ScoreStatistics`, so it cannot come here.
    package init(statistics: ScoreStatistics) { self.statistics = statistics }

    /// PatchPrediction → ScoredPart. A score that is not finite is a rejection, never a pass.
    package func score(_ prediction: PatchPrediction) throws(Rejection) -> ScoredPart {
        let maps = statistics.maps(prediction)
        let rawScore = AnomalyMap.top(maps.score, share: statistics.topShare)
        // In the precision of the map, so that score and map lie on the same side of every threshold.
        let score = Double(Float(statistics.score(raw: rawScore)))
        // Anchored in raw units, where 0 is a typical patch on every part: scores are measured from the median part, and
        // stretching to them would flatten the maps of all parts below it.
        let anchored = AnomalyMap.anchored(maps.heat, to: Float(rawScore))
        let map = anchored.map { value in
            value >= Float(rawScore) ? Float(score) : min(Float(score), Float(statistics.score(raw: Double(value))))
        }
        // The fused map is looked at too: among sorted values a NaN may miss the top share.
        guard score.isFinite, maps.score.allSatisfy(\.isFinite), map.allSatisfy(\.isFinite) else {
            throw Rejection(
                stage: .score, outcome: .quarantined, reason: .notFinite,
                sentence: "expected a finite score, got \(score); the model or its calibration is damaged")
        }
        let reviewScore = Double(Float(statistics.score(raw: statistics.review)))
        let verdict: Verdict = score >= 1 ? .fail : score >= reviewScore ? .review : .pass
        let thresholds = Thresholds(review: reviewScore, fail: 1, overkillRate: statistics.overkillRate)
        let level: Float? =
            switch verdict {
            case .pass: nil
            case .review: Float(reviewScore)
            case .fail: 1
            }
        let image = prediction.image.withCells(perPatch: maps.cellsPerPatch)
        let regions = level.map {
            Regions.above($0, map: map, geometry: image.geometry)
        }
        return ScoredPart(
            image: image, anomalyMap: map, rawScore: rawScore, score: score,
            pValue: statistics.pValue(raw: rawScore), verdict: verdict, thresholds: thresholds, regions: regions ?? [])
    }
}

extension DecodedImage {
    /// The same picture with the geometry of a map of `perPatch` cells a patch's side.
    fileprivate func withCells(perPatch: Int) -> DecodedImage {
        guard perPatch > 1 else { return self }
        return DecodedImage(
            intake: intake, picture: picture, pixels: pixels, geometry: geometry.cells(perPatch: perPatch))
    }
}
