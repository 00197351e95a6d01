/// The windows of WinCLIP over a patch grid: squares of several sizes at every place, and the whole picture.
package struct WindowPlan: Sendable {
    /// The patches that each window sees, row-major indices: the whole picture first, then scale by scale.
    package let subsets: [[Int]]
    /// Which of `subsets` belong to each scale that fits the grid, the whole picture left out.
    package let scales: [Range<Int>]
    private let patches: Int

    /// Sides of the windows in patches: WinCLIP's small and middle ones.
    package static let sizes = [2, 3]

    /// Sizes that do not fit the grid are left out, and so is one that is the whole grid.
    package init(rows: Int, columns: Int, sizes: [Int] = WindowPlan.sizes) {
        precondition(rows > 0 && columns > 0, "WindowPlan: expected a grid, got \(rows) x \(columns)")
        patches = rows * columns
        var subsets = [Array(0..<patches)]
        var scales: [Range<Int>] = []
        for size in sizes where size <= min(rows, columns) && size * size < patches {
            let first = subsets.count
            for row in 0...rows - size {
                for column in 0...columns - size {
                    subsets.append(
                        (row..<row + size).flatMap { y in (column..<column + size).map { y * columns + $0 } })
                }
            }
            scales.append(first..<subsets.count)
        }
        self.subsets = subsets
        self.scales = scales
    }

    /// Scores of windows become a score for each patch (arXiv 2303.14814, section 4.2): within a scale the harmonic mean
    /// of the windows that hold the patch, then the harmonic mean of the scales and the whole picture. A harmonic mean lies near
    /// its least number: a patch is as normal as the most normal window that it lies in.
    ///
    /// - Parameter scores: of `subsets`, each 0…1; 0 anywhere over a patch makes it 0.
    package func map(_ scores: [Double]) -> [Double] {
        precondition(scores.count == subsets.count, "WindowPlan: expected \(subsets.count) scores, got \(scores.count)")
        var inverse = [Double](repeating: 1 / scores[0], count: patches)
        for scale in scales {
            var sums = [Double](repeating: 0, count: patches)
            var counts = sums
            for window in scale {
                let share = 1 / scores[window]
                for patch in subsets[window] {
                    sums[patch] += share
                    counts[patch] += 1
                }
            }
            for patch in inverse.indices { inverse[patch] += sums[patch] / counts[patch] }
        }
        return inverse.map { Double(scales.count + 1) / $0 }
    }
}
