import Foundation

/// BERT's tokenizer for uncased models (Devlin et al., arXiv 1810.04805): text is cleaned, accents are stripped,
/// letters lowered, punctuation and Chinese characters split off, and every word cut greedily into the longest pieces
/// that the vocabulary has.
///
/// Gives the tokens that `transformers`' BertTokenizer gives for the same vocabulary.
package struct WordPiece: Sendable {
    /// Greatest size of a vocabulary file that is looked at: twenty times that of BERT.
    package static let largestFile = 5_000_000
    /// A longer word is unknown as a whole.
    static let longestWord = 100

    /// Longest sequence, with its first and last token; the text's end is cut off.
    package let maximumLength: Int
    /// Number of tokens.
    package let count: Int
    private let tokens: [[UInt8]: Int]
    private let longestToken: Int
    private let unknown: Int
    private let begin: Int
    private let end: Int
    private let special: SpecialTokens

    /// Reads a `vocab.txt`: one token a line, the line's number is the token; `source` names it in errors.
    package init(vocabulary bytes: [UInt8], source: String, maximumLength: Int = 256) throws(TextError) {
        precondition(maximumLength >= 2, "WordPiece: expected a length of at least 2, got \(maximumLength)")
        _ = try TextInput.decoded(bytes, source: source, limit: Self.largestFile)
        var tokens: [[UInt8]: Int] = [:]
        let lines = TextInput.lines(bytes)
        for (number, line) in lines.enumerated() {
            guard tokens.updateValue(number, forKey: Array(line)) == nil else {
                throw .badVocabulary(
                    source: source,
                    problem:
                        "line \(number + 1): expected every token once, got \"\(String(decoding: line, as: UTF8.self))\" twice"
                )
            }
        }
        func needed(_ token: String) throws(TextError) -> Int {
            guard let found = tokens[Array(token.utf8)] else {
                throw .badVocabulary(
                    source: source, problem: "expected the token \(token), got \(lines.count) lines without it")
            }
            return found
        }
        unknown = try needed("[UNK]")
        begin = try needed("[CLS]")
        end = try needed("[SEP]")
        special = SpecialTokens(
            ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"].compactMap { name in
                tokens[Array(name.utf8)].map { (Array(name.utf8), $0) }
            })
        self.tokens = tokens
        self.maximumLength = maximumLength
        count = lines.count
        longestToken = tokens.keys.map(\.count).max() ?? 0
    }

    /// The text's tokens between [CLS] and [SEP], at most `maximumLength` with them. Work stops where the room is full.
    package func sequence(_ text: String) -> [Int] {
        var result = [begin]
        let room = maximumLength - 1
        var word = String.UnicodeScalarView()
        func take() {
            guard !word.isEmpty else { return }
            append(word, to: &result, room: room)
            word = String.UnicodeScalarView()
        }
        special.pieces(of: text) { piece in
            switch piece {
            case .special(let token):
                take()
                if result.count < room { result.append(token) }
            case .scalar(let scalar):
                switch BERTCharacter(scalar) {
                case .removed: break
                case .space: take()
                case .ideograph:
                    take()
                    word.append(scalar)
                    take()
                case .plain, .punctuation: word.append(scalar)
                }
            }
            return result.count < room
        }
        take()
        result.append(end)
        return result
    }

    /// What lies between two spaces: without accents, lowered, split at punctuation.
    private func append(_ word: String.UnicodeScalarView, to result: inout [Int], room: Int) {
        var part: [Unicode.Scalar] = []
        func take() {
            if !part.isEmpty, result.count < room { append(part, to: &result, room: room) }
            part.removeAll(keepingCapacity: true)
        }
        func add(_ scalar: Unicode.Scalar) {
            if BERTCharacter(scalar) == .punctuation {
                take()
                part.append(scalar)
                take()
            } else {
                part.append(scalar)
            }
        }
        if word.allSatisfy(\.isASCII) {
            for scalar in word {
                guard result.count < room else { return }
                add((0x41...0x5A).contains(scalar.value) ? Unicode.Scalar(UInt8(scalar.value + 0x20)) : scalar)
            }
        } else {
            LongWord.parts(word) { piece in
                for scalar in piece.decomposedStringWithCanonicalMapping.unicodeScalars
                where !BERTCharacter.isAccent(scalar) {
                    guard result.count < room else { return false }
                    for lowered in scalar.properties.lowercaseMapping.unicodeScalars { add(lowered) }
                }
                return true
            }
        }
        take()
    }

    /// The longest piece that fits, again and again; one [UNK] for the word when none fits somewhere.
    private func append(_ word: [Unicode.Scalar], to result: inout [Int], room: Int) {
        guard word.count <= Self.longestWord else {
            result.append(unknown)
            return
        }
        var bytes: [UInt8] = []
        var starts: [Int] = []  // of each scalar in `bytes`
        for scalar in word {
            starts.append(bytes.count)
            bytes.append(contentsOf: UTF8.encode(scalar)!)  // every scalar has an encoding
        }
        var pieces: [Int] = []
        var start = 0
        while start < word.count {
            let prefix: [UInt8] = start == 0 ? [] : Array("##".utf8)
            var stop = word.count
            var found: Int?
            while stop > start {
                let length = (stop == word.count ? bytes.count : starts[stop]) - starts[start]
                if length + prefix.count <= longestToken {
                    found = tokens[prefix + bytes[starts[start]..<starts[start] + length]]
                    if found != nil { break }
                }
                stop -= 1
            }
            guard let found else {
                result.append(unknown)
                return
            }
            pieces.append(found)
            start = stop
        }
        result.append(contentsOf: pieces.prefix(room - result.count))
    }
}
