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
package struct Orientation: Sendable, Equatable {
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
        var result = [Float](repeating: 0, count: pixels.count)
        for channel in 0..<3 {
            let plane = channel * width * height
            for y in 0..<height {
                for x in 0..<width {
                    var sourceY = flipVertical ? height - 1 - y : y
                    var sourceX = flipHorizontal ? width - 1 - x : x
                    if transpose { swap(&sourceX, &sourceY) }
                    result[plane + y * width + x] = pixels[plane + sourceY * width + sourceX]
                }
            }
        }
        return result
    }
}
