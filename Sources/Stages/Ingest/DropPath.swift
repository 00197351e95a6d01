import Foundation

/// File names are bytes and not always text: cameras write Latin-1, newlines, anything. In reports a path is text, so
/// every byte that is no part of valid UTF-8, every control character and `%` itself is written as `%XX`. That loses
/// nothing: `bytes(of:)` gives back exactly what the folder holds.
package enum DropPath {
    /// The path as text.
    package static func text(of bytes: [UInt8]) -> String {
        var text = ""
        text.reserveCapacity(bytes.count)
        var start = 0
        while start < bytes.count {
            guard let (scalar, length) = scalar(in: bytes, at: start) else {
                text += escaped(bytes[start])
                start += 1
                continue
            }
            // C0 and C1 control characters could break lines and terminals; `%` starts an escape.
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            if isControl || scalar == "%" {
                for byte in bytes[start..<start + length] { text += escaped(byte) }
            } else {
                text.unicodeScalars.append(scalar)
            }
            start += length
        }
        return text
    }

    /// The bytes that `text(of:)` was made from; nil when an escape is broken.
    package static func bytes(of text: String) -> [UInt8]? {
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            guard source[index] == UInt8(ascii: "%") else {
                bytes.append(source[index])
                index += 1
                continue
            }
            guard index + 2 < source.count,
                let high = Character(UnicodeScalar(source[index + 1])).hexDigitValue,
                let low = Character(UnicodeScalar(source[index + 2])).hexDigitValue
            else { return nil }
            bytes.append(UInt8(high * 16 + low))
            index += 3
        }
        return bytes
    }

    /// The names on the way to a file, outermost first; nil when the path could lead out of the drop (empty names,
    /// `.`, `..`, NUL) or cannot be read.
    package static func components(of text: String) -> [[UInt8]]? {
        guard let all = bytes(of: text) else { return nil }
        let names = all.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
        let isSafe = names.allSatisfy { name in
            !name.isEmpty && name != Array(".".utf8) && name != Array("..".utf8) && !name.contains(0)
        }
        return isSafe ? names : nil
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
    }

    /// The UTF-8 scalar that starts at `index`, with its length in bytes; nil when there is none.
    private static func scalar(in bytes: [UInt8], at index: Int) -> (Unicode.Scalar, Int)? {
        let length: Int
        switch bytes[index] {
        case 0..<0x80: length = 1
        case 0xc2..<0xe0: length = 2
        case 0xe0..<0xf0: length = 3
        case 0xf0..<0xf5: length = 4
        default: return nil
        }
        guard index + length <= bytes.count,
            let text = String(validating: bytes[index..<index + length], as: UTF8.self),
            let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1
        else { return nil }
        return (scalar, length)
    }
}
