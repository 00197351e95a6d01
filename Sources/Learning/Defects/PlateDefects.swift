import Foundation
import Numerics

/// Defects that belong to the plate's own features.
struct PlateDefects {
    let scene: PlateScene
    let severity: Float

    /// A feature that is not there.
    func missing(using random: inout RandomSource) -> (PlateLayout, DefectNote) {
        var layout = scene.layout
        let feature: String
        switch random.integer(below: 8) {
        case 0...3:
            let index = random.integer(below: 4)
            layout.holes[index].present = false
            feature = layout.holes[index].name
        case 4:
            layout.ring.present = false
            feature = "the rubber ring"
        case 5:
            layout.label.present = false
            feature = "the label"
        case 6:
            layout.slot.present = false
            feature = "the slot"
        default:
            layout.mark.present = false
            feature = "the code mark"
        }
        let bare = feature.hasPrefix("the ") ? String(feature.dropFirst(4)) : feature
        return (
            layout,
            DefectNote(
                nouns: ["missing \(bare)", "missing feature"], feature: feature,
                statements: [
                    "\(feature) is missing", "\(feature) is absent", "\(feature) is not there",
                    "this plate has no \(bare)",
                    "\(feature) has been left out",
                ])
        )
    }

    /// A feature off its place or out of shape, by more than any good part shows.
    func misplaced(using random: inout RandomSource) -> (PlateLayout, DefectNote) {
        var layout = scene.layout
        let heading = random.float(in: 0...2 * Float.pi)
        let shift = SIMD2(cos(heading), sin(heading)) * (4.5 + 5.5 * severity)
        let direction = Self.direction(of: shift)
        let turn = (random.chance(0.5) ? 1 : -1) * (0.10 + 0.22 * severity)
        func moved(_ feature: String) -> DefectNote {
            DefectNote(
                nouns: ["misplaced feature", "position error"], looks: ["shifted"], feature: feature,
                statements: [
                    "\(feature) sits too far \(direction)", "\(feature) is shifted \(direction)",
                    "\(feature) is off its place, moved \(direction)", "\(feature) is misplaced",
                ])
        }
        func rotated(_ feature: String) -> DefectNote {
            DefectNote(
                nouns: ["crooked feature", "rotation error"], looks: ["crooked"], feature: feature,
                statements: [
                    "\(feature) is rotated", "\(feature) is crooked", "\(feature) sits at an angle",
                    "\(feature) is turned \(turn > 0 ? "clockwise" : "counter-clockwise")",
                ])
        }
        func deformed(_ feature: String) -> DefectNote {
            DefectNote(
                nouns: ["deformed feature", "shape error"], looks: ["oval"], feature: feature,
                statements: [
                    "\(feature) is deformed", "\(feature) is oval instead of round", "\(feature) is out of shape",
                ])
        }
        switch random.integer(below: 8) {
        case 0, 1:
            let index = random.integer(below: 4)
            layout.holes[index].centre += shift
            return (layout, moved(layout.holes[index].name))
        case 2:
            let index = random.integer(below: 4)
            layout.holes[index].squash = 1.25 + 0.35 * severity
            return (layout, deformed(layout.holes[index].name))
        case 3:
            layout.ring.centre += shift
            return (layout, moved("the rubber ring"))
        case 4:
            layout.ring.angle = heading
            layout.ringSquash = 1.08 + 0.09 * severity
            return (layout, deformed("the rubber ring"))
        case 5:
            layout.label.angle += turn
            return (layout, rotated("the label"))
        case 6:
            layout.label.centre += shift * 1.3
            return (layout, moved("the label"))
        default:
            if random.chance(0.5) {
                layout.slot.angle += turn
                return (layout, rotated("the slot"))
            }
            layout.mark.angle += turn
            return (layout, rotated("the code mark"))
        }
    }

    /// Print wiped off or smeared in part.
    func wiped(using random: inout RandomSource) -> (PrintDamage, DefectNote) {
        let layout = scene.layout
        let choices: [(PrintDamage.Target, SIMD2<Float>, SIMD2<Float>, String)] = [
            (.label, layout.label.centre, SIMD2(26, 10), "the label"),
            (.etching, layout.etching.centre, SIMD2(42, 1), "the etched lettering"),
            (.mark, layout.mark.centre, SIMD2(9, 9), "the code mark"),
        ]
        let (target, centre, spread, feature) = random.pick(choices)
        let offset = SIMD2(random.float(in: -1...1), random.float(in: -1...1)) * spread
        var region = Stencil(width: scene.width, height: scene.height)
        let unit = scene.pose.scale
        region.patch(
            centre: scene.pose.pixel(centre + offset), size: random.float(in: 13...34) * unit,
            squash: random.float(in: 0.5...0.9), angle: random.float(in: 0...Float.pi), roughness: 0.25,
            softness: 4 * unit, using: &random)
        let smeared = random.chance(0.5)
        let damage = PrintDamage(
            target: target, region: region, kept: smeared ? 0.15 : 0.35 - 0.3 * severity,
            smear: max(1, Int((smeared ? 2.2 + 2 * severity : 6) * unit)))
        let note = DefectNote(
            nouns: smeared
                ? ["blurred print", "smeared print", "smudged print"]
                : ["wiped print", "faded print", "rubbed-off print"],
            looks: smeared ? ["blurred", "smeared"] : ["faded", "pale"], feature: feature,
            statements: smeared
                ? [
                    "the print of \(feature) is smeared", "\(feature) is blurred and hard to read",
                    "\(feature) is smudged",
                ]
                : [
                    "the print of \(feature) is partly wiped off", "\(feature) is faded and partly unreadable",
                    "part of \(feature) is rubbed off",
                ])
        return (damage, note)
    }

    /// "to the left", "upwards", … for a shift in part units.
    private static func direction(of shift: SIMD2<Float>) -> String {
        if abs(shift.x) > 2 * abs(shift.y) { return shift.x < 0 ? "to the left" : "to the right" }
        if abs(shift.y) > 2 * abs(shift.x) { return shift.y < 0 ? "upwards" : "downwards" }
        return (shift.y < 0 ? "up" : "down") + (shift.x < 0 ? " and to the left" : " and to the right")
    }
}
