/// The patch grid of one image: (h, w) patches, row-major, patch n = row · columns + column.
package struct PatchGrid: Sendable, Hashable {
    package let rows: Int
    package let columns: Int

    /// Traps unless both sides are at least 1.
    package init(rows: Int, columns: Int) {
        precondition(rows > 0 && columns > 0, "PatchGrid: expected sides >= 1, got \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
    }

    /// N = h · w.
    package var count: Int { rows * columns }

    /// The patch indices of a rectangle, ascending. Traps when it leaves the grid.
    func indices(rows rowRange: Range<Int>, columns columnRange: Range<Int>) -> [Int] {
        precondition(
            rowRange.lowerBound >= 0 && rowRange.upperBound <= rows && columnRange.lowerBound >= 0
                && columnRange.upperBound <= columns,
            "PatchGrid: rows \(rowRange), columns \(columnRange) leave the grid \(rows) x \(columns)")
        return rowRange.flatMap { row in columnRange.map { row * columns + $0 } }
    }
}

/// Which patches of one image are hidden and predicted, and which are visible.
///
/// A patch may be in neither list (multi-block masks leave a border of the context out), never in both.
package struct Mask: Sendable, Equatable {
    /// Hidden patches whose tokens are predicted, ascending.
    package let targets: [Int]
    /// Visible patches that the context encoder sees, ascending.
    package let context: [Int]

    /// A mask over given patch indices, in any order. Traps on a negative or repeated index, or one in both lists.
    package init(targets: [Int], context: [Int]) {
        self.targets = targets.sorted()
        self.context = context.sorted()
        let all = (targets + context).sorted()
        precondition((all.first ?? 0) >= 0, "Mask: expected patch indices >= 0, got \(all[0])")
        for (first, second) in zip(all, all.dropFirst()) {
            precondition(first != second, "Mask: patch \(first) occurs twice")
        }
    }

    /// The given patches hidden, every other patch of the grid visible.
    init(hiding hidden: [Bool]) {
        targets = hidden.indices.filter { hidden[$0] }
        context = hidden.indices.filter { !hidden[$0] }
    }
}

extension Mask {
    /// The mask of the second pass: the suspicious patches and their neighbours up to `dilation` patches away (also
    /// diagonally) are hidden, everything else is visible, so that no defect leaks into the context.
    ///
    /// - Parameters:
    ///   - suspicious: patches, the most suspicious first.
    ///   - limit: patches to hide at most; `suspicious` is followed up to the first patch that would pass it. What the
    ///     most suspicious one needs is hidden whatever the limit. Nil: no limit.
    /// - Returns: nil when nothing is suspicious, or when no patch would stay visible: then there is no second pass.
    ///
    /// Traps on an index outside the grid or a negative dilation.
    package static func around(
        suspicious: [Int], dilation: Int, grid: PatchGrid, limit: Int? = nil
    ) -> Mask? {
        precondition(dilation >= 0, "Mask.around: expected dilation >= 0, got \(dilation)")
        var hidden = [Bool](repeating: false, count: grid.count)
        var hiddenCount = 0
        for index in suspicious {
            precondition(
                index >= 0 && index < grid.count, "Mask.around: patch \(index) is outside the grid of \(grid.count)")
            let row = index / grid.columns
            let column = index % grid.columns
            let rows = max(0, row - min(dilation, row))...min(grid.rows - 1, row + min(dilation, grid.rows))
            let columns =
                max(0, column - min(dilation, column))...min(grid.columns - 1, column + min(dilation, grid.columns))
            var more = 0
            for row in rows { for column in columns where !hidden[row * grid.columns + column] { more += 1 } }
            if let limit, hiddenCount > 0, hiddenCount + more > limit { break }
            for row in rows { for column in columns { hidden[row * grid.columns + column] = true } }
            hiddenCount += more
        }
        let mask = Mask(hiding: hidden)
        return mask.targets.isEmpty || mask.context.isEmpty ? nil : mask
    }
}
