import Foundation
import Numerics

/// The light over a part and how much of it each pixel throws to the camera.
struct Lighting {
    /// Unit vector towards the lamp; x to the right, y down, z to the camera.
    let direction: SIMD3<Float>
    let lamp: SIMD3<Float>
    let ambient: SIMD3<Float>
    /// Where the broad sheen of brushed metal lies (share of the width), how wide and how strong it is.
    let sheenCentre: Float
    let sheenWidth: Float
    let sheen: Float

    /// A lamp at the upper left whose direction, strength and colour temperature vary as in a real cell.
    init(using random: inout RandomSource) {
        let azimuth = (-2.36 as Float) + random.float(in: -0.45...0.45)
        let elevation = random.float(in: 0.80...1.05)
        direction = SIMD3(cos(azimuth) * cos(elevation), sin(azimuth) * cos(elevation), sin(elevation))
        let strength = random.float(in: 0.82...1.08)
        let warmth = random.float(in: -0.05...0.05)
        lamp = SIMD3(1 + warmth, 1, 1 - warmth) * strength * 0.95
        ambient = SIMD3(0.96, 1, 1.04) * random.float(in: 0.26...0.36)
        sheenCentre = random.float(in: 0.25...0.75)
        sheenWidth = random.float(in: 0.28...0.45)
        sheen = random.float(in: 0.10...0.28)
    }

    /// How far a change of the surface reaches in the shaded picture, in pixels: the longest shadow.
    static func reach(width: Int, height: Int) -> Int { Int(12.5 * Float(min(width, height)) / 320) + 3 }

    /// Writes the light that reaches the camera from every pixel of `box` into `result` (height · width), linear, about
    /// 0…1, the fourth value unused.
    ///
    /// Lambert's law with a highlight (Blinn–Phong, exponent 32), a sky that is brighter towards the lamp, and shadows
    /// marched over the relief.
    func shade(_ surface: Surface, within box: PixelBox, into result: inout [SIMD4<Float>]) {
        let (width, height) = (surface.width, surface.height)
        let shadow = shadows(surface, within: box)
        let halfway = direction + SIMD3(0, 0, 1)
        let h = halfway / (halfway * halfway).sum().squareRoot()
        let flat = (direction.x * direction.x + direction.y * direction.y).squareRoot()
        let towards = SIMD2(direction.x, direction.y) / flat
        let lampColour = SIMD4(lamp, 0)
        let ambientColour = SIMD4(ambient, 0)
        for y in box.y0...box.y1 {
            let up = max(y - 1, 0)
            let down = min(y + 1, height - 1)
            let perRow = 1 / Float(down - up)
            let base = y * width
            for x in box.x0...box.x1 {
                let left = max(x - 1, 0)
                let right = min(x + 1, width - 1)
                let slopeX = (surface.relief[base + right] - surface.relief[base + left]) / Float(right - left)
                let slopeY = (surface.relief[down * width + x] - surface.relief[up * width + x]) * perRow
                let inverse = 1 / (slopeX * slopeX + slopeY * slopeY + 1).squareRoot()
                let (nx, ny, nz) = (-slopeX * inverse, -slopeY * inverse, inverse)
                let lit = 1 - shadow[base + x]
                let diffuse = max(0, nx * direction.x + ny * direction.y + nz * direction.z) * lit
                var gleam = max(0, nx * h.x + ny * h.y + nz * h.z)
                for _ in 0..<5 { gleam *= gleam }
                let sky = 0.9 * nz * (nx * towards.x + ny * towards.y)
                let material = surface.material[base + x]
                let away = (Float(x) / Float(width) - sheenCentre) / sheenWidth
                let band = sheen * (1 - away * away * 0.5) * nz
                let light = lampColour * diffuse + ambientColour * (0.75 + 0.25 * lit)
                let mirrored = material.w * (0.55 * gleam * lit + 0.32 * sky + 0.5 * band)
                result[base + x] = material * light + lampColour * mirrored
            }
        }
    }

