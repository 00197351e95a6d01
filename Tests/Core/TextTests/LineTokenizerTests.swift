import Foundation
import Numerics
import Testing
import Text

@Suite struct LineTokenizerTests {
    static let captions = [
        "a long scratch across the rim", "a dark stain, lower left", "a scratch on the rim", "A Dark dent",
        "a crème stain", "crème on the dent", "2 mm dent",
    ]
    static let tokenizer = LineTokenizer(learning: captions)

    @Test func wordsAreKnownOthersAreSpelled() {
        let tokenizer = Self.tokenizer
        // By how often they occur (5, 3, 3, 2, …), then by their letters.
        #expect(tokenizer.words == ["a", "dent", "the", "crème", "dark", "on", "rim", "scratch", "stain"])
        #expect(tokenizer.count == 258 + 9)
        let scratch = 258 + tokenizer.words.firstIndex(of: "scratch")!
        #expect(tokenizer.sequence("scratch") == [0, scratch])
        #expect(tokenizer.sequence("  SCRATCH\n") == [0, scratch])
        let letters = Array("chip".utf8).map { 2 + Int($0) }
        #expect(tokenizer.sequence("chip") == [0, 1] + letters)
        #expect(tokenizer.sequence("") == [0])
        #expect(tokenizer.sequence(" \u{0}\t") == [0])
        // Composed and decomposed letters are the same word.
        #expect(tokenizer.sequence("cre\u{300}me") == tokenizer.sequence("crème"))
        #expect(tokenizer.sequence("crème").count == 2)
        // Digits stand alone.
        #expect(tokenizer.sequence("27").count == 1 + 2 * 2)
    }

    @Test func theOrderOfCaptionsDoesNotMatter() {
        #expect(LineTokenizer(learning: Self.captions.reversed()) == Self.tokenizer)
        #expect(LineTokenizer(learning: Self.captions, limit: 2).words.count == 2)
    }

    @Test(arguments: GoldenTexts.sentences)
    func anyTextHasTokens(text: String) {
        let tokens = Self.tokenizer.sequence(text)
        #expect((1...64).contains(tokens.count) && tokens.allSatisfy { (0..<Self.tokenizer.count).contains($0) })
    }

    @Test(arguments: ["scratch ", "x", "é", "中", "\u{301}", "!", "\u{0}", "😀"])
    func megabytesAreNoTrouble(part: String) {
        let text = String(repeating: part, count: 4_000_000 / part.utf8.count)
        let seconds = GoldenTexts.seconds { #expect(Self.tokenizer.sequence(text).count <= 64) }
        #expect(seconds < 10, "\(seconds)")
    }

    @Test func spellingAtRandom() {
        var random = RandomSource(seed: 1)
        let text = "scratch on the rim"
        #expect(Self.tokenizer.sequence(text, spelling: 0, using: &random) == Self.tokenizer.sequence(text))
        let spelled = Self.tokenizer.sequence(text, spelling: 1, using: &random)
        #expect(spelled.count == 20)  // the beginning, four marks of spelled words, fifteen letters
        #expect(spelled.allSatisfy { $0 < 258 })
        let mixed = (0..<50).map { _ in Self.tokenizer.sequence(text, spelling: 0.5, using: &random).count }
        #expect(Set(mixed).count > 4)
    }

    @Test func storedAndReadAgain() throws {
        let json = try JSONEncoder().encode(Self.tokenizer)
        let again = try JSONDecoder().decode(LineTokenizer.self, from: json)
        #expect(
            again == Self.tokenizer
                && again.sequence("a chip, lower left") == Self.tokenizer.sequence("a chip, lower left"))
        for bad in [
            #"{"words":["a","a"],"maximumLength":64}"#, #"{"words":[""],"maximumLength":64}"#,
            #"{"words":["a"],"maximumLength":1}"#, #"{"words":["a"],"maximumLength":99999999}"#, #"{"words":["a"]}"#,
            #"{"words":["\#(String(repeating: "x", count: 65))"],"maximumLength":64}"#,
        ] {
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(LineTokenizer.self, from: Data(bad.utf8)) }
        }
    }
}
