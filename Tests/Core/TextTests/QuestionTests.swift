import Testing
import Text

@Suite("Questions") struct QuestionTests {
    @Test(
        "The carrying words are kept, the rest goes",
        arguments: [
            ("Is the cap missing?", "cap missing"), ("is there a scratch", "scratch"),
            ("Can you see any oil stain on the part?", "oil stain"), ("Is the part good?", ""), ("???", ""),
            ("кратер?", "кратер"),
        ])
    func content(text: String, content: String) { #expect(Question(text).content == content) }

    @Test(
        "A question for a good part is known as such; a negated one is not",
        arguments: [
            ("Is the part good?", true), ("is it ok", true), ("Is it not good?", false),
            ("is there a good scratch", false),
            ("is it free of scratches", false),
        ])
    func good(text: String, asksForGood: Bool) { #expect(Question(text).asksForGood == asksForGood) }

    @Test(
        "Hostile text is only text",
        arguments: ["%s%n%@", "../../etc/passwd", String(repeating: "a ", count: 5000), "\u{0}\u{1b}[2J"])
    func hostile(text: String) { _ = Question(text) }
}
