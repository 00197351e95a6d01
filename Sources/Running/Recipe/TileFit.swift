/// How tiles fit an input: all of one size, overlapping by whole patches, covering the patch grid exactly.
extension Recipe.ImageSize {
    /// Whether the network sees the input in more than one piece.
    package var isTiled: Bool { tileRows * tileColumns > 1 }

    /// Least patches of a tile's side: with fewer there is nothing to predict from.
    package static let leastTileSide = 4

    /// Patches along a side of one of `count` tiles that cover `grid` patches; nil where they do not come out even, or would
    /// share more than half of a tile.
    package static func tileSide(grid: Int, count: Int, overlap: Int) -> Int? {
        if count == 1 { return grid }
        let covered = grid + (count - 1) * overlap
        let side = covered / count
        return covered % count == 0 && side >= max(leastTileSide, 2 * overlap) ? side : nil
    }

    /// Patches along a side of the input that `count` tiles of `side` patches cover.
    package static func grid(side: Int, count: Int, overlap: Int) -> Int { count * side - (count - 1) * overlap }

    /// The nearest grids below and above `grid` that `count` tiles cover; the lower one is nil where none is left.
    package static func nearestGrids(to grid: Int, count: Int, overlap: Int) -> (below: Int?, above: Int) {
        let least = max(leastTileSide, 2 * overlap)
        let side = max(least - 1, (grid + (count - 1) * overlap) / count)
        let below = side >= least ? self.grid(side: side, count: count, overlap: overlap) : nil
        return (below, self.grid(side: side + 1, count: count, overlap: overlap))
    }
}

extension Recipe {
    /// The patch grid of a tile, or of the input where it is not cut. Throws where tiles do not fit, with the nearest sizes
    /// that do.
    func tileGrid(file: String) throws(RecipeError) -> (rows: Int, columns: Int) {
        func side(_ pixels: Int, _ count: Int, _ path: String, _ countPath: String) throws(RecipeError) -> Int {
            let grid = pixels / encoder.patchSize
            if let side = ImageSize.tileSide(grid: grid, count: count, overlap: image.tileOverlap) { return side }
            let near = ImageSize.nearestGrids(to: grid, count: count, overlap: image.tileOverlap)
            let sizes = ([near.below, near.above].compactMap { $0 }).map { "\($0 * encoder.patchSize)" }
            throw .value(
                file: file, path: path,
                expected: "\(sizes.joined(separator: " or ")), or 0 to have it decided: \(countPath) = \(count) with "
                    + "image.tileOverlap = \(image.tileOverlap) cover no other sizes near", got: "\(pixels)")
        }
        return (
            rows: try side(image.height, image.tileRows, "image.height", "image.tileRows"),
            columns: try side(image.width, image.tileColumns, "image.width", "image.tileColumns")
        )
    }
}
