import Handover

/// What a method says of a part.
package struct Judgement: Sendable {
    /// Image score, larger = more anomalous; in the method's own units.
    package let score: Double
    /// Anomaly map, row-major, in the method's own units: a value a cell.
    package let map: [Float]
    /// Cells a patch's side is cut into; 1: the map is on the patch grid, (h · w).
    package let cellsPerPatch: Int

    package init(score: Double, map: [Float], cellsPerPatch: Int = 1) {
        self.cellsPerPatch = cellsPerPatch
        self.score = score
        self.map = map
    }
}

/// A way of telling defective parts from good ones, fitted and ready, to be compared with others on the same parts.
///
/// It is handed what the product's own stages say of a part, so every method sees the same pixels and embeddings; one
/// that needs something else takes it from `prediction.image`.
package protocol ComparedMethod: Sendable {
    /// One word for tables and `--method`: "knn".
    var name: String { get }
    /// What it is, in a few words.
    var title: String { get }
    /// Whether it reads the predictor's arms; their time then counts as its own.
    var readsPrediction: Bool { get }
    /// Whether its numbers were fitted on the held-out good parts, whose own scores then say nothing about a threshold.
    var isCalibrated: Bool { get }
    /// Bytes it keeps beside the network's weights.
    var bytes: Int { get }
    /// Seconds it took to fit, the reading of the good images included; 0 for what came with the model.
    var fitSeconds: Double { get }
    /// Judges one part. A score that is not finite is a rejection, never a pass.
    func judge(_ prediction: PatchPrediction) throws(Rejection) -> Judgement
}

extension Judgement {
    /// This judgement, or a rejection when a number in it is not finite.
    func checked(_ method: String) throws(Rejection) -> Judgement {
        guard score.isFinite, map.allSatisfy(\.isFinite) else {
            throw Rejection(
                stage: .score, outcome: .quarantined, reason: .notFinite,
                sentence: "expected finite scores of \(method), got \(score); the picture or the model is damaged")
        }
        return self
    }
}
