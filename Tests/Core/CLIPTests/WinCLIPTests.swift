import Numerics
import Testing

@testable import CLIP

@Suite("WinCLIP's windows and prompts")
struct WinCLIPTests {
    /// The aggregation as the paper writes it, patch by patch and window by window.
    private func naive(
        rows: Int, columns: Int, sizes: [Int], whole: Double, score: (_ size: Int, _ row: Int, _ column: Int) -> Double
    ) -> [Double] {
        (0..<rows * columns).map { patch in
            let (y, x) = (patch / columns, patch % columns)
            var levels = [whole]
            for size in sizes {
                var inverses: [Double] = []
                for row in 0..<rows where row + size <= rows {
                    for column in 0..<columns where column + size <= columns {
                        if (row..<row + size).contains(y) && (column..<column + size).contains(x) {
                            inverses.append(1 / score(size, row, column))
                        }
                    }
                }
                levels.append(Double(inverses.count) / inverses.reduce(0, +))
            }
            return Double(levels.count) / levels.reduce(0) { $0 + 1 / $1 }
        }
    }

    @Test("Harmonic aggregation agrees with a naive one", arguments: [(4, 4), (3, 5), (7, 6)])
    func aggregation(rows: Int, columns: Int) {
        var random = RandomSource(seed: UInt64(rows * 10 + columns))
        let plan = WindowPlan(rows: rows, columns: columns)
        #expect(plan.scales.count == 2)
        #expect(plan.scales[0].count == (rows - 1) * (columns - 1))
        #expect(plan.subsets[0] == Array(0..<rows * columns))
        let scores = plan.subsets.map { _ in 0.02 + 0.96 * random.uniform() }
        let found = plan.map(scores)
        let expected = naive(rows: rows, columns: columns, sizes: [2, 3], whole: scores[0]) { size, row, column in
            scores[plan.scales[size - 2].lowerBound + row * (columns - size + 1) + column]
        }
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-12) }
        // Equal scores stay; one certain normal window makes its patches normal, and no number is lost on the way.
        for value in plan.map(scores.map { _ in 0.3 }) { #expect(abs(value - 0.3) < 1e-12) }
        var certain = scores
        certain[plan.scales[0].lowerBound] = 0
        let map = plan.map(certain)
        #expect(map[0] == 0 && map[1] == 0 && map[columns] == 0 && map.allSatisfy(\.isFinite))
        #expect(map[rows * columns - 1] == found[rows * columns - 1])
    }

    @Test("Windows that do not fit a small grid are left out")
    func smallGrids() {
        #expect(WindowPlan(rows: 1, columns: 1).subsets == [[0]])
        #expect(WindowPlan(rows: 1, columns: 1).map([0.4]) == [0.4])
        #expect(WindowPlan(rows: 2, columns: 2).scales.isEmpty)
        let plan = WindowPlan(rows: 2, columns: 3)
        #expect(plan.scales.count == 1 && plan.subsets.dropFirst() == [[0, 1, 3, 4], [1, 2, 4, 5]])
    }

    @Test("Prompts name the object in every state and template, whatever its name is")
    func prompts() {
        let (normal, anomalous) = PromptEnsemble.prompts(object: "glass  bottle\n")
        #expect(normal.count == 7 * 22 && anomalous.count == 4 * 22)
        #expect(normal[0] == "a cropped photo of the glass bottle.")
        #expect(anomalous.contains("a photo of a glass bottle with defect."))
        #expect(Set(normal + anomalous).count == 11 * 22)
        #expect((normal + anomalous).allSatisfy { $0.contains("glass bottle") })
        #expect(PromptEnsemble.prompts(object: " \t ").normal[0] == "a cropped photo of the part.")
        // Text from someone else is text: no place holder, no format.
        #expect(PromptEnsemble.prompts(object: "# %s").normal[1] == "a cropped photo of a # %s.")
        #expect(PromptEnsemble.prompts(object: String(repeating: "螺丝 ", count: 9000)).normal[0].count < 300)
    }

    @Test("The share of the softmax is stable where exponentials are not")
    func share() {
        #expect(abs(WinCLIP.share(0.2, 0.21, scale: 100) - 1 / (1 + 1 / 2.718281828459045)) < 1e-9)
        #expect(WinCLIP.share(0.5, 0.5, scale: 100) == 0.5)
        #expect(WinCLIP.share(1, -1, scale: 1e6) == 0 && WinCLIP.share(-1, 1, scale: 1e6) == 1)
    }
}
