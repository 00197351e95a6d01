import Numerics

/// Good pictures as the model's input, all in memory at half precision: 224 px takes 0.3 MB a picture.
package struct TrainingImages: Sendable {
    package let width: Int
    package let height: Int
    private var planes: [[Float16]] = []

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    package var count: Int { planes.count }

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
        planes += others.planes
    }

    /// Planes (3, H, W) of picture `index`.
    package func pixels(_ index: Int) -> [Float] { planes[index].map { Float($0) } }

    /// The pictures of these indices.
    package func subset(_ indices: [Int]) -> TrainingImages {
        var result = TrainingImages(width: width, height: height)
        result.planes = indices.map { planes[$0] }
        return result
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

    /// Planes (3, H, W) so oriented. `transpose` needs H = W.
    package func applied(to pixels: [Float], width: Int, height: Int) -> [Float] {
        if isIdentity { return pixels }
        precondition(!transpose || width == height, "Orientation: a quarter turn needs a square input")
        // Where the picture's first pixel comes from, and how far the source moves per step to the right and down.
        let plane = width * height
        let right = (transpose ? width : 1) * (flipHorizontal ? -1 : 1)
        let down = (transpose ? 1 : width) * (flipVertical ? -1 : 1)
        let start =
            (flipHorizontal ? (transpose ? plane - width : width - 1) : 0)
            + (flipVertical ? (transpose ? width - 1 : plane - width) : 0)
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
