import Numerics
import Testing

@Suite struct HalfRowsTests {
    @Test(arguments: [1, 15, 16, 17, 128, 384, 401]) func theNaiveProductOfTheRoundedRows(width: Int) {
        var random = RandomSource(seed: 3)
        let rows = (0..<7 * width).map { _ in Float(random.normal()) }
        let vector = (0..<width).map { _ in Float(random.normal()) }
        let bytes = halfBytes(rows)
        #expect(bytes.count == 2 * rows.count)
        let rounded = halfNumbers(bytes, from: 0, count: rows.count)
        #expect(rounded == rows.map { Float(Float16($0)) })
        var products: [Float] = [1, 2]
        halfRowProducts(&products, rows: bytes + [9, 9, 9], count: 7, vector: vector)
        #expect(products.count == 7)
        for row in 0..<7 {
            let naive = (0..<width).reduce(0.0) { $0 + Double(rounded[row * width + $1]) * Double(vector[$1]) }
            let scale = (0..<width).reduce(0.0) { $0 + abs(Double(rounded[row * width + $1]) * Double(vector[$1])) }
            // float32 sums lose at most some units of 2^-24 of what they add.
            #expect(abs(Double(products[row]) - naive) <= 1e-6 * scale)
        }
    }

    @Test func subnormalNumbersAndTheLargestOnesCount() {
        let rows: [Float] = [Float(Float16.leastNonzeroMagnitude), -65504, 0, -0.0]
        var products: [Float] = []
        halfRowProducts(&products, rows: halfBytes(rows), count: 4, vector: [2])
        #expect(products == [2 * Float(Float16.leastNonzeroMagnitude), -131_008, 0, 0])
        #expect(halfNumbers(halfBytes(rows), from: 2, count: 1) == [-65504])
    }

    @Test func noRowsAndNoWidth() {
        var products: [Float] = [5]
        halfRowProducts(&products, rows: [], count: 0, vector: [1])
        #expect(products.isEmpty)
        halfRowProducts(&products, rows: [], count: 2, vector: [])
        #expect(products == [0, 0])
    }
}
