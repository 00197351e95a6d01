import Handover
import Numerics

/// The names that a line gives to regions, and from where on a name fits.
package struct Vocabulary: Sendable {
    /// One name per row of `embeddings`.
    package let labels: [String]
    /// Text embeddings of the names, (names, d), each of unit length.
    package let embeddings: Matrix<Float>
    /// The similarity from which the nearest name is given; below it the region is `unknown`. Measured on regions whose
    /// own name was left out.
    package let least: Double

    /// Traps unless there is a name, and one embedding for each.
    package init(labels: [String], embeddings: Matrix<Float>, least: Double) {
        precondition(
            !labels.isEmpty && embeddings.rows == labels.count,
            "Vocabulary: expected one embedding for each of \(labels.count) names, got \(embeddings.rows)")
        self.labels = labels
        self.embeddings = embeddings
        self.least = least
    }

    /// Names with their cosines to `embedding` (d, unit length), nearest first; equal ones in the vocabulary's order.
    package func ranked(_ embedding: ArraySlice<Float>) -> [RegionDescription.Alternative] {
        precondition(
            embedding.count == embeddings.columns,
            "Vocabulary: expected an embedding of width \(embeddings.columns), got \(embedding.count)")
        return order(embedding).map(name)
    }

    /// A row and its cosine to an embedding.
    typealias Place = (row: Int, cosine: Double)

    /// Rows with their cosines to `embedding`, nearest first; equal ones in the vocabulary's order. All rows, or `rows`.
    func order(_ embedding: ArraySlice<Float>, rows: [Int]? = nil) -> [Place] {
        (rows ?? Array(labels.indices)).map { row in
            (row, zip(embeddings.row(row), embedding).reduce(0.0) { $0 + Double($1.0 * $1.1) })
        }.sorted { ($1.cosine, $0.row) < ($0.cosine, $1.row) }
    }

    func name(_ place: Place) -> RegionDescription.Alternative {
        RegionDescription.Alternative(label: labels[place.row], similarity: min(1, max(-1, place.cosine)))
    }
}
