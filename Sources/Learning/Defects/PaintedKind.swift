/// The kinds of damage that are painted on pictures of good parts, so that a line's language half learns words without
/// ever seeing a real defect: the eight of the renderer, and four that only real surfaces have.
package enum PaintedKind: String, Sendable, CaseIterable, Codable {
    case scratch, dent, stain, contamination, crack, missing, wiped, misplaced
    /// A small hole or pore.
    case pit
    /// A piece broken off.
    case chip
    /// A worn, ragged place.
    case fray
    /// Uneven brightness without an edge.
    case uneven

    /// Kinds whose names people use for each other.
    package enum Family: Sendable, CaseIterable {
        /// What breaks cracks, and is gone where a piece comes off.
        case broken
        /// Dirt that lies there and dirt that has dried.
        case soiled
    }

    /// Its family; nil for a kind that stands alone.
    package var family: Family? {
        switch self {
        case .chip, .crack, .missing: .broken
        case .stain, .contamination: .soiled
        default: nil
        }
    }

    /// Further names, of words that other kinds are called by too: what ties kinds together for a text encoder that knows no
    /// language but its line's. A published one knows better, and never reads them.
    package var kindred: [String] {
        switch self {
        case .crack: ["break line", "broken line", "line break", "thin break"]
        case .missing: ["broken-out feature", "broken-away part", "part broken off", "broken piece is gone"]
        case .stain:
            [
                "contaminated spot", "contaminated area", "liquid contamination", "oily contamination", "soiled spot",
                "dirty area",
            ]
        case .contamination: ["dirt", "contaminating particle", "contaminated place"]
        default: []
        }
    }

    /// What people call it.
    package var wordings: DefectPhrases.Wordings {
        switch self {
        case .scratch: DefectPhrases.wordings(.scratch)
        case .dent: DefectPhrases.wordings(.dent)
        case .stain: DefectPhrases.wordings(.stain)
        case .contamination: DefectPhrases.wordings(.contamination)
        case .crack: DefectPhrases.wordings(.crack)
        case .missing: DefectPhrases.wordings(.missing)
        case .wiped: DefectPhrases.wordings(.wiped)
        case .misplaced: DefectPhrases.wordings(.misplaced)
        case .pit:
            DefectPhrases.Wordings(
                trained: [
                    "pit", "blowhole", "pore", "pinhole", "small hole", "void", "cavity", "gas pore", "pitted spot",
                    "hole in the surface",
                ], heldOut: ["porosity", "small cavity", "punctured spot", "sink hole"])
        case .chip:
            DefectPhrases.Wordings(
                trained: [
                    "chip", "broken-off piece", "break", "breakage", "broken edge", "chipped edge", "broken area",
                    "piece broken out", "knocked-off corner", "broken corner",
                ], heldOut: ["splintered rim", "spalling", "broken part", "chunk that came off"])
        case .fray:
            DefectPhrases.Wordings(
                trained: [
                    "frayed edge", "fray", "ragged edge", "worn place", "rough patch", "roughened area", "abraded area",
                    "frayed area", "rough surface", "burr",
                ], heldOut: ["fraying", "unravelled border", "coarse area", "wear"])
        case .uneven:
            DefectPhrases.Wordings(
                trained: [
                    "uneven surface", "uneven shade", "uneven brightness", "patchy surface", "shaded area",
                    "uneven colour", "mottled area", "uneven area", "cloudy area", "irregular shading",
                ], heldOut: ["unevenness", "blotchy shading", "inhomogeneous tone", "variation of brightness"])
        }
    }
}
