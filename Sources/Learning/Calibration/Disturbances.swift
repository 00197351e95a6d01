import Handover
import Numerics
import Score

/// A good part's picture as it may come another night, and as it is.
package struct DisturbedPart: Sendable {
    /// A number of the kind of disturbance: every kind counts as much as the others, however many pictures it has.
    package let kind: Int
    package let clean: PatchPrediction
    package let disturbed: PatchPrediction

    package init(kind: Int, clean: PatchPrediction, disturbed: PatchPrediction) {
        self.kind = kind
        self.clean = clean
        self.disturbed = disturbed
    }
}

/// What pictures that change while their parts do not do to what is said of the parts. Statistics that know it look less in
/// directions in which other light or a noisier camera moves an embedding (as within-class covariance normalisation does for
/// speakers and microphones: Hatch et al., Interspeech 2006), and expect no steadier errors at a place than such pictures have.
package struct Disturbances: Sendable {
    /// One arm on one grid.
    private struct Arm: Hashable {
        let name: String
        let isInterleaved: Bool
    }

    /// Where rises come from.
    private enum Source {
        case parts([DisturbedPart])
        /// What another fit was given.
        case known([Arm: [Float]])
    }

    private let source: Source
    /// What each arm's residual gains in covariance, (D, D).
    private let covariances: [Arm: Matrix<Double>]

    package init(_ parts: [DisturbedPart] = []) {
        source = .parts(parts)
        covariances = Self.covariances(parts)
    }

    /// How much a disturbance counts beside what the good parts differ by: as if of ten nights one were of each kind. It is enough
    /// for bottle's place arm, which flags no more good parts then; a whole one costs macaroni1's 0.012 image AUROC, this a
    /// third of that (Tests/Benchmarks/RESULTS.md).
    private static let share = 0.1

    /// What the residual of this arm gains in covariance, (D, D): the sum over kinds of a share of ΔΔᵀ's mean over patches. nil
    /// where no part is disturbed.
    func residualCovariance(_ name: String, interleaved: Bool) -> Matrix<Double>? {
        covariances[Arm(name: name, isInterleaved: interleaved)]
    }

    private static func covariances(_ parts: [DisturbedPart]) -> [Arm: Matrix<Double>] {
        let counts = Dictionary(grouping: parts, by: \.kind).mapValues(\.count)
        var result: [Arm: Matrix<Double>] = [:]
        for part in parts {
            for isInterleaved in [false, true] where !isInterleaved || part.clean.interleaved != nil {
                let before = ArmStatistics.view(part.clean, interleaved: isInterleaved)
                let after = ArmStatistics.view(part.disturbed, interleaved: isInterleaved)
                for (arm, other) in zip(before.arms, after.arms) {
                    // (ẑ' − z') − (ẑ − z)
                    var residual = other.predicted
                    addScaled(&residual, -1, after.target)
                    addScaled(&residual, -1, arm.predicted)
                    addScaled(&residual, 1, before.target)
                    let square = product(residual, transposeA: true, residual)
                    let weight = share / Double((counts[part.kind] ?? 1) * residual.rows)
                    let key = Arm(name: arm.name, isInterleaved: isInterleaved)
                    var sum = result.removeValue(forKey: key) ?? Matrix(rows: square.rows, columns: square.columns)
                    for index in sum.storage.indices { sum.storage[index] += weight * Double(square.storage[index]) }
                    result[key] = sum
                }
            }
        }
        return result
    }

    /// Differences of components at the places of a grid: for each kind, (N, k) of each picture, so scaled that their second
    /// moments are the share that counts.
    ///
    /// - Parameters:
    ///   - projection: onto the components, (k, D).
    ///   - of: what is projected of a look at a part, (N, D).
    package func componentDifferences(
        _ projection: Matrix<Float>, interleaved: Bool, of: (ArmStatistics.View) -> Matrix<Float> = { $0.target }
    ) -> [[Matrix<Float>]] {
        guard case .parts(let parts) = source else { return [] }
        let kinds = Dictionary(grouping: parts, by: \.kind).sorted { $0.key < $1.key }
        return kinds.map { _, parts in
            parts.map { part in
                var moved = of(ArmStatistics.view(part.disturbed, interleaved: interleaved))
                addScaled(&moved, -1, of(ArmStatistics.view(part.clean, interleaved: interleaved)))
                var result = product(moved, projection, transposeB: true)
                for index in result.storage.indices { result.storage[index] *= Float(Self.share.squareRoot()) }
                return result
            }
        }
    }

    /// How far the magnitude of an arm rises at each place, (N): the root mean square over kinds and pictures, shrunk to that of
    /// all places as far as places do not differ. nil where no part is disturbed.
    ///
    /// - Parameter magnitudes: of the arm, of one look at a part.
    func rise(_ name: String, interleaved: Bool, magnitudes: (PatchPrediction) -> [Float]) -> [Float]? {
        switch source {
        case .known(let arms): return arms[Arm(name: name, isInterleaved: interleaved)]
        case .parts(let parts):
            guard !parts.isEmpty else { return nil }
            let counts = Dictionary(grouping: parts, by: \.kind).mapValues(\.count)
            let squares = parts.map { part in
                // As much of each kind as if all had as many pictures.
                let weight = Float(parts.count) / Float(counts.count * (counts[part.kind] ?? 1))
                return zip(magnitudes(part.disturbed), magnitudes(part.clean)).map { after, before in
                    let rise = max(0, after - before)
                    return weight * rise * rise
                }
            }
            return ArmFit.shrunkPlaceMeans(squares, places: squares[0].count).map { max(0, $0).squareRoot() }
        }
    }
}

