import Numerics
import Testing

@testable import Handover

@Suite("Tile layouts")
struct TileLayoutTests {
    /// Every layout of up to 4 × 4 tiles that fits one of many grids.
    static var many: [TileLayout] {
        var found: [TileLayout] = []
        for (gridRows, gridColumns) in [(8, 8), (36, 36), (10, 17), (7, 30), (33, 21), (64, 12)] {
            for rows in 1...4 {
                for columns in 1...4 {
                    for overlap in 1...5 {
                        if let layout = TileLayout(
                            gridRows: gridRows, gridColumns: gridColumns, rows: rows, columns: columns,
                            overlap: overlap)
                        {
                            found.append(layout)
                        }
                    }
                }
            }
        }
        return found
    }

    @Test("Tiles cover every patch, and what they say of it weighs 1 together, whatever the layout")
    func weights() {
        #expect(Self.many.count > 100)
        for layout in Self.many {
            var sums = [Float](repeating: 0, count: layout.patchCount)
            for tile in 0..<layout.count {
                let patches = layout.patches(ofTile: tile)
                let weights = layout.weights(ofTile: tile)
                #expect(patches.count == layout.tilePatchCount && weights.count == patches.count)
                #expect(weights.allSatisfy { $0 > 0 && $0 <= 1 })
                for (patch, weight) in zip(patches, weights) { sums[patch] += weight }
            }
            #expect(sums.allSatisfy { abs($0 - 1) < 1e-6 }, "\(layout)")
            let last = layout.origin(ofTile: layout.count - 1)
            #expect(last.row + layout.tileRows == layout.gridRows)
            #expect(last.column + layout.tileColumns == layout.gridColumns)
        }
    }

    @Test("Weights fall evenly towards the neighbour, so no step of a weight is larger than one over the overlap")
    func taper() throws {
        let layout = try #require(TileLayout(gridRows: 4, gridColumns: 36, rows: 1, columns: 2, overlap: 4))
        #expect(layout.tileColumns == 20 && layout.origin(ofTile: 1).column == 16)
        let left = Array(layout.weights(ofTile: 0).prefix(20))
        #expect(left.prefix(16).allSatisfy { $0 == 1 })
        #expect(Array(left.suffix(4)) == [0.8, 0.6, 0.4, 0.2])
        #expect(Array(layout.weights(ofTile: 1).prefix(5)) == [0.2, 0.4, 0.6, 0.8, 1])
    }

    @Test("Rows cut into tiles and put together again are the rows; a picture that is not cut keeps its bits")
    func together() {
        var random = RandomSource(seed: 3)
        for layout in Self.many {
            let rows = Matrix<Float>(
                rows: layout.patchCount, columns: 2,
                storage: (0..<2 * layout.patchCount).map { _ in Float(random.normal()) })
            let parts = (0..<layout.count).map { tile in
                var part = Matrix<Float>(rows: 0, columns: 2)
                gatherRows(&part, from: rows, indices: layout.patches(ofTile: tile))
                return part
            }
            let again = layout.together(parts)
            if layout.isWhole {
                #expect(again == rows)
            } else {
                #expect(zip(again.storage, rows.storage).allSatisfy { abs($0 - $1) < 1e-5 })
            }
        }
    }

    @Test("A tile's pixels are the picture's at its place")
    func pixels() throws {
        let layout = try #require(TileLayout(gridRows: 6, gridColumns: 10, rows: 2, columns: 2, overlap: 2))
        #expect(layout.tileRows == 4 && layout.tileColumns == 6)
        let (width, height) = (30, 18)
        let planes = (0..<3 * width * height).map { Float($0) }
        for tile in 0..<layout.count {
            let first = layout.origin(ofTile: tile)
            let cut = layout.pixels(ofTile: tile, of: planes, patchSize: 3)
            #expect(cut.count == 3 * 12 * 18)
            for (channel, y, x) in [(0, 0, 0), (1, 5, 7), (2, 11, 17)] {
                let wanted = planes[(channel * height + first.row * 3 + y) * width + first.column * 3 + x]
                #expect(cut[(channel * 12 + y) * 18 + x] == wanted)
            }
        }
        #expect(TileLayout(wholeRows: 6, columns: 10).pixels(ofTile: 0, of: planes, patchSize: 3) == planes)
    }

    @Test("What does not come out even, does not overlap, or overlaps too far is no layout")
    func misfits() {
        #expect(TileLayout.tileSide(grid: 35, count: 2, overlap: 4) == nil)
        #expect(TileLayout.tileSide(grid: 36, count: 2, overlap: 4) == 20)
        #expect(TileLayout.tileSide(grid: 36, count: 2, overlap: 0) == nil)
        #expect(TileLayout.tileSide(grid: 9, count: 2, overlap: 3) == 6)
        #expect(TileLayout.tileSide(grid: 8, count: 3, overlap: 2) == 4)
        #expect(TileLayout.tileSide(grid: 10, count: 2, overlap: 8) == nil)
        #expect(TileLayout.tileSide(grid: 7, count: 1, overlap: 0) == 7)
        for grid in [0, -1, Int.min] { #expect(TileLayout.tileSide(grid: grid, count: 2, overlap: 4) == nil) }
        #expect(TileLayout.tileSide(grid: 8, count: 0, overlap: 1) == nil)
        #expect(TileLayout.tileSide(grid: 8, count: 2, overlap: -4) == nil)
    }
}
