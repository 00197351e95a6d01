/// y = (x − mean) / sqrt(variance + ε) · scale + shift for every row (Ba et al., arXiv 1607.06450), variance biased.
///
/// x, y (R, D). Without `scale` and `shift` the norm is not affine. `statistics` takes mean and 1/deviation of every
/// row, (R, 2), for the backward pass.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func layerNormForward<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, statistics: inout Matrix<Scalar>, input: Matrix<Scalar>,
    store: ParameterStore<Scalar>, scale: Parameter?, shift: Parameter?, epsilon: Scalar
) {
    let width = input.columns
    precondition(output.columns == width && statistics.columns == 2, "layerNorm: expected (R, \(width)) and (R, 2)")
    output.resize(rows: input.rows)
    statistics.resize(rows: input.rows)
    let rows = input.rows
    output.storage.withUnsafeMutableBufferPointer { output in
        statistics.storage.withUnsafeMutableBufferPointer { statistics in
            input.storage.withUnsafeBufferPointer { input in
                store.values.withUnsafeBufferPointer { values in
                    guard let y = output.baseAddress, let x = input.baseAddress, let s = statistics.baseAddress else {
                        return
                    }
                    let affine = scale.map { values.baseAddress! + $0.offset }
                    let offset = shift.map { values.baseAddress! + $0.offset }
                    for row in 0..<rows {
                        let (mean, rstd) = momentsOfRow(x + row * width, width, epsilon)
                        s[2 * row] = mean
                        s[2 * row + 1] = rstd
                        let source = x + row * width
                        let target = y + row * width
                        if let affine, let offset {
                            for column in 0..<width {
                                target[column] = (source[column] - mean) * rstd * affine[column] + offset[column]
                            }
                        } else {
                            for column in 0..<width { target[column] = (source[column] - mean) * rstd }
                        }
                    }
                }
            }
        }
    }
}

/// The backward of `layerNormForward`: dx += rstd · (g − mean(g) − x̂ · mean(g · x̂)) with g = dy · scale;
/// dscale += Σ dy · x̂, dshift += Σ dy. Adds to `inputGradient`, so a residual connection needs no pass of its own.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func layerNormBackward<Scalar: KernelScalar>(
    addingTo inputGradient: inout Matrix<Scalar>, gradients: inout ParameterStore<Scalar>,
    outputGradient: Matrix<Scalar>, input: Matrix<Scalar>, statistics: Matrix<Scalar>, store: ParameterStore<Scalar>,
    scale: Parameter?, shift: Parameter?
) {
    let width = input.columns
    precondition(
        outputGradient.columns == width && inputGradient.columns == width && inputGradient.rows == input.rows
            && outputGradient.rows == input.rows && statistics.rows == input.rows,
        "layerNorm backward: expected (\(input.rows), \(width)) everywhere")
    let rows = input.rows
    inputGradient.storage.withUnsafeMutableBufferPointer { dx in
        gradients.values.withUnsafeMutableBufferPointer { gradients in
            store.values.withUnsafeBufferPointer { values in
                for row in 0..<rows {
                    let mean = statistics.storage[2 * row]
                    let rstd = statistics.storage[2 * row + 1]
                    input.storage.withUnsafeBufferPointer { input in
                        outputGradient.storage.withUnsafeBufferPointer { dy in
                            let x = input.baseAddress! + row * width
                            let dy = dy.baseAddress! + row * width
                            let target = dx.baseAddress! + row * width
                            var sum: Scalar = 0
                            var sumNormed: Scalar = 0
                            if let scale, let shift {
                                let factor = values.baseAddress! + scale.offset
                                let dScale = gradients.baseAddress! + scale.offset
                                let dShift = gradients.baseAddress! + shift.offset
                                for column in 0..<width {
                                    let normed = (x[column] - mean) * rstd
                                    let g = dy[column] * factor[column]
                                    sum += g
                                    sumNormed += g * normed
                                    dScale[column] += dy[column] * normed
                                    dShift[column] += dy[column]
                                }
                                sum /= Scalar(width)
                                sumNormed /= Scalar(width)
                                for column in 0..<width {
                                    let normed = (x[column] - mean) * rstd
                                    target[column] += rstd * (dy[column] * factor[column] - sum - normed * sumNormed)
                                }
                            } else {
                                for column in 0..<width {
                                    sum += dy[column]
                                    sumNormed += dy[column] * (x[column] - mean) * rstd
                                }
                                sum /= Scalar(width)
                                sumNormed /= Scalar(width)
                                for column in 0..<width {
                                    let normed = (x[column] - mean) * rstd
                                    target[column] += rstd * (dy[column] - sum - normed * sumNormed)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

@inline(__always)
private func momentsOfRow<Scalar: KernelScalar>(
    _ x: UnsafePointer<Scalar>, _ width: Int, _ epsilon: Scalar
) -> (mean: Scalar, rstd: Scalar) {
    var sums = SIMD16<Scalar>(repeating: 0)
    let whole = width & ~15
    var index = 0
    while index < whole {
        sums += x.load16(index)
        index += 16
    }
    var sum = sums.sum()
    while index < width {
        sum += x[index]
        index += 1
    }
    let mean = sum / Scalar(width)
    var squares = SIMD16<Scalar>(repeating: 0)
    index = 0
    while index < whole {
        let d = x.load16(index) - mean
        squares = squares.addingProduct(d, d)
        index += 16
    }
    var square = squares.sum()
    while index < width {
        let d = x[index] - mean
        square += d * d
        index += 1
    }
    return (mean, 1 / (square / Scalar(width) + epsilon).squareRoot())
}
