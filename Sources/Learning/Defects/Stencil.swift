import Foundation
import Numerics

/// A soft mask (0…1) over the picture with its bounding box: where ink, a groove or a foreign body lies.
struct Stencil {
    let width: Int
    let height: Int
    private(set) var values: [Float]
    private(set) var x0 = Int.max
    private(set) var x1 = -1
    private(set) var y0 = Int.max
    private(set) var y1 = -1

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        values = [Float](repeating: 0, count: width * height)
    }

    /// Nothing drawn yet.
    var isEmpty: Bool { x1 < x0 || y1 < y0 }

    /// Calls `body` with index, x, y and value of every pixel above zero.
    @inline(__always)
    func visit(_ body: (Int, Int, Int, Float) -> Void) {
        guard !isEmpty else { return }
        for y in y0...y1 {
            for x in x0...x1 {
                let index = y * width + x
                if values[index] > 0 { body(index, x, y, values[index]) }
            }
        }
    }

    /// Changes every value inside the bounding box.
    @inline(__always)
    mutating func map(_ body: (Int, Int, Float) -> Float) {
        guard !isEmpty else { return }
        for y in y0...y1 {
            for x in x0...x1 {
                let index = y * width + x
                if values[index] > 0 { values[index] = body(x, y, values[index]) }
            }
        }
    }

    /// Raises values inside a rectangle (pixels) to what `coverage` of a pixel's middle says.
    @inline(__always)
    mutating func raise(
        _ low: SIMD2<Float>, _ high: SIMD2<Float>, coverage: (SIMD2<Float>) -> Float
    ) {
        let left = Int(min(max(low.x, 0), Float(width)))
        let right = Int(min(max(high.x, -1), Float(width - 1)).rounded(.up))
        let top = Int(min(max(low.y, 0), Float(height)))
        let bottom = Int(min(max(high.y, -1), Float(height - 1)).rounded(.up))
        guard left <= right, top <= bottom else { return }
        for y in top...bottom {
            for x in left...right {
                let value = coverage(SIMD2(Float(x) + 0.5, Float(y) + 0.5))
                let index = y * width + x
                if value > values[index] {
                    values[index] = value
                    x0 = min(x0, x)
                    x1 = max(x1, x)
                    y0 = min(y0, y)
                    y1 = max(y1, y)
                }
            }
        }
    }

    /// A line whose half width goes from `startWidth` to `endWidth`, all in pixels.
    mutating func line(
        from a: SIMD2<Float>, to b: SIMD2<Float>, startWidth: Float, endWidth: Float, strength: Float = 1
    ) {
        let reach = max(startWidth, endWidth) + 1
        let low = pointwiseMin(a, b) - reach
        let high = pointwiseMax(a, b) + reach
        let ab = b - a
        let inverse = 1 / max(ab.x * ab.x + ab.y * ab.y, 1e-6)
        raise(low, high) { p in
            let ap = p - a
            let t = saturate((ap.x * ab.x + ap.y * ab.y) * inverse)
            let distance = SignedDistance.length(ap - ab * t)
            return strength * saturate(mix(startWidth, endWidth, t) - distance + 0.5)
        }
    }

    /// A round shape with a wavy outline: radius `size` times 1 ± `roughness`, made of five harmonics; `softness` in
    /// pixels; `squash` ≤ 1 narrows it across `angle`.
    mutating func patch(
        centre: SIMD2<Float>, size: Float, squash: Float, angle: Float, roughness: Float, softness: Float,
        using random: inout RandomSource
    ) {
        var wave: [(amplitude: Float, phase: Float)] = []
        for harmonic in 2...6 {
            wave.append(
                (roughness * random.float(in: 0.3...1) / Float(harmonic - 1), random.float(in: 0...2 * Float.pi)))
        }
        // The radius per direction, by table.
        let table = (0...256).map { step -> Float in
            let turn = Float(step) / 256 * 2 * Float.pi
            var r: Float = 1
            for (index, w) in wave.enumerated() { r += w.amplitude * cos(Float(index + 2) * turn + w.phase) }
            return max(r, 0.2) * size
        }
        let reach = (table.max() ?? size) + softness + 1
        let (c, s) = (cos(angle), sin(angle))
        raise(centre - reach, centre + reach) { p in
            let d = p - centre
            let u = d.x * c + d.y * s
            let v = (d.y * c - d.x * s) / squash
            let distance = (u * u + v * v).squareRoot()
            let turn = atan2(v, u) / (2 * Float.pi) * 256
            let position = turn < 0 ? turn + 256 : turn
            let step = min(Int(position), 255)
            let radius = mix(table[step], table[step + 1], position - Float(step))
            return smoothUnit((radius - distance) * min(squash + 0.3, 1) / softness + 0.5)
        }
    }

    /// The values blurred by a box of 2 · `radius` + 1 pixels, twice.
    func blurred(radius: Int) -> Stencil {
        guard !isEmpty, radius > 0 else { return self }
        var result = self
        result.x0 = max(0, x0 - 2 * radius)
        result.x1 = min(width - 1, x1 + 2 * radius)
        result.y0 = max(0, y0 - 2 * radius)
        result.y1 = min(height - 1, y1 + 2 * radius)
        for _ in 0..<2 {
            for horizontal in [true, false] {
                let source = result.values
                for y in result.y0...result.y1 {
                    for x in result.x0...result.x1 {
                        var sum: Float = 0
                        for offset in -radius...radius {
                            let sx = horizontal ? min(max(x + offset, 0), width - 1) : x
                            let sy = horizontal ? y : min(max(y + offset, 0), height - 1)
                            sum += source[sy * width + sx]
                        }
                        result.values[y * width + x] = sum / Float(2 * radius + 1)
                    }
                }
            }
        }
        return result
    }
}
