import Imaging

/// A truth mask as runs of defect pixels, each with the connected region it belongs to.
///
/// Regions are 8-connected, as in the evaluation code published with MVTec AD. Runs keep a mask in kilobytes, so that
/// a whole test set fits in memory.
package struct RegionMask: Sendable, Equatable {
    /// Defect pixels of one row, side by side.
    package struct Run: Sendable, Equatable {
        package let row: Int
        package let columns: Range<Int>
        /// 0 ..< regionCount.
        package fileprivate(set) var region: Int
    }

    package let width: Int
    package let height: Int
    /// Row by row, left to right.
    package private(set) var runs: [Run] = []
    /// Pixels of each region; regions are numbered by their first pixel, row by row.
    package private(set) var regionAreas: [Int] = []

    package var regionCount: Int { regionAreas.count }
    /// Defect pixels of all regions.
    package var area: Int { regionAreas.reduce(0, +) }

    /// The mask that is true where `isDefect` says so. Traps unless both sides are at least 1.
    package init(width: Int, height: Int, isDefect: (_ row: Int, _ column: Int) -> Bool) {
        precondition(width > 0 && height > 0, "RegionMask: expected sides >= 1, got \(width) x \(height)")
        self.width = width
        self.height = height
        for row in 0..<height {
            var start: Int?
            for column in 0..<width {
                if isDefect(row, column) {
                    start = start ?? column
                } else if let begin = start {
                    runs.append(Run(row: row, columns: begin..<column, region: 0))
                    start = nil
                }
            }
            if let begin = start { runs.append(Run(row: row, columns: begin..<width, region: 0)) }
        }
        label()
    }

    /// A mask picture reduced to `width` × `height` by taking the nearest pixel; grey above 127 is defect.
    package init(_ picture: Image, width: Int, height: Int) {
        let grey = picture.greyscale()
        let sourceColumns = (0..<width).map { (2 * $0 + 1) * grey.width / (2 * width) }
        let sourceRows = (0..<height).map { (2 * $0 + 1) * grey.height / (2 * height) }
        self.init(width: width, height: height) { row, column in
            grey.pixels[sourceRows[row] * grey.width + sourceColumns[column]] > 127
        }
    }

    /// Union-find over runs: a run joins those of the row above that it touches, also by a corner.
    private mutating func label() {
        var parent = Array(runs.indices)
        func root(_ index: Int) -> Int {
            var index = index
            while parent[index] != index {
                parent[index] = parent[parent[index]]
                index = parent[index]
            }
            return index
        }
        var above = 0
        for (index, run) in runs.enumerated() {
            while above < index,
                runs[above].row < run.row - 1
                    || (runs[above].row == run.row - 1 && runs[above].columns.upperBound < run.columns.lowerBound)
            {
                above += 1
            }
            var other = above
            while other < index, runs[other].row == run.row - 1,
                runs[other].columns.lowerBound <= run.columns.upperBound
            {
                let a = root(other)
                let b = root(index)
                parent[max(a, b)] = min(a, b)
                other += 1
            }
        }
        var numbers: [Int: Int] = [:]
        for index in runs.indices {
            let first = root(index)
            let region: Int
            if let known = numbers[first] {
                region = known
            } else {
                region = regionAreas.count
                numbers[first] = region
                regionAreas.append(0)
            }
            runs[index].region = region
            regionAreas[region] += runs[index].columns.count
        }
    }
}
