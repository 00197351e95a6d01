import Files
import Foundation
import Handover
import Ledger
import Synchronization
import TestFolders
import Testing

@testable import Pipeline

@Suite struct NightlyRunTests {
    let folder: TemporaryFolder
    let line: TestLine

    init() throws {
        folder = try TemporaryFolder()
        line = try TestLine(path: folder.path)
    }

    @Test func everyInputHasOneOutcomeAndTheFolderProvesIt() throws {
        try line.fill(40)
        try FileManager.default.createSymbolicLink(atPath: line.drop + "/link.png", withDestinationPath: "/etc/passwd")
        let summary = try line.run()
        // Of 40: numbers 2, 18 and 34 have a temporary name; each eighth kind has 5.
        var expected = RunCounts()
        expected.pass = 17
        expected.review = 5
        expected.fail = 5
        expected.quarantined = 11
        expected.deferred = 3
        #expect(summary.counts == expected)
        #expect(summary.inputs == 41)
        #expect(summary.counts.total == 41)
        #expect(summary.duplicates == 2)
        #expect(summary.state == .done)
        #expect(RunVerification.verify(summary.folder) == [])
        let files = try line.snapshot(summary.folder)
        #expect(files.keys.filter { $0.hasPrefix("heatmaps/") }.count == 27)
        #expect(files.keys.filter { $0.hasPrefix("flagged/") }.count == 10)
        #expect(files.keys.filter { $0.hasPrefix("quarantine/") }.count == 11)
        #expect(!files.keys.contains { $0.contains(AtomicFile.temporaryPrefix) })
        let rows = String(decoding: try #require(files["summary.csv"]), as: UTF8.self).split(separator: "\n")
        #expect(rows.first == "part,verdict")
        #expect(rows.count == 28)
        let record = try #require(RunFolder(path: summary.folder).readRecord())
        #expect(record.counts == expected)
        #expect(record.recipeSha256 == "recipe" && record.model.sha256 == "model")
        let metrics = try folder.text("runs/\(summary.id)/metrics.prom")
        #expect(metrics.contains("nightshift_last_run_outcomes{line=\"test\",outcome=\"quarantined\"} 11.0"))
        #expect(try folder.text("runs/metrics.prom") == metrics)
    }

    @Test func theFolderDoesNotDependOnTheNumberOfWorkers() throws {
        try line.fill(60)
        let other = try TestLine(path: folder.path + "/other")
        try FileManager.default.removeItem(atPath: other.drop)
        // The same files with the same times.
        try FileManager.default.copyItem(atPath: line.drop, toPath: other.drop)
        for name in try FileManager.default.subpathsOfDirectory(atPath: line.drop) {
            let time = try FileManager.default.attributesOfItem(atPath: line.drop + "/" + name)[.modificationDate]
            try FileManager.default.setAttributes(
                [.modificationDate: try #require(time as? Date)], ofItemAtPath: other.drop + "/" + name)
        }
        var options = line.options(workers: 1)
        let one = try line.run(options, pause: 0.0005)
        options.drop = other.drop
        options.folder = other.runs
        options.workers = 4
        let four = try other.run(options, pause: 0.0005)
        var oneFiles = try line.snapshot(one.folder)
        var fourFiles = try line.snapshot(four.folder)
        // Times are set with the resolution of a Double there; all else of the list is compared through the outcomes.
        oneFiles["inputs.jsonl"] = nil
        fourFiles["inputs.jsonl"] = nil
        #expect(oneFiles == fourFiles)
        #expect(oneFiles.count > 60)
    }

    @Test func whatHasAVerdictIsNotInspectedAgainUnlessTheModelChanges() throws {
        try line.fill(16)
        let first = try line.run()
        try line.put("new.png", "fail new")
        try line.put("cam0/part 0.png", "fail replaced under the same name")
        let second = try line.run()
        #expect(second.id != first.id)
        #expect(second.stillQuarantined == first.counts.quarantined && first.stillQuarantined == 0)
        #expect(second.counts.alreadyDone == first.counts.inspected - 1 + first.counts.quarantined)
        #expect(second.counts.fail == 2)
        #expect(second.counts.quarantined == 0)
        #expect(RunVerification.verify(second.folder) == [])
        var options = line.options()
        options.modelSHA256 = "another"
        let third = try line.run(options)
        #expect(third.counts.alreadyDone == 0)
        #expect(third.counts.inspected == first.counts.inspected + 1)
        var again = line.options()
        again.again = true
        #expect(try line.run(again).counts.inspected == third.counts.inspected)
    }

    /// Bad files that stay in the drop: refused once, dealt with from then on, until the file or the judge changes.
    @Test func aBadFileIsQuarantinedOnce() throws {
        try line.put("damaged.png", "x damaged")
        try line.put("empty.png", "")
        try line.put("large.png", String(repeating: "p", count: 1_000_001))
        try FileManager.default.createSymbolicLink(atPath: line.drop + "/link.png", withDestinationPath: "/etc/passwd")
        let first = try line.run()
        #expect(first.counts.quarantined == 4)
        let second = try line.run()
        #expect(second.counts.quarantined == 0 && second.counts.alreadyDone == 4 && second.stillQuarantined == 4)
        #expect(RunVerification.verify(second.folder) == [])
        let record = try #require(RunFolder(path: second.folder).readRecord())
        #expect(record.stillQuarantined == 4 && record.counts.total == record.inputs)
        // The archive takes what has a verdict, never what has none.
        var options = line.options()
        options.archive = folder.path + "/archive"
        #expect(try line.run(options).stillQuarantined == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: line.drop).count == 4)
        // Another bad file under the same name, read or unread, is news.
        try line.put("damaged.png", "y damaged")
        try line.put("large.png", String(repeating: "p", count: 1_000_002))
        let third = try line.run()
        #expect(third.counts.quarantined == 2 && third.stillQuarantined == 2)
        #expect(RunVerification.verify(third.folder) == [])
        var again = line.options()
        again.again = true
        #expect(try line.run(again).counts.quarantined == 4)
        var other = line.options()
        other.recipeSHA256 = "another"
        #expect(try line.run(other).counts.quarantined == 4)
    }

    @Test func anEmptyDropIsASuccess() throws {
        let summary = try line.run()
        #expect(summary.inputs == 0)
        #expect(summary.state == .done)
        #expect(RunVerification.verify(summary.folder) == [])
        #expect(try folder.text("runs/\(summary.id)/summary.csv") == "part,verdict\n")
    }

    @Test func aMissingDropIsAnErrorThatNamesIt() throws {
        var options = line.options()
        options.drop = folder.path + "/none"
        let error = #expect(throws: RunError.self) { _ = try line.run(options) }
        #expect(try #require(error).description.contains(folder.path + "/none"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: line.runs) == [".lock"])
    }

    @Test func aSecondRunAtTheSameTimeIsRefused() throws {
        try line.fill(4)
        let line = line
        let refused = Mutex<[RunError]>([])
        let summary = try line.run(change: { run in
            run.onVerdict = { _ in
                do { _ = try line.run() } catch let error as RunError { refused.withLock { $0.append(error) } } catch {}
            }
        })
        #expect(summary.counts.inspected == 3)
        let errors = refused.withLock { $0 }
        #expect(errors.count == 3)
        for error in errors {
            guard case .locked(let holder, _) = error else {
                Issue.record("expected locked, got \(error)")
                continue
            }
            #expect(holder.pid == getpid())
        }
    }

    @Test func anInspectorThatCannotBeMadeEndsTheRunAndTheNextContinues() throws {
        struct Broken: Error, CustomStringConvertible { var description: String { "the model is missing" } }
        try line.fill(8)
        let broken = NightlyRun(
            options: line.options(), endsWhole: { _ in true }, makeInspector: { throw Broken() },
            publish: { (part) throws(Rejection) in TestLine.publish(part, fileBytes: 1) })
        #expect(throws: RunError.inspector("the model is missing")) { _ = try broken.run() }
        let summary = try line.run()
        #expect(summary.isResumed)
        #expect(summary.counts.total == 8)
        #expect(RunVerification.verify(summary.folder) == [])
    }

    @Test func shardsShareTheDropWithoutGapOrOverlap() throws {
        try line.fill(40)
        var paths: [String] = []
        for index in 0..<3 {
            var options = line.options()
            options.shard = Shard(index: index, count: 3)
            let summary = try line.run(options)
            #expect(RunVerification.verify(summary.folder) == [])
            #expect(summary.inputs > 3)
            paths += try RunFolder(path: summary.folder).readInputs().map(\.path)
        }
        #expect(paths.count == 40)
        #expect(Set(paths).count == 40)
        #expect(Shard(index: 3, count: 3) == nil && Shard(index: -1, count: 3) == nil)
    }

    @Test func inspectedFilesMoveToTheArchiveAndBadOnesStay() throws {
        try line.fill(16)
        var options = line.options()
        options.archive = folder.path + "/archive"
        let summary = try line.run(options)
        let left = try FileManager.default.subpathsOfDirectory(atPath: line.drop).filter { $0.contains("part") }
        #expect(left.count == 16 - summary.counts.inspected)
        let moved = try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/archive/\(summary.id)")
        #expect(moved.filter { $0.hasSuffix(".png") }.count == summary.counts.inspected)
    }

    @Test func memoryDoesNotGrowWithTheNumberOfParts() async throws {
        // In memory where there is room: two thousand syncs of a busy disk take half a minute.
        let shared = try? TemporaryFolder(in: "/dev/shm", atLeast: 400 << 20)
        let path = (shared ?? folder).path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let line = try TestLine(path: path)
            for number in 0..<2000 { try line.put("\(number).png", "pass \(number)") }
            let before = peakKiB()
            // 2,000 heatmaps of 64 KiB: 128 MB if they were kept.
            let summary = try line.run(line.options(workers: 4), fileBytes: 65536)
            #expect(summary.counts.pass == 2000)
            #expect(peakKiB() - before < 40_000)
            #expect(RunVerification.verify(summary.folder) == [])
        }
    }
}

/// Peak resident memory of this process in KiB.
private func peakKiB() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
}
