import Imaging

/// The picture that a panel is drawn on.
struct PanelCanvas {
    private let width: Int
    private let height: Int
    /// RGB triplets.
    private var pixels: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        pixels = [UInt8](repeating: 0, count: 3 * width * height)
        fill(x: 0, y: 0, width: width, height: height, PanelColours.paper)
    }

    /// What was drawn.
    var image: Image { Image(width: width, height: height, channels: 3, pixels: pixels) }

    /// Fills a rectangle; what lies outside the picture is left out.
    mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: SIMD3<UInt8>) {
        let (left, right) = (max(0, x), min(self.width, x + width))
        let (top, bottom) = (max(0, y), min(self.height, y + height))
        guard left < right, top < bottom else { return }
        var line: [UInt8] = []
        line.reserveCapacity(3 * (right - left))
        for _ in left..<right {
            line.append(colour.x)
            line.append(colour.y)
            line.append(colour.z)
        }
        for row in top..<bottom {
            let start = 3 * (row * self.width + left)
            pixels.replaceSubrange(start..<start + line.count, with: line)
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
            let to = 3 * ((y + row) * width + x)
            pixels.replaceSubrange(
                to..<to + 3 * picture.width, with: picture.pixels[from..<from + 3 * picture.width])
        }
    }

    /// Writes one line, smoothed; `y` is the top of its capital letters, `size` the font's size in pixels. What lies
    /// outside the picture is left out.
    mutating func text(_ text: String, x: Int, y: Int, size: Int, colour: SIMD3<UInt8>) {
        guard let ink = Lettering.line(text, size: size) else { return }
        let left = x - Int((Double(LetteringAtlas.penX * size) / Double(LetteringAtlas.size)).rounded())
        let top = y - Int((LetteringAtlas.capitalTop * Double(size) / Double(LetteringAtlas.size)).rounded())
        for row in max(0, -top)..<max(max(0, -top), min(ink.height, height - top)) {
            for column in max(0, -left)..<max(max(0, -left), min(ink.width, width - left)) {
                let cover = Int(ink.pixels[row * ink.width + column])
                if cover == 0 { continue }
                let at = 3 * ((top + row) * width + left + column)
                for channel in 0..<3 {
                    let (ground, wanted) = (Int(pixels[at + channel]), Int(colour[channel]))
                    pixels[at + channel] = UInt8((ground * (255 - cover) + wanted * cover + 127) / 255)
                }
            }
        }
    }
}
