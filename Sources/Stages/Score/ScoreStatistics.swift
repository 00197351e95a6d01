import Handover

/// Everything that calibration knows: without it no verdict can be given, and only `Calibration` makes one.
package struct ScoreStatistics: Sendable, Equatable {
    package let gridRows: Int
    package let gridColumns: Int
    package let arms: [ArmStatistics]
    /// Share of the map whose mean is the image score.
    package let topShare: Double
    /// Raw image scores of held-out good parts, ascending.
    package let goodScores: [Double]
    /// Raw scores that become 0 (the median of good parts), the review threshold, and 1 (the fail threshold).
    package let zero: Double
    package let review: Double
    package let fail: Double
    /// The share of good parts expected at or above `fail`.
    package let overkillRate: Double

    package init(
        gridRows: Int, gridColumns: Int, arms: [ArmStatistics], topShare: Double, goodScores: [Double], zero: Double,
        review: Double, fail: Double, overkillRate: Double
    ) {
        self.gridRows = gridRows
        self.gridColumns = gridColumns
        self.arms = arms
        self.topShare = topShare
        self.goodScores = goodScores
        self.zero = zero
        self.review = review
        self.fail = fail
        self.overkillRate = overkillRate
    }

    /// The fused map of a prediction before it is brought to the threshold, (N): the weighted mean of the arms' z.
    package static func fused(
        _ prediction: PatchPrediction, arms: [ArmStatistics], gridRows: Int, gridColumns: Int
    ) -> [Float] {
        fuse(arms.map { ($0.map(prediction), $0) }, gridRows: gridRows, gridColumns: gridColumns)
    }

    /// The same for maps that are already standardised: smoothing, then each arm's z, then their weighted mean.
    package static func fuse(
        _ maps: [(map: [Float], arm: ArmStatistics)], gridRows: Int, gridColumns: Int
    ) -> [Float] {
        var sum = [Float](repeating: 0, count: gridRows * gridColumns)
        var weights: Float = 0
        for (map, arm) in maps {
            let smoothed = AnomalyMap.smoothed(map, rows: gridRows, columns: gridColumns)
            let scale = arm.weight / max(arm.percentile99 - arm.median, 1e-6)
            for index in sum.indices { sum[index] += (smoothed[index] - arm.median) * scale }
            weights += arm.weight
        }
        return sum.map { $0 / max(weights, 1e-9) }
    }

    /// Raw score → image score.
    package func score(raw: Double) -> Double { (raw - zero) / (fail - zero) }

    /// (1 + number of held-out good parts with at least this raw score) / (1 + their number).
    package func pValue(raw: Double) -> Double {
        let atLeast = goodScores.count { $0 >= raw }
        return Double(1 + atLeast) / Double(1 + goodScores.count)
    }
}
