import Foundation
import Numerics

/// Pits, stains, foreign bodies, chips and dents.
extension DamageCanvas {
    mutating func pit(_ random: inout RandomSource) -> String? {
        let radius = max(2.5, random.logFloat(in: 0.008...0.045) * side)
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

    mutating func stain(_ random: inout RandomSource) -> String? {
        let look = random.pick([
            ("rust stain", SIMD3<Float>(0.45, 0.24, 0.1)), ("oil stain", SIMD3(0.22, 0.19, 0.12)),
            ("ink stain", SIMD3(0.1, 0.1, 0.35)), ("stain", SIMD3(0.3, 0.28, 0.25)),
            ("discoloured spot", SIMD3(0.75, 0.72, 0.62)), ("liquid mark", SIMD3(0.35, 0.35, 0.36)),
        ])
        let colour = space.black + look.1 * (space.white - space.black)
        let opacity = random.float(in: 0.3...0.75)
        let (x, y) = anywhere(&random)
        spot(
            x: x, y: y, radius: random.logFloat(in: 0.03...0.2) * side, squeeze: random.float(in: 0.5...1),
            angle: random.float(in: 0...2 * .pi), rim: random.float(in: 0.15...0.6), wobble: 0.3, &random
        ) { canvas, index, cover in canvas.mix(index, colour, cover * opacity) }
        return random.chance(0.6) ? look.0 : nil
    }

    mutating func contamination(_ donor: [Float], _ random: inout RandomSource) -> String? {
        let (x, y) = anywhere(&random)
        let colour = contrasting(&random, least: 0.2, most: 0.9)
        if random.chance(0.35) {
            let length = random.logFloat(in: 0.08...0.35) * side
            line(
                from: (x, y), angle: random.float(in: 0...2 * .pi), length: length,
                bend: (random.chance(0.5) ? 1 : -1) * random.float(in: 1.2...4.5) / length,
                halfWidth: random.logFloat(in: 0.002...0.016) * side, colour: colour, opacity: 1)
            return random.pick(["fibre", "lint", "hair"])
        }
        let radius = random.logFloat(in: 0.012...0.2) * side
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

    /// Shading of a hollow: one side dark, the other bright, what lies in it slightly bent.
    mutating func dent(_ random: inout RandomSource) -> String? {
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
}
