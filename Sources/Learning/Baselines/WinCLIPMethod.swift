import CLIP
import Handover
import Imaging
import Numerics

/// WinCLIP's scoring as a method beside the product.
///
/// A published tower sees the whole picture stretched to its square, not cropped: a part must be seen to its edges. One
/// that was trained here looks at the model's own embedding of the picture.
package struct WinCLIPMethod: ComparedMethod {
    /// For tables and `--method`.
    package static let method = "winclip"

    package let name = WinCLIPMethod.method
    package let title: String
    package var reads: MethodInput { winclip.image.pixels == nil ? .embedding : .picture }
    package let isCalibrated = false
    package let fitSeconds: Double
    package var bytes: Int { winclip.bytes }
    private let winclip: WinCLIP

    /// - Parameters:
    ///   - title: whose weights they are: "WinCLIP, CLIP trained here".
    ///   - fitSeconds: what training took, or reading published weights.
    package init(_ winclip: WinCLIP, title: String, fitSeconds: Double) {
        self.winclip = winclip
        self.title = title
        self.fitSeconds = fitSeconds
    }

    package func judge(_ prediction: PatchPrediction) throws(Rejection) -> Judgement {
        let finding: WinCLIP.Finding
        if let pixels = winclip.image.pixels {
            let planes = prediction.image.picture.planes(width: pixels.side, height: pixels.side, filter: .bicubic)
            finding = winclip.finding(
                ofNormalised: normalisedPlanes(planes, mean: pixels.mean, deviation: pixels.standardDeviation))
        } else {
            finding = winclip.finding(ofTokens: prediction.target)
        }
        return try Judgement(
            score: finding.score, map: finding.map.map { Float($0) }, rows: winclip.image.gridRows,
            columns: winclip.image.gridColumns
        ).checked(name)
    }
}
