import Defects

/// A region whose description is known: what the language half learns from.
package struct RegionExample: Sendable {
    /// `RegionFeatures.row`, of the region and of a few others that inspection might have found in its place.
    package let rows: [[Float]]
    /// A name for the kind, equal for regions that no wording may set apart.
    package let kind: String
    /// Sentences about it in different wordings, one at least.
    package let captions: [String]
    /// Words for how large it is, the usual one first (`PlaceWords.sizes`); none where that is not known.
    package let sizes: [String]

    package init(rows: [[Float]], kind: String, captions: [String], sizes: [String] = []) {
        precondition(!rows.isEmpty && !captions.isEmpty, "RegionExample: expected features and captions, got none")
        self.rows = rows
        self.kind = kind
        self.captions = captions
        self.sizes = sizes
    }
}
