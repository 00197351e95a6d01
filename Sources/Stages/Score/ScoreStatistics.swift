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

    /// The two maps of a prediction, in z units.
    package func maps(_ prediction: PatchPrediction) -> FusedMaps {
        FusedMaps(
            arms.map { (statistics: $0, magnitudes: $0.magnitudes(prediction)) }, rows: gridRows, columns: gridColumns)
    }

    /// Raw score → image score.
    package func score(raw: Double) -> Double { (raw - zero) / (fail - zero) }

    /// (1 + number of held-out good parts with at least this raw score) / (1 + their number).
    package func pValue(raw: Double) -> Double {
        let atLeast = goodScores.count { $0 >= raw }
        return Double(1 + atLeast) / Double(1 + goodScores.count)
    }
}

/// What the arms say together.
package struct FusedMaps: Sendable {
    /// √(mean over the arms of max(z, 0)²) of the calibrated magnitudes, (N), unsmoothed: the image score is the mean of
    /// its top share. An arm that sees nothing cannot cancel one that does; smoothing would drown small defects.
    package let score: [Float]
    /// Half the mean z of the plain magnitudes, half that of the calibrated ones, smoothed, (N): where on the part, and
    /// how far around. Plain ones alone draw whole defects, and what varies on good parts too (a serial number);
    /// calibrated ones alone forgive that, and the outskirts of a defect with it.
    package let heat: [Float]

    /// - Parameter arms: magnitudes of each arm with the scales to bring them together.
    package init(
        _ arms: [(statistics: ArmStatistics, magnitudes: (plain: [Float], calibrated: [Float]))], rows: Int,
        columns: Int
    ) {
        var squares = [Float](repeating: 0, count: rows * columns)
        var plain = squares
        var calibrated = squares
        var heatArms: Float = 0
        for arm in arms {
            for index in squares.indices {
                let z = arm.statistics.scoreScale.z(arm.magnitudes.calibrated[index])
                // Not max(z, 0), which is 0 for NaN: a damaged number must not look like a good patch.
                if !(z <= 0) { squares[index] += z * z }
                calibrated[index] += z
            }
            if let scale = arm.statistics.heatScale {
                heatArms += 1
                for index in plain.indices { plain[index] += scale.z(arm.magnitudes.plain[index]) }
            }
        }
        score = squares.map { ($0 / Float(max(1, arms.count))).squareRoot() }
        let halves = (0.5 / max(1, heatArms), 0.5 / Float(max(1, arms.count)))
        heat = AnomalyMap.smoothed(
            plain.indices.map { plain[$0] * halves.0 + calibrated[$0] * halves.1 }, rows: rows, columns: columns)
    }
}
