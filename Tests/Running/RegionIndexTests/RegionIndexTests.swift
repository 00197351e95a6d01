import Files
import Foundation
import Ledger
import TestFolders
import Testing

@testable import RegionIndex

@Suite struct RegionIndexTests {
    let folder: TemporaryFolder
    let index: RegionIndex
    let space = MadeRegions.space

    init() throws {
        folder = try TemporaryFolder()
        index = RegionIndex(lineFolder: folder.path)
    }

    private var path: String { index.path(space) }

    private func bytes() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    private func put(_ bytes: Data) throws { try bytes.write(to: URL(fileURLWithPath: path)) }

    /// What the index holds, with every embedding read and checked.
    private func runs() throws -> [String] {
        let file = try #require(try index.open(space))
        for number in file.batches.indices {
            _ = try file.nearest(
                to: MadeRegions.embedding(1), limit: 3, minimum: -1, batches: [number], workers: 1)
        }
        return file.batches.map(\.run)
    }

    @Test func whatWasAppendedComesBack() throws {
        #expect(try index.open(space) == nil)
        #expect(
            try index.append(MadeRegions.batch("a", first: 0, count: 7), to: space) == .init(isNew: true, cutBytes: 0))
        #expect(try index.append(MadeRegions.batch("ü/..", first: 7, count: 0), to: space).isNew)
        #expect(try index.append(MadeRegions.batch("c", first: 8, count: 3), to: space).isNew)
        let file = try #require(try index.open(space))
        #expect(file.batches.map(\.run) == ["a", "ü/..", "c"] && file.batches.map(\.count) == [7, 0, 3])
        #expect(file.batches[2].start == "2026-11-24T08:00:00Z" && file.batches[0].cameras == ["cam0", "cam1", "cam2"])
        #expect(file.region(5, of: 0) == IndexedRegion(verdictOffset: 5000, region: 2, camera: 2))
        #expect(file.end == file.size && file.count == 10)
        let kept = try file.embedding(2, of: 2)
        for (a, b) in zip(kept, MadeRegions.embedding(10)) { #expect(abs(a - b) < 0.0005) }
    }

    @Test func aRunIsAddedOnce() throws {
        _ = try index.append(MadeRegions.batch("a", first: 0, count: 4), to: space)
        let before = try bytes()
        #expect(try index.append(MadeRegions.batch("a", first: 0, count: 4), to: space).isNew == false)
        #expect(try bytes() == before)
    }

    /// A process killed at any byte of its append: what was there stays, the torn end is left out and cut by the next run.
    @Test func anAppendTornAtAnyByteIsCutOff() throws {
        _ = try index.append(MadeRegions.batch("a", first: 0, count: 2), to: space)
        let one = try bytes().count
        _ = try index.append(MadeRegions.batch("b", first: 2, count: 3), to: space)
        let whole = try bytes()
        for length in 0..<whole.count {
            try put(whole.prefix(length))
            if length >= IndexLayout.fileHeaderBytes {
                #expect(try runs() == (length >= one ? ["a"] : []))
                #expect(try #require(try index.open(space)).end == (length >= one ? one : IndexLayout.fileHeaderBytes))
            } else {
                #expect(throws: RegionIndexError.self) { try index.open(space) }
            }
            let appended = try index.append(MadeRegions.batch("c", first: 5, count: 1), to: space)
            #expect(appended.isNew)
            #expect(try runs() == (length >= one ? ["a", "c"] : ["c"]), "\(length) bytes")
        }
    }

    /// A file system that lost power may have grown the file without its content.
    @Test func zerosAtTheEndAreATornAppend() throws {
        _ = try index.append(MadeRegions.batch("a", first: 0, count: 2), to: space)
        let whole = try bytes()
        try put(whole + Data(count: 3_000_000))
        #expect(try runs() == ["a"])
        #expect(try index.append(MadeRegions.batch("b", first: 2, count: 1), to: space).cutBytes == 3_000_000)
        #expect(try runs() == ["a", "b"])
    }

