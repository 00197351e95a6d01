/// Sums over a patch grid that do not move a peak.
package enum AnomalyMap {
    /// The map convolved with [1 2 1] × [1 2 1] / 16, zeros outside. The centre weighs most, so the greatest patch of a
    /// lone spot stays the greatest, at borders and corners too; a mean that renormalises at the border would move it
    /// into the corner.
    package static func smoothed(_ map: [Float], rows: Int, columns: Int) -> [Float] {
        precondition(map.count == rows * columns, "AnomalyMap: expected \(rows) x \(columns) values, got \(map.count)")
        var result = [Float](repeating: 0, count: map.count)
        for row in 0..<rows {
            for column in 0..<columns {
                var sum: Float = 0
                for dy in -1...1 where row + dy >= 0 && row + dy < rows {
                    for dx in -1...1 where column + dx >= 0 && column + dx < columns {
                        let weight: Float = (dy == 0 ? 2 : 1) * (dx == 0 ? 2 : 1)
                        sum += weight * map[(row + dy) * columns + column + dx]
                    }
                }
                result[row * columns + column] = sum / 16
            }
        }
        return result
    }

    /// Mean of the greatest `share` of the values, at least one: a single odd patch counts less than a spot of them.
    package static func top(_ map: [Float], share: Double) -> Double {
        let count = max(1, Int((Double(map.count) * share).rounded()))
        return map.sorted(by: >).prefix(count).reduce(0.0) { $0 + Double($1) } / Double(count)
    }

    /// The heat stretched so that its greatest value becomes the part's raw score; 0 stays. So the verdict, the regions
    /// and the heatmap say one thing: what is at or above a threshold somewhere on the map is so in the score, and the
    /// other way round.
    package static func anchored(_ heat: [Float], to score: Float) -> [Float] {
        let greatest = heat.max() ?? 0
        // A part without any heat has nothing to stretch; its greatest patch is lifted to the score.
        guard greatest > 1e-3, score > 0 else { return heat.map { $0 - greatest + score } }
        // The peak is set, not computed: a rounding below the fail threshold would leave a failed part without a region.
        let factor = score / greatest
        return heat.map { $0 == greatest ? score : $0 > 0 ? min(score, $0 * factor) : $0 }
    }
}
