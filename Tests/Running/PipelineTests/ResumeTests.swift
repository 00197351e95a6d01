import Files
import Foundation
import Handover
import Ledger
import Synchronization
import TestFolders
import Testing

@testable import Pipeline

@Suite struct ResumeTests {
    let folder: TemporaryFolder
    let line: TestLine

    init() throws {
        folder = try TemporaryFolder()
        line = try TestLine(path: folder.path)
    }

    /// What a run without any trouble leaves, made from the same drop in another folder.
    private func reference(_ options: RunOptions) throws -> [String: Data] {
        var options = options
        options.folder = folder.path + "/reference"
        return try line.snapshot(try line.run(options).folder)
    }

    /// The real thing: a process that is killed with SIGKILL, twenty times over, at moments that hit opening,
    /// inspection and writing alike.
    @Test func aRunKilledTwentyTimesEndsWithTheSameBytes() async throws {
        try line.fill(300)
        let options = line.options()
        let now = options.now.timeIntervalSince1970
        let expected = try reference(options)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let parts = Int.random(in: 0...6, using: &random)
            let microseconds = UInt32.random(in: 0...(parts == 0 ? 20_000 : 4_000), using: &random)
            let path = folder.path
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [
                    path = path as String, now = now as Double, parts = parts as Int,
                    microseconds = microseconds as UInt32
                ] in
                let line = try TestLine(path: path)
                var options = line.options()
                options.now = Date(timeIntervalSince1970: now)
                let fuse = Fuse(microseconds: microseconds)
                if parts == 0 { fuse.light() }
                let first = Mutex<Int?>(nil)
                _ = try line.run(options, pause: 0.0005) { run in
                    run.progress = { done, _, _ in
                        let begun = first.withLock { first in
                            first = first ?? done
                            return first ?? done
                        }
                        if parts > 0 && done - begun >= parts { fuse.light() }
                    }
                }
                // Only when it ended before the fuse: die in the same way.
                kill(getpid(), SIGKILL)
            }
        }
        let killed = try #require(try runs().first)
        #expect(try runs().count == 1)
        #expect(killed.readRecord()?.state == .running)
        let summary = try line.run(options)
        #expect(summary.isResumed)
        #expect(summary.counts.total == 300)
        #expect(RunVerification.verify(summary.folder) == [])
        #expect(try line.snapshot(summary.folder) == expected)
        #expect(try line.ledger(summary.id).count == 300)
    }

    /// Every state a crash can leave behind, made by hand: files of lines cut after any line and inside the next one.
    @Test func everyOrderOfTornFilesIsRepaired() throws {
        try line.fill(10)
        let options = line.options()
        let done = try line.run(options)
        let expected = try line.snapshot(done.folder)
        let whole = folder.path + "/whole"
        try FileManager.default.copyItem(atPath: line.runs, toPath: whole)
        let record = try #require(RunFolder(path: done.folder).readRecord())
        let outcomes = try lines("outcomes.jsonl", in: done.folder)
        let verdicts = try lines("verdicts.jsonl", in: done.folder)
        let ledger = try lines("ledger.jsonl", in: line.runs)
        var cases = 0
        for kept in 0...outcomes.count {
            let judged = outcomes.prefix(kept).filter { $0.contains("\"csv\"") }.count
            for (extraVerdicts, missingEntries, torn) in [(0, 0, false), (2, 0, true), (9, 1, true), (1, 4, false)] {
                try FileManager.default.removeItem(atPath: line.runs)
                try FileManager.default.copyItem(atPath: whole, toPath: line.runs)
                let run = RunFolder(path: done.folder)
                var unfinished = record
                unfinished.state = .running
                unfinished.files = [:]
                unfinished.counts = RunCounts()
                try run.write(unfinished)
                unlink(run.summary)
                try cut(verdicts, to: judged + extraVerdicts, torn: torn, at: run.verdicts)
                try cut(outcomes, to: kept, torn: torn, at: run.outcomes)
                try cut(ledger, to: kept - missingEntries, torn: torn, at: line.runs + "/ledger.jsonl")
                try Data("half".utf8).write(
                    to: URL(fileURLWithPath: done.folder + "/heatmaps/" + AtomicFile.temporaryPrefix + "1-1"))
                let summary = try line.run(options)
                #expect(summary.isResumed && summary.id == done.id)
                #expect(summary.counts == done.counts)
                #expect(try line.snapshot(summary.folder) == expected, "outcomes \(kept), \(extraVerdicts)")
                #expect(RunVerification.verify(summary.folder) == [])
                cases += 1
            }
        }
        #expect(cases == 44)
    }

    @Test func anInterruptedRunFinishesItsPartsAndGoesOnLater() throws {
        try line.fill(80)
        let options = line.options()
        let expected = try reference(options)
        let stop = StopRequest()
        let first = try line.run(options) { run in
            run.stop = stop
            run.progress = { done, _, _ in if done >= 10 { stop.raise() } }
        }
        #expect(first.state == .interrupted)
        #expect(first.counts.total >= 10 && first.counts.total < 80)
        #expect(RunFolder(path: first.folder).readRecord()?.state == .interrupted)
        let second = try line.run(options)
        #expect(second.isResumed && second.id == first.id && second.state == .done)
        #expect(try line.snapshot(second.folder) == expected)
    }

    @Test func aSignalInterrupts() async throws {
        try line.fill(80)
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let line = try TestLine(path: path)
            let isSent = Mutex(false)
            let summary = try line.run(pause: 0.001) { run in
                run.stop = .onSignals
                run.progress = { _, _, _ in
                    // Once: a second signal ends the process at once.
                    isSent.withLock { sent in
                        if !sent { kill(getpid(), SIGTERM) }
                        sent = true
                    }
                }
            }
            #expect(summary.state == .interrupted)
        }
        #expect(try line.run().counts.total == 80)
    }

    /// A file size limit stands in for a full disk: the outcomes cannot grow past it.
    @Test func aFullDiskStopsTheRunWithAClearErrorAndTheNextContinues() async throws {
        try line.fill(200)
        let options = line.options()
        let expected = try reference(options)
        let now = options.now.timeIntervalSince1970
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String, now = now as Double] in
            let line = try TestLine(path: path)
            var options = line.options()
            options.now = Date(timeIntervalSince1970: now)
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 40_000, rlim_max: 40_000)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let error = #expect(throws: RunError.self) { _ = try line.run(options) }
            guard case .file(.failed(.write, _, code: EFBIG)) = error else {
                Issue.record("expected a failed write, got \(String(describing: error))")
                return
            }
        }
        let stopped = try #require(try runs().first?.readRecord())
        #expect(stopped.state == .failed)
        #expect(stopped.problem?.contains("cannot write") == true)
        let summary = try line.run(options)
        #expect(summary.isResumed)
        #expect(try line.snapshot(summary.folder) == expected)
        #expect(RunVerification.verify(summary.folder) == [])
    }

    @Test func anotherRecipeDoesNotContinueAnUnfinishedRun() throws {
        try line.fill(40)
        let stop = StopRequest()
        let first = try line.run { run in
            run.stop = stop
            run.progress = { done, _, _ in if done >= 5 { stop.raise() } }
        }
        var options = line.options()
        options.recipeSHA256 = "changed"
        let second = try line.run(options)
        #expect(!second.isResumed && second.id != first.id)
        #expect(second.counts.alreadyDone == 0)
        #expect(RunFolder(path: first.folder).readRecord()?.state == .abandoned)
    }

    @Test func recordsThatContradictEachOtherAreAnErrorNotAGuess() throws {
        try line.fill(10)
        let done = try line.run()
        let run = RunFolder(path: done.folder)
        var unfinished = try #require(run.readRecord())
        unfinished.state = .running
        try run.write(unfinished)
        let verdicts = try lines("verdicts.jsonl", in: done.folder)
        try cut(verdicts, to: verdicts.count - 1, torn: false, at: run.verdicts)
        let error = #expect(throws: RunError.self) { _ = try line.run() }
        guard case .damaged(run.verdicts, _) = try #require(error) else {
            Issue.record("expected verdicts.jsonl to be named, got \(String(describing: error))")
            return
        }
    }

    private func runs() throws -> [RunFolder] {
        try Folder.entries(of: line.runs).filter { $0.kind == .folder }.map {
            RunFolder(path: line.runs + "/" + $0.name)
        }
    }

    private func lines(_ name: String, in folder: String) throws -> [String] {
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)), as: UTF8.self)
        return text.split(separator: "\n").map(String.init)
    }

    private func cut(_ lines: [String], to count: Int, torn: Bool, at path: String) throws {
        let kept = max(0, min(count, lines.count))
        var text = lines.prefix(kept).map { $0 + "\n" }.joined()
        if torn && kept < lines.count { text += lines[kept].prefix(20) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}

/// Kills this process a while after it was lit.
private final class Fuse: Sendable {
    private let microseconds: UInt32
    private let isLit = Mutex(false)

    init(microseconds: UInt32) { self.microseconds = microseconds }

    func light() {
        let isFirst = isLit.withLock { lit in
            defer { lit = true }
            return !lit
        }
        guard isFirst else { return }
        let microseconds = microseconds
        Thread.detachNewThread {
            usleep(microseconds)
            kill(getpid(), SIGKILL)
        }
    }
}
