/// How many good images a promise of overkill needs, and takes from training.
extension Recipe.Calibration {
    /// The least number n of held-out good parts for rate α: 1 / (n + 1) <= α. 0.5 % needs 199, 2 % needs 49.
    package static func partsNeeded(rate: Double) -> Int {
        guard rate > 0 else { return Int.max }
        return max(1, Int((1 / rate - 1 - 1e-9).rounded(.up)))
    }

    /// Good images of `count` that are held out: the share asked for, or what the overkill rate needs if that is more;
    /// never more than half. nil when half is too few for the rate.
    package func heldOutCount(of count: Int) -> Int? {
        let needed = Self.partsNeeded(rate: overkillRate)
        guard needed <= count / 2 else { return nil }
        return max(needed, min(count / 2, Int((Double(count) * heldOutFraction).rounded())))
    }
}
