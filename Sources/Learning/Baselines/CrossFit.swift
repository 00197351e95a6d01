import Calibration
import Handover
import Numerics
import Score

/// Honest scores of held-out good parts for methods whose numbers were fitted on those very parts: the parts are dealt into
/// folds, and each is judged by statistics that have not seen it. Their own scores in place of these would make every
/// threshold too low.
package enum CrossFit {
    private static let folds = 4

    /// Scores of all parts, in their order, by method; nil where the parts are too few to be dealt.
    ///
    /// - Parameters:
    ///   - parts: the held-out good parts that the model was calibrated on.
    ///   - statistics: the model's own, for what is not fitted on held-out parts.
    ///   - names: methods to score; those that do not come with the model are passed over.
    package static func scores(
        _ parts: [HeldOutPart], statistics: ScoreStatistics, names: [String], workers: Int
    ) -> [String: [Double]]? {
        guard parts.count >= 2 * folds, let first = parts.first else { return nil }
        // Only scales are taken from the inner folds here, so two are enough.
        let options = CalibrationOptions(
            overkillRate: statistics.overkillRate, reviewRate: max(statistics.overkillRate, 0.05), folds: 2,
            topShare: statistics.topShare, nearestRate: true)
        let armNames = first.prediction.arms.map(\.name)
        func usual(interleaved: Bool) -> UsualEmbeddings {
            var result = UsualEmbeddings()
            for arm in statistics.arms where arm.isInterleaved == interleaved {
                switch arm.source {
                case .place(let gaussian): result.place = gaussian
                case .mixture(let mixture): result.mixture = mixture
                case .lowLevel(let kinds): result.lowLevel = kinds
                case .residual, .damage: break
                }
            }
            return result
        }
        // How good parts differ is dealt; what changed pictures do to them is taken as the model has it.
        let disturbances = Disturbances(of: statistics, fittedOn: parts)
        let (own, moved) = (usual(interleaved: false), usual(interleaved: true))
        let dealt = parallelMap(count: folds, workers: workers) { fold -> [(part: Int, scores: [String: Double])]? in
            let calibrator = Calibrator(
                options: options, armNames: armNames, gridRows: statistics.gridRows, gridColumns: statistics.gridColumns
            )
            let rest = parts.indices.filter { $0 % folds != fold }.map { parts[$0] }
            guard
                let fitted = try? calibrator.fit(
                    rest, usual: own, interleavedUsual: moved, disturbances: disturbances)
            else { return nil }
            let methods = MethodCatalogue.own(fitted, names: names)
            var judged: [(part: Int, scores: [String: Double])] = []
            for index in parts.indices where index % folds == fold {
                var scores: [String: Double] = [:]
                for method in methods {
                    guard let judgement = try? method.judge(parts[index].prediction) else { return nil }
                    scores[method.name] = judgement.score
                }
                judged.append((index, scores))
            }
            return judged
        }
        var result: [String: [Double]] = [:]
        for fold in dealt {
            guard let fold else { return nil }
            for (part, scores) in fold {
                for (name, score) in scores {
                    result[name, default: [Double](repeating: 0, count: parts.count)][part] = score
                }
            }
        }
        return result
    }
}
