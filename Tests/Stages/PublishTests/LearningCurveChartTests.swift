import Testing

@testable import Publish

@Suite("Learning curves")
struct LearningCurveChartTests {
    /// The numbers after `name="` in all places.
    private func numbers(_ name: String, in lines: [Substring]) -> [Double] {
        lines.compactMap { line in
            line.firstRange(of: " \(name)=\"").flatMap { range in
                line[range.upperBound...].split(separator: "\"").first.flatMap { Double($0) }
            }
        }
    }

    @Test("Every figure is a dot, higher is higher, what was not measured is left out, and titles are escaped")
    func svg() {
        let chart = LearningCurveChart(
            shares: [0.1, 0.25, 1],
            series: [
                .init(title: "ours & <b>", values: [0.8, 0.9, 1], isProduct: true),
                .init(title: "other", values: [nil, 0.75, 0.8], isProduct: false),
                .init(title: "nothing", values: [nil, nil, nil], isProduct: false),
            ], subject: "image AUROC")
        let lines = chart.svg.split(separator: "\n")
        let dots = lines.filter { $0.contains("<circle") }
        #expect(dots.count == 5 && dots.filter { $0.contains("product") }.count == 3)
        let heights = numbers("cy", in: dots)
        #expect(heights.count == 5 && heights[0] > heights[1] && heights[1] > heights[2])
        #expect(heights[4] == heights[0], "equal figures lie equally high")
        #expect(numbers("cx", in: dots)[3] == numbers("cx", in: dots)[1])
        #expect(chart.svg.contains("ours &amp; &lt;b&gt;") && !chart.svg.contains("<b>"))
        #expect(!chart.svg.contains("nothing"))
    }

    @Test("Titles of lines that end together stand apart and on the picture, also at a single share")
    func titles() {
        let chart = LearningCurveChart(
            shares: [1],
            series: (0..<12).map { .init(title: "method \($0)", values: [0.5], isProduct: $0 == 0) },
            subject: "image AUROC")
        let titles = chart.svg.split(separator: "\n").filter { $0.contains("class=\"method") }
        let heights = numbers("y", in: titles).sorted()
        #expect(heights.count == 12 && heights.allSatisfy { (0...380).contains($0) })
        #expect(zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 > 17 })
    }

    @Test("The page holds the plot under its title")
    func page() {
        let chart = LearningCurveChart(
            shares: [0.5, 1], series: [.init(title: "a", values: [0.6, 0.7], isProduct: true)], subject: "image AUROC")
        let page = String(
            decoding: MeasurementPage(
                title: "t", subtitle: "s", sections: [.curve(title: "How much <data>", chart: chart, text: "Words.")],
                facts: []
            ).render(), as: UTF8.self)
        #expect(page.contains("How much &lt;data&gt;") && page.contains(chart.svg) && page.contains("path.curve"))
    }
}
