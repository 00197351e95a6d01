import Foundation
import Numerics

/// Defects that lie on a surface whatever it is: they change heights and materials before the light falls.
struct SurfaceDefects {
    let kind: PartKind
    /// Pixels per part unit.
    let unit: Float
    /// Pixels lower than this are not the part's face (ground, inside of holes) and are left alone.
    let floor: Float
    /// 0…1: how easy to see; raised when a first try does not show.
    let severity: Float

    private func touches(_ surface: Surface, _ index: Int) -> Bool { surface.relief[index] > floor }

    /// A scratch: nearly straight, drifting, of varying depth.
    func scratch(
        _ surface: inout Surface, at point: SIMD2<Float>, using random: inout RandomSource
    ) -> DefectNote {
        var stencil = Stencil(width: surface.width, height: surface.height)
        let length = random.logFloat(in: 18...170) * unit
        let bright = random.chance(0.7)
        for _ in 0..<(random.chance(0.25) ? 2 : 1) {
            let halfWidth = random.logFloat(in: 0.45...1.3) * unit * (0.8 + 0.4 * severity)
            var heading = random.float(in: 0...2 * Float.pi)
            let drift = random.gauss() * 0.04
            let steps = max(6, Int(length / (9 * unit)))
            let step = length / Float(steps)
            var p = point - SIMD2(cos(heading), sin(heading)) * length / 2
            p += SIMD2(random.gauss(), random.gauss()) * 3 * unit
            for index in 0..<steps {
                heading += drift + random.gauss() * 0.035
                let next = p + SIMD2(cos(heading), sin(heading)) * step
                // Deep in the middle, fading at both ends, with skips.
                let t = (Float(index) + 0.5) / Float(steps)
                let force = min(1, 4 * min(t, 1 - t) + 0.35) * random.float(in: 0.65...1)
                stencil.line(
                    from: p, to: next, startWidth: halfWidth * force, endWidth: halfWidth * force, strength: force)
                p = next
            }
        }
        let strength = 0.55 + 0.35 * severity
        let depth = (0.7 + 0.9 * severity) * unit
        let mark: SIMD4<Float> =
            switch (kind, bright) {
            case (.plate, true): SIMD4(0.78, 0.78, 0.77, 0.9)
            case (.plate, false): SIMD4(0.10, 0.095, 0.09, 0.2)
            case (.fabric, true): SIMD4(0.82, 0.80, 0.75, 0)
            case (.fabric, false): SIMD4(0.05, 0.05, 0.06, 0)
            }
        stencil.visit { index, _, _, value in
            guard touches(surface, index) else { return }
            surface.relief[index] -= depth * value
            surface.material[index] = mix(surface.material[index], mark, value * strength)
        }
        return DefectNote(
            nouns: kind == .plate
                ? ["scratch", "score mark", "scuff line"] : ["scratch", "abrasion line", "snag line"],
            looks: bright ? ["bright", "pale", "shiny"] : ["dark", "blackened", "dull dark"])
    }

    /// A dent: a smooth hollow with a slightly raised rim; cloth is pressed flat in it.
    func dent(_ surface: inout Surface, at point: SIMD2<Float>, using random: inout RandomSource) -> DefectNote {
        let radius = random.logFloat(in: kind == .fabric ? 11...30 : 7...26) * unit
        let squash = random.float(in: 0.5...1)
        let angle = random.float(in: 0...Float.pi)
        let (c, s) = (cos(angle), sin(angle))
        let depth = radius * (0.16 + 0.22 * severity) * (kind == .fabric ? 1.9 : 1)
        let reach = radius * 1.5
        let (x0, x1) = (max(0, Int(point.x - reach)), min(surface.width - 1, Int(max(point.x + reach, 0))))
        let (y0, y1) = (max(0, Int(point.y - reach)), min(surface.height - 1, Int(max(point.y + reach, 0))))
        if x0 <= x1 && y0 <= y1 {
            for y in y0...y1 {
                for x in x0...x1 {
                    let index = y * surface.width + x
                    guard touches(surface, index) else { continue }
                    let d = SIMD2(Float(x) + 0.5, Float(y) + 0.5) - point
                    let u = (d.x * c + d.y * s) / radius
                    let v = (d.y * c - d.x * s) / (radius * squash)
                    let q = u * u + v * v
                    guard q < 2.25 else { continue }
                    let bowl = q < 1 ? (1 - q) * (1 - q) : 0
                    let r = q.squareRoot()
                    let rim = max(0, 1 - abs(r - 1.08) / 0.38)
                    if kind == .fabric { surface.relief[index] *= 1 - 0.55 * bowl }
                    surface.relief[index] += depth * (0.09 * rim * rim - bowl)
                    surface.material[index] *= 1 - 0.10 * bowl
                }
            }
        }
        return DefectNote(
            nouns: kind == .plate ? ["dent", "ding", "impact mark"] : ["dent", "pressed spot", "crease mark"],
            looks: severity > 0.6 ? ["deep", "sharp-edged", "hard"] : ["shallow", "soft", "smooth"])
    }

