/// What a yes-or-no question about a part asks for.
package struct Question: Sendable, Equatable {
    /// The words that carry it: "cap missing" of "Is the cap missing?"; empty when none do.
    package let content: String
    /// True when it asks whether the part is good: the answer turns round.
    package let asksForGood: Bool

    private static let openers: Set<String> = [
        "is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "you", "i", "we", "see",
        "there", "it", "this", "that", "any", "a", "an", "the", "some", "part", "its", "of", "on", "in", "with", "got",
        "be", "please", "show", "contain", "piece", "to", "at", "all",
    ]
    private static let good: Set<String> = [
        "good", "fine", "ok", "okay", "intact", "flawless", "perfect", "undamaged", "clean", "faultless",
    ]
    private static let negations: Set<String> = ["not", "no", "without", "isn't", "aren't", "never", "free", "bad"]

    /// Reads a question in English; other languages keep all their words, which then decide by themselves.
    package init(_ text: String) {
        let words = text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "-") }.map(String.init)
        let carrying = words.filter { !Self.openers.contains($0) }
        let isGood = carrying.contains(where: Self.good.contains)
        let rest = carrying.filter { !Self.good.contains($0) && !Self.negations.contains($0) }
        asksForGood = isGood && rest.isEmpty && !carrying.contains(where: Self.negations.contains)
        content = rest.joined(separator: " ")
    }
}
