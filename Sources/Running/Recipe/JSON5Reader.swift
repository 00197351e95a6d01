/// Reads JSON5 (json5.org, version 1.0.0): comments, trailing commas, unquoted keys, single quotes, hexadecimal
/// numbers.
///
/// Foundation's decoder reads JSON5 too, but says only "not valid JSON" without a place, and keeps the first of two
/// equal keys in silence: a recipe is written by hand, so both must be told. Depth is limited so that no text can
/// exhaust the stack.
struct JSON5Reader {
    /// Where and why the text is not JSON5; lines and columns count from 1, columns in Unicode scalars.
    struct Problem: Error, Equatable {
        let line: Int
        let column: Int
        let expected: String
        let got: String
    }

    /// A recipe nests three deep; 32 leaves room and cannot exhaust any stack.
    static let deepest = 32

    private let scalars: [Unicode.Scalar]
    private var index = 0

    private init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The one value in `text`. Throws at the first place that is not JSON5.
    static func read(_ text: String) throws(Problem) -> JSON5Value {
        var reader = JSON5Reader(text)
        if reader.peek == "\u{FEFF}" { reader.index += 1 }
        try reader.skipSpace()
        let value = try reader.value(depth: 0)
        try reader.skipSpace()
        if reader.peek != nil { throw reader.problem(expected: "the end of the file") }
        return value
    }

