import Imaging

/// Where a defect changed the picture: the exact support of the difference of two noise-free pictures.
struct Truth {
    /// A pixel counts from this difference in its strongest channel, in display levels of 255: about what the sensor's
    /// noise leaves visible.
    static let visible: Float = 4
    /// A defect is clear if some pixels differ by this much.
    static let strong: Float = 20

    let mask: Image
    /// Pixels in the mask, and those among them that differ strongly.
    let area: Int
    let strongArea: Int
    /// The middle of the mask in pixels, weighted by the difference.
    let centre: SIMD2<Float>
    /// Bounding box of the mask in pixels.
    let box: (x: Int, y: Int, width: Int, height: Int)
    /// Mean change of brightness inside the mask, in display levels.
    let brightness: Float

    init(good: [SIMD4<Float>], bad: [SIMD4<Float>], width: Int, height: Int) {
        var pixels = [UInt8](repeating: 0, count: width * height)
        var (area, strongArea) = (0, 0)
        var (x0, y0, x1, y1) = (width, height, -1, -1)
        var (sumX, sumY, weight, change): (Float, Float, Float, Float) = (0, 0, 0, 0)
        for y in 0..<height {
            for x in 0..<width {
                let index = y * width + x
                let d = bad[index] - good[index]
                let size = max(abs(d.x), max(abs(d.y), abs(d.z)))
                guard size >= Self.visible else { continue }
                pixels[index] = 255
                area += 1
                if size >= Self.strong { strongArea += 1 }
                x0 = min(x0, x)
                x1 = max(x1, x)
                y0 = min(y0, y)
                y1 = max(y1, y)
                sumX += Float(x) * size
                sumY += Float(y) * size
                weight += size
                change += (d.x + d.y + d.z) / 3
            }
        }
        mask = Image(width: width, height: height, channels: 1, pixels: pixels)
        self.area = area
        self.strongArea = strongArea
        centre = weight > 0 ? SIMD2(sumX, sumY) / weight : SIMD2(Float(width), Float(height)) / 2
        box = area > 0 ? (x0, y0, x1 - x0 + 1, y1 - y0 + 1) : (0, 0, 0, 0)
        brightness = area > 0 ? change / Float(area) : 0
    }

    /// Large and strong enough that a careful person finds it: at least 0.02 % of the picture, an eighth of it strongly
    /// changed.
    var isClear: Bool { area * 5_000 >= mask.width * mask.height && strongArea * 8 >= area && strongArea >= 6 }
}
