import Numerics

/// How unusual an embedding is at its place: per-position Gaussians (PaDiM, arXiv 2011.08785) on a few principal
/// components, with means and covariances shrunk to those of all places as far as places do not differ. Where parts lie
/// loose it becomes one Gaussian for all patches.
package struct PlaceGaussian: Sendable, Equatable {
    /// Components of a target, (k, D), and what is taken off them, (k): c = projection · z − offset.
    package let projection: Matrix<Float>
    package let offset: [Float]
    /// Mean components at each place, (N, k).
    package let mean: Matrix<Float>
    /// Inverse lower Cholesky factor of the covariance at each place, (N · k, k).
    package let factors: Matrix<Float>

    package init(projection: Matrix<Float>, offset: [Float], mean: Matrix<Float>, factors: Matrix<Float>) {
        let count = projection.rows
        precondition(
            offset.count == count && mean.columns == count && factors.columns == count
                && factors.rows == mean.rows * count,
            "PlaceGaussian: expected (N, \(count)) and (N · \(count), \(count)), got (\(mean.rows), \(mean.columns)) and (\(factors.rows), \(factors.columns))"
        )
        self.projection = projection
        self.offset = offset
        self.mean = mean
        self.factors = factors
    }

    /// Components of every patch, (N, k).
    package static func components(
        _ target: Matrix<Float>, projection: Matrix<Float>, offset: [Float]
    ) -> Matrix<Float> {
        var result = product(target, projection, transposeB: true)
        for row in 0..<result.rows {
            for column in 0..<result.columns { result[row, column] -= offset[column] }
        }
        return result
    }

    /// Mahalanobis distance / √k of each patch from what is usual at its place, (N): about 1 for a good one.
    package func magnitudes(_ target: Matrix<Float>) -> [Float] {
        precondition(target.rows == mean.rows, "PlaceGaussian: expected \(mean.rows) patches, got \(target.rows)")
        let count = mean.columns
        var centred = Self.components(target, projection: projection, offset: offset)
        addScaled(&centred, -1, mean)
        return lowerProductMagnitudes(centred, factors: factors, width: count)
    }
}

/// ‖F_n · c_n‖ / √k for each row n, where F_n are the lower triangular k × k blocks of `factors`.
private func lowerProductMagnitudes(_ rows: Matrix<Float>, factors: Matrix<Float>, width: Int) -> [Float] {
    var result = [Float](repeating: 0, count: rows.rows)
    rows.storage.withUnsafeBufferPointer { c in
        factors.storage.withUnsafeBufferPointer { f in
            for n in 0..<rows.rows {
                var square: Float = 0
                for i in 0..<width {
                    var sum: Float = 0
                    let base = (n * width + i) * width
                    for j in 0...i { sum += f[base + j] * c[n * width + j] }
                    square += sum * sum
                }
                result[n] = (square / Float(width)).squareRoot()
            }
        }
    }
    return result
}
