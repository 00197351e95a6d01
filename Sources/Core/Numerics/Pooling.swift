/// output row i = mean of the rows of segment i, (segments, D); 0 for an empty segment.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func meanForward<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, input: Matrix<Scalar>, segments: Segments
) {
    precondition(
        output.columns == input.columns && segments.rows == input.rows,
        "mean: expected \(segments.rows) rows of width \(output.columns), got (\(input.rows), \(input.columns))")
    output.resize(rows: segments.count)
    output.fill(0)
    let width = input.columns
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            for segment in 0..<segments.count {
                let share = 1 / Scalar(Swift.max(1, segments[segment].count))
                for row in segments[segment] {
                    for column in 0..<width { output[segment * width + column] += input[row * width + column] }
                }
                for column in 0..<width { output[segment * width + column] *= share }
            }
        }
    }
}

/// The backward of `meanForward`: every row of segment i becomes row i of dy over the segment's length.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func meanBackward<Scalar: KernelScalar>(
    _ inputGradient: inout Matrix<Scalar>, outputGradient: Matrix<Scalar>, segments: Segments
) {
    precondition(
        inputGradient.columns == outputGradient.columns && segments.count == outputGradient.rows,
        "mean backward: expected \(segments.count) rows of width \(inputGradient.columns)")
    inputGradient.resize(rows: segments.rows)
    let width = outputGradient.columns
    inputGradient.storage.withUnsafeMutableBufferPointer { dx in
        outputGradient.storage.withUnsafeBufferPointer { dy in
            for segment in 0..<segments.count {
                let share = 1 / Scalar(Swift.max(1, segments[segment].count))
                for row in segments[segment] {
                    for column in 0..<width { dx[row * width + column] = dy[segment * width + column] * share }
                }
            }
        }
    }
}

/// y = x / max(‖x‖, 1e-12) for every row, as `torch.nn.functional.normalize`; `norms` receives the divisors (R).
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func unitForward<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, norms: inout [Scalar], input: Matrix<Scalar>
) {
    precondition(output.columns == input.columns, "unit: expected width \(input.columns), got \(output.columns)")
    output.resize(rows: input.rows)
    norms = [Scalar](repeating: 0, count: input.rows)
    let width = input.columns
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            for row in norms.indices {
                let start = row * width
                var square: Scalar = 0
                for index in start..<start + width { square += input[index] * input[index] }
                let norm = square.squareRoot()
                norms[row] = norm < 1e-12 ? 1e-12 : norm  // NaN stays NaN
                let inverse = 1 / norms[row]
                for index in start..<start + width { output[index] = input[index] * inverse }
            }
        }
    }
}

/// The backward of `unitForward`: dx = (dy − y · (y·dy)) / ‖x‖; `output` is what it gave.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func unitBackward<Scalar: KernelScalar>(
    _ inputGradient: inout Matrix<Scalar>, outputGradient: Matrix<Scalar>, output: Matrix<Scalar>, norms: [Scalar]
) {
    precondition(
        inputGradient.columns == output.columns && outputGradient.columns == output.columns
            && outputGradient.rows == output.rows && norms.count == output.rows,
        "unit backward: expected (\(output.rows), \(output.columns)) everywhere")
    inputGradient.resize(rows: output.rows)
    let width = output.columns
    inputGradient.storage.withUnsafeMutableBufferPointer { dx in
        outputGradient.storage.withUnsafeBufferPointer { dy in
            output.storage.withUnsafeBufferPointer { y in
                for row in norms.indices {
                    let start = row * width
                    var along: Scalar = 0
                    for index in start..<start + width { along += y[index] * dy[index] }
                    let inverse = 1 / norms[row]
                    for index in start..<start + width { dx[index] = (dy[index] - y[index] * along) * inverse }
                }
            }
        }
    }
}
