import Numerics

/// How unlike every kind of good patch an embedding is, wherever it lies: a mixture of Gaussians over a few principal
/// components. Where parts lie loose, a place says little of what should be there; what a patch is most like says more, and one
/// Gaussian for all patches would forgive whatever lies between two kinds of them.
package struct PatchMixture: Sendable, Equatable {
    /// Components of a target, (k, D), and what is taken off them, (k): c = projection · z − offset.
    package let projection: Matrix<Float>
    package let offset: [Float]
    /// Mean components of each kind of patch, (K, k).
    package let mean: Matrix<Float>
    /// Inverse lower Cholesky factor of each kind's covariance, (K · k, k).
    package let factors: Matrix<Float>
    /// F · mean of each kind, (K, k).
    private let centres: Matrix<Float>

    /// Traps unless there is a kind, and the shapes agree.
    package init(projection: Matrix<Float>, offset: [Float], mean: Matrix<Float>, factors: Matrix<Float>) {
        let count = projection.rows
        precondition(
            offset.count == count && mean.columns == count && factors.columns == count && mean.rows > 0
                && factors.rows == mean.rows * count,
            "PatchMixture: expected (K, \(count)) and (K · \(count), \(count)), got (\(mean.rows), \(mean.columns)) and (\(factors.rows), \(factors.columns))"
        )
        self.projection = projection
        self.offset = offset
        self.mean = mean
        self.factors = factors
        var centres = Matrix<Float>(rows: mean.rows, columns: count)
        for kind in 0..<mean.rows {
            let centre = product(mean.rows(kind..<kind + 1), Self.factor(factors, kind), transposeB: true)
            centres.storage.replaceSubrange(kind * count..<(kind + 1) * count, with: centre.storage)
        }
        self.centres = centres
    }

    private static func factor(_ factors: Matrix<Float>, _ kind: Int) -> Matrix<Float> {
        factors.rows(kind * factors.columns..<(kind + 1) * factors.columns)
    }

    /// Mahalanobis distance / √k of each patch from the kind that it is nearest to in that measure, (N): about 1 for a
    /// good one.
    package func magnitudes(_ target: Matrix<Float>) -> [Float] {
        let components = PlaceGaussian.components(target, projection: projection, offset: offset)
        let width = mean.columns
        var least = [Float](repeating: .infinity, count: target.rows)
        for kind in 0..<mean.rows {
            let whitened = product(components, Self.factor(factors, kind), transposeB: true)
            let base = kind * width
            whitened.storage.withUnsafeBufferPointer { y in
                centres.storage.withUnsafeBufferPointer { centre in
                    for n in least.indices {
                        var square: Float = 0
                        for i in 0..<width {
                            let d = y[n * width + i] - centre[base + i]
                            square += d * d
                        }
                        // Not min: what is not a number must stay so.
                        if !(square >= least[n]) { least[n] = square }
                    }
                }
            }
        }
        return least.map { ($0 / Float(width)).squareRoot() }
    }
}
