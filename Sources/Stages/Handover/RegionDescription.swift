/// What a region is called: what the language half says about one place on a part.
package struct RegionDescription: Sendable, Equatable {
    /// Another name that fits less well.
    package struct Alternative: Sendable, Equatable {
        package let label: String
        /// Cosine between the region's embedding and the phrase's, −1…1.
        package let similarity: Double

        package init(label: String, similarity: Double) {
            self.label = label
            self.similarity = similarity
        }
    }

    /// The label of a region that no phrase of the vocabulary is near enough to.
    package static let unknown = "unknown"

    /// The nearest phrase of the line's vocabulary, or `unknown`.
    package let label: String
    /// Cosine between the region's embedding and the nearest phrase's, −1…1; also where the label is `unknown`.
    package let similarity: Double
    /// The next phrases, nearest first; where the label is `unknown`, the nearest phrase leads them.
    package let alternatives: [Alternative]
    /// One sentence for people: what, how large, where.
    package let sentence: String
    /// ŝ, the predicted embedding of the description, of unit length, (d).
    package let embedding: [Float]

    package init(
        label: String, similarity: Double, alternatives: [Alternative], sentence: String, embedding: [Float]
    ) {
        self.label = label
        self.similarity = similarity
        self.alternatives = alternatives
        self.sentence = sentence
        self.embedding = embedding
    }
}
