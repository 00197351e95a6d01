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

    /// Cosines and sines of eight angles: absolute error below 3e-16 up to |x| = 1e5, growing with it beyond; NaN for NaN
    /// and infinity. Reduced to ±π/4 in two steps, then fdlibm's polynomials (`k_cos.c`, `k_sin.c`, Sun 1993): the
    /// library's functions take one number at a time.
    package static func cosinesAndSines(of x: SIMD8<Double>) -> (cosines: SIMD8<Double>, sines: SIMD8<Double>) {
        let magic = SIMD8<Double>(repeating: 6_755_399_441_055_744)  // 1.5 · 2^52: adding it rounds to whole numbers
        let shifted = magic.addingProduct(x, SIMD8(repeating: 0.636_619_772_367_581_343))
        let quarters = magic - shifted  // negated
        let r = x.addingProduct(quarters, SIMD8(repeating: 1.570_796_326_734_125_6))
            .addingProduct(quarters, SIMD8(repeating: 6.077_100_506_506_192e-11))
        let z = r * r
        var p = SIMD8<Double>(repeating: 1.589_690_995_211_55e-10)
        p = SIMD8(repeating: -2.505_076_025_340_686_3e-8).addingProduct(p, z)
        p = SIMD8(repeating: 2.755_731_370_707_006_8e-6).addingProduct(p, z)
        p = SIMD8(repeating: -1.984_126_982_985_795e-4).addingProduct(p, z)
        p = SIMD8(repeating: 8.333_333_333_322_489e-3).addingProduct(p, z)
        p = SIMD8(repeating: -1.666_666_666_666_663_2e-1).addingProduct(p, z)
        let sine = r.addingProduct(r * z, p)
        var q = SIMD8<Double>(repeating: -1.135_964_755_778_819_5e-11)
        q = SIMD8(repeating: 2.087_572_321_298_175e-9).addingProduct(q, z)
        q = SIMD8(repeating: -2.755_731_435_139_066_3e-7).addingProduct(q, z)
        q = SIMD8(repeating: 2.480_158_728_947_673e-5).addingProduct(q, z)
        q = SIMD8(repeating: -1.388_888_888_887_411e-3).addingProduct(q, z)
        q = SIMD8(repeating: 4.166_666_666_666_66e-2).addingProduct(q, z)
        let cosine = (1 - z * 0.5).addingProduct(z * z, q)
        let quarter = unsafeBitCast(shifted, to: SIMD8<Int64>.self)
        let isOdd = (quarter & 1) .!= 0
        let cosines = cosine.replacing(with: sine, where: isOdd)
        let sines = sine.replacing(with: cosine, where: isOdd)
        return (
            cosines.replacing(with: -cosines, where: ((quarter &+ 1) & 2) .!= 0),
            sines.replacing(with: -sines, where: (quarter & 2) .!= 0)
        )
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
            (stepCosines[row], stepSines[row]) = cosinesAndSines(of: angles)
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
