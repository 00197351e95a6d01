/// y = x · Wᵀ + b for every row.
///
/// `weight` is (out, in) as PyTorch stores it, `bias` (out). With `accumulate`, y += x · Wᵀ + b: a residual connection
/// costs no pass of its own. x (R, in), y (R, out). Traps on shapes that do not fit.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func linearForward<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, input: Matrix<Scalar>, store: ParameterStore<Scalar>, weight: Parameter,
    bias: Parameter?, accumulate: Bool = false
) {
    precondition(
        input.columns == weight.columns && output.columns == weight.rows,
        "linear \(weight.name): expected (R, \(weight.columns)) -> (R, \(weight.rows)), got (\(input.rows), \(input.columns)) -> (\(output.rows), \(output.columns))"
    )
    if accumulate {
        precondition(output.rows == input.rows, "linear \(weight.name): expected \(input.rows) rows to add to")
    } else {
        output.resize(rows: input.rows)
    }
    let rows = input.rows
    let width = weight.rows
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            store.values.withUnsafeBufferPointer { values in
                guard let y = output.baseAddress, let x = input.baseAddress, let base = values.baseAddress else {
                    return
                }
                if let bias {
                    let b = base + bias.offset
                    for row in 0..<rows {
                        let target = y + row * width
                        if accumulate {
                            for column in 0..<width { target[column] += b[column] }
                        } else {
                            target.update(from: b, count: width)
                        }
                    }
                }
                Scalar.product(
                    transposeA: false, transposeB: true, m: rows, n: width, k: weight.columns, alpha: 1, a: x,
                    strideA: weight.columns, b: base + weight.offset, strideB: weight.columns,
                    beta: bias != nil || accumulate ? 1 : 0, c: y, strideC: width)
            }
        }
    }
}

/// The backward of `linearForward`: dx = dy · W (dx += with `accumulate`), dW += dyᵀ · x, db += column sums of dy.
///
/// Pass nil for `inputGradient` where nothing below learns.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func linearBackward<Scalar: KernelScalar>(
    inputGradient: inout Matrix<Scalar>?, gradients: inout ParameterStore<Scalar>, outputGradient: Matrix<Scalar>,
    input: Matrix<Scalar>, store: ParameterStore<Scalar>, weight: Parameter, bias: Parameter?
) {
    let rows = outputGradient.rows
    precondition(
        outputGradient.columns == weight.rows && input.columns == weight.columns && input.rows == rows,
        "linear backward \(weight.name): shapes do not fit: dy (\(rows), \(outputGradient.columns)), x (\(input.rows), \(input.columns))"
    )
    gradients.values.withUnsafeMutableBufferPointer { gradients in
        outputGradient.storage.withUnsafeBufferPointer { dy in
            input.storage.withUnsafeBufferPointer { x in
                guard let g = gradients.baseAddress, let dy = dy.baseAddress, let x = x.baseAddress else { return }
                Scalar.product(
                    transposeA: true, transposeB: false, m: weight.rows, n: weight.columns, k: rows, alpha: 1, a: dy,
                    strideA: weight.rows, b: x, strideB: weight.columns, beta: 1, c: g + weight.offset,
                    strideC: weight.columns)
                if let bias {
                    let db = g + bias.offset
                    for row in 0..<rows {
                        let source = dy + row * weight.rows
                        for column in 0..<weight.rows { db[column] += source[column] }
                    }
                }
            }
        }
    }
    guard inputGradient != nil else { return }
    linearInputGradient(&inputGradient!, outputGradient: outputGradient, store: store, weight: weight)
}

/// dx = dy · W.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func linearInputGradient<Scalar: KernelScalar>(
    _ inputGradient: inout Matrix<Scalar>, outputGradient: Matrix<Scalar>, store: ParameterStore<Scalar>,
    weight: Parameter
) {
    precondition(inputGradient.columns == weight.columns, "linear backward \(weight.name): dx has the wrong width")
    inputGradient.resize(rows: outputGradient.rows)
    let rows = outputGradient.rows
    inputGradient.storage.withUnsafeMutableBufferPointer { dx in
        outputGradient.storage.withUnsafeBufferPointer { dy in
            store.values.withUnsafeBufferPointer { values in
                guard let dx = dx.baseAddress, let dy = dy.baseAddress, let base = values.baseAddress else { return }
                Scalar.product(
                    transposeA: false, transposeB: false, m: rows, n: weight.columns, k: weight.rows, alpha: 1, a: dy,
                    strideA: weight.rows, b: base + weight.offset, strideB: weight.columns, beta: 0, c: dx,
                    strideC: weight.columns)
            }
        }
    }
}

/// C = A · Lᵀ for a lower triangular L (n, n), A (R, n): about half of a full product. What stands above L's diagonal is
/// taken as 0 in strips of columns, the longest of which still meets it: it must be 0. Traps on shapes that do not fit.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func productWithLower<Scalar: KernelScalar>(_ a: Matrix<Scalar>, _ lower: Matrix<Scalar>) -> Matrix<Scalar> {
    let width = lower.rows
    precondition(
        lower.columns == width && a.columns == width,
        "productWithLower: expected (R, n) and (n, n), got (\(a.rows), \(a.columns)) and (\(width), \(lower.columns))")
    var c = Matrix<Scalar>(rows: a.rows, columns: width)
    c.storage.withUnsafeMutableBufferPointer { c in
        a.storage.withUnsafeBufferPointer { a in
            lower.storage.withUnsafeBufferPointer { l in
                guard let c = c.baseAddress, let x = a.baseAddress, let l = l.baseAddress else { return }
                for start in stride(from: 0, to: width, by: lowerStrip) {
                    let end = min(start + lowerStrip, width)
                    Scalar.product(
                        transposeA: false, transposeB: true, m: a.count / width, n: end - start, k: end, alpha: 1, a: x,
                        strideA: width, b: l + start * width, strideB: width, beta: 0, c: c + start, strideC: width)
                }
            }
        }
    }
    return c
}

/// Columns of a strip: at 576 columns six strips do 58 % of the work of the full product. Narrower ones would do
/// less, in products too small to be fast.
private let lowerStrip = 96

/// C = op(A) · op(B) on matrices: for statistics, not for inner loops.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func product<Scalar: KernelScalar>(
    _ a: Matrix<Scalar>, transposeA: Bool = false, _ b: Matrix<Scalar>, transposeB: Bool = false
) -> Matrix<Scalar> {
    let m = transposeA ? a.columns : a.rows
    let k = transposeA ? a.rows : a.columns
    let n = transposeB ? b.rows : b.columns
    precondition(
        k == (transposeB ? b.columns : b.rows),
        "product: inner sizes differ: (\(a.rows), \(a.columns)) and (\(b.rows), \(b.columns))")
    var c = Matrix<Scalar>(rows: m, columns: n)
    guard k > 0 else { return c }
    c.storage.withUnsafeMutableBufferPointer { c in
        a.storage.withUnsafeBufferPointer { aPointer in
            b.storage.withUnsafeBufferPointer { bPointer in
                guard let c = c.baseAddress, let pa = aPointer.baseAddress, let pb = bPointer.baseAddress else {
                    return
                }
                Scalar.product(
                    transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 1, a: pa,
                    strideA: a.columns, b: pb, strideB: b.columns, beta: 0, c: c, strideC: n)
            }
        }
    }
    return c
}
