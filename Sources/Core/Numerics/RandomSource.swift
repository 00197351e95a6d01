/// A seeded, portable stream of random numbers: xoshiro256** seeded through SplitMix64 (Blackman & Vigna, 2018).
///
/// The same seed gives the same numbers on every machine, so training, masks and rendered parts repeat to the bit.
package struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)
    private var spareNormal: Double?

    /// A stream that depends on `seed` alone.
    package init(seed: UInt64) {
        var mixer = seed
        func splitMix() -> UInt64 {
            mixer &+= 0x9E37_79B9_7F4A_7C15
            var z = mixer
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        state = (splitMix(), splitMix(), splitMix(), splitMix())
    }

    /// An independent stream for sub-task `index` (a step, an image, a worker's shard), so that the order in which
    /// workers run cannot change what they draw.
    package init(seed: UInt64, stream index: UInt64) {
        self.init(seed: seed ^ ((index &+ 1) &* 0xD1B5_4A32_D192_ED03))
    }

    /// The next 64 random bits.
    package mutating func next() -> UInt64 {
        let result = rotate(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotate(state.3, by: 45)
        return result
    }

    /// Uniform in [0, 1) with 53 random bits.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in [range.lowerBound, range.upperBound).
    package mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// Standard normal number (Marsaglia's polar method).
    package mutating func normal() -> Double {
        if let spare = spareNormal {
            spareNormal = nil
            return spare
        }
        while true {
            let u = 2 * uniform() - 1
            let v = 2 * uniform() - 1
            let s = u * u + v * v
            if s > 0, s < 1 {
                let factor = (-2 * logarithm(s) / s).squareRoot()
                spareNormal = v * factor
                return u * factor
            }
        }
    }

    /// Uniform integer in 0 ..< bound. Traps if `bound` < 1.
    package mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "RandomSource.integer: expected bound >= 1, got \(bound)")
        return Int(next(upperBound: UInt64(bound)))
    }

    /// A random order of 0 ..< count (Fisher–Yates).
    package mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        var last = count - 1
        while last > 0 {
            order.swapAt(last, integer(below: last + 1))
            last -= 1
        }
        return order
    }

    private func rotate(_ value: UInt64, by count: UInt64) -> UInt64 { (value << count) | (value >> (64 - count)) }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

private func logarithm(_ value: Double) -> Double { log(value) }
