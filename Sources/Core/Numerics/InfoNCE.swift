#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Bidirectional InfoNCE with a learned temperature, as CLIP trains with (Radford et al., arXiv 2103.00020).
///
/// Logits = scale · a · bᵀ, scale = e^logScale, at most 100; the loss is the mean of the cross-entropies of every row
/// and of every column, the diagonal being right.
package enum InfoNCE {
    /// log(1 / 0.07), where the learned logarithm of the scale starts.
    package static let firstLogScale = 2.659_260_036_932_778
    /// log 100, which it must not pass: CLIP found training unstable above.
    package static let greatestLogScale = 4.605_170_185_988_092

    /// Brings a learned `logScale` back below its limit; call it after every update of the parameters, as CLIP does.
    package static func clip<Scalar: KernelScalar>(_ logScale: inout Scalar) {
        if logScale > Scalar(greatestLogScale) { logScale = Scalar(greatestLogScale) }
    }

    /// - Parameters:
    ///   - a, b: embeddings (B, D), rows of length 1; row i of `a` belongs to row i of `b`.
    ///   - groups: (B) or nil; beside the diagonal, pairs of the same group are no negatives: two scratches with the
    ///     same caption are not told apart.
    ///   - weight: scales the gradients.
    ///   - gradientA, gradientB: receive d loss / d a and d loss / d b, (B, D).
    ///   - logScaleGradient: receives d loss / d logScale; 0 above the limit.
    /// - Returns: the loss, log B for embeddings that know nothing; 0 for an empty batch.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package static func loss<Scalar: KernelScalar>(
        _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, logScale: Scalar, groups: [Int]? = nil, weight: Scalar,
        gradientA: inout Matrix<Scalar>, gradientB: inout Matrix<Scalar>, logScaleGradient: inout Scalar
    ) -> Scalar {
        let count = a.rows
        precondition(
            b.rows == count && b.columns == a.columns && (groups?.count ?? count) == count,
            "InfoNCE: expected equal shapes, got (\(count), \(a.columns)), (\(b.rows), \(b.columns))")
        let isLimited = logScale > Scalar(greatestLogScale)
        let scale = isLimited ? 100 : exp(Double(logScale))
        let cosines = product(a, b, transposeB: true)
        var slopes = Matrix<Scalar>(rows: count, columns: count)
        var rowSums = LogSums(count: count)
        var columnSums = LogSums(count: count)
        func counts(_ row: Int, _ column: Int) -> Bool {
            guard let groups else { return true }
            return row == column || groups[row] != groups[column]
        }
        for row in 0..<count {
            for column in 0..<count where counts(row, column) {
                let logit = scale * Double(cosines.storage[row * count + column])
                rowSums.add(logit, to: row)
                columnSums.add(logit, to: column)
            }
        }
        let share = 0.5 / Double(max(1, count))
        var total = 0.0
        var scaleSlope = 0.0
        for row in 0..<count {
            for column in 0..<count where counts(row, column) {
                let cosine = Double(cosines.storage[row * count + column])
                let logit = scale * cosine
                var slope = exp(logit - rowSums[row]) + exp(logit - columnSums[column])
                if row == column {
                    slope -= 2
                    total += share * (rowSums[row] + columnSums[row] - 2 * logit)
                }
                slopes.storage[row * count + column] = Scalar(slope * share * scale) * weight
                scaleSlope += slope * share * logit
            }
        }
        gradientA = product(slopes, b)
        gradientB = product(slopes, transposeA: true, a)
        logScaleGradient = isLimited ? 0 : Scalar(scaleSlope) * weight
        return Scalar(total)
    }

    /// log Σ e^x of several sums at once, each against its greatest number so far.
    private struct LogSums {
        private var greatest: [Double]
        private var sums: [Double]

        init(count: Int) {
            greatest = [Double](repeating: -.infinity, count: count)
            sums = [Double](repeating: 0, count: count)
        }

        mutating func add(_ x: Double, to index: Int) {
            if x > greatest[index] {
                sums[index] = sums[index] * exp(greatest[index] - x) + 1
                greatest[index] = x
            } else {
                sums[index] += exp(x - greatest[index])
            }
        }

        subscript(index: Int) -> Double { greatest[index] + log(sums[index]) }
    }
}
