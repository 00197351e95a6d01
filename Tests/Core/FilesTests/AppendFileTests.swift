import Files
import Foundation
import TestFolders
import Testing

@Suite struct AppendFileTests {
    private func lines(_ path: String) throws -> [String] {
        var reader = try LineReader(path: path)
        var lines: [String] = []
        while let line = try reader.next() {
            #expect(line.number == lines.count + 1)
            lines.append(String(decoding: line.bytes, as: UTF8.self))
        }
        return lines
    }

    @Test func linesComeBackInOrder() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log.jsonl"
        let file = try AppendFile(path: path)
        try file.append("one")
        try file.append(["", "drei äöü"])
        #expect(try lines(path) == ["one", "", "drei äöü"])
        #expect(file.length == (try folder.text("log.jsonl")).utf8.count)
    }

    @Test func aLineTornAtAnyByteIsCutOff() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log.jsonl"
        let whole = Data("{\"a\":1}\n{\"b\":22}\n{\"c\":333}\n".utf8)
        for length in 0...whole.count {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            let kept = whole.prefix(length).lastIndex(of: 10).map { $0 + 1 } ?? 0
            let file = try AppendFile(path: path)
            #expect(file.length == kept)
            try file.append("next")
            #expect(try folder.text("log.jsonl") == String(decoding: whole.prefix(kept), as: UTF8.self) + "next\n")
        }
    }

    @Test func aTornLineLongerThanAnyBufferIsCutOff() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log.jsonl"
        try (Data("first\n".utf8) + Data(repeating: 0x61, count: 200_000)).write(to: URL(fileURLWithPath: path))
        #expect(try AppendFile(path: path).length == 6)
    }

    @Test func cuttingAndReadingAcrossPieces() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log.jsonl"
        let file = try AppendFile(path: path)
        let long = (0..<40).map { "\($0)-" + String(repeating: "x", count: 100_000) }
        try file.append(long)
        #expect(try lines(path) == long)
        var reader = try LineReader(path: path)
        let first = try #require(try reader.next())
        try file.cut(to: first.end)
        #expect(try lines(path) == [long[0]])
        try file.append("after")
        #expect(try lines(path) == [long[0], "after"])
    }

    @Test func aFileThatIsNotThereHasNoLines() throws {
        let folder = try TemporaryFolder()
        #expect(try lines(folder.path + "/none").isEmpty)
    }

    @Test func aLinkInPlaceOfTheFileIsRefused() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/l", withDestinationPath: "/etc/passwd")
        #expect(throws: FileError.failed(.open, path: folder.path + "/l", code: ELOOP)) {
            _ = try AppendFile(path: folder.path + "/l")
        }
    }

    @Test func aLineThatCannotBeWrittenWholeIsTakenBack() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let file = try AppendFile(path: folder.path + "/a")
            try file.append("kept")
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            precondition(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            do {
                try file.append(String(repeating: "x", count: 5000))
                preconditionFailure("the write went through")
            } catch let error as FileError {
                precondition(error == .failed(.write, path: folder.path + "/a", code: EFBIG), "\(error)")
            }
            try file.append("next")
            #expect(try folder.text("a") == "kept\nnext\n")
        }
    }
}
