import Handover
import Numerics
import Score

/// The product itself: all arms fused, by the very code that gives verdicts. Its score 1 is the line's threshold.
package struct FusedScore: ComparedMethod {
    /// Also the name of the product's own line in `benchmark`.
    package static let product = "vl-jepa"

    package let name: String = FusedScore.product
    package let title = "fused score (the product)"
    package let reads = MethodInput.prediction
    /// Its threshold comes with the model.
    package let isCalibrated = false
    package let fitSeconds = 0.0
    private let scorer: Scorer
    package let bytes: Int

    package init(statistics: ScoreStatistics) {
        scorer = Scorer(statistics: statistics)
        bytes = statistics.arms.reduce(0) { $0 + $1.bytes }
    }

    package func judge(_ prediction: PatchPrediction) throws(Rejection) -> Judgement {
        let part = try scorer.score(prediction)
        return Judgement(
            score: part.score, map: part.anomalyMap,
            cellsPerPatch: part.image.geometry.gridRows / prediction.image.geometry.gridRows)
    }
}

/// One reading of the masked prediction error, alone: what each step of calibration gives.
///
/// Image score and map are made alike for all: the mean of the map's top share, and the map smoothed.
package struct PredictionError: ComparedMethod {
    /// How the error of a masked patch is read.
    package enum Reading: String, Sendable, CaseIterable {
        /// √(mean of squares) of ẑ − z.
        case raw
        /// The same after whitening by the covariance of good residuals.
        case whitened
        /// Whitened, less the error that was to be expected there, over its spread.
        case calibrated
    }

    private let reading: Reading
    private let arms: [ArmStatistics]
    private let topShare: Double
    private let gridRows: Int
    private let gridColumns: Int

    package var name: String { "jepa-\(reading.rawValue)" }
    package var title: String { "masked error, \(reading.rawValue)" }
    package let reads = MethodInput.prediction
    package var isCalibrated: Bool { reading != .raw }
    package let fitSeconds = 0.0
    package var bytes: Int { reading == .raw ? 0 : arms.reduce(0) { $0 + $1.bytes } }

    /// nil for a model that asks its predictor nothing masked.
    package init?(_ reading: Reading, statistics: ScoreStatistics) {
        let masked = statistics.arms.filter { arm in
            if case .residual(let name, _) = arm.source { return name.hasPrefix("masked") }
            return false
        }
        guard !masked.isEmpty else { return nil }
        self.reading = reading
        arms = masked
        topShare = statistics.topShare
        gridRows = statistics.gridRows
        gridColumns = statistics.gridColumns
    }

    package func judge(_ prediction: PatchPrediction) throws(Rejection) -> Judgement {
        var map = [Float](repeating: 0, count: gridRows * gridColumns)
        for arm in arms {
            for (index, value) in values(arm, prediction).enumerated() { map[index] += value / Float(arms.count) }
        }
        return try Judgement(
            score: AnomalyMap.top(map, share: topShare),
            map: AnomalyMap.smoothed(map, rows: gridRows, columns: gridColumns)
        ).checked(name)
    }

    private func values(_ arm: ArmStatistics, _ prediction: PatchPrediction) -> [Float] {
        switch reading {
        case .raw:
            guard let answer = prediction.arms.first(where: { $0.name == arm.name }) else {
                preconditionFailure("PredictionError: the prediction has no arm \(arm.name)")
            }
            var residual = answer.predicted
            addScaled(&residual, -1, prediction.target)
            return rowRootMeanSquares(residual)
        case .whitened: return arm.magnitudes(prediction).plain
        case .calibrated: return arm.magnitudes(prediction).calibrated.map { arm.scoreScale.z($0) }
        }
    }
}

/// One arm of the product alone, calibrated.
package struct SingleArm: ComparedMethod {
    /// What names of arms begin with: "arm:repair".
    package static let prefix = "arm:"

    private let arm: ArmStatistics
    private let topShare: Double
    private let gridRows: Int
    private let gridColumns: Int

    package var name: String { Self.prefix + arm.name }
    package var title: String { "the arm \(arm.name) alone" }
    package let reads = MethodInput.prediction
    package let isCalibrated = true
    package let fitSeconds = 0.0
    package var bytes: Int { arm.bytes }

    package init(_ arm: ArmStatistics, statistics: ScoreStatistics) {
        self.arm = arm
        topShare = statistics.topShare
        gridRows = statistics.gridRows
        gridColumns = statistics.gridColumns
    }

    package func judge(_ prediction: PatchPrediction) throws(Rejection) -> Judgement {
        let zs = arm.magnitudes(prediction).calibrated.map { arm.scoreScale.z($0) }
        let score = AnomalyMap.top(zs, share: topShare)
        guard arm.isInterleaved else {
            return try Judgement(
                score: score, map: AnomalyMap.smoothed(zs, rows: gridRows, columns: gridColumns)
            ).checked(name)
        }
        // On cells, where its patches lie; the last half patch, which it does not see, counts as a typical good one.
        let perPatch = HalfPatch.cellsPerPatch
        let cells = HalfPatch.patchOfCell(rows: gridRows, columns: gridColumns).map { $0.map { zs[$0] } ?? 0 }
        return try Judgement(
            score: score,
            map: AnomalyMap.smoothed(cells, rows: perPatch * gridRows, columns: perPatch * gridColumns),
            cellsPerPatch: perPatch
        ).checked(name)
    }
}

extension ArmStatistics {
    /// What the arm's numbers take as float32.
    var bytes: Int {
        var numbers: Int
        switch source {
        case .residual(_, let whitening):
            numbers = whitening.mean.storage.count + whitening.factor.storage.count
        case .place(let gaussians), .mixture(let gaussians), .lowLevel(let gaussians):
            numbers =
                gaussians.projection.storage.count + gaussians.offset.count + gaussians.mean.storage.count
                + gaussians.factors.storage.count
        case .damage: numbers = 0
        }
        if let expected {
            numbers +=
                expected.magnitude.count + expected.deviation.count + expected.placeOffset.count
                + expected.placeDeviation.count
        }
        return numbers * 4
    }
}
