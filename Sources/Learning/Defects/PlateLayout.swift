import Foundation
import Numerics

/// Where everything sits on the valve plate, in part units (320 across the picture, origin in the middle, y down).
struct PlateLayout {
    /// A countersunk hole; `squash` other than 1 makes it oval.
    struct Hole {
        var centre: SIMD2<Float>
        var radius: Float
        var squash: Float = 1
        var present = true
        let name: String
    }

    /// A flat feature that can be turned, moved or absent.
    struct Patch {
        var centre: SIMD2<Float>
        var angle: Float
        var present = true

        /// A point of the part in the feature's own axes.
        @inline(__always)
        func own(_ p: SIMD2<Float>, _ cosine: Float, _ sine: Float) -> SIMD2<Float> {
            let d = p - centre
            return SIMD2(d.x * cosine + d.y * sine, d.y * cosine - d.x * sine)
        }
    }

    static let half = SIMD2<Float>(132, 118)
    static let corner: Float = 16
    static let boreRadius: Float = 27
    static let ringWidth: Float = 6.5
    static let slotHalf: Float = 24
    static let slotRadius: Float = 8.5
    static let labelHalf = SIMD2<Float>(42, 22)
    static let markModules = 12
    static let moduleSize: Float = 2.9
    static let boreCentre = SIMD2<Float>(-22, 2)

    var holes: [Hole]
    var ring: Patch
    var ringRadius: Float = 41
    var ringSquash: Float = 1
    var slot: Patch
    var label: Patch
    var mark: Patch
    var etching: Patch
    /// First and second line on the label.
    var labelText: [String]
    /// Dark modules of the code, row by row.
    var modules: [Bool]

    /// A good plate: everything in place within the tolerances of assembly and print. The same stream gives plates of
    /// different designs that differ in nothing but the design.
    init(_ design: PlateDesign = .fourHoles, using random: inout RandomSource) {
        func near(_ x: Float, _ y: Float, _ tolerance: Float) -> SIMD2<Float> {
            SIMD2(x + random.float(in: -tolerance...tolerance), y + random.float(in: -tolerance...tolerance))
        }
        holes = [
            Hole(centre: near(-106, -92, 0.4), radius: 11, name: "the upper left hole"),
            Hole(centre: near(106, -92, 0.4), radius: 11, name: "the upper right hole"),
            Hole(centre: near(-106, 92, 0.4), radius: 11, name: "the lower left hole"),
            Hole(centre: near(106, 92, 0.4), radius: 11, name: "the lower right hole"),
        ]
        switch design {
        case .fourHoles: break
        case .threeHoles: holes[3].present = false
        case .narrow: holes[1].centre.x -= 12
        }
        ring = Patch(centre: near(Self.boreCentre.x, Self.boreCentre.y, 0.7), angle: 0)
        slot = Patch(centre: near(76, 36, 0.4), angle: 0)
        label = Patch(centre: near(66, -44, 1.2), angle: random.float(in: -0.017...0.017))
        mark = Patch(centre: near(-99, 4, 0.8), angle: random.float(in: -0.01...0.01))
        etching = Patch(centre: near(0, 96, 0.8), angle: random.float(in: -0.005...0.005))
        let serial = 48_000 + random.integer(below: 1_000)
        labelText = ["NS-220", "SN \(serial)"]
        // The frame of a Data Matrix: two solid sides, two dashed ones; the content varies with the serial number.
        let n = Self.markModules
        modules = (0..<n * n).map { index in
            let (row, column) = (index / n, index % n)
            if column == 0 || row == n - 1 { return true }
            if row == 0 { return column % 2 == 0 }
            if column == n - 1 { return row % 2 == 1 }
            // Most of the content (maker, type) is the same on every part; a third is the serial number.
            if (row * 7 + column * 3) % 3 == 0 { return random.chance(0.5) }
            return scramble(UInt32(index) &* 77) & 1 == 1
        }
    }

    /// Signed distance to the plate's outline: a rounded rectangle with one keyed corner, lower right.
    @inline(__always)
    static func outline(_ p: SIMD2<Float>) -> Float {
        let box = SignedDistance.roundedBox(p, half: half, radius: corner)
        let key = (p.x + p.y) * 0.70711 - 162
        return max(box, key)
    }

    /// What a defect at this point of the part lies on.
    func feature(at p: SIMD2<Float>) -> String {
        for hole in holes where hole.present && SignedDistance.length(p - hole.centre) < hole.radius + 10 {
            return hole.name
        }
        let toBore = SignedDistance.length(p - ring.centre)
        if toBore < Self.boreRadius + 6 { return "the bore" }
        if toBore < ringRadius + Self.ringWidth + 4 { return "the rubber ring" }
        let toLabel = p - label.centre
        if abs(toLabel.x) < Self.labelHalf.x + 2 && abs(toLabel.y) < Self.labelHalf.y + 2 { return "the label" }
        let toMark = p - mark.centre
        if abs(toMark.x) < 20 && abs(toMark.y) < 20 { return "the code mark" }
        let toSlot = p - slot.centre
        if abs(toSlot.x) < Self.slotHalf + 13 && abs(toSlot.y) < 14 { return "the slot" }
        let toEtching = p - etching.centre
        if abs(toEtching.x) < 62 && abs(toEtching.y) < 10 { return "the etched lettering" }
        return Self.outline(p) > -14 ? "the rim" : "the brushed face"
    }
}
