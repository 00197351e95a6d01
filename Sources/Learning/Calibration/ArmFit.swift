import Handover
import Numerics
import Score

/// Fits of one arm's statistics on a set of held-out good parts.
enum ArmFit {
    /// Whitening of what residuals of good parts are about their means.
    ///
    /// - Parameter disturbance: covariance (D, D) of what the residual does when the picture changes and the part does not;
    ///   added, so that these directions count less.
    static func whitening(
        _ residuals: [Matrix<Float>], shrinkage: Double, disturbance: Matrix<Double>? = nil
    ) -> Whitening? {
        guard let (mean, own) = moments(residuals, shrinkage: shrinkage) else { return nil }
        var covariance = own
        if let disturbance { addScaled(&covariance, 1, disturbance) }
        guard let lower = LinearAlgebra.cholesky(covariance) else { return nil }
        let inverse = LinearAlgebra.inverseOfLower(lower)
        return Whitening(
            mean: mean,
            factor: Matrix(
                rows: inverse.rows, columns: inverse.columns, storage: inverse.storage.map { Float($0) }))
    }

    /// The disturbance that a whitening of these residuals was given, (D, D); nil if it was fitted on others, which its mean
    /// shows, for no disturbance moves that.
    static func disturbance(
        of whitening: Whitening, _ residuals: [Matrix<Float>], shrinkage: Double
    ) -> Matrix<Double>? {
        guard let (mean, own) = moments(residuals, shrinkage: shrinkage) else { return nil }
        guard zip(mean.storage, whitening.mean.storage).allSatisfy({ abs($0 - $1) < 1e-3 }) else { return nil }
        let lower = LinearAlgebra.inverseOfLower(
            Matrix(
                rows: whitening.factor.rows, columns: whitening.factor.columns,
                storage: whitening.factor.storage.map { Double($0) }))
        var whole = product(lower, lower, transposeB: true)
        addScaled(&whole, -1, own)
        return whole
    }

    /// Mean residual per place, (N, D), shrunk to the overall mean as far as places do not differ (empirical Bayes), and the
    /// covariance of what is left, (D, D), shrunk towards a multiple of the identity.
    private static func moments(
        _ residuals: [Matrix<Float>], shrinkage: Double
    ) -> (mean: Matrix<Float>, covariance: Matrix<Double>)? {
        guard let first = residuals.first else { return nil }
        let places = first.rows
        let width = first.columns
        let n = Double(residuals.count)
        var placeMean = [Double](repeating: 0, count: places * width)
        for residual in residuals {
            for index in placeMean.indices { placeMean[index] += Double(residual.storage[index]) }
        }
        for index in placeMean.indices { placeMean[index] /= n }
        var overall = [Double](repeating: 0, count: width)
        for index in placeMean.indices { overall[index % width] += placeMean[index] / Double(places) }
        var between = 0.0
        var within = 0.0
        for index in placeMean.indices {
            let d = placeMean[index] - overall[index % width]
            between += d * d
        }
        for residual in residuals {
            for index in placeMean.indices {
                let d = Double(residual.storage[index]) - placeMean[index]
                within += d * d
            }
        }
        between /= Double(placeMean.count)
        within /= Double(placeMean.count) * n * max(1, n - 1)
        let keep = between > 0 ? min(1, max(0, (between - within) / between)) : 0
        var mean = Matrix<Float>(rows: places, columns: width)
        for index in placeMean.indices {
            mean.storage[index] = Float(overall[index % width] + keep * (placeMean[index] - overall[index % width]))
        }
        var covariance = Matrix<Double>(rows: width, columns: width)
        for residual in residuals {
            var centred = residual
            addScaled(&centred, -1, mean)
            let part = product(centred, transposeA: true, centred)
            for index in covariance.storage.indices {
                covariance.storage[index] += Double(part.storage[index]) / (n * Double(places))
            }
        }
        var trace = 0.0
        for index in 0..<width { trace += covariance[index, index] }
        // Targets have unit scale. Good parts that are all the same leave only rounding: that must not be blown up.
        let diagonal = shrinkage * max(trace / Double(width), 1e-4)
        for index in covariance.storage.indices { covariance.storage[index] *= 1 - shrinkage }
        for index in 0..<width { covariance[index, index] += diagonal }
        return (mean, covariance)
    }

