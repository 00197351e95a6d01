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

    @Test("Articles fit the first letter", arguments: [("oil stain", "an oil stain"), ("dent", "a dent")])
    func articles(phrase: String, expected: String) { #expect(PlaceWords.withArticle(phrase) == expected) }
}
