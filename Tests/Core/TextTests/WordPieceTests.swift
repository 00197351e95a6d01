import Foundation
import Testing

@testable import Text

@Suite struct WordPieceTests {
    static func small(_ maximumLength: Int = 256) throws -> WordPiece {
        try WordPiece(
            vocabulary: GoldenTexts.bytes("bert/vocab.txt"), source: "vocab.txt", maximumLength: maximumLength)
    }

    /// Every sentence, hostile ones included, gives the original's tokens.
    @Test func agreesWithTheOriginal() throws {
        let pieces = try Self.small()
        let expected: [[Int]] = GoldenTexts.read("bert/ids.json")
        try #require(expected.count == GoldenTexts.sentences.count && expected.count >= 200)
        for (sentence, tokens) in zip(GoldenTexts.sentences, expected) {
            #expect(pieces.sequence(sentence) == tokens, "\(sentence.debugDescription.prefix(60))")
        }
    }

    struct Characters: Decodable {
        struct Run: Decodable {
            let range: ClosedRange<UInt32>
            let kind: String

            init(from decoder: any Decoder) throws {
                var values = try decoder.unkeyedContainer()
                range = try values.decode(UInt32.self)...values.decode(UInt32.self)
                kind = try values.decode(String.self)
            }
        }
        let runs: [Run]
        /// What cleaning, accent stripping and lowering make of a character, by its number in hexadecimal digits.
        let changes: [String: String]
    }

    /// All of Unicode, character by character, is taken for what the original takes it for.
    @Test func everyCharacterIsOfItsKind() {
        let golden: Characters = GoldenTexts.read("bert_characters.json")
        var expected = [String](repeating: "plain", count: 0x110000)
        for run in golden.runs { for value in run.range { expected[Int(value)] = run.kind } }
        var wrong: [String] = []
        for value in 0..<UInt32(0x110000) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let kind = "\(BERTCharacter(scalar))"
            if kind != expected[Int(value)] {
                wrong.append("\(String(value, radix: 16)): \(kind), not \(expected[Int(value)])")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(20))")
    }

    /// Decomposition, stripping and lowering of every character but the Hangul syllables.
    @Test func everyCharacterIsLoweredAndStripped() {
        let golden: Characters = GoldenTexts.read("bert_characters.json")
        var wrong: [String] = []
        // U+11938 has been decomposable since Unicode 13, which the original's tables do not know; unknown either way.
        for value in 0..<UInt32(0x110000) where !(0xAC00...0xD7A3).contains(value) && value != 0x11938 {
            guard let scalar = Unicode.Scalar(value), [.plain, .punctuation].contains(BERTCharacter(scalar)) else {
                continue
            }
            let expected = golden.changes[String(value, radix: 16)] ?? String(Character(scalar))
            var found = String.UnicodeScalarView()
            for part in String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars
            where !BERTCharacter.isAccent(part) {
                found.append(contentsOf: part.properties.lowercaseMapping.unicodeScalars)
            }
            if Array(found) != Array(expected.unicodeScalars) {
                wrong.append("\(String(value, radix: 16)): \(found.map { String($0.value, radix: 16) })")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(20))")
    }

    @Test func longTextsEndWhereTheRoomEnds() throws {
        let pieces = try Self.small(12)
        let all = try Self.small().sequence("a scratch near the rim, long and thin, over the dent")
        let cut = pieces.sequence("a scratch near the rim, long and thin, over the dent")
        #expect(cut.count == 12 && Array(cut.dropLast()) == Array(all.prefix(11)) && cut.last == all.last)
        #expect(try Self.small(2).sequence("anything") == [all[0], all.last!])
    }

    /// Megabytes: with spaces the work ends with the room, without it is one pass.
    @Test(arguments: ["scratch ", "x", "é", "中", "\u{301}", "!", "[SEP]", "\u{0}", "😀"])
    func megabytesAreNoTrouble(part: String) throws {
        let text = String(repeating: part, count: 4_000_000 / part.utf8.count)
        let pieces = try Self.small()
        let seconds = GoldenTexts.seconds { #expect(pieces.sequence(text).count <= 256) }
        #expect(seconds < 10, "\(seconds)")
    }

    @Test func badVocabulariesAreRefused() throws {
        func error(_ bytes: [UInt8]) -> String {
            do throws(TextError) {
                _ = try WordPiece(vocabulary: bytes, source: "v.txt")
                return "none"
            } catch {
                return error.description
            }
        }
        #expect(error([]).contains("expected the token [UNK]"))
        #expect(error(Array("[UNK]\n[CLS]\na\n".utf8)).contains("[SEP]"))
        #expect(error(Array("[UNK]\n[CLS]\n[SEP]\na\nb\na\n".utf8)).contains("line 6"))
        #expect(error([0x61, 0xFF, 0x0A]).contains("at byte 1"))
        #expect(error([UInt8](repeating: 0x61, count: WordPiece.largestFile + 1)).contains("expected at most"))
        // Windows' line ends are no part of the tokens.
        let windows = try WordPiece(vocabulary: Array("[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n".utf8), source: "v.txt")
        #expect(windows.sequence("a") == [1, 3, 2])
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        #expect(try TextInput.decoded(Array("crème".utf8), source: "query", limit: 10) == "crème")
        #expect(throws: TextError.notUTF8(source: "query", byte: 2)) {
            try TextInput.decoded([0x61, 0x62, 0xC3, 0x28], source: "query", limit: 10)
        }
        #expect(throws: TextError.notUTF8(source: "query", byte: 1)) {
            try TextInput.decoded([0x61, 0xED, 0xA0, 0x80], source: "query", limit: 10)  // a lone surrogate
        }
        #expect(throws: TextError.tooLarge(source: "query", bytes: 11, limit: 10)) {
            try TextInput.decoded([UInt8](repeating: 0x61, count: 11), source: "query", limit: 10)
        }
    }
}
