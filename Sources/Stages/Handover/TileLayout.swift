import Numerics

/// How a picture is cut into tiles: rows × columns of one size, neighbours sharing whole patches, together covering the
/// picture's patch grid exactly. All tiles lie on that one grid, so what is said of their patches can be put together to
/// what is said of the picture's.
package struct TileLayout: Sendable, Hashable {
    /// The picture's patch grid: h rows, w columns.
    package let gridRows: Int
    package let gridColumns: Int
    /// Tiles down and across.
    package let rows: Int
    package let columns: Int
    /// Patches that neighbouring tiles share; no meaning on a side with one tile.
    package let overlap: Int
    /// The patch grid of a tile.
    package let tileRows: Int
    package let tileColumns: Int

    /// nil where tiles so many, with this overlap, do not fit the grid; see `tileSide`.
    package init?(gridRows: Int, gridColumns: Int, rows: Int, columns: Int, overlap: Int) {
        guard let tileRows = Self.tileSide(grid: gridRows, count: rows, overlap: overlap),
            let tileColumns = Self.tileSide(grid: gridColumns, count: columns, overlap: overlap)
        else { return nil }
        self.gridRows = gridRows
        self.gridColumns = gridColumns
        self.rows = rows
        self.columns = columns
        self.overlap = overlap
        self.tileRows = tileRows
        self.tileColumns = tileColumns
    }

    /// The whole picture as its only tile. Traps unless both sides are at least 1.
    package init(wholeRows rows: Int, columns: Int) {
        precondition(rows > 0 && columns > 0, "TileLayout: expected sides >= 1, got \(rows) x \(columns)")
        gridRows = rows
        gridColumns = columns
        self.rows = 1
        self.columns = 1
        overlap = 0
        tileRows = rows
        tileColumns = columns
    }

    /// Patches along a side of one of `count` tiles that cover `grid` patches and share `overlap` with each neighbour; nil
    /// where they do not come out even, do not overlap, or would overlap beyond their next neighbour.
    package static func tileSide(grid: Int, count: Int, overlap: Int) -> Int? {
        guard grid > 0, count > 0 else { return nil }
        if count == 1 { return grid }
        let covered = grid + (count - 1) * overlap
        guard overlap > 0, covered % count == 0, covered / count >= 2 * overlap else { return nil }
        return covered / count
    }

    /// Number of tiles.
    package var count: Int { rows * columns }
    /// Whether the picture is not cut.
    package var isWhole: Bool { count == 1 }
    /// N, patches of the picture.
    package var patchCount: Int { gridRows * gridColumns }
    /// n, patches of a tile.
    package var tilePatchCount: Int { tileRows * tileColumns }

    /// Row and column of a tile's first patch in the picture's grid; tiles are counted row by row.
    package func origin(ofTile tile: Int) -> (row: Int, column: Int) {
        precondition(tile >= 0 && tile < count, "TileLayout: expected a tile below \(count), got \(tile)")
        return (tile / columns * (tileRows - overlap), tile % columns * (tileColumns - overlap))
    }

    /// The picture's patch of each patch of a tile, (n).
    package func patches(ofTile tile: Int) -> [Int] {
        let first = origin(ofTile: tile)
        return (first.row..<first.row + tileRows).flatMap { row in
            (first.column..<first.column + tileColumns).map { row * gridColumns + $0 }
        }
    }

    /// How much each patch of a tile says of the picture's, (n): 1 where no other tile sees it, falling linearly over an
    /// overlap towards the tile's border, where its view is poorest. Over all tiles the weights of a patch sum to 1.
    package func weights(ofTile tile: Int) -> [Float] {
        let down = taper(tileRows, hasBefore: tile / columns > 0, hasAfter: tile / columns < rows - 1)
        let across = taper(tileColumns, hasBefore: tile % columns > 0, hasAfter: tile % columns < columns - 1)
        return down.flatMap { y in across.map { y * $0 } }
    }

    private func taper(_ side: Int, hasBefore: Bool, hasAfter: Bool) -> [Float] {
        (0..<side).map { index in
            let fromStart = hasBefore && index < overlap ? index + 1 : overlap + 1
            let fromEnd = hasAfter && side - 1 - index < overlap ? side - index : overlap + 1
            return Float(min(fromStart, fromEnd)) / Float(overlap + 1)
        }
    }

    /// A tile's planes (3, h, w), cut out of the picture's planes (3, H, W).
    package func pixels(ofTile tile: Int, of planes: [Float], patchSize: Int) -> [Float] {
        let (width, height) = (gridColumns * patchSize, gridRows * patchSize)
        precondition(
            planes.count == 3 * width * height,
            "TileLayout: expected 3 x \(height) x \(width) numbers, got \(planes.count)")
        if isWhole { return planes }
        let first = origin(ofTile: tile)
        let (tileWidth, tileHeight) = (tileColumns * patchSize, tileRows * patchSize)
        var result: [Float] = []
        result.reserveCapacity(3 * tileWidth * tileHeight)
        for channel in 0..<3 {
            for y in 0..<tileHeight {
                let start = (channel * height + first.row * patchSize + y) * width + first.column * patchSize
                result.append(contentsOf: planes[start..<start + tileWidth])
            }
        }
        return result
    }

    /// Adds a tile's rows (n, D) to the picture's (N, D) by the tile's weights. The picture's rows begin as zeros and are
    /// whole once every tile was added; the only tile of a picture that is not cut takes their place, to the bit.
    package func add(_ part: Matrix<Float>, ofTile tile: Int, to whole: inout Matrix<Float>) {
        precondition(
            part.rows == tilePatchCount, "TileLayout: expected \(tilePatchCount) rows of a tile, got \(part.rows)")
        if isWhole {
            whole = part
            return
        }
        precondition(
            whole.rows == patchCount && whole.columns == part.columns,
            "TileLayout: expected room for (\(patchCount), \(part.columns)), got (\(whole.rows), \(whole.columns))")
        let width = part.columns
        let weights = weights(ofTile: tile)
        let patches = patches(ofTile: tile)
        part.storage.withUnsafeBufferPointer { part in
            whole.storage.withUnsafeMutableBufferPointer { whole in
                for (row, patch) in patches.enumerated() {
                    let weight = weights[row]
                    for column in 0..<width { whole[patch * width + column] += weight * part[row * width + column] }
                }
            }
        }
    }

    /// The picture's rows (N, D) from those of its tiles, (n, D) each, in the order of the tiles.
    package func together(_ parts: [Matrix<Float>]) -> Matrix<Float> {
        precondition(parts.count == count, "TileLayout: expected \(count) tiles, got \(parts.count)")
        var whole = Matrix<Float>(rows: isWhole ? 0 : patchCount, columns: parts[0].columns)
        for (tile, part) in parts.enumerated() { add(part, ofTile: tile, to: &whole) }
        return whole
    }
}
