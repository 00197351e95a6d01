import Files
import Foundation
import Handover
import Ingest
import TestFolders
import Testing

/// A drop on the disk and the ways to fill it.
struct TestDrop {
    let folder: TemporaryFolder
    let now = Date()

    init() throws { folder = try TemporaryFolder() }

    func scanner(settle: Double = 30, giveUp: Double = 3600, maxBytes: Int = 1000) -> DropScanner {
        // "Whole" in these tests is a file that ends in a full stop.
        DropScanner(
            drop: folder.path, settleSeconds: settle, giveUpSeconds: giveUp, maxBytes: maxBytes, now: now,
            endsWhole: { $0.last == UInt8(ascii: ".") })
    }

    /// Writes a file with a modification time `age` seconds ago; its folders are made.
    func put(_ name: String, _ text: String = "image.", age: Double = 100) throws {
        let path = folder.path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try touch(name, age: age)
    }

    func touch(_ name: String, age: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: now.addingTimeInterval(-age)], ofItemAtPath: folder.path + "/" + name)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + name, withDestinationPath: target)
    }

    /// What becomes of each path: "taken", or outcome and reason.
    func outcomes(_ scanner: DropScanner) throws -> [String: String] {
        var outcomes: [String: String] = [:]
        for candidate in try scanner.scan() {
            do {
                _ = try scanner.take(candidate)
                outcomes[candidate.path] = "taken"
            } catch {
                outcomes[candidate.path] = "\(error.outcome.rawValue) \(error.reason.rawValue)"
                #expect(error.stage == .ingest)
                #expect(error.sentence.count > 20)
            }
        }
        return outcomes
    }
}

@Suite struct DropScannerTests {
    @Test func filesComeSortedWithHashCameraAndTime() throws {
        let drop = try TestDrop()
        for name in ["cam2/b.png", "cam1/z.png", "a.png", "cam1/deep/er/x.png"] { try drop.put(name) }
        let scanner = drop.scanner()
        let candidates = try scanner.scan()
        #expect(candidates.map(\.path) == ["a.png", "cam1/deep/er/x.png", "cam1/z.png", "cam2/b.png"])
        let intakes = try candidates.map { try scanner.take($0) }
        #expect(intakes.map(\.camera) == ["", "cam1", "cam1", "cam2"])
        #expect(intakes.allSatisfy { $0.sha256 == SHA256.hex(of: "image.") && $0.bytes == Data("image.".utf8) })
        #expect(abs(intakes[0].modifiedAt.timeIntervalSince(drop.now) + 100) < 0.01)
    }