    private var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private func problem(expected: String, at place: Int? = nil, got: String? = nil) -> Problem {
        let place = place ?? index
        var line = 1
        var column = 1
        for scalar in scalars[..<min(place, scalars.count)] {
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        let found =
            got
            ?? (place < scalars.count ? JSON5Value.quoted(String(Character(scalars[place]))) : "the end of the file")
        return Problem(line: line, column: column, expected: expected, got: found)
    }

    private mutating func skipSpace() throws(Problem) {
        while let scalar = peek {
            if scalar.properties.isWhitespace || scalar == "\u{FEFF}" {
                index += 1
            } else if scalar == "/" {
                let start = index
                index += 1
                if peek == "/" {
                    while let next = peek, next != "\n", next != "\r" { index += 1 }
                } else if peek == "*" {
                    index += 1
                    while true {
                        guard index + 1 < scalars.count else {
                            throw problem(expected: "'*/' that ends this comment", at: start, got: "none")
                        }
                        if scalars[index] == "*", scalars[index + 1] == "/" { break }
                        index += 1
                    }
                    index += 2
                } else {
                    throw problem(expected: "a comment, '//' or '/*'")
                }
            } else {
                return
            }
        }
    }

    private mutating func value(depth: Int) throws(Problem) -> JSON5Value {
        guard depth < JSON5Reader.deepest else {
            throw problem(expected: "at most \(JSON5Reader.deepest) levels of nesting", got: "more")
        }
        switch peek {
        case "{": return try object(depth: depth)
        case "[": return try list(depth: depth)
        case "\"", "'": return .text(try quotedText())
        case let scalar? where scalar == "-" || scalar == "+" || scalar == "." || isDigit(scalar): return try number()
        case let scalar? where isWordStart(scalar):
            let start = index
            let word = try self.word()
            switch word {
            case "true": return .flag(true)
            case "false": return .flag(false)
            case "null": return .null
            case "NaN": return .number(.nan, spelling: "NaN")
            case "Infinity": return .number(.infinity, spelling: "Infinity")
            default:
                throw problem(expected: "a value (text stands in quotes)", at: start, got: JSON5Value.quoted(word))
            }
        default: throw problem(expected: "a value")
        }
    }

    private mutating func object(depth: Int) throws(Problem) -> JSON5Value {
        index += 1
        var members: [JSON5Value.Member] = []
        var keys: Set<String> = []
        while true {
            try skipSpace()
            if peek == "}" { break }
            let start = index
            let key: String
            if peek == "\"" || peek == "'" {
                key = try quotedText()
            } else if let scalar = peek, isWordStart(scalar) {
                key = try word()
            } else {
                throw problem(expected: "a key or '}'")
            }
            if !keys.insert(key).inserted {
                throw problem(expected: "every key once", at: start, got: "\(JSON5Value.quoted(key)) a second time")
            }
            try skipSpace()
            guard peek == ":" else { throw problem(expected: "':' after the key \(JSON5Value.quoted(key))") }
            index += 1
            try skipSpace()
            members.append(.init(key: key, value: try value(depth: depth + 1)))
            try skipSpace()
            if peek == "," { index += 1 } else if peek != "}" { throw problem(expected: "',' or '}'") }
        }
        index += 1
        return .object(members)
    }

    private mutating func list(depth: Int) throws(Problem) -> JSON5Value {
        index += 1
        var values: [JSON5Value] = []
        while true {
            try skipSpace()
            if peek == "]" { break }
            values.append(try value(depth: depth + 1))
            try skipSpace()
            if peek == "," { index += 1 } else if peek != "]" { throw problem(expected: "',' or ']'") }
        }
        index += 1
        return .list(values)
    }

    private mutating func word() throws(Problem) -> String {
        var result = String.UnicodeScalarView()
        while let scalar = peek, isWordStart(scalar) || isDigit(scalar) || scalar.properties.isXIDContinue {
            result.append(scalar)
            index += 1
        }
        return String(result)
    }

    private mutating func number() throws(Problem) -> JSON5Value {
        let start = index
        var sign = 1.0
        if peek == "-" || peek == "+" {
            sign = peek == "-" ? -1 : 1
            index += 1
        }
        let body = index
        while let scalar = peek,
            isDigit(scalar) || isWordStart(scalar) || scalar == "."
                || ((scalar == "-" || scalar == "+") && (scalars[index - 1] == "e" || scalars[index - 1] == "E")
                    && !isHexadecimal(at: body))
        { index += 1 }
        let spelling = text(start..<index)
        let digits = text(body..<index)
        if digits == "Infinity" { return .number(sign * .infinity, spelling: spelling) }
        if digits == "NaN" { return .number(.nan, spelling: spelling) }
        if isHexadecimal(at: body), let whole = UInt64(digits.dropFirst(2), radix: 16) {
            return .number(sign * Double(whole), spelling: spelling)
        }
        let hasLeadingZero = digits.count > 1 && digits.hasPrefix("0") && isDigit(scalars[body + 1])
        let isPlain = digits.unicodeScalars.allSatisfy { isDigit($0) || ".eE+-".unicodeScalars.contains($0) }
        guard isPlain, !hasLeadingZero, let magnitude = Double(padded(digits)) else {
            throw problem(expected: "a number", at: start, got: JSON5Value.quoted(spelling.prefix(40)))
        }
        return .number(sign * magnitude, spelling: spelling)
    }

    /// JSON5 allows `.5` and `5.`; Swift's reader wants a digit on both sides.
    private func padded(_ digits: String) -> String {
        var result = digits.hasPrefix(".") ? "0" + digits : digits
        if let dot = result.firstIndex(of: ".") {
            let next = result.index(after: dot)
            if next == result.endIndex || result[next] == "e" || result[next] == "E" {
                result.insert("0", at: next)
            }
        }
        return digits == "." ? "" : result
    }

    private func isHexadecimal(at body: Int) -> Bool {
        body + 1 < scalars.count && scalars[body] == "0" && (scalars[body + 1] == "x" || scalars[body + 1] == "X")
    }

    private mutating func quotedText() throws(Problem) -> String {
        let start = index
        let quote = scalars[index]
        index += 1
        var result = String.UnicodeScalarView()
        while let scalar = peek, scalar != quote {
            if scalar == "\n" || scalar == "\r" {
                throw problem(expected: "the closing \(quote) of this text", at: start, got: "the end of the line")
            }
            index += 1
            if scalar == "\\" { try escape(into: &result) } else { result.append(scalar) }
        }
        guard peek == quote else {
            throw problem(expected: "the closing \(quote) of this text", at: start, got: "the end of the file")
        }
        index += 1
        return String(result)
    }

    private mutating func escape(into result: inout String.UnicodeScalarView) throws(Problem) {
        guard let scalar = peek else { throw problem(expected: "a character after '\\'") }
        index += 1
        switch scalar {
        case "n": result.append("\n")
        case "t": result.append("\t")
        case "r": result.append("\r")
        case "b": result.append("\u{8}")
        case "f": result.append("\u{C}")
        case "v": result.append("\u{B}")
        case "0": result.append("\0")
        case "\r":
            if peek == "\n" { index += 1 }
        case "\n", "\u{2028}", "\u{2029}": break
        case "x": result.append(try hexadecimal(digits: 2))
        case "u": result.append(try hexadecimal(digits: 4))
        default: result.append(scalar)
        }
    }

    private mutating func hexadecimal(digits: Int) throws(Problem) -> Unicode.Scalar {
        let start = index
        func unit() throws(Problem) -> UInt32 {
            let end = index + digits
            guard end <= scalars.count, let value = UInt32(text(index..<end), radix: 16) else {
                throw problem(expected: "\(digits) hexadecimal digits")
            }
            index = end
            return value
        }
        let high = try unit()
        if (0xD800..<0xDC00).contains(high), index + 1 < scalars.count, text(index..<index + 2) == "\\u" {
            index += 2
            let low = try unit()
            if (0xDC00..<0xE000).contains(low),
                let pair = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
            {
                return pair
            }
        }
        guard let scalar = Unicode.Scalar(high) else {
            throw problem(expected: "a Unicode character", at: start, got: "half of a surrogate pair")
        }
        return scalar
    }

    private func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private func isWordStart(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "$" || scalar.properties.isXIDStart
    }
}
