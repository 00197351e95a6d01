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
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
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

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package static func loss<Scalar: KernelScalar>(
        embeddings: Matrix<Scalar>, directions: Matrix<Scalar>, weight: Scalar, gradient: inout Matrix<Scalar>
    ) -> Scalar {
        precondition(
            embeddings.columns == directions.rows, "SIGReg: expected directions of width \(embeddings.columns)")
        let rows = embeddings.rows
        let count = directions.columns
        let projected = product(embeddings, directions)
        var projectedGradient = Matrix<Scalar>(rows: rows, columns: count)
        var room = Room(rows: rows)
        var total = 0.0
        let scale = 2 * Double(rows) / Double(count)  // even integrand: twice [0, 3]
        for first in stride(from: 0, to: count, by: 8) {
            let lanes = min(8, count - first)
            for row in 0..<rows {
                var angles = SIMD8<Double>(repeating: 0)
                for lane in 0..<lanes { angles[lane] = Double(projected.storage[row * count + first + lane]) }
                room.start(row, angles * (range / Double(knots - 1)))
            }
            let statistics = room.statistics(scale: scale)
            for lane in 0..<lanes { total += statistics[lane] }
            for row in 0..<rows {
                for lane in 0..<lanes {
                    projectedGradient.storage[row * count + first + lane] = Scalar(room.slopes[row][lane]) * weight
                }
            }
        }
        gradient = product(projectedGradient, directions, transposeB: true)
        return Scalar(total)
    }

    /// Eight directions at a time. From knot to knot every angle grows by the same step, so its cosine and sine are
    /// turned by a rotation instead of being computed again: 16 rotations lose at most 16 roundings of a Double.
    private struct Room {
        private var stepCosines: [SIMD8<Double>]
        private var stepSines: [SIMD8<Double>]
        private var cosines: [SIMD8<Double>]
        private var sines: [SIMD8<Double>]
        /// d statistic / d projected embedding, one row each.
        private(set) var slopes: [SIMD8<Double>]

        init(rows: Int) {
            slopes = [SIMD8<Double>](repeating: SIMD8(repeating: 0), count: rows)
            stepCosines = slopes
            stepSines = slopes
            cosines = slopes
            sines = slopes
        }

        /// `angles`: the projected embeddings of a row times the distance of two knots.
        mutating func start(_ row: Int, _ angles: SIMD8<Double>) {
            for lane in 0..<8 {
                stepCosines[row][lane] = cos(angles[lane])
                stepSines[row][lane] = sin(angles[lane])
            }
            cosines[row] = SIMD8(repeating: 1)
            sines[row] = SIMD8(repeating: 0)
            slopes[row] = SIMD8(repeating: 0)
        }

        /// The statistic of each direction times `scale`; fills `slopes`. At knot 0 both functions are 1.
        mutating func statistics(scale: Double) -> SIMD8<Double> {
            var total = SIMD8<Double>(repeating: 0)
            let step = range / Double(knots - 1)
            let rows = slopes.count
            let share = 1 / Double(max(1, rows))
            stepCosines.withUnsafeBufferPointer { stepCosines in
                stepSines.withUnsafeBufferPointer { stepSines in
                    cosines.withUnsafeMutableBufferPointer { cosines in
                        sines.withUnsafeMutableBufferPointer { sines in
                            slopes.withUnsafeMutableBufferPointer { slopes in
                                for knot in 1..<knots {
                                    let t = Double(knot) * step
                                    let normal = exp(-t * t / 2)
                                    let area = (knot == knots - 1 ? step / 2 : step) * normal
                                    var real = SIMD8<Double>(repeating: 0)
                                    var imaginary = SIMD8<Double>(repeating: 0)
                                    for row in 0..<rows {
                                        let c = cosines[row]
                                        let s = sines[row]
                                        let turnedCosine = c * stepCosines[row] - s * stepSines[row]
                                        let turnedSine = s * stepCosines[row] + c * stepSines[row]
                                        cosines[row] = turnedCosine
                                        sines[row] = turnedSine
                                        real += turnedCosine
                                        imaginary += turnedSine
                                    }
                                    real = real * share - normal
                                    imaginary *= share
                                    total += scale * area * (real * real + imaginary * imaginary)
                                    let factor = scale * area * 2 * t * share
                                    real *= factor
                                    imaginary *= factor
                                    for row in 0..<rows { slopes[row] += imaginary * cosines[row] - real * sines[row] }
                                }
                            }
                        }
                    }
                }
            }
            return total
        }
    }
}
