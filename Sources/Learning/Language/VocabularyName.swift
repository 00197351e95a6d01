import Defects

/// A name of a vocabulary: how it is shown, the phrases that stand for it, and the kind of example that it is right for.
package struct VocabularyName: Sendable {
    package let label: String
    package let phrases: [String]
    /// nil for a line's own word, of which no example is known.
    package let kind: String?

    package init(label: String, phrases: [String], kind: String?) {
        precondition(!phrases.isEmpty, "VocabularyName: expected a phrase at least for \(label)")
        self.label = label
        self.phrases = phrases
        self.kind = kind
    }

    /// What a painted kind is shown as.
    package static func label(_ kind: PaintedKind) -> String { kind.wordings.trained[0] }

    /// The painted kinds, those of known defects, and the line's own words after them; a word that is a kind's name
    /// already is not repeated.
    package static func all(words: [String], known: [KnownDefects.Kind] = []) -> [VocabularyName] {
        let told = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0) })
        let painted = PaintedKind.allCases.map { kind in
            VocabularyName(
                label: label(kind), phrases: told[kind.rawValue]?.phrases ?? kind.wordings.trained, kind: kind.rawValue)
        }
        let others = known.filter { PaintedKind(rawValue: $0.name) == nil }
        let kinds = painted + others.map { VocabularyName(label: $0.label, phrases: $0.phrases, kind: $0.name) }
        let known = Set(kinds.map(\.label))
        return kinds + words.filter { !known.contains($0) }.map { VocabularyName(label: $0, phrases: [$0], kind: nil) }
    }
}
