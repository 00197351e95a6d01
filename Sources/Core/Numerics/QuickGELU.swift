/// y = x · σ(1.702 x), the sigmoid's approximation of GELU (Hendrycks & Gimpel, arXiv 1606.08415) that CLIP was trained
/// with, elementwise.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func quickGELUForward<Scalar: KernelScalar>(_ output: inout Matrix<Scalar>, input: Matrix<Scalar>) {
    precondition(output.columns == input.columns, "quickGELU: expected width \(input.columns), got \(output.columns)")
    output.resize(rows: input.rows)
    let count = input.storage.count
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            guard let y = output.baseAddress, let x = input.baseAddress else { return }
            var index = 0
            while index + 16 <= count {
                let v = x.load16(index)
                y.store16(index, v * gate(v))
                index += 16
            }
            if index < count {
                let v = x.loadRest(index, count)
                let result = v * gate(v)
                for lane in 0..<count - index { y[index + lane] = result[lane] }
            }
        }
    }
}

/// The backward of `quickGELUForward`, in place: dy becomes dx = dy · (s + 1.702 x · s · (1 − s)), s = σ(1.702 x).
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func quickGELUBackward<Scalar: KernelScalar>(_ gradient: inout Matrix<Scalar>, input: Matrix<Scalar>) {
    precondition(
        gradient.rows == input.rows && gradient.columns == input.columns,
        "quickGELU backward: expected equal shapes")
    let count = input.storage.count
    gradient.storage.withUnsafeMutableBufferPointer { gradient in
        input.storage.withUnsafeBufferPointer { input in
            guard let g = gradient.baseAddress, let x = input.baseAddress else { return }
            @inline(__always) func slope(_ v: SIMD16<Scalar>) -> SIMD16<Scalar> {
                let s = gate(v)
                return s.addingProduct(v * steepness() * s, 1 - s)
            }
            var index = 0
            while index + 16 <= count {
                g.store16(index, g.load16(index) * slope(x.load16(index)))
                index += 16
            }
            if index < count {
                let s = slope(x.loadRest(index, count))
                for lane in 0..<count - index { g[index + lane] *= s[lane] }
            }
        }
    }
}

@inline(__always)
private func steepness<Scalar: KernelScalar>() -> SIMD16<Scalar> { SIMD16(repeating: 1.702) }

/// σ(1.702 x).
@inline(__always)
private func gate<Scalar: KernelScalar>(_ v: SIMD16<Scalar>) -> SIMD16<Scalar> {
    1 / (1 + Scalar.exponential(v * -steepness()))
}

extension UnsafePointer where Pointee: KernelScalar {
    /// The last numbers before `count`, fewer than sixteen, and zeros.
    @inline(__always)
    fileprivate func loadRest(_ index: Int, _ count: Int) -> SIMD16<Pointee> {
        var v = SIMD16<Pointee>(repeating: 0)
        for lane in 0..<count - index { v[lane] = self[index + lane] }
        return v
    }
}
