import Files
import Foundation
import TestFolders
import Testing

@Suite struct AtomicFileTests {
    @Test func newBytesReplaceOldOnes() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.json"
        try AtomicFile.write(Data("old".utf8), to: path)
        try AtomicFile.write(Data("new and longer".utf8), to: path)
        #expect(try folder.text("a.json") == "new and longer")
        #expect(try folder.names() == ["a.json"])
    }

    @Test func theLongestNameAFileSystemAllowsStillWorks() throws {
        let folder = try TemporaryFolder()
        let name = String(repeating: "x", count: 255)
        try AtomicFile.write(Data("1".utf8), to: folder.path + "/" + name)
        #expect(try folder.names() == [name])
    }

    @Test func aMissingFolderIsNamedWithAdvice() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/none/a.json"
        let error = #expect(throws: FileError.self) { try AtomicFile.write(Data("1".utf8), to: path) }
        let sentence = try #require(error).description
        #expect(sentence.contains("none"))
        #expect(sentence.contains("check that the folder exists"))
    }

    @Test func aFolderInTheWayIsAnErrorAndLeavesNothing() throws {
        let folder = try TemporaryFolder()
        try Folder.create(folder.path + "/taken")
        #expect(throws: FileError.self) { try AtomicFile.write(Data("1".utf8), to: folder.path + "/taken") }
        #expect(try folder.names() == ["taken"])
    }

    /// A file size limit stands in for a full disk: the write fails half way. In a process of its own, because the
    /// limit holds for the whole process.
    @Test func aWriteThatFailsHalfWayKeepsTheOldBytesAndLeavesNoTemporaryFile() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            try AtomicFile.write(Data("old".utf8), to: folder.path + "/a")
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
            precondition(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            do {
                try AtomicFile.write(Data(count: 300_000), to: folder.path + "/a")
                preconditionFailure("the write went through")
            } catch let error as FileError {
                precondition(error == .failed(.write, path: folder.path + "/a", code: EFBIG), "\(error)")
            }
            #expect(try folder.names() == ["a"])
            #expect(try folder.text("a") == "old")
        }
    }

    /// The device that is always full gives the real ENOSPC.
    @Test(.enabled(if: Folder.exists("/dev/full"), "no /dev/full here"))
    func aFullDiskIsCalledThat() throws {
        let full = try Descriptor(path: "/dev/full", flags: O_WRONLY)
        let error = #expect(throws: FileError.self) { try full.writeAll(Data("1".utf8)) }
        #expect(error == .outOfSpace(.write, path: "/dev/full"))
        #expect(try #require(error).description.contains("the disk or the quota is full"))
    }

    @Test func aWriterThatIsDroppedLeavesNothing() throws {
        let folder = try TemporaryFolder()
        do {
            let writer = try AtomicFileWriter(path: folder.path + "/a")
            try writer.append(Data("half".utf8))
            #expect(try folder.names().count == 1)
        }
        #expect(try folder.names().isEmpty)
    }

    @Test func leftoversOfDeadProcessesAreRemovedAndNothingElse() throws {
        let folder = try TemporaryFolder()
        try Folder.create(folder.path + "/inner/deep")
        for name in [".nightshift-tmp-99-1", "inner/deep/.nightshift-tmp-99-2", "inner/kept.json", ".hidden"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: folder.path + "/" + name))
        }
        let outside = try TemporaryFolder()
        try Data("x".utf8).write(to: URL(fileURLWithPath: outside.path + "/.nightshift-tmp-1-1"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link", withDestinationPath: outside.path)
        #expect(try AtomicFile.removeLeftovers(in: folder.path) == 2)
        #expect(try folder.names() == [".hidden", "inner", "link"])
        #expect(try outside.names() == [".nightshift-tmp-1-1"])
    }
}

@Suite struct FolderTests {
    @Test func missingFoldersAboveAreMadeToo() throws {
        let folder = try TemporaryFolder()
        try Folder.create(folder.path + "/a/b/c")
        try Folder.create(folder.path + "/a/b/c")
        #expect(Folder.exists(folder.path + "/a/b/c"))
    }

    @Test func aFileInTheWayIsAnError() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write(Data(), to: folder.path + "/a")
        #expect(throws: FileError.failed(.createFolder, path: folder.path + "/a", code: ENOTDIR)) {
            try Folder.create(folder.path + "/a")
        }
    }

    @Test func removingNeverLeavesTheFolder() throws {
        let folder = try TemporaryFolder()
        let outside = try TemporaryFolder()
        try AtomicFile.write(Data(), to: outside.path + "/precious")
        try Folder.create(folder.path + "/a/b")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/a/link", withDestinationPath: outside.path)
        try Folder.remove(folder.path + "/a")
        #expect(try folder.names().isEmpty)
        #expect(try outside.names() == ["precious"])
    }

    @Test(arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b/c", "a/b")])
    func parents(path: String, parent: String) {
        #expect(Folder.parent(of: path) == parent)
    }
}
