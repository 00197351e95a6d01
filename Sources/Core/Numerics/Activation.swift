/// y = x · Φ(x), the exact GELU (Hendrycks & Gimpel, arXiv 1606.08415), elementwise.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func geluForward<Scalar: KernelScalar>(_ output: inout Matrix<Scalar>, input: Matrix<Scalar>) {
    precondition(output.columns == input.columns, "gelu: expected width \(input.columns), got \(output.columns)")
    output.resize(rows: input.rows)
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            guard let y = output.baseAddress, let x = input.baseAddress else { return }
            gelu(y, x, input.count)
        }
    }
}

/// x ← x · Φ(x), to the bit as into another matrix: where no backward pass follows, a second one would only be one more
/// that has to be in the cache.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func geluForward<Scalar: KernelScalar>(inPlace values: inout Matrix<Scalar>) {
    values.storage.withUnsafeMutableBufferPointer { values in
        guard let x = values.baseAddress else { return }
        gelu(x, x, values.count)
    }
}

/// `y` may be `x`.
@inline(__always)
private func gelu<Scalar: KernelScalar>(_ y: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ count: Int) {
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
            withUnsafeTemporaryAllocation(of: Scalar.self, capacity: geluStretch) { room in
                guard let densities = room.baseAddress else { return }
                var index = 0
                while index + 16 <= count {
                    let stretch = min(geluStretch, (count - index) & ~15)
                    geluDensities(densities, x + index, stretch)
                    geluSlopes(g + index, x + index, densities, stretch)
                    index += stretch
                }
                if index < count { geluBackwardRest(g + index, x + index, count - index) }
            }
        }
    }
}

/// Numbers of which the exponentials are made at a time: few enough to stay in the nearest cache.
private let geluStretch = 1024

/// e^(−x²/2) of whole vectors. A loop of its own: in one with the error function the compiler calls the exponential
/// instead of putting it in.
@inline(never)
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func geluDensities<Scalar: KernelScalar>(
    _ densities: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ count: Int
) {
    let half = SIMD16<Scalar>(repeating: 0.5)
    var index = 0
    while index < count {
        let v = x.load16(index)
        densities.store16(index, Scalar.exponential(v * v * (-half)))
        index += 16
    }
}

/// g ← g · (Φ(x) + x · φ(x)) of whole vectors, φ without its constant in `densities`.
@inline(never)
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func geluSlopes<Scalar: KernelScalar>(
    _ g: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ densities: UnsafePointer<Scalar>, _ count: Int
) {
    var index = 0
    while index < count {
        g.store16(index, g.load16(index) * geluSlope(x.load16(index), densities.load16(index)))
        index += 16
    }
}

/// The last numbers, fewer than a vector.
@inline(never)
private func geluBackwardRest<Scalar: KernelScalar>(
    _ g: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ count: Int
) {
    var v = SIMD16<Scalar>(repeating: 0)
    for lane in 0..<count { v[lane] = x[lane] }
    let slope = geluSlope(v, Scalar.exponential(v * v * SIMD16(repeating: -0.5)))
    for lane in 0..<count { g[lane] *= slope[lane] }
}

/// Φ(x) + x · φ(x), where `e` is e^(−x²/2).
@inline(__always)
private func geluSlope<Scalar: KernelScalar>(_ v: SIMD16<Scalar>, _ e: SIMD16<Scalar>) -> SIMD16<Scalar> {
    let half = SIMD16<Scalar>(repeating: 0.5)
    let rootHalf = SIMD16<Scalar>(repeating: 0.707_106_781_186_547_6)
    let density = SIMD16<Scalar>(repeating: 0.398_942_280_401_432_7)
    let cumulative = half.addingProduct(half, Scalar.errorFunction(v * rootHalf))
    return cumulative.addingProduct(v * density, e)
}
