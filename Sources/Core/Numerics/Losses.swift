/// Mean over all numbers of smooth-L1 with threshold `beta`: 0.5·d²/β below β, |d| − β/2 above (Girshick,
/// arXiv 1504.08083). Writes d loss / d predicted into `gradient`, times `weight`. `rowWeights` (R) scales each row;
/// the mean is over the sum of the row weights.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func smoothL1<Scalar: KernelScalar>(
    predicted: Matrix<Scalar>, target: Matrix<Scalar>, rowWeights: [Scalar], beta: Scalar, weight: Scalar,
    gradient: inout Matrix<Scalar>
) -> Scalar {
    precondition(
        predicted.rows == target.rows && predicted.columns == target.columns && rowWeights.count == target.rows,
        "smoothL1: expected equal shapes, got (\(predicted.rows), \(predicted.columns)), (\(target.rows), \(target.columns)), \(rowWeights.count) weights"
    )
    gradient.resize(rows: predicted.rows)
    let width = predicted.columns
    var total: Scalar = 0
    for value in rowWeights { total += value }
    guard total > 0 else {
        gradient.fill(0)
        return 0
    }
    let norm = 1 / (total * Scalar(width))
    var loss: Scalar = 0
    gradient.storage.withUnsafeMutableBufferPointer { gradient in
        predicted.storage.withUnsafeBufferPointer { predicted in
            target.storage.withUnsafeBufferPointer { target in
                for row in 0..<rowWeights.count {
                    let factor = rowWeights[row] * norm
                    let start = row * width
                    loss +=
                        factor
                        * smoothL1Row(
                            gradient.baseAddress! + start, predicted.baseAddress! + start, target.baseAddress! + start,
                            width, beta: beta, slope: weight * factor / beta)
                }
            }
        }
    }
    return loss
}

/// Σ of one row's losses; writes `slope` · clipped difference.
@inline(__always)
private func smoothL1Row<Scalar: KernelScalar>(
    _ gradient: UnsafeMutablePointer<Scalar>, _ predicted: UnsafePointer<Scalar>, _ target: UnsafePointer<Scalar>,
    _ width: Int, beta: Scalar, slope: Scalar
) -> Scalar {
    let whole = width & ~15
    let half = SIMD16<Scalar>(repeating: 0.5)
    var sums = SIMD16<Scalar>(repeating: 0)
    var index = 0
    while index < whole {
        let d = predicted.load16(index) - target.load16(index)
        // c · (d − c/2) is both branches at once: c = d inside (0.5·d²), ±β outside (β·|d| − β²/2).
        let clipped = Scalar.clip(d, to: beta)
        sums += clipped * (d - clipped * half)
        gradient.store16(index, clipped * slope)
        index += 16
    }
    var sum = Scalar.total(sums)
    while index < width {
        let d = predicted[index] - target[index]
        let clipped = d > beta ? beta : d < -beta ? -beta : d
        sum += clipped * (d - clipped / 2)
        gradient[index] = clipped * slope
        index += 1
    }
    return sum / beta
}

/// Weighted binary cross-entropy on log-odds: mean over Σ weights of −[t·w₊·log σ(x) + (1−t)·log(1−σ(x))].
/// Writes d loss / d logits, times `weight`, into `gradient` (R).
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func binaryCrossEntropy<Scalar: KernelScalar>(
    logits: [Scalar], targets: [Scalar], rowWeights: [Scalar], positiveWeight: Scalar, weight: Scalar,
    gradient: inout [Scalar]
) -> Scalar {
    precondition(
        logits.count == targets.count && rowWeights.count == logits.count, "binaryCrossEntropy: expected equal counts")
    gradient = [Scalar](repeating: 0, count: logits.count)
    var total: Scalar = 0
    for value in rowWeights { total += value }
    guard total > 0 else { return 0 }
    var loss: Scalar = 0
    for index in 0..<logits.count where rowWeights[index] > 0 {
        let x = logits[index]
        let e = Scalar.exponential(SIMD16<Scalar>(repeating: -abs(x)))[0]
        let softplus = Swift.max(x, 0) + naturalLogarithm(1 + e)  // log(1 + e^x)
        let probability = x >= 0 ? 1 / (1 + e) : e / (1 + e)
        let t = targets[index]
        let factor = rowWeights[index] / total
        loss += factor * (positiveWeight * t * (softplus - x) + (1 - t) * softplus)
        gradient[index] = weight * factor * (positiveWeight * t * (probability - 1) + (1 - t) * probability)
    }
    return loss
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

private func naturalLogarithm<Scalar: KernelScalar>(_ value: Scalar) -> Scalar { Scalar(log(Double(value))) }
