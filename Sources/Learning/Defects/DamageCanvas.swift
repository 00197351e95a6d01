import Foundation
import Numerics

/// A picture that is being painted on, and the painters of the named kinds of damage. All lengths are shares of the
/// picture's longer side; all colours lie between black and white.
struct DamageCanvas {
    private(set) var pixels: [Float]
    let width: Int
    let height: Int
    let space: PixelSpace
    private var side: Float { Float(max(width, height)) }
    private var plane: Int { width * height }

    init(pixels: [Float], width: Int, height: Int, space: PixelSpace) {
        self.pixels = pixels
        self.width = width
        self.height = height
        self.space = space
    }

    /// Paints one place of `kind`; gives back the noun for it where the painting decides between several.
    mutating func paint(_ kind: PaintedKind, donor: [Float], using random: inout RandomSource) -> String? {
        switch kind {
        case .scratch: return scratch(&random)
        case .crack: return crack(&random)
        case .pit: return pit(&random)
        case .stain: return stain(&random)
        case .contamination: return contamination(donor, &random)
        case .chip: return chip(donor, &random)
        case .dent: return dent(&random)
        case .wiped: return wiped(&random)
        case .uneven: return uneven(&random)
        case .fray: return fray(&random)
        case .missing: return missing(&random)
        case .misplaced: return misplaced(&random)
        }
    }

    // MARK: - Lines

    private mutating func scratch(_ random: inout RandomSource) -> String? {
        let strokes = random.pick([1, 1, 1, 2, 3])
        let angle = random.float(in: 0...2 * .pi)
        var (x, y) = anywhere(&random)
        let target = contrasting(&random, least: 0.12, most: 0.6)
        let opacity = random.float(in: 0.5...1)
        for _ in 0..<strokes {
            let length = random.logFloat(in: 0.06...0.5) * side
            let turn = angle + random.gauss() * 0.06
            let bend = random.gauss() * 0.25 / max(length, 1)
            line(
                from: (x, y), angle: turn, length: length, bend: bend,
                halfWidth: random.logFloat(in: 0.0018...0.006) * side,
                colour: target, opacity: opacity)
            x += random.gauss() * 0.03 * side
            y += random.gauss() * 0.03 * side
        }
        return nil
    }

    /// A jagged walk, dark, now and then with a branch.
    private mutating func crack(_ random: inout RandomSource) -> String? {
        let halfWidth = random.logFloat(in: 0.0016...0.006) * side
        let colour = shade(random.float(in: 0...0.22))
        let opacity = random.float(in: 0.6...1)
        walk(
            from: anywhere(&random), angle: random.float(in: 0...2 * .pi),
            length: random.logFloat(in: 0.1...0.6) * side,
            halfWidth: halfWidth, colour: colour, opacity: opacity, branches: random.integer(below: 3), &random)
        return nil
    }

    private mutating func walk(
        from start: (x: Float, y: Float), angle first: Float, length: Float, halfWidth: Float, colour: SIMD3<Float>,
        opacity: Float, branches: Int, _ random: inout RandomSource
    ) {
        var (x, y) = start
        var angle = first
        var left = length
        var open = branches
        while left > 0 {
            let step = min(left, random.float(in: 0.012...0.05) * side)
            angle += random.gauss() * 0.45
            // Back towards where it was going, so that it crosses the part instead of curling up.
            angle += (first - angle) * 0.3
            line(
                from: (x, y), angle: angle, length: step, bend: 0, halfWidth: halfWidth * random.float(in: 0.7...1.3),
                colour: colour, opacity: opacity)
            x += cos(angle) * step
            y += sin(angle) * step
            left -= step
            if open > 0, random.chance(0.25) {
                open -= 1
                walk(
                    from: (x, y), angle: angle + (random.chance(0.5) ? 1 : -1) * random.float(in: 0.5...1.2),
                    length: left * 0.6, halfWidth: halfWidth * 0.8, colour: colour, opacity: opacity, branches: 0,
                    &random)
            }
        }
    }

