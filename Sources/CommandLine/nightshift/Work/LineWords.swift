import Pipeline
import RegionIndex

/// Words that a person gives, in the space in which a line's model describes regions.
package enum LineWords {
    /// The embedding of a text, of unit length, and its space. Fails with advice where the model has no language.
    package static func embedding(
        of text: String, by opened: ModelFolder, line: String
    ) throws(VerbError) -> ([Float], TextSpace) {
        throw .failed(
            "the model of line \(line) has no language, so it cannot read words: train it with language, then `nightshift "
                + "run \(line)`; --like PART works on regions that a run has described")
    }
}
