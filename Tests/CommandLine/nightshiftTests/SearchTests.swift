import DescribedRuns
import Files
import Foundation
import Pipeline
import RegionIndex
import TestFolders
import Testing

@testable import nightshift

/// The real binary over runs that were made without a model: what a search finds by an example.
@Suite("search", .serialized) struct SearchTests {
    let binary: Binary
    let line: DescribedLine

    init() throws {
        binary = try Binary()
        line = try DescribedLine(root: binary.folder.path)
    }

    private func fill() throws -> [RunSummary] {
        try line.put("cam1/a.png", "f 1 2")
        try line.put("cam2/b.png", "r 1")
        let first = try line.run(hour: 1)
        try line.put("cam1/c.png", "f 5 1 1 1")
        try line.put("cam2/<b>%s\u{1B}[31m.png", "f 6")
        return [first, try line.run(hour: 30)]
    }

    private func search(_ words: String...) throws -> Binary.Outcome { try binary.run(["search", "demo"] + words) }

    /// The regions of `--json` as "path:region".
    private func regions(_ words: String...) throws -> [String] {
        let outcome = try binary.run(["search", "demo", "--json"] + words)
        guard outcome.code == 0 else { throw Surprise("exit \(outcome.code): \(outcome.stderr)") }
        let value = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
        return (value?["regions"] as? [[String: Any]] ?? []).map {
            "\($0["path"] as? String ?? "?"):\($0["region"] as? Int ?? 0)"
        }
    }

    @Test("a part finds what looks like it, nearest first; what one part shows twice is reported once")
    func example() throws {
        defer { binary.clean() }
        _ = try fill()
        let part = try line.part("cam2/b.png")
        let near = try regions("--like", part, "--min-similarity", "0.9")
        #expect(Set(near) == ["cam1/a.png:1", "cam1/c.png:2", "cam2/b.png:1"])
        #expect(try regions("--like", part).count == 6)
        #expect(try regions("--like", part, "--limit", "2").count == 2)
        #expect(try regions("--like", try line.part("cam1/a.png") + ":2", "-n", "1") == ["cam1/a.png:2"])
        // The worst region is the default.
        #expect(try regions("--like", try line.part("cam1/c.png"), "-n", "1") == ["cam1/c.png:1"])
        let text = try search("--like", part, "-n", "4")
        #expect(text.code == 0 && text.stdout.contains("(+2)") && text.stdout.contains("kind 1"))
        #expect(text.stderr.contains("compared 8 regions of 2 runs"))
        #expect(!(try search("--like", part)).stdout.contains("\u{1B}"))
    }

    @Test("filters: run, day, camera; what is wrong with them is said")
    func filters() throws {
        defer { binary.clean() }
        let runs = try fill()
        let part = try line.part("cam2/b.png")
        #expect(try regions("--like", part, "--run", runs[0].id).count == 3)
        #expect(try regions("--like", part, "--run", runs[0].id, "--run", runs[1].id).count == 6)
        #expect(try regions("--like", part, "--since", "2026-11-25").allSatisfy { !$0.contains("a.png") })
        #expect(try regions("--like", part, "--since", "2026-11-24T01:00:01Z").count == 3)
        #expect(try regions("--like", part, "--since", "2027-01-01").isEmpty)
        #expect(try regions("--like", part, "--camera", "cam2").count == 2)
        #expect(try regions("--like", part, "--camera", "%n/../").isEmpty)
        for (words, code) in [
            (["--like", part, "--since", "yesterday"], 2), (["--like", part, "--since", "2026-13-01"], 2),
            (["--like", part, "--limit", "0"], 2), (["--like", part, "--min-similarity", "2"], 2),
            (["--like", part, "--run", "../demo"], 1), (["--like", part, "words"], 2), (["--like", part + ":0"], 2),
            (["--like", part + ":9"], 1), (["--like", "../../etc/passwd"], 1), (["--like", "%s%n"], 1),
            (["--like", part + ":1:1"], 2), ([], 2),
        ] {
            let outcome = try binary.run(["search", "demo"] + words)
            #expect(outcome.code == Int32(code) && outcome.stderr.contains("expected"), "\(words): \(outcome.stderr)")
        }
    }

