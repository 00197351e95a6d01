/// What people call the eight kinds of defects: the vocabulary that a language head names regions with.
///
/// `trained` wordings may occur in captions; `heldOut` ones never do, so that a test can ask whether a wording is
/// understood that was not seen. No wording belongs to two kinds, and a held-out one shares no whole phrase with what
/// the painters of defects call theirs.
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
                ], heldOut: ["scrape", "thin scraped line", "linear abrasion", "scoring"])
        case .dent:
            Wordings(
                trained: [
                    "dent", "ding", "impact mark", "pressed spot", "crease mark", "dimple", "dented spot",
                    "hollow from a blow", "bump mark", "pressed-in place",
                ], heldOut: ["depression", "indentation", "knocked-in hollow", "denting"])
        case .stain:
            Wordings(
                trained: [
                    "stain", "oil stain", "grease spot", "rust stain", "rust spot", "ink stain", "ink blot",
                    "dried drop",
                    "liquid mark", "discoloured spot",
                ], heldOut: ["blotch", "discolouration", "staining", "blemish of liquid"])
        case .contamination:
            Wordings(
                trained: [
                    "contamination", "foreign particle", "dust particle", "fibre", "lint", "foreign body",
                    "speck of dirt",
                    "chip on the surface", "hair", "loose particle",
                ], heldOut: ["debris", "foreign matter", "contaminant", "alien object"])
        case .crack:
            Wordings(
                trained: [
                    "crack", "hairline crack", "fracture", "split", "tear", "rip", "broken place", "fissure",
                    "jagged crack", "crack line",
                ], heldOut: ["rupture", "cracked area", "cleft", "torn place"])
        case .missing:
            Wordings(
                trained: [
                    "missing part", "missing feature", "absent feature", "missing hole", "missing label",
                    "missing thread", "missing ring", "gap in the weave", "left-out feature", "part not there",
                ],
                heldOut: ["omitted component", "lack of a part", "empty place where a part belongs", "forgotten piece"])
        case .wiped:
            Wordings(
                trained: [
                    "wiped print", "faded print", "smeared print", "smudged print", "blurred print", "rubbed-off print",
                    "fuzzy patch", "rubbed patch", "blurred patch", "worn print",
                ], heldOut: ["illegible lettering", "washed-out marking", "unreadable print", "smear over the print"])
        case .misplaced:
            Wordings(
                trained: [
                    "misplaced feature", "position error", "shifted feature", "crooked feature", "rotation error",
                    "deformed feature", "loose thread", "pulled thread", "weave fault", "turned part",
                ], heldOut: ["misalignment", "wrong position", "skewed placement", "part out of place"])
        }
    }
}
