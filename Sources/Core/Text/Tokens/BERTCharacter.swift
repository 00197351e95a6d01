/// What BERT's cleaning and splitting take a character for.
///
/// The published embeddings come from tables of Unicode 8 (as the `tokenizers` library has them); what was encoded
/// later is plain there, whatever it is today. That is kept: a newer table would give other tokens.
enum BERTCharacter: Sendable, Equatable {
    /// Controls, invisible formatting, private use, NUL and U+FFFD: dropped.
    case removed
    case space
    /// A Chinese character: a word of its own.
    case ideograph
    /// A word of its own.
    case punctuation
    case plain

    init(_ scalar: Unicode.Scalar) {
        if scalar.isASCII {
            self = Self.ascii(scalar.value)
            return
        }
        if Self.isIdeograph(scalar.value) {
            self = .ideograph
            return
        }
        switch scalar.value {
        case 0xFFFD:
            self = .removed
            return
        case 0x166D, 0x111C9:  // punctuation in Unicode 8, reclassified since
            self = .punctuation
            return
        default: break
        }
        let properties = scalar.properties
        guard Self.isOld(properties) else {
            self = .plain
            return
        }
        switch properties.generalCategory {
        case .control, .format, .privateUse: self = .removed
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            self = .punctuation
        default: self = properties.isWhitespace ? .space : .plain
        }
    }

    /// Whether accent stripping drops it: a non-spacing mark.
    static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x300: return false
        // Non-spacing marks in Unicode 8, reclassified since; those below the other way round.
        case 0x1734, 0x1171E: return true
        case 0x1885, 0x1886, 0xA9BD, 0x111C9: return false
        default: break
        }
        return scalar.properties.generalCategory == .nonspacingMark && isOld(scalar.properties)
    }

    private static func isOld(_ properties: Unicode.Scalar.Properties) -> Bool {
        properties.age.map { $0.major <= 8 } ?? false
    }

    private static func ascii(_ value: UInt32) -> BERTCharacter {
        switch value {
        case 0x09, 0x0A, 0x0D, 0x20: .space
        case 0..<0x20, 0x7F: .removed
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: .punctuation
        default: .plain
        }
    }

    /// The last range but one begins 256 characters late, as it does in the `tokenizers` library.
    private static func isIdeograph(_ value: UInt32) -> Bool {
        guard value >= 0x3400 else { return false }
        return switch value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
