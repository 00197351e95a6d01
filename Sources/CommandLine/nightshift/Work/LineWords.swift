import Checkpoint
import Numerics
import Pipeline
import RegionIndex

/// Words that a person gives, in the space in which a line's model describes regions.
package enum LineWords {
    /// The embedding of a text, of unit length, and its space. Fails with advice where the model has no language, or
    /// where its published text weights cannot be read.
    package static func embedding(
        of text: String, by opened: ModelFolder, line: String
    ) throws(VerbError) -> ([Float], SpaceStamp) {
        guard let language = opened.model.language else {
            throw .failed(
                "the model of line \(line) has no language, so it cannot read words: `nightshift train \(line) "
                    + "--only-language` teaches it, then `nightshift run \(line)` describes what it flags; --like PART "
                    + "needs no words")
        }
        let found: Matrix<Float>
        do { found = try language.embeddings(of: [text]) } catch { throw .failed(error.description) }
        let embedding = Array(found.row(0))
        let length = embedding.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard let space = SpaceStamp(identity: language.identity, width: embedding.count), length > 0,
            length.isFinite
        else {
            throw .failed(
                "TEXT: expected words that the model of line \(line) can read, got \(Wording.visible(text)), which it makes "
                    + "nothing of")
        }
        return (embedding.map { $0 / length }, space)
    }
}
