import Numerics
import Testing

@Suite struct RandomSourceTests {
    /// Made by `Tests/Core/NumericsTests/Golden/golden_numbers.py` from Vigna's algorithm: seeds keep their meaning for ever.
    static let golden: [UInt64: [UInt64]] = [
        0: [0x99ec_5f36_cb75_f2b4, 0xbf6e_1f78_4956_452a, 0x1a5f_849d_4933_e6e0, 0x6aa5_94f1_262d_2d2c],
        42: [0x1578_0b2e_0c2e_c716, 0x6104_d986_6d11_3a7e, 0xae17_5332_39e4_99a1, 0xecb8_ad47_03b3_60a1],
    ]

    @Test func firstNumbersAreGolden() {
        for (seed, numbers) in Self.golden {
            var source = RandomSource(seed: seed)
            #expect(numbers.map { _ in source.next() } == numbers)
        }
        var source = RandomSource(seed: 42)
        #expect(source.uniform() == Double(0x1578_0b2e_0c2e_c716 >> 11 as UInt64) * 0x1p-53)
    }

    @Test func streamsDifferAndRepeat() {
        var firsts: Set<UInt64> = []
        for stream in 0..<1000 {
            var source = RandomSource(seed: 7, stream: UInt64(stream))
            var again = RandomSource(seed: 7, stream: UInt64(stream))
            let first = source.next()
            if first == again.next() { firsts.insert(first) }
        }
        #expect(firsts.count == 1000)
        var plain = RandomSource(seed: 7)
        #expect(!firsts.contains(plain.next()))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func uniformIsUniform(seed: UInt64) {
        var source = RandomSource(seed: seed)
        let count = 100_000
        var bins = [Int](repeating: 0, count: 20)
        var outside = 0
        for _ in 0..<count {
            let value = source.uniform()
            if value < 0 || value >= 1 { outside += 1 } else { bins[Int(value * 20)] += 1 }
        }
        #expect(outside == 0)
        // χ² with 19 degrees of freedom: above 60 once in 4 million; the seeds are fixed.
        let expected = Double(count) / 20
        #expect(bins.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected } < 60)
        let ranged = source.uniform(-3 ... -1)
        #expect(ranged >= -3 && ranged < -1)
        #expect(source.uniform(2...2) == 2)
    }

    @Test func normalHasItsMoments() {
        var source = RandomSource(seed: 4)
        let count = 200_000
        var moments = [0.0, 0, 0, 0]
        var outside = 0
        for _ in 0..<count {
            let value = source.normal()
            var power = 1.0
            for order in 0..<4 {
                power *= value
                moments[order] += power / Double(count)
            }
            if abs(value) > 1.959964 { outside += 1 }
        }
        // Five standard errors each.
        #expect(abs(moments[0]) < 0.012 && abs(moments[1] - 1) < 0.016)
        #expect(abs(moments[2]) < 0.044 && abs(moments[3] - 3) < 0.11)
        #expect(abs(Double(outside) / Double(count) - 0.05) < 0.0025)
    }

    @Test func integersAndPermutations() {
        var source = RandomSource(seed: 5)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[source.integer(below: 7)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
        #expect((0..<10).allSatisfy { _ in source.integer(below: 1) == 0 })
        for count in [0, 1, 2, 50] { #expect(source.permutation(count).sorted() == Array(0..<count)) }
        var places = [Int](repeating: 0, count: 3)
        for _ in 0..<30_000 { places[source.permutation(3).firstIndex(of: 0)!] += 1 }
        #expect(places.allSatisfy { abs($0 - 10_000) < 500 })
    }
}