    /// One tapered stroke from a point on; `bend` is the turn in radians per pixel.
    private mutating func line(
        from start: (x: Float, y: Float), angle: Float, length: Float, bend: Float, halfWidth: Float,
        colour: SIMD3<Float>, opacity: Float
    ) {
        let steps = max(1, Int(length.rounded(.up)))
        let reach = Int(halfWidth.rounded(.up)) + 1
        var cover: [Int: Float] = [:]
        var (x, y, turn) = (start.x, start.y, angle)
        for step in 0...steps {
            let t = Float(step) / Float(steps)
            let own = halfWidth * (0.55 + 0.45 * (1 - abs(2 * t - 1)))
            for py in Int(y) - reach...Int(y) + reach where py >= 0 && py < height {
                for px in Int(x) - reach...Int(x) + reach where px >= 0 && px < width {
                    let (dx, dy) = (Float(px) - x, Float(py) - y)
                    let value = saturate(own + 0.5 - (dx * dx + dy * dy).squareRoot())
                    if value > 0 { cover[py * width + px] = max(cover[py * width + px] ?? 0, value) }
                }
            }
            x += cos(turn) * length / Float(steps)
            y += sin(turn) * length / Float(steps)
            turn += bend * length / Float(steps)
        }
        for (index, value) in cover { mix(index, colour, value * opacity) }
    }

    // MARK: - Spots

    private mutating func pit(_ random: inout RandomSource) -> String? {
        let radius = random.logFloat(in: 0.008...0.045) * side
        let colour = shade(random.float(in: 0...0.25))
        let (x, y) = anywhere(&random)
        let squeeze = random.float(in: 0.6...1)
        let angle = random.float(in: 0...2 * .pi)
        spot(x: x, y: y, radius: radius * 1.25, squeeze: squeeze, angle: angle, rim: 0, wobble: 0.1, &random) {
            canvas, index, cover in
            canvas.mix(index, canvas.shade(0.62), cover * 0.18)
        }
        spot(x: x, y: y, radius: radius, squeeze: squeeze, angle: angle, rim: 0.35, wobble: 0.12, &random) {
            canvas, index, cover in
            canvas.mix(index, colour, cover * 0.92)
        }
        return nil
    }

    private mutating func stain(_ random: inout RandomSource) -> String? {
        let look = random.pick([
            ("rust stain", SIMD3<Float>(0.45, 0.24, 0.1)), ("oil stain", SIMD3(0.22, 0.19, 0.12)),
            ("ink stain", SIMD3(0.1, 0.1, 0.35)), ("stain", SIMD3(0.3, 0.28, 0.25)),
            ("discoloured spot", SIMD3(0.75, 0.72, 0.62)), ("liquid mark", SIMD3(0.35, 0.35, 0.36)),
        ])
        let colour = space.black + look.1 * (space.white - space.black)
        let opacity = random.float(in: 0.3...0.75)
        let (x, y) = anywhere(&random)
        spot(
            x: x, y: y, radius: random.logFloat(in: 0.03...0.17) * side, squeeze: random.float(in: 0.5...1),
            angle: random.float(in: 0...2 * .pi), rim: random.float(in: 0.15...0.6), wobble: 0.3, &random
        ) { canvas, index, cover in canvas.mix(index, colour, cover * opacity) }
        return random.chance(0.6) ? look.0 : nil
    }

    private mutating func contamination(_ donor: [Float], _ random: inout RandomSource) -> String? {
        let (x, y) = anywhere(&random)
        let colour = contrasting(&random, least: 0.2, most: 0.9)
        if random.chance(0.35) {
            let length = random.logFloat(in: 0.08...0.35) * side
            line(
                from: (x, y), angle: random.float(in: 0...2 * .pi), length: length,
                bend: (random.chance(0.5) ? 1 : -1) * random.float(in: 1.2...4.5) / length,
                halfWidth: random.logFloat(in: 0.002...0.006) * side, colour: colour, opacity: 1)
            return random.pick(["fibre", "lint", "hair"])
        }
        let radius = random.logFloat(in: 0.012...0.08) * side
        let grain = random.float(in: 0.05...0.25)
        let isForeign = random.chance(0.3)
        let (shiftX, shiftY) = (random.integer(below: width), random.integer(below: height))
        var noise = random
        spot(
            x: x, y: y, radius: radius, squeeze: random.float(in: 0.45...1), angle: random.float(in: 0...2 * .pi),
            rim: 0.05, wobble: 0.35, &random
        ) { canvas, index, cover in
            var value = colour + Float(noise.uniform() - 0.5) * grain * (canvas.space.white - canvas.space.black)
            if isForeign {
                let (sx, sy) = (
                    (index % canvas.width + shiftX) % canvas.width, (index / canvas.width + shiftY) % canvas.height
                )
                for channel in 0..<3 { value[channel] = donor[(channel * canvas.height + sy) * canvas.width + sx] }
            }
            canvas.mix(index, value, cover)
        }
        return random.pick([
            "foreign particle", "dust particle", "foreign body", "speck of dirt", "loose particle", "contamination",
        ])
    }

