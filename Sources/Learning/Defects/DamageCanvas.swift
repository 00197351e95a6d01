import Foundation
import Numerics

/// A picture that is being painted on, and the painters of the named kinds of damage. All lengths are shares of the
/// picture's longer side; all colours lie between black and white.
struct DamageCanvas {
    private(set) var pixels: [Float]
    let width: Int
    let height: Int
    let space: PixelSpace
    /// True where the picture has no colours: then damage has none either.
    private let isGrey: Bool
    /// What lies behind the part, where the picture shows it: damage is on the part.
    let ground: PartGround?
    var side: Float { Float(max(width, height)) }
    var plane: Int { width * height }

    init(pixels: [Float], width: Int, height: Int, space: PixelSpace) {
        self.pixels = pixels
        self.width = width
        self.height = height
        self.space = space
        let plane = width * height
        let span = space.white - space.black
        var (chroma, count): (Float, Float) = (0, 0)
        for index in stride(from: 0, to: plane, by: max(1, plane / 2000)) {
            let value = (SIMD3(pixels[index], pixels[plane + index], pixels[2 * plane + index]) - space.black) / span
            chroma += value.max() - value.min()
            count += 1
        }
        isGrey = chroma < 0.015 * count
        ground = PartGround(pixels: pixels, width: width, height: height, space: space)
    }

    /// Paints one place of `kind`; gives back the noun for it where the painting decides between several.
    mutating func paint(_ kind: PaintedKind, donor: [Float], using random: inout RandomSource) -> String? {
        switch kind {
        case .scratch: return scratch(&random)
        case .crack: return crack(&random)
        case .pit: return pit(&random)
        case .stain: return stain(&random)
        case .contamination: return contamination(donor, &random)
        case .chip: return chip(&random)
        case .dent: return dent(&random)
        case .wiped: return wiped(&random)
        case .uneven: return uneven(&random)
        case .fray: return fray(&random)
        case .missing: return missing(&random)
        case .misplaced: return misplaced(&random)
        }
    }

    // MARK: - What painters share

    func colour(_ index: Int) -> SIMD3<Float> {
        SIMD3(pixels[index], pixels[plane + index], pixels[2 * plane + index])
    }

    mutating func mix(_ index: Int, _ value: SIMD3<Float>, _ cover: Float) {
        var value = value
        if isGrey {
            let share = (value - space.black) / (space.white - space.black)
            value = shade(share.sum() / 3)
        }
        for channel in 0..<3 {
            let old = pixels[channel * plane + index]
            let wanted = min(max(value[channel], space.black[channel]), space.white[channel])
            pixels[channel * plane + index] = old + min(1, cover) * (wanted - old)
        }
    }

    /// A grey of this share of white.
    func shade(_ share: Float) -> SIMD3<Float> { space.black + share * (space.white - space.black) }

    /// A place on the part, the more structured of two: where nothing tells part and ground apart, that is more often part.
    func anywhere(_ random: inout RandomSource) -> (x: Float, y: Float) { structured(&random, of: 2) }

    /// The most structured of some places on the part: where something is that can vanish, move or break.
    func structured(_ random: inout RandomSource, of tries: Int = 6) -> (x: Float, y: Float) {
        var best = place(&random)
        var most: Float = -1
        let reach = max(3, Int(0.04 * side))
        for _ in 0..<tries {
            let place = place(&random)
            let (px, py) = (Int(place.x), Int(place.y))
            var (sum, square, count): (Float, Float, Float) = (0, 0, 0)
            for y in stride(from: max(0, py - reach), to: min(height, py + reach), by: 2) {
                for x in stride(from: max(0, px - reach), to: min(width, px + reach), by: 2) {
                    // The outline against the ground is no structure of the part.
                    if let ground, !ground.isInside[y * width + x] { continue }
                    let value = pixels[plane + y * width + x]
                    sum += value
                    square += value * value
                    count += 1
                }
            }
            let variance = square / max(1, count) - (sum / max(1, count)) * (sum / max(1, count))
            if variance > most { (most, best) = (variance, place) }
        }
        return best
    }

