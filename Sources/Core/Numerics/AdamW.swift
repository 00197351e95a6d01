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

    /// One update of the parameters in `learning` (all when nil); gradients are first scaled by `gradientScale`. Every
    /// number changes by itself, so `workers` threads give the same bits as one.
    ///
    /// - Parameter paces: by a parameter's name, where it is not `Pace.full`.
    package mutating func update(
        _ store: inout ParameterStore<Scalar>, gradients: ParameterStore<Scalar>, learningRate: Double,
        gradientScale: Double, learning: Set<String>? = nil, paces: [String: Pace] = [:], workers: Int = 1
    ) {
        step += 1
        let correction1 = 1 - pow(beta1, Double(step))
        let correction2 = 1 - pow(beta2, Double(step))
        let changing = layout.parameters.filter { learning?.contains($0.name) ?? true }
        let rule = AdamWRule<Scalar>(
            beta1: Scalar(beta1), beta2: Scalar(beta2), secondScale: Scalar(1 / correction2), epsilon: Scalar(epsilon),
            gradientScale: Scalar(gradientScale))
        adamUpdate(
            &store.values, &firstMoments, &secondMoments, gradients.values, rule: rule, workers: workers,
            pieces: changing.map { parameter in
                let pace = paces[parameter.name] ?? .full
                let rate = learningRate * pace.rate
                let decay = parameter.decays && pace.decays ? 1 - rate * weightDecay : 1
                return AdamWPiece(range: parameter.range, rate: Scalar(rate / correction1), decay: Scalar(decay))
            })
    }

    /// How fast a parameter learns beside the others.
    package struct Pace: Sendable, Equatable {
        /// Its rate as a share of the learning rate.
        package var rate: Double
        /// Whether it decays to zero where it is a matrix. Weights that were learned elsewhere should not.
        package var decays: Bool

        package init(rate: Double, decays: Bool) {
            self.rate = rate
            self.decays = decays
        }

        /// The learning rate itself, with decay.
        package static var full: Pace { Pace(rate: 1, decays: true) }
    }
}

/// The constants of one step.
private struct AdamWRule<Scalar: KernelScalar>: Sendable {
    let beta1: Scalar
    let beta2: Scalar
    let secondScale: Scalar
    let epsilon: Scalar
    let gradientScale: Scalar
}

/// Where a step updates, how fast, and by what the values shrink there first.
private struct AdamWPiece<Scalar: KernelScalar>: Sendable {
    let range: Range<Int>
    let rate: Scalar
    let decay: Scalar
}

/// `pieces` ascend.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func adamUpdate<Scalar: KernelScalar>(
    _ values: inout [Scalar], _ first: inout [Scalar], _ second: inout [Scalar], _ gradients: [Scalar],
    rule: AdamWRule<Scalar>, workers: Int, pieces: [AdamWPiece<Scalar>]
) {
    guard let start = pieces.first?.range.lowerBound, let end = pieces.last?.range.upperBound else { return }
    let slices = Slices(range: start..<end)
    values.withUnsafeMutableBufferPointer { values in
        first.withUnsafeMutableBufferPointer { first in
            second.withUnsafeMutableBufferPointer { second in
                guard let v = SlicedPointer(values), let m = SlicedPointer(first), let s = SlicedPointer(second) else {
                    return
                }
                _ = parallelMap(count: slices.count, workers: workers) { index in
                    let slice = slices[index]
                    gradients.withUnsafeBufferPointer { gradients in
                        for piece in pieces where piece.range.overlaps(slice) {
                            adamStep(
                                v.base, m.base, s.base, gradients.baseAddress!, range: piece.range.clamped(to: slice),
                                rule: rule, rate: piece.rate, decay: piece.decay)
                        }
                    }
                }
            }
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func adamStep<Scalar: KernelScalar>(
    _ v: UnsafeMutablePointer<Scalar>, _ m: UnsafeMutablePointer<Scalar>, _ s: UnsafeMutablePointer<Scalar>,
    _ g: UnsafePointer<Scalar>, range: Range<Int>, rule: AdamWRule<Scalar>, rate: Scalar, decay: Scalar
) {
    for index in range {
        let gradient = g[index] * rule.gradientScale
        m[index] = rule.beta1 * m[index] + (1 - rule.beta1) * gradient
        s[index] = rule.beta2 * s[index] + (1 - rule.beta2) * gradient * gradient
        v[index] =
            v[index] * decay - rate * m[index] / ((s[index] * rule.secondScale).squareRoot() + rule.epsilon)
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