    /// A piece broken out: an angular area, opaque, of another shade than what was there, lighter or darker at its edge.
    private mutating func chip(_ donor: [Float], _ random: inout RandomSource) -> String? {
        let radius = random.logFloat(in: 0.035...0.22) * side
        let (x, y) = structured(&random)
        let corners = 4 + random.integer(below: 4)
        var polygon: [SIMD2<Float>] = []
        let start = random.float(in: 0...2 * .pi)
        for corner in 0..<corners {
            let angle = start + (Float(corner) + random.float(in: -0.3...0.3)) / Float(corners) * 2 * .pi
            polygon.append(SIMD2(cos(angle), sin(angle)) * radius * random.float(in: 0.55...1.25) + SIMD2(x, y))
        }
        let fill = random.chance(0.6) ? shade(random.float(in: 0...0.3)) : contrasting(&random, least: 0.15, most: 0.6)
        let edge = contrasting(&random, least: 0.2, most: 0.7)
        let grain = random.float(in: 0.02...0.15)
        let field = SmoothNoise.field(width: width, height: height, cell: max(2, radius / 3), using: &random)
        area(around: (x, y), reach: radius * 1.3) { canvas, index, px, py in
            let depth = Self.depth(SIMD2(px, py), in: polygon)
            guard depth > -1 else { return }
            let tone = fill + (field[index] - 0.5) * grain * (canvas.space.white - canvas.space.black)
            canvas.mix(index, depth < 1.8 ? edge : tone, saturate(depth + 1))
        }
        return radius > 0.13 * side ? random.pick(["large break", "breakage", "broken-off piece", "broken area"]) : nil
    }

    /// Shading of a hollow: one side dark, the other bright, what lies in it slightly bent.
    private mutating func dent(_ random: inout RandomSource) -> String? {
        let radius = random.logFloat(in: 0.025...0.12) * side
        let (x, y) = anywhere(&random)
        let light = random.float(in: 0...2 * .pi)
        let strength = random.float(in: 0.12...0.4)
        let direction = SIMD2(cos(light), sin(light))
        let source = pixels
        let span = space.white - space.black
        spot(
            x: x, y: y, radius: radius, squeeze: random.float(in: 0.55...1), angle: random.float(in: 0...2 * .pi),
            rim: 0.5, wobble: 0.08, &random
        ) { canvas, index, cover in
            let offset = SIMD2(Float(index % canvas.width) - x, Float(index / canvas.width) - y) / radius
            let slope = (offset * direction).sum()
            let px = min(max(Int(x + offset.x * radius * 0.85), 0), canvas.width - 1)
            let py = min(max(Int(y + offset.y * radius * 0.85), 0), canvas.height - 1)
            var value = SIMD3<Float>.zero
            for channel in 0..<3 { value[channel] = source[(channel * canvas.height + py) * canvas.width + px] }
            canvas.mix(index, value + slope * strength * span, cover)
        }
        return nil
    }

    // MARK: - Areas

