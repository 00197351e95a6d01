import Evaluation
import Testing

@Suite("Confusion matrices") struct ConfusionMatrixTests {
    @Test("Accuracy counts cases, balanced accuracy counts kinds")
    func accuracies() throws {
        var matrix = ConfusionMatrix(kinds: ["a", "b", "c"])
        #expect(matrix.accuracy == nil && matrix.balancedAccuracy == nil)
        for _ in 0..<8 { matrix.add(truth: "a", said: "a") }
        matrix.add(truth: "b", said: "a")
        matrix.add(truth: "b", said: "b")
        #expect(matrix.total == 10 && matrix.counts == [[8, 0, 0], [1, 1, 0], [0, 0, 0]])
        #expect(try #require(matrix.accuracy) == 0.9)
        #expect(try #require(matrix.balancedAccuracy) == 0.75)
    }
}
