import Numerics

/// Central differences in Double: truncation about step² = 1e-10, rounding about 1e-16 / 1e-5 = 1e-11.
let gradientTolerance = 1e-7

/// d loss / d values by central differences.
func centralDifferences(_ values: [Double], step: Double = 1e-5, _ loss: ([Double]) -> Double) -> [Double] {
    var probe = values
    return values.indices.map { index in
        probe[index] = values[index] + step
        let above = loss(probe)
        probe[index] = values[index] - step
        let below = loss(probe)
        probe[index] = values[index]
        return (above - below) / (2 * step)
    }
}

/// ‖a − b‖ / max(‖a‖, ‖b‖); 0 for two zero vectors, NaN where either holds a NaN.
func relativeError<Scalar: KernelScalar>(_ a: [Scalar], _ b: [Scalar]) -> Double {
    precondition(a.count == b.count, "relativeError: expected equal counts, got \(a.count) and \(b.count)")
    var difference = 0.0
    var first = 0.0
    var second = 0.0
    for (x, y) in zip(a, b) {
        difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
        first += Double(x) * Double(x)
        second += Double(y) * Double(y)
    }
    let size = (first > second ? first : second).squareRoot()
    return size == 0 ? 0 : difference.squareRoot() / size
}

/// Σ a · b, the loss that makes `b` the output's gradient.
func dot<Scalar: KernelScalar>(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
    precondition(a.count == b.count, "dot: expected equal counts, got \(a.count) and \(b.count)")
    return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

extension Matrix {
    /// Normal numbers times `scale`.
    static func random(_ rows: Int, _ columns: Int, seed: UInt64, scale: Double = 1) -> Matrix {
        var source = RandomSource(seed: seed)
        return Matrix(
            rows: rows, columns: columns,
            storage: (0..<rows * columns).map { _ in Scalar(source.normal() * scale) })
    }
}

extension ParameterStore {
    /// Every number drawn, vectors too, so that no gradient is checked at a zero.
    init(drawing layout: ParameterLayout, seed: UInt64, scale: Double = 0.5) {
        self.init(zerosFor: layout)
        var source = RandomSource(seed: seed)
        for index in values.indices { values[index] = Scalar(source.normal() * scale) }
    }
}
