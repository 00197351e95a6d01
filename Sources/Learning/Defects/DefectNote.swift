/// What the painter of a defect knows about it and the picture alone does not say: words for the caption.
struct DefectNote {
    /// Names for it, any of which fits: "scratch", "score mark".
    var nouns: [String]
    /// How it looks: "brown", "jagged"; any of them fits.
    var looks: [String] = []
    /// What it lies on, if the kind itself decides that.
    var feature: String?
    /// Whole statements that fit in place of noun and look: "the rubber ring is missing".
    var statements: [String] = []
}
