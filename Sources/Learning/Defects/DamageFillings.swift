import Foundation
import Numerics

/// Fills a damaged region; works inside its bounding box only and writes no pixel whose coverage is zero.
struct DamageFillings {
    let width: Int
    let height: Int
    let space: PixelSpace

    /// Blends the filling into `pixels` (3, H, W) with the region's coverage.
    func fill(
        _ filling: DamageDescription.Filling, region: DamageRegion, pixels: inout [Float], donor: [Float],
        using random: inout RandomSource
    ) {
        switch filling {
        case .texture: texture(region, &pixels, donor, &random)
        case .colour: colour(region, &pixels, &random)
        case .gain: gain(region, &pixels, &random)
        case .blur: blur(region, &pixels, &random)
        case .warp: warp(region, &pixels, &random)
        case .cutPaste: cutPaste(region, &pixels, &random)
        }
    }

    /// Mixes `target(channel, x, y, old)` into every covered pixel; the result stays between black and white (or
    /// between the old value and them, should the old one lie outside).
    @inline(__always)
    private func blend(
        _ region: DamageRegion, _ pixels: inout [Float], target: (Int, Int, Int, Float) -> Float
    ) {
        for channel in 0..<3 {
            let (low, high) = (space.black[channel], space.white[channel])
            var index = 0
            for row in 0..<region.height {
                let y = region.top + row
                let base = (channel * height + y) * width + region.left
                for column in 0..<region.width {
                    let cover = region.coverage[index]
                    index += 1
                    guard cover > 0 else { continue }
                    let old = pixels[base + column]
                    let new = min(max(target(channel, region.left + column, y, old), low), high)
                    pixels[base + column] = old + cover * (new - old)
                }
            }
        }
    }

    /// The donor's texture, rolled at random and transposed half of the time.
    private func texture(
        _ region: DamageRegion, _ pixels: inout [Float], _ donor: [Float], _ random: inout RandomSource
    ) {
        let shiftX = random.integer(below: width)
        let shiftY = random.integer(below: height)
        let plane = width * height
        if random.chance(0.5) {
            blend(region, &pixels) { channel, x, y, _ in
                donor[channel * plane + wrap(x + shiftY, height) * width + wrap(y + shiftX, width)]
            }
        } else {
            blend(region, &pixels) { channel, x, y, _ in
                donor[channel * plane + wrap(y + shiftY, height) * width + wrap(x + shiftX, width)]
            }
        }
    }

    /// One colour: mostly grey with a tint.
    private func colour(_ region: DamageRegion, _ pixels: inout [Float], _ random: inout RandomSource) {
        // Colours of natural pictures: mean 0.45, deviation 0.225 (ImageNet), drawn 1.2 times as wide.
        let draws = SIMD3(random.gauss(), random.gauss(), random.gauss()) * 1.2
        let grey = draws.sum() / 3
        let span = space.white - space.black
        let value = space.black + span * (0.45 + 0.225 * (0.7 * 1.73 * grey + 0.3 * draws))
        blend(region, &pixels) { channel, _, _, _ in value[channel] }
    }

    /// Contrast and brightness changed; the change is at least just visible.
    private func gain(_ region: DamageRegion, _ pixels: inout [Float], _ random: inout RandomSource) {
        let span = space.white - space.black
        let centre = space.black + 0.45 * span
        let factor = 1 + 0.5 * random.gauss()
        let draw = random.gauss() * 0.6
        let offset = 0.225 * (abs(draw) < 0.15 ? (draw < 0 ? -0.15 : 0.15) : draw) * span
        blend(region, &pixels) { channel, _, _, old in
            (old - centre[channel]) * factor + centre[channel] + offset[channel]
        }
    }

    /// Box blur, 5 to 13 pixels wide at 224 pixels a side.
    private func blur(_ region: DamageRegion, _ pixels: inout [Float], _ random: inout RandomSource) {
        let unit = Float(max(width, height)) / 224
        let radius = max(1, Int((Float(2 + random.integer(below: 5)) * unit).rounded()))
        let inverse = 1 / Float((2 * radius + 1) * (2 * radius + 1))
        let rows = region.height + 2 * radius
        var sums = [Float](repeating: 0, count: rows * region.width)
        var blurred = [Float](repeating: 0, count: 3 * region.height * region.width)
        for channel in 0..<3 {
            for row in 0..<rows {
                let y = min(max(region.top + row - radius, 0), height - 1)
                let base = (channel * height + y) * width
                var sum: Float = 0
                for offset in -radius...radius { sum += pixels[base + clampX(region.left + offset)] }
                for column in 0..<region.width {
                    sums[row * region.width + column] = sum
                    let x = region.left + column
                    sum += pixels[base + clampX(x + radius + 1)] - pixels[base + clampX(x - radius)]
                }
            }
            for column in 0..<region.width {
                var sum: Float = 0
                for row in 0...2 * radius { sum += sums[row * region.width + column] }
                for row in 0..<region.height {
                    blurred[(channel * region.height + row) * region.width + column] = sum * inverse
                    guard row + 1 < region.height else { break }
                    sum += sums[(row + 2 * radius + 1) * region.width + column] - sums[row * region.width + column]
                }
            }
        }
        blend(region, &pixels) { channel, x, y, _ in
            blurred[(channel * region.height + y - region.top) * region.width + x - region.left]
        }
    }

