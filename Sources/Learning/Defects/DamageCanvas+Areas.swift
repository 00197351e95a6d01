import Foundation
import Numerics

/// What is worn, faded, uneven, gone or moved.
extension DamageCanvas {
    /// Blurred and faded towards its mean.
    mutating func wiped(_ random: inout RandomSource) -> String? {
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

    /// Brightness and contrast that differ over a large part of the picture, with a soft edge or a straight one.
    mutating func uneven(_ random: inout RandomSource) -> String? {
        let strength = random.logFloat(in: 0.05...0.3) * (random.chance(0.5) ? 1 : -1)
        let contrast = random.float(in: 0.5...1.8)
        let span = space.white - space.black
        let source = pixels
        // What smooths out in a neighbourhood is the shade; what is left of it the texture, which changes its contrast.
        let reach = max(2, Int(0.03 * side))
        func changed(_ canvas: DamageCanvas, _ index: Int) -> SIMD3<Float> {
            let (x, y) = (index % canvas.width, index / canvas.width)
            var mean = SIMD3<Float>.zero
            for (dx, dy) in [(reach, 0), (-reach, 0), (0, reach), (0, -reach)] {
                let near = min(max(y + dy, 0), canvas.height - 1) * canvas.width + min(max(x + dx, 0), canvas.width - 1)
                for channel in 0..<3 { mean[channel] += source[channel * canvas.plane + near] / 4 }
            }
            return mean + (canvas.colour(index) - mean) * contrast + strength * span
        }
        if random.chance(0.5) {
            let angle = random.pick([0, 0.5, 1, 1.5]) * Float.pi + random.gauss() * 0.15
            let (x, y) = (random.float(in: 0.2...0.8) * Float(width), random.float(in: 0.2...0.8) * Float(height))
            let depth = random.float(in: 0.15...0.6) * side
            let soft = random.float(in: 1...12)
            for index in 0..<plane {
                let along =
                    (Float(index % width) - x) * cos(angle) + (Float(index / width) - y) * sin(angle)
                let cover = saturate(along / soft) * saturate((depth - along) / soft)
                if cover > 0 { mix(index, changed(self, index), cover) }
            }
            return nil
        }
        let field = SmoothNoise.field(
            width: width, height: height, cell: random.float(in: 0.2...0.6) * side, using: &random)
        let level = random.float(in: 0.4...0.65)
        for index in 0..<plane {
            let cover = smoothUnit((field[index] - level) * 1.6 + 0.2)
            if cover > 0 { mix(index, changed(self, index), cover) }
        }
        return nil
    }

    /// Worn or ragged: every pixel from a random place near by, with grain, or rubbed smooth; often with a torn outline.
    mutating func fray(_ random: inout RandomSource) -> String? {
        let radius = random.logFloat(in: 0.05...0.4) * side
        let (x, y) = structured(&random)
        let jitter = random.float(in: 0.008...0.03) * side
        let isRubbed = random.chance(0.45)
        let grain = random.float(in: 0.02...0.2)
        let lift = random.float(in: -0.1...0.15)
        let hasOutline = random.chance(0.5)
        let outline = random.float(in: -0.2 ... -0.05)
        let source = pixels
        var noise = random
        spot(
            x: x, y: y, radius: radius, squeeze: random.float(in: 0.2...0.9), angle: random.float(in: 0...2 * .pi),
            rim: 0.12, wobble: 0.3, &random
        ) { canvas, index, cover in
            var value = SIMD3<Float>.zero
            let samples = isRubbed ? 5 : 1
            for _ in 0..<samples {
                let px = Float(index % canvas.width) + Float(noise.uniform() - 0.5) * 2 * jitter
                let py = Float(index / canvas.width) + Float(noise.uniform() - 0.5) * 2 * jitter
                let sx = min(max(Int(px), 0), canvas.width - 1)
                let sy = min(max(Int(py), 0), canvas.height - 1)
                for channel in 0..<3 { value[channel] += source[(channel * canvas.height + sy) * canvas.width + sx] }
            }
            let span = canvas.space.white - canvas.space.black
            let edge = hasOutline && cover < 0.6 ? outline : lift
            canvas.mix(
                index, value / Float(samples) + (Float(noise.uniform() - 0.5) * 2 * grain + edge) * span, cover)
        }
        return nil
    }

    /// Something is gone: the place is filled with what surrounds it.
    mutating func missing(_ random: inout RandomSource) -> String? {
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
    mutating func misplaced(_ random: inout RandomSource) -> String? {
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
}
