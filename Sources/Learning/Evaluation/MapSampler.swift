/// An anomaly map on the patch grid, read at any size: bilinear between patch centres, the outermost centres' values
/// continued to the border. The map covers the whole picture, so nothing shifts.
struct MapSampler {
    private let map: [Float]
    private let columns: Int
    private let rowWeights: [Weight]
    private let columnWeights: [Weight]

    private struct Weight {
        let low: Int
        let high: Int
        let share: Float
    }

    /// Reads `map`, (rows, columns) row-major, as a picture of `width` × `height`.
    init(map: [Float], rows: Int, columns: Int, width: Int, height: Int) {
        self.map = map
        self.columns = columns
        rowWeights = Self.weights(from: rows, to: height)
        columnWeights = Self.weights(from: columns, to: width)
    }

    private static func weights(from source: Int, to target: Int) -> [Weight] {
        (0..<target).map { index in
            let place = (Double(index) + 0.5) * Double(source) / Double(target) - 0.5
            let clamped = min(max(place, 0), Double(source - 1))
            let low = Int(clamped)
            return Weight(low: low, high: min(low + 1, source - 1), share: Float(clamped - Double(low)))
        }
    }

    /// The values of one row of the picture, written to `values`, (width).
    func row(_ row: Int, into values: inout [Float]) {
        let vertical = rowWeights[row]
        let upper = vertical.low * columns
        let lower = vertical.high * columns
        for (index, weight) in columnWeights.enumerated() {
            let top = map[upper + weight.low] + weight.share * (map[upper + weight.high] - map[upper + weight.low])
            let bottom = map[lower + weight.low] + weight.share * (map[lower + weight.high] - map[lower + weight.low])
            values[index] = top + vertical.share * (bottom - top)
        }
    }
}
