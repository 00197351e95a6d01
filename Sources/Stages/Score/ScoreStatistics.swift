import Handover

/// Everything that calibration knows: without it no verdict can be given, and only `Calibration` makes one.
package struct ScoreStatistics: Sendable, Equatable {
    package let gridRows: Int
    package let gridColumns: Int
    package let arms: [ArmStatistics]
    /// Share of the map whose mean is the image score.
    package let topShare: Double
    package let calibration: ScoreCalibration

    package init(
        gridRows: Int, gridColumns: Int, arms: [ArmStatistics], topShare: Double, calibration: ScoreCalibration
    ) {
        self.gridRows = gridRows
        self.gridColumns = gridColumns
        self.arms = arms
        self.topShare = topShare
        self.calibration = calibration
    }

    package init(
        gridRows: Int, gridColumns: Int, arms: [ArmStatistics], topShare: Double, goodScores: [Double], zero: Double,
        review: Double, fail: Double, overkillRate: Double
    ) {
        self.init(
            gridRows: gridRows, gridColumns: gridColumns, arms: arms, topShare: topShare,
            calibration: ScoreCalibration(
                goodScores: goodScores, zero: zero, review: review, fail: fail, overkillRate: overkillRate))
    }

    /// The calibration's numbers.
    package var goodScores: [Double] { calibration.goodScores }
    package var zero: Double { calibration.zero }
    package var review: Double { calibration.review }
    package var fail: Double { calibration.fail }
    package var overkillRate: Double { calibration.overkillRate }

    /// The two maps of a prediction, in z units.
    package func maps(_ prediction: PatchPrediction) -> FusedMaps {
        FusedMaps(
            arms.map { (statistics: $0, magnitudes: $0.magnitudes(prediction)) }, rows: gridRows, columns: gridColumns)
    }

    /// Raw score → image score.
    package func score(raw: Double) -> Double { calibration.score(raw: raw) }

    /// See `ScoreCalibration.pValue`.
    package func pValue(raw: Double) -> Double { calibration.pValue(raw: raw) }
}

/// What the arms say together.
package struct FusedMaps: Sendable {
    /// Cells a patch's side is cut into: 2 where an arm looks at the interleaved grid, else 1.
    package let cellsPerPatch: Int
    /// Weighted mean over the families of arms of max(z, 0) of the calibrated magnitudes, a value a cell, unsmoothed: the image
    /// score is the mean of its top share. An arm that sees nothing cannot cancel one that does; smoothing would drown
    /// small defects.
    package let score: [Float]
    /// Where on the part, and how far around: the weighted mean z of the plain magnitudes and that of the calibrated ones, smoothed,
    /// a value a cell. Plain ones draw whole defects, and what varies on good parts too (a serial number); calibrated ones
    /// forgive that, and the outskirts of a defect with it. So plain ones count the more, the stronger the calibrated
    /// ones are near by.
    package let heat: [Float]

    /// - Parameters:
    ///   - arms: magnitudes of each arm with the scales to bring them together; a family's arms on both grids are one voice,
    ///     their mean where both see the cell.
    ///   - rows, columns: the patch grid.
    package init(
        _ arms: [(statistics: ArmStatistics, magnitudes: (plain: [Float], calibrated: [Float]))], rows: Int,
        columns: Int
    ) {
        let perPatch = arms.contains { $0.statistics.isInterleaved } ? HalfPatch.cellsPerPatch : 1
        cellsPerPatch = perPatch
        let own: [Int?] = (0..<perPatch * rows).flatMap { y in
            (0..<perPatch * columns).map { x in y / perPatch * columns + x / perPatch }
        }
        let moved = perPatch > 1 ? HalfPatch.patchOfCell(rows: rows, columns: columns) : []
        /// Mean z of a family on every cell, of those of its arms that see the cell.
        func voice(_ zs: [(isInterleaved: Bool, values: [Float])]) -> [Float] {
            var sum = [Float](repeating: 0, count: own.count)
            var count = sum
            for (isInterleaved, values) in zs {
                for (cell, patch) in (isInterleaved ? moved : own).enumerated() {
                    guard let patch else { continue }
                    sum[cell] += values[patch]
                    count[cell] += 1
                }
            }
            return zip(sum, count).map { $0 / max(1, $1) }
        }
        var families: [String] = []
        var weights: [Float] = []
        for arm in arms where !families.contains(arm.statistics.family) {
            families.append(arm.statistics.family)
            weights.append(arm.statistics.weight)
        }
        let isWarm = families.map { family in
            arms.contains { $0.statistics.family == family && $0.statistics.heatScale != nil }
        }
        let sum = weights.reduce(0, +)
        let warmSum = zip(weights, isWarm).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
        var score = [Float](repeating: 0, count: own.count)
        var plain = score
        var calibrated = score
        for (index, family) in families.enumerated() {
            let members = arms.filter { $0.statistics.family == family }
            let share = weights[index] / sum
            let zs = voice(
                members.map { arm in
                    (arm.statistics.isInterleaved, arm.magnitudes.calibrated.map { arm.statistics.scoreScale.z($0) })
                })
            for (cell, z) in zs.enumerated() {
                // Not max(z, 0), which is 0 for NaN: a damaged number must not look like a good patch.
                if !(z <= 0) { score[cell] += z * share }
                calibrated[cell] += z * share
            }
            guard isWarm[index] else { continue }
            let heat = voice(
                members.compactMap { arm in
                    arm.statistics.heatScale.map { scale in
                        (arm.statistics.isInterleaved, arm.magnitudes.plain.map { scale.z($0) })
                    }
                })
            for (cell, z) in heat.enumerated() { plain[cell] += z * (weights[index] / warmSum) }
        }
        self.score = score
        let shares = Self.plainShares(
            calibrated, rows: perPatch * rows, columns: perPatch * columns, sigma: 2 * Double(perPatch))
        heat = AnomalyMap.smoothed(
            plain.indices.map { shares[$0] * plain[$0] + (1 - shares[$0]) * calibrated[$0] }, rows: perPatch * rows,
            columns: perPatch * columns)
    }

    /// How much the plain magnitudes count on each cell, in 0.3…1: in full where the calibrated z, cut to 0…3 and averaged
    /// over a Gaussian of two patches, reaches 2.
    private static func plainShares(_ calibrated: [Float], rows: Int, columns: Int, sigma: Double) -> [Float] {
        let evidence = AnomalyMap.blurred(
            calibrated.map { min(3, max(0, $0)) }, rows: rows, columns: columns, sigma: sigma)
        return evidence.map { 0.3 + 0.7 * min(1, $0 / 2) }
    }
}
