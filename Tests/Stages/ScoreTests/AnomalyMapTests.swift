import Foundation
import Numerics
import Testing

@testable import Score

@Suite("Anomaly map")
struct AnomalyMapTests {
    @Test(
        "Smoothing leaves the peak of a lone spot where it was, at borders and corners too",
        arguments: [(1, 1), (1, 2), (1, 9), (7, 1), (2, 2), (3, 5), (14, 14), (6, 11)])
    func smoothingKeepsThePeak(rows: Int, columns: Int) {
        for spot in 0..<rows * columns {
            var map = [Float](repeating: 0, count: rows * columns)
            map[spot] = 3
            let smoothed = AnomalyMap.smoothed(map, rows: rows, columns: columns)
            #expect(smoothed.indices.max { smoothed[$0] < smoothed[$1] } == spot)
            #expect(smoothed.count { $0 == smoothed[spot] } == 1)
            #expect(smoothed[spot] == 0.75)
        }
    }

    @Test("Smoothing is the convolution with [1 2 1] × [1 2 1] / 16")
    func smoothingAgainstTheDefinition() {
        var random = RandomSource(seed: 1)
        let map = Made.normals(20, &random)
        let smoothed = AnomalyMap.smoothed(map, rows: 4, columns: 5)
        let weights: [Float] = [1, 2, 1]
        for row in 0..<4 {
            for column in 0..<5 {
                var sum: Float = 0
                for y in 0..<4 where abs(y - row) <= 1 {
                    for x in 0..<5 where abs(x - column) <= 1 {
                        sum += weights[y - row + 1] * weights[x - column + 1] * map[y * 5 + x] / 16
                    }
                }
                #expect(abs(smoothed[row * 5 + column] - sum) < 1e-6)
            }
        }
    }

    @Test("The top share is a mean of the greatest values, one at least")
    func top() {
        #expect(AnomalyMap.top([1, 5, 3, 2], share: 0.5) == 4)
        #expect(AnomalyMap.top([1, 5, 3, 2], share: 0.0001) == 5)
        #expect(AnomalyMap.top([1, 5, 3, 2], share: 1) == 2.75)
        #expect(AnomalyMap.top([-1, -5], share: 0.01) == -1)
    }

    @Test("The peak of an anchored map is the score to the bit, and the order of the patches stays")
    func anchored() {
        var random = RandomSource(seed: 2)
        for round in 0..<3000 {
            let heat = Made.normals(12, &random, scale: round % 3 == 0 ? 1e-4 : 5)
            let score: Float = round % 5 == 0 ? 1 : Float(random.normal() * 3)
            let map = AnomalyMap.anchored(heat, to: score)
            #expect(map.max() == score)
            let order = heat.indices.sorted { heat[$0] < heat[$1] }
            for (low, high) in zip(order, order.dropFirst()) { #expect(map[low] <= map[high]) }
        }
    }

    @Test("Without any heat the whole map lies at the score")
    func anchoredWithoutHeat() {
        #expect(AnomalyMap.anchored([0, 0], to: 2) == [2, 2])
        #expect(AnomalyMap.anchored([-3, -4], to: -1) == [-1, -2])
        #expect(AnomalyMap.anchored([-1, 2, 4], to: 8) == [-1, 2, 8])
        // 0.8 of the lesser of 8 and 4 is the knee: what lies below stays as it is, whatever the score.
        #expect(AnomalyMap.anchored([-1, 3, 8], to: 4) == [-1, 3, 4])
        #expect(AnomalyMap.anchored([-1, 3, 4], to: 4) == [-1, 3, 4])
    }

    @Test("A Gaussian keeps a flat map flat, borders included, spreads a spot evenly and keeps its sum in the middle")
    func blurred() {
        let flat = AnomalyMap.blurred([Float](repeating: 2, count: 35), rows: 5, columns: 7, sigma: 1.5)
        #expect(flat.allSatisfy { abs($0 - 2) < 1e-5 })
        var spot = [Float](repeating: 0, count: 21 * 23)
        spot[10 * 23 + 11] = 1
        let spread = AnomalyMap.blurred(spot, rows: 21, columns: 23, sigma: 2)
        #expect(abs(spread.reduce(0, +) - 1) < 1e-4)
        // exp(−d² / 2σ²) at distance 2 = σ, along a row, a column and both.
        let peak = spread[10 * 23 + 11]
        for (index, wanted) in [(10 * 23 + 13, -0.5), (8 * 23 + 11, -0.5), (12 * 23 + 9, -1.0)] {
            #expect(abs(Double(spread[index] / peak) - exp(wanted)) < 1e-4)
        }
    }
}
