#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Sketched isotropic Gaussian regularisation (LeJEPA, arXiv 2511.08544).
///
/// Along each of M random unit directions, redrawn for every step, the Epps–Pulley statistic compares the empirical
/// characteristic function of the projected embeddings with that of N(0, 1): ∫ |φ̂(t) − e^(−t²/2)|² e^(−t²/2) dt over
/// [−3, 3], by the trapezoid rule with 17 knots on [0, 3] (the integrand is even), times the number of rows.
/// An embedding that collapses to a point or a line is far from N(0, 1) along most directions.
///
/// - Parameters:
///   - embeddings: (R, D).
///   - directions: (D, M), unit columns; `SIGReg.directions` draws them.
///   - gradient: (R, D); receives d loss / d embeddings times `weight`.
/// - Returns: the mean statistic over the directions.
package enum SIGReg {
    static let knots = 17
    static let range = 3.0

    /// M random unit columns, (D, M).
    package static func directions<Scalar: KernelScalar>(
        width: Int, count: Int, using random: inout RandomSource
    ) -> Matrix<Scalar> {
        var result = Matrix<Scalar>(rows: width, columns: count)
        for column in 0..<count {
            var square = 0.0
            let draws = (0..<width).map { _ in
                let value = random.normal()
                square += value * value
                return value
            }
            let inverse = 1 / square.squareRoot()
            for row in 0..<width { result[row, column] = Scalar(draws[row] * inverse) }
        }
        return result
    }

    package static func loss<Scalar: KernelScalar>(
        embeddings: Matrix<Scalar>, directions: Matrix<Scalar>, weight: Scalar, gradient: inout Matrix<Scalar>
    ) -> Scalar {
        precondition(
            embeddings.columns == directions.rows, "SIGReg: expected directions of width \(embeddings.columns)")
        let rows = embeddings.rows
        let count = directions.columns
        let projected = product(embeddings, directions)
        var projectedGradient = Matrix<Scalar>(rows: rows, columns: count)
        var total = 0.0
        let step = range / Double(knots - 1)
        let scale = 2 * Double(rows) / Double(count)  // even integrand: twice [0, 3]
        var real = [Double](repeating: 0, count: count)
        var imaginary = real
        for knot in 0..<knots {
            let t = Double(knot) * step
            let normal = exp(-t * t / 2)
            let area = (knot == 0 || knot == knots - 1 ? step / 2 : step) * normal
            for m in 0..<count {
                real[m] = 0
                imaginary[m] = 0
            }
            var cosines = [Double](repeating: 0, count: rows * count)
            var sines = cosines
            for row in 0..<rows {
                for m in 0..<count {
                    let angle = t * Double(projected.storage[row * count + m])
                    let c = cos(angle)
                    let s = sin(angle)
                    cosines[row * count + m] = c
                    sines[row * count + m] = s
                    real[m] += c
                    imaginary[m] += s
                }
            }
            for m in 0..<count {
                real[m] = real[m] / Double(rows) - normal
                imaginary[m] /= Double(rows)
                total += scale * area * (real[m] * real[m] + imaginary[m] * imaginary[m])
            }
            let factor = scale * area * 2 * t / Double(rows)
            for row in 0..<rows {
                for m in 0..<count {
                    let index = row * count + m
                    let slope = factor * (imaginary[m] * cosines[index] - real[m] * sines[index])
                    projectedGradient.storage[index] += Scalar(slope)
                }
            }
        }
        gradient = product(projectedGradient, directions, transposeB: true)
        for index in 0..<gradient.storage.count { gradient.storage[index] *= weight }
        return Scalar(total)
    }
}
