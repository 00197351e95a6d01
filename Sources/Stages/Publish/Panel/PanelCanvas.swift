import Imaging

/// The picture that a panel is drawn on.
struct PanelCanvas {
    private(set) var image: Image

    init(width: Int, height: Int) {
        let paper = PanelColours.paper
        image = Image(width: width, height: height, colour: [paper.x, paper.y, paper.z])
    }

    /// Fills a rectangle; what lies outside the picture is left out.
    mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: SIMD3<UInt8>) {
        let (left, right) = (max(0, x), min(image.width, x + width))
        guard left < right else { return }
        for row in max(0, y)..<max(max(0, y), min(image.height, y + height)) {
            var at = 3 * (row * image.width + left)
            for _ in left..<right {
                image.pixels[at] = colour.x
                image.pixels[at + 1] = colour.y
                image.pixels[at + 2] = colour.z
                at += 3
            }
        }
    }

    /// Draws the border of a rectangle, `thickness` pixels inwards.
    mutating func outline(x: Int, y: Int, width: Int, height: Int, thickness: Int, _ colour: SIMD3<UInt8>) {
        fill(x: x, y: y, width: width, height: thickness, colour)
        fill(x: x, y: y + height - thickness, width: width, height: thickness, colour)
        fill(x: x, y: y, width: thickness, height: height, colour)
        fill(x: x + width - thickness, y: y, width: thickness, height: height, colour)
    }

    /// Lays an RGB picture on the canvas; it must lie inside.
    mutating func paste(_ picture: Image, x: Int, y: Int) {
        for row in 0..<picture.height {
            let from = 3 * row * picture.width
            let to = 3 * ((y + row) * image.width + x)
            image.pixels.replaceSubrange(
                to..<to + 3 * picture.width, with: picture.pixels[from..<from + 3 * picture.width])
        }
    }

    /// Writes one line; `y` is the top of its capital letters, `size` the height of a line in pixels.
    mutating func text(_ text: String, x: Int, y: Int, size: Int, colour: SIMD3<UInt8>) {
        fill(x: x, y: y + size / 3, width: Self.textWidth(text, size: size), height: 2, colour)
    }

    /// Width of a line in pixels.
    static func textWidth(_ text: String, size: Int) -> Int { text.count * size * 11 / 20 }
}
