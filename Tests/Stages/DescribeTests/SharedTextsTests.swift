import Handover
import Numerics
import Testing

@testable import Describe

@Suite("Texts that consecutive parts share") struct SharedTextsTests {
    static let width = 48

    static func unit(_ numbers: [Float]) -> [Float] {
        let norm = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return numbers.map { $0 / norm }
    }

    static func drawn(_ random: inout RandomSource) -> [Float] {
        unit((0..<width).map { _ in Float(random.normal()) })
    }

    static func vocabulary(_ count: Int) -> Vocabulary {
        var random = RandomSource(seed: 3)
        let rows = (0..<count).flatMap { _ in drawn(&random) }
        return Vocabulary(
            labels: (0..<count).map { "name \($0)" },
            embeddings: Matrix(rows: count, columns: width, storage: rows), least: 0.1)
    }

    static let grid = Geometry(
        originalWidth: 320, originalHeight: 320, inputWidth: 320, inputHeight: 320, patchSize: 16)
    static let here = Box([0, 1, 20, 21], on: grid)
    static let elsewhere = Box([390, 391], on: grid)

    /// `embedding` moved at random to about this cosine.
    static func near(_ embedding: [Float], _ cosine: Double, _ random: inout RandomSource) -> [Float] {
        let step = Float((1 / (cosine * cosine) - 1).squareRoot())
        return unit(zip(embedding, drawn(&random)).map { $0 + step * $1 })
    }

    @Test("Shared or decoded, what is said is the same to the bit", arguments: [4, 13, 200])
    func exact(names: Int) {
        let vocabulary = Self.vocabulary(names)
        var random = RandomSource(seed: 8)
        var texts = SharedTexts()
        var counts = SharedTexts.Counts()
        var embedding = Self.drawn(&random)
        for number in 0..<600 {
            embedding =
                number % 7 == 0
                ? Self.drawn(&random) : Self.near(embedding, [0.9999, 0.999, 0.99, 0.95][number % 4], &random)
            texts.nextPart()
            let said = texts.nearest(3, to: embedding, at: Self.here, in: vocabulary)
            #expect(said == Array(vocabulary.ranked(embedding[...]).prefix(3)))
            counts.add(texts.counts)
        }
        #expect(counts.shared > 100 && counts.decoded > 60 && counts.shared + counts.decoded == 600, "\(counts)")
    }

    @Test("A stuck defect is decoded once; one elsewhere, another one or one after a clean part anew")
    func counts() {
        let vocabulary = Self.vocabulary(40)
        var random = RandomSource(seed: 9)
        var texts = SharedTexts()
        let embedding = Self.drawn(&random)
        /// Whether the next part's text is shared.
        func isShared(_ embedding: [Float], at place: Box) -> Bool {
            texts.nextPart()
            _ = texts.nearest(3, to: embedding, at: place, in: vocabulary)
            #expect(texts.counts.shared + texts.counts.decoded == 1)
            return texts.counts.shared == 1
        }
        #expect((0..<5).map { _ in isShared(embedding, at: Self.here) } == [false, true, true, true, true])
        #expect(!isShared(embedding, at: Self.elsewhere))
        #expect(!isShared(Self.drawn(&random), at: Self.elsewhere))
        #expect(!isShared(embedding, at: Self.here))
        texts.nextPart()
        #expect(!isShared(embedding, at: Self.here))
    }

    @Test("Boxes overlap by what they share")
    func overlap() {
        #expect(Self.here.overlap(Self.here) == 1 && Self.here.overlap(Self.elsewhere) == 0)
        let half = Box([0, 1], on: Self.grid)
        #expect(Self.here.overlap(half) == 0.5 && half.overlap(Self.here) == 0.5)
    }
}
