import Foundation
import Numerics

/// Damage to the print of a plate, applied to the ink before it meets the surface.
struct PrintDamage {
    enum Target { case label, etching, mark }
    let target: Target
    /// Where the print is touched.
    let region: Stencil
    /// Ink left after wiping, 0…1; the rest is smeared over `smear` pixels.
    let kept: Float
    let smear: Int
}

/// A valve plate on its fixture: draws one layout as a surface.
struct PlateScene {
    let width: Int
    let height: Int
    let layout: PlateLayout
    let pose: Pose
    private let fixture: Pose
    private let metal: SIMD4<Float>
    private let rubber: SIMD4<Float>
    private let paper: SIMD4<Float>
    private let ground: Float
    private let grain: [Float]
    private let blotches: [Float]
    private let seed: UInt32

    /// Draws pose, tolerances and material of one plate.
    init(width: Int, height: Int, design: PlateDesign, using random: inout RandomSource) {
        self.width = width
        self.height = height
        layout = PlateLayout(design, using: &random)
        let angle = random.float(in: -0.0262...0.0262)
        let shift = SIMD2(random.float(in: -2...2), random.float(in: -2...2))
        pose = Pose(width: width, height: height, shift: shift, cosine: cos(angle), sine: sin(angle))
        fixture = Pose(width: width, height: height, shift: .zero, cosine: 1, sine: 0)
        let tone = random.float(in: 0.33...0.41)
        let tint = random.float(in: -0.02...0.03)
        metal = SIMD4(tone + tint, tone + 0.004, tone - tint * 0.6, 0.75)
        let dark = random.float(in: 0.022...0.035)
        rubber = SIMD4(dark, dark, dark * 1.06, 0.22)
        let white = random.float(in: 0.70...0.78)
        paper = SIMD4(white, white, white * 0.96, 0.06)
        ground = random.float(in: 0.045...0.06)
        let unit = Float(min(width, height)) / 320
        // Brushing: long fine streaks, and shorter ones across their ends.
        let long = SmoothNoise.field(width: width, height: height, cellX: 70 * unit, cellY: 1.1 * unit, using: &random)
        let short = SmoothNoise.field(width: width, height: height, cellX: 13 * unit, cellY: 1.2 * unit, using: &random)
        let strength = random.float(in: 0.045...0.085)
        grain = zip(long, short).map { ($0 * 0.7 + $1 * 0.6) * strength }
        blotches = SmoothNoise.field(width: width, height: height, cell: 55 * unit, using: &random).map { $0 * 0.018 }
        seed = UInt32(truncatingIfNeeded: random.next())
    }

    /// The surface of the given layout (the good one, or one with a feature changed), its print damaged if asked.
    func paint(_ layout: PlateLayout, print: PrintDamage? = nil) -> Surface {
        var surface = Surface(width: width, height: height)
        paintBody(&surface)
        for hole in layout.holes where hole.present {
            paintHole(&surface, hole.centre, hole.radius, hole.squash, chamfer: 5.5)
        }
        paintHole(&surface, PlateLayout.boreCentre, PlateLayout.boreRadius, 1, chamfer: 3)
        paintRing(&surface, layout)
        paintSlot(&surface, layout.slot)
        if layout.label.present { paintLabel(&surface, layout, print) }
        if layout.mark.present { paintMark(&surface, layout, print) }
        ink(
            &surface, letters(StrokeFont.text("VALVE PLATE", size: 11), layout.etching, halfWidth: 0.95),
            SIMD4(0.055, 0.055, 0.06, 0.1), print, .etching)
        return surface
    }

    /// The height in pixels above which a pixel belongs to the plate's face.
    var faceHeight: Float { 5.5 * pose.scale }

    private func paintBody(_ surface: inout Surface) {
        let scale = pose.scale
        for y in 0..<height {
            for x in 0..<width {
                let index = y * width + x
                let d = PlateLayout.outline(pose.part(x, y))
                let speckle = placeNoise(x, y, seed)
                let floor = ground * (1 + 0.16 * speckle + 2 * blotches[index])
                var material = SIMD4(floor * 0.95, floor, floor * 1.1, 0.02)
                var relief: Float = 0
                if d < 1 {
                    let cover = saturate(0.5 - d * scale)
                    let shade = 1 + grain[index] + blotches[index]
                    let face = SIMD4(
                        metal.x * shade, metal.y * shade, metal.z * shade, metal.w * (1 + grain[index] * 2))
                    material = mix(material, face, cover)
                    relief = (6 * smoothUnit(-d + 0.5) + 2.2 * saturate((-d - 0.5) / 4)) * scale
                }
                surface.relief[index] = relief
                surface.material[index] = material
            }
        }
        // Three locating pins of the fixture; they do not move with the part.
        for pin in [SIMD2<Float>(-143, -48), SIMD2(-143, 52), SIMD2(24, 130)] {
            surface.paint(around: pin, reach: 11, pose: fixture) { p, relief, material in
                let distance = SignedDistance.length(p - pin)
                let cover = saturate((8.5 - distance) * scale + 0.5)
                guard cover > 0 else { return }
                material = mix(material, SIMD4(0.30, 0.29, 0.27, 0.8), cover)
                relief = mix(relief, (5 + 2.5 * saturate((8.5 - distance) / 3)) * scale, cover)
            }
        }
    }

