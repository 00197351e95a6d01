import Foundation
import Handover
import Imaging
import Publish
import Testing

@Suite struct ReportPageTests {
    /// A run of published parts and the files of its folder.
    struct MadeRun {
        var lines: [String] = []
        var files: [String: Data] = [:]

        mutating func add(_ part: MadePart, id: String) throws {
            let publication = try publisher.publish(part.scored(), partID: id, timingsMs: [:])
            lines.append(publication.verdictLine)
            for file in publication.files { files[file.path] = file.bytes }
        }

        func page(
            line: String = "tile", setAside: [ReportContent.SetAside] = [], calibration: [Double] = [],
            counts: [ReportContent.Count] = [.init(outcome: "fail", count: 1)]
        ) -> String {
            let content = ReportContent(
                line: line, runID: "20261123-021500", startedAt: "2026-11-23 02:15 UTC", counts: counts,
                verdictLines: lines, setAside: setAside, calibrationScores: calibration,
                facts: [.init(name: "model", value: "tile 3")])
            var page = ""
            ReportPage.write(content, read: { files[$0] }, put: { page += $0 })
            return page
        }
    }

    private func flagged(_ score: Double, path: String = "cam-1/a.png", camera: String = "cam-1") -> MadePart {
        var part = MadePart()
        part.score = score
        part.verdict = score >= 1 ? .fail : .review
        part.path = path
        part.camera = camera
        return part
    }

    private func cards(_ page: String) -> [String] {
        page.components(separatedBy: "<article ").dropFirst().map { $0.components(separatedBy: "</article>")[0] }
    }

    @Test func cardsComeWorstFirstWhateverTheOrderOfTheLines() throws {
        var run = MadeRun()
        for (id, score) in [("b", 1.2), ("d", 0.9), ("a", 3.5), ("c", 1.2)] { try run.add(flagged(score), id: id) }
        try run.add(.passing(), id: "quiet")
        let page = run.page()
        let order = cards(page).map { $0.components(separatedBy: "data-part=\"")[1].prefix(1) }
        #expect(order == ["a", "b", "c", "d"])
        run.lines.reverse()
        #expect(run.page() == page)
    }

