import Handover

/// What a method says of a part.
package struct Judgement: Sendable {
    /// Image score, larger = more anomalous; in the method's own units.
    package let score: Double
    /// Anomaly map, row-major, in the method's own units: a value a cell.
    package let map: [Float]
    /// Cells a patch's side is cut into; 1: the map is on the patch grid, (h · w).
    private let cellsPerPatch: Int
    /// The map's grid, where it is another than the model's.
    private let ownGrid: (rows: Int, columns: Int)?

    package init(score: Double, map: [Float], cellsPerPatch: Int = 1) {
        self.cellsPerPatch = cellsPerPatch
        self.score = score
        self.map = map
        ownGrid = nil
    }

    /// A judgement of a method with a grid of its own, which covers the whole picture. Traps on a map of another size.
    package init(score: Double, map: [Float], rows: Int, columns: Int) {
        precondition(
            map.count == rows * columns, "Judgement: expected \(rows) x \(columns) values, got \(map.count)")
        cellsPerPatch = 1
        self.score = score
        self.map = map
        ownGrid = (rows, columns)
    }

    /// The map's grid on a picture that the model sees by `geometry`.
    package func grid(_ geometry: Geometry) -> (rows: Int, columns: Int) {
        ownGrid ?? (geometry.gridRows * cellsPerPatch, geometry.gridColumns * cellsPerPatch)
    }
}

/// How much of the product's work on a picture a method reads; that work's time and memory then count as its own.
package enum MethodInput: Int, Sendable {
    /// The decoded picture alone.
    case picture
    /// The embedding of its patches.
    case embedding
    /// What the predictor's arms said.
    case prediction
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
    /// What it reads of the picture.
    var reads: MethodInput { get }
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
