/// What people call the eight kinds of defects: the vocabulary that a language head names regions with.
///
/// `trained` wordings may occur in captions; `heldOut` ones never do, so that a test can ask whether a wording is
/// understood that was not seen. A held-out wording is made of words that captions have, put together as none has them:
/// what an encoder that has read only captions can know. Words that no caption has lie beside the results, in
/// `Tests/Benchmarks/held-out-words.json`. No wording belongs to two kinds.
package enum DefectPhrases {
    /// The wordings of one kind.
    package struct Wordings: Sendable {
        package let trained: [String]
        package let heldOut: [String]
    }

    /// The wordings of `kind`, nouns without article.
    package static func wordings(_ kind: DefectKind) -> Wordings {
        switch kind {
        case .scratch:
            Wordings(
                trained: [
                    "scratch", "score mark", "scuff line", "abrasion line", "snag line", "scratch mark",
                    "long thin scratch", "scratched surface", "fine groove", "tool scratch",
                    "scuff", "scuff mark", "scuffed line", "scuffed surface", "scored line", "scored surface",
                    "abrasion line on the surface", "abrasion mark", "drag mark", "dragged line", "groove",
                    "long groove", "scratched groove", "mark of a tool",
                ], heldOut: ["scuffed groove", "abrasion groove", "scored tool line", "drag scratch"])
        case .dent:
            Wordings(
                trained: [
                    "dent", "ding", "impact mark", "pressed spot", "crease mark", "dimple", "dented spot",
                    "hollow from a blow", "bump mark", "pressed-in place",
                    "dented area", "pressed hollow", "impact dent", "hollow", "hollow spot", "dimpled spot",
                    "bumped spot", "bump", "blow mark", "sunken spot", "sunken place", "pushed-in spot",
                ], heldOut: ["impact hollow", "sunken dimple", "bumped hollow", "hollow ding"])
        case .stain:
            Wordings(
                trained: [
                    "stain", "oil stain", "grease spot", "rust stain", "rust spot", "ink stain", "ink blot",
                    "dried drop",
                    "liquid mark", "discoloured spot",
                    "stained area", "stained spot", "spilled liquid", "drip mark", "grease stain", "oil spot",
                    "oil mark", "liquid stain", "blot", "ink drop", "dried liquid", "dirt stain", "smudge",
                    "rusty drop",
                ], heldOut: ["grease blot", "dried oil mark", "rust drop", "liquid blot"])
        case .contamination:
            Wordings(
                trained: [
                    "contamination", "foreign particle", "dust particle", "fibre", "lint", "foreign body",
                    "speck of dirt",
                    "chip on the surface", "hair", "loose particle",
                    "foreign fibre", "dirt particle", "grain of dirt", "foreign grain", "loose fibre", "dust",
                    "dust speck", "lint fibre", "stray hair", "stray particle", "speck", "loose lint on the surface",
                ], heldOut: ["foreign speck", "stray fibre", "dirt grain", "loose hair"])
        case .crack:
            Wordings(
                trained: [
                    "crack", "hairline crack", "fracture", "split", "tear", "rip", "broken place", "fissure",
                    "jagged crack", "crack line",
                    "cracked line", "cracked surface", "split line", "fracture line", "ripped place", "ripped edge",
                    "torn edge", "torn surface", "hairline fracture", "jagged split", "jagged tear", "deep crack",
                ], heldOut: ["hairline split", "fissure line", "torn fracture", "ripped crack"])
        case .missing:
            Wordings(
                trained: [
                    "missing part", "missing feature", "absent feature", "missing hole", "missing label",
                    "missing thread", "missing ring", "gap in the weave", "left-out feature", "part not there",
                    "missing piece", "absent part", "absent hole", "absent thread", "left-out part",
                    "left-out label", "part is gone", "hole is gone", "feature not there", "ring not there",
                    "missing slot", "missing mark",
                ],
                heldOut: ["absent label", "left-out ring", "thread not there", "gone feature"])
        case .wiped:
            Wordings(
                trained: [
                    "wiped print", "faded print", "smeared print", "smudged print", "blurred print", "rubbed-off print",
                    "fuzzy patch", "rubbed patch", "blurred patch", "worn print",
                    "rubbed print", "rubbed-off mark", "faded patch", "faded lettering", "worn patch",
                    "smeared lettering", "smeared patch", "smudged lettering", "blurred lettering",
                    "wiped lettering", "wiped patch", "fuzzy print", "fuzzy weave",
                ], heldOut: ["fuzzy lettering", "smudged patch", "rubbed-off lettering", "blurred worn print"])
        case .misplaced:
            Wordings(
                trained: [
                    "misplaced feature", "position error", "shifted feature", "crooked feature", "rotation error",
                    "deformed feature", "loose thread", "pulled thread", "weave fault", "turned part",
                    "misplaced part", "shifted part", "shifted hole", "crooked part", "crooked label",
                    "turned feature", "rotated feature", "rotated label", "displaced feature", "displaced thread",
                    "turned weave", "skewed weave", "distorted weave", "snagged thread",
                ], heldOut: ["crooked thread", "displaced part", "shifted weave", "rotated part"])
        }
    }
}