    /// The own content shifted, swirled or bulged by 1.5 to 8 % of the side.
    private func warp(_ region: DamageRegion, _ pixels: inout [Float], _ random: inout RandomSource) {
        let source = pixels
        let side = Float(max(width, height))
        let centreX = Float(region.left) + Float(region.width) / 2
        let centreY = Float(region.top) + Float(region.height) / 2
        let reach = max(4, 0.6 * Float(max(region.width, region.height)))
        let inverseReach = 1 / (reach * reach)
        let angle = random.float(in: 0...2 * Float.pi)
        let length = random.logFloat(in: 0.015...0.08) * side
        let (shiftX, shiftY) = (length * cos(angle), length * sin(angle))
        let mode = random.integer(below: 3)
        // Swirl and bulge move a pixel at half the reach by about `length`.
        let strength = min(2 * length / reach, 1.2) * (random.chance(0.5) ? 1 : -1)
        let plane = width * height
        blend(region, &pixels) { channel, x, y, _ in
            let (fx, fy) = (Float(x), Float(y))
            let (dx, dy) = (fx - centreX, fy - centreY)
            let fall = max(0, 1 - (dx * dx + dy * dy) * inverseReach)
            let (sx, sy): (Float, Float)
            switch mode {
            case 0: (sx, sy) = (fx + shiftX, fy + shiftY)
            case 1: (sx, sy) = (fx - dy * strength * fall, fy + dx * strength * fall)
            default: (sx, sy) = (fx - dx * strength * fall, fy - dy * strength * fall)
            }
            return bilinear(source, channel * plane, sx, sy)
        }
    }

    /// Content from elsewhere in the same picture, mirrored at random; half of the time its mean colour is matched to
    /// the place it lands on, so that structure alone gives it away.
    private func cutPaste(_ region: DamageRegion, _ pixels: inout [Float], _ random: inout RandomSource) {
        let source = pixels
        let plane = width * height
        let angle = random.float(in: 0...2 * Float.pi)
        let distance = random.float(in: 0.08...0.5) * Float(max(width, height))
        let shiftX = Int((distance * cos(angle)).rounded())
        let shiftY = Int((distance * sin(angle)).rounded())
        let flipX = random.chance(0.3)
        let flipY = random.chance(0.3)
        func origin(_ x: Int, _ y: Int) -> Int {
            let ownX = flipX ? 2 * region.left + region.width - 1 - x : x
            let ownY = flipY ? 2 * region.top + region.height - 1 - y : y
            return reflect(ownY + shiftY, height) * width + reflect(ownX + shiftX, width)
        }
        var offset = SIMD3<Float>.zero
        if random.chance(0.5) {
            var weight: Float = 0
            var index = 0
            for row in 0..<region.height {
                for column in 0..<region.width {
                    let cover = region.coverage[index]
                    index += 1
                    guard cover > 0 else { continue }
                    let (x, y) = (region.left + column, region.top + row)
                    let (there, here) = (origin(x, y), y * width + x)
                    for channel in 0..<3 {
                        offset[channel] += cover * (source[channel * plane + here] - source[channel * plane + there])
                    }
                    weight += cover
                }
            }
            offset /= max(weight, 1e-6)
        }
        let tint = offset
        blend(region, &pixels) { channel, x, y, _ in source[channel * plane + origin(x, y)] + tint[channel] }
    }

    private func clampX(_ x: Int) -> Int { min(max(x, 0), width - 1) }

    /// `value` in 0 ..< 2 · limit (or more, for pictures far from square) brought back into 0 ..< limit.
    @inline(__always)
    private func wrap(_ value: Int, _ limit: Int) -> Int { value < limit ? value : value % limit }

    /// Mirror at both edges; `value` may lie up to one side beyond them.
    @inline(__always)
    private func reflect(_ value: Int, _ limit: Int) -> Int {
        let folded = value < 0 ? -value - 1 : (value >= limit ? 2 * limit - 1 - value : value)
        return min(max(folded, 0), limit - 1)
    }

    /// Linear interpolation in one plane, edges repeated.
    @inline(__always)
    private func bilinear(_ source: [Float], _ plane: Int, _ x: Float, _ y: Float) -> Float {
        let cx = min(max(x, 0), Float(width - 1))
        let cy = min(max(y, 0), Float(height - 1))
        let x0 = Int(cx)
        let y0 = Int(cy)
        let x1 = min(x0 + 1, width - 1)
        let y1 = min(y0 + 1, height - 1)
        let (tx, ty) = (cx - Float(x0), cy - Float(y0))
        let upper = source[plane + y0 * width + x0] * (1 - tx) + source[plane + y0 * width + x1] * tx
        let lower = source[plane + y1 * width + x0] * (1 - tx) + source[plane + y1 * width + x1] * tx
        return upper * (1 - ty) + lower * ty
    }
}