    /// Blurred and faded towards its mean.
    private mutating func wiped(_ random: inout RandomSource) -> String? {
        let radius = random.logFloat(in: 0.05...0.18) * side
        let (x, y) = structured(&random)
        let blur = max(2, Int(radius * random.float(in: 0.15...0.4)))
        let angle = random.float(in: 0...2 * .pi)
        let isSmear = random.chance(0.4)
        let source = pixels
        let direction = SIMD2(cos(angle), sin(angle))
        spot(
            x: x, y: y, radius: radius, squeeze: random.float(in: 0.5...1), angle: angle, rim: 0.25, wobble: 0.2,
            &random
        ) { canvas, index, cover in
            var value = SIMD3<Float>.zero
            var count: Float = 0
            let (px, py) = (index % canvas.width, index / canvas.width)
            for a in stride(from: -blur, through: blur, by: max(1, blur / 3)) {
                for b in stride(from: -blur, through: blur, by: max(1, blur / 3)) {
                    let dx = isSmear ? Int(Float(a) * 1.6 * direction.x) : a
                    let dy = isSmear ? Int(Float(a) * 1.6 * direction.y) : b
                    let sx = min(max(px + dx, 0), canvas.width - 1)
                    let sy = min(max(py + dy, 0), canvas.height - 1)
                    for channel in 0..<3 {
                        value[channel] += source[(channel * canvas.height + sy) * canvas.width + sx]
                    }
                    count += 1
                }
            }
            canvas.mix(index, value / count, cover * 0.95)
        }
        return nil
    }

    private mutating func uneven(_ random: inout RandomSource) -> String? {
        let field = SmoothNoise.field(
            width: width, height: height, cell: random.float(in: 0.18...0.6) * side, using: &random)
        let strength = random.float(in: 0.18...0.5) * (random.chance(0.5) ? 1 : -1)
        let level = random.float(in: 0.35...0.65)
        let span = space.white - space.black
        for index in 0..<plane {
            let cover = smoothUnit((field[index] - level) * 1.6 + 0.2)
            guard cover > 0 else { continue }
            mix(index, colour(index) + strength * span, cover)
        }
        return nil
    }

    /// Every pixel from a random place near by, with grain: structure lost, roughness gained.
    private mutating func fray(_ random: inout RandomSource) -> String? {
        let radius = random.logFloat(in: 0.05...0.2) * side
        let (x, y) = structured(&random)
        let jitter = random.float(in: 0.008...0.03) * side
        let grain = random.float(in: 0.08...0.3)
        let lift = random.float(in: -0.12...0.2)
        let source = pixels
        var noise = random
        spot(
            x: x, y: y, radius: radius, squeeze: random.float(in: 0.25...0.8), angle: random.float(in: 0...2 * .pi),
            rim: 0.3, wobble: 0.5, &random
        ) { canvas, index, cover in
            let px = Float(index % canvas.width) + Float(noise.uniform() - 0.5) * 2 * jitter
            let py = Float(index / canvas.width) + Float(noise.uniform() - 0.5) * 2 * jitter
            let sx = min(max(Int(px), 0), canvas.width - 1)
            let sy = min(max(Int(py), 0), canvas.height - 1)
            var value = SIMD3<Float>.zero
            for channel in 0..<3 { value[channel] = source[(channel * canvas.height + sy) * canvas.width + sx] }
            let span = canvas.space.white - canvas.space.black
            canvas.mix(index, value + (Float(noise.uniform() - 0.5) * 2 * grain + lift) * span, cover)
        }
        return nil
    }

    /// Something is gone: the place is filled with what surrounds it.
    private mutating func missing(_ random: inout RandomSource) -> String? {
        let radius = random.logFloat(in: 0.035...0.14) * side
        let (x, y) = structured(&random)
        let ring = ringColour(x: x, y: y, radius: radius * 1.2)
        let grain = random.float(in: 0...0.05)
        var noise = random
        spot(
            x: x, y: y, radius: radius, squeeze: random.float(in: 0.6...1), angle: random.float(in: 0...2 * .pi),
            rim: 0.15, wobble: 0.05, &random
        ) { canvas, index, cover in
            let offset = SIMD2(Float(index % canvas.width) - x, Float(index / canvas.width) - y)
            let angle = atan2(offset.y, offset.x)
            let place = (angle / (2 * .pi) + 1).truncatingRemainder(dividingBy: 1) * Float(ring.count)
            let value = ring[min(ring.count - 1, Int(place))]
            let mean = ring.reduce(SIMD3<Float>.zero, +) / Float(ring.count)
            let near = min(1, (offset * offset).sum().squareRoot() / radius)
            let span = canvas.space.white - canvas.space.black
            canvas.mix(index, mean + (value - mean) * near + Float(noise.uniform() - 0.5) * grain * span, cover)
        }
        return nil
    }

