/// Tokens that stand for themselves wherever their exact bytes occur in a text, before anything else is done to it.
struct SpecialTokens: Sendable {
    private let entries: [(bytes: [UInt8], token: Int)]
    private let first: Set<UInt8>

    init(_ tokens: [([UInt8], Int)]) {
        entries = tokens.map { (bytes: $0.0, token: $0.1) }
        first = Set(tokens.compactMap(\.0.first))
    }

    /// One piece of a text.
    enum Piece {
        case scalar(Unicode.Scalar)
        case special(Int)
    }

    /// Calls `body` with each scalar of the text, and with the special tokens in their places; stops when it says false.
    func pieces(of text: String, _ body: (Piece) -> Bool) {
        var text = text
        text.makeContiguousUTF8()
        var index = text.unicodeScalars.startIndex
        let end = text.unicodeScalars.endIndex
        while index < end {
            let scalar = text.unicodeScalars[index]
            if scalar.isASCII, first.contains(UInt8(scalar.value)),
                let found = entries.first(where: { text.utf8[index...].starts(with: $0.bytes) })
            {
                guard body(.special(found.token)) else { return }
                index = text.utf8.index(index, offsetBy: found.bytes.count)
            } else {
                guard body(.scalar(scalar)) else { return }
                index = text.unicodeScalars.index(after: index)
            }
        }
    }
}
