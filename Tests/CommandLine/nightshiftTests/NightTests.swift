import Foundation
import Testing
import nightshift

@Suite("A night: train, run, verify, report with the real binary", .serialized)
struct NightTests {
    let plant: Plant

    init() throws { plant = try Plant.shared.get() }

    @Test("every file of the drop has one outcome; bad files a reason that says what was expected and found; exit 3")
    func everyFile() throws {
        let root = try plant.root()
        defer { root.clean() }
        let outcome = try root.expect(3, plant.run("--json"))
        let run = try RunReading(of: root)
        let truth = try plant.truth()
        let outcomes = try run.outcomes()
        #expect(Set(outcomes.keys) == Set(truth.keys) && truth.count > 36)

        let rejected = Dictionary(
            uniqueKeysWithValues: try run.lines("outcomes.jsonl").map {
                ($0["path"] as? String ?? "", $0["rejected"] as? [String: Any])
            })
        for (path, cells) in truth {
            let found = outcomes[path] ?? ""
            if cells["label"] != "none" {
                #expect(["pass", "review", "fail"].contains(found), "\(path): \(cells["file"] ?? "") is \(found)")
                continue
            }
            #expect(found == (cells["file"] == "growing" ? "deferred" : "quarantined"), "\(path): \(found)")
            let sentence = rejected[path]??["sentence"] as? String ?? ""
            #expect(
                sentence.contains("expected") && (sentence.contains("found") || sentence.contains("got")),
                "\(cells["file"] ?? ""): \(sentence)")
        }
        // One line of JSON per verdict on stdout, the very lines of the file.
        #expect(outcome.stdout == (try run.text("verdicts.jsonl")))
        let sound = truth.values.count { $0["label"] != "none" }
        #expect(try run.lines("verdicts.jsonl").count == sound)
        for line in try run.lines("verdicts.jsonl") {
            let times = line["timingsMs"] as? [String: Double] ?? [:]
            let stages: Set = ["decode", "embed", "predict", "score", "describe"]
            #expect(Set(times.keys) == stages && times.values.allSatisfy { $0 >= 0 })
        }
        #expect(try root.run(["verify", run.folder.path]).stdout.hasSuffix("verified\n"))
        let schema = try run.object("verdict.schema.json")
        #expect(schema["$id"] as? String == "urn:nightshift:verdict:1")
        #expect(try run.text("summary.csv").split(separator: "\n").count == sound + 1)