    private func paintHole(
        _ surface: inout Surface, _ centre: SIMD2<Float>, _ radius: Float, _ squash: Float, chamfer: Float
    ) {
        let scale = pose.scale
        surface.paint(around: centre, reach: (radius + chamfer) * max(squash, 1) + 2, pose: pose) {
            p, relief, material in
            let d = SIMD2((p.x - centre.x) / squash, p.y - centre.y)
            let distance = SignedDistance.length(d) - radius
            guard distance < chamfer + 1 else { return }
            let rim = saturate((chamfer - distance) * scale + 0.5)
            relief -= saturate((chamfer - distance) / chamfer) * chamfer * 0.62 * scale
            material = mix(material, metal * 1.06, rim * 0.75)
            let inside = saturate(0.5 - distance * scale)
            if inside > 0 {
                relief = mix(relief, -4 * scale, inside)
                let deep = 0.016 + 0.012 * saturate(-distance / radius)
                material = mix(material, SIMD4(deep, deep, deep * 1.1, 0.02), inside)
            }
        }
    }

    private func paintRing(_ surface: inout Surface, _ layout: PlateLayout) {
        let scale = pose.scale
        let half = PlateLayout.ringWidth
        let home = PlateLayout.boreCentre
        // The seat is milled into the plate and stays when the ring is gone.
        surface.paint(around: home, reach: 52, pose: pose) { p, relief, material in
            let distance = abs(SignedDistance.length(p - home) - 41) - half
            let cover = saturate(0.5 - distance * scale)
            guard cover > 0 else { return }
            relief -= 1.6 * scale * cover
            material = mix(material, metal * 0.82, cover)
        }
        guard layout.ring.present else { return }
        let (centre, squash) = (layout.ring.centre, layout.ringSquash)
        let (c, s) = (cos(layout.ring.angle), sin(layout.ring.angle))
        surface.paint(around: centre, reach: 66, pose: pose) { p, relief, material in
            let d = layout.ring.own(p, c, s)
            let across = SignedDistance.length(SIMD2(d.x / squash, d.y * squash)) - layout.ringRadius
            let cover = saturate((half - 0.6 - abs(across)) * scale + 0.5)
            guard cover > 0 else { return }
            let bulge = max(0, 1 - across * across / (half * half)).squareRoot()
            relief = mix(relief, (5.5 + 5.2 * bulge) * scale, cover)
            material = mix(material, rubber, cover)
        }
    }

    private func paintSlot(_ surface: inout Surface, _ slot: PlateLayout.Patch) {
        guard slot.present else { return }
        let scale = pose.scale
        let half = SIMD2<Float>(PlateLayout.slotHalf, 0)
        let (c, s) = (cos(slot.angle), sin(slot.angle))
        surface.paint(around: slot.centre, reach: 40, pose: pose) { p, relief, material in
            let own = slot.own(p, c, s)
            let distance = SignedDistance.segment(own, from: -half, to: half) - PlateLayout.slotRadius
            guard distance < 4 else { return }
            relief -= saturate((3 - distance) / 3) * 2 * scale
            material = mix(material, metal * 1.05, saturate((3 - distance) * scale + 0.5) * 0.7)
            let inside = saturate(0.5 - distance * scale)
            if inside > 0 {
                relief = mix(relief, -4 * scale, inside)
                material = mix(material, SIMD4(0.02, 0.02, 0.022, 0.02), inside)
            }
        }
    }

