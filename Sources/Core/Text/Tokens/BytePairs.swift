import Foundation

/// CLIP's tokenizer (Radford et al., arXiv 2103.00020): byte-level byte-pair encoding of lowered text, the last byte of
/// a word marked with `</w>`.
///
/// Gives the tokens that `transformers`' CLIPTokenizer gives for the same vocabulary and merges.
package struct BytePairs: Sendable {
    /// Greatest size of a vocabulary or merges file that is looked at; CLIP's have 0.9 and 0.5 MB.
    package static let largestFile = 10_000_000

    /// Longest sequence, with its first and last token; the text's end is cut off.
    package let maximumLength: Int
    /// Number of tokens.
    package let count: Int
    /// The token at the end of every text, whose embedding stands for the text.
    package let end: Int
    private let begin: Int
    private let bytes: [Int]
    private let lastBytes: [Int]
    private let merges: [Pair: Merge]
    private let special: SpecialTokens

    private struct Pair: Hashable {
        let left: Int
        let right: Int
    }

    private struct Merge {
        let rank: Int
        let token: Int
    }

    static let beginText = "<|startoftext|>"
    static let endText = "<|endoftext|>"

    /// Reads a `vocab.json` (token → number) and a `merges.txt` (two tokens a line, best first); the sources name them
    /// in errors.
    package init(
        vocabulary json: [UInt8], vocabularySource: String, merges list: [UInt8], mergesSource: String,
        maximumLength: Int = 77
    ) throws(TextError) {
        precondition(maximumLength >= 2, "BytePairs: expected a length of at least 2, got \(maximumLength)")
        _ = try TextInput.decoded(json, source: vocabularySource, limit: Self.largestFile)
        _ = try TextInput.decoded(list, source: mergesSource, limit: Self.largestFile)
        let vocabulary: [String: Int]
        do {
            vocabulary = try JSONDecoder().decode([String: Int].self, from: Data(json))
        } catch {
            throw .badVocabulary(source: vocabularySource, problem: "expected an object of tokens and their numbers")
        }
        guard Set(vocabulary.values) == Set(0..<vocabulary.count) else {
            throw .badVocabulary(
                source: vocabularySource,
                problem: "expected the numbers 0 to \(vocabulary.count - 1), each once")
        }
        func needed(_ token: String) throws(TextError) -> Int {
            guard let found = vocabulary[token] else {
                throw .badVocabulary(source: vocabularySource, problem: "expected the token \"\(token)\"")
            }
            return found
        }
        begin = try needed(Self.beginText)
        end = try needed(Self.endText)
        let letters = Self.letters
        var bytes: [Int] = []
        var lastBytes: [Int] = []
        for letter in letters {
            bytes.append(try needed(String(letter)))
            lastBytes.append(try needed(String(letter) + "</w>"))
        }
        var merges: [Pair: Merge] = [:]
        for (number, line) in TextInput.lines(list).enumerated()
        where !(number == 0 && line.starts(with: "#version".utf8)) && !line.isEmpty {
            let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard parts.count == 2, let left = vocabulary[parts[0]], let right = vocabulary[parts[1]],
                let token = vocabulary[parts[0] + parts[1]]
            else {
                throw .badVocabulary(
                    source: mergesSource,
                    problem: "line \(number + 1): expected two tokens of the vocabulary that make a third")
            }
            if merges[Pair(left: left, right: right)] == nil {
                merges[Pair(left: left, right: right)] = Merge(rank: number, token: token)
            }
        }
        self.bytes = bytes
        self.lastBytes = lastBytes
        self.merges = merges
        self.maximumLength = maximumLength
        count = vocabulary.count
        special = SpecialTokens([(Array(Self.beginText.utf8), begin), (Array(Self.endText.utf8), end)])
    }

    /// The letter that stands for each byte: printable Latin-1 for itself, the others from U+0100 on (GPT-2's table).
    private static let letters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256 as Range<UInt32>).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)!
            default:
                next += 1
                return Unicode.Scalar(next - 1)!
            }
        }
    }()

    /// The text's tokens between begin and end, at most `maximumLength` with them. Work stops where the room is full.
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
            case .scalar(let scalar) where scalar.properties.isWhitespace: take()
            case .scalar(let scalar): word.append(scalar)
            }
            return result.count < room
        }
        take()
        result.append(end)
        return result
    }

    /// What lies between two spaces: composed, lowered, cut where CLIP's pattern cuts it.
    private func append(_ word: String.UnicodeScalarView, to result: inout [Int], room: Int) {
        var scalars: [Unicode.Scalar] = []
        if word.allSatisfy(\.isASCII) {
            scalars = word.map { (0x41...0x5A).contains($0.value) ? Unicode.Scalar(UInt8($0.value + 0x20)) : $0 }
        } else {
            LongWord.parts(word) { piece in
                for scalar in piece.precomposedStringWithCanonicalMapping.unicodeScalars {
                    scalars.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
                }
                return true
            }
        }
        var start = 0
        while start < scalars.count, result.count < room {
            for piece in CLIPPattern.pieces(scalars, from: &start) where result.count < room {
                append(scalars[piece], to: &result, room: room)
            }
        }
    }

    /// Merges the best-ranked pair, leftmost first, until none is left. n log n for a word of n bytes.
    private func append(_ word: ArraySlice<Unicode.Scalar>, to result: inout [Int], room: Int) {
        // Every scalar has an encoding. Its bytes are gone through forwards: `last` of an encoded scalar is wrong in
        // Swift 6.3 (it reads the empty byte above the last).
        let encoded = word.flatMap { Array(UTF8.encode($0)!) }
        guard let last = encoded.last else { return }
        var symbols = encoded.map { bytes[Int($0)] }
        symbols[symbols.count - 1] = lastBytes[Int(last)]
        var next = Array(1...symbols.count)
        var previous = Array(-1..<symbols.count - 1)
        var isAlive = [Bool](repeating: true, count: symbols.count)
        var queue = MergeQueue()
        func offer(_ left: Int) {
            let right = next[left]
            guard right < symbols.count, let merge = merges[Pair(left: symbols[left], right: symbols[right])] else {
                return
            }
            queue.push(MergeQueue.Entry(rank: merge.rank, place: left, token: merge.token))
        }
        for place in symbols.indices { offer(place) }
        while let best = queue.pop() {
            let left = best.place
            guard isAlive[left], next[left] < symbols.count,
                merges[Pair(left: symbols[left], right: symbols[next[left]])]?.token == best.token
            else { continue }
            let right = next[left]
            symbols[left] = best.token
            isAlive[right] = false
            next[left] = next[right]
            if next[left] < symbols.count { previous[next[left]] = left }
            if previous[left] >= 0 { offer(previous[left]) }
            offer(left)
        }
        var place = 0
        while place < symbols.count, result.count < room {
            result.append(symbols[place])
            place = next[place]
        }
    }
}

/// Possible merges of a word: a binary heap, best rank first, then leftmost.
private struct MergeQueue {
    struct Entry {
        let rank: Int
        let place: Int
        let token: Int

        func isBefore(_ other: Entry) -> Bool { (rank, place) < (other.rank, other.place) }
    }

    private var entries: [Entry] = []

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0, entries[child].isBefore(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Entry? {
        guard let best = entries.first else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) {
                least = child
            }
            if least == parent { return best }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
