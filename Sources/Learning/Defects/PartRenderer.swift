import Foundation
import Imaging
import Numerics

/// Renders parts of one kind, good ones and ones with a defect of known place.
///
/// The same stream gives the same part to the bit; asked with and without a defect, the same stream gives the same part
/// under the same light with the same noise, so that their difference is the defect and nothing else.
package struct PartRenderer: Sendable {
    /// Sentences about each defect.
    private static let captions = 4

    package let kind: PartKind
    /// Which plate; nothing else looks at it.
    package let design: PlateDesign
    package let width: Int
    package let height: Int

    /// Traps on sides outside 64…4096 pixels.
    package init(kind: PartKind, design: PlateDesign = .fourHoles, width: Int = 320, height: Int = 320) {
        self.design = design
        precondition(
            (64...4096).contains(width) && (64...4096).contains(height),
            "PartRenderer: expected sides in 64...4096, got \(width) x \(height)")
        self.kind = kind
        self.width = width
        self.height = height
    }

    /// One part; `defect` nil renders a good one. Always takes the same amount from `random`.
    package func render(defect: DefectKind?, using random: inout RandomSource) -> RenderedPart {
        // The kind is part of the seed: the same stream must not put the defects of both kinds in the same places.
        let seed = random.next() ^ (kind == .plate ? 0 : 0x5DEE_CE66_D1CE_4E5B)
        var draws = RandomSource(seed: seed, stream: 1)
        let lighting = Lighting(using: &draws)
        let camera = Camera(using: &draws)
        var material = RandomSource(seed: seed, stream: 2)
        var words = RandomSource(seed: seed, stream: 3)
        let studio = Studio(kind: kind, design: design, width: width, height: height, using: &material)

        let surface = studio.paintGood()
        var light = [SIMD4<Float>](repeating: .zero, count: width * height)
        var good = light
        lighting.shade(surface, within: surface.box, into: &light)
        camera.develop(light, width: width, height: height, within: surface.box, into: &good)
        guard let defect else {
            return part(
                good, camera, seed: seed, mask: nil, defect: nil, captions: [Captions.good(kind, using: &words)])
        }
        // A defect that would not show (a faint one in the dark) is drawn again, more severe each time.
        var attempt = 0
        while true {
            var draws = RandomSource(seed: seed, stream: 16 + UInt64(attempt))
            let severity = min(1, draws.float(in: 0...1) + Float(attempt) * 0.15)
            let (changed, note) = studio.paint(defect, on: surface, severity: severity, using: &draws)
            var bad = good
            if let box = changed.difference(from: surface) {
                // Light and lens carry a change no further than this; everything else is as in the good picture.
                let reach = Lighting.reach(width: width, height: height)
                var changedLight = light
                let lit = box.grown(by: reach, width: width, height: height)
                lighting.shade(changed, within: lit, into: &changedLight)
                camera.develop(
                    changedLight, width: width, height: height,
                    within: lit.grown(by: 1, width: width, height: height), into: &bad)
            }
            let truth = Truth(good: good, bad: bad, width: width, height: height)
            if truth.isClear || (attempt >= 8 && truth.area > 0) {
                let feature = note.feature ?? studio.feature(at: truth.centre)
                let facts = DefectFacts(kind: kind, defect: defect, note: note, feature: feature, truth: truth)
                return part(
                    bad, camera, seed: seed, mask: truth.mask, defect: defect,
                    captions: (0..<Self.captions).map { _ in Captions.sentence(facts, using: &words) })
            }
            attempt += 1
        }
    }

    private func part(
        _ display: [SIMD4<Float>], _ camera: Camera, seed: UInt64, mask: Image?, defect: DefectKind?,
        captions: [String]
    ) -> RenderedPart {
        var noise = RandomSource(seed: seed, stream: 4)
        let image = Image(width: width, height: height, channels: 3, pixels: camera.expose(display, using: &noise))
        return RenderedPart(image: image, mask: mask, kind: kind, defect: defect, captions: captions)
    }
}

/// One scene with the choice of where its defects go.
private struct Studio {
    private let plate: PlateScene?
    private let fabric: FabricScene?
    private let width: Int
    private let height: Int
    private var unit: Float { Float(min(width, height)) / 320 }

    init(kind: PartKind, design: PlateDesign, width: Int, height: Int, using random: inout RandomSource) {
        self.width = width
        self.height = height
        switch kind {
        case .plate:
            plate = PlateScene(width: width, height: height, design: design, using: &random)
            fabric = nil
        case .fabric:
            plate = nil
            fabric = FabricScene(width: width, height: height, using: &random)
        }
    }

    func paintGood() -> Surface {
        if let plate { return plate.paint(plate.layout) }
        return fabric.map { $0.paint() } ?? Surface(width: width, height: height)
    }

