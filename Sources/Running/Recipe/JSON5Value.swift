/// A value read from a JSON5 text, before anybody asks what it means.
///
/// Numbers keep their spelling, so that an error can say what the person wrote (`1e400`, not `inf`), and objects keep
/// their order, so that errors come in the order of the file.
indirect enum JSON5Value: Sendable, Equatable {
    case null
    case flag(Bool)
    case number(Double, spelling: String)
    case text(String)
    case list([JSON5Value])
    case object([Member])

    /// One `key: value` of an object.
    struct Member: Sendable, Equatable {
        let key: String
        let value: JSON5Value
    }

    /// What an error says was found: short, on one line, in the spelling of the file.
    var found: String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(_, let spelling): spelling.count <= 40 ? spelling : spelling.prefix(37) + "..."
        case .text(let text): JSON5Value.quoted(text.count <= 60 ? text : text.prefix(57) + "...")
        case .list(let values): "a list of \(values.count)"
        case .object: "an object { }"
        }
    }

    /// Compact JSON with sorted keys: the same value gives the same bytes on every machine.
    ///
    /// Numbers that are whole are written without a fraction; others in the shortest form that reads back to the same
    /// Double. Strings escape only what JSON demands.
    var canonicalText: String {
        switch self {
        case .null: return "null"
        case .flag(let flag): return flag ? "true" : "false"
        case .number(let number, _): return JSON5Value.spelled(number)
        case .text(let text): return JSON5Value.quoted(text)
        case .list(let values): return "[" + values.map(\.canonicalText).joined(separator: ",") + "]"
        case .object(let members):
            let sorted = members.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
            return "{" + sorted.map { JSON5Value.quoted($0.key) + ":" + $0.value.canonicalText }.joined(separator: ",")
                + "}"
        }
    }

    /// A finite number as JSON: `224`, `0.05`, `1e-07`.
    static func spelled(_ number: Double) -> String {
        if let whole = Int(exactly: number), abs(number) < 0x1p53 { return String(whole) }
        return String(number)
    }

    /// A string as JSON, on one line, with control characters escaped.
    static func quoted(_ text: some StringProtocol) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _
            where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028
                || scalar.value == 0x2029:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A number as a value of its own spelling.
    static func number(_ number: Double) -> JSON5Value { .number(number, spelling: spelled(number)) }
}