    /// How much of the lamp each pixel of `box` misses, 0…1: the relief between it and the lamp, six steps out to 12
    /// pixels at 320 pixels a side; beyond that a part's features are too low to throw a shadow. Beyond the picture's
    /// edge the edge's relief goes on.
    private func shadows(_ surface: Surface, within box: PixelBox) -> [Float] {
        let (width, height) = (surface.width, surface.height)
        var result = [Float](repeating: 0, count: width * height)
        let unit = Float(min(width, height)) / 320
        let flat = (direction.x * direction.x + direction.y * direction.y).squareRoot()
        let rise = direction.z / flat
        let softness = 1 / (1.6 * unit)
        for distance in [1.5, 3, 4.5, 6.5, 9, 12] as [Float] {
            let d = distance * unit
            let stepX = Int((direction.x / flat * d).rounded())
            let stepY = Int((direction.y / flat * d).rounded())
            guard stepX != 0 || stepY != 0 else { continue }
            let climb = rise * (Float(stepX * stepX + stepY * stepY)).squareRoot()
            for y in box.y0...box.y1 {
                let base = y * width
                let other = min(max(y + stepY, 0), height - 1) * width
                for x in box.x0...box.x1 {
                    let from = other + min(max(x + stepX, 0), width - 1)
                    let value = min((surface.relief[from] - surface.relief[base + x] - climb) * softness, 0.85)
                    result[base + x] = max(result[base + x], value)
                }
            }
        }
        return result
    }
}

/// The camera: lens, exposure, tone curve and sensor noise.
struct Camera {
    let exposure: Float
    let vignette: Float
    let blur: Float
    let readNoise: Float
    let shotNoise: Float

    init(using random: inout RandomSource) {
        exposure = random.float(in: 0.92...1.06)
        vignette = random.float(in: 0.02...0.14)
        blur = random.float(in: 0.10...0.17)
        readNoise = random.float(in: 0.6...1.4)
        shotNoise = random.float(in: 0.05...0.11)
    }

    /// Light to display values 0…255 without noise, for the pixels of `box`: lens blur (three taps each way), vignette,
    /// gamma 2.2.
    func develop(
        _ light: [SIMD4<Float>], width: Int, height: Int, within box: PixelBox, into result: inout [SIMD4<Float>]
    ) {
        let middle = 1 - 2 * blur
        let inverse = 2 / Float(width)
        // Three rows blurred across, of which one is new per line.
        func across(_ y: Int, _ row: inout [SIMD4<Float>]) {
            let base = min(max(y, 0), height - 1) * width
            for x in box.x0...box.x1 {
                row[x] =
                    light[base + x] * middle
                    + (light[base + max(x - 1, 0)] + light[base + min(x + 1, width - 1)]) * blur
            }
        }
        var above = [SIMD4<Float>](repeating: .zero, count: width)
        var here = above
        var below = above
        across(box.y0 - 1, &above)
        across(box.y0, &here)
        for y in box.y0...box.y1 {
            across(y + 1, &below)
            let dy = (Float(y) - Float(height) / 2) * inverse
            for x in box.x0...box.x1 {
                let value = here[x] * middle + (above[x] + below[x]) * blur
                let dx = (Float(x) - Float(width) / 2) * inverse
                let gain = exposure * (1 - vignette * 0.5 * (dx * dx + dy * dy))
                result[y * width + x] = Self.tone(value * gain)
            }
            swap(&above, &here)
            swap(&here, &below)
        }
    }

    /// Display values with sensor noise, rounded: RGB bytes. Noise depends on the stream and the pixel alone.
    func expose(_ display: [SIMD4<Float>], using random: inout RandomSource) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: display.count * 3)
        for index in display.indices {
            // Three numbers of mean 0 from one draw: sums of two uniform 10-bit numbers, deviation 0.41 of their unit.
            let bits = random.next()
            let value = display[index]
            bytes[index * 3] = noisy(value.x, bits)
            bytes[index * 3 + 1] = noisy(value.y, bits >> 20)
            bytes[index * 3 + 2] = noisy(value.z, bits >> 40)
        }
        return bytes
    }

    @inline(__always)
    private func noisy(_ level: Float, _ bits: UInt64) -> UInt8 {
        let noise = Float(Int(bits & 1023) + Int((bits >> 10) & 1023) - 1023) * (1 / (1024 * 0.41))
        let value = level + noise * (readNoise + shotNoise * level.squareRoot())
        return UInt8(min(max(value + 0.5, 0), 255))
    }

    /// The tone curve by table: 255 · v^(1/2.2), with a soft shoulder near white.
    @inline(__always)
    private static func tone(_ light: SIMD4<Float>) -> SIMD4<Float> {
        SIMD4(tone(light.x), tone(light.y), tone(light.z), 0)
    }

    @inline(__always)
    private static func tone(_ light: Float) -> Float {
        let position = min(max(light, 0) * 1023, 2046)
        let below = Int(position)
        return mix(curve[below], curve[below + 1], position - Float(below))
    }

    private static let curve: [Float] = (0..<2048).map { index in
        let v = Float(index) / 1023
        let shouldered = v < 0.7 ? v : 0.7 + 0.3 * (1 - exp(-(v - 0.7) / 0.3))
        return 255 * pow(shouldered, 1 / 2.2)
    }
}
