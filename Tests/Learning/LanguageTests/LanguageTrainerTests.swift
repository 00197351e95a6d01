import Defects
import Describe
import Handover
import Numerics
import Testing
import Text

@testable import Language

@Suite("Learning names") struct LanguageTrainerTests {
    static let kinds = [PaintedKind.scratch, .stain, .pit, .dent]

    /// Regions whose features are their kind's own point plus noise.
    static func examples(_ count: Int, seed: UInt64) -> [RegionExample] {
        var random = RandomSource(seed: 77)
        let points = kinds.map { _ in (0..<20).map { _ in Float(random.normal()) } }
        random = RandomSource(seed: seed)
        return (0..<count).map { number in
            let kind = kinds[number % kinds.count]
            let point = points[number % kinds.count]
            let wordings = kind.wordings.trained
            return RegionExample(
                rows: (0..<2).map { _ in point.map { $0 + 0.5 * Float(random.normal()) } }, kind: kind.rawValue,
                captions: (0..<3).map { _ in "a \(wordings[random.integer(below: wordings.count)]) on the part" })
        }
    }

    static func accuracy(_ language: RegionLanguage, _ examples: [RegionExample]) -> Double {
        let embeddings = language.embeddings(examples.map { $0.rows[0] })
        let right = examples.indices.filter { index in
            language.vocabulary.ranked(embeddings.row(index))[0].label
                == PaintedKind(rawValue: examples[index].kind)?.wordings.trained[0]
        }
        return Double(right.count) / Double(examples.count)
    }

    static func fit(_ loss: LanguageOptions.Loss, seed: UInt64 = 1) -> RegionLanguage {
        LanguageTrainer(options: LanguageOptions(loss: loss, steps: 250, batchSize: 48, hiddenWidth: 32, seed: seed))
            .fit(
                examples(160, seed: 1), published: nil, names: VocabularyName.all(words: ["weld spatter"]),
                calibration: examples(40, seed: 2))
    }

    @Test("Both losses learn to name unseen regions", arguments: LanguageOptions.Loss.allCases)
    func losses(loss: LanguageOptions.Loss) {
        let language = Self.fit(loss)
        // Twelve kinds and the line's own word are in the vocabulary; chance is 1 in 13.
        #expect(language.vocabulary.labels.count == PaintedKind.allCases.count + 1)
        #expect(language.vocabulary.labels.last == "weld spatter")
        let accuracy = Self.accuracy(language, Self.examples(80, seed: 3))
        #expect(accuracy > 0.9, "\(loss): \(accuracy)")
    }

    @Test("The same seed gives the same language to the bit, another one another")
    func deterministic() {
        let language = Self.fit(.infoNCE)
        #expect(language.store.values == Self.fit(.infoNCE).store.values)
        #expect(language.store.values != Self.fit(.infoNCE, seed: 2).store.values)
    }

    @Test("Learned kinds are near enough to their names, kinds that nobody taught mostly are not")
    func unknown() {
        let language = Self.fit(.infoNCE)
        func share(_ examples: [RegionExample]) -> Double {
            let embeddings = language.embeddings(examples.map { $0.rows[0] })
            let named = examples.indices.filter {
                language.vocabulary.ranked(embeddings.row($0))[0].similarity >= language.vocabulary.least
            }
            return Double(named.count) / Double(examples.count)
        }
        // Other points of feature space than those of the four kinds.
        var random = RandomSource(seed: 5)
        let strange = (0..<80).map { _ in
            RegionExample(
                rows: [(0..<20).map { _ in Float(random.normal()) }], kind: "strange", captions: ["a strange thing"])
        }
        let (known, others) = (share(Self.examples(80, seed: 4)), share(strange))
        #expect(known > 0.8, "\(known)")
        #expect(others < known - 0.3, "\(others) of the strange ones, \(known) of the known ones get a name")
    }

    @Test("Wordings that no caption has, made of words that captions have, lie nearest to their own kind's names")
    func heldOut() {
        var random = RandomSource(seed: 21)
        let kinds = DefectKind.allCases.compactMap { PaintedKind(rawValue: $0.rawValue) }
        let points = kinds.map { _ in (0..<20).map { _ in Float(random.normal()) } }
        let places = ["upper left", "centre", "lower right", "top centre"]
        let examples = (0..<320).map { number in
            let kind = kinds[number % kinds.count]
            let place = places[random.integer(below: places.count)]
            return RegionExample(
                rows: [points[number % kinds.count].map { $0 + 0.5 * Float(random.normal()) }], kind: kind.rawValue,
                captions: (0..<4).map { _ in
                    let words = kind.wordings.trained[random.integer(below: kind.wordings.trained.count)]
                    return ["\(words) at the \(place)", "\(place): a small \(words)", words][random.integer(below: 3)]
                })
        }
        let language = LanguageTrainer(options: LanguageOptions(steps: 300, batchSize: 64, hiddenWidth: 32, seed: 1))
            .fit(examples, published: nil, names: VocabularyName.all(words: []), calibration: [])
        var (right, all) = (0, 0)
        for kind in kinds {
            guard let embeddings = language.space.embeddings(kind.wordings.heldOut) else { continue }
            for row in 0..<embeddings.rows {
                let nearest = language.vocabulary.ranked(embeddings.row(row)).first { name in
                    kinds.contains { VocabularyName.label($0) == name.label }
                }
                all += 1
                if nearest?.label == VocabularyName.label(kind) { right += 1 }
            }
        }
        #expect(all == 32 && right >= 28, "\(right) of \(all)")
    }

