/// Which rows of a batch belong together: sequence i is rows starts[i] ..< starts[i + 1]. Lengths may differ.
package struct Segments: Sendable, Equatable {
    /// Ascending; first 0, last the number of rows.
    package private(set) var starts: [Int] = [0]

    package init() {}

    /// Sequences of these lengths, one below the other.
    package init(lengths: [Int]) {
        for length in lengths { append(length: length) }
    }

    package mutating func append(length: Int) { starts.append(starts[starts.count - 1] + length) }
    package mutating func removeAll() { starts.removeSubrange(1...) }

    package var count: Int { starts.count - 1 }
    package var rows: Int { starts[starts.count - 1] }
    package subscript(index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }

    /// Σ length², the room that the attention weights of one head take.
    package var squares: Int { (0..<count).reduce(0) { $0 + self[$1].count * self[$1].count } }
}

/// Multi-head scaled dot-product attention (Vaswani et al., arXiv 1706.03762) within each segment: every row sees all
/// rows, or with `causal` only itself and those before it.
///
/// `qkv` (R, 3·D) holds queries, keys and values side by side, each split into `heads` runs of D / heads columns, as
/// timm's fused projection gives them. `output` (R, D). `weights` receives softmax(q·kᵀ/√d): with `keepWeights`
/// those of all segments and heads, heads · Σ length² numbers in that order, for the backward pass; else it is scratch
/// for one head at a time.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func attentionForward<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, weights: inout [Scalar], qkv: Matrix<Scalar>, segments: Segments, heads: Int,
    keepWeights: Bool, causal: Bool = false
) {
    let width = output.columns
    precondition(
        qkv.columns == 3 * width && width % heads == 0 && segments.rows == qkv.rows,
        "attention: expected (R, \(3 * width)) for \(heads) heads and \(segments.rows) rows, got (\(qkv.rows), \(qkv.columns))"
    )
    output.resize(rows: qkv.rows)
    let headWidth = width / heads
    let longest = (0..<segments.count).map { segments[$0].count }.max() ?? 0
    let room = keepWeights ? heads * segments.squares : longest * longest
    if weights.count < room {
        weights.append(contentsOf: repeatElement(0, count: room - weights.count))
    }
    let scale = 1 / Scalar(headWidth).squareRoot()
    output.storage.withUnsafeMutableBufferPointer { output in
        weights.withUnsafeMutableBufferPointer { weights in
            qkv.storage.withUnsafeBufferPointer { qkv in
                guard let out = output.baseAddress, let base = qkv.baseAddress, var p = weights.baseAddress else {
                    return
                }
                for segment in 0..<segments.count {
                    let rows = segments[segment]
                    for head in 0..<heads {
                        let q = base + rows.lowerBound * 3 * width + head * headWidth
                        attend(
                            out + rows.lowerBound * width + head * headWidth, strideOut: width, weights: p, queries: q,
                            count: rows.count, strideQ: 3 * width, keys: q + width, values: q + 2 * width,
                            length: rows.count, strideKV: 3 * width, headWidth: headWidth, scale: scale, causal: causal)
                        if keepWeights { p += rows.count * rows.count }
                    }
                }
            }
        }
    }
}

/// The same attention asked by some rows only: row i of segment s of `queries` sees all rows of segment s of
/// `keysValues`. For inference; no weights are kept.
///
/// `queries` (M, D) in segments `asking`, `keysValues` (R, 2·D), keys left of values, in `segments`; `output` (M, D).
/// `weights` is scratch. Traps on shapes that do not fit.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func attentionForward<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, weights: inout [Scalar], queries: Matrix<Scalar>, asking: Segments,
    keysValues: Matrix<Scalar>, segments: Segments, heads: Int
) {
    let width = output.columns
    precondition(
        queries.columns == width && keysValues.columns == 2 * width && width % heads == 0
            && asking.rows == queries.rows && segments.rows == keysValues.rows && asking.count == segments.count,
        "attention: expected (\(asking.rows), \(width)) and (\(segments.rows), \(2 * width)) for \(heads) heads, got (\(queries.rows), \(queries.columns)) and (\(keysValues.rows), \(keysValues.columns))"
    )
    output.resize(rows: queries.rows)
    let headWidth = width / heads
    let room = (0..<segments.count).map { asking[$0].count * segments[$0].count }.max() ?? 0
    if weights.count < room {
        weights.append(contentsOf: repeatElement(0, count: room - weights.count))
    }
    let scale = 1 / Scalar(headWidth).squareRoot()
    output.storage.withUnsafeMutableBufferPointer { output in
        weights.withUnsafeMutableBufferPointer { weights in
            queries.storage.withUnsafeBufferPointer { queries in
                keysValues.storage.withUnsafeBufferPointer { keysValues in
                    guard let out = output.baseAddress, let q = queries.baseAddress, let kv = keysValues.baseAddress,
                        let p = weights.baseAddress
                    else { return }
                    for segment in 0..<segments.count {
                        let first = asking[segment].lowerBound * width
                        let keys = kv + segments[segment].lowerBound * 2 * width
                        for column in stride(from: 0, to: width, by: headWidth) {
                            attend(
                                out + first + column, strideOut: width, weights: p, queries: q + first + column,
                                count: asking[segment].count, strideQ: width, keys: keys + column,
                                values: keys + width + column, length: segments[segment].count, strideKV: 2 * width,
                                headWidth: headWidth, scale: scale, causal: false)
                        }
                    }
                }
            }
        }
    }
}

