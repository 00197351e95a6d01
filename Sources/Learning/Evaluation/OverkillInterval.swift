import Numerics

extension EvaluationResult {
    /// The exact (Clopper–Pearson) 95 % interval of the share of good parts flagged; nil without good parts. A promised
    /// overkill rate outside of it is not kept.
    package var overkillInterval: ClosedRange<Double>? {
        guard let overkill, goodCount > 0 else { return nil }
        return Binomial.interval(successes: Int((overkill * Double(goodCount)).rounded()), of: goodCount)
    }
}