    @Test func theSettleRule() throws {
        let drop = try TestDrop()
        try drop.put("fresh.png", age: 5)
        try drop.put("settled.png", age: 31)
        try drop.put("fresh-empty.png", "", age: 5)
        try drop.put("empty.png", "", age: 31)
        try drop.put("half.png", "imag", age: 31)
        try drop.put("half-for-ever.png", "imag", age: 4000)
        try drop.put("large.png", String(repeating: "x", count: 1001), age: 31)
        try drop.put("a.png.part", age: 31)
        try drop.put("b.TMP", age: 4000)
        try drop.put(".DS_Store", age: 4000)
        try drop.put(".snapshot/c.png")
        #expect(
            try drop.outcomes(drop.scanner()) == [
                "fresh.png": "deferred not-settled", "settled.png": "taken",
                "fresh-empty.png": "deferred not-settled", "empty.png": "quarantined empty",
                "half.png": "deferred incomplete", "half-for-ever.png": "quarantined incomplete",
                "large.png": "quarantined too-many-bytes", "a.png.part": "deferred incomplete",
                "b.TMP": "quarantined incomplete", ".DS_Store": "deferred not-settled",
                ".snapshot": "deferred not-settled",
            ])
    }

    /// The inode's change time is now, so it has not settled; with a settle time of nothing it has.
    @Test func aModificationTimeInTheFutureFallsBackToTheInode() throws {
        let drop = try TestDrop()
        try drop.put("ahead.png", age: -86400)
        let later = DropScanner(
            drop: drop.folder.path, settleSeconds: 30, maxBytes: 1000, now: drop.now.addingTimeInterval(10),
            endsWhole: { _ in true })
        #expect(try drop.outcomes(later) == ["ahead.png": "deferred not-settled"])
        let muchLater = DropScanner(
            drop: drop.folder.path, settleSeconds: 30, maxBytes: 1000, now: drop.now.addingTimeInterval(60),
            endsWhole: { _ in true })
        #expect(try drop.outcomes(muchLater) == ["ahead.png": "taken"])
    }

    /// Our own clock was put back by a day: every time lies ahead, a second look decides.
    @Test func whenEveryClockLiesASecondLookDecides() throws {
        let drop = try TestDrop()
        try drop.put("still.png", age: 0)
        let past = DropScanner(
            drop: drop.folder.path, settleSeconds: 0.2, maxBytes: 1000, now: drop.now.addingTimeInterval(-86400),
            endsWhole: { _ in true })
        #expect(try drop.outcomes(past) == ["still.png": "taken"])
        let path = drop.folder.path
        let writer = Thread {
            for _ in 0..<40 {
                guard let handle = FileHandle(forWritingAtPath: path + "/still.png") else { return }
                handle.seekToEndOfFile()
                handle.write(Data("x".utf8))
                try? handle.close()
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
        writer.start()
        #expect(try past.scan().map { $0.rejection?.reason } == [.notSettled])
    }

    @Test func linksAreNeverFollowed() throws {
        let outside = try TemporaryFolder()
        try Data("secret.".utf8).write(to: URL(fileURLWithPath: outside.path + "/secret.png"))
        let drop = try TestDrop()
        try drop.put("good.png")
        try drop.link("out.png", to: outside.path + "/secret.png")
        try drop.link("inside.png", to: "good.png")
        try drop.link("dangling.png", to: "nowhere")
        try drop.link("loop", to: "loop")
        try drop.link("folder", to: outside.path)
        try drop.link("up", to: "..")
        try drop.link(".hidden-link", to: "/etc/passwd")
        let outcomes = try drop.outcomes(drop.scanner())
        #expect(outcomes["good.png"] == "taken")
        #expect(outcomes.count == 8)
        for name in ["out.png", "inside.png", "dangling.png", "loop", "folder", "up", ".hidden-link"] {
            #expect(outcomes[name] == "quarantined symbolic-link", "\(name)")
        }
    }

    @Test func fifosSocketsAndDevicesAreNotOpened() throws {
        let drop = try TestDrop()
        #expect(mkfifo(drop.folder.path + "/pipe.png", 0o644) == 0)
        // A FIFO without a writer would block whoever opens it: coming back at all is the test.
        #expect(try drop.outcomes(drop.scanner()) == ["pipe.png": "quarantined not-regular-file"])
    }

    @Test func whatIsSwappedInAfterTheScanIsNotRead() throws {
        let outside = try TemporaryFolder()
        try Data("secret.".utf8).write(to: URL(fileURLWithPath: outside.path + "/a.png"))
        let drop = try TestDrop()
        for name in ["link.png", "pipe.png", "gone.png", "cam/a.png", "folder.png"] { try drop.put(name) }
        let scanner = drop.scanner()
        let candidates = try scanner.scan()
        let manager = FileManager.default
        for name in ["link.png", "pipe.png", "gone.png", "folder.png"] {
            try manager.removeItem(atPath: drop.folder.path + "/" + name)
        }
        try manager.moveItem(atPath: drop.folder.path + "/cam", toPath: drop.folder.path + "/old")
        try drop.link("cam", to: outside.path)
        try drop.link("link.png", to: outside.path + "/a.png")
        #expect(mkfifo(drop.folder.path + "/pipe.png", 0o644) == 0)
        try manager.createDirectory(atPath: drop.folder.path + "/folder.png", withIntermediateDirectories: false)
        var reasons: [String: Rejection.Reason] = [:]
        for candidate in candidates {
            let error = #expect(throws: Rejection.self) { _ = try scanner.take(candidate) }
            reasons[candidate.path] = error?.reason
        }
        #expect(
            reasons == [
                "cam/a.png": .symbolicLink, "link.png": .symbolicLink, "pipe.png": .notRegularFile,
                "gone.png": .unreadable, "folder.png": .notRegularFile,
            ])
    }

    @Test(arguments: ["../secret.png", "/etc/passwd", "a/../../b", "a//b", "", ".", "%2E%2E/x", "a/%00b", "a%2"])
    func aForgedPathDoesNotEscape(path: String) throws {
        let drop = try TestDrop()
        let forged = Candidate(path: path, size: 10, modified: 0, stillSeconds: 100, rejection: nil)
        let error = #expect(throws: Rejection.self) { _ = try drop.scanner().take(forged) }
        #expect(error?.reason == .unreadable)
        #expect(error?.outcome == .quarantined)
    }

    @Test func aFileThatGrowsOrIsReplacedAfterTheScanIsDeferred() throws {
        let drop = try TestDrop()
        try drop.put("grown.png")
        try drop.put("replaced.png")
        let scanner = drop.scanner()
        let candidates = try scanner.scan()
        try drop.put("grown.png", "image and more.", age: 100)
        try drop.put("replaced.png", "IMAGE.", age: 90)
        for candidate in candidates {
            let error = #expect(throws: Rejection.self) { _ = try scanner.take(candidate) }
            #expect(error?.reason == .notSettled)
            #expect(error?.outcome == .deferred)
        }
    }

    @Test func namesThatAreNotTextSurvive() throws {
        let drop = try TestDrop()
        let names: [[UInt8]] = [
            Array("caf".utf8) + [0xe9] + Array(".png".utf8), Array("new\nline\".png".utf8), [0xff, 0xfe],
            Array("100%.png".utf8), Array("ünï\u{301}.png".utf8), [0xed, 0xa0, 0x80], [0xc0, 0xaf], Array("a%FF".utf8),
        ]
        for name in names {
            let path = Array(drop.folder.path.utf8) + [0x2f] + name
            let file = open(path.map { CChar(bitPattern: $0) } + [0], O_WRONLY | O_CREAT, 0o644)
            try #require(file >= 0)
            #expect(write(file, "image.", 6) == 6)
            close(file)
        }
        let scanner = DropScanner(
            drop: drop.folder.path, settleSeconds: 0, maxBytes: 1000, now: Date().addingTimeInterval(1),
            endsWhole: { _ in true })
        let candidates = try scanner.scan()
        #expect(Set(candidates.compactMap { DropPath.bytes(of: $0.path) }) == Set(names))
        #expect(Set(candidates.map(\.path)).count == names.count)
        #expect(candidates.allSatisfy { !$0.path.contains("\n") })
        for candidate in candidates { #expect(try scanner.take(candidate).path == candidate.path) }
    }

    @Test func foldersNestedTooDeepAreNamedNotEntered() throws {
        let drop = try TestDrop()
        try drop.put((0..<70).map { "d\($0)" }.joined(separator: "/") + "/x.png")
        let candidates = try drop.scanner().scan()
        #expect(candidates.count == 1)
        #expect(candidates.first?.rejection?.reason == .unreadable)
        #expect(candidates.first?.rejection?.sentence.contains("at most 64 deep") == true)
    }

    @Test func anEmptyDropHasNoCandidatesAndAMissingOneIsAnError() throws {
        let drop = try TestDrop()
        #expect(try drop.scanner().scan().isEmpty)
        let missing = DropScanner(
            drop: drop.folder.path + "/none", settleSeconds: 0, maxBytes: 1, endsWhole: { _ in true })
        #expect(throws: IngestError.dropUnreadable(path: drop.folder.path + "/none", code: ENOENT)) {
            _ = try missing.scan()
        }
    }
}

