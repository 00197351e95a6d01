import Numerics

/// How much two ways of scoring the same parts differ, and how much of that may be chance.
package struct AUROCDifference: Sendable, Equatable {
    /// AUROC of the one minus AUROC of the other, on the parts as they are.
    package let value: Double
    /// The central 95 % of the difference over resampled parts.
    package let interval: ClosedRange<Double>

    package init(value: Double, interval: ClosedRange<Double>) {
        self.value = value
        self.interval = interval
    }

    /// Whether the interval leaves out 0: a smaller difference means nothing.
    package var isClear: Bool { interval.lowerBound > 0 || interval.upperBound < 0 }
}

/// Paired bootstrap of differences in image AUROC (Efron 1979): good and defective parts are drawn again with
/// replacement, each kind for itself, and both ways of scoring are measured on the same draw. What makes a part hard for
/// both cancels out, so the interval is narrower than those of two AUROC side by side.
package struct PairedBootstrap: Sendable {
    private let isDefective: [Bool]
    /// How often each part occurs in each draw, (draws, parts).
    private let weights: [[Double]]

    /// - Parameters:
    ///   - isDefective: the truth, one per part.
    ///   - draws: resampled sets; 2,000 fix the ends of a 95 % interval to about a tenth of its width.
    package init(isDefective: [Bool], draws: Int = 2000, seed: UInt64 = 1) {
        precondition(draws >= 100, "PairedBootstrap: expected at least 100 draws, got \(draws)")
        self.isDefective = isDefective
        let groups = [true, false].map { kind in isDefective.indices.filter { isDefective[$0] == kind } }
        var random = RandomSource(seed: seed, stream: 0xB007)
        weights = (0..<draws).map { _ in
            var weights = [Double](repeating: 0, count: isDefective.count)
            for group in groups {
                for _ in group { weights[group[random.integer(below: group.count)]] += 1 }
            }
            return weights
        }
    }

    /// AUROC of `scores` minus AUROC of `reference`; nil without good or without defective parts. Traps on scores that
    /// are not one number per part.
    package func difference(_ scores: [Double], minus reference: [Double]) -> AUROCDifference? {
        guard isDefective.contains(true), isDefective.contains(false) else { return nil }
        let first = WeightedRanking(scores, isDefective)
        let second = WeightedRanking(reference, isDefective)
        let whole = [Double](repeating: 1, count: isDefective.count)
        let differences = weights.map { first.auroc($0) - second.auroc($0) }.sorted()
        func quantile(_ share: Double) -> Double {
            differences[min(differences.count - 1, Int(share * Double(differences.count)))]
        }
        return AUROCDifference(
            value: first.auroc(whole) - second.auroc(whole), interval: quantile(0.025)...quantile(0.975))
    }
}

/// Parts sorted once by score, so that the AUROC of any weights takes one pass.
private struct WeightedRanking {
    private let order: [Int]
    /// Where a new score begins in `order`.
    private let starts: [Bool]
    private let isDefective: [Bool]

    init(_ scores: [Double], _ isDefective: [Bool]) {
        precondition(
            scores.count == isDefective.count && !scores.contains(where: \.isNaN),
            "PairedBootstrap: expected \(isDefective.count) scores that are numbers, got \(scores.count)")
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        self.order = order
        starts = order.indices.map { $0 == 0 || scores[order[$0]] != scores[order[$0 - 1]] }
        self.isDefective = isDefective
    }

    func auroc(_ weights: [Double]) -> Double {
        var (goodBelow, good, defective, wins, allDefective) = (0.0, 0.0, 0.0, 0.0, 0.0)
        func close() {
            wins += defective * (goodBelow + good / 2)
            goodBelow += good
            allDefective += defective
            (good, defective) = (0, 0)
        }
        for (place, part) in order.enumerated() {
            if starts[place] { close() }
            if isDefective[part] { defective += weights[part] } else { good += weights[part] }
        }
        close()
        return wins / (goodBelow * allDefective)
    }
}
