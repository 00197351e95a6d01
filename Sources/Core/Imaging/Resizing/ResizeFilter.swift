/// How a resized pixel is made from source pixels. Shrinking widens the support by the scale, so nothing aliases.
package enum ResizeFilter: String, Sendable, Codable {
    /// The source pixel under the centre: for masks, whose values must not mix.
    case nearest
    /// Triangle, support 1.
    case bilinear
    /// Keys' cubic with a = -0.5, support 2.
    case bicubic

    var support: Double {
        switch self {
        case .nearest: 0.5
        case .bilinear: 1
        case .bicubic: 2
        }
    }

    /// The kernel at distance x, in source pixels at scale 1.
    func weight(_ x: Double) -> Double {
        let x = abs(x)
        switch self {
        case .nearest: return x <= 0.5 ? 1 : 0
        case .bilinear: return x < 1 ? 1 - x : 0
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        }
    }
}

/// The weights of every output position along one side, as Pillow computes them (`precompute_coeffs` in Resample.c,
/// Pillow 13): taps around the centre (i + 0.5) · scale, cut at the border and normalised to sum 1.
struct ResizeWeights {
    /// First source position and number of taps of each output position.
    let ranges: [(start: Int, count: Int)]
    /// Where the weights of each output position begin in `values`.
    let offsets: [Int]
    let values: [Float]
    /// The same in Pillow's fixed point, for results that agree with it to the bit.
    let fixedValues: [Int32]

    /// 32 bits less 8 of the sample and 2 for overshoot.
    static let fixedBits: Int32 = 22

    init(from source: Int, to target: Int, filter: ResizeFilter) {
        let scale = Double(source) / Double(target)
        let stretch = max(scale, 1)
        let support = filter.support * stretch
        var ranges: [(start: Int, count: Int)] = []
        var offsets: [Int] = []
        var values: [Float] = []
        var fixedValues: [Int32] = []
        for index in 0..<target {
            let centre = (Double(index) + 0.5) * scale
            let start = max(Int(centre - support + 0.5), 0)
            let end = min(Int(centre + support + 0.5), source)
            let taps = (start..<end).map { filter.weight((Double($0) - centre + 0.5) * (1 / stretch)) }
            let sum = taps.reduce(0, +)
            ranges.append((start, taps.count))
            offsets.append(values.count)
            for tap in taps {
                let weight = sum == 0 ? tap : tap / sum
                values.append(Float(weight))
                let fixed = weight * Double(1 << Self.fixedBits)
                fixedValues.append(Int32(fixed + (weight < 0 ? -0.5 : 0.5)))
            }
        }
        self.ranges = ranges
        self.offsets = offsets
        self.values = values
        self.fixedValues = fixedValues
    }
}
