/// A strict JSON scanner for the three shapes a safetensors header is made of: objects, strings and lists of
/// non-negative integers.
///
/// Foundation's decoder keeps one of two equal names silently and recurses as deep as the file wants; here a repeated
/// name is an error and the depth is fixed by the caller.
struct HeaderScanner {
    private let bytes: [UInt8]
    private let file: String
    private var position = 0

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// `{ "name": value, … }`; `value` is called after each name and must consume what follows it.
    mutating func object(
        _ value: (inout HeaderScanner, String) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try expect("{")
        if take("}") { return }
        var names: Set<String> = []
        repeat {
            let name = try string()
            if !names.insert(name).inserted { throw failure("the name \"\(name)\" occurs twice") }
            try expect(":")
            try value(&self, name)
        } while take(",")
        try expect("}")
    }

    /// `[1, 2, …]`, each a plain integer that fits 63 bits.
    mutating func integers() throws(CheckpointError) -> [Int] {
        try expect("[")
        if take("]") { return [] }
        var numbers: [Int] = []
        repeat { numbers.append(try integer()) } while take(",")
        try expect("]")
        return numbers
    }

    /// A JSON string.
    mutating func string() throws(CheckpointError) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string is not valid UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape().utf8)
            case 0..<0x20: throw failure("a string holds a bare control character")
            default: text.append(byte)
            }
        }
        throw failure("a string does not end")
    }

    /// Nothing but padding may follow.
    mutating func end() throws(CheckpointError) {
        skipSpace()
        if position < bytes.count { throw failure("expected the end of the header") }
    }

    private mutating func integer() throws(CheckpointError) -> Int {
        skipSpace()
        let start = position
        var number = 0
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflowToo) = tens.addingReportingOverflow(Int(bytes[position] - UInt8(ascii: "0")))
            if overflow || overflowToo { throw failure("a number does not fit 63 bits") }
            number = sum
            position += 1
        }
        guard position > start else { throw failure("expected a non-negative integer") }
        guard position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
            throw failure("a number begins with 0")
        }
        return number
    }

    private mutating func escape() throws(CheckpointError) -> String {
        guard position < bytes.count else { throw failure("a string does not end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var units = [try hexadecimal()]
            if (0xD800..<0xDC00).contains(units[0]), position + 1 < bytes.count,
                bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                units.append(try hexadecimal())
            }
            guard let text = String(validating: units, as: UTF16.self) else {
                throw failure("a \\u escape is no Unicode character")
            }
            return text
        default: throw failure("an unknown escape in a string")
        }
    }

    private mutating func hexadecimal() throws(CheckpointError) -> UInt16 {
        var number: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue else {
                throw failure("a \\u escape needs four hexadecimal digits")
            }
            number = number << 4 | UInt16(digit)
            position += 1
        }
        return number
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
        if !take(character) { throw failure("expected \"\(character)\"") }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    private func failure(_ problem: String) -> CheckpointError {
        .damaged(file: file, problem: "header, byte \(position): \(problem)")
    }
}