extension Disturbances {
    /// What `statistics` that were fitted on these parts know of disturbances, told from what the parts alone give: nothing else
    /// keeps it. The place's Gaussians have theirs in them. Nothing is known where they were fitted on other parts.
    ///
    /// - Parameter shrinkage: the one of that fit.
    package init(
        of statistics: ScoreStatistics, fittedOn parts: [HeldOutPart],
        shrinkage: Double = CalibrationOptions.usualShrinkage
    ) {
        var covariances: [Arm: Matrix<Double>] = [:]
        var rises: [Arm: [Float]] = [:]
        var areTheParts = true
        for statistics in statistics.arms {
            guard let expected = statistics.expected else { continue }
            let views = parts.map { ArmStatistics.view($0.prediction, interleaved: statistics.isInterleaved) }
            let arm = Arm(name: statistics.family, isInterleaved: statistics.isInterleaved)
            var hidden = views.map { $0.arms[0].hidden }
            if case .residual(let name, let whitening) = statistics.source {
                hidden = views.compactMap { $0.arms.first { $0.name == name }?.hidden }
                covariances[arm] = ArmFit.disturbance(
                    of: whitening, parts.map { $0.residual(name, interleaved: statistics.isInterleaved) },
                    shrinkage: shrinkage)
                areTheParts = areTheParts && covariances[arm] != nil
            }
            let magnitudes = parts.map { statistics.magnitudes($0.prediction).plain }
            guard let own = ArmFit.expectedError(magnitudes, hidden: hidden) else { continue }
            rises[arm] = own.rise(to: expected)
        }
        self.covariances = areTheParts ? covariances : [:]
        source = .known(areTheParts ? rises : [:])
    }
}

extension ExpectedError {
    /// The same, expecting magnitudes that are by `rise` less steady at each place, (N): the spread that they are measured by
    /// grows by that.
    func spread(by rise: [Float]?) -> ExpectedError {
        guard let rise else { return self }
        // A place's deviation counts half beside the one that the state tells.
        return ExpectedError(
            magnitude: magnitude, deviation: deviation, placeOffset: placeOffset,
            placeDeviation: zip(placeDeviation, rise).map { $0 + 2 * $1 }, floor: floor)
    }

    /// The rise by which `other` was spread.
    fileprivate func rise(to other: ExpectedError) -> [Float] {
        zip(other.placeDeviation, placeDeviation).map { max(0, ($0 - $1) / 2) }
    }
}
