import Handover
import Numerics

/// Texts that near-identical consecutive parts share: a defect that is stuck in the fixture, a camera that fires twice.
///
/// A region at the place of one of the part before, whose ŝ is near that one's, is not compared with the whole vocabulary
/// again but with the few names that were nearest then. That is done only where no other name can have come nearer in the
/// meantime (an embedding that moves by δ changes a cosine by at most δ), so what is said is what decoding would say, to
/// the bit, and does not depend on which parts a worker has seen before.
package struct SharedTexts: Sendable {
    /// Texts decoded anew, and texts taken over from the part before.
    package struct Counts: Sendable, Equatable {
        package var decoded = 0
        package var shared = 0

        package init() {}

        package mutating func add(_ other: Counts) {
            decoded += other.decoded
            shared += other.shared
        }
    }

    /// Of the last part.
    package private(set) var counts = Counts()
    private var before: [Decoded] = []
    private var current: [Decoded] = []

    /// Cosine from which two regions may be one.
    static let near = 0.99
    /// Names kept of each decoding.
    static let kept = 8
    /// Room for rounding in cosines of single precision.
    private static let slack = 1e-5

    private struct Decoded {
        let place: Box
        let embedding: [Float]
        /// Rows of the vocabulary that were nearest, and the cosine that no other row exceeded.
        let rows: [Int]
        let beyond: Double
    }

    package init() {}

    /// The next part's turn: what was decoded since the last call is now the part before.
    mutating func nextPart() {
        counts = Counts()
        before = current
        current.removeAll(keepingCapacity: true)
    }

    /// The `count` names nearest to `embedding`, as `Vocabulary.ranked` orders them.
    mutating func nearest(
        _ count: Int, to embedding: [Float], at place: Box, in vocabulary: Vocabulary
    ) -> [RegionDescription.Alternative] {
        if let earlier = before.filter({ $0.place.overlap(place) > 0.5 }).max(by: {
            $0.place.overlap(place) < $1.place.overlap(place)
        }), let names = vouched(count, embedding, earlier, vocabulary) {
            counts.shared += 1
            current.append(earlier)
            return names
        }
        counts.decoded += 1
        let order = vocabulary.order(embedding[...])
        let beyond = order.count > Self.kept ? order[Self.kept].cosine : -Double.infinity
        current.append(
            Decoded(place: place, embedding: embedding, rows: order.prefix(Self.kept).map(\.row), beyond: beyond))
        return order.prefix(count).map(vocabulary.name)
    }

    /// The nearest names by what was nearest `earlier`; nil where another might be nearer now.
    private func vouched(
        _ count: Int, _ embedding: [Float], _ earlier: Decoded, _ vocabulary: Vocabulary
    ) -> [RegionDescription.Alternative]? {
        let square = zip(embedding, earlier.embedding).reduce(0.0) { sum, pair in
            let difference = Double(pair.0) - Double(pair.1)
            return sum + difference * difference
        }
        // Of unit vectors, |a − b|² = 2 − 2 cos.
        guard square <= 2 - 2 * Self.near else { return nil }
        let order = vocabulary.order(embedding[...], rows: earlier.rows)
        let needed = min(count, vocabulary.labels.count)
        guard order.count >= needed, needed > 0,
            order[needed - 1].cosine > earlier.beyond + square.squareRoot() + Self.slack
        else { return nil }
        return order.prefix(needed).map(vocabulary.name)
    }
}
