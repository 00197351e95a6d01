/// y += x · scale, column by column (LayerScale, Touvron et al., arXiv 2103.17239). x, y (R, D), scale (D).
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func layerScaleForward<Scalar: KernelScalar>(
    addingTo output: inout Matrix<Scalar>, input: Matrix<Scalar>, store: ParameterStore<Scalar>, scale: Parameter
) {
    let width = input.columns
    precondition(
        output.rows == input.rows && output.columns == width && scale.count == width,
        "layerScale \(scale.name): expected (\(input.rows), \(width)) everywhere")
    let rows = input.rows
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            store.values.withUnsafeBufferPointer { values in
                guard let y = output.baseAddress, let x = input.baseAddress, let base = values.baseAddress else {
                    return
                }
                let factors = base + scale.offset
                for row in 0..<rows {
                    let target = y + row * width
                    let source = x + row * width
                    for column in 0..<width { target[column] += source[column] * factors[column] }
                }
            }
        }
    }
}

/// The backward of `layerScaleForward`: dx = dy · scale, dscale += Σ dy · x over the rows. What reaches y besides is
/// dy itself, so the residual connection costs nothing here.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func layerScaleBackward<Scalar: KernelScalar>(
    _ inputGradient: inout Matrix<Scalar>, gradients: inout ParameterStore<Scalar>, outputGradient: Matrix<Scalar>,
    input: Matrix<Scalar>, store: ParameterStore<Scalar>, scale: Parameter
) {
    let width = input.columns
    precondition(
        outputGradient.rows == input.rows && outputGradient.columns == width && inputGradient.columns == width
            && scale.count == width, "layerScale backward \(scale.name): expected (\(input.rows), \(width)) everywhere")
    inputGradient.resize(rows: input.rows)
    let rows = input.rows
    inputGradient.storage.withUnsafeMutableBufferPointer { dx in
        outputGradient.storage.withUnsafeBufferPointer { dy in
            input.storage.withUnsafeBufferPointer { x in
                store.values.withUnsafeBufferPointer { values in
                    gradients.values.withUnsafeMutableBufferPointer { gradients in
                        guard let dx = dx.baseAddress, let dy = dy.baseAddress, let x = x.baseAddress,
                            let factors = values.baseAddress.map({ $0 + scale.offset }),
                            let sums = gradients.baseAddress.map({ $0 + scale.offset })
                        else { return }
                        for row in 0..<rows {
                            let start = row * width
                            for column in 0..<width {
                                let d = dy[start + column]
                                dx[start + column] = d * factors[column]
                                sums[column] += d * x[start + column]
                            }
                        }
                    }
                }
            }
        }
    }
}
