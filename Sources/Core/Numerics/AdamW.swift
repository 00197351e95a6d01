#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Adam with decoupled weight decay (Loshchilov & Hutter, arXiv 1711.05101). Vectors are not decayed.
package struct AdamW<Scalar: KernelScalar>: Sendable {
    package private(set) var firstMoments: [Scalar]
    package private(set) var secondMoments: [Scalar]
    package private(set) var step: Int
    package let layout: ParameterLayout
    package let beta1: Double
    package let beta2: Double
    package let epsilon: Double
    package let weightDecay: Double

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package init(
        layout: ParameterLayout, beta1: Double = 0.9, beta2: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double
    ) {
        self.layout = layout
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        firstMoments = [Scalar](repeating: 0, count: layout.count)
        secondMoments = firstMoments
        step = 0
    }

    /// Continues from a checkpoint. Traps unless the moments fit the layout.
    package mutating func restore(firstMoments: [Scalar], secondMoments: [Scalar], step: Int) {
        precondition(
            firstMoments.count == layout.count && secondMoments.count == layout.count,
            "AdamW.restore: expected \(layout.count) moments, got \(firstMoments.count) and \(secondMoments.count)")
        self.firstMoments = firstMoments
        self.secondMoments = secondMoments
        self.step = step
    }

    /// One update of the parameters in `learning` (all when nil); gradients are first scaled by `gradientScale`.
    package mutating func update(
        _ store: inout ParameterStore<Scalar>, gradients: ParameterStore<Scalar>, learningRate: Double,
        gradientScale: Double, learning: Set<String>? = nil
    ) {
        step += 1
        let correction1 = 1 - pow(beta1, Double(step))
        let correction2 = 1 - pow(beta2, Double(step))
        for parameter in layout.parameters where learning?.contains(parameter.name) ?? true {
            adamStep(
                &store.values, &firstMoments, &secondMoments, gradients.values, range: parameter.range,
                beta1: Scalar(beta1), beta2: Scalar(beta2), rate: Scalar(learningRate / correction1),
                secondScale: Scalar(1 / correction2), epsilon: Scalar(epsilon), gradientScale: Scalar(gradientScale),
                decay: Scalar(parameter.decays ? 1 - learningRate * weightDecay : 1))
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func adamStep<Scalar: KernelScalar>(
    _ values: inout [Scalar], _ first: inout [Scalar], _ second: inout [Scalar], _ gradients: [Scalar],
    range: Range<Int>, beta1: Scalar, beta2: Scalar, rate: Scalar, secondScale: Scalar, epsilon: Scalar,
    gradientScale: Scalar, decay: Scalar
) {
    values.withUnsafeMutableBufferPointer { values in
        first.withUnsafeMutableBufferPointer { first in
            second.withUnsafeMutableBufferPointer { second in
                gradients.withUnsafeBufferPointer { gradients in
                    let v = values.baseAddress!
                    let m = first.baseAddress!
                    let s = second.baseAddress!
                    let g = gradients.baseAddress!
                    for index in range {
                        let gradient = g[index] * gradientScale
                        m[index] = beta1 * m[index] + (1 - beta1) * gradient
                        s[index] = beta2 * s[index] + (1 - beta2) * gradient * gradient
                        v[index] =
                            v[index] * decay - rate * m[index] / ((s[index] * secondScale).squareRoot() + epsilon)
                    }
                }
            }
        }
    }
}

/// The Euclidean norm of all gradients, in Double: sixteen partial sums, added in the order of their lanes.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func norm<Scalar: KernelScalar>(_ store: ParameterStore<Scalar>) -> Double {
    store.values.withUnsafeBufferPointer { values in
        var sums = SIMD16<Double>(repeating: 0)
        var index = 0
        while index + 16 <= values.count {
            for lane in 0..<16 {
                let value = Double(values[index + lane])
                sums[lane] += value * value
            }
            index += 16
        }
        var square = sums.sum()
        while index < values.count {
            square += Double(values[index]) * Double(values[index])
            index += 1
        }
        return square.squareRoot()
    }
}

/// Linear warm-up to `peak`, then half a cosine down to `peak · floor`.
package struct WarmupCosine: Sendable, Equatable {
    package let peak: Double
    package let warmupSteps: Int
    package let floor: Double

    package init(peak: Double, warmupSteps: Int, floor: Double = 0.05) {
        self.peak = peak
        self.warmupSteps = warmupSteps
        self.floor = floor
    }

    /// The rate at `step`, when `progress` (0…1) of the training is done.
    package func rate(step: Int, progress: Double) -> Double {
        let warm = warmupSteps > 0 ? min(1, Double(step + 1) / Double(warmupSteps)) : 1
        let cosine = 0.5 * (1 + cos(Double.pi * min(1, max(0, progress))))
        return peak * warm * (floor + (1 - floor) * cosine)
    }
}
