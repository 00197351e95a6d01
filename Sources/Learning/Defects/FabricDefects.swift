import Foundation
import Numerics

/// Defects that belong to the weave.
struct FabricDefects {
    let scene: FabricScene
    let severity: Float
    private var unit: Float { Float(min(scene.width, scene.height)) / 320 }

    init(scene: FabricScene, severity: Float) {
        self.scene = scene
        self.severity = severity
    }

    /// One to three neighbouring threads missing over a stretch or right across.
    func missing(at point: SIMD2<Float>, using random: inout RandomSource) -> (WeaveFault, DefectNote) {
        let p = scene.threads(at: point)
        let isWarp = random.chance(0.5)
        let count = 1 + random.integer(below: 3)
        let half = random.chance(0.2) ? 1_000 : random.logFloat(in: 3...14)
        var fault = WeaveFault()
        let (across, along) = isWarp ? (p.x, p.y) : (p.y, p.x)
        for index in 0..<count {
            let ragged = random.float(in: 0.85...1.15) * half
            fault.gaps.append(
                WeaveFault.Gap(
                    isWarp: isWarp, thread: Int(across.rounded(.down)) + index, from: along - ragged, to: along + ragged
                ))
        }
        let name = isWarp ? "warp" : "weft"
        let plural = count == 1 ? "thread" : "threads"
        let verb = count == 1 ? "is" : "are"
        let amount = ["one", "two", "three"][count - 1]
        return (
            fault,
            DefectNote(
                nouns: ["missing \(plural)", "missing \(name) \(plural)", "gap in the weave"],
                looks: [isWarp ? "vertical" : "horizontal"],
                statements: [
                    "\(amount) \(name) \(plural) \(verb) missing",
                    "\(amount) \(isWarp ? "vertical" : "horizontal") \(plural) \(verb) missing",
                    "the weave has a gap where \(amount) \(plural) should be",
                ])
        )
    }

    /// A patch where the twill runs the other way and is turned.
    func turned(at point: SIMD2<Float>, using random: inout RandomSource) -> (WeaveFault, DefectNote) {
        var region = Stencil(width: scene.width, height: scene.height)
        region.patch(
            centre: point, size: random.logFloat(in: 14...42) * unit, squash: random.float(in: 0.55...1),
            angle: random.float(in: 0...Float.pi), roughness: 0.2, softness: 1, using: &random)
        var fault = WeaveFault()
        fault.turned = region
        fault.turn = (random.chance(0.5) ? 1 : -1) * random.float(in: 0.15...0.8)
        return (
            fault,
            DefectNote(
                nouns: ["patch of broken weave", "weave fault", "patch of distorted weave"],
                looks: ["turned", "skewed"],
                statements: [
                    "the weave direction is broken", "the twill runs the wrong way", "a patch of the weave is turned",
                ])
        )
    }

    /// A thread pulled out that lies in loops on the cloth.
    func looseThread(
        _ surface: inout Surface, at point: SIMD2<Float>, using random: inout RandomSource
    ) -> DefectNote {
        var stencil = Stencil(width: scene.width, height: scene.height)
        let isWarp = random.chance(0.5)
        let colour = (isWarp ? scene.warpColour : scene.weftColour) * 1.08
        let halfWidth = scene.period * 0.36
        let length = random.logFloat(in: 40...150) * unit
        var heading = random.float(in: 0...2 * Float.pi)
        var curl = random.gauss() * 0.1
        let step = 3 * unit
        var p = point - SIMD2(cos(heading), sin(heading)) * length * 0.3
        for _ in 0..<Int(length / step) {
            curl = 0.93 * curl + random.gauss() * 0.05
            heading += curl
            let next = p + SIMD2(cos(heading), sin(heading)) * step
            stencil.raise(pointwiseMin(p, next) - halfWidth - 1, pointwiseMax(p, next) + halfWidth + 1) { q in
                // The value carries the round cross-section: 1 on the axis, falling to the sides.
                let t = SignedDistance.segment(q, from: p, to: next) / halfWidth
                return t < 1 ? max(0.05, (1 - t * t).squareRoot()) : 0
            }
            p = next
        }
        stencil.visit { index, x, y, value in
            let stripe = 1 + 0.14 * ((x + y) % max(2, Int(3 * unit)) == 0 ? -1 : 0.5)
            surface.material[index] = mix(
                surface.material[index], colour * Float(stripe) * (0.6 + 0.4 * value), saturate(value * 3))
            surface.relief[index] = mix(surface.relief[index], (3.2 + 3.4 * value) * unit, saturate(value * 3))
        }
        return DefectNote(
            nouns: ["loose thread", "pulled thread", "snagged thread"],
            looks: [isWarp ? "dark blue" : "light", "curled"],
            statements: ["a thread has come loose", "a pulled thread lies on the cloth"])
    }

    /// A rubbed patch: the weave blurs away under raised fibres.
    func fuzzy(_ surface: inout Surface, at point: SIMD2<Float>, using random: inout RandomSource) -> DefectNote {
        var region = Stencil(width: scene.width, height: scene.height)
        region.patch(
            centre: point, size: random.logFloat(in: 11...38) * unit, squash: random.float(in: 0.55...1),
            angle: random.float(in: 0...Float.pi), roughness: 0.25, softness: 6 * unit, using: &random)
        let radius = max(1, Int(((2 + 2.5 * severity) * unit).rounded()))
        let source = surface
        let (width, height) = (surface.width, surface.height)
        region.visit { index, x, y, value in
            var material = SIMD4<Float>.zero
            var relief: Float = 0
            var count: Float = 0
            for dy in stride(from: -radius, through: radius, by: 1) {
                for dx in stride(from: -radius, through: radius, by: 1) {
                    let other = min(max(y + dy, 0), height - 1) * width + min(max(x + dx, 0), width - 1)
                    material += source.material[other]
                    relief += source.relief[other]
                    count += 1
                }
            }
            let nap = 1.08 + 0.10 * placeNoise(x, y, 97)
            surface.material[index] = mix(source.material[index], material * (nap / count), value * 0.9)
            surface.relief[index] = mix(source.relief[index], relief / count, value * 0.9)
        }
        var hairs = Stencil(width: width, height: height)
        let reach = Float(max(region.x1 - region.x0, region.y1 - region.y0)) / 2
        for _ in 0..<Int(20 + 30 * severity) {
            var p = point + SIMD2(random.gauss(), random.gauss()) * reach * 0.4
            var heading = random.float(in: 0...2 * Float.pi)
            for _ in 0..<4 {
                heading += random.gauss() * 0.4
                let next = p + SIMD2(cos(heading), sin(heading)) * 2.5 * unit
                hairs.line(from: p, to: next, startWidth: 0.3 * unit, endWidth: 0.3 * unit, strength: 0.6)
                p = next
            }
        }
        hairs.visit { index, _, _, value in
            surface.material[index] = mix(surface.material[index], SIMD4(0.55, 0.53, 0.49, 0), value * 0.6)
            surface.relief[index] += value * 0.8 * unit
        }
        return DefectNote(
            nouns: ["fuzzy patch", "rubbed patch", "blurred patch"], looks: ["fuzzy", "napped", "worn"],
            statements: ["the weave is rubbed fuzzy", "the cloth is worn and blurred"])
    }
}