    @Test("words: empty, long and hostile ones get a sentence and never a crash")
    func hostileWords() throws {
        defer { binary.clean() }
        _ = try fill()
        for text in ["", "  ", "\t\n", "\u{200B}\u{202E}", "\u{7}"] {
            let outcome = try search("--", text)
            #expect(outcome.code == 2 && outcome.stderr.contains("expected words"), "\(outcome.stderr)")
        }
        let long = try search(String(repeating: "scratch ", count: 5000))
        #expect(long.code == 2 && long.stderr.contains("at most 1000 bytes") && long.stderr.utf8.count < 300)
        for text in ["%s%n%x", "../../etc/passwd", "鋭い傷 🩹", "\u{1B}[2J scratch", "a\u{301}\u{301}", "--limit"] {
            let outcome = try search("--", text)
            #expect(outcome.code == 1 && outcome.stderr.contains("model"), "\(text): \(outcome.stderr)")
        }
    }

    @Test(
        "no runs, no index, a damaged index, a deleted run and a run that is not indexed are told; --rebuild mends it")
    func states() throws {
        defer { binary.clean() }
        #expect(try search("scratch").stderr.contains("expected the runs of line demo"))
        let runs = try fill()
        let part = try line.part("cam1/c.png")
        let path = try #require(RegionIndex(lineFolder: line.folder).files.first)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        unlink(path)
        let none = try search("--like", part)
        #expect(none.code == 1 && none.stderr.contains("no region of line demo") && none.stderr.contains("--rebuild"))
        #expect(try search("--rebuild").stdout == "8 regions of 2 runs indexed\n")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        #expect(try search("--rebuild", "--json").stdout == "{\"problems\":[],\"regions\":8,\"runs\":2}\n")

        #expect(Findings.ofRegionIndex(lineFolder: line.folder).map(\.state) == [.good])
        var damaged = whole
        damaged[whole.count - 30] ^= 1
        try damaged.write(to: URL(fileURLWithPath: path))
        #expect(Findings.ofRegionIndex(lineFolder: line.folder).map(\.state) == [.warning])
        let found = try search("--like", part)
        #expect(found.code == 1 && found.stderr.contains("damaged at byte") && found.stdout.isEmpty)
        #expect(try search("--like", part, "--rebuild").code == 0)

        try whole.prefix(whole.count - 5).write(to: URL(fileURLWithPath: path))
        let torn = try search("--like", part)
        #expect(torn.code == 0 && torn.stderr.contains("not whole") && torn.stderr.contains("1 run with"))
        #expect(torn.stderr.contains(runs[1].id))
        #expect(Findings.ofRegionIndex(lineFolder: line.folder).first?.found.contains("not whole") == true)
        try whole.write(to: URL(fileURLWithPath: path))

        try Folder.remove(runs[0].folder)
        let gone = try search("--like", part)
        #expect(gone.code == 0 && gone.stderr.contains("1 run of the index no longer there"))
        #expect(!gone.stdout.contains("a.png"))
        #expect(try search("--rebuild").stdout == "5 regions of 1 run indexed\n")

        // A verdict that somebody edited: the index says where it should be.
        let verdicts = runs[1].folder + "/verdicts.jsonl"
        try Data("x".utf8).write(to: URL(fileURLWithPath: verdicts))
        let edited = try search("--like", part)
        #expect(edited.code == 1 && edited.stderr.contains("verify"))
    }

