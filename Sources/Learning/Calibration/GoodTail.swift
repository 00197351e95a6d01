import Foundation
import Recipe

/// Conformal order statistics of held-out good scores (Vovk et al.): with n exchangeable good parts, a new good part
/// lies above the k-th smallest with probability at most 1 − k / (n + 1).
package enum Conformal {
    /// Good parts needed for rate α: the least n with 1 / (n + 1) <= α. 0.5 % needs 199, 2 % needs 49.
    package static func partsNeeded(rate: Double) -> Int { Recipe.Calibration.partsNeeded(rate: rate) }

    /// The threshold that at most a share `rate` of new good parts exceeds; nil when there are too few scores.
    package static func threshold(_ ascending: [Double], rate: Double) -> Double? {
        let n = ascending.count
        let rank = Int((Double(n + 1) * (1 - rate) - 1e-9).rounded(.up))
        guard rank >= 1, rank <= n else { return nil }
        return ascending[rank - 1]
    }
}

/// The tail of held-out good scores, smoothed. Fifty to a hundred good parts put a rate of 2 % between their worst two:
/// an order statistic there is one odd part's score, and a threshold that a single picture decides lets most defects pass.
/// So the greatest scores are taken together: above some good score u, what scores exceed it by is taken to be exponential
/// (the limit of light tails: Pickands 1975), and its mean says where the rate is reached.
package enum GoodTail {
    /// Scores that the tail is fitted to where there are enough: the fewer, the less the law matters; the more, the less a
    /// single part does.
    private static let fewest = 10

    /// The threshold that a share `rate` of new good parts is expected to exceed; nil when there are too few scores for the
    /// rate, as for `Conformal`. Where the rate is no matter of the tail (a review rate of a third), the order statistic.
    ///
    /// With k scores above u of mean excess m, the threshold is u + c m, c = k ([(k + 1) / ((n + 1) rate)]^(1/k) − 1): a new
    /// good part lies above u with probability (k + 1) / (n + 1), whatever the law, and, if the tail is exponential, above
    /// u + c m with (1 + c / k)^−k of that. The rate is met exactly then, the chance of the few scores included.
    ///
    /// - Parameters:
    ///   - ascending: scores of held-out good parts.
    ///   - rate: in 0…1.
    package static func threshold(_ ascending: [Double], rate: Double) -> Double? {
        guard let order = Conformal.threshold(ascending, rate: rate) else { return nil }
        let n = ascending.count
        let count = max(1, min(n / 5, max(fewest, Int((3 * rate * Double(n)).rounded()))))
        let share = Double(count + 1) / Double(n + 1)
        guard count < n, share > rate else { return order }
        let start = ascending[n - count - 1]
        let excess = ascending[(n - count)...].reduce(0) { $0 + ($1 - start) } / Double(count)
        let k = Double(count)
        return start + k * (pow(share / rate, 1 / k) - 1) * excess
    }
}
