import Numerics
import Score

/// Fits the Gaussians of good embeddings at their places.
package enum PlaceFit {
    /// Principal components of good targets, whitened: c = projection · z − offset has unit variance.
    ///
    /// - Parameters:
    ///   - targets: targets of some good parts, (N, D) each.
    ///   - count: k, at most D.
    package static func components(
        _ targets: [Matrix<Float>], count: Int, using random: inout RandomSource
    ) -> (projection: Matrix<Float>, offset: [Float]) {
        let width = targets.first?.columns ?? 0
        let total = Double(max(1, targets.reduce(0) { $0 + $1.rows }))
        var mean = [Double](repeating: 0, count: width)
        for target in targets {
            for row in 0..<target.rows {
                for (column, value) in target.row(row).enumerated() { mean[column] += Double(value) / total }
            }
        }
        var covariance = Matrix<Double>(rows: width, columns: width)
        for target in targets {
            var centred = target
            for row in 0..<target.rows {
                for column in 0..<width { centred[row, column] -= Float(mean[column]) }
            }
            let part = product(centred, transposeA: true, centred)
            for index in covariance.storage.indices { covariance.storage[index] += Double(part.storage[index]) / total }
        }
        let (values, vectors) = LinearAlgebra.leadingEigen(covariance, count: min(count, width), using: &random)
        var projection = Matrix<Float>(rows: values.count, columns: width)
        var offset = [Float](repeating: 0, count: values.count)
        // A component that hardly varies must not be blown up: a floor of a millionth of the first.
        let floor = max(values.first ?? 1, 1e-12) * 1e-6
        for component in values.indices {
            let gain = 1 / max(values[component], floor).squareRoot()
            var shift = 0.0
            for column in 0..<width {
                let weight = vectors[column, component] * gain
                projection[component, column] = Float(weight)
                shift += weight * mean[column]
            }
            offset[component] = Float(shift)
        }
        return (projection, offset)
    }

    /// Means and covariances per place from components (N, k) of good parts, shrunk: the means by empirical Bayes, the
    /// covariances by k / (k + n) towards the pooled one, so that few parts rely on what all places share.
    ///
    /// - Parameter disturbed: how components (N, k) move when pictures change and the parts do not, for each kind of
    ///   disturbance that of some pictures. Every kind's second moments, shrunk as the covariances are, are added to these.
    package static func fit(
        _ components: [Matrix<Float>], projection: Matrix<Float>, offset: [Float], disturbed: [[Matrix<Float>]] = []
    ) -> PatchGaussians? {
        guard let first = components.first, components.count >= 2 else { return nil }
        let places = first.rows
        let width = first.columns
        let n = Double(components.count)
        var mean = [Double](repeating: 0, count: places * width)
        for part in components {
            for (index, value) in part.storage.enumerated() { mean[index] += Double(value) / n }
        }
        var overall = [Double](repeating: 0, count: width)
        for index in mean.indices { overall[index % width] += mean[index] / Double(places) }
        var between = 0.0
        for index in mean.indices {
            let d = mean[index] - overall[index % width]
            between += d * d / Double(mean.count)
        }
        var within = 0.0
        for part in components {
            for (index, value) in part.storage.enumerated() {
                let d = Double(value) - mean[index]
                within += d * d
            }
        }
        within /= Double(mean.count) * n * (n - 1)
        let keep = between > 0 ? min(1, max(0, (between - within) / between)) : 0
        var shrunk = Matrix<Float>(rows: places, columns: width)
        for index in mean.indices {
            shrunk.storage[index] = Float(overall[index % width] + keep * (mean[index] - overall[index % width]))
        }
        var covariances = shrunkMoments(components, about: shrunk)
        let unmoved = Matrix<Float>(rows: places, columns: width)
        for kind in disturbed where !kind.isEmpty {
            for (place, moments) in shrunkMoments(kind, about: unmoved).enumerated() {
                addScaled(&covariances[place], 1, moments)
            }
        }
        return PatchGaussians(projection: projection, offset: offset, mean: shrunk, covariances: covariances)
    }

    /// Second moments (k, k) about `mean` at each place of components (N, k) of n > 0 parts, shrunk by k / (k + n) towards those
    /// of all places.
    private static func shrunkMoments(_ parts: [Matrix<Float>], about mean: Matrix<Float>) -> [Matrix<Double>] {
        let (places, width) = (parts[0].rows, parts[0].columns)
        let n = Double(parts.count)
        var pooled = Matrix<Double>(rows: width, columns: width)
        var result = (0..<places).map { place in
            var rows = Matrix<Float>(rows: parts.count, columns: width)
            for (index, part) in parts.enumerated() {
                for column in 0..<width { rows[index, column] = part[place, column] - mean[place, column] }
            }
            let square = product(rows, transposeA: true, rows)
            let moments = Matrix(rows: width, columns: width, storage: square.storage.map { Double($0) / n })
            addScaled(&pooled, 1 / Double(places), moments)
            return moments
        }
        let share = Double(width) / (Double(width) + n)
        for place in 0..<places {
            for index in pooled.storage.indices {
                result[place].storage[index] =
                    (1 - share) * result[place].storage[index] + share * pooled.storage[index]
            }
        }
        return result
    }
}