        // The next night finds the parts done and the bad files known; asked to, it looks at everything again.
        try root.expect(0, plant.run("--quiet"))
        try root.expect(3, plant.run("--quiet", "--again"))
        #expect(try root.run(["run", "demo", "--drop", "no-such"]).code == 1)
    }

    @Test("the review page stands alone, and `report` makes the same bytes again, or puts them elsewhere")
    func page() throws {
        let root = try plant.root()
        defer { root.clean() }
        let outcome = try root.expect(3, plant.run())
        let run = try RunReading(of: root)
        #expect(outcome.stdout.contains("report.html"))
        let page = try run.text("report.html")
        for outside in ["http://", "https://", "src=\"//", "@import", "<link"] {
            #expect(!page.contains(outside), "\(outside)")
        }
        let flagged = try run.lines("verdicts.jsonl").filter { $0["verdict"] as? String != "pass" }
        #expect(flagged.isEmpty || page.contains("data:image/jpeg;base64,"))
        #expect(page.contains("cam-plate") && page.contains("symbolic link"))
        try root.expect(0, ["report", run.folder.path])
        #expect(try run.text("report.html") == page)
        try root.expect(0, ["report", run.folder.path, "--out", "elsewhere.html"])
        #expect(try String(contentsOf: root.folder.appendingPathComponent("elsewhere.html"), encoding: .utf8) == page)
        try root.expect(0, ["verify", run.folder.path])
        #expect(try root.run(["report", "nothing"]).code == 1)
    }

    @Test("verify finds a changed verdict, a missing heatmap, a changed page and a stray file")
    func tampering() throws {
        let root = try plant.root()
        defer { root.clean() }
        try root.expect(3, plant.run())
        let run = try RunReading(of: root)
        func check(_ name: String, _ change: (Data) -> Data?, _ place: String) throws {
            let file = run.folder.appendingPathComponent(name)
            let before = FileManager.default.contents(atPath: file.path)
            if let after = change(before ?? Data()) {
                try after.write(to: file)
            } else {
                try FileManager.default.removeItem(at: file)
            }
            let outcome = try root.run(["verify", run.folder.path, "--json"])
            #expect(outcome.code == 1 && outcome.stdout.contains(place), "\(name): \(outcome.stdout)")
            if let before { try before.write(to: file) } else { try FileManager.default.removeItem(at: file) }
            try root.expect(0, ["verify", run.folder.path])
        }
        let heatmap = try FileManager.default.contentsOfDirectory(atPath: run.folder.path + "/heatmaps").sorted()[0]
        try check(
            "verdicts.jsonl",
            { Data(String(decoding: $0, as: UTF8.self).replacingOccurrences(of: "\"pass\"", with: "\"fail\"").utf8) },
            "verdicts.jsonl")
        try check("heatmaps/\(heatmap)", { _ in nil }, heatmap)
        try check("report.html", { $0 + Data(" ".utf8) }, "report.html")
        try check("heatmaps/stray.png", { _ in Data("x".utf8) }, "stray.png")
        try check("outcomes.jsonl", { $0.prefix($0.count / 2) }, "outcomes.jsonl")
    }

    @Test("an empty drop is a successful night; a flagged part is one too, unless --fail-on-flagged asks otherwise")
    func emptyAndFlagged() throws {
        let root = try plant.root()
        defer { root.clean() }
        let empty = root.folder.appendingPathComponent("empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        let outcome = try root.expect(0, ["run", "demo", "--drop", empty.path])
        #expect(outcome.stdout.contains("inputs       0"))
        let run = try RunReading(of: root)
        #expect(try run.object("run.json")["state"] as? String == "done")
        #expect(try run.text("report.html").contains("nothing to inspect"))
        try root.expect(0, ["verify", run.folder.path])

        // A flat grey picture is no part of this line.
        let other = root.folder.appendingPathComponent("other")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
        for (index, side) in [40, 90].enumerated() {
            try Checkerboard.png(side: 128, cell: side / 8).write(to: other.appendingPathComponent("\(index).png"))
        }
        try root.expect(0, ["run", "demo", "--drop", other.path])
        try root.expect(4, ["run", "demo", "--drop", other.path, "--again", "--fail-on-flagged"])
    }

    @Test("one worker and two give the same verdicts to the last bit; two shards make up the whole")
    func workers() throws {
        let roots = try [plant.root(), plant.root()]
        defer { for root in roots { root.clean() } }
        try roots[0].expect(3, plant.run("--workers", "1"))
        try roots[1].expect(3, plant.run("--workers", "2"))
        let verdicts = try roots.map { try RunReading(of: $0).verdictsWithoutTimings() }
        #expect(verdicts[0] == verdicts[1] && verdicts[0].count > 30)

        var shares: [String] = []
        for index in 0..<2 {
            let root = try plant.root()
            defer { root.clean() }
            #expect([0, 3].contains(try root.run(plant.run("--shard", "\(index)/2")).code))
            shares += try RunReading(of: root).verdictsWithoutTimings()
        }
        #expect(shares.sorted() == verdicts[0].sorted())
        #expect(try roots[0].run(plant.run("--shard", "2/2")).code == 2)
    }

    @Test("evaluate measures the drop against its truth, and a labelled set in MVTec layout")
    func evaluate() throws {
        let root = try plant.root()
        defer { root.clean() }
        let outcome = try root.expect(0, ["evaluate", "demo", "--truth", plant.drop.path, "--json", "--quiet"])
        let figures = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any] ?? [:]
        let truth = try plant.truth()
        #expect(figures["good"] as? Int == truth.values.count { $0["label"] == "good" })
        #expect(figures["defective"] as? Int == truth.values.count { $0["label"] == "defective" })
        for key in ["imageAUROC", "pixelAUROC", "aupro30", "aupro05", "overkill", "escape", "f1Max"] {
            let value = (figures[key] as? NSNumber)?.doubleValue ?? -1
            #expect((0...1).contains(value), "\(key): \(value)")
        }
        try root.expect(
            0,
            ["synthesize", "set", "--parts", "0", "--good", "0", "--labelled", "1", "--kind", "object", "--side", "96"])
        let table = try root.expect(0, ["evaluate", "demo", "--truth", "set/labelled/plate"])
        #expect(table.stdout.contains("1 good, 8 defective") && table.stdout.contains("AUPRO at 0.3"))
        let nothing = try root.run(["evaluate", "demo", "--truth", "models"])
        #expect(nothing.code == 1 && nothing.stderr.contains("truth.csv"))
    }
}
