/// y = x · Φ(x), the exact GELU (Hendrycks & Gimpel, arXiv 1606.08415), elementwise.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func geluForward<Scalar: KernelScalar>(_ output: inout Matrix<Scalar>, input: Matrix<Scalar>) {
    precondition(output.columns == input.columns, "gelu: expected width \(input.columns), got \(output.columns)")
    output.resize(rows: input.rows)
    let count = input.storage.count
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            guard let y = output.baseAddress, let x = input.baseAddress else { return }
            let half = SIMD16<Scalar>(repeating: 0.5)
            let rootHalf = SIMD16<Scalar>(repeating: 0.707_106_781_186_547_6)
            var index = 0
            while index + 16 <= count {
                let v = x.load16(index)
                let h = v * half
                y.store16(index, h.addingProduct(h, Scalar.errorFunction(v * rootHalf)))
                index += 16
            }
            if index < count {
                var v = SIMD16<Scalar>(repeating: 0)
                for lane in 0..<count - index { v[lane] = x[index + lane] }
                let h = v * half
                let result = h.addingProduct(h, Scalar.errorFunction(v * rootHalf))
                for lane in 0..<count - index { y[index + lane] = result[lane] }
            }
        }
    }
}

/// The backward of `geluForward`, in place: dy becomes dx = dy · (Φ(x) + x · φ(x)).
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func geluBackward<Scalar: KernelScalar>(_ gradient: inout Matrix<Scalar>, input: Matrix<Scalar>) {
    precondition(
        gradient.rows == input.rows && gradient.columns == input.columns, "gelu backward: expected equal shapes")
    let count = input.storage.count
    gradient.storage.withUnsafeMutableBufferPointer { gradient in
        input.storage.withUnsafeBufferPointer { input in
            guard let g = gradient.baseAddress, let x = input.baseAddress else { return }
            var index = 0
            while index + 16 <= count {
                g.store16(index, g.load16(index) * geluSlope(x.load16(index)))
                index += 16
            }
            if index < count { geluBackwardRest(g + index, x + index, count - index) }
        }
    }
}

/// The last numbers, fewer than a vector. Out of line, so that the loop above is small enough for the compiler to put
/// the exponential into it.
@inline(never)
private func geluBackwardRest<Scalar: KernelScalar>(
    _ g: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ count: Int
) {
    var v = SIMD16<Scalar>(repeating: 0)
    for lane in 0..<count { v[lane] = x[lane] }
    let slope = geluSlope(v)
    for lane in 0..<count { g[lane] *= slope[lane] }
}

/// Φ(x) + x · φ(x).
@inline(__always)
private func geluSlope<Scalar: KernelScalar>(_ v: SIMD16<Scalar>) -> SIMD16<Scalar> {
    let half = SIMD16<Scalar>(repeating: 0.5)
    let rootHalf = SIMD16<Scalar>(repeating: 0.707_106_781_186_547_6)
    let density = SIMD16<Scalar>(repeating: 0.398_942_280_401_432_7)
    let cumulative = half.addingProduct(half, Scalar.errorFunction(v * rootHalf))
    return cumulative.addingProduct(v * density, Scalar.exponential(v * v * (-half)))
}
