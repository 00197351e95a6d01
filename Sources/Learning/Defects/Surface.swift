import Numerics

/// What the camera would see without light: heights and materials, one value per pixel.
struct Surface {
    let width: Int
    let height: Int
    /// Height above the ground in pixels, (height · width).
    var relief: [Float]
    /// Reflectance of red, green and blue, 0…1, and gloss 0…1 in the fourth place.
    var material: [SIMD4<Float>]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        relief = [Float](repeating: 0, count: width * height)
        material = [SIMD4<Float>](repeating: SIMD4(0.1, 0.1, 0.1, 0), count: width * height)
    }
}

/// A rectangle of pixels, ends included.
struct PixelBox {
    let x0: Int
    let x1: Int
    let y0: Int
    let y1: Int

    /// The rectangle grown by `margin` on every side, within the picture.
    func grown(by margin: Int, width: Int, height: Int) -> PixelBox {
        PixelBox(
            x0: max(0, x0 - margin), x1: min(width - 1, x1 + margin), y0: max(0, y0 - margin),
            y1: min(height - 1, y1 + margin))
    }
}

extension Surface {
    /// The whole picture.
    var box: PixelBox { PixelBox(x0: 0, x1: width - 1, y0: 0, y1: height - 1) }

    /// The bounding box of the pixels that differ from another surface of the same size; nil if none does.
    func difference(from other: Surface) -> PixelBox? {
        var (x0, x1, y0, y1) = (width, -1, height, -1)
        for y in 0..<height {
            let base = y * width
            for x in 0..<width
            where relief[base + x] != other.relief[base + x] || material[base + x] != other.material[base + x] {
                x0 = min(x0, x)
                x1 = max(x1, x)
                y0 = min(y0, y)
                y1 = y
            }
        }
        return x1 < 0 ? nil : PixelBox(x0: x0, x1: x1, y0: y0, y1: y1)
    }
}

/// Where the part lies under the camera: part units (320 across the shorter side, origin in the middle, y downwards)
/// to pixels.
struct Pose {
    let scale: Float
    let centre: SIMD2<Float>
    let cosine: Float
    let sine: Float

    /// `shift` in part units, `angle` in radians.
    init(width: Int, height: Int, shift: SIMD2<Float>, cosine: Float, sine: Float) {
        scale = Float(min(width, height)) / 320
        centre = SIMD2(Float(width) / 2, Float(height) / 2) + shift * scale
        self.cosine = cosine
        self.sine = sine
    }

    /// Part coordinates of the middle of pixel (x, y).
    @inline(__always)
    func part(_ x: Int, _ y: Int) -> SIMD2<Float> {
        let d = (SIMD2(Float(x) + 0.5, Float(y) + 0.5) - centre) / scale
        return SIMD2(d.x * cosine + d.y * sine, d.y * cosine - d.x * sine)
    }

    /// Pixel coordinates of a point of the part.
    func pixel(_ p: SIMD2<Float>) -> SIMD2<Float> {
        SIMD2(p.x * cosine - p.y * sine, p.x * sine + p.y * cosine) * scale + centre
    }
}

extension Surface {
    /// Calls `body` for every pixel within `reach` part units of `point`: part coordinates and the two values to change.
    @inline(__always)
    mutating func paint(
        around point: SIMD2<Float>, reach: Float, pose: Pose,
        body: (SIMD2<Float>, inout Float, inout SIMD4<Float>) -> Void
    ) {
        let middle = pose.pixel(point)
        let r = reach * pose.scale + 1
        let x0 = max(0, Int(max(middle.x - r, 0)))
        let x1 = min(width - 1, Int(max(middle.x + r, -1)))
        let y0 = max(0, Int(max(middle.y - r, 0)))
        let y1 = min(height - 1, Int(max(middle.y + r, -1)))
        guard x0 <= x1, y0 <= y1 else { return }
        for y in y0...y1 {
            for x in x0...x1 {
                let index = y * width + x
                body(pose.part(x, y), &relief[index], &material[index])
            }
        }
    }
}

/// Signed distances in the plane: negative inside, in the units of the arguments.
enum SignedDistance {
    @inline(__always)
    static func length(_ p: SIMD2<Float>) -> Float { (p.x * p.x + p.y * p.y).squareRoot() }

    /// A rectangle with round corners; `half` includes the corners.
    @inline(__always)
    static func roundedBox(_ p: SIMD2<Float>, half: SIMD2<Float>, radius: Float) -> Float {
        let qx = abs(p.x) - half.x + radius
        let qy = abs(p.y) - half.y + radius
        return min(max(qx, qy), 0) + length(SIMD2(max(qx, 0), max(qy, 0))) - radius
    }

    /// The distance to a line segment.
    @inline(__always)
    static func segment(_ p: SIMD2<Float>, from a: SIMD2<Float>, to b: SIMD2<Float>) -> Float {
        let ap = p - a
        let ab = b - a
        let t = saturate((ap.x * ab.x + ap.y * ab.y) / max(ab.x * ab.x + ab.y * ab.y, 1e-9))
        return length(ap - ab * t)
    }
}

/// Mixes two materials; `t` 0 gives the first.
@inline(__always)
func mix(_ a: SIMD4<Float>, _ b: SIMD4<Float>, _ t: Float) -> SIMD4<Float> { a + (b - a) * t }

/// Mixes two numbers; `t` 0 gives the first.
@inline(__always)
func mix(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }

/// A scrambled 32-bit number (the finaliser of MurmurHash3): noise that depends on place alone.
@inline(__always)
func scramble(_ value: UInt32) -> UInt32 {
    var h = value
    h ^= h >> 16
    h &*= 0x85EB_CA6B
    h ^= h >> 13
    h &*= 0xC2B2_AE35
    return h ^ (h >> 16)
}

/// Uniform −1…1 that depends on two indices and a seed alone.
@inline(__always)
func placeNoise(_ x: Int, _ y: Int, _ seed: UInt32) -> Float {
    let h = scramble(
        UInt32(truncatingIfNeeded: x) &* 0x9E37_79B1 ^ scramble(UInt32(truncatingIfNeeded: y) &+ seed &* 0x85EB_CA77))
    return Float(h >> 8) * (2 / 16_777_216) - 1
}
