import Numerics

/// How unusual an embedding is: Gaussians of good patches over a few principal components.
///
/// One for each place (PaDiM, arXiv 2011.08785), where means and covariances are shrunk to those of all places as far as places do
/// not differ; or one for each kind of patch, wherever it lies: where parts lie loose, a place says little of what should be
/// there, and one Gaussian for all patches would forgive whatever lies between two kinds of them.
package struct PatchGaussians: Sendable, Equatable {
    /// Components of a target, (k, D), and what is taken off them, (k): c = projection · z − offset.
    package let projection: Matrix<Float>
    package let offset: [Float]
    /// Mean components of each Gaussian, (G, k).
    package let mean: Matrix<Float>
    /// Inverse lower Cholesky factor of each covariance, (G · k, k).
    package let factors: Matrix<Float>
    private let isFinite: Bool

    /// Traps unless there is a Gaussian, and the shapes agree.
    package init(projection: Matrix<Float>, offset: [Float], mean: Matrix<Float>, factors: Matrix<Float>) {
        let count = projection.rows
        precondition(
            offset.count == count && mean.columns == count && factors.columns == count && mean.rows > 0
                && factors.rows == mean.rows * count,
            "PatchGaussians: expected (G, \(count)) and (G · \(count), \(count)), got (\(mean.rows), \(mean.columns)) and (\(factors.rows), \(factors.columns))"
        )
        self.projection = projection
        self.offset = offset
        self.mean = mean
        self.factors = factors
        isFinite = mean.storage.allSatisfy(\.isFinite) && factors.storage.allSatisfy(\.isFinite)
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

    /// Mahalanobis distance / √k of each patch from the Gaussian of its place, (N): about 1 for a good one. Traps unless
    /// there is one for each.
    package func magnitudes(atPlaces target: Matrix<Float>) -> [Float] {
        precondition(target.rows == mean.rows, "PatchGaussians: expected \(mean.rows) patches, got \(target.rows)")
        let count = mean.columns
        var centred = Self.components(target, projection: projection, offset: offset)
        addScaled(&centred, -1, mean)
        return lowerProductMagnitudes(centred, factors: factors, width: count)
    }

    /// Kinds whose means are the nearest to a patch, among which the one is looked for that it is nearest to by Mahalanobis
    /// distance: a sixty-fourth of a thousand kinds, and the work no longer grows with their number.
    static let candidates = 16

    /// Mahalanobis distance / √k of each patch from the Gaussian that it is nearest to in that measure, (N): about 1 for a
    /// good one. Only the 16 Gaussians with the nearest means are looked at.
    package func magnitudes(ofNearest target: Matrix<Float>) -> [Float] {
        let components = Self.components(target, projection: projection, offset: offset)
        // A damaged kind could be nearest to anything.
        guard isFinite else { return [Float](repeating: .nan, count: target.rows) }
        let width = mean.columns
        let count = min(Self.candidates, mean.rows)
        let (kinds, _) = NearestRows(mean).nearest(components, count: count)
        // Patches by kind, so that each kind's factor is read once.
        var patches = [[Int]](repeating: [], count: mean.rows)
        for (slot, kind) in kinds.enumerated() { patches[kind].append(slot / count) }
        var least = [Float](repeating: .infinity, count: target.rows)
        var centred = Matrix<Float>(rows: 0, columns: width)
        for kind in patches.indices where !patches[kind].isEmpty {
            gatherRows(&centred, from: components, indices: patches[kind])
            for row in 0..<centred.rows {
                for column in 0..<width { centred.storage[row * width + column] -= mean[kind, column] }
            }
            let whitened = product(centred, factors.rows(kind * width..<(kind + 1) * width), transposeB: true)
            for (row, patch) in patches[kind].enumerated() {
                var square: Float = 0
                for value in whitened.row(row) { square += value * value }
                // What is not a number must stay so, whatever the other kinds say.
                if square < least[patch] || square.isNaN { least[patch] = square }
            }
        }
        return least.map { ($0 / Float(width)).squareRoot() }
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
