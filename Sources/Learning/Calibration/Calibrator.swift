import Handover
import Numerics
import Score

/// From held-out good parts to `ScoreStatistics`: statistics of every arm, their fusion, and the thresholds.
///
/// Cross-fitted: the parts are dealt into folds, every part is scored by statistics that have not seen it, and the
/// thresholds come from those scores; the statistics that go into the model are fitted on all.
package struct Calibrator {
    private let options: CalibrationOptions
    private let armNames: [String]
    private let gridRows: Int
    private let gridColumns: Int

    /// - Parameter armNames: the names of `PatchPrediction.arms`, in order.
    package init(options: CalibrationOptions, armNames: [String], gridRows: Int, gridColumns: Int) {
        self.options = options
        self.armNames = armNames
        self.gridRows = gridRows
        self.gridColumns = gridColumns
    }

    /// Fits the statistics. Refuses when the parts are too few for the overkill rate, with the number needed, unless
    /// the nearest rate is asked for.
    package func fit(_ parts: [HeldOutPart]) throws(CalibrationError) -> ScoreStatistics {
        var rate = options.overkillRate
        let needed = Conformal.partsNeeded(rate: rate)
        if parts.count < max(needed, 4) {
            guard options.nearestRate, parts.count >= 4 else {
                throw .tooFewParts(found: parts.count, needed: max(4, needed), rate: rate)
            }
            rate = 1 / Double(parts.count + 1)
        }
        let hasDamage = parts.allSatisfy { $0.damage != nil }
        let armCount = armNames.count + (hasDamage ? 1 : 0)
        let folds = min(options.folds, parts.count)
        var outOfFold = [[[Float]]](
            repeating: [[Float]](repeating: [], count: parts.count), count: armCount)
        for fold in 0..<folds {
            let rest = parts.indices.filter { $0 % folds != fold }.map { parts[$0] }
            let arms = try fitArms(rest, hasDamage: hasDamage)
            for index in parts.indices where index % folds == fold {
                for (arm, statistics) in arms.enumerated() {
                    outOfFold[arm][index] = standardised(parts[index], arm: arm, statistics: statistics)
                }
            }
        }
        let fitted = try fitArms(parts, hasDamage: hasDamage)
        let arms = fitted.enumerated().map { index, statistics in
            scaled(statistics, by: outOfFold[index])
        }
        let scores = parts.indices.map { part in
            AnomalyMap.top(
                ScoreStatistics.fuse(
                    arms.indices.map { (outOfFold[$0][part], arms[$0]) }, gridRows: gridRows, gridColumns: gridColumns),
                share: options.topShare)
        }.sorted()
        guard scores.allSatisfy(\.isFinite) else { throw .notFinite(arm: "the fused map") }
        let fail = Conformal.threshold(scores, rate: rate) ?? scores[scores.count - 1]
        let review = Conformal.threshold(scores, rate: max(rate, options.reviewRate)) ?? fail
        let zero = scores[scores.count / 2]
        // Good parts that all score the same leave no scale; then the threshold lies a hair above them.
        let top = max(fail, zero + 1e-6 + 1e-3 * abs(zero))
        return ScoreStatistics(
            gridRows: gridRows, gridColumns: gridColumns, arms: arms, topShare: options.topShare, goodScores: scores,
            zero: zero, review: min(review, top), fail: top, overkillRate: rate)
    }

    private func fitArms(_ parts: [HeldOutPart], hasDamage: Bool) throws(CalibrationError) -> [ArmStatistics] {
        var result: [ArmStatistics] = []
        for (index, name) in armNames.enumerated() {
            guard let whitening = ArmFit.whitening(parts.map { $0.residuals[index] }, shrinkage: options.shrinkage)
            else { throw .notFinite(arm: name) }
            let magnitudes = parts.map { part in self.magnitudes(part, index, whitening) }
            guard
                let expected = ArmFit.expectedError(
                    magnitudes, hidden: parts.map { $0.hidden[index] }, ridgeOnStates: true)
            else { throw .notFinite(arm: name) }
            result.append(
                ArmStatistics(
                    name: name, whitening: whitening, expected: expected, median: 0, percentile99: 1, weight: 1))
        }
        if hasDamage {
            let magnitudes = parts.compactMap(\.damage)
            guard
                let expected = ArmFit.expectedError(
                    magnitudes, hidden: parts.compactMap { $0.hidden.last }, ridgeOnStates: false)
            else { throw .notFinite(arm: "damage") }
            result.append(
                ArmStatistics(
                    name: "damage", whitening: nil, expected: expected, median: 0, percentile99: 1, weight: 1))
        }
        return result
    }

    private func magnitudes(_ part: HeldOutPart, _ arm: Int, _ whitening: Whitening) -> [Float] {
        let residual = part.residuals[arm]
        return whitening.magnitudes(
            predicted: residual, target: Matrix(rows: residual.rows, columns: residual.columns))
    }

    private func standardised(_ part: HeldOutPart, arm: Int, statistics: ArmStatistics) -> [Float] {
        if let whitening = statistics.whitening {
            return statistics.expected.standardised(
                magnitudes: magnitudes(part, arm, whitening), hidden: part.hidden[arm])
        }
        return statistics.expected.standardised(
            magnitudes: part.damage ?? [], hidden: part.hidden[part.hidden.count - 1])
    }

    private func scaled(_ statistics: ArmStatistics, by maps: [[Float]]) -> ArmStatistics {
        let smoothed = maps.flatMap { AnomalyMap.smoothed($0, rows: gridRows, columns: gridColumns) }.sorted()
        let median = smoothed[smoothed.count / 2]
        let high = smoothed[min(smoothed.count - 1, Int(0.99 * Double(smoothed.count)))]
        return ArmStatistics(
            name: statistics.name, whitening: statistics.whitening, expected: statistics.expected, median: median,
            percentile99: max(high, median + 1e-3), weight: statistics.weight)
    }
}
