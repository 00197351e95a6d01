import Foundation
import FoundationXML
import Publish
import Testing

@Suite("Reliability plot")
struct ReliabilityPlotTests {
    @Test("Shares count p-values up to the rate, and the band is that of so many parts")
    func shares() {
        let plot = ReliabilityPlot(
            pValues: [0.02, 0.5, 0.02, 1, .nan], calibrated: 49, subject: "good parts flagged")
        #expect(plot.share(at: 0.01) == 0 && plot.share(at: 0.02) == 0.5 && plot.share(at: 1) == 1)
        #expect(plot.band(at: 0.5).contains(0.5) && plot.band(at: 0.5).upperBound < 1.01)
    }

    /// With 95 held-out parts no p-value but the least lies below 2 %, and a threshold from the tail flags more than those.
    @Test("The line's own threshold is marked with what it flags, not with what p-values count")
    func threshold() {
        let svg = ReliabilityPlot(
            pValues: [2, 5, 40, 90].map { $0 / 96 }, calibrated: 95, limit: 0.1,
            threshold: (promised: 0.02, seen: 0.25),
            subject: "good parts flagged"
        ).svg
        #expect(svg.contains("promised 2 %, seen 25 %"), "\(svg)")
    }

    @Test("The picture is well-formed XML with finite numbers only, however few or extreme the parts are")
    func wellFormed() throws {
        let cases: [([Double], Int, Double)] = [
            ([0.5], 1, 1), ([0.02, 0.02, 0.02], 49, 0.06), ((1...500).map { Double($0) / 500 }, 199, 1),
            ([1, 1, 1, 1], 8, 0.1), ((1...30).map { _ in 0.005 }, 199, 0.015),
        ]
        for (pValues, calibrated, limit) in cases {
            let svg = ReliabilityPlot(
                pValues: pValues, calibrated: calibrated, limit: limit, threshold: (promised: 0.02, seen: 0.5),
                subject: "a < b & \"c\""
            ).svg
            #expect(XMLParser(data: Data(svg.utf8)).parse(), "\(svg)")
            #expect(!svg.contains("nan") && !svg.contains("inf") && svg.contains("class=\"seen\""))
        }
        #expect(ReliabilityPlot(pValues: [], calibrated: 5, subject: "x").svg.isEmpty)
    }

    @Test("A page of measurements stands alone, escapes what it is given and marks the best")
    func page() throws {
        let page = MeasurementPage(
            title: "rim <b>", subtitle: "on /a&b",
            sections: [
                .alarm("x < y"), .finding("fine"),
                .methods(
                    MethodChart(rows: [
                        .init(title: "a<", image: 0.9, pixel: nil, isProduct: true),
                        .init(title: "b", image: 1, pixel: 0.1, isProduct: false),
                    ])),
                .reliability(
                    title: "kept?", plots: [ReliabilityPlot(pValues: [0.1, 0.6], calibrated: 20, subject: "parts")],
                    text: "bands"),
                .table(
                    title: "t", head: ["", "v"], rows: [[.init("r", isNumber: false), .init("1", isBest: true)]],
                    text: ""),
            ], facts: [("model", "<i>")])
        let text = String(decoding: page.render(), as: UTF8.self)
        #expect(
            !text.contains("<b>") && !text.contains("<i>") && text.contains("rim &lt;b&gt;") && text.contains("a&lt;"))
        #expect(!text.contains("<script") && !text.contains("http:") && !text.contains("https:"))
        #expect(text.contains("<td class=\"number best\">1</td>") && text.contains("class=\"alarm\""))
    }
}
