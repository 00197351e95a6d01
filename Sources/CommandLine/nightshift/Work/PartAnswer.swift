import Describe
import Foundation
import Handover
import Numerics
import Text

/// An answer to a question about one inspected part.
package struct PartAnswer: Sendable, Equatable {
    /// What can be said.
    package enum Reply: String, Sendable { case yes, no, unknown }

    package let reply: Reply
    /// Cosine between the question's words, or the name that they mean, and the nearest region, −1…1; nil where no region
    /// was compared.
    package let similarity: Double?
    /// Number of that region, from 1.
    package let region: Int?
    /// The name that fits the region better than the question's words, or as well; nil where there is none.
    package let rival: RegionDescription.Alternative?
    /// Why, in one sentence.
    package let reason: String

    /// How much nearer than the question's words another name must be before it speaks against them.
    static let tie = 0.05
    /// Names as near to the question's words as this mean the same and do not compete with them.
    static let same = 0.6

    /// The answer of a part whose regions were described.
    ///
    /// - Parameters:
    ///   - words: the question's content, in the space of the regions, of unit length.
    ///   - content: the same as text; a question by a label means it, wherever the words lie: "chip" is many things.
    ///   - regions: ŝ of each region, nil where it has none.
    package init(words: ArraySlice<Float>, content: String, regions: [[Float]?], vocabulary: Vocabulary) {
        let meant = vocabulary.ranked(words)
        let named = Set(vocabulary.labels.filter { Question($0).content == content && !content.isEmpty })
        let isKnown = !named.isEmpty || (meant.first?.similarity ?? -1) >= max(vocabulary.least, Self.same)
        let alike = Set(meant.filter { $0.similarity >= Self.same }.map(\.label)).union(named)
        // Where the words mean a name, regions of that name answer them: a label and an answer must not contradict.
        let own = isKnown ? alike : []
        let others = Set(vocabulary.labels).subtracting(alike)
        var best: (similarity: Double, region: Int, rival: RegionDescription.Alternative?)?
        for (index, embedding) in regions.enumerated() {
            guard let embedding else { continue }
            let ranked = vocabulary.ranked(embedding[...])
            let similarity = max(
                zip(words, embedding).reduce(0.0) { $0 + Double($1.0 * $1.1) },
                ranked.first { own.contains($0.label) }?.similarity ?? -1)
            let rival = ranked.first { others.contains($0.label) }
            let lead = similarity - (rival?.similarity ?? -1)
            if best.map({ lead > $0.similarity - ($0.rival?.similarity ?? -1) }) ?? true {
                best = (similarity, index + 1, rival)
            }
        }
        similarity = best?.similarity
        region = best?.region
        rival = best?.rival
        guard let best else {
            reply = .unknown
            reason = "none of the part's regions has a description"
            return
        }
        let lead = best.similarity - (best.rival?.similarity ?? -1)
        if best.similarity >= vocabulary.least, lead >= 0 {
            reply = .yes
            reason = "region \(best.region) is nearer to these words than to any other name of the line"
        } else if !isKnown {
            reply = .unknown
            reason =
                "the line learned no name near these words, so it cannot tell; nearest: "
                + meant.prefix(2).map(\.label).joined(separator: ", ")
        } else if best.similarity >= vocabulary.least, lead > -Self.tie {
            reply = .unknown
            reason = "region \(best.region) is as near to \(best.rival?.label ?? "another name") as to these words"
        } else if lead >= 0, best.rival != nil {
            reply = .unknown
            reason =
                "region \(best.region) is nearer to these words than to any other name, but not near enough to be sure"
        } else {
            reply = .no
            reason =
                best.rival.map { "what stands out is nearer to: \($0.label)" }
                ?? "no region is near enough to these words"
        }
    }

    /// An answer that needs no comparison.
    package init(_ reply: Reply, reason: String) {
        self.reply = reply
        self.reason = reason
        similarity = nil
        region = nil
        rival = nil
    }
}