    @Test("A kind that nobody paints is learned from known defects, and the painted ones stay", arguments: [0.3, 0.75])
    func known(share: Double) {
        var random = RandomSource(seed: 9)
        let point = (0..<20).map { _ in Float(random.normal()) }
        func spatter(_ count: Int) -> [RegionExample] {
            (0..<count).map { _ in
                RegionExample(
                    rows: [point.map { $0 + 0.5 * Float(random.normal()) }], kind: "weld_spatter",
                    captions: ["weld spatter", "a drop of metal"])
            }
        }
        let kinds = [KnownDefects.Kind(name: "weld_spatter", label: "weld spatter", phrases: ["weld spatter"])]
        let options = LanguageOptions(steps: 250, batchSize: 48, hiddenWidth: 32, knownShare: share, seed: 1)
        let language = LanguageTrainer(options: options).fit(
            Self.examples(160, seed: 1), known: spatter(24), published: nil,
            names: VocabularyName.all(words: [], known: kinds), calibration: Self.examples(40, seed: 2) + spatter(6))
        let fresh = language.embeddings(spatter(40).map { $0.rows[0] })
        let right = (0..<40).filter { language.vocabulary.ranked(fresh.row($0))[0].label == "weld spatter" }
        #expect(right.count >= 36, "\(right.count) of 40")
        let accuracy = Self.accuracy(language, Self.examples(80, seed: 3))
        #expect(accuracy > 0.85, "\(accuracy)")
    }

    @Test("The dividing value loses least on both sides")
    func separating() {
        #expect(LanguageTrainer.separating([0.8, 0.9, 0.7], [0.1, 0.3, 0.2]) == 0.7)
        #expect(LanguageTrainer.separating([0.8, 0.9, 0.2], [0.1, 0.3, 0.25]) == 0.8)
        #expect(LanguageTrainer.separating([], [0.1]) == -1)
    }

    @Test("Sizes are learned with the names: a large place is nearer to its name with \"large\" than with \"small\"")
    func sizes() {
        let (large, small) = (["large", "big"], ["small", "little"])
        func examples(_ count: Int, seed: UInt64) -> [RegionExample] {
            let plain = Self.examples(count, seed: seed)
            return plain.enumerated().map { number, example in
                let isLarge = number / Self.kinds.count % 2 == 0
                return RegionExample(
                    rows: example.rows.map { $0 + (0..<6).map { _ in isLarge ? 1 : -1 } }, kind: example.kind,
                    captions: example.captions, sizes: isLarge ? large : small)
            }
        }
        let language = LanguageTrainer(options: LanguageOptions(batchSize: 48, hiddenWidth: 32, seed: 1)).fit(
            examples(160, seed: 1), published: nil, names: VocabularyName.all(words: []),
            calibration: examples(40, seed: 2))
        let unseen = examples(80, seed: 3)
        let predicted = language.embeddings(unseen.map { $0.rows[0] })
        var right = 0
        for (row, example) in unseen.enumerated() {
            let name = PaintedKind(rawValue: example.kind)?.wordings.trained[0] ?? ""
            guard let texts = language.space.embeddings(["large \(name)", "small \(name)"]) else { continue }
            let cosines = (0..<2).map { text in
                zip(texts.row(text), predicted.row(row)).reduce(Float.zero) { $0 + $1.0 * $1.1 }
            }
            if (cosines[0] > cosines[1]) == (example.sizes == large) { right += 1 }
        }
        // Of sentences alone, which do not speak of size here, nothing is learned about it: half would be right.
        #expect(right >= 68, "\(right) of 80")
    }

    @Test("A name is said with a size in the share that is asked for, and never with two")
    func sizedTexts() {
        let example = RegionExample(rows: [[0]], kind: "chip", captions: ["a caption"], sizes: ["large", "big"])
        let phrases = ["chip": ["chip", "large break"]]
        var random = RandomSource(seed: 1)
        let trainer = LanguageTrainer(options: LanguageOptions(nameShare: 1, sizedShare: 0.5, seed: 1))
        let texts = (0..<400).map { _ in trainer.text(of: example, phrases, &random) }
        #expect(Set(texts) == ["chip", "large chip", "big chip", "chip, large", "chip, big", "large break"])
        let chips = texts.filter { $0.contains("chip") }
        let sized = chips.count { $0 != "chip" }
        #expect(abs(Double(sized) / Double(chips.count) - 0.5) < 0.12)
    }
}