    /// Any place, on the part where that is known.
    private func place(_ random: inout RandomSource) -> (x: Float, y: Float) {
        for _ in 0..<20 {
            let (x, y) = (
                random.float(in: 0.03...0.97) * Float(width), random.float(in: 0.03...0.97) * Float(height)
            )
            if ground?.isPart[Int(y) * width + Int(x)] ?? true { return (x, y) }
        }
        return (Float(width) / 2, Float(height) / 2)
    }

    /// A colour that differs from the picture's mean by a share of the way from black to white.
    func contrasting(_ random: inout RandomSource, least: Float, most: Float) -> SIMD3<Float> {
        var mean = SIMD3<Float>.zero
        let step = max(1, plane / 1000)
        for index in stride(from: 0, to: plane, by: step) { mean += colour(index) }
        mean /= Float((plane + step - 1) / step)
        let span = space.white - space.black
        let tint = SIMD3(random.gauss(), random.gauss(), random.gauss()) * 0.06
        let change = random.float(in: least...most) * (random.chance(0.5) ? 1 : -1)
        return mean + (change + tint) * span
    }

    /// Mean colours around a circle, 24 of them.
    func ringColour(x: Float, y: Float, radius: Float) -> [SIMD3<Float>] {
        (0..<24).map { step in
            let angle = Float(step) / 24 * 2 * .pi
            var sum = SIMD3<Float>.zero
            for k in 0..<3 {
                let r = radius * (1 + 0.08 * Float(k))
                let px = min(max(Int(x + cos(angle) * r), 0), width - 1)
                let py = min(max(Int(y + sin(angle) * r), 0), height - 1)
                sum += colour(py * width + px)
            }
            return sum / 3
        }
    }

    /// Every pixel of a square around a place.
    mutating func area(
        around place: (x: Float, y: Float), reach: Float, _ body: (inout DamageCanvas, Int, Float, Float) -> Void
    ) {
        let top = max(0, Int(place.y - reach))
        let bottom = min(height - 1, Int(place.y + reach) + 1)
        let left = max(0, Int(place.x - reach))
        let right = min(width - 1, Int(place.x + reach) + 1)
        guard top <= bottom, left <= right else { return }
        for y in top...bottom {
            for x in left...right { body(&self, y * width + x, Float(x), Float(y)) }
        }
    }

    /// A spot whose outline wobbles; `rim` is the soft part of its radius.
    mutating func spot(
        x: Float, y: Float, radius: Float, squeeze: Float, angle: Float, rim: Float, wobble: Float,
        _ random: inout RandomSource, _ body: (inout DamageCanvas, Int, Float) -> Void
    ) {
        let waves = (0..<4).map { order in
            (random.float(in: 0...2 * .pi), random.gauss() * wobble / Float(order + 1))
        }
        let (c, s) = (cos(angle), sin(angle))
        let soft = max(rim * radius, 0.8)
        area(around: (x, y), reach: radius * (1 + 2 * wobble) + 1) { canvas, index, px, py in
            let u = (px - x) * c + (py - y) * s
            let v = ((py - y) * c - (px - x) * s) / squeeze
            let direction = atan2(v, u)
            var own = radius
            for (order, wave) in waves.enumerated() {
                own += radius * wave.1 * sin(Float(order + 2) * direction + wave.0)
            }
            let cover = saturate((own - (u * u + v * v).squareRoot()) / soft)
            if cover > 0 { body(&canvas, index, cover) }
        }
    }

    /// Signed distance to a polygon's nearest edge, positive inside.
    static func depth(_ point: SIMD2<Float>, in polygon: [SIMD2<Float>]) -> Float {
        var isInside = false
        var nearest = Float.infinity
        for (index, a) in polygon.enumerated() {
            let b = polygon[(index + 1) % polygon.count]
            let edge = b - a
            let t = saturate(((point - a) * edge).sum() / max((edge * edge).sum(), 1e-6))
            let offset = point - a - edge * t
            nearest = min(nearest, (offset * offset).sum().squareRoot())
            if (a.y > point.y) != (b.y > point.y),
                point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x
            {
                isInside.toggle()
            }
        }
        return isInside ? nearest : -nearest
    }
}
