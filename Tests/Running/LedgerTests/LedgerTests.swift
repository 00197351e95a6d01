import Files
import Foundation
import Ledger
import TestFolders
import Testing

@Suite struct LedgerTests {
    private func entry(_ input: Int, _ path: String, _ outcome: Outcome, run: String, judge: String?) -> LedgerEntry {
        let sha256 = SHA256.hex(of: path)
        return LedgerEntry(
            identity: PartIdentity.identity(path: path, sha256: sha256), path: path, sha256: sha256, outcome: outcome,
            run: run, input: input, judge: judge, time: "2026-01-02T03:04:05Z")
    }

    @Test func aVerdictOfTheSameJudgeIsDoneForLaterRunsOnly() throws {
        let folder = try TemporaryFolder()
        let judged = entry(0, "a.png", .pass, run: "r1", judge: "J")
        let refused = entry(1, "b.png", .quarantined, run: "r1", judge: nil)
        do {
            let ledger = try Ledger(folder: folder.path, run: "r1", judge: "J")
            try ledger.append([judged, refused])
            #expect(!ledger.isDone(identity: judged.identity))
            #expect(ledger.recorded == [0, 1])
        }
        let resumed = try Ledger(folder: folder.path, run: "r1", judge: "J")
        #expect(resumed.recorded == [0, 1])
        #expect(!resumed.isDone(identity: judged.identity))
        let later = try Ledger(folder: folder.path, run: "r2", judge: "J")
        #expect(later.recorded.isEmpty)
        #expect(later.isDone(identity: judged.identity))
        #expect(later.doneParts.contains(identity: judged.identity))
        #expect(!later.isDone(identity: refused.identity))
        let otherModel = try Ledger(folder: folder.path, run: "r2", judge: "K")
        #expect(!otherModel.isDone(identity: judged.identity))
    }

    @Test func whatTheSameJudgeQuarantinedIsDealtWithForLaterRunsOnly() throws {
        let folder = try TemporaryFolder()
        let bad = entry(0, "b.png", .quarantined, run: "r1", judge: "J")
        let growing = entry(1, "c.png", .deferred, run: "r1", judge: nil)
        let old = entry(2, "d.png", .quarantined, run: "r1", judge: nil)
        let ledger = try Ledger(folder: folder.path, run: "r1", judge: "J")
        try ledger.append([bad, growing, old])
        #expect(!ledger.doneParts.isQuarantined(identity: bad.identity))
        let later = try Ledger(folder: folder.path, run: "r2", judge: "J").doneParts
        #expect(later.isQuarantined(identity: bad.identity) && !later.contains(identity: bad.identity))
        #expect(!later.isQuarantined(identity: growing.identity))
        #expect(!later.isQuarantined(identity: old.identity))
        let other = try Ledger(folder: folder.path, run: "r2", judge: "K").doneParts
        #expect(!other.isQuarantined(identity: bad.identity))
        let unread = PartIdentity.unreadIdentity(path: "a", size: 0, modified: 5)
        #expect(unread == PartIdentity.unreadIdentity(path: "a", size: 0, modified: 5))
        #expect(unread != PartIdentity.unreadIdentity(path: "a", size: 0, modified: 6))
        #expect(unread != PartIdentity.unreadIdentity(path: "a", size: 1, modified: 5))
        #expect(unread != PartIdentity.identity(path: "a", sha256: nil))
    }

    @Test func sameContentUnderAnotherPathIsAnotherPart() {
        let one = PartIdentity.identity(path: "a/x.png", sha256: "00")
        let two = PartIdentity.identity(path: "b/x.png", sha256: "00")
        let three = PartIdentity.identity(path: "a/x.png", sha256: "01")
        #expect(Set([one, two, three]).count == 3)
    }

    @Test(arguments: [
        ("cam1/part 7.png", "part-7-"), ("../../etc/passwd", "passwd-"), (".hidden", "-hidden-"),
        ("%FF%0A.png", "-FF-0A-"),
        ("a/\u{202e}gnp.exe", "-gnp-"),
    ])
    func partIDsAreSafeFileNames(path: String, prefix: String) {
        let id = PartIdentity.partID(path: path, sha256: nil)
        #expect(id.hasPrefix(prefix))
        #expect(id.utf8.count == prefix.utf8.count + 12)
        #expect(id.utf8.allSatisfy { $0 < 128 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ".") })
    }

