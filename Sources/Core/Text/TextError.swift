/// Why a text or a vocabulary could not be taken. `source` is what the text came from, as a person would call it.
package enum TextError: Error, Sendable, Equatable {
    /// The bytes are no UTF-8; `byte` counts from 0.
    case notUTF8(source: String, byte: Int)
    /// More bytes than are read from such a source.
    case tooLarge(source: String, bytes: Int, limit: Int)
    /// A vocabulary, a list of merges or a tokenizer that cannot be used.
    case badVocabulary(source: String, problem: String)
}

extension TextError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notUTF8(let source, let byte):
            "\(source): expected UTF-8, got a byte sequence at byte \(byte) that is none; save the text as UTF-8"
        case .tooLarge(let source, let bytes, let limit):
            "\(source): expected at most \(limit) bytes, got \(bytes); shorten it"
        case .badVocabulary(let source, let problem):
            "\(source): not a usable vocabulary: \(problem); copy or download it again"
        }
    }
}

/// Text from outside: bytes until they have been checked.
package enum TextInput {
    /// The string in `bytes`, which must be at most `limit` and whole UTF-8. Nothing is replaced or repaired.
    package static func decoded(
        _ bytes: some Collection<UInt8>, source: String, limit: Int
    ) throws(TextError) -> String {
        guard bytes.count <= limit else { throw .tooLarge(source: source, bytes: bytes.count, limit: limit) }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var byte = 0
        while case .valid(let scalar) = parser.parseScalar(from: &rest) { byte += scalar.count }
        throw .notUTF8(source: source, byte: byte)
    }

    /// The lines of a text, without their ends (LF or CRLF) and without an empty last one, as slices of its bytes.
    static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    }
}
