import Numerics
import Score

extension PatchGaussians {
    /// Variance that every direction has at least: good patches that are all alike are no reason to divide by nothing.
    private static let leastVariance = 0.01

    /// Gaussians of these means (G, k) and covariances, G of (k, k); nil where one is not positive definite.
    init?(projection: Matrix<Float>, offset: [Float], mean: Matrix<Float>, covariances: [Matrix<Double>]) {
        let width = projection.rows
        var factors: [Float] = []
        factors.reserveCapacity(covariances.count * width * width)
        for var covariance in covariances {
            for index in 0..<width { covariance[index, index] += Self.leastVariance }
            guard let lower = LinearAlgebra.cholesky(covariance) else { return nil }
            factors += LinearAlgebra.inverseOfLower(lower).storage.map { Float($0) }
        }
        self.init(
            projection: projection, offset: offset, mean: mean,
            factors: Matrix(rows: covariances.count * width, columns: width, storage: factors))
    }
}