    private func paintLabel(_ surface: inout Surface, _ layout: PlateLayout, _ print: PrintDamage?) {
        let scale = pose.scale
        let label = layout.label
        let (c, s) = (cos(label.angle), sin(label.angle))
        surface.paint(around: label.centre, reach: 54, pose: pose) { p, relief, material in
            let own = label.own(p, c, s)
            let distance = SignedDistance.roundedBox(own, half: PlateLayout.labelHalf, radius: 3)
            let cover = saturate(0.5 - distance * scale)
            guard cover > 0 else { return }
            relief += 0.9 * scale * smoothUnit(-distance)
            material = mix(material, paper, cover)
            let frame = saturate((0.7 - abs(distance + 3)) * scale + 0.5)
            material = mix(material, SIMD4(0.10, 0.16, 0.32, 0.05), frame * 0.9)
        }
        let dark = SIMD4<Float>(0.03, 0.03, 0.035, 0.05)
        for (text, row, size) in [(layout.labelText[0], Float(-7), Float(11.5)), (layout.labelText[1], 9.5, 8.5)] {
            let lines = StrokeFont.text(text, size: size).map { ($0 + SIMD2(0, row), $1 + SIMD2(0, row)) }
            ink(&surface, letters(lines, label, halfWidth: size * 0.085), dark, print, .label)
        }
    }

    private func paintMark(_ surface: inout Surface, _ layout: PlateLayout, _ print: PrintDamage?) {
        let scale = pose.scale
        let mark = layout.mark
        let (c, s) = (cos(mark.angle), sin(mark.angle))
        let n = PlateLayout.markModules
        let size = PlateLayout.moduleSize
        let extent = Float(n) * size / 2
        var stencil = Stencil(width: width, height: height)
        surface.paint(around: mark.centre, reach: 31, pose: pose) { p, relief, material in
            let own = mark.own(p, c, s)
            let distance = max(abs(own.x), abs(own.y)) - extent - 2.5
            let cover = saturate(0.5 - distance * scale)
            // A field frosted by the laser, the modules burnt into it.
            if cover > 0 { material = mix(material, SIMD4(0.52, 0.52, 0.51, 0.15), cover * 0.8) }
        }
        let reach = (extent + 1) * 1.5 * scale
        let middle = pose.pixel(mark.centre)
        stencil.raise(middle - reach, middle + reach) { pixel in
            let d = (pixel - pose.centre) / scale
            let p = SIMD2(d.x * pose.cosine + d.y * pose.sine, d.y * pose.cosine - d.x * pose.sine)
            let own = mark.own(p, c, s) + extent
            let (column, row) = (Int((own.x / size).rounded(.down)), Int((own.y / size).rounded(.down)))
            // Bilinear between module centres, sharpened: soft edges between modules without a distance field.
            var value: Float = 0
            for dy in -1...1 {
                for dx in -1...1 {
                    let (r, k) = (row + dy, column + dx)
                    guard r >= 0, r < n, k >= 0, k < n, layout.modules[r * n + k] else { continue }
                    let ox = saturate((size / 2 - abs(own.x - (Float(k) + 0.5) * size)) * scale + 0.5)
                    let oy = saturate((size / 2 - abs(own.y - (Float(r) + 0.5) * size)) * scale + 0.5)
                    value += ox * oy
                }
            }
            return min(value, 1)
        }
        ink(&surface, stencil, SIMD4(0.045, 0.045, 0.05, 0.08), print, .mark)
    }

    /// The ink of text lines given in a feature's own axes.
    private func letters(
        _ lines: [(SIMD2<Float>, SIMD2<Float>)], _ patch: PlateLayout.Patch, halfWidth: Float
    ) -> Stencil {
        var stencil = Stencil(width: width, height: height)
        let (c, s) = (cos(patch.angle), sin(patch.angle))
        func place(_ p: SIMD2<Float>) -> SIMD2<Float> {
            pose.pixel(patch.centre + SIMD2(p.x * c - p.y * s, p.x * s + p.y * c))
        }
        let w = halfWidth * pose.scale
        for (a, b) in lines { stencil.line(from: place(a), to: place(b), startWidth: w, endWidth: w) }
        return stencil
    }

    /// Lays ink on the surface, damaged first if this print is the target.
    private func ink(
        _ surface: inout Surface, _ stencil: Stencil, _ colour: SIMD4<Float>, _ print: PrintDamage?,
        _ target: PrintDamage.Target
    ) {
        guard let print, print.target == target else {
            stencil.visit { index, _, _, value in
                surface.material[index] = mix(surface.material[index], colour, value * 0.92)
            }
            return
        }
        let smeared = stencil.blurred(radius: print.smear)
        smeared.visit { index, _, _, value in
            let touched = print.region.values[index]
            let sharp = stencil.values[index]
            let left = mix(sharp, sharp * print.kept + value * (1 - print.kept) * 0.8, touched)
            surface.material[index] = mix(surface.material[index], colour, left * 0.92)
        }
    }
}