@Suite struct ArchiveTests {
    @Test func anInspectedFileMovesAndAReplacedOneStays() throws {
        let drop = try TestDrop()
        let archive = try TemporaryFolder()
        try drop.put("cam/a.png")
        try drop.put("b.png")
        let scanner = drop.scanner()
        let candidates = try scanner.scan()
        try drop.put("b.png", "another.", age: 50)
        #expect(try candidates.map { try scanner.archive($0, into: archive.path + "/run") } == [false, true])
        #expect(try drop.folder.names() == ["b.png", "cam"])
        #expect(try archive.text("run/cam/a.png") == "image.")
        #expect(try scanner.archive(candidates[1], into: archive.path + "/run") == false)
    }

    @Test(.enabled(if: Folder.exists("/dev/shm"), "no second file system at /dev/shm"))
    func acrossFileSystemsItIsCopiedFirst() throws {
        let drop = try TestDrop()
        let archive = "/dev/shm/nightshift-test-\(getpid())"
        defer { try? Folder.remove(archive) }
        try drop.put("cam/a.png")
        let scanner = drop.scanner()
        #expect(try scanner.archive(try #require(try scanner.scan().first), into: archive))
        #expect(try Data(contentsOf: URL(fileURLWithPath: archive + "/cam/a.png")) == Data("image.".utf8))
        #expect(!Folder.exists(drop.folder.path + "/cam/a.png"))
    }
}
