import Numerics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where a patch lies, as a vector that is added to its token.
package enum Positions {
    /// How learned positions are brought to another grid; each library has its own way.
    package enum Interpolation: String, Sendable, Codable {
        /// PyTorch's `interpolate(mode="bicubic", align_corners=False)`: a = −0.75, edges repeated (transformers).
        case bicubic
        /// The same with `antialias=True`: a = −0.5, stretched when the grid shrinks, cut at the edges and normed (timm,
        /// transformers' DINOv2 with registers).
        case antialiasedBicubic
    }

    /// Fixed 2-D sine-cosine positions (Vaswani et al.; MAE's and I-JEPA's 2-D form), (rows · columns, width): the
    /// first half of the width codes the row, the second the column; frequencies 1 / 10000^(i / (width/4)).
    /// Traps unless `width` is a multiple of 4.
    package static func sineCosine<Scalar: KernelScalar>(rows: Int, columns: Int, width: Int) -> Matrix<Scalar> {
        precondition(width % 4 == 0, "Positions: expected a width divisible by 4, got \(width)")
        let quarter = width / 4
        var result = Matrix<Scalar>(rows: rows * columns, columns: width)
        for row in 0..<rows {
            for column in 0..<columns {
                for index in 0..<quarter {
                    let frequency = 1 / pow(10_000, Double(index) / Double(quarter))
                    let n = row * columns + column
                    result[n, index] = Scalar(sin(Double(row) * frequency))
                    result[n, quarter + index] = Scalar(cos(Double(row) * frequency))
                    result[n, 2 * quarter + index] = Scalar(sin(Double(column) * frequency))
                    result[n, 3 * quarter + index] = Scalar(cos(Double(column) * frequency))
                }
            }
        }
        return result
    }

    /// Learned positions (side · side, width) brought to another grid, half-pixel centres.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package static func interpolated<Scalar: KernelScalar>(
        _ learned: Matrix<Scalar>, side: Int, rows: Int, columns: Int, by interpolation: Interpolation = .bicubic
    ) -> Matrix<Scalar> {
        precondition(learned.rows == side * side, "Positions: expected \(side * side) positions, got \(learned.rows)")
        if rows == side, columns == side { return learned }
        let vertical = taps(from: side, to: rows, interpolation)
        let horizontal = taps(from: side, to: columns, interpolation)
        var result = Matrix<Scalar>(rows: rows * columns, columns: learned.columns)
        for row in 0..<rows {
            for column in 0..<columns {
                for (sourceRow, weightRow) in vertical[row] {
                    for (sourceColumn, weightColumn) in horizontal[column] {
                        let weight = Scalar(weightRow * weightColumn)
                        let source = (sourceRow * side + sourceColumn) * learned.columns
                        let target = (row * columns + column) * learned.columns
                        for index in 0..<learned.columns {
                            result.storage[target + index] += weight * learned.storage[source + index]
                        }
                    }
                }
            }
        }
        return result
    }

    /// The backward of `interpolated`: d loss / d learned from d loss / d positions of the grid.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package static func interpolatedBackward<Scalar: KernelScalar>(
        _ gradient: Matrix<Scalar>, side: Int, rows: Int, columns: Int, by interpolation: Interpolation = .bicubic
    ) -> Matrix<Scalar> {
        precondition(
            gradient.rows == rows * columns,
            "Positions: expected gradients of \(rows * columns) positions, got \(gradient.rows)")
        if rows == side, columns == side { return gradient }
        let vertical = taps(from: side, to: rows, interpolation)
        let horizontal = taps(from: side, to: columns, interpolation)
        let width = gradient.columns
        var result = Matrix<Scalar>(rows: side * side, columns: width)
        for row in 0..<rows {
            for column in 0..<columns {
                let source = (row * columns + column) * width
                for (targetRow, weightRow) in vertical[row] {
                    for (targetColumn, weightColumn) in horizontal[column] {
                        let weight = Scalar(weightRow * weightColumn)
                        let target = (targetRow * side + targetColumn) * width
                        for index in 0..<width {
                            result.storage[target + index] += weight * gradient.storage[source + index]
                        }
                    }
                }
            }
        }
        return result
    }

    /// For each target place the source places and their weights.
    private static func taps(from source: Int, to target: Int, _ interpolation: Interpolation) -> [[(Int, Double)]] {
        switch interpolation {
        case .bicubic: repeatingTaps(from: source, to: target)
        case .antialiasedBicubic: stretchedTaps(from: source, to: target)
        }
    }

    private static func repeatingTaps(from source: Int, to target: Int) -> [[(Int, Double)]] {
        (0..<target).map { index in
            let centre = (Double(index) + 0.5) * Double(source) / Double(target) - 0.5
            let base = Int(centre.rounded(.down))
            return (base - 1...base + 2).map { place in
                (min(source - 1, max(0, place)), cubic(Double(place) - centre, a: -0.75))
            }
        }
    }

    private static func stretchedTaps(from source: Int, to target: Int) -> [[(Int, Double)]] {
        let scale = Double(source) / Double(target)
        let stretch = max(scale, 1)
        return (0..<target).map { index in
            let centre = scale * (Double(index) + 0.5)
            let first = max(0, Int(centre - 2 * stretch + 0.5))
            let end = min(source, Int(centre + 2 * stretch + 0.5))
            let weights = (first..<end).map { cubic((Double($0) - centre + 0.5) / stretch, a: -0.5) }
            let sum = weights.reduce(0, +)
            return zip(first..<end, weights).map { ($0, $1 / sum) }
        }
    }

    /// Keys' cubic kernel (IEEE TASSP 29, 1981).
    private static func cubic(_ offset: Double, a: Double) -> Double {
        let x = abs(offset)
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
    }
}
