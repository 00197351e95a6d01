import Numerics

/// Local aggregation as in PatchCore (arXiv 2106.08265, eq. 2): each token becomes the mean of its 3 × 3 neighbourhood.
/// At the border the mean runs over the neighbours that exist; zeros in their place would make borders look odd.
package func neighbourhoodMeans(_ tokens: Matrix<Float>, rows: Int, columns: Int) -> Matrix<Float> {
    precondition(
        tokens.rows == rows * columns,
        "neighbourhoodMeans: expected \(rows) x \(columns) tokens, got \(tokens.rows)")
    let width = tokens.columns
    var result = Matrix<Float>(rows: tokens.rows, columns: width)
    tokens.storage.withUnsafeBufferPointer { source in
        result.storage.withUnsafeMutableBufferPointer { target in
            for row in 0..<rows {
                for column in 0..<columns {
                    let base = (row * columns + column) * width
                    let vertical = max(0, row - 1)...min(rows - 1, row + 1)
                    let horizontal = max(0, column - 1)...min(columns - 1, column + 1)
                    for y in vertical {
                        for x in horizontal {
                            let from = (y * columns + x) * width
                            for index in 0..<width { target[base + index] += source[from + index] }
                        }
                    }
                    let share = 1 / Float(vertical.count * horizontal.count)
                    for index in 0..<width { target[base + index] *= share }
                }
            }
        }
    }
    return result
}