    @Test("an index of another text space is told and never compared")
    func otherSpace() throws {
        defer { binary.clean() }
        _ = try fill()
        var other = line
        other.textSpace = String(repeating: "6b", count: 32)
        try line.put("cam3/z.png", "f 1")
        _ = try other.run(hour: 40)
        #expect(RegionIndex(lineFolder: line.folder).files.count == 2)
        #expect(try regions("--like", try line.part("cam3/z.png")) == ["cam3/z.png:1"])
        #expect(try regions("--like", try line.part("cam2/b.png")).count == 6)
        unlink(try #require(RegionIndex(lineFolder: line.folder).files.first { $0.contains("/6b") }))
        let outcome = try search("--like", try line.part("cam3/z.png"))
        #expect(outcome.code == 1 && outcome.stderr.contains("another text encoder"), "\(outcome.stderr)")
    }

    @Test("the page stands alone, escapes what it shows, and links to the panels wherever it lies")
    func page() throws {
        defer { binary.clean() }
        let runs = try fill()
        try FileManager.default.createDirectory(
            at: binary.folder.appendingPathComponent("a b"), withIntermediateDirectories: true)
        let outcome = try search("--like", try line.part("cam1/c.png"), "--page", "a b/p.html")
        #expect(outcome.code == 0, "\(outcome.stderr)")
        let page = try String(contentsOf: binary.folder.appendingPathComponent("a b/p.html"), encoding: .utf8)
        for outside in ["http://", "https://", "src=\"//", "@import", "<link", "<script", "<b>%s", "\u{1B}"] {
            #expect(!page.contains(outside), "\(outside)")
        }
        #expect(page.components(separatedBy: "<article").count == 7)
        #expect(page.contains("data:image/jpeg;base64,") && page.contains("&lt;b&gt;%25s%1B[31m.png"))
        let part = try line.part("cam1/a.png")
        let link = "../runs/demo/\(runs[0].id)/flagged/\(part)/panel.png"
        #expect(page.contains("href=\"\(link)\""))
        #expect(
            FileManager.default.fileExists(atPath: binary.folder.appendingPathComponent("a b").path + "/" + link))
        let nowhere = try search("--like", part, "--page", "no/such/p.html")
        #expect(nowhere.code == 1 && nowhere.stderr.contains("--page"))
    }

    /// With a model that was trained in seconds: what is right is `benchmark --names`' to say; here, that words go all the
    /// way through.
    @Test("words find regions of a night's run; the same words find the same, and a model without language says so")
    func wordsOfATrainedLine() throws {
        binary.clean()
        let root = try Plant.shared.get().root()
        defer { root.clean() }
        try root.expect(3, try Plant.shared.get().run("--quiet"))
        let run = try RunReading(of: root)
        let flagged = try run.lines("verdicts.jsonl").filter { $0["verdict"] as? String != "pass" }
        let regions = flagged.reduce(0) { $0 + (($1["regions"] as? [Any])?.count ?? 0) }
        let described = try run.object("run.json")["describedRegions"] as? Int
        #expect(regions > 0 && described == regions)
        try root.expect(0, ["verify", run.folder.path])
        for text in ["scratch near the rim", "%s%n", "../../etc/passwd", "鋭い傷 🩹", "\u{1B}[2J dent", "qqq"] {
            let outcome = try root.run(["search", "demo", "--json", "--limit", "1000", "--page", "p.html", "--", text])
            #expect(outcome.code == 0, "\(text): \(outcome.stderr)")
            let value = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
            let found = value?["regions"] as? [[String: Any]] ?? []
            let alike = found.reduce(0) { $0 + ($1["alike"] as? Int ?? 0) }
            #expect(value?["compared"] as? Int == regions && found.count + alike == regions)
            let near = found.compactMap { $0["similarity"] as? Double }
            #expect(near == near.sorted(by: >) && near.allSatisfy { (-1...1).contains($0) })
        }
        let before = try root.expect(0, ["search", "demo", "a dent"]).stdout
        try root.expect(0, ["search", "demo", "--rebuild"])
        #expect(try root.expect(0, ["search", "demo", "a dent"]).stdout == before)
        let doctor = try root.run(["doctor", "demo"])
        #expect(doctor.stdout.contains("\(regions) region") && doctor.stdout.contains("search index"))
    }

    @Test("links: up and down, encoded")
    func links() {
        #expect(SearchOutput.link(to: "/a/b c/d.png", from: "/a/p.html") == "b%20c/d.png")
        #expect(SearchOutput.link(to: "/a/b/d.png", from: "/a/x/y/p.html") == "../../b/d.png")
        #expect(SearchOutput.link(to: "/r/é?#:%.png", from: "/p.html") == "r/%C3%A9%3F%23%3A%25.png")
    }

    @Test("boxes that overlap by half are one place")
    func boxes() {
        #expect(FoundRegion.overlap([0, 0, 10, 10], [0, 0, 10, 10]) == 1)
        #expect(FoundRegion.overlap([0, 0, 10, 10], [10, 0, 10, 10]) == 0)
        #expect(abs(FoundRegion.overlap([0, 0, 10, 10], [5, 0, 10, 10]) - 1.0 / 3) < 1e-9)
        #expect(FoundRegion.overlap([0, 0, 0, 0], [0, 0, 0, 0]) == 0 && FoundRegion.overlap([1], [0, 0, 1, 1]) == 0)
    }
}
