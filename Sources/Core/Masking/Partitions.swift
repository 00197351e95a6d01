import Numerics

extension Mask {
    /// Disjoint masks whose targets cover the grid: every patch is hidden exactly once.
    ///
    /// The grid is cut into squares of `blockSize` × `blockSize` patches (narrower at the lower and right border when
    /// the sides do not divide), the squares are shuffled and dealt into `count` masks one after the other. The
    /// context of each mask is everything it does not hide. Fewer masks come back when there are fewer squares than
    /// `count`; a block size that would hide the whole grid at once is reduced until there are two squares. So no mask
    /// is ever without targets or without context.
    ///
    /// Traps unless `blockSize` >= 1, `count` >= 2 and the grid has at least 2 patches.
    package static func partitions(
        grid: PatchGrid, blockSize: Int, count: Int, using random: inout RandomSource
    ) -> [Mask] {
        precondition(blockSize >= 1, "Mask.partitions: expected blockSize >= 1, got \(blockSize)")
        precondition(count >= 2, "Mask.partitions: expected count >= 2 (one mask would hide everything), got \(count)")
        precondition(grid.count >= 2, "Mask.partitions: expected a grid of at least 2 patches, got 1")
        // Two squares need a block smaller than the longer side.
        let side = min(blockSize, max(grid.rows, grid.columns) - 1)
        let squares = stride(from: 0, to: grid.rows, by: side).flatMap { top in
            stride(from: 0, to: grid.columns, by: side).map { left in
                grid.indices(
                    rows: top..<min(grid.rows, top + side), columns: left..<min(grid.columns, left + side))
            }
        }
        let maskCount = min(count, squares.count)
        var owner = [Int](repeating: 0, count: grid.count)
        for (position, square) in random.permutation(squares.count).enumerated() {
            for index in squares[square] { owner[index] = position % maskCount }
        }
        return (0..<maskCount).map { mask in Mask(hiding: owner.map { $0 == mask }) }
    }

    /// The partitions used at inspection: the same for every part, run and machine, so that scores can be compared.
    ///
    /// Drawn by `partitions(grid:blockSize:count:using:)` from a seed fixed here; each block size has its own stream.
    /// Changing the seed changes every score: it needs new calibrations. Traps as that function does.
    package static func inspectionPartitions(grid: PatchGrid, blockSize: Int, count: Int) -> [Mask] {
        precondition(blockSize >= 1, "Mask.inspectionPartitions: expected blockSize >= 1, got \(blockSize)")
        var random = RandomSource(seed: 0x6E69_6768_7473_6869, stream: UInt64(blockSize))
        return partitions(grid: grid, blockSize: blockSize, count: count, using: &random)
    }
}
