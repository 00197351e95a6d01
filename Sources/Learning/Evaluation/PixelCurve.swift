/// Exact pixel AUROC and AUPRO over any number of pixels, in memory that grows only with the defect pixels.
///
/// Both curves change their shape only at scores that some defect pixel has: between two such scores good pixels move
/// the false positive rate alone. So the distinct scores of the defect pixels are kept, sorted, and good pixels are
/// only counted: at a kept score, or in the gap below it. Nothing is binned; the result is that of sorting all pixels.
struct PixelCurve {
    /// One defect pixel: its score, and 1 / area of its region.
    struct DefectPixel {
        let key: UInt32
        let weight: Double

        init(score: Float, regionArea: Int) {
            key = PixelCurve.key(score)
            weight = 1 / Double(regionArea)
        }
    }

    /// Distinct scores of defect pixels, ascending, as integers of the same order.
    private var keys: [UInt32] = []
    private var defectCounts: [Int] = []
    private var weights: [Double] = []
    /// Good pixels with exactly this score, and with a score between the one before and this; one more for those above.
    private var tied: [Int]
    private var below: [Int]
    private let regionCount: Int
    private let defectCount: Int
    private var goodCount = 0
    /// Where the keys of each value of `(key - first) >> shift` begin: a search starts almost at its end.
    private var starts: [Int] = []
    private var shift: UInt32 = 0

    /// Traps on a region count that is not positive while there are defect pixels.
    init(defectPixels: consuming [DefectPixel], regionCount: Int) {
        precondition(
            defectPixels.isEmpty || regionCount > 0, "PixelCurve: expected at least one region, got \(regionCount)")
        self.regionCount = regionCount
        defectCount = defectPixels.count
        var ordered = consume defectPixels
        ordered.sort { $0.key < $1.key }
        for pixel in ordered {
            if keys.last != pixel.key {
                keys.append(pixel.key)
                defectCounts.append(0)
                weights.append(0)
            }
            defectCounts[keys.count - 1] += 1
            weights[keys.count - 1] += pixel.weight
        }
        tied = [Int](repeating: 0, count: keys.count)
        below = [Int](repeating: 0, count: keys.count + 1)
        guard let first = keys.first, let last = keys.last else { return }
        // A million starts: 8 MB, and a search of a few steps among millions of defect pixels.
        while (last - first) >> shift >= 1 << 20 { shift += 1 }
        starts = [Int](repeating: keys.count, count: Int((last - first) >> shift) + 2)
        for index in keys.indices.reversed() { starts[Int((keys[index] - first) >> shift)] = index }
        for slot in starts.indices.dropLast().reversed() { starts[slot] = min(starts[slot], starts[slot + 1]) }
    }

    /// Counts a row of good pixels.
    mutating func addGood(_ scores: ArraySlice<Float>) {
        goodCount += scores.count
        guard let first = keys.first, let last = keys.last else { return }
        for score in scores {
            let key = Self.key(score)
            if key < first {
                below[0] += 1
            } else if key > last {
                below[keys.count] += 1
            } else {
                let slot = Int((key - first) >> shift)
                var low = starts[slot]
                var high = starts[slot + 1]
                while low < high {
                    let middle = (low + high) / 2
                    if keys[middle] < key { low = middle + 1 } else { high = middle }
                }
                if keys[low] == key { tied[low] += 1 } else { below[low] += 1 }
            }
        }
    }

    /// The chance that a defect pixel scores above a good pixel, equal scores counting half; nil when either is missing.
    var auroc: Double? {
        guard goodCount > 0, defectCount > 0 else { return nil }
        var goodBelow = 0
        var sum = 0.0
        for index in keys.indices {
            goodBelow += below[index]
            let share = (Double(goodBelow) + Double(tied[index]) / 2) / Double(goodCount)
            sum += Double(defectCounts[index]) * share
            goodBelow += tied[index]
        }
        return sum / Double(defectCount)
    }

    /// The area under the per-region overlap curve up to a false positive rate of `limit`, divided by `limit`.
    ///
    /// As in the evaluation code published with MVTec AD (Bergmann et al., IJCV 2021): overlap is averaged over the
    /// regions of all images, the false positive rate is over all good pixels of all images, steps of equal score
    /// are one point, and the curve is interpolated linearly at the limit. Nil when either kind of pixel is missing.
    func aupro(limit: Double) -> Double? {
        precondition(limit > 0 && limit <= 1, "PixelCurve.aupro: expected a limit in (0, 1], got \(limit)")
        guard goodCount > 0, defectCount > 0 else { return nil }
        var area = 0.0
        var rate = 0.0
        var overlap = 0.0
        var goodAbove = 0
        // Moves to a point of the curve; false once the limit is reached.
        func move(_ newRate: Double, _ newOverlap: Double) -> Bool {
            if newRate >= limit {
                let atLimit =
                    newRate > rate ? overlap + (newOverlap - overlap) * (limit - rate) / (newRate - rate) : newOverlap
                area += (limit - rate) * (overlap + atLimit) / 2
                return false
            }
            area += (newRate - rate) * (overlap + newOverlap) / 2
            rate = newRate
            overlap = newOverlap
            return true
        }
        for index in keys.indices.reversed() {
            goodAbove += below[index + 1]
            guard move(Double(goodAbove) / Double(goodCount), overlap) else { return area / limit }
            goodAbove += tied[index]
            let newOverlap = min(1, overlap + weights[index] / Double(regionCount))
            guard move(Double(goodAbove) / Double(goodCount), newOverlap) else { return area / limit }
        }
        _ = move(1, 1)
        return area / limit
    }

    /// An integer of the same order as the score. Both zeros are one.
    private static func key(_ score: Float) -> UInt32 {
        let bits = (score + 0).bitPattern
        return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
    }
}
