/// Image scores with what people know about the parts, ranked: the figures of one-number-per-part evaluation.
///
/// Larger scores are more anomalous; equal scores are one step of every curve, as in scikit-learn.
package struct RankedScores: Sendable {
    /// How many good and defective parts share one score.
    private struct Step {
        let score: Double
        var good = 0
        var defective = 0
    }

    /// Scores from the largest to the smallest, each once.
    private let steps: [Step]
    package let goodCount: Int
    package let defectiveCount: Int

    /// Traps on arrays of different length and on a score that is not a number.
    package init(scores: [Double], isDefective: [Bool]) {
        precondition(
            scores.count == isDefective.count,
            "RankedScores: expected one truth per score, got \(scores.count) and \(isDefective.count)")
        precondition(!scores.contains(where: \.isNaN), "RankedScores: a score is not a number")
        var steps: [Step] = []
        for index in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
            if steps.last?.score != scores[index] { steps.append(Step(score: scores[index])) }
            if isDefective[index] {
                steps[steps.count - 1].defective += 1
            } else {
                steps[steps.count - 1].good += 1
            }
        }
        self.steps = steps
        defectiveCount = isDefective.count { $0 }
        goodCount = isDefective.count - defectiveCount
    }

    /// The chance that a defective part scores above a good one, equal scores counting half; 0…1, nil when either is
    /// missing.
    package var auroc: Double? {
        guard goodCount > 0, defectiveCount > 0 else { return nil }
        var goodBelow = Double(goodCount)
        var wins = 0.0
        for step in steps {
            goodBelow -= Double(step.good)
            wins += Double(step.defective) * (goodBelow + Double(step.good) / 2)
        }
        return wins / (Double(goodCount) * Double(defectiveCount))
    }

    /// Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct scores, scikit-learn's definition; 0…1, nil without defective parts.
    package var averagePrecision: Double? {
        guard defectiveCount > 0 else { return nil }
        var flagged = 0
        var found = 0
        var sum = 0.0
        for step in steps {
            found += step.defective
            flagged += step.good + step.defective
            sum += Double(step.defective) * Double(found) / Double(flagged)
        }
        return sum / Double(defectiveCount)
    }

    /// The largest F1 = 2PR / (P + R) that any threshold reaches, and the threshold (scores from there on are flagged,
    /// the highest of equally good ones); nil without defective parts. It is chosen on the test parts themselves: an
    /// upper bound, not what a night would see.
    package var f1Max: (value: Double, threshold: Double)? {
        guard defectiveCount > 0 else { return nil }
        var flagged = 0
        var found = 0
        var best = (value: -1.0, threshold: 0.0)
        for step in steps {
            found += step.defective
            flagged += step.good + step.defective
            let value = 2 * Double(found) / Double(flagged + defectiveCount)
            if value > best.value { best = (value, step.score) }
        }
        return best
    }

    /// The share of good parts with a score of at least `threshold`; nil without good parts.
    package func overkill(at threshold: Double) -> Double? {
        guard goodCount > 0 else { return nil }
        return Double(steps.reduce(0) { $0 + ($1.score >= threshold ? $1.good : 0) }) / Double(goodCount)
    }

    /// The share of defective parts with a score below `threshold`; nil without defective parts.
    package func escape(at threshold: Double) -> Double? {
        guard defectiveCount > 0 else { return nil }
        return Double(steps.reduce(0) { $0 + ($1.score < threshold ? $1.defective : 0) }) / Double(defectiveCount)
    }
}
