import Handover
import Numerics

/// Brings residuals ẑ − z to unit covariance: y = W · (r − mean), W the inverse Cholesky factor of the shrunk
/// covariance of held-out good residuals. What matters is no longer which dimensions vary much by themselves.
package struct Whitening: Sendable, Equatable {
    /// Mean residual of every patch, (N, D).
    package let mean: Matrix<Float>
    /// W, (D, D), lower triangular.
    package let factor: Matrix<Float>

    package init(mean: Matrix<Float>, factor: Matrix<Float>) {
        precondition(
            factor.rows == factor.columns && mean.columns == factor.columns,
            "Whitening: expected (N, D) and (D, D), got (\(mean.rows), \(mean.columns)) and (\(factor.rows), \(factor.columns))"
        )
        self.mean = mean
        self.factor = factor
    }

    /// Root mean square of the whitened residual of each patch, (N): 1 for a typical good one.
    package func magnitudes(predicted: Matrix<Float>, target: Matrix<Float>) -> [Float] {
        precondition(
            predicted.rows == mean.rows && target.rows == mean.rows && predicted.columns == mean.columns,
            "Whitening: expected (\(mean.rows), \(mean.columns)), got (\(predicted.rows), \(predicted.columns))")
        var residual = predicted
        addScaled(&residual, -1, target)
        addScaled(&residual, -1, mean)
        return rowRootMeanSquares(productWithLower(residual, factor))
    }
}

/// How large an error should have been, and how much it spreads, told from the predictor's own hidden state (which has
/// not seen a hidden patch) and, where parts are fixtured, from the place on the part.
package struct ExpectedError: Sendable, Equatable {
    /// Ridge weights on the hidden state, and intercept last, (P + 1): expected magnitude and expected |deviation|.
    package let magnitude: [Float]
    package let deviation: [Float]
    /// What remains per place, (N): offset and deviation, shrunk to the overall value as far as places do not differ.
    package let placeOffset: [Float]
    package let placeDeviation: [Float]
    /// A deviation below which no error counts as steady.
    package let floor: Float

    package init(
        magnitude: [Float], deviation: [Float], placeOffset: [Float], placeDeviation: [Float], floor: Float
    ) {
        self.magnitude = magnitude
        self.deviation = deviation
        self.placeOffset = placeOffset
        self.placeDeviation = placeDeviation
        self.floor = floor
    }

    /// Mean of |x| of a normal number, inverted: brings a mean absolute deviation to a standard deviation.
    package static let absoluteToStandard: Float = 1.25

    /// (magnitude − expected) / (spread + floor) of every patch, (N).
    package func standardised(magnitudes: [Float], hidden: Matrix<Float>) -> [Float] {
        precondition(
            magnitudes.count == hidden.rows && hidden.columns + 1 == magnitude.count
                && placeOffset.count == magnitudes.count,
            "ExpectedError: expected \(placeOffset.count) patches with states of \(magnitude.count - 1), got \(magnitudes.count) and (\(hidden.rows), \(hidden.columns))"
        )
        let expected = affine(hidden, magnitude)
        let spread = affine(hidden, deviation)
        return magnitudes.indices.map { n in
            let width = 0.5 * (Self.absoluteToStandard * max(0, spread[n]) + placeDeviation[n]) + floor
            return (magnitudes[n] - expected[n] - placeOffset[n]) / width
        }
    }
}

/// Brings an arm's values to the units of the others: 0 = the median of held-out good patches, 1 = what one good patch
/// in a hundred reaches.
package struct ArmScale: Sendable, Equatable, Codable {
    package let median: Float
    package let percentile99: Float

    package init(median: Float, percentile99: Float) {
        self.median = median
        self.percentile99 = percentile99
    }

    package func z(_ value: Float) -> Float { (value - median) / max(percentile99 - median, 1e-6) }
}

