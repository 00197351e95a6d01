import Foundation
import Numerics

/// Soft coverage of one damaged spot inside its bounding box; everything outside the box is untouched.
struct DamageRegion {
    let left: Int
    let top: Int
    let width: Int
    let height: Int
    /// (height · width), 0…1.
    var coverage: [Float]

    /// The part of the rectangle [x0, x1] × [y0, y1] that lies in the picture, with coverage zero; at least one pixel.
    init(x0: Float, y0: Float, x1: Float, y1: Float, imageWidth: Int, imageHeight: Int) {
        left = min(max(Int(x0.rounded(.down)), 0), imageWidth - 1)
        top = min(max(Int(y0.rounded(.down)), 0), imageHeight - 1)
        width = max(1, min(Int(x1.rounded(.up)), imageWidth - 1) - left + 1)
        height = max(1, min(Int(y1.rounded(.up)), imageHeight - 1) - top + 1)
        coverage = [Float](repeating: 0, count: width * height)
    }
}

/// Draws the shapes of training damage. Sizes are shares of the picture's longer side.
struct DamageShapes {
    let width: Int
    let height: Int
    let sizes: ClosedRange<Float>
    private var side: Float { Float(max(width, height)) }

    init(width: Int, height: Int, sizes: ClosedRange<Float>) {
        self.width = width
        self.height = height
        self.sizes = sizes
    }

    /// A region of the given shape whose strongest pixel is covered by at least a half.
    func draw(_ shape: DamageDescription.Shape, using random: inout RandomSource) -> DamageRegion {
        for _ in 0..<4 {
            let region =
                switch shape {
                case .blob: blob(using: &random)
                case .stroke: stroke(using: &random)
                case .ellipse: rotatedSolid(round: true, using: &random)
                case .rectangle: rotatedSolid(round: false, using: &random)
                }
            if region.coverage.contains(where: { $0 >= 0.5 }) { return region }
        }
        // Four misses in a row (a stroke that grazes a corner): a spot in full sight instead.
        let radius = max(1.5, 0.03 * side)
        let x = random.float(in: 0...Float(width - 1)).rounded()
        let y = random.float(in: 0...Float(height - 1)).rounded()
        var region = DamageRegion(
            x0: x - radius, y0: y - radius, x1: x + radius, y1: y + radius, imageWidth: width, imageHeight: height)
        fill(&region) { px, py in
            radius - ((px - x) * (px - x) + (py - y) * (py - y)).squareRoot()
        }
        return region
    }

    /// Sets coverage from a signed distance in pixels (inside positive), one pixel of soft edge.
    private func fill(_ region: inout DamageRegion, softness: Float = 1, distance: (Float, Float) -> Float) {
        let scale = 1 / softness
        var index = 0
        for row in 0..<region.height {
            let y = Float(region.top + row)
            for column in 0..<region.width {
                let value = smoothUnit(distance(Float(region.left + column), y) * scale + 0.5)
                region.coverage[index] = max(region.coverage[index], value)
                index += 1
            }
        }
    }

    /// A filled ellipse or rectangle, rotated, its two sides log-uniform in `sizes`.
    private func rotatedSolid(round: Bool, using random: inout RandomSource) -> DamageRegion {
        let halfWidth = max(1, random.logFloat(in: sizes) * side / 2)
        let halfHeight = max(1, random.logFloat(in: sizes) * side / 2)
        let x = random.float(in: 0...Float(width - 1))
        let y = random.float(in: 0...Float(height - 1))
        let angle = random.float(in: 0...Float.pi)
        let softness = random.float(in: 0.7...3)
        let (c, s) = (cos(angle), sin(angle))
        let reachX = abs(halfWidth * c) + abs(halfHeight * s) + softness
        let reachY = abs(halfWidth * s) + abs(halfHeight * c) + softness
        var region = DamageRegion(
            x0: x - reachX, y0: y - reachY, x1: x + reachX, y1: y + reachY, imageWidth: width, imageHeight: height)
        let smaller = min(halfWidth, halfHeight)
        fill(&region, softness: softness) { px, py in
            let u = ((px - x) * c + (py - y) * s) / halfWidth
            let v = ((py - y) * c - (px - x) * s) / halfHeight
            let q = round ? (u * u + v * v).squareRoot() : max(abs(u), abs(v))
            return (1 - q) * smaller
        }
        return region
    }

