import Numerics
import Testing

@testable import Masking

@Suite("Inspection partitions and the second pass")
struct PartitionTests {
    @Test("Every patch is hidden exactly once, in every grid, block size and count", arguments: grids)
    func coverOnce(grid: PatchGrid) {
        for blockSize in [1, 2, 3, 4, 8, 100] {
            for count in [2, 3, 4, 7, 1000] {
                for seed in 0..<10 as Range<UInt64> {
                    var random = RandomSource(seed: seed)
                    let masks = Mask.partitions(grid: grid, blockSize: blockSize, count: count, using: &random)
                    #expect(masks.count >= 2 && masks.count <= count)
                    #expect(masks.flatMap(\.targets).sorted() == Array(0..<grid.count))
                    for mask in masks {
                        #expect(!mask.targets.isEmpty && !mask.context.isEmpty)
                        #expect((mask.targets + mask.context).sorted() == Array(0..<grid.count))
                    }
                }
            }
        }
    }

    @Test("A block is hidden as a whole, also where the border cuts it")
    func blocksStayWhole() {
        let grid = PatchGrid(rows: 7, columns: 9)
        var random = RandomSource(seed: 3)
        let masks = Mask.partitions(grid: grid, blockSize: 2, count: 4, using: &random)
        for mask in masks {
            let hidden = Set(mask.targets)
            for index in mask.targets {
                let top = index / 9 / 2 * 2
                let left = index % 9 / 2 * 2
                for row in top..<min(7, top + 2) {
                    for column in left..<min(9, left + 2) { #expect(hidden.contains(row * 9 + column)) }
                }
            }
        }
    }

    @Test("Blocks are dealt evenly: no two masks differ by more than one block")
    func dealtEvenly() {
        let masks = Mask.inspectionPartitions(grid: PatchGrid(rows: 14, columns: 14), blockSize: 2, count: 4)
        #expect(masks.map(\.targets.count).sorted() == [48, 48, 48, 52])
    }

    @Test("Inspection partitions are the same every time, and differ from block size to block size")
    func inspectionIsFixed() {
        let grid = PatchGrid(rows: 8, columns: 8)
        let masks = Mask.inspectionPartitions(grid: grid, blockSize: 1, count: 4)
        #expect(masks == Mask.inspectionPartitions(grid: grid, blockSize: 1, count: 4))
        #expect(masks != Mask.inspectionPartitions(grid: grid, blockSize: 2, count: 4))
    }

    @Test("The second pass hides the suspicious patches and their neighbours, cut at the border")
    func around() throws {
        let grid = PatchGrid(rows: 5, columns: 6)
        let corner = try #require(Mask.around(suspicious: [0], dilation: 1, grid: grid))
        #expect(corner.targets == [0, 1, 6, 7])
        #expect((corner.targets + corner.context).sorted() == Array(0..<30))
        let lastCorner = try #require(Mask.around(suspicious: [29, 29], dilation: 1, grid: grid))
        #expect(lastCorner.targets == [22, 23, 28, 29])
        let inside = try #require(Mask.around(suspicious: [14], dilation: 1, grid: grid))
        #expect(inside.targets == [7, 8, 9, 13, 14, 15, 19, 20, 21])
        let exact = try #require(Mask.around(suspicious: [14, 3], dilation: 0, grid: grid))
        #expect(exact.targets == [3, 14])
    }

    @Test("A limit stops before the first patch that would pass it; the most suspicious one is hidden all the same")
    func aroundWithin() throws {
        let grid = PatchGrid(rows: 5, columns: 6)
        func hidden(_ suspicious: [Int], limit: Int) throws -> [Int] {
            try #require(Mask.around(suspicious: suspicious, dilation: 1, grid: grid, limit: limit)).targets
        }
        let corner = [0, 1, 6, 7]
        #expect(try hidden([0, 29, 14], limit: 8) == corner + [22, 23, 28, 29])
        #expect(try hidden([0, 29, 14], limit: 7) == corner)
        // The order counts, not the index, and what comes after the stop is not looked at.
        #expect(try hidden([29, 0], limit: 4) == [22, 23, 28, 29])
        #expect(try hidden([0, 14, 29], limit: 8) == corner)
        #expect(try hidden([0], limit: 0) == corner)
        // A neighbour that is hidden already does not count twice: 7 adds 2, 8, 12, 13 and 14 to the corner's four.
        #expect(try hidden([0, 7], limit: 9) == [0, 1, 2, 6, 7, 8, 12, 13, 14])
        #expect(try hidden([0, 7], limit: 8) == corner)
    }

    @Test("There is no second pass when nothing is suspicious or nothing would stay visible")
    func noSecondPass() {
        let grid = PatchGrid(rows: 3, columns: 3)
        #expect(Mask.around(suspicious: [], dilation: 1, grid: grid) == nil)
        #expect(Mask.around(suspicious: [4], dilation: 1, grid: grid) == nil)
        #expect(Mask.around(suspicious: [4], dilation: Int.max, grid: grid) == nil)
    }

    @Test("A mask sorts its indices")
    func sorts() {
        let mask = Mask(targets: [3, 1], context: [2, 0])
        #expect(mask.targets == [1, 3] && mask.context == [0, 2])
    }
}
