// Everything here clips: what lies outside the picture is not drawn, and no coordinate traps.

extension Image {
    /// Fills the rectangle with its upper left corner at x, y.
    package mutating func fill(x: Int, y: Int, width: Int, height: Int, colour: Colour) {
        let columns = clipped(from: x, count: width, limit: self.width)
        let rows = clipped(from: y, count: height, limit: self.height)
        let samples = colour.samples(channels: channels)
        for row in rows {
            for column in columns {
                let at = (row * self.width + column) * channels
                for (channel, sample) in samples.enumerated() { pixels[at + channel] = sample }
            }
        }
    }

    /// The border of a rectangle, `thickness` pixels wide, growing inwards.
    package mutating func drawBox(x: Int, y: Int, width: Int, height: Int, colour: Colour, thickness: Int = 1) {
        guard width > 0, height > 0, thickness > 0, isNear(x, y, width, height) else { return }
        let across = min(thickness, height)
        let down = min(thickness, width)
        fill(x: x, y: y, width: width, height: across, colour: colour)
        fill(x: x, y: y + height - across, width: width, height: across, colour: colour)
        fill(x: x, y: y, width: down, height: height, colour: colour)
        fill(x: x + width - down, y: y, width: down, height: height, colour: colour)
    }

    /// A straight line between two pixels, both included (Bresenham), with a square pen. Ends farther than a million
    /// pixels outside are not drawn.
    package mutating func drawLine(
        from start: (x: Int, y: Int), to end: (x: Int, y: Int), colour: Colour, thickness: Int = 1
    ) {
        let reach = -1_000_000...1_000_000
        guard thickness > 0, [start.x, start.y, end.x, end.y].allSatisfy(reach.contains) else { return }
        let (dx, dy) = (abs(end.x - start.x), -abs(end.y - start.y))
        let (stepX, stepY) = (start.x < end.x ? 1 : -1, start.y < end.y ? 1 : -1)
        var (x, y) = start
        var error = dx + dy
        while true {
            let pen = thickness / 2
            fill(x: x - pen, y: y - pen, width: thickness, height: thickness, colour: colour)
            if x == end.x && y == end.y { return }
            let twice = 2 * error
            if twice >= dy {
                error += dy
                x += stepX
            }
            if twice <= dx {
                error += dx
                y += stepY
            }
        }
    }

    /// The outline of a mask: every pixel of it (value above 0 in channel 0) that has a neighbour outside it to the left,
    /// right, above or below, or lies at the border. Traps unless the mask has the picture's size.
    package mutating func drawOutline(of mask: Image, colour: Colour, thickness: Int = 1) {
        precondition(
            mask.width == width && mask.height == height,
            "Image.drawOutline: expected a mask of \(width) x \(height), got \(mask.width) x \(mask.height)")
        func isInside(_ x: Int, _ y: Int) -> Bool {
            x >= 0 && y >= 0 && x < width && y < height && mask.pixels[(y * width + x) * mask.channels] > 0
        }
        let pen = thickness / 2
        for y in 0..<height {
            for x in 0..<width where isInside(x, y) {
                let isEdge = !isInside(x - 1, y) || !isInside(x + 1, y) || !isInside(x, y - 1) || !isInside(x, y + 1)
                if isEdge { fill(x: x - pen, y: y - pen, width: thickness, height: thickness, colour: colour) }
            }
        }
    }

    /// Lays another picture over this one with its upper left corner at x, y. A colour picture loses its colour on a grey
    /// one.
    package mutating func draw(_ picture: Image, x: Int, y: Int) {
        guard isNear(x, y) else { return }
        let picture = channels == 3 ? picture.rgb() : picture.greyscale()
        let columns = clipped(from: x, count: picture.width, limit: width)
        guard !columns.isEmpty else { return }
        for row in clipped(from: y, count: picture.height, limit: height) {
            let source = ((row - y) * picture.width + columns.lowerBound - x) * channels
            let target = (row * width + columns.lowerBound) * channels
            let count = columns.count * channels
            pixels.replaceSubrange(target..<target + count, with: picture.pixels[source..<source + count])
        }
    }

    /// Text with its upper left corner at x, y; each font pixel becomes `scale` x `scale` pixels. "\n" begins a line;
    /// characters that the font lacks become "?". `Font.size` says how much room it takes.
    package mutating func drawText(_ text: String, x: Int, y: Int, colour: Colour, scale: Int = 1) {
        guard scale > 0, isNear(x, y, scale) else { return }
        var (column, top) = (x, y)
        for scalar in text.unicodeScalars {
            if scalar == "\n" {
                (column, top) = (x, top + Font.cellHeight * scale)
                continue
            }
            for (row, bits) in Font.glyph(of: scalar).enumerated() where bits != 0 {
                for bit in 0..<Font.cellWidth where bits & (0x80 >> UInt8(bit)) != 0 {
                    fill(x: column + bit * scale, y: top + row * scale, width: scale, height: scale, colour: colour)
                }
            }
            column += Font.cellWidth * scale
        }
    }

    /// Whether sums of these stay far from overflow; what lies 2^40 pixels away is not in the picture.
    private func isNear(_ numbers: Int...) -> Bool { numbers.allSatisfy((-1 << 40...1 << 40).contains) }

    /// The part of `from ..< from + count` inside `0 ..< limit`.
    private func clipped(from: Int, count: Int, limit: Int) -> Range<Int> {
        let (end, overflow) = from.addingReportingOverflow(max(count, 0))
        let lower = min(max(from, 0), limit)
        return lower..<max(lower, min(overflow ? limit : end, limit))
    }
}