/// One head of one segment: weights (count, length) ← softmax(q·kᵀ · scale), output (count, headWidth) ← weights · v.
@inline(__always)
private func attend<Scalar: KernelScalar>(
    _ output: UnsafeMutablePointer<Scalar>, strideOut: Int, weights p: UnsafeMutablePointer<Scalar>,
    queries: UnsafePointer<Scalar>, count: Int, strideQ: Int, keys: UnsafePointer<Scalar>,
    values: UnsafePointer<Scalar>, length: Int, strideKV: Int, headWidth: Int, scale: Scalar, causal: Bool
) {
    Scalar.product(
        transposeA: false, transposeB: true, m: count, n: length, k: headWidth, alpha: 1, a: queries,
        strideA: strideQ, b: keys, strideB: strideKV, beta: 0, c: p, strideC: length)
    if causal { hideLaterRows(p, length) }
    let fresh: SIMD16<Scalar> = freshLanes(length)
    for row in 0..<count { softmaxRow(p + row * length, length, scale, fresh: fresh) }
    Scalar.product(
        transposeA: false, transposeB: false, m: count, n: headWidth, k: length, alpha: 1, a: p, strideA: length,
        b: values, strideB: strideKV, beta: 0, c: output, strideC: strideOut)
}

/// The backward of `attentionForward` with `keepWeights`: dV = Pᵀ·dO, dP = dO·Vᵀ, dS = P ∘ (dP − rowsum(dP ∘ P)),
/// dQ = dS·K/√d, dK = dSᵀ·Q/√d; causal or not, for the weights of hidden rows are 0. `qkvGradient` (R, 3·D) is overwritten; `scratch` is one head's dP.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func attentionBackward<Scalar: KernelScalar>(
    _ qkvGradient: inout Matrix<Scalar>, scratch: inout [Scalar], outputGradient: Matrix<Scalar>, weights: [Scalar],
    qkv: Matrix<Scalar>, segments: Segments, heads: Int
) {
    let width = outputGradient.columns
    precondition(
        qkv.columns == 3 * width && qkvGradient.columns == 3 * width && weights.count >= heads * segments.squares,
        "attention backward: shapes do not fit width \(width)")
    qkvGradient.resize(rows: qkv.rows)
    let headWidth = width / heads
    let longest = (0..<segments.count).map { segments[$0].count }.max() ?? 0
    if scratch.count < longest * longest {
        scratch.append(contentsOf: repeatElement(0, count: longest * longest - scratch.count))
    }
    let scale = 1 / Scalar(headWidth).squareRoot()
    qkvGradient.storage.withUnsafeMutableBufferPointer { dqkv in
        scratch.withUnsafeMutableBufferPointer { scratch in
            outputGradient.storage.withUnsafeBufferPointer { dOut in
                weights.withUnsafeBufferPointer { weights in
                    qkv.storage.withUnsafeBufferPointer { qkv in
                        guard let dBase = dqkv.baseAddress, let dS = scratch.baseAddress, let dO = dOut.baseAddress,
                            var p = weights.baseAddress, let base = qkv.baseAddress
                        else { return }
                        for segment in 0..<segments.count {
                            let rows = segments[segment]
                            let n = rows.count
                            for head in 0..<heads {
                                let place = rows.lowerBound * 3 * width + head * headWidth
                                let q = base + place
                                let dq = dBase + place
                                let go = dO + rows.lowerBound * width + head * headWidth
                                Scalar.product(
                                    transposeA: true, transposeB: false, m: n, n: headWidth, k: n, alpha: 1, a: p,
                                    strideA: n, b: go, strideB: width, beta: 0, c: dq + 2 * width, strideC: 3 * width)
                                Scalar.product(
                                    transposeA: false, transposeB: true, m: n, n: n, k: headWidth, alpha: 1, a: go,
                                    strideA: width, b: q + 2 * width, strideB: 3 * width, beta: 0, c: dS, strideC: n)
                                for row in 0..<n { softmaxBackwardRow(dS + row * n, p + row * n, n) }
                                Scalar.product(
                                    transposeA: false, transposeB: false, m: n, n: headWidth, k: n, alpha: scale,
                                    a: dS, strideA: n, b: q + width, strideB: 3 * width, beta: 0, c: dq,
                                    strideC: 3 * width)
                                Scalar.product(
                                    transposeA: true, transposeB: false, m: n, n: headWidth, k: n, alpha: scale, a: dS,
                                    strideA: n, b: q, strideB: 3 * width, beta: 0, c: dq + width, strideC: 3 * width)
                                p += n * n
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Scores (n, n) above the diagonal become −∞: their exponential is exactly 0.
@inline(never)
private func hideLaterRows<Scalar: KernelScalar>(_ scores: UnsafeMutablePointer<Scalar>, _ n: Int) {
    for row in 0..<n {
        (scores + row * n + row + 1).update(repeating: -.infinity, count: n - row - 1)
    }
}

/// x ← softmax(scale · x), stable: the greatest is subtracted first.
@inline(__always)
private func softmaxRow<Scalar: KernelScalar>(
    _ x: UnsafeMutablePointer<Scalar>, _ count: Int, _ scale: Scalar, fresh: SIMD16<Scalar>
) {
    guard count >= 16 else { return softmaxShortRow(x, count, scale) }
    let whole = count & ~15
    // The last sixteen numbers are taken before they are overwritten; where they overlap the whole vectors they give
    // the same numbers again, which `fresh` keeps out of the sum.
    let last = x.load16(count - 16)
    var lanes = last
    var index = 0
    while index < whole {
        lanes = Scalar.greater(lanes, x.load16(index))
        index += 16
    }
    let shift = SIMD16<Scalar>(repeating: Scalar.greatest(of: lanes))
    let factor = SIMD16<Scalar>(repeating: scale)
    var sums = SIMD16<Scalar>(repeating: 0)
    index = 0
    while index < whole {
        let e = Scalar.exponential((x.load16(index) - shift) * factor)
        x.store16(index, e)
        sums += e
        index += 16
    }
    if whole < count {
        let e = Scalar.exponential((last - shift) * factor)
        x.store16(count - 16, e)
        sums = sums.addingProduct(e, fresh)
    }
    let inverse = 1 / Scalar.total(sums)
    let inverses = SIMD16<Scalar>(repeating: inverse)
    index = 0
    while index < whole {
        x.store16(index, x.load16(index) * inverses)
        index += 16
    }
    while index < count {
        x[index] *= inverse
        index += 1
    }
}

/// 1 in the lanes of a row's last sixteen numbers that no whole vector holds, 0 in the others.
@inline(__always)
private func freshLanes<Scalar: KernelScalar>(_ count: Int) -> SIMD16<Scalar> {
    var fresh = SIMD16<Scalar>(repeating: 0)
    for lane in 16 - count % 16..<16 { fresh[lane] = 1 }
    return fresh
}

@inline(never)
private func softmaxShortRow<Scalar: KernelScalar>(_ x: UnsafeMutablePointer<Scalar>, _ count: Int, _ scale: Scalar) {
    guard count > 0 else { return }
    var greatest = x[0]
    for index in 0..<count where x[index] > greatest { greatest = x[index] }
    var lanes = SIMD16<Scalar>(repeating: 0)
    for index in 0..<count { lanes[index] = (x[index] - greatest) * scale }
    let e = Scalar.exponential(lanes)
    var sum: Scalar = 0
    for index in 0..<count { sum += e[index] }
    for index in 0..<count { x[index] = e[index] / sum }
}

/// g ← p ∘ (g − Σ g ∘ p).
@inline(__always)
private func softmaxBackwardRow<Scalar: KernelScalar>(
    _ g: UnsafeMutablePointer<Scalar>, _ p: UnsafePointer<Scalar>, _ count: Int
) {
    let whole = count & ~15
    var sums = SIMD16<Scalar>(repeating: 0)
    var index = 0
    while index < whole {
        sums = sums.addingProduct(g.load16(index), p.load16(index))
        index += 16
    }
    var sum = Scalar.total(sums)
    while index < count {
        sum += g[index] * p[index]
        index += 1
    }
    let shift = SIMD16<Scalar>(repeating: sum)
    index = 0
    while index < whole {
        g.store16(index, p.load16(index) * (g.load16(index) - shift))
        index += 16
    }
    while index < count {
        g[index] = p[index] * (g[index] - sum)
        index += 1
    }
}
