import Defects
import Numerics
import Testing
import Text

@testable import Language

@Suite("What a line's texts mean") struct MeaningsTests {
    static let phrases = LanguageTrainer.withKindred(
        Dictionary(uniqueKeysWithValues: PaintedKind.allCases.map { ($0.rawValue, $0.wordings.trained) }))
    static let meanings = Meanings(phrases)

    static func cosine(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    @Test("Meanings have length 1; two names of a kind mean nearly the same, kinds that nobody mixes up nothing alike")
    func kinds() {
        let scratch = Self.meanings.ofName("scratch", kind: "scratch")
        let groove = Self.meanings.ofName("long groove", kind: "scratch")
        let uneven = Self.meanings.ofName("uneven shade", kind: "uneven")
        for meaning in [scratch, groove, uneven] { #expect(abs(Self.cosine(meaning, meaning) - 1) < 1e-5) }
        #expect(Self.cosine(scratch, groove) > 0.95)
        #expect(abs(Self.cosine(scratch, uneven)) < 0.05)
        let sentence = Self.meanings.ofSentence("a crack at the lower left", kind: "crack")
        #expect(abs(Self.cosine(sentence, Self.meanings.ofSentence("it has cracked", kind: "crack")) - 1) < 1e-5)
    }

    @Test("A word that is used of several kinds means something of each")
    func shared() throws {
        let broken = try #require(Self.meanings.ofWords("broken"))
        func near(_ kind: String) -> Float { Self.cosine(broken, Self.meanings.ofSentence("", kind: kind)) }
        #expect(near("chip") > 0.5)
        #expect(["crack", "missing"].allSatisfy { near($0) > 0.3 })
        #expect(["stain", "uneven", "dent", "wiped"].allSatisfy { near($0) < 0.1 })
        // Said of dirt that lies there and of liquids that have dried.
        let contamination = Self.meanings.ofName("contamination", kind: "contamination")
        #expect(Self.cosine(contamination, Self.meanings.ofSentence("", kind: "stain")) > 0.4)
        #expect(
            Self.cosine(contamination, Self.meanings.ofSentence("", kind: "contamination"))
                > Self.cosine(contamination, Self.meanings.ofSentence("", kind: "stain")))
        #expect(Self.meanings.ofWords("zebra") == nil)
        #expect(Self.meanings.ofWords("") == nil)
    }

    @Test("Sizes are said beside the kind: the next size is nearer than the one after it, of every kind")
    func sizes() {
        func dent(_ size: String) -> [Float] { Self.meanings.ofName("\(size) dent", kind: "dent") }
        func near(_ a: String, _ b: String) -> Float { Self.cosine(dent(a), dent(b)) }
        #expect(near("small", "little") > 0.999)
        #expect(near("tiny", "small") > near("tiny", "medium-sized"))
        #expect(near("tiny", "medium-sized") > near("tiny", "large"))
        #expect(near("medium-sized", "small") > near("medium-sized", "large"))
        let largeStain = Self.meanings.ofName("large stain", kind: "stain")
        #expect(Self.cosine(largeStain, dent("large")) > Self.cosine(largeStain, dent("tiny")))
        // What a text says counts more than how large.
        #expect(near("tiny", "large") > Self.cosine(largeStain, dent("large")))
    }

    @Test("A known kind of the line's own stands alone beside the painted ones")
    func known() throws {
        let meanings = Meanings(Self.phrases.merging(["spatter": ["weld spatter", "metal drop"]]) { $1 })
        let spatter = try #require(meanings.ofWords("spatter"))
        #expect(Self.cosine(spatter, meanings.ofSentence("", kind: "spatter")) > 0.999)
        #expect(abs(Self.cosine(spatter, meanings.ofSentence("", kind: "stain"))) < 1e-6)
    }

    @Test("A text encoder that has read finds the cosines of meanings between texts, parts of names and sizes included")
    func reading() throws {
        var random = RandomSource(seed: 3)
        let kinds = [PaintedKind.chip, .crack, .stain, .dent]
        let examples = (0..<80).map { number in
            let wordings = kinds[number % 4].wordings.trained
            let sizes = PlaceWords.sizes(rank: number / 4 % PlaceWords.sizeCount)
            return RegionExample(
                rows: [[0]], kind: kinds[number % 4].rawValue,
                captions: (0..<3).map { _ in
                    "\(sizes[random.integer(below: sizes.count)]), a \(wordings[random.integer(below: wordings.count)])"
                })
        }
        let phrases = Dictionary(uniqueKeysWithValues: kinds.map { ($0.rawValue, $0.wordings.trained) })
        var text = LanguageTrainer.freshText(
            examples, phrases, width: 32, depth: 1, heads: 2, outputWidth: 32, &random)
        func cosine(_ a: String, _ b: String) throws -> Float {
            let space = TextSpace(encoder: .trained(text), centre: [Float](repeating: 0, count: 32))
            let rows = try #require(space.embeddings([a, b]))
            return Self.cosine(Array(rows.row(0)), Array(rows.row(1)))
        }
        var brief = text
        let reading = CaptionReading(options: LanguageOptions(steps: 1, batchSize: 48, seed: 1))
        let before = reading.learn(examples, phrases, &brief, &random)
        let after = CaptionReading(options: LanguageOptions(steps: 1000, batchSize: 48, seed: 1))
            .learn(examples, phrases, &text, &random)
        #expect(after < 0.25 && after < before / 2, "\(before) to \(after)")
        #expect(try cosine("chip", "broken corner") > 0.7)
        #expect(try cosine("broken", "chip") > cosine("broken", "stain") + 0.4)
        let sized = try kinds.map(\.wordings.trained[0]).map {
            try cosine("large \($0)", "\($0), big") - cosine("large \($0)", "tiny \($0)")
        }
        // 0.28 where cosines were those of meanings: sizes are the finest thing to read.
        #expect(sized.reduce(0, +) / 4 > 0.1, "\(sized)")
        #expect(try abs(cosine("dent", "oil stain")) < 0.35)
    }

    @Test("Names without a letter, or without anything, are read without harm")
    func hostile() {
        var random = RandomSource(seed: 5)
        let names = [
            "a": ["-", "%s", "\u{0}", " "], "b": ["∅∅", "🔩 🔩", "e\u{301}\u{301}", String(repeating: "x", count: 5000)],
        ]
        let examples = ["a", "b", "c"].map { RegionExample(rows: [[0]], kind: $0, captions: ["%n of \($0)", ""]) }
        var text = LanguageTrainer.freshText(
            examples, names, width: 16, depth: 1, heads: 1, outputWidth: 16, &random)
        let left = CaptionReading(options: LanguageOptions(steps: 20, batchSize: 16, seed: 1))
            .learn(examples, names, &text, &random)
        #expect(left.isFinite && left < 1.5)
        #expect(!text.store.values.contains { !$0.isFinite })
    }
}
