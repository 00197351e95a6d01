import Foundation
import Numerics

/// The kernels written as their formulas say, one number at a time in Double: what the fast ones are judged by.
enum Naive {
    /// y = x · Wᵀ + b.
    static func linear(_ x: Matrix<Double>, weight: Matrix<Double>, bias: [Double]?) -> Matrix<Double> {
        var y = Matrix<Double>(rows: x.rows, columns: weight.rows)
        for row in 0..<x.rows {
            for out in 0..<weight.rows {
                var sum = bias?[out] ?? 0
                for k in 0..<x.columns { sum += x[row, k] * weight[out, k] }
                y[row, out] = sum
            }
        }
        return y
    }

    /// (x − mean) / sqrt(variance + ε) · scale + shift.
    static func layerNorm(_ x: Matrix<Double>, scale: [Double]?, shift: [Double]?, epsilon: Double) -> Matrix<Double> {
        var y = x
        for row in 0..<x.rows {
            let values = Array(x.row(row))
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            for column in 0..<x.columns {
                let normed = (x[row, column] - mean) / (variance + epsilon).squareRoot()
                y[row, column] = normed * (scale?[column] ?? 1) + (shift?[column] ?? 0)
            }
        }
        return y
    }

    /// x · Φ(x).
    static func gelu(_ x: Double) -> Double { x * 0.5 * (1 + erf(x / 2.0.squareRoot())) }

    /// Softmax attention within each segment, all heads.
    static func attention(_ qkv: Matrix<Double>, lengths: [Int], heads: Int) -> Matrix<Double> {
        let width = qkv.columns / 3
        let headWidth = width / heads
        var output = Matrix<Double>(rows: qkv.rows, columns: width)
        var start = 0
        for length in lengths {
            for head in 0..<heads {
                for i in start..<start + length {
                    let scores = (start..<start + length).map { j in
                        (0..<headWidth).reduce(0.0) { sum, k in
                            sum + qkv[i, head * headWidth + k] * qkv[j, width + head * headWidth + k]
                        } / Double(headWidth).squareRoot()
                    }
                    let greatest = scores.max() ?? 0
                    let weights = scores.map { exp($0 - greatest) }
                    let sum = weights.reduce(0, +)
                    for k in 0..<headWidth {
                        output[i, head * headWidth + k] =
                            (0..<length).reduce(0.0) { total, j in
                                total + weights[j] * qkv[start + j, 2 * width + head * headWidth + k]
                            } / sum
                    }
                }
            }
            start += length
        }
        return output
    }

    /// Huber's loss in its two branches, mean over columns and over Σ weights.
    static func smoothL1(_ a: Matrix<Double>, _ b: Matrix<Double>, weights: [Double], beta: Double) -> Double {
        var sum = 0.0
        for row in 0..<a.rows {
            for column in 0..<a.columns {
                let d = abs(a[row, column] - b[row, column])
                sum += weights[row] * (d < beta ? 0.5 * d * d / beta : d - beta / 2)
            }
        }
        return sum / (weights.reduce(0, +) * Double(a.columns))
    }

    /// The Epps–Pulley statistic with complex sums, mean over the directions.
    static func sigreg(_ x: Matrix<Double>, directions: Matrix<Double>) -> Double {
        let step = 3.0 / 16
        var total = 0.0
        for m in 0..<directions.columns {
            let projected = (0..<x.rows).map { row in
                (0..<x.columns).reduce(0.0) { $0 + x[row, $1] * directions[$1, m] }
            }
            // Both halves of [−3, 3], so that the evenness used by the kernel is tested too.
            for knot in -16...16 {
                let t = Double(knot) * step
                let real = projected.reduce(0) { $0 + cos(t * $1) } / Double(x.rows) - exp(-t * t / 2)
                let imaginary = projected.reduce(0) { $0 + sin(t * $1) } / Double(x.rows)
                let area = (abs(knot) == 16 ? step / 2 : step) * exp(-t * t / 2)
                total += area * (real * real + imaginary * imaginary) * Double(x.rows)
            }
        }
        return total / Double(directions.columns)
    }
}

extension Matrix where Scalar == Float {
    /// The same numbers in Double.
    var wide: Matrix<Double> { Matrix<Double>(rows: rows, columns: columns, storage: storage.map(Double.init)) }
}
