import CLIP
import Handover
import Imaging
import Numerics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// WinCLIP (arXiv 2303.14814) without reference pictures: a picture and its windows are held against what a flawless and
/// a damaged object are called, and score the softmax's share of "damaged".
///
/// A window is embedded as the paper does it: its patches, with their positions in the whole picture, go through the
/// image tower with the class token and without the other patches. The map is the harmonic aggregation of `WindowPlan`;
/// the image score is the mean of the whole picture's score and the map's greatest. A published tower sees the whole
/// picture stretched to its square, not cropped: a part must be seen to its edges. One that was trained here looks at
/// the model's own embedding of the picture.
package struct WinCLIP: ComparedMethod {
    /// For tables and `--method`.
    package static let method = "winclip"

    package let name = WinCLIP.method
    package let title: String
    package var reads: MethodInput { model.pixels == nil ? .embedding : .picture }
    package let isCalibrated = false
    package let fitSeconds: Double
    /// The image tower and two prototypes: texts are embedded once, their tower is not needed for looking.
    package let bytes: Int
    /// What the part is called in the prompts.
    package let object: String
    private let model: CLIPModel
    private let plan: WindowPlan
    /// (2, width): normal, anomalous.
    private let prototypes: Matrix<Float>

    /// - Parameters:
    ///   - object: what the camera sees, in plain words; "" = "part".
    ///   - title: whose weights they are: "WinCLIP, CLIP trained here".
    ///   - fitSeconds: what training took, or reading published weights.
    package init(model: CLIPModel, object: String, title: String, fitSeconds: Double) {
        self.model = model
        self.object = PromptEnsemble.named(object)
        self.title = title
        self.fitSeconds = fitSeconds
        plan = WindowPlan(rows: model.gridRows, columns: model.gridColumns)
        prototypes = PromptEnsemble.prototypes(model, object: object)
        bytes = model.imageBytes + 4 * prototypes.storage.count
    }

    package func judge(_ prediction: PatchPrediction) throws(Rejection) -> Judgement {
        guard let pixels = model.pixels else {
            return try judgement(model.embeddings(ofPatches: prediction.target, subsets: plan.subsets))
        }
        let planes = prediction.image.picture.planes(width: pixels.side, height: pixels.side, filter: .bicubic)
        return try judgement(model.embeddings(of: planes, subsets: plan.subsets))
    }

    /// From the embeddings of the plan's subsets.
    private func judgement(_ embeddings: Matrix<Float>) throws(Rejection) -> Judgement {
        let cosines = product(embeddings, prototypes, transposeB: true)
        let scores = (0..<cosines.rows).map { row in
            Self.share(Double(cosines[row, 0]), Double(cosines[row, 1]), scale: model.scale)
        }
        let map = plan.map(scores)
        return try Judgement(
            score: (scores[0] + (map.max() ?? 0)) / 2, map: map.map { Float($0) }, rows: model.gridRows,
            columns: model.gridColumns
        ).checked(name)
    }

    /// The softmax's share of the second of two cosines.
    static func share(_ normal: Double, _ anomalous: Double, scale: Double) -> Double {
        1 / (1 + exp(scale * (normal - anomalous)))
    }
}
