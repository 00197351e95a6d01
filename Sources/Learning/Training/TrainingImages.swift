import Handover
import Numerics

/// Good pictures as the model's input, at half precision: 224 px takes 0.3 MB a picture. What does not fit into a
/// gigabyte waits in a temporary file.
package struct TrainingImages: Sendable {
    package let width: Int
    package let height: Int
    private var planes: PlaneStore

    package init(width: Int, height: Int) {
        self.init(width: width, height: height, room: PlaneStore.room)
    }

    /// - Parameter room: bytes that may be kept in memory.
    init(width: Int, height: Int, room: Int) {
        self.width = width
        self.height = height
        planes = PlaneStore(room: room)
    }

    package var count: Int { planes.count }
    /// Bytes of the pictures that lie in memory.
    var bytesInMemory: Int { planes.bytesInMemory }

    /// Adds planes (3, H, W) in the model's normalisation. Traps on another size.
    package mutating func append(_ pixels: [Float]) {
        precondition(
            pixels.count == 3 * width * height,
            "TrainingImages: expected 3 x \(height) x \(width) numbers, got \(pixels.count)")
        planes.append(pixels.map { Float16($0) })
    }

    /// Adds all pictures of `others`, which are of the same size.
    package mutating func append(_ others: TrainingImages) {
        precondition(
            others.width == width && others.height == height,
            "TrainingImages: expected \(width) x \(height), got \(others.width) x \(others.height)")
        planes.append(others.planes)
    }

    /// Planes (3, H, W) of picture `index`.
    package func pixels(_ index: Int) -> [Float] { planes.withPlanes(index) { $0.map { Float($0) } } }

    /// Planes (3, h, w) of one tile of a picture as it lies in a view, moved by half a patch where the view is interleaved:
    /// what cutting the tile out of the whole picture so turned and moved would give, at the cost of the tile alone.
    ///
    /// Traps unless the tiles cover pictures of this size, and on a quarter turn of pictures that are not square.
    func pixels(_ view: PictureView, tiles: TileLayout, patchSize: Int) -> [Float] {
        precondition(
            tiles.gridRows * patchSize == height && tiles.gridColumns * patchSize == width,
            "TrainingImages: expected tiles over \(height) x \(width), got \(tiles) of \(patchSize)")
        let source = view.orientation.source(width: width, height: height)
        let first = tiles.origin(ofTile: view.tile)
        let half = view.isInterleaved ? patchSize / 2 : 0
        // Moved down and to the right, what comes in at the picture's top and left is mirrored (`HalfPatch.moved`).
        func places(_ first: Int, _ count: Int, step: Int) -> [Int] {
            (0..<count * patchSize).map { abs(first * patchSize + $0 - half) * step }
        }
        let down = places(first.row, tiles.tileRows, step: source.down)
        let across = places(first.column, tiles.tileColumns, step: source.right)
        let plane = width * height
        return planes.withPlanes(view.picture) { planes in
            planes.withUnsafeBufferPointer { planes in
                [Float](unsafeUninitializedCapacity: 3 * down.count * across.count) { result, filled in
                    for channel in 0..<3 {
                        for y in down {
                            let start = channel * plane + source.start + y
                            for x in across {
                                result[filled] = Float(planes[start + x])
                                filled += 1
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A way a part may lie: flips and, on square inputs, quarter turns. All of them map the patch grid onto itself.
package struct Orientation: Sendable, Hashable {
    package var flipHorizontal = false
    package var flipVertical = false
    package var transpose = false

    package init(flipHorizontal: Bool = false, flipVertical: Bool = false, transpose: Bool = false) {
        self.flipHorizontal = flipHorizontal
        self.flipVertical = flipVertical
        self.transpose = transpose
    }

    package var isIdentity: Bool { !flipHorizontal && !flipVertical && !transpose }

    /// Where the first pixel of a plane (H, W) so oriented comes from, and how far the source moves per step to the right
    /// and down. `transpose` needs H = W.
    func source(width: Int, height: Int) -> (start: Int, right: Int, down: Int) {
        precondition(!transpose || width == height, "Orientation: a quarter turn needs a square input")
        let plane = width * height
        let right = (transpose ? width : 1) * (flipHorizontal ? -1 : 1)
        let down = (transpose ? 1 : width) * (flipVertical ? -1 : 1)
        let start =
            (flipHorizontal ? (transpose ? plane - width : width - 1) : 0)
            + (flipVertical ? (transpose ? width - 1 : plane - width) : 0)
        return (start, right, down)
    }

    /// Planes (3, H, W) so oriented. `transpose` needs H = W.
    package func applied(to pixels: [Float], width: Int, height: Int) -> [Float] {
        if isIdentity { return pixels }
        let plane = width * height
        let (start, right, down) = source(width: width, height: height)
        return pixels.withUnsafeBufferPointer { pixels in
            [Float](unsafeUninitializedCapacity: pixels.count) { result, count in
                var target = 0
                for channel in 0..<3 {
                    for y in 0..<height {
                        var source = channel * plane + start + y * down
                        for _ in 0..<width {
                            result[target] = pixels[source]
                            target += 1
                            source += right
                        }
                    }
                }
                count = target
            }
        }
    }
}