    /// The expected error given the hidden states, then given the place. `magnitudes` and `hidden`: one entry per part.
    static func expectedError(_ magnitudes: [[Float]], hidden: [Matrix<Float>]) -> ExpectedError? {
        guard let places = magnitudes.first?.count, let magnitudeWeights = ridge(hidden, magnitudes, penalty: 1e-2)
        else { return nil }
        var deviations = magnitudes
        for (part, values) in magnitudes.enumerated() {
            let expected = affine(hidden[part], magnitudeWeights)
            deviations[part] = zip(values, expected).map { $0 - $1 }
        }
        guard let deviationWeights = ridge(hidden, deviations.map { $0.map { abs($0) } }, penalty: 1e-1) else {
            return nil
        }
        let offsets = shrunkPlaceMeans(deviations, places: places)
        for part in deviations.indices {
            for n in 0..<places { deviations[part][n] -= offsets[n] }
        }
        let spread = shrunkPlaceMeans(deviations.map { $0.map { abs($0) } }, places: places)
            .map { max(0, $0) * ExpectedError.absoluteToStandard }
        var square = 0.0
        for values in deviations { for value in values { square += Double(value) * Double(value) } }
        let overall = (square / Double(max(1, deviations.count * places))).squareRoot()
        return ExpectedError(
            magnitude: magnitudeWeights, deviation: deviationWeights, placeOffset: offsets,
            placeDeviation: spread, floor: Float(max(0.3 * overall, 0.01)))
    }

    /// Mean per place, shrunk to the overall mean by the share of the variance between places that is noise: where
    /// parts lie loose, all places end with the same value, without anybody having to say so.
    static func shrunkPlaceMeans(_ values: [[Float]], places: Int) -> [Float] {
        let n = Double(values.count)
        var mean = [Double](repeating: 0, count: places)
        for part in values { for (index, value) in part.enumerated() { mean[index] += Double(value) / n } }
        let overall = mean.reduce(0, +) / Double(places)
        let between = mean.reduce(0.0) { $0 + ($1 - overall) * ($1 - overall) } / Double(max(1, places - 1))
        var within = 0.0
        for part in values {
            for (index, value) in part.enumerated() {
                within += (Double(value) - mean[index]) * (Double(value) - mean[index])
            }
        }
        within /= Double(places) * max(1, n - 1) * n
        let keep = between > 0 ? min(1, max(0, (between - within) / between)) : 0
        return mean.map { Float(overall + keep * ($0 - overall)) }
    }

    /// Ridge regression of patch values on hidden states with an intercept, (P + 1); the penalty is per row, and the
    /// states have unit scale from the predictor's last norm.
    static func ridge(_ hidden: [Matrix<Float>], _ values: [[Float]], penalty: Double) -> [Float]? {
        guard let width = hidden.first?.columns else { return nil }
        var normal = Matrix<Double>(rows: width + 1, columns: width + 1)
        var right = Matrix<Double>(rows: width + 1, columns: 1)
        var rows = 0
        for (states, wanted) in zip(hidden, values) {
            let augmented = states.joined(
                Matrix(rows: states.rows, columns: 1, storage: [Float](repeating: 1, count: states.rows)))
            let part = product(augmented, transposeA: true, augmented)
            let target = product(
                augmented, transposeA: true, Matrix(rows: wanted.count, columns: 1, storage: wanted))
            for index in normal.storage.indices { normal.storage[index] += Double(part.storage[index]) }
            for index in right.storage.indices { right.storage[index] += Double(target.storage[index]) }
            rows += states.rows
        }
        for index in 0...width { normal[index, index] += penalty * Double(rows) }
        guard let solution = LinearAlgebra.solve(normal, right) else { return nil }
        return solution.storage.map { Float($0) }
    }
}