    /// A stain: a wavy outline, evenly tinted or with a dried rim.
    func stain(_ surface: inout Surface, at point: SIMD2<Float>, using random: inout RandomSource) -> DefectNote {
        struct Liquid {
            let colour: SIMD3<Float>
            let gloss: Float
            let nouns: [String]
            let looks: [String]
        }
        let liquid = random.pick([
            Liquid(
                colour: SIMD3(0.42, 0.30, 0.16), gloss: 0.25, nouns: ["oil stain", "grease spot", "stain"],
                looks: ["brown", "brownish", "amber"]),
            Liquid(
                colour: SIMD3(0.62, 0.28, 0.10), gloss: -0.4, nouns: ["rust stain", "rust spot", "stain"],
                looks: ["orange", "rusty", "reddish brown"]),
            Liquid(
                colour: SIMD3(0.16, 0.18, 0.30), gloss: -0.2, nouns: ["ink stain", "ink blot", "stain"],
                looks: ["blue-black", "dark blue", "bluish"]),
            Liquid(
                colour: SIMD3(0.25, 0.24, 0.23), gloss: -0.3, nouns: ["smudge", "dirt stain", "stain"],
                looks: ["grey", "dirty", "dark grey"]),
        ])
        var stencil = Stencil(width: surface.width, height: surface.height)
        let drops = random.chance(0.3) ? 2 + random.integer(below: 3) : 1
        var size = random.logFloat(in: 6...32) * unit
        var p = point
        for _ in 0..<drops {
            stencil.patch(
                centre: p, size: size, squash: random.float(in: 0.55...1), angle: random.float(in: 0...Float.pi),
                roughness: random.float(in: 0.12...0.35), softness: random.float(in: 1.2...6) * unit, using: &random)
            let heading = random.float(in: 0...2 * Float.pi)
            p = point + SIMD2(cos(heading), sin(heading)) * size * random.float(in: 1.1...1.9)
            size *= random.float(in: 0.25...0.6)
        }
        let rimmed = random.chance(0.4)
        let strength = 0.45 + 0.5 * severity
        stencil.visit { index, _, _, value in
            guard touches(surface, index) else { return }
            // A dried drop is darkest along its outline.
            let rim = 4 * value * (1 - value)
            let amount = strength * (rimmed ? min(1, 0.45 * value + 0.75 * rim) : value)
            var m = surface.material[index]
            let tint = SIMD4(liquid.colour, 1)
            m = mix(m, m * tint, amount)
            m.w = saturate(m.w + liquid.gloss * amount)
            surface.material[index] = m
        }
        return DefectNote(
            nouns: liquid.nouns, looks: rimmed ? liquid.looks + ["dried", "ring-shaped"] : liquid.looks)
    }

    /// Something foreign on top: a curled fibre, or chips and grains.
    func contamination(
        _ surface: inout Surface, at point: SIMD2<Float>, using random: inout RandomSource
    ) -> DefectNote {
        let paints: [(name: String, colour: SIMD4<Float>)] = [
            ("red", SIMD4(0.52, 0.05, 0.05, 0.2)), ("blue", SIMD4(0.05, 0.13, 0.50, 0.2)),
            ("green", SIMD4(0.06, 0.34, 0.10, 0.2)), ("white", SIMD4(0.85, 0.85, 0.83, 0.1)),
            ("black", SIMD4(0.02, 0.02, 0.02, 0.3)), ("yellow", SIMD4(0.70, 0.55, 0.06, 0.2)),
            ("shiny metallic", SIMD4(0.60, 0.58, 0.54, 0.95)), ("brown", SIMD4(0.20, 0.11, 0.05, 0.1)),
        ]
        let paint = random.pick(paints)
        var stencil = Stencil(width: surface.width, height: surface.height)
        let fibre = random.chance(0.5)
        var lift: Float
        if fibre {
            let length = random.logFloat(in: 24...110) * unit
            let halfWidth = random.float(in: 0.55...1.1) * unit * (0.8 + 0.4 * severity)
            lift = 2.2 * unit
            var heading = random.float(in: 0...2 * Float.pi)
            var curl = random.gauss() * 0.12
            let step = 3 * unit
            var p = point - SIMD2(cos(heading), sin(heading)) * length * 0.3
            for _ in 0..<Int(length / step) {
                curl = 0.9 * curl + random.gauss() * 0.06
                heading += curl
                let next = p + SIMD2(cos(heading), sin(heading)) * step
                stencil.line(from: p, to: next, startWidth: halfWidth, endWidth: halfWidth)
                p = next
            }
        } else {
            let count = random.chance(0.5) ? 1 : 2 + random.integer(below: 5)
            lift = 0
            for index in 0..<count {
                let size = random.logFloat(in: 1.8...7) * unit * (index == 0 ? 1 : 0.6)
                lift = max(lift, min(size * 0.9, 4 * unit))
                let spread: Float = index == 0 ? 0 : 13 * unit
                stencil.patch(
                    centre: point + SIMD2(random.gauss(), random.gauss()) * spread, size: size,
                    squash: random.float(in: 0.5...1), angle: random.float(in: 0...Float.pi),
                    roughness: random.float(in: 0.2...0.5), softness: 1.3 * unit, using: &random)
            }
        }
        let base = lift
        stencil.visit { index, x, y, value in
            guard touches(surface, index) else { return }
            let grain = 1 + 0.12 * placeNoise(x, y, 41)
            surface.material[index] = mix(surface.material[index], paint.colour * grain, value)
            // It lies on the surface and hides its relief.
            let top = kind == .fabric ? 3.5 * unit : surface.relief[index]
            surface.relief[index] = mix(surface.relief[index], max(top, surface.relief[index]) + base, value)
        }
        return DefectNote(
            nouns: fibre
                ? ["fibre", "hair", "lint thread", "foreign fibre"]
                : ["particle", "foreign particle", "chip", "speck"],
            looks: [paint.name])
    }