    @Test func shardsReadEachOthersLedgers() throws {
        let folder = try TemporaryFolder()
        let judged = entry(0, "a.png", .fail, run: "r1", judge: "J")
        try Ledger(folder: folder.path, name: "ledger-1of2.jsonl", run: "r1", judge: "J").append([judged])
        let other = try Ledger(folder: folder.path, name: "ledger-0of2.jsonl", run: "r1", judge: "J")
        #expect(other.isDone(identity: judged.identity))
        #expect(other.recorded.isEmpty)
    }

    @Test func aTornLastLineIsCutAtEveryByte() throws {
        let folder = try TemporaryFolder()
        try Ledger(folder: folder.path, run: "r", judge: "J").append([
            entry(0, "a", .pass, run: "r", judge: "J"), entry(1, "b", .fail, run: "r", judge: "J"),
        ])
        let url = URL(fileURLWithPath: folder.path + "/ledger.jsonl")
        let whole = try Data(contentsOf: url)
        let firstEnd = try #require(whole.firstIndex(of: 10)) + 1
        for length in firstEnd..<whole.count {
            try whole.prefix(length).write(to: url)
            #expect(try Ledger(folder: folder.path, run: "r", judge: "J").recorded == [0])
            #expect(try Data(contentsOf: url) == whole.prefix(firstEnd))
        }
    }

    @Test(arguments: ["{\"identity\":1}", "garbage", "", "{}", "\u{0}\u{0}\u{0}"])
    func aDamagedLineInTheMiddleIsNamed(line: String) throws {
        let folder = try TemporaryFolder()
        try Ledger(folder: folder.path, run: "r", judge: "J").append([entry(0, "a", .pass, run: "r", judge: "J")])
        let url = URL(fileURLWithPath: folder.path + "/ledger.jsonl")
        let good = try Data(contentsOf: url)
        try (good + Data((line + "\n").utf8) + good).write(to: url)
        let error = #expect(throws: LedgerError.self) { _ = try Ledger(folder: folder.path, run: "r", judge: "J") }
        guard case .damaged(_, line: 2, _) = try #require(error) else {
            Issue.record("expected line 2 to be named, got \(String(describing: error))")
            return
        }
    }

    @Test func entriesSurviveTheRoundTrip() throws {
        let folder = try TemporaryFolder()
        let entries = [
            entry(0, "quote\"back\\slash/ä.png", .review, run: "r", judge: "J"),
            LedgerEntry(
                identity: "00", path: "%0A", sha256: nil, outcome: .deferred, run: "r", input: 1, judge: nil, time: "t"),
        ]
        try Ledger(folder: folder.path, run: "r", judge: "J").append(entries)
        var read: [LedgerEntry] = []
        try Ledger.forEach(in: folder.path + "/ledger.jsonl") { read.append($0) }
        #expect(read == entries)
    }
}

@Suite struct RunLockTests {
    @Test func aSecondRunLearnsWhoHoldsTheLock() throws {
        let folder = try TemporaryFolder()
        let first = try RunLock(folder: folder.path + "/line")
        let error = #expect(throws: LedgerError.self) { _ = try RunLock(folder: folder.path + "/line") }
        guard case .locked(let holder, _) = try #require(error) else {
            Issue.record("expected locked, got \(String(describing: error))")
            return
        }
        #expect(holder.pid == getpid())
        #expect(!holder.host.isEmpty)
        #expect(try #require(error).description.contains("process \(getpid()) on "))
        first.release()
        _ = try RunLock(folder: folder.path + "/line")
    }

    @Test func shardsDoNotKeepEachOtherOut() throws {
        let folder = try TemporaryFolder()
        let first = try RunLock(folder: folder.path, name: ".lock-0of2")
        let second = try RunLock(folder: folder.path, name: ".lock-1of2")
        first.release()
        second.release()
    }

    /// A process that holds the lock and is killed leaves its note but not its lock.
    @Test func aLockDiesWithItsProcess() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let lock = try RunLock(folder: path)
            kill(getpid(), SIGKILL)
            lock.release()
        }
        #expect(try folder.text(".lock").contains("\"pid\""))
        try RunLock(folder: folder.path).release()
    }
}
