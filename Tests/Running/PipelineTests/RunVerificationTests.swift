import Files
import Foundation
import Handover
import TestFolders
import Testing

@testable import Pipeline

/// `verify` must find every way in which a finished run can be spoilt.
@Suite struct RunVerificationTests {
    let folder: TemporaryFolder
    let line: TestLine
    let run: RunSummary

    init() throws {
        folder = try TemporaryFolder()
        line = try TestLine(path: folder.path)
        try line.fill(16)
        run = try line.run()
        #expect(RunVerification.verify(run.folder) == [])
    }

    private func some(_ place: String) throws -> String {
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: run.folder + "/" + place).sorted().first)
        return place + "/" + name
    }

    private func edit(_ name: String, _ change: (inout String) -> Void) throws {
        let url = URL(fileURLWithPath: run.folder + "/" + name)
        var text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        change(&text)
        try Data(text.utf8).write(to: url)
    }

    private var places: [String] { RunVerification.verify(run.folder).map(\.place) }

    @Test func aMissingAChangedAndAStrayHeatmap() throws {
        let name = try some("heatmaps")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: run.folder + "/" + name))
        try (bytes + Data([0])).write(to: URL(fileURLWithPath: run.folder + "/" + name))
        #expect(places == [name])
        unlink(run.folder + "/" + name)
        #expect(places == [name])
        try bytes.write(to: URL(fileURLWithPath: run.folder + "/" + name))
        #expect(places == [])
        try bytes.write(to: URL(fileURLWithPath: run.folder + "/heatmaps/stray.png"))
        #expect(places == ["heatmaps/stray.png"])
    }

    @Test func aVerdictThatWasEditedDroppedOrAdded() throws {
        try edit("verdicts.jsonl") { $0 = $0.replacingOccurrences(of: "\"fail\"", with: "\"pass\"") }
        #expect(places.contains("verdicts.jsonl"))
        #expect(places.count > 1)
        try edit("verdicts.jsonl") { $0 = $0.replacingOccurrences(of: "\"verdict\"", with: "\"verdikt\"") }
        #expect(!places.isEmpty)
        try edit("verdicts.jsonl") { $0 = $0.split(separator: "\n").dropLast().joined(separator: "\n") + "\n" }
        #expect(places.contains("verdicts.jsonl"))
    }

    @Test func anOutcomeThatIsMissingOrThereTwice() throws {
        try edit("outcomes.jsonl") { text in
            let lines = text.split(separator: "\n")
            text = (lines.dropLast(2) + [lines[0], lines[1]]).joined(separator: "\n") + "\n"
        }
        #expect(!places.isEmpty)
        try edit("outcomes.jsonl") { $0 = $0.split(separator: "\n").dropLast().joined(separator: "\n") + "\n" }
        #expect(places.contains("outcomes.jsonl"))
    }

    @Test func countsAndStateOfRunJSON() throws {
        try edit("run.json") { $0 = $0.replacingOccurrences(of: "\"deferred\" : 1", with: "\"deferred\" : 2") }
        #expect(places == ["run.json"])
        try edit("run.json") { $0 = $0.replacingOccurrences(of: "\"done\"", with: "\"running\"") }
        #expect(places.contains("run.json"))
        unlink(run.folder + "/run.json")
        #expect(places == ["run.json"])
    }

    @Test func aLedgerThatSaysSomethingElse() throws {
        try edit("../ledger.jsonl") { text in
            let lines = text.split(separator: "\n")
            text = (lines + [lines[0]]).joined(separator: "\n") + "\n"
        }
        #expect(places.contains("ledger"))
    }

    @Test func aFlaggedPartThatAnInspectorMovedIsNoFinding() throws {
        let part = try some("flagged")
        try Folder.create(run.folder + "/reviewed/good")
        try FileManager.default.moveItem(
            atPath: run.folder + "/" + part, toPath: run.folder + "/reviewed/good/" + part.dropFirst("flagged/".count))
        #expect(places == [])
    }
}
