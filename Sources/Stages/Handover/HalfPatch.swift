/// The interleaved grid: a picture moved by half a patch, so that its patches straddle the borders of the first ones.
package enum HalfPatch {
    /// Cells of a map over both grids: half a patch wide, so that each lies in one patch of either grid.
    package static let cellsPerPatch = 2

    /// Planes (3, H, W) moved down and to the right by half a patch; what comes in at the top and left is mirrored.
    ///
    /// Patch (row, column) of the result begins half a patch above and to the left of that patch of the picture. The
    /// last half patch of the picture leaves it: the picture's own grid has seen it.
    package static func moved(_ pixels: [Float], height: Int, width: Int, patchSize: Int) -> [Float] {
        precondition(
            pixels.count == 3 * height * width && patchSize % 2 == 0 && min(height, width) >= patchSize,
            "HalfPatch: expected (3, H, W) of at least a patch of even side, got \(pixels.count) numbers, patch \(patchSize)"
        )
        let half = patchSize / 2
        var result = [Float](repeating: 0, count: pixels.count)
        pixels.withUnsafeBufferPointer { pixels in
            result.withUnsafeMutableBufferPointer { result in
                for channel in 0..<3 {
                    for y in 0..<height {
                        let source = (channel * height + abs(y - half)) * width
                        let target = (channel * height + y) * width
                        for x in 0..<width { result[target + x] = pixels[source + abs(x - half)] }
                    }
                }
            }
        }
        return result
    }

    /// The index of the interleaved patch that covers each cell of an h × w patch grid, (4 · h · w) row-major; nil in the
    /// last half patch, which none covers.
    package static func patchOfCell(rows: Int, columns: Int) -> [Int?] {
        (0..<2 * rows).flatMap { y in
            (0..<2 * columns).map { x in
                y < 2 * rows - 1 && x < 2 * columns - 1 ? (y + 1) / 2 * columns + (x + 1) / 2 : nil
            }
        }
    }
}
