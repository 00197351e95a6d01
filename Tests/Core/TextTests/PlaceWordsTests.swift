import Testing
import Text

@Suite("Words for places and sizes") struct PlaceWordsTests {
    @Test(
        "Every third of the picture has its name, and corners are named as such",
        arguments: [
            (0.5, 0.5, "centre"), (0.2, 0.25, "upper left"), (0.1, 0.1, "upper left corner"),
            (0.9, 0.95, "lower right corner"), (0.9, 0.5, "middle right"), (0.5, 0.05, "upper middle"),
        ] as [(Float, Float, String)])
    func places(x: Float, y: Float, name: String) {
        #expect(PlaceWords.names(x: x, y: y)[0] == name)
    }

    @Test("Sizes rise with the share")
    func sizes() {
        #expect(
            [0.01, 0.08, 0.2, 0.5].map { PlaceWords.sizes(share: $0)[0] } == ["tiny", "small", "medium-sized", "large"])
    }

    @Test("A medium size lies between the small and the large one, nearer to the small one")
    func positions() {
        let positions = PlaceWords.sizePositions
        #expect(positions.count == PlaceWords.sizeCount && positions.first == 0 && positions.last == 1)
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 })
        #expect(positions[2] - positions[1] < positions[3] - positions[2])
        for rank in 0..<PlaceWords.sizeCount {
            #expect(PlaceWords.sizes(rank: rank).allSatisfy { PlaceWords.size(saidIn: $0) == rank })
        }
        // Each bound begins the larger size.
        #expect([0.05, 0.12, 0.28].map { PlaceWords.sizes(share: $0)[0] } == ["small", "medium-sized", "large"])
    }

    @Test("Thin things are as large as they are long, others as the disc of their area")
    func extents() {
        // A line of 3 px, its box 300 px long; a disc; a ring whose box is as large as a disc of four times its area.
        #expect(PlaceWords.extent(area: 900, length: 300) == 300)
        #expect(abs(PlaceWords.extent(area: .pi * 50 * 50, length: 100) - 100) < 0.01)
        #expect(abs(PlaceWords.extent(area: .pi * 50 * 50, length: 200) - 200) < 0.01)
        #expect(abs(PlaceWords.extent(area: .pi * 50 * 50, length: 180) - 100) < 0.01)
        // Nothing is larger than it is long: a square.
        #expect(PlaceWords.extent(area: 1600, length: 40) == 40)
    }

    @Test("Articles fit the first letter", arguments: [("oil stain", "an oil stain"), ("dent", "a dent")])
    func articles(phrase: String, expected: String) { #expect(PlaceWords.withArticle(phrase) == expected) }

    @Test("A name that says a size is known as such")
    func sizedNames() {
        #expect(["large break", "long thin scratch", "Small hole", "very small pit"].allSatisfy(PlaceWords.saysSize))
        #expect(!["break", "smallpox", "enlarged hole", "", "scratch"].contains(where: PlaceWords.saysSize))
    }

    @Test(
        "The size that a text speaks of",
        arguments: [
            ("a large dent, upper left", 3), ("Very small pit", 0), ("small pit", 1), ("a dent", nil), ("", nil),
            ("medium-sized stain", 2), ("enlarged", nil), ("big, not tiny", 3), ("little\u{301} cr\u{EA}pe", nil),
        ] as [(String, Int?)])
    func sizeSaid(text: String, size: Int?) { #expect(PlaceWords.size(saidIn: text) == size) }
}
