import Foundation
import Numerics

/// The tokenizer of a text encoder that is trained with a line: whole words where its captions had them, else the
/// word's bytes, so that any text has tokens. The same captions give the same tokenizer, in any order.
///
/// Token 0 begins every text, token 1 begins a spelled word, 2…257 are bytes, then come the words.
package struct LineTokenizer: Sendable, Equatable {
    /// Words known as a whole, most frequent first.
    package let words: [String]
    /// Longest sequence; the text's end is cut off.
    package let maximumLength: Int
    private let places: [[UInt8]: Int]

    static let begin = 0
    static let spelled = 1
    static let firstByte = 2
    static let firstWord = 258
    /// What a tokenizer from a file may hold at most.
    static let mostWords = 65_536
    static let longestWord = 64
    static let longestSequence = 1024

    /// Number of tokens.
    package var count: Int { Self.firstWord + words.count }

    /// Learns the words that occur at least `times` in `captions`, at most `limit` of them.
    package init(
        learning captions: some Sequence<String>, times: Int = 2, limit: Int = 4096, maximumLength: Int = 64
    ) {
        precondition(
            (1...Self.mostWords).contains(limit) && (2...Self.longestSequence).contains(maximumLength),
            "LineTokenizer: expected 1…\(Self.mostWords) words and 2…\(Self.longestSequence) tokens, got \(limit) and \(maximumLength)"
        )
        var counts: [[UInt8]: Int] = [:]
        for caption in captions {
            Self.words(of: caption) { word in
                if word.count <= Self.longestWord { counts[word, default: 0] += 1 }
                return true
            }
        }
        let known = counts.filter { $0.value >= times }.sorted { a, b in
            a.value != b.value ? a.value > b.value : a.key.lexicographicallyPrecedes(b.key)
        }
        self.init(checked: known.prefix(limit).map { String(decoding: $0.key, as: UTF8.self) }, maximumLength)
    }

    private init(checked words: [String], _ maximumLength: Int) {
        self.words = words
        self.maximumLength = maximumLength
        var places: [[UInt8]: Int] = [:]
        for (place, word) in words.enumerated() { places[Array(word.utf8)] = Self.firstWord + place }
        self.places = places
    }

    /// The text's tokens, never none. Work stops where the room is full.
    package func sequence(_ text: String) -> [Int] {
        var nothing = RandomSource?.none
        return sequence(text, spelling: 0, using: &nothing)
    }

    /// As above, with known words spelled at random, at this rate: how training learns to read spelled words.
    package func sequence(_ text: String, spelling rate: Double, using random: inout RandomSource) -> [Int] {
        var source = Optional(random)
        defer { random = source! }
        return sequence(text, spelling: rate, using: &source)
    }

    private func sequence(_ text: String, spelling rate: Double, using random: inout RandomSource?) -> [Int] {
        var result = [Self.begin]
        Self.words(of: text) { word in
            if let place = places[word], !(rate > 0 && random != nil && random!.uniform() < rate) {
                result.append(place)
            } else {
                result.append(Self.spelled)
                for byte in word {
                    guard result.count < maximumLength else { return false }
                    result.append(Self.firstByte + Int(byte))
                }
            }
            return result.count < maximumLength
        }
        return result
    }

    /// Calls `body` with the bytes of each word, composed and lowered, until it says false: runs of letters and their
    /// marks, single digits, single characters of any other kind. Spaces and controls end a word and are none.
    private static func words(of text: String, _ body: ([UInt8]) -> Bool) {
        var chunk = String.UnicodeScalarView()
        var length = 0
        var goesOn = true
        func take() {
            if goesOn, length > 0 { goesOn = cut(chunk, body) }
            chunk = String.UnicodeScalarView()
            length = 0
        }
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                take()
                if !goesOn { return }
            } else if goesOn {
                chunk.append(scalar)
                length += 1
                // A chunk without spaces is read in parts: nothing is known as a whole at that length.
                if length >= 256 { take() }
            } else {
                return
            }
        }
        take()
    }

    private static func cut(_ chunk: String.UnicodeScalarView, _ body: ([UInt8]) -> Bool) -> Bool {
        var word: [UInt8] = []
        for scalar in String(chunk).precomposedStringWithCanonicalMapping.unicodeScalars {
            for lowered in scalar.properties.lowercaseMapping.unicodeScalars {
                if isInWord(lowered) {
                    word.append(contentsOf: UTF8.encode(lowered)!)  // every scalar has an encoding
                    continue
                }
                if !word.isEmpty, !body(word) { return false }
                word.removeAll(keepingCapacity: true)
                if !body(Array(UTF8.encode(lowered)!)) { return false }
            }
        }
        return word.isEmpty || body(word)
    }

    private static func isInWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark:
            true
        default: false
        }
    }
}

extension LineTokenizer: Codable {
    private enum CodingKeys: String, CodingKey { case words, maximumLength }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let words = try container.decode([String].self, forKey: .words)
        let maximumLength = try container.decode(Int.self, forKey: .maximumLength)
        func damaged(_ key: CodingKeys, _ problem: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: container, debugDescription: problem)
        }
        guard (2...Self.longestSequence).contains(maximumLength) else {
            throw damaged(.maximumLength, "expected 2…\(Self.longestSequence), got \(maximumLength)")
        }
        guard words.count <= Self.mostWords else {
            throw damaged(.words, "expected at most \(Self.mostWords) words, got \(words.count)")
        }
        self.init(checked: words, maximumLength)
        guard places.count == words.count, words.allSatisfy({ (1...Self.longestWord).contains($0.utf8.count) }) else {
            throw damaged(.words, "expected different words of 1…\(Self.longestWord) bytes")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(words, forKey: .words)
        try container.encode(maximumLength, forKey: .maximumLength)
    }
}
