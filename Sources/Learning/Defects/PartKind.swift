import Imaging

/// The two kinds of rendered parts: one fixtured object with several features, one texture.
package enum PartKind: String, Sendable, CaseIterable, Codable {
    /// A brushed valve plate with four countersunk holes, a bore with a rubber ring, a slot, a label, an etched code.
    case plate
    /// A woven twill fabric that fills the picture.
    case fabric
}

/// The valve plates of one product family: what a wrong variant of the right part is. The raw value names folders.
package enum PlateDesign: String, Sendable, CaseIterable, Codable {
    /// Four holes, one in each corner.
    case fourHoles = "plate"
    /// The lower right hole is not drilled.
    case threeHoles = "plate-3"
    /// The upper right hole sits 12 of the part's 264 units further in: less than a patch of the model at 224 px.
    case narrow = "plate-narrow"
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

/// What one rendered line makes.
package struct RenderedProduct: Sendable, Equatable {
    package let kind: PartKind
    package let design: PlateDesign

    package init(_ kind: PartKind, design: PlateDesign = .fourHoles) {
        self.kind = kind
        self.design = design
    }

    /// Names its folders: `plate`, `plate-3`, `plate-narrow`, `fabric`.
    package var name: String { kind == .plate ? design.rawValue : kind.rawValue }

    /// Three plates that differ in a hole, and a fabric.
    package static let family = PlateDesign.allCases.map { RenderedProduct(.plate, design: $0) } + [.init(.fabric)]
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
