import Testing
import Text

@Suite struct BytePairsTests {
    static func small(_ maximumLength: Int = 77, vocabulary: [UInt8]? = nil, merges: [UInt8]? = nil) throws(TextError)
        -> BytePairs
    {
        try BytePairs(
            vocabulary: vocabulary ?? GoldenTexts.bytes("clip/vocab.json"), vocabularySource: "vocab.json",
            merges: merges ?? GoldenTexts.bytes("clip/merges.txt"), mergesSource: "merges.txt",
            maximumLength: maximumLength)
    }

    @Test func agreesWithTheOriginal() throws {
        let pairs = try Self.small()
        let expected: [[Int]] = GoldenTexts.read("clip/ids.json")
        try #require(expected.count == GoldenTexts.sentences.count)
        for (sentence, tokens) in zip(GoldenTexts.sentences, expected) {
            #expect(pairs.sequence(sentence) == tokens, "\(sentence.debugDescription.prefix(60))")
        }
    }

    @Test(arguments: ["scratch ", "scratch", "x", "é", "中", "!", "'s", "<|endoftext|>", "7"])
    func megabytesAreNoTrouble(part: String) throws {
        let text = String(repeating: part, count: 2_000_000 / part.utf8.count)
        let pairs = try Self.small()
        let seconds = GoldenTexts.seconds { #expect(pairs.sequence(text).count == 77) }
        #expect(seconds < 10, "\(seconds)")
    }

    @Test func badFilesAreRefused() {
        func error(vocabulary: String? = nil, merges: String? = nil) -> String {
            do throws(TextError) {
                _ = try Self.small(vocabulary: vocabulary.map { Array($0.utf8) }, merges: merges.map { Array($0.utf8) })
                return "none"
            } catch {
                return error.description
            }
        }
        #expect(error(vocabulary: "[1, 2]").contains("expected an object"))
        #expect(error(vocabulary: #"{"a": 0, "b": 0}"#).contains("each once"))
        #expect(error(vocabulary: #"{"a": 0, "b": 1}"#).contains("<|startoftext|>"))
        #expect(error(vocabulary: #"{"<|startoftext|>": 0, "<|endoftext|>": 1}"#).contains("expected the token \"Ā\""))
        #expect(error(merges: "#version: 0.2\na b c\n").contains("line 2"))
        #expect(error(merges: "q ~\n").contains("line 1"))
        #expect(error(merges: "%s%n\n").contains("line 1"))
        #expect(error(merges: "") == "none")
    }
}
