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
    precondition((scale == nil) == (shift == nil), "layerNorm backward: expected scale and shift, or neither")
    let rows = input.rows
    inputGradient.storage.withUnsafeMutableBufferPointer { dx in
        gradients.values.withUnsafeMutableBufferPointer { gradients in
            store.values.withUnsafeBufferPointer { values in
                statistics.storage.withUnsafeBufferPointer { statistics in
                    input.storage.withUnsafeBufferPointer { input in
                        outputGradient.storage.withUnsafeBufferPointer { dy in
                            guard let x = input.baseAddress, let dy = dy.baseAddress, let dx = dx.baseAddress else {
                                return
                            }
                            for row in 0..<rows {
                                let start = row * width
                                backwardOfRow(
                                    dx + start, dy + start, x + start, width, mean: statistics[2 * row],
                                    rstd: statistics[2 * row + 1],
                                    scale: scale.map { values.baseAddress! + $0.offset },
                                    dScale: scale.map { gradients.baseAddress! + $0.offset },
                                    dShift: shift.map { gradients.baseAddress! + $0.offset })
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One row of `layerNormBackward`: a pass for the two means (and the parameters), a pass for dx.
@inline(__always)
private func backwardOfRow<Scalar: KernelScalar>(
    _ dx: UnsafeMutablePointer<Scalar>, _ dy: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ width: Int,
    mean: Scalar, rstd: Scalar, scale: UnsafePointer<Scalar>?, dScale: UnsafeMutablePointer<Scalar>?,
    dShift: UnsafeMutablePointer<Scalar>?
) {
    let whole = width & ~15
    var sums = SIMD16<Scalar>(repeating: 0)
    var normedSums = SIMD16<Scalar>(repeating: 0)
    var index = 0
    while index < whole {
        let normed = (x.load16(index) - mean) * rstd
        let d = dy.load16(index)
        var g = d
        if let scale, let dScale, let dShift {
            g = d * scale.load16(index)
            dScale.store16(index, dScale.load16(index).addingProduct(d, normed))
            dShift.store16(index, dShift.load16(index) + d)
        }
        sums += g
        normedSums = normedSums.addingProduct(g, normed)
        index += 16
    }
    var sum = Scalar.total(sums)
    var normedSum = Scalar.total(normedSums)
    while index < width {
        let normed = (x[index] - mean) * rstd
        var g = dy[index]
        if let scale, let dScale, let dShift {
            dScale[index] += g * normed
            dShift[index] += g
            g *= scale[index]
        }
        sum += g
        normedSum += g * normed
        index += 1
    }
    sum /= Scalar(width)
    normedSum /= Scalar(width)
    index = 0
    while index < whole {
        let normed = (x.load16(index) - mean) * rstd
        var g = dy.load16(index)
        if let scale { g *= scale.load16(index) }
        let change = (g - sum) - normed * normedSum
        dx.store16(index, dx.load16(index).addingProduct(SIMD16(repeating: rstd), change))
        index += 16
    }
    while index < width {
        let normed = (x[index] - mean) * rstd
        let g = scale.map { dy[index] * $0[index] } ?? dy[index]
        dx[index] += rstd * (g - sum - normed * normedSum)
        index += 1
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
    var sum = Scalar.total(sums)
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
    var square = Scalar.total(squares)
    while index < width {
        let d = x[index] - mean
        square += d * d
        index += 1
    }
    return (mean, 1 / (square / Scalar(width) + epsilon).squareRoot())
}
