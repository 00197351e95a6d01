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
    ///
    /// - Parameters:
    ///   - usual: what good embeddings are, fitted on the parts that training saw; what is nil is left out.
    ///   - interleavedUsual: the same on the interleaved grid, which counts where the parts were looked at under it.
    ///   - disturbances: what pictures that change while parts do not do to them; usual embeddings have their share in them.
    package func fit(
        _ parts: [HeldOutPart], usual: UsualEmbeddings = UsualEmbeddings(),
        interleavedUsual: UsualEmbeddings = UsualEmbeddings(), disturbances: Disturbances = Disturbances()
    ) throws(CalibrationError) -> ScoreStatistics {
        let rate = try ThresholdFit.rate(options, parts: parts.count)
        let fixed = Fixed(
            parts, usual: usual, interleavedUsual: interleavedUsual, disturbances: disturbances,
            options: options)
        let hasDamage = parts.allSatisfy { $0.prediction.damage != nil }
        let folds = min(options.folds, parts.count)
        var outOfFold = [[Magnitudes]](repeating: [], count: parts.count)
        for fold in 0..<folds {
            let rest = parts.indices.filter { $0 % folds != fold }
            let arms = try fitArms(parts, rest, fixed, hasDamage: hasDamage)
            for index in parts.indices where index % folds == fold {
                outOfFold[index] = arms.map { $0.magnitudes(parts[index].prediction) }
            }
        }
        let fitted = try fitArms(parts, Array(parts.indices), fixed, hasDamage: hasDamage)
        let arms = fitted.indices.map { arm in scaled(fitted[arm], by: outOfFold.map { $0[arm] }) }
        let scores = outOfFold.map { magnitudes in
            AnomalyMap.top(
                FusedMaps(
                    arms.indices.map { (statistics: arms[$0], magnitudes: magnitudes[$0]) }, rows: gridRows,
                    columns: gridColumns
                ).score, share: options.topShare)
        }
        guard scores.allSatisfy(\.isFinite) else { throw .notFinite(arm: "the fused map") }
        return ScoreStatistics(
            gridRows: gridRows, gridColumns: gridColumns, arms: arms, topShare: options.topShare,
            calibration: ThresholdFit.fit(scores, rate: rate, reviewRate: options.reviewRate))
    }

    /// What the names of arms that predict hidden patches start with; one for each block size.
    private static let maskedPrefix = "masked"

    /// How much all masked arms together, and the repair arm, count beside another one. They measure the same thing, the residual of
    /// the predictor, which errs around a defect too, and whose good values have the heaviest tail. Of magnetic tile, macaroni1,
    /// three seeds each, and grey parts in free rotation a quarter and a half instead of a half and a whole lift image AUROC by
    /// 0.0014 to 0.0017 and AUPRO@0.3 by 0.0015 to 0.006 (Tests/Benchmarks/RESULTS.md); alone the masked arms remain the method
    /// `jepa-calibrated` of `compare`.
    private static let maskedWeight: Float = 0.25
    private static let repairWeight: Float = 0.5

    private static func weight(_ name: String, maskedCount: Int) -> Float {
        if name.hasPrefix(maskedPrefix) { return maskedWeight / Float(maskedCount) }
        return name == "repair" ? repairWeight : 1
    }

    private typealias Magnitudes = (plain: [Float], calibrated: [Float])

    /// An arm that looks at usual embeddings: not fitted on held-out parts, so all folds share what it says of them.
    private struct UsualArm {
        let source: ArmStatistics.Source
        let name: String
        let weight: Float
        /// True if its plain magnitudes have a part in the heatmap.
        let isWarm: Bool
        /// Of each part, (N).
        let magnitudes: [[Float]]
        /// As of `Disturbances.rise`.
        let rise: [Float]?
    }

    /// What is not fitted anew in each fold.
    private struct Fixed {
        let disturbances: Disturbances
        private let own: [UsualArm]
        private let moved: [UsualArm]

        init(
            _ parts: [HeldOutPart], usual: UsualEmbeddings, interleavedUsual: UsualEmbeddings,
            disturbances: Disturbances, options: CalibrationOptions
        ) {
            self.disturbances = disturbances
            func arms(_ usual: UsualEmbeddings, interleaved: Bool) -> [UsualArm] {
                func arm(
                    _ source: ArmStatistics.Source, _ name: String, weight: Float, isWarm: Bool,
                    _ magnitudes: (ArmStatistics.View) -> [Float]
                ) -> UsualArm {
                    func ofPart(_ prediction: PatchPrediction) -> [Float] {
                        magnitudes(ArmStatistics.view(prediction, interleaved: interleaved))
                    }
                    return UsualArm(
                        source: source, name: name, weight: weight, isWarm: isWarm,
                        magnitudes: parts.map { ofPart($0.prediction) },
                        rise: disturbances.rise(name, interleaved: interleaved, magnitudes: ofPart))
                }
                var result: [UsualArm] = []
                if let place = usual.place {
                    result.append(
                        arm(.place(place), "place", weight: options.placeWeight, isWarm: false) {
                            place.magnitudes(atPlaces: $0.target)
                        })
                }
                if let mixture = usual.mixture {
                    result.append(
                        arm(
                            .mixture(mixture), "mixture", weight: options.mixtureWeight, isWarm: options.mixtureInHeat
                        ) { mixture.magnitudes(ofNearest: $0.target) })
                }
                if let kinds = usual.lowLevel {
                    result.append(
                        arm(.lowLevel(kinds), "low-level", weight: options.lowLevelWeight, isWarm: false) { view in
                            view.lowLevel.map(kinds.magnitudes(ofNearest:)) ?? []
                        })
                }
                return result
            }
            own = arms(usual, interleaved: false)
            moved =
                parts.allSatisfy { $0.prediction.interleaved != nil } ? arms(interleavedUsual, interleaved: true) : []
        }

        func usual(interleaved: Bool) -> [UsualArm] { interleaved ? moved : own }
    }

    /// - Parameter chosen: indices of the parts to fit on.
    private func fitArms(
        _ parts: [HeldOutPart], _ chosen: [Int], _ fixed: Fixed, hasDamage: Bool
    ) throws(CalibrationError) -> [ArmStatistics] {
        var result = try fitGrid(
            parts, chosen, armNames: armNames, fixed, hasDamage: hasDamage, interleaved: false)
        if parts.allSatisfy({ $0.prediction.interleaved != nil }) {
            result += try fitGrid(
                parts, chosen, armNames: armNames.filter { $0 == "repair" }, fixed, hasDamage: hasDamage,
                interleaved: true)
        }
        return result
    }

    /// The arms on one grid.
    private func fitGrid(
        _ all: [HeldOutPart], _ chosen: [Int], armNames: [String], _ fixed: Fixed, hasDamage: Bool, interleaved: Bool
    ) throws(CalibrationError) -> [ArmStatistics] {
        let unit = ArmScale(median: 0, percentile99: 1)
        let parts = chosen.map { all[$0] }
        var result: [ArmStatistics] = []
        let views = parts.map { ArmStatistics.view($0.prediction, interleaved: interleaved) }
        let maskedCount = armNames.count { $0.hasPrefix(Self.maskedPrefix) }
        func add(_ source: ArmStatistics.Source, _ expected: ExpectedError?, heat: Bool, weight: Float = 1) {
            result.append(
                ArmStatistics(
                    source: source, expected: expected, scoreScale: unit, heatScale: heat ? unit : nil,
                    isInterleaved: interleaved, weight: weight))
        }
        for name in armNames {
            let residuals = parts.map { $0.residual(name, interleaved: interleaved) }
            let disturbance = fixed.disturbances.residualCovariance(name, interleaved: interleaved)
            guard
                let whitening = ArmFit.whitening(
                    residuals, shrinkage: options.shrinkage, disturbance: disturbance)
            else {
                throw .notFinite(arm: name)
            }
            let arms = views.compactMap { $0.arms.first { $0.name == name } }
            let magnitudes = parts.indices.map { part in
                whitening.magnitudes(predicted: arms[part].predicted, target: views[part].target)
            }
            guard let steady = ArmFit.expectedError(magnitudes, hidden: arms.map(\.hidden)) else {
                throw .notFinite(arm: name)
            }
            let rise = fixed.disturbances.rise(name, interleaved: interleaved) { prediction in
                let view = ArmStatistics.view(prediction, interleaved: interleaved)
                guard let arm = view.arms.first(where: { $0.name == name }) else {
                    preconditionFailure("Calibrator: a disturbed part has no arm \(name)")
                }
                return whitening.magnitudes(predicted: arm.predicted, target: view.target)
            }
            let expected = steady.spread(by: rise)
            add(
                .residual(name, whitening), expected, heat: true, weight: Self.weight(name, maskedCount: maskedCount))
        }
        for arm in fixed.usual(interleaved: interleaved) {
            guard
                let steady = ArmFit.expectedError(
                    chosen.map { arm.magnitudes[$0] }, hidden: views.map { $0.arms[0].hidden })
            else { throw .notFinite(arm: arm.name) }
            add(arm.source, steady.spread(by: arm.rise), heat: arm.isWarm, weight: arm.weight)
        }
        if hasDamage { add(.damage, nil, heat: true, weight: options.damageWeight) }
        return result
    }

    /// The same statistics with scales from held-out values.
    private func scaled(_ statistics: ArmStatistics, by magnitudes: [Magnitudes]) -> ArmStatistics {
        func scale(_ values: [Float]) -> ArmScale {
            let ascending = values.sorted()
            let median = ascending[ascending.count / 2]
            let high = ascending[min(ascending.count - 1, Int(0.99 * Double(ascending.count)))]
            return ArmScale(median: median, percentile99: max(high, median + 0.1))
        }
        return ArmStatistics(
            source: statistics.source, expected: statistics.expected,
            scoreScale: scale(magnitudes.flatMap(\.calibrated)),
            heatScale: statistics.heatScale == nil ? nil : scale(magnitudes.flatMap(\.plain)),
            isInterleaved: statistics.isInterleaved, weight: statistics.weight)
    }
}
