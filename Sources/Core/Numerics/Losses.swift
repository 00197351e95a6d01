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
                    var rowLoss: Scalar = 0
                    for index in row * width..<(row + 1) * width {
                        let d = predicted[index] - target[index]
                        let clipped = Swift.max(Swift.min(d, beta), -beta)  // in this order a NaN stays one
                        // 0.5·c²/β + (|d| − |c|) is both branches at once: c = d inside, ±β outside.
                        rowLoss += clipped * (d - clipped / 2) / beta
                        gradient[index] = weight * factor * clipped / beta
                    }
                    loss += rowLoss * factor
                }
            }
        }
    }
    return loss
}

/// Weighted binary cross-entropy on log-odds: mean over Σ weights of −[t·w₊·log σ(x) + (1−t)·log(1−σ(x))].
/// Writes d loss / d logits, times `weight`, into `gradient` (R).
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