    /// A round piece of the picture, moved or turned, over what surrounds its old place.
    private mutating func misplaced(_ random: inout RandomSource) -> String? {
        let radius = random.logFloat(in: 0.05...0.15) * side
        let (x, y) = structured(&random)
        let isTurned = random.chance(0.5)
        let angle = isTurned ? (random.chance(0.5) ? 1 : -1) * random.float(in: 0.25...1.3) : 0
        let way = random.float(in: 0...2 * .pi)
        let distance = isTurned ? 0 : random.float(in: 0.2...0.6) * radius
        let shift = SIMD2(cos(way), sin(way)) * distance
        let source = pixels
        let ring = ringColour(x: x, y: y, radius: radius * 1.15)
        let mean = ring.reduce(SIMD3<Float>.zero, +) / Float(ring.count)
        if !isTurned {
            area(around: (x, y), reach: radius) { canvas, index, px, py in
                let r = ((px - x) * (px - x) + (py - y) * (py - y)).squareRoot()
                canvas.mix(index, mean, saturate((radius - r) / (0.25 * radius)))
            }
        }
        area(around: (x + shift.x, y + shift.y), reach: radius) { canvas, index, px, py in
            let d = SIMD2(px, py) - SIMD2(x, y) - shift
            let r = (d * d).sum().squareRoot()
            let cover = saturate((radius - r) / (0.12 * radius))
            guard cover > 0 else { return }
            let sx = min(max(Int((x + d.x * cos(angle) + d.y * sin(angle)).rounded()), 0), canvas.width - 1)
            let sy = min(max(Int((y - d.x * sin(angle) + d.y * cos(angle)).rounded()), 0), canvas.height - 1)
            var value = SIMD3<Float>.zero
            for channel in 0..<3 { value[channel] = source[(channel * canvas.height + sy) * canvas.width + sx] }
            canvas.mix(index, value, cover)
        }
        return isTurned ? random.pick(["rotation error", "turned part", "crooked feature"]) : nil
    }

    // MARK: - What painters share

    private func colour(_ index: Int) -> SIMD3<Float> {
        SIMD3(pixels[index], pixels[plane + index], pixels[2 * plane + index])
    }

    fileprivate mutating func mix(_ index: Int, _ value: SIMD3<Float>, _ cover: Float) {
        for channel in 0..<3 {
            let old = pixels[channel * plane + index]
            let wanted = min(max(value[channel], space.black[channel]), space.white[channel])
            pixels[channel * plane + index] = old + min(1, cover) * (wanted - old)
        }
    }

    /// A grey of this share of white.
    fileprivate func shade(_ share: Float) -> SIMD3<Float> { space.black + share * (space.white - space.black) }

    private func anywhere(_ random: inout RandomSource) -> (x: Float, y: Float) {
        (random.float(in: 0.04...0.96) * Float(width), random.float(in: 0.04...0.96) * Float(height))
    }

    /// The most structured of eight places: where something is that can vanish, move or break.
    private func structured(_ random: inout RandomSource) -> (x: Float, y: Float) {
        var best = anywhere(&random)
        var most: Float = -1
        let reach = max(3, Int(0.04 * side))
        for _ in 0..<8 {
            let place = anywhere(&random)
            let (px, py) = (Int(place.x), Int(place.y))
            var (sum, square, count): (Float, Float, Float) = (0, 0, 0)
            for y in stride(from: max(0, py - reach), to: min(height, py + reach), by: 2) {
                for x in stride(from: max(0, px - reach), to: min(width, px + reach), by: 2) {
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

    /// A colour that differs from the picture's mean by a share of the way from black to white.
    private func contrasting(_ random: inout RandomSource, least: Float, most: Float) -> SIMD3<Float> {
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
    private func ringColour(x: Float, y: Float, radius: Float) -> [SIMD3<Float>] {
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
    private mutating func area(
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
    private mutating func spot(
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
    private static func depth(_ point: SIMD2<Float>, in polygon: [SIMD2<Float>]) -> Float {
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
