/// CLIP's pattern: special tokens, English contractions, runs of letters, single digits, runs of anything else.
///
///     <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
enum CLIPPattern {
    private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }
    private static let specials = [BytePairs.beginText, BytePairs.endText].map { Array($0.unicodeScalars) }

    private enum Kind { case letter, number, other }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        if scalar.isASCII {
            return switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A: .letter
            case 0x30...0x39: .number
            default: .other
            }
        }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        default: .other
        }
    }

    /// The pieces of the match at `start` in text without spaces; moves `start` behind it. A special token that was
    /// not taken as such before (it was written in capitals) comes in three pieces, as the original cuts it.
    static func pieces(_ text: [Unicode.Scalar], from start: inout Int) -> [Range<Int>] {
        let begin = start
        let rest = text[begin...]
        if let special = specials.first(where: { rest.starts(with: $0) }) {
            start += special.count
            return [begin..<begin + 2, begin + 2..<start - 2, start - 2..<start]
        }
        if let contraction = contractions.first(where: { rest.starts(with: $0) }) {
            start += contraction.count
            return [begin..<start]
        }
        let kind = kind(text[begin])
        start += 1
        if kind == .number { return [begin..<start] }
        while start < text.count, self.kind(text[start]) == kind { start += 1 }
        return [begin..<start]
    }
}
