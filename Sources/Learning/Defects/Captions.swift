import Imaging
import Numerics
import Text

/// What a caption may speak of.
struct DefectFacts {
    let kind: PartKind
    let defect: DefectKind
    let note: DefectNote
    /// What the defect lies on ("the rim"); empty on the fabric.
    let feature: String
    let truth: Truth
}

/// Sentences about parts in many wordings, the raw material of search by words.
enum Captions {
    /// A sentence about a good part.
    static func good(_ kind: PartKind, using random: inout RandomSource) -> String {
        let name = random.pick(names(kind))
        return random.pick([
            "a good \(name)", "a \(name) without defects", "nothing wrong with this \(name)", "a flawless \(name)",
            "a clean \(name), no defect", "an intact \(name)", "a \(name) as it should be", "this \(name) is fine",
        ])
    }

    /// A sentence about a defect: what, how large, where, how it looks.
    static func sentence(_ facts: DefectFacts, using random: inout RandomSource) -> String {
        let place = random.pick(places(facts.truth))
        let name = random.pick(names(facts.kind))
        // Of a feature that is gone or moved, only a whole statement says what is wrong.
        let needsStatement = facts.note.feature != nil && facts.defect != .wiped
        if !facts.note.statements.isEmpty, needsStatement || random.chance(0.65) {
            let statement = random.pick(facts.note.statements)
            return random.pick([
                "\(statement), \(place)", "\(place): \(statement)", "\(statement) (\(place))",
                "a \(name) where \(statement), \(place)", statement,
            ])
        }
        let noun = random.pick(facts.note.nouns)
        // "a rusty rust spot" says one thing twice.
        let looks = facts.note.looks.filter { look in
            !noun.split(separator: " ").contains { $0.prefix(4) == look.prefix(4) }
        }
        let look = looks.isEmpty || random.chance(0.25) ? "" : random.pick(looks)
        let size = random.chance(0.8) ? random.pick(sizes(facts)) : ""
        let thing = article([size, look, noun].filter { !$0.isEmpty }.joined(separator: " "))
        let ground =
            facts.feature.isEmpty ? "the \(random.pick(["weave", "cloth", "fabric", "textile"]))" : facts.feature
        let on = random.pick(prepositions(facts))
        return random.pick([
            "\(thing) \(on) \(ground), \(place)", "\(thing) at the \(place)", "\(place): \(thing) \(on) \(ground)",
            "\(thing) \(on) \(ground)", "there is \(thing) \(on) \(ground), at the \(place)",
            "a \(name) with \(thing), \(place)", "\(thing) can be seen \(on) \(ground) in the \(place)",
            "\(place) of the \(name): \(thing)",
        ])
    }

    private static func names(_ kind: PartKind) -> [String] {
        switch kind {
        case .plate: ["valve plate", "metal plate", "brushed plate", "steel bracket"]
        case .fabric: ["woven fabric", "twill cloth", "textile", "piece of fabric"]
        }
    }

    private static func prepositions(_ facts: DefectFacts) -> [String] {
        switch facts.defect {
        case .scratch: ["across", "on", "over"]
        case .crack: ["in", "through", "across"]
        case .dent, .missing: ["in", "on"]
        default: ["on", "over"]
        }
    }

    /// Words for the extent against the picture; of lines for the length, and for how thin they are.
    private static func sizes(_ facts: DefectFacts) -> [String] {
        let truth = facts.truth
        let side = Float(min(truth.mask.width, truth.mask.height))
        let length = Float(max(truth.box.width, truth.box.height))
        let share = length / side
        if facts.defect == .scratch || facts.defect == .crack {
            // Mean width: area over the diagonal of the box.
            let box = SIMD2(Float(truth.box.width), Float(truth.box.height))
            let width = Float(truth.area) / max(SignedDistance.length(box), 1) / side * 320
            let thin = width < 3.2 ? "thin" : (width > 6 ? "wide" : "")
            let long = share > 0.28 ? "long" : (share < 0.12 ? "short" : "medium-length")
            return [long, thin.isEmpty ? long : "\(long) \(thin)", thin.isEmpty ? long : thin]
        }
        return PlaceWords.sizes(
            area: truth.area, length: max(truth.box.width, truth.box.height),
            side: min(truth.mask.width, truth.mask.height))
    }

    /// Names of the place of the mask's middle.
    static func places(_ truth: Truth) -> [String] {
        PlaceWords.names(
            x: truth.centre.x / Float(truth.mask.width), y: truth.centre.y / Float(truth.mask.height))
    }

    /// "a" or "an" before a phrase; none before a plural.
    private static func article(_ phrase: String) -> String {
        if phrase.hasSuffix("threads") || phrase.hasSuffix("print") { return phrase }
        return PlaceWords.withArticle(phrase)
    }
}