    /// A crack: a jagged, branching walk, black in its depth; on cloth a tear with frayed edges.
    func crack(
        _ surface: inout Surface, at point: SIMD2<Float>, heading start: Float, using random: inout RandomSource
    ) -> DefectNote {
        var stencil = Stencil(width: surface.width, height: surface.height)
        var hairs = Stencil(width: surface.width, height: surface.height)
        let length = random.logFloat(in: 20...110) * unit
        let cloth = kind == .fabric
        let halfWidth =
            (cloth ? random.float(in: 1.2...2.8) : random.logFloat(in: 0.5...1.2)) * unit
            * (0.8 + 0.4 * severity)
        var branches: [(SIMD2<Float>, Float, Float, Float)] = [(point, start, length, halfWidth)]
        var forks = cloth ? 0 : random.integer(below: 4)
        while let (origin, direction, reach, width) = branches.popLast() {
            var p = origin
            var heading = direction
            var travelled: Float = 0
            while travelled < reach {
                let step = random.float(in: 2.5...6) * unit
                heading = direction + random.gauss() * (cloth ? 0.22 : 0.5)
                let next = p + SIMD2(cos(heading), sin(heading)) * step
                let t = travelled / reach
                let gape = cloth ? max(0.25, 4 * t * (1 - t)) : 1 - 0.75 * t
                let w = max(0.35 * unit, width * gape * random.float(in: 0.75...1.2))
                stencil.line(from: p, to: next, startWidth: w, endWidth: w)
                if cloth {
                    for side in [-1, 1] as [Float] where random.chance(0.7) {
                        let out = heading + side * random.float(in: 0.7...1.5)
                        let root = p + SIMD2(cos(heading + side * 1.57), sin(heading + side * 1.57)) * w
                        let tip = root + SIMD2(cos(out), sin(out)) * random.float(in: 2...6) * unit
                        hairs.line(from: root, to: tip, startWidth: 0.6 * unit, endWidth: 0.3 * unit, strength: 0.9)
                    }
                } else if forks > 0, random.chance(0.25) {
                    forks -= 1
                    let turn = (random.chance(0.5) ? 1 : -1) * random.float(in: 0.5...1.1)
                    branches.append((next, direction + turn, (reach - travelled) * 0.5, w * 0.8))
                }
                p = next
                travelled += step
            }
        }
        let deep = (cloth ? 3 : 2.5) * unit
        stencil.visit { index, _, _, value in
            guard touches(surface, index) else { return }
            surface.relief[index] -= deep * value
            surface.material[index] = mix(surface.material[index], SIMD4(0.014, 0.013, 0.014, 0), value * 0.93)
        }
        hairs.visit { index, _, _, value in
            surface.relief[index] += 1.2 * unit * value
            surface.material[index] = mix(surface.material[index], SIMD4(0.52, 0.50, 0.46, 0), value * 0.8)
        }
        return DefectNote(
            nouns: cloth ? ["tear", "cut", "rip"] : ["crack", "hairline crack", "fracture"],
            looks: cloth ? ["frayed", "open", "dark"] : ["jagged", "branching", "dark"])
    }
}