    /// Every single bit of the file is covered by a checksum, or is the padding behind the embeddings.
    @Test func everyFlippedBitIsFoundOrTellsOfATornEnd() throws {
        _ = try index.append(MadeRegions.batch("a", first: 0, count: 3), to: space)
        _ = try index.append(MadeRegions.batch("b", first: 3, count: 2), to: space)
        let whole = try bytes()
        for byte in whole.indices {
            var changed = whole
            changed[byte] ^= 1 << UInt8(byte % 8)
            try put(changed)
            #expect(throws: RegionIndexError.self, "byte \(byte)") {
                let names = try runs()
                if names == ["a", "b"] { throw RegionIndexError.damaged(path: "", byte: -1, problem: "unnoticed") }
            }
            do { _ = try runs() } catch RegionIndexError.damaged(_, let place, let problem) {
                #expect(place >= 0, "\(byte): \(problem)")
            } catch {}
        }
    }

    @Test func aDamagedIndexIsNeverWrittenTo() throws {
        _ = try index.append(MadeRegions.batch("a", first: 0, count: 3), to: space)
        var changed = try bytes()
        changed[IndexLayout.fileHeaderBytes + 3] ^= 4
        try put(changed)
        #expect(throws: RegionIndexError.self) {
            try index.append(MadeRegions.batch("b", first: 3, count: 1), to: space)
        }
        #expect(try bytes() == changed)
    }

    @Test func textSpacesNeverMeet() throws {
        _ = try index.append(MadeRegions.batch("a", first: 0, count: 3), to: space)
        let other = try #require(SpaceStamp(identity: String(repeating: "6b", count: 32), width: 20))
        #expect(try index.open(other) == nil && index.countOfOthers(than: other) == 3)
        // The same first digits, so the same file: told apart by the whole hash, and by the width.
        let near = try #require(
            SpaceStamp(identity: String(space.identity.prefix(16)) + String(repeating: "0", count: 48), width: 20))
        #expect(throws: RegionIndexError.self) { try index.open(near) }
        #expect(throws: RegionIndexError.self) {
            try index.append(MadeRegions.batch("b", first: 0, count: 1), to: near)
        }
        #expect(try runs() == ["a"])
        for identity in ["", "x", String(repeating: "G", count: 64), String(repeating: "a", count: 63) + "/"] {
            #expect(SpaceStamp(identity: identity, width: 20) == nil)
        }
        #expect(SpaceStamp(identity: space.identity, width: 0) == nil)
        #expect(SpaceStamp(identity: space.identity, width: SpaceStamp.widest + 1) == nil)
    }

    @Test func aSecondWriterWaitsAndThenSaysWho() throws {
        let held = try index.lock()
        #expect(throws: RegionIndexError.self) {
            try index.append(MadeRegions.batch("a", first: 0, count: 1), to: space, patience: 0.1)
        }
        #expect(!Folder.exists(path))
        held.release()
        #expect(try index.append(MadeRegions.batch("a", first: 0, count: 1), to: space, patience: 0).isNew)
    }

    @Test func twoRunsAtOnceBothAppend() async throws {
        let path = folder.path
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    let index = RegionIndex(lineFolder: path)
                    _ = try? index.append(
                        MadeRegions.batch("run\(number)", first: number, count: 40), to: MadeRegions.space)
                }
            }
        }
        #expect(try runs().sorted() == (0..<6).map { "run\($0)" })
    }

    @Test func anAppendThatDoesNotFitIsTakenBack() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let index = RegionIndex(lineFolder: folder.path)
            _ = try index.append(MadeRegions.batch("a", first: 0, count: 3), to: MadeRegions.space)
            let before = try Data(contentsOf: URL(fileURLWithPath: index.path(MadeRegions.space)))
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 2000, rlim_max: 2000)
            precondition(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let path = index.path(MadeRegions.space)
            do throws(RegionIndexError) {
                _ = try index.append(MadeRegions.batch("b", first: 3, count: 500), to: MadeRegions.space)
                preconditionFailure("the write went through")
            } catch {
                precondition(error == .file(.failed(.write, path: path, code: EFBIG)), "\(error)")
            }
            let after = try Data(contentsOf: URL(fileURLWithPath: path))
            precondition(after == before)
            _ = try index.append(MadeRegions.batch("c", first: 3, count: 1), to: MadeRegions.space)
            let runs = try index.open(MadeRegions.space)?.batches.map(\.run)
            precondition(runs == ["a", "c"])
        }
    }

    /// The real thing: processes killed with SIGKILL while they append.
    @Test func killedWritersLoseAtMostTheirOwnRun() async throws {
        let path = folder.path
        for number in 0..<8 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, number = number as Int] in
                let index = RegionIndex(lineFolder: path)
                let batch = MadeRegions.batch("killed\(number)", first: number, count: 20_000)
                Thread.detachNewThread {
                    usleep(UInt32(200 * (1 + 3 * number)))
                    kill(getpid(), SIGKILL)
                }
                _ = try index.append(batch, to: MadeRegions.space)
                kill(getpid(), SIGKILL)
            }
            _ = try index.append(MadeRegions.batch("whole\(number)", first: number, count: 5), to: space)
            #expect(try runs().filter { $0.hasPrefix("whole") } == (0...number).map { "whole\($0)" })
        }
    }

    @Test func aRebuildTakesTheOldIndexesPlace() throws {
        _ = try index.append(MadeRegions.batch("old", first: 0, count: 3), to: space)
        let gone = try #require(SpaceStamp(identity: String(repeating: "7c", count: 32), width: 20))
        _ = try index.append(MadeRegions.batch("other", first: 0, count: 3), to: gone)
        var changed = try bytes()
        changed[200] ^= 1
        try put(changed)
        do {
            let dropped = try RegionIndexRebuild(index)
            try dropped.add(MadeRegions.batch("new", first: 3, count: 2), to: space)
            #expect(throws: RegionIndexError.self) { try RegionIndexRebuild(index) }
        }
        #expect(try bytes() == changed)
        let rebuild = try RegionIndexRebuild(index)
        try rebuild.add(MadeRegions.batch("new", first: 3, count: 2), to: space)
        let lock = try index.lock()
        try rebuild.finish()
        lock.release()
        #expect(try runs() == ["new"])
        #expect(try Folder.entries(of: index.folder).map(\.name).filter { !$0.hasPrefix(".") }.count == 1)
        #expect(rebuild.count == 2 && rebuild.runs == ["new"])
    }
}