    /// What lies at a pixel, in words.
    func feature(at pixel: SIMD2<Float>) -> String {
        guard let plate else { return "" }
        let d = (pixel - plate.pose.centre) / plate.pose.scale
        let (c, s) = (plate.pose.cosine, plate.pose.sine)
        return plate.layout.feature(at: SIMD2(d.x * c + d.y * s, d.y * c - d.x * s))
    }

    func paint(
        _ defect: DefectKind, on good: Surface, severity: Float, using random: inout RandomSource
    ) -> (Surface, DefectNote) {
        let point = place(using: &random)
        if let plate {
            let own = PlateDefects(scene: plate, severity: severity)
            switch defect {
            case .missing:
                let (layout, note) = own.missing(using: &random)
                return (plate.paint(layout), note)
            case .misplaced:
                let (layout, note) = own.misplaced(using: &random)
                return (plate.paint(layout), note)
            case .wiped:
                let (print, note) = own.wiped(using: &random)
                return (plate.paint(plate.layout, print: print), note)
            default: return onTop(defect, good, .plate, plate.faceHeight, point, severity, &random)
            }
        }
        guard let fabric else { return (Surface(width: width, height: height), DefectNote(nouns: [])) }
        let own = FabricDefects(scene: fabric, severity: severity)
        switch defect {
        case .missing:
            let (fault, note) = own.missing(at: point, using: &random)
            return (fabric.paint(fault), note)
        case .misplaced:
            if random.chance(0.5) {
                let (fault, note) = own.turned(at: point, using: &random)
                return (fabric.paint(fault), note)
            }
            var surface = good
            let note = own.looseThread(&surface, at: point, using: &random)
            return (surface, note)
        case .wiped:
            var surface = good
            let note = own.fuzzy(&surface, at: point, using: &random)
            return (surface, note)
        default: return onTop(defect, good, .fabric, -.infinity, point, severity, &random)
        }
    }

    /// The defects that do not care what they lie on.
    private func onTop(
        _ defect: DefectKind, _ good: Surface, _ kind: PartKind, _ floor: Float, _ point: SIMD2<Float>,
        _ severity: Float,
        _ random: inout RandomSource
    ) -> (Surface, DefectNote) {
        var surface = good
        let painter = SurfaceDefects(kind: kind, unit: unit, floor: floor, severity: severity)
        let note: DefectNote
        switch defect {
        case .scratch: note = painter.scratch(&surface, at: point, using: &random)
        case .dent: note = painter.dent(&surface, at: point, using: &random)
        case .stain: note = painter.stain(&surface, at: point, using: &random)
        case .contamination: note = painter.contamination(&surface, at: point, using: &random)
        default:
            // A crack runs inwards, roughly towards the middle.
            let inward = SIMD2(Float(width), Float(height)) / 2 - point
            let heading = atan2(inward.y, inward.x) + random.gauss() * 0.9
            note = painter.crack(&surface, at: point, heading: heading, using: &random)
        }
        return (surface, note)
    }

    /// Where a defect goes: six times in ten anywhere, else near a border or a corner, where detectors are weak.
    private func place(using random: inout RandomSource) -> SIMD2<Float> {
        let half = plate == nil ? SIMD2(Float(width), Float(height)) / 2 / unit : PlateLayout.half
        var p = SIMD2(random.float(in: -1...1), random.float(in: -1...1)) * (half - 4)
        let edge = plate == nil ? random.float(in: 5...22) : random.float(in: 3...13)
        switch random.integer(below: 20) {
        case 0..<5:
            let side = random.integer(below: 4)
            if side < 2 {
                p.x = (half.x - edge) * (side == 0 ? -1 : 1)
            } else {
                p.y = (half.y - edge) * (side == 2 ? -1 : 1)
            }
        case 5..<8:
            let inset = edge + (plate == nil ? 0 : 5)
            p = SIMD2(
                (half.x - inset) * (random.chance(0.5) ? -1 : 1), (half.y - inset) * (random.chance(0.5) ? -1 : 1))
        default: break
        }
        if let plate {
            // Not into a hole or off the keyed corner: there is no surface to damage.
            for _ in 0..<20 {
                let inBore = SignedDistance.length(p - PlateLayout.boreCentre) < PlateLayout.boreRadius + 3
                let inHole = plate.layout.holes.contains { SignedDistance.length(p - $0.centre) < $0.radius + 2 }
                if !inBore && !inHole && PlateLayout.outline(p) < -2 { break }
                p = SIMD2(random.float(in: -1...1), random.float(in: -1...1)) * (half - 4)
            }
            return plate.pose.pixel(p)
        }
        return p * unit + SIMD2(Float(width), Float(height)) / 2
    }
}
