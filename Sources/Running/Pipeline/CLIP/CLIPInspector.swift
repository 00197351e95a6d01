import CLIP
import Decode
import Describe
import Dispatch
import Handover
import Imaging
import Score

/// The stages of a line that CLIP judges for one worker: decode, embed (windows of the picture, or of its tokens), score.
package final class CLIPInspector: PartInspector {
    private let winclip: WinCLIP
    private let decoder: Decoder
    private let tokens: TokenReader?
    private let scorer: CLIPScorer?
    package private(set) var timingsMs: [String: Double] = [:]
    package let textCounts = SharedTexts.Counts()

    package convenience init(line: CLIPLine, limits: DecodeLimits) {
        self.init(sight: line.sight, limits: limits, scorer: CLIPScorer(calibration: line.calibration))
    }

    /// An inspector that only looks, for a line that is not calibrated yet.
    package convenience init(sight: CLIPSight, limits: DecodeLimits) {
        self.init(sight: sight, limits: limits, scorer: nil)
    }

    private init(sight: CLIPSight, limits: DecodeLimits, scorer: CLIPScorer?) {
        winclip = sight.winclip
        decoder = Decoder(
            limits: limits, inputWidth: sight.inputWidth, inputHeight: sight.inputHeight, patchSize: sight.patchSize,
            mean: sight.mean, standardDeviation: sight.standardDeviation)
        tokens = sight.encoder.map { TokenReader($0, limits: limits) }
        self.scorer = scorer
    }

    /// The raw score, as calibration knows it. A score that is not finite is a rejection.
    package func rawScore(_ intake: Intake) throws(Rejection) -> Double {
        let raw = CLIPScorer.rawScore(try look(intake).finding)
        guard raw.isFinite else {
            throw Rejection(
                stage: .score, outcome: .quarantined, reason: .notFinite,
                sentence: "expected a finite score, got \(raw); the picture or CLIP's weights are damaged")
        }
        return raw
    }

    package func inspect(_ intake: Intake) throws(Rejection) -> ScoredPart {
        guard let scorer else { preconditionFailure("CLIPInspector: this line has no calibration") }
        let (image, finding) = try look(intake)
        let start = DispatchTime.now().uptimeNanoseconds
        let part = try scorer.score(finding, of: image)
        timingsMs["score"] = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
        return part
    }

    private func look(_ intake: Intake) throws(Rejection) -> (image: DecodedImage, finding: WinCLIP.Finding) {
        timingsMs.removeAll(keepingCapacity: true)
        let start = DispatchTime.now().uptimeNanoseconds
        let image = try decoder.decode(intake)
        let decoded = DispatchTime.now().uptimeNanoseconds
        let finding =
            if let tokens {
                winclip.finding(ofTokens: try tokens.tokens(of: image))
            } else {
                winclip.finding(ofNormalised: image.pixels)
            }
        timingsMs["decode"] = Double(decoded - start) / 1e6
        timingsMs["embed"] = Double(DispatchTime.now().uptimeNanoseconds - decoded) / 1e6
        return (image, finding)
    }
}
