import Numerics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where a patch lies, as a vector that is added to its token.
package enum Positions {
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

    /// Learned positions (side · side, width) brought to another grid by bicubic interpolation (a = −0.75, half-pixel
    /// centres, edges repeated): PyTorch's `interpolate(mode="bicubic", align_corners=False, antialias=False)`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package static func interpolated<Scalar: KernelScalar>(
        _ learned: Matrix<Scalar>, side: Int, rows: Int, columns: Int
    ) -> Matrix<Scalar> {
        precondition(learned.rows == side * side, "Positions: expected \(side * side) positions, got \(learned.rows)")
        if rows == side, columns == side { return learned }
        let vertical = taps(from: side, to: rows)
        let horizontal = taps(from: side, to: columns)
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
        _ gradient: Matrix<Scalar>, side: Int, rows: Int, columns: Int
    ) -> Matrix<Scalar> {
        precondition(
            gradient.rows == rows * columns,
            "Positions: expected gradients of \(rows * columns) positions, got \(gradient.rows)")
        if rows == side, columns == side { return gradient }
        let vertical = taps(from: side, to: rows)
        let horizontal = taps(from: side, to: columns)
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

    private static func taps(from source: Int, to target: Int) -> [[(Int, Double)]] {
        let a = -0.75
        func near(_ x: Double) -> Double { ((a + 2) * x - (a + 3)) * x * x + 1 }
        func far(_ x: Double) -> Double { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
        return (0..<target).map { index in
            let centre = (Double(index) + 0.5) * Double(source) / Double(target) - 0.5
            let base = centre.rounded(.down)
            let t = centre - base
            let weights = [far(t + 1), near(t), near(1 - t), far(2 - t)]
            return weights.enumerated().map { offset, weight in
                (min(source - 1, max(0, Int(base) - 1 + offset)), weight)
            }
        }
    }
}