/// The statistics of one arm: prediction → magnitude → calibrated magnitude → z.
package struct ArmStatistics: Sendable, Equatable {
    /// What an arm looks at.
    package enum Source: Sendable, Equatable {
        /// The residual of the predictor's arm of this name.
        case residual(String, Whitening)
        /// The embedding against what is usual at its place.
        case place(PatchGaussians)
        /// The embedding against the kinds of good patches, wherever it lies.
        case mixture(PatchGaussians)
        /// The low-level targets beside the embedding against the kinds of good patches, wherever it lies.
        case lowLevel(PatchGaussians)
        /// The log-odds of damage.
        case damage
    }

    package let source: Source
    /// nil for the damage arm, whose magnitude says it itself.
    package let expected: ExpectedError?
    /// Scale of the calibrated magnitude, which makes the image score.
    package let scoreScale: ArmScale
    /// Scale of the plain magnitude, which makes the heatmap; nil for an arm that has no part in it.
    package let heatScale: ArmScale?
    /// True for an arm that looks at the interleaved grid.
    package let isInterleaved: Bool
    /// How much the voice of its family counts among the others; the same for a family's arms on both grids.
    package let weight: Float

    /// Traps unless `weight` is above 0.
    package init(
        source: Source, expected: ExpectedError?, scoreScale: ArmScale, heatScale: ArmScale?,
        isInterleaved: Bool = false, weight: Float = 1
    ) {
        precondition(weight > 0, "ArmStatistics: expected a weight above 0, got \(weight)")
        self.isInterleaved = isInterleaved
        self.weight = weight
        self.source = source
        self.expected = expected
        self.scoreScale = scoreScale
        self.heatScale = heatScale
    }

    /// What the names of arms on the interleaved grid end with.
    package static let interleavedSuffix = ".interleaved"

    /// The name under which the arm is stored: its family's, "repair.interleaved" on the interleaved grid.
    package var name: String { isInterleaved ? family + Self.interleavedSuffix : family }

    /// "masked.2", "repair", "second", "place", "mixture", "low-level" or "damage", on either grid.
    package var family: String {
        switch source {
        case .residual(let name, _): name
        case .place: "place"
        case .mixture: "mixture"
        case .lowLevel: "low-level"
        case .damage: "damage"
        }
    }

    /// Plain and calibrated magnitudes of every patch, (N) each, on the grid that the arm looks at.
    package func magnitudes(_ prediction: PatchPrediction) -> (plain: [Float], calibrated: [Float]) {
        let plain: [Float]
        let hidden: Matrix<Float>
        let view = Self.view(prediction, interleaved: isInterleaved)
        switch source {
        case .residual(let name, let whitening):
            guard let arm = view.arms.first(where: { $0.name == name }) else {
                preconditionFailure("ArmStatistics: the prediction has no arm \(self.name)")
            }
            plain = whitening.magnitudes(predicted: arm.predicted, target: view.target)
            hidden = arm.hidden
        case .place(let gaussians):
            plain = gaussians.magnitudes(atPlaces: view.target)
            hidden = Self.firstHidden(view)
        case .mixture(let gaussians):
            plain = gaussians.magnitudes(ofNearest: view.target)
            hidden = Self.firstHidden(view)
        case .lowLevel(let gaussians):
            guard let lowLevel = view.lowLevel else {
                preconditionFailure("ArmStatistics: the prediction has no low-level targets")
            }
            plain = gaussians.magnitudes(ofNearest: lowLevel)
            hidden = Self.firstHidden(view)
        case .damage:
            guard let damage = view.damage else {
                preconditionFailure("ArmStatistics: the prediction has no log-odds of damage")
            }
            return (damage, damage)
        }
        return (plain, expected?.standardised(magnitudes: plain, hidden: hidden) ?? plain)
    }

    /// What a prediction holds of one of its two grids.
    package typealias View = (
        target: Matrix<Float>, arms: [PatchPrediction.Arm], damage: [Float]?, lowLevel: Matrix<Float>?
    )

    /// A prediction on one of its two grids. Traps where it was not made.
    package static func view(_ prediction: PatchPrediction, interleaved: Bool) -> View {
        guard interleaved else {
            return (prediction.target, prediction.arms, prediction.damage, prediction.lowLevel)
        }
        guard let view = prediction.interleaved else {
            preconditionFailure("ArmStatistics: the prediction does not look at the interleaved grid")
        }
        return (view.target, [view.repair], view.damage, view.lowLevel)
    }

    /// The state that tells what an arm without a prediction of its own should expect.
    private static func firstHidden(_ view: View) -> Matrix<Float> {
        guard let arm = view.arms.first else { preconditionFailure("ArmStatistics: the prediction has no arms") }
        return arm.hidden
    }
}

/// weights · [row; 1] for every row.
package func affine(_ input: Matrix<Float>, _ weights: [Float]) -> [Float] {
    let column = Matrix(rows: 1, columns: input.columns, storage: Array(weights.dropLast()))
    let intercept = weights.last ?? 0
    return product(input, column, transposeB: true).storage.map { $0 + intercept }
}

/// √(mean of squares) of every row.
package func rowRootMeanSquares(_ input: Matrix<Float>) -> [Float] {
    (0..<input.rows).map { row in
        var sum: Float = 0
        for value in input.row(row) { sum += value * value }
        return (sum / Float(max(1, input.columns))).squareRoot()
    }
}
