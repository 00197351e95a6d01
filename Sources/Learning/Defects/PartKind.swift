import Imaging

/// The two kinds of rendered parts: one fixtured object with several features, one texture.
package enum PartKind: String, Sendable, CaseIterable, Codable {
    /// A brushed valve plate with four countersunk holes, a bore with a rubber ring, a slot, a label, an etched code.
    case plate
    /// A woven twill fabric that fills the picture.
    case fabric
}

/// The eight kinds of rendered defects; the raw value names folders and table columns.
package enum DefectKind: String, Sendable, CaseIterable, Codable {
    case scratch
    case dent
    case stain
    /// A foreign particle or fibre.
    case contamination
    /// On the fabric: a tear.
    case crack
    /// A hole, ring, label, slot or code that is not there; on the fabric: threads that are not there.
    case missing
    /// Wiped or smeared print; on the fabric: a fuzzy patch.
    case wiped
    /// A feature off its place or out of shape; on the fabric: broken weave direction or a loose thread.
    case misplaced
}

/// One rendered part, with the truth about it.
package struct RenderedPart: Sendable, Equatable {
    /// RGB.
    package let image: Image
    /// Grey, 255 where the defect changed the picture visibly and 0 elsewhere, never all 0; nil for a good part.
    package let mask: Image?
    package let kind: PartKind
    /// nil for a good part.
    package let defect: DefectKind?
    /// English sentences without a full stop, one at least, in different wordings: kind, size, place and look of the
    /// defect.
    package let captions: [String]

    /// The first of `captions`.
    package var caption: String { captions[0] }
}
