import Foundation
import Handover

/// Text on its way into HTML. File names, folders and labels come from outside and are treated as hostile.
enum HTMLText {
    /// Safe between tags and inside quoted attributes. Control characters become visible, and the marks that reorder
    /// text are replaced, so that "gnp.exe" cannot dress up as "exe.png".
    static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar.value {
            case 0x26: text += "&amp;"
            case 0x3C: text += "&lt;"
            case 0x3E: text += "&gt;"
            case 0x22: text += "&quot;"
            case 0x27: text += "&#39;"
            case 0x60: text += "&#96;"
            case 0x00...0x1F: text.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
            case 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// A number with a fixed count of decimals and a point, whatever the machine's language.
    static func number(_ value: Double, decimals: Int) -> String {
        let text = String(format: "%.\(decimals)f", value)
        // Nobody reads "-0.0" as what it is.
        return text.hasPrefix("-") && Double(text) == 0 ? String(text.dropFirst()) : text
    }

    /// A score with two decimals, or with as many more as it takes not to read as if it stood on the other side of a
    /// threshold: 0.9996 under review is not "1.00".
    static func score(_ value: Double, thresholds: Thresholds) -> String {
        func side(_ value: Double) -> Int { value >= thresholds.fail ? 2 : value >= thresholds.review ? 1 : 0 }
        for decimals in 2...6 {
            let text = number(value, decimals: decimals)
            if Double(text).map(side) == side(value) { return text }
        }
        return String(value)
    }

    /// A whole number with thin spaces between thousands.
    static func count(_ value: Int) -> String {
        let digits = String(abs(value))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202F}" }
            text.append(digit)
        }
        return (value < 0 ? "−" : "") + text
    }

    /// A p-value in words: how often a good part scores this high.
    static func rarity(pValue: Double) -> String {
        guard pValue > 0 else { return "no good part scores this high" }
        if pValue > 0.095 { return "\(number(pValue * 100, decimals: 0)) % of good parts score this high" }
        return "about 1 in \(count(Int((1 / pValue).rounded()))) good parts scores this high"
    }

    /// Whether a part's id may become a path: the letters that `Intake.partID` makes, and no way out of the folder.
    static func isSafeName(_ partID: String) -> Bool {
        !partID.isEmpty && !partID.hasPrefix(".")
            && partID.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == 0x2E || byte == 0x5F || byte == 0x2D
            }
    }
}