    /// One or two thin curved strokes, their length in the upper three quarters of `sizes`.
    private func stroke(using random: inout RandomSource) -> DamageRegion {
        struct Line {
            var x, y, c, s, half, width, bend, taper: Float
        }
        let count = 1 + random.integer(below: 2)
        let softness = random.float(in: 0.7...2)
        var lines: [Line] = []
        var (x0, y0, x1, y1) = (Float.infinity, Float.infinity, -Float.infinity, -Float.infinity)
        for index in 0..<count {
            // A second stroke starts near the first, so that the bounding box stays within the largest size.
            let near = index == 0 ? nil : lines.first
            let angle = random.float(in: 0...Float.pi)
            let shortest = min(2 * sizes.lowerBound, sizes.upperBound)
            let half = random.logFloat(in: shortest...sizes.upperBound) * side / 2
            let line = Line(
                x: near.map { $0.x + random.float(in: -0.1...0.1) * side } ?? random.float(in: 0...Float(width - 1)),
                y: near.map { $0.y + random.float(in: -0.1...0.1) * side } ?? random.float(in: 0...Float(height - 1)),
                c: cos(angle), s: sin(angle), half: half,
                width: max(0.6, random.logFloat(in: 0.0027...0.027) * side),
                bend: min(max(random.gauss() * 2.2 / side, -0.6 / half), 0.6 / half),
                taper: random.float(in: 0...0.7))
            for step in -4...4 {
                let u = line.half * Float(step) / 4
                let v = line.bend * u * u
                let px = line.x + u * line.c - v * line.s
                let py = line.y + u * line.s + v * line.c
                // The margin also covers the bulge of the curve between two sampled points.
                let margin = line.width * 1.3 + softness + abs(line.bend) * line.half * line.half / 16 + 1
                x0 = min(x0, px - margin)
                x1 = max(x1, px + margin)
                y0 = min(y0, py - margin)
                y1 = max(y1, py + margin)
            }
            lines.append(line)
        }
        var region = DamageRegion(x0: x0, y0: y0, x1: x1, y1: y1, imageWidth: width, imageHeight: height)
        for line in lines {
            fill(&region, softness: softness) { px, py in
                let u = (px - line.x) * line.c + (py - line.y) * line.s
                let v = (py - line.y) * line.c - (px - line.x) * line.s - line.bend * u * u
                let t = u / line.half
                return min(line.width * (1 - line.taper * min(t * t, 1)) - abs(v), line.half - abs(u))
            }
        }
        return region
    }

    /// Islands where smooth noise is high, inside a disc whose diameter is 2 to 1.5 times
    /// the ends of `sizes`. The threshold is a quantile of the
    /// noise in that disc: a fixed one leaves many regions empty.
    private func blob(using random: inout RandomSource) -> DamageRegion {
        let x = random.float(in: 0...Float(width - 1))
        let y = random.float(in: 0...Float(height - 1))
        let radius = max(2, random.logFloat(in: sizes.lowerBound...0.75 * sizes.upperBound) * side)
        var region = DamageRegion(
            x0: x - radius, y0: y - radius, x1: x + radius, y1: y + radius, imageWidth: width, imageHeight: height)
        let cell = max(2, min(side / Float(random.pick([4, 8, 16, 32])), radius))
        var field = SmoothNoise.field(width: region.width, height: region.height, cell: cell, using: &random)
        var samples: [Float] = []
        samples.reserveCapacity(512)
        let stride = max(1, field.count / 400)
        var position = 0
        while position < field.count {
            let dx = Float(region.left + position % region.width) - x
            let dy = Float(region.top + position / region.width) - y
            if dx * dx + dy * dy < radius * radius { samples.append(field[position]) }
            position += stride
        }
        samples.sort()
        let share = random.float(in: 0.1...0.6)
        let threshold = samples.isEmpty ? 0 : samples[Int(Float(samples.count - 1) * (1 - share))]
        // Noise changes by about 1 per cell: this slope makes the edge one to three pixels wide for every cell size.
        let slope = cell / random.float(in: 1...3)
        let inverseRim = 4 / radius
        var index = 0
        for row in 0..<region.height {
            let dy = Float(region.top + row) - y
            for column in 0..<region.width {
                let dx = Float(region.left + column) - x
                let rim = saturate((radius - (dx * dx + dy * dy).squareRoot()) * inverseRim)
                field[index] = smoothUnit((field[index] - threshold) * slope + 0.5) * rim
                index += 1
            }
        }
        region.coverage = field
        return region
    }
}