    @Test func thePageNeedsNoOtherFileAndNoNetwork() throws {
        var run = MadeRun()
        try run.add(flagged(2), id: "a")
        let page = run.page(calibration: [0.1, 0.2, 0.3])
        #expect(
            !page.contains("http:") && !page.contains("https:") && !page.contains("//cdn") && !page.contains("@import"))
        #expect(!page.contains("<link") && !page.contains("url(\""))
        for source in page.components(separatedBy: " src=\"").dropFirst() {
            #expect(source.hasPrefix("data:image/jpeg;base64,"))
        }
        let pictures = page.components(separatedBy: "data:image/jpeg;base64,").dropFirst()
        #expect(pictures.count == 3)
        for picture in pictures.prefix(2) {
            let bytes = try #require(Data(base64Encoded: picture.components(separatedBy: "\"")[0]))
            let image = try Image.decode(bytes)
            #expect(image.width == 320 && image.height == 240)
        }
    }

    @Test func picturesInsideThePageAreSmall() throws {
        var run = MadeRun()
        var part = flagged(2)
        (part.width, part.height) = (1600, 900)
        try run.add(part, id: "a")
        for name in ["part.jpg", "heat.jpg"] {
            let image = try Image.decode(#require(run.files["flagged/a/\(name)"]))
            #expect(image.width == 480 && image.height == 270)
        }
    }

    @Test func aScoreNeverReadsAsIfItStoodOnTheOtherSide() throws {
        var run = MadeRun()
        try run.add(flagged(0.9996), id: "a")
        try run.add(flagged(1.0004), id: "b")
        let page = run.page()
        #expect(page.contains("<b>0.9996</b>"))
        #expect(page.contains("<b>1.00</b>"))
    }

    static let hostile = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;\u{202E}gnp\u{0}\n`.png"

    @Test func everyTextFromOutsideIsEscaped() throws {
        var run = MadeRun()
        try run.add(flagged(2, path: Self.hostile, camera: Self.hostile), id: "a")
        var passing = MadePart.passing()
        passing.path = Self.hostile
        try run.add(passing, id: "b")
        run.lines.append(
            run.lines[0].replacingOccurrences(
                of: #""peak":2.5"#, with: #""peak":2.5,"label":"<i onload=x>'\"","similarity":0.5"#))
        let rejection = Rejection(
            stage: .decode, outcome: .quarantined, reason: .damaged, sentence: "Found <b>\(Self.hostile)</b>.")
        let page = run.page(
            line: Self.hostile, setAside: [.init(path: Self.hostile, rejection: rejection)],
            counts: [.init(outcome: Self.hostile, count: 1)])
        #expect(page.components(separatedBy: "<script").count == 2)
        #expect(page.components(separatedBy: "</script").count == 2)
        #expect(!page.contains("<img src=x") && !page.contains("<i onload") && !page.contains("<b>\""))
        #expect(!page.unicodeScalars.contains("\u{202E}") && !page.unicodeScalars.contains("\u{0}"))
        #expect(page.contains("&lt;i onload=x&gt;&#39;&quot;"))
    }

    @Test(arguments: ["../../etc/passwd", "..", ".hidden", "a/b", "a b", "", "ä"])
    func anEditedPartIDCannotReadOrLinkOutsideTheRun(id: String) throws {
        var run = MadeRun()
        try run.add(flagged(2), id: "good-id")
        run.lines = [run.lines[0].replacingOccurrences(of: "good-id", with: id)]
        var asked: [String] = []
        let content = ReportContent(
            line: "l", runID: "r", startedAt: "", counts: [], verdictLines: run.lines, setAside: [],
            calibrationScores: [], facts: [])
        var page = ""
        ReportPage.write(
            content,
            read: { path in
                asked.append(path)
                return Data("secret".utf8)
            }, put: { page += $0 })
        #expect(asked.isEmpty)
        #expect(!page.contains("href=\""))
    }

    @Test func beyondTheLimitPartsAreRowsWithLinks() throws {
        var run = MadeRun()
        try run.add(flagged(1.5), id: "part-0")
        let line = run.lines[0]
        run.lines = (0..<ReportPage.cardLimit + 7).map { line.replacingOccurrences(of: "part-0", with: "part-\($0)") }
        let page = run.page()
        #expect(cards(page).count == ReportPage.cardLimit)
        #expect(page.contains("7 more flagged parts"))
        let all = Set(
            page.components(separatedBy: "href=\"flagged/").dropFirst().map { $0.components(separatedBy: "/")[0] })
        #expect(all.count == ReportPage.cardLimit + 7)
    }

    /// What is left over by the cards and tables of a long run is the worst of it, whatever order the lines come in.
    @Test func aLongRunKeepsTheWorstAndCountsTheRest() throws {
        var run = MadeRun()
        try run.add(flagged(1.5), id: "part-0")
        try run.add(.passing(), id: "quiet-0")
        let (bad, good) = (run.lines[0], run.lines[1])
        #expect(bad.contains("\"score\":1.5,") && good.contains("\"score\":0.31,"))
        let count = ReportPage.cardLimit + 5030
        run.lines = (0..<count).map { number in
            bad.replacingOccurrences(of: "part-0", with: "part-\(number)")
                .replacingOccurrences(
                    of: "\"score\":1.5,", with: "\"score\":\(2 + Double(number * 7919 % count) / 1024),")
        }
        run.lines += (0..<90).map { number in
            good.replacingOccurrences(of: "quiet-0", with: "quiet-\(number)")
                .replacingOccurrences(of: "\"score\":0.31,", with: "\"score\":\(Double(number * 37 % 90) / 128),")
        }
        let page = run.page()
        let order = (0..<count).sorted { $0 * 7919 % count > $1 * 7919 % count }
        let linked = page.components(separatedBy: "<td><a href=\"flagged/").dropFirst().map {
            $0.components(separatedBy: "/")[0]
        }
        #expect(linked == order[ReportPage.cardLimit..<ReportPage.cardLimit + 5000].map { "part-\($0)" })
        let carded = cards(page).map { $0.components(separatedBy: "data-part=\"")[1].components(separatedBy: "\"")[0] }
        #expect(carded == order[..<ReportPage.cardLimit].map { "part-\($0)" })
        #expect(page.contains("5\u{202F}030 more flagged parts"))
        #expect(page.contains("30 more are in the run"))
        let passes = page.components(separatedBy: "<td><a href=\"heatmaps/").dropFirst().map {
            $0.components(separatedBy: ".png")[0]
        }
        #expect(passes == (0..<90).sorted { $0 * 37 % 90 > $1 * 37 % 90 }[..<50].map { "quiet-\($0)" })
    }

    @Test func aRunIsDrawnAgainstCalibrationAndDriftIsSaid() throws {
        var run = MadeRun()
        try run.add(.passing(), id: "part-0")
        let line = run.lines[0]
        let field = try #require(line.range(of: #""pValue":[0-9.]+"#, options: .regularExpression))
        func lines(_ pValue: (Int) -> Double) -> [String] {
            (0..<60).map {
                line.replacingCharacters(in: field, with: "\"pValue\":\(pValue($0))")
                    .replacingOccurrences(of: "part-0", with: "part-\($0)")
            }
        }
        let calibration = (0..<49).map { Double($0) / 49 }
        run.lines = lines { Double($0 % 50 + 1) / 50 }
        let steady = run.page(calibration: calibration)
        #expect(steady.contains("class=\"reliability\"") && steady.contains("Nothing has drifted that this would show"))
        run.lines = lines { Double($0 % 10 + 1) / 50 }
        #expect(run.page(calibration: calibration).contains("has drifted since"))
        run.lines = lines { _ in 1 }
        #expect(run.page(calibration: calibration).contains("look more alike than those of calibration"))
        // Without calibration, or with a handful of parts, nothing is claimed.
        #expect(!run.page().contains("class=\"reliability\""))
        run.lines = Array(run.lines.prefix(5))
        #expect(!run.page(calibration: calibration).contains("class=\"reliability\""))
    }

    @Test func filesWithoutAVerdictAreListedWithTheirReason() throws {
        let deferred = Rejection(
            stage: .ingest, outcome: .deferred, reason: .notSettled, sentence: "Expected a file at rest.")
        let page = MadeRun().page(setAside: [.init(path: "cam-2/growing.png", rejection: deferred)])
        #expect(page.contains("cam-2/growing.png") && page.contains("not-settled"))
        #expect(page.contains("Expected a file at rest."))
    }

    @Test func anEmptyNightAndAMovedFolderStillGiveAPage() throws {
        #expect(MadeRun().page(counts: []).contains("The drop held nothing to inspect."))
        var run = MadeRun()
        try run.add(flagged(2), id: "a")
        run.files = [:]
        #expect(run.page().contains("no longer in the run"))
    }

    @Test func unreadableLinesAreSaidNotDropped() throws {
        var run = MadeRun()
        try run.add(flagged(2), id: "a")
        run.lines += ["{\"schema\":1", "", "null"]
        let page = run.page()
        #expect(page.contains("2 lines of verdicts.jsonl could not be read"))
        #expect(cards(page).count == 1)
    }

    @Test(arguments: [
        [], [0.5], [-1e300, 5], [0.2, 0.2, 0.2], [1e9, 0.1], [-40, -39.5, 0.1], [Double.nan, .infinity, 0.4],
    ])
    func theHistogramTakesAnyScores(calibration: [Double]) throws {
        var run = MadeRun()
        try run.add(flagged(2.2), id: "a")
        let page = run.page(calibration: calibration)
        let chart = page.components(separatedBy: "<svg class=\"histogram\"")[1].components(separatedBy: "</svg>")[0]
        #expect(!chart.contains("nan") && !chart.contains("inf"))
        #expect(chart.contains("fail 1.00") && chart.contains("review 0.80"))
        #expect(chart.utf8.count < 40_000)
    }
}
