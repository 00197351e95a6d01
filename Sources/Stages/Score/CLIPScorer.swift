import CLIP
import Handover

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The stage that turns what WinCLIP found into a calibrated map, a score, a verdict and regions.
///
/// Raw units are log-odds, ln(p / (1 − p)) of WinCLIP's shares: the order of parts and of places is WinCLIP's, and the
/// numbers are unbounded, as image scores are.
package struct CLIPScorer: Sendable {
    private let calibration: ScoreCalibration

    package init(calibration: ScoreCalibration) { self.calibration = calibration }

    /// Log-odds between parts that mean nothing: cosines repeat to about 1e-6 in float32, and are multiplied by 100 at most.
    package static let leastGap = 1e-3

    /// Shares nearer to 0 or 1 than this count as this: beyond it their log-odds are rounding.
    private static let leastShare = 1e-12

    /// The raw score of a finding, as calibration and verdicts know it; NaN where a number of the finding is none.
    package static func rawScore(_ finding: WinCLIP.Finding) -> Double {
        finding.map.allSatisfy(\.isFinite) ? Double(Float(logOdds(finding.score))) : .nan
    }

    /// WinCLIP.Finding → ScoredPart. The map is shifted so that its greatest value is the part's raw score: the score also
    /// counts the picture as a whole, whose evidence lies everywhere alike. Traps on a map of another grid than the
    /// picture's. A score that is not finite is a rejection, never a pass.
    package func score(_ finding: WinCLIP.Finding, of image: DecodedImage) throws(Rejection) -> ScoredPart {
        let raw = Self.rawScore(finding)
        guard raw.isFinite else { throw ScoreCalibration.notFinite(raw) }
        let odds = finding.map.map { Float(Self.logOdds($0)) }
        let greatest = odds.max() ?? 0
        // The peak is set, not computed: a rounding below the threshold would leave a flagged part without a region.
        let heat = odds.map { $0 == greatest ? Float(raw) : min(Float(raw), $0 - greatest + Float(raw)) }
        return try calibration.part(image, heat: heat, rawScore: raw)
    }

    private static func logOdds(_ share: Double) -> Double {
        // NaN stays NaN: neither comparison holds.
        let inside =
            share < leastShare ? leastShare : share > 1 - leastShare ? 1 - leastShare : share
        return log(inside / (1 - inside))
    }
}
