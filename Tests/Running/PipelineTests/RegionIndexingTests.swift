import DescribedRuns
import Files
import Foundation
import Numerics
import Publish
import RegionIndex
import TestFolders
import Testing

@testable import Pipeline

@Suite struct RegionIndexingTests {
    let folder: TemporaryFolder
    let line: DescribedLine
    let space: SpaceStamp

    init() throws {
        folder = try TemporaryFolder()
        line = try DescribedLine(root: folder.path)
        space = try #require(SpaceStamp(identity: line.textSpace, width: line.width))
    }

    private var index: RegionIndex { RegionIndex(lineFolder: line.folder) }

    private func bytes() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: index.path(space))) }

    private func fill() throws {
        try line.put("cam1/a.png", "f 1 2")
        try line.put("cam1/b.png", "p 9")
        try line.put("cam2/c.png", "r 3")
        try line.put("cam2/d.png", "f")
        try line.put("cam2/é.png", "f 4 5 6 7")
    }

    /// The verdict and region of the nearest to a seed's embedding.
    private func nearest(_ seed: Int) throws -> (record: VerdictRecord, region: Int, run: String) {
        let file = try #require(try index.open(space))
        let match = try #require(
            try file.nearest(
                to: line.embedding(seed), limit: 1, minimum: 0.99, batches: Array(file.batches.indices), workers: 2
            ).first)
        let place = file.region(match.row, of: match.batch)
        let run = file.batches[match.batch].run
        let verdicts = try Data(contentsOf: URL(fileURLWithPath: line.folder + "/\(run)/verdicts.jsonl"))
        let text = try #require(verdicts[place.verdictOffset...].split(separator: 10).first)
        return (try JSONDecoder().decode(VerdictRecord.self, from: text), place.region, run)
    }

    @Test func aRunIndexesTheRegionsOfItsFlaggedParts() throws {
        try fill()
        let first = try line.run(hour: 1)
        #expect(RunVerification.verify(first.folder) == [])
        #expect(RunFolder(path: first.folder).readRecord()?.describedRegions == 7)
        let file = try #require(try index.open(space))
        #expect(file.count == 7 && file.batches.map(\.run) == [first.id])
        #expect(file.batches[0].start == "2026-11-24T01:00:00Z" && Set(file.batches[0].cameras) == ["cam1", "cam2"])
        for (seed, path, region) in [
            (1, "cam1/a.png", 0), (2, "cam1/a.png", 1), (3, "cam2/c.png", 0), (7, "cam2/é.png", 3),
        ] {
            let found = try nearest(seed)
            #expect(found.record.part.path == path && found.region == region && found.run == first.id)
            #expect(found.record.regions[region].label == "kind \(seed)")
        }
        try line.put("cam3/e.png", "f 11")
        let second = try line.run(hour: 2)
        #expect(try nearest(11).run == second.id && nearest(3).run == first.id)
        #expect(try #require(try index.open(space)).count == 8)
    }

    @Test func aNightWithoutLanguageOrFlaggedPartsLeavesNoIndex() throws {
        try line.put("a.png", "p 1")
        _ = try line.run(hour: 1)
        var mute = line
        mute.hasLanguage = false
        try line.put("b.png", "f 1")
        let run = try mute.run(hour: 2)
        #expect(!Folder.exists(index.folder))
        #expect(RunFolder(path: run.folder).readRecord()?.describedRegions == 0)
        #expect(RunVerification.verify(run.folder) == [])
    }

    @Test func aRebuildMakesTheSameBytesAgain() throws {
        try fill()
        _ = try line.run(hour: 1)
        try line.put("e.png", "f 8 8")
        _ = try line.run(hour: 2)
        let whole = try bytes()
        try Folder.remove(index.folder)
        #expect(
            try RegionIndexing.rebuild(lineFolder: line.folder) == .init(runs: 2, regions: 9, problems: []))
        #expect(try bytes() == whole)
        var damaged = whole
        damaged[300] ^= 8
        try damaged.write(to: URL(fileURLWithPath: index.path(space)))
        #expect(try RegionIndexing.rebuild(lineFolder: line.folder).problems == [])
        #expect(try bytes() == whole)
    }

    /// People move what they have reviewed, and delete old runs.
    @Test func reviewedPartsStayAndDeletedRunsGo() throws {
        try fill()
        let first = try line.run(hour: 1)
        try line.put("e.png", "f 8")
        let second = try line.run(hour: 2)
        let part = try line.part("cam1/a.png")
        try Folder.create(first.folder + "/reviewed/defect")
        #expect(rename(first.folder + "/flagged/" + part, first.folder + "/reviewed/defect/" + part) == 0)
        let whole = try bytes()
        #expect(try RegionIndexing.rebuild(lineFolder: line.folder).problems == [])
        #expect(try bytes() == whole)
        #expect(try RegionIndexing.embeddings(ofPart: part, lineFolder: line.folder)?.embeddings.rows.count == 2)
        try Folder.remove(first.folder)
        #expect(
            try RegionIndexing.rebuild(lineFolder: line.folder) == .init(runs: 1, regions: 1, problems: []))
        #expect(try #require(try index.open(space)).batches.map(\.run) == [second.id])
    }

    @Test func changedAndMissingEmbeddingsAreToldAndLeftOut() throws {
        try fill()
        let run = try line.run(hour: 1)
        let one = run.folder + "/" + FlaggedFolder(partID: try line.part("cam1/a.png")).embeddings
        let other = run.folder + "/" + FlaggedFolder(partID: try line.part("cam2/c.png")).embeddings
        try Data("none".utf8).write(to: URL(fileURLWithPath: one))
        unlink(other)
        let summary = try RegionIndexing.rebuild(lineFolder: line.folder)
        #expect(summary.regions == 4 && summary.problems.count == 2)
        #expect(summary.problems.contains { $0.contains(one) && $0.contains("changed") })
        #expect(RunVerification.verify(run.folder).count == 2)
    }

    /// Killed after the index was written and before run.json said done: the run is closed again, and added once.
    @Test func aRunThatIsClosedTwiceIsAddedOnce() throws {
        try fill()
        let done = try line.run(hour: 1)
        let whole = try bytes()
        let run = RunFolder(path: done.folder)
        var unfinished = try #require(run.readRecord())
        unfinished.state = .running
        unfinished.files = [:]
        unfinished.describedRegions = nil
        try run.write(unfinished)
        #expect(RegionIndexing.missing(lineFolder: line.folder, indexed: [], present: [done.id]) == [])
        let again = try line.run(hour: 2)
        #expect(again.isResumed && again.id == done.id)
        #expect(try bytes() == whole)
        #expect(RegionIndexing.missing(lineFolder: line.folder, indexed: [], present: [done.id]) == [done.id])
        #expect(RegionIndexing.missing(lineFolder: line.folder, indexed: [done.id], present: [done.id]) == [])
    }

    /// An index that cannot be written costs a warning, never a verdict.
    @Test func aBrokenIndexIsAWarningOfTheRun() throws {
        try fill()
        let first = try line.run(hour: 1)
        var damaged = try bytes()
        damaged[130] ^= 1
        try damaged.write(to: URL(fileURLWithPath: index.path(space)))
        try line.put("e.png", "f 8")
        func warnings(hour: Int) throws -> (RunSummary, [String]) {
            let heard = LockedValues()
            let summary = try line.run(hour: hour) { run in
                run.onEvent = { event in if event.level == .warning { heard.add(event.sentence) } }
            }
            return (summary, heard.all)
        }
        let (second, said) = try warnings(hour: 2)
        #expect(second.state == .done && second.counts.flagged == 1 && RunVerification.verify(second.folder) == [])
        #expect(said.count == 1 && said[0].contains("damaged") && said[0].contains("--rebuild"), "\(said)")
        #expect(try bytes() == damaged)
        #expect(
            RegionIndexing.missing(lineFolder: line.folder, indexed: [first.id], present: [first.id, second.id])
                == [second.id])
        // Something else that has the folder's name.
        try Folder.remove(index.folder)
        try Data().write(to: URL(fileURLWithPath: index.folder))
        try line.put("g.png", "f 9")
        let (third, saidThen) = try warnings(hour: 3)
        #expect(third.state == .done && saidThen.count == 1, "\(saidThen)")
        unlink(index.folder)
        #expect(try RegionIndexing.rebuild(lineFolder: line.folder).regions == 9)
    }

    @Test func aPartsNameNeverLeadsElsewhere() throws {
        try fill()
        _ = try line.run(hour: 1)
        for name in ["", "..", "../../../etc/passwd", "a/../b", ".hidden", "a\0b", "%s%n", "no such part"] {
            #expect(try RegionIndexing.embeddings(ofPart: name, lineFolder: line.folder)?.run.path == nil)
        }
    }
}

/// What was heard, from any thread.
private final class LockedValues: Sendable {
    private let values = LockedValue<[String]>([])
    func add(_ value: String) { values.withLock { $0.append(value) } }
    var all: [String] { values.withLock { $0 } }
}
