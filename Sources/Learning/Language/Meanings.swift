import Defects
import Foundation
import Text

/// How near in meaning a line's texts are, as far as its own wordings tell: a thesaurus made from the names of its kinds.
///
/// A meaning is a vector of length 1: a share for every kind, one for every family of kinds that people name alike, and
/// the size that is said. Cosines between meanings are what a text encoder should find between texts.
struct Meanings {
    /// Part of a kind's meaning that it shares with its family: names of one family have at least this cosine.
    private static let familyShare: Float = 0.4
    /// Length of the size that is said beside that of what is said to have it.
    private static let sizeWeight: Float = 0.4

    private let kinds: [String]
    /// By word, how its uses are spread over the kinds; sums to 1.
    private let uses: [String: [Float]]

    /// - Parameter phrases: names by kind.
    init(_ phrases: [String: [String]]) {
        kinds = phrases.keys.sorted()
        var uses: [String: [Float]] = [:]
        for (place, kind) in kinds.enumerated() {
            let names = phrases[kind] ?? []
            for name in names {
                for word in Set(Self.words(of: name)) {
                    uses[word, default: [Float](repeating: 0, count: kinds.count)][place] += 1 / Float(names.count)
                }
            }
        }
        self.uses = uses.mapValues { shares in
            let sum = shares.reduce(0, +)
            return shares.map { $0 / sum }
        }
    }

    /// What a sentence about an example of `kind` means: the kind, whatever its words are used for elsewhere.
    func ofSentence(_ text: String, kind: String) -> [Float] { meaning(own(kind), text) }

    /// What a name means: half its kind and half what its words are used for, so that "contamination" is near to
    /// "oily contamination", which is a stain.
    func ofName(_ text: String, kind: String) -> [Float] {
        guard let used = used(text) else { return ofSentence(text, kind: kind) }
        return meaning(zip(own(kind), used).map { $0 + $1 }, text)
    }

    /// What words mean that stand for themselves; nil where no name has any of them.
    func ofWords(_ text: String) -> [Float]? { used(text).map { meaning($0, text) } }

    private func own(_ kind: String) -> [Float] { kinds.map { $0 == kind ? 1 : 0 } }

    /// Shares of the kinds that the words are used for, words of one kind alone counting most; they sum to 1.
    private func used(_ text: String) -> [Float]? {
        var shares = [Float](repeating: 0, count: kinds.count)
        for word in Self.words(of: text) {
            guard let uses = uses[word], let greatest = uses.max() else { continue }
            for place in shares.indices { shares[place] += greatest * uses[place] }
        }
        let sum = shares.reduce(0, +)
        return sum > 0 ? shares.map { $0 / sum } : nil
    }

    private func meaning(_ shares: [Float], _ text: String) -> [Float] {
        var result = [Float](repeating: 0, count: kinds.count + PaintedKind.Family.allCases.count)
        for (place, kind) in kinds.enumerated() {
            guard let family = PaintedKind(rawValue: kind)?.family,
                let shared = PaintedKind.Family.allCases.firstIndex(of: family)
            else {
                result[place] += shares[place]
                continue
            }
            result[place] += shares[place] * (1 - Self.familyShare).squareRoot()
            result[kinds.count + shared] += shares[place] * Self.familyShare.squareRoot()
        }
        result = Self.unit(result)
        // Sizes lie on half a circle: the next one is near, the smallest and the largest are opposites.
        let angle = PlaceWords.size(saidIn: text).map { PlaceWords.sizePositions[$0] * .pi }
        result.append(angle.map { Self.sizeWeight * cos($0) } ?? 0)
        result.append(angle.map { Self.sizeWeight * sin($0) } ?? 0)
        return Self.unit(result)
    }

    private static func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? vector.map { $0 / length } : vector
    }

    /// Words that speak of sizes are no kind's own: some pits are small holes, and what is small is no pit.
    private static let sizeWords = Set((0..<PlaceWords.sizeCount).flatMap(PlaceWords.sizes(rank:)).flatMap(letters))

    private static func words(of text: String) -> [String] { letters(text).filter { !sizeWords.contains($0) } }

    private static func letters(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter }.map(String.init)
    }
}
