/// Words as long as a file, in parts that are normalised one after the other: putting the marks of one letter in order
/// may take time that grows with the square of their number.
enum LongWord {
    private static let usualPart = 512
    private static let longestPart = 1024

    /// Calls `body` with the word's parts until it says false. A part ends before a letter or digit that joins with
    /// nothing before it, so that the parts' normal forms together are the word's; only letters with hundreds of marks
    /// are cut elsewhere.
    static func parts(_ word: String.UnicodeScalarView, _ body: (String) -> Bool) {
        var part = String.UnicodeScalarView()
        var length = 0
        for scalar in word {
            if length >= longestPart || length >= usualPart && standsAlone(scalar) {
                guard body(String(part)) else { return }
                part = String.UnicodeScalarView()
                length = 0
            }
            part.append(scalar)
            length += 1
        }
        if length > 0 { _ = body(String(part)) }
    }

    private static func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x11FF, 0xA960...0xA97F, 0xD7B0...0xD7FF: return false  // Hangul letters join into syllables
        default: break
        }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .decimalNumber: true
        default: false
        }
    }
}
