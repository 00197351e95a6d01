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
        // The fused map is looked at too: among sorted values a NaN may miss the top share.
        guard maps.score.allSatisfy(\.isFinite) else {
            throw ScoreCalibration.notFinite(statistics.calibration.score(raw: rawScore))
        }
        // Anchored in raw units, where 0 is a typical patch on every part: scores are measured from the median part, and
        // stretching to them would flatten the maps of all parts below it.
        let heat = AnomalyMap.anchored(maps.heat, to: Float(rawScore))
        return try statistics.calibration.part(
            prediction.image.withCells(perPatch: maps.cellsPerPatch), heat: heat, rawScore: rawScore)
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
