import Foundation

/// A file of lines that only grows. A line is on the disk when `append` returns; a line that a crash tore is cut off
/// at the next opening, so every line that is there is whole. One writer at a time: the caller holds a lock.
package final class AppendFile {
    package let path: String
    /// Bytes in the file; always the end of a whole line.
    package private(set) var length: Int
    private let file: Descriptor

    /// Opens or makes the file and cuts off a torn last line. Throws `FileError`.
    package init(path: String) throws(FileError) {
        let isNew = !Folder.exists(path)
        self.path = path
        length = 0
        file = try Descriptor(path: path, flags: O_RDWR | O_CREAT | O_APPEND)
        if isNew { try Folder.synchronise(Folder.parent(of: path)) }
        let size = Int(try file.status().st_size)
        length = try Self.endOfLastLine(in: file, size: size)
        if length < size {
            try file.truncate(to: length)
            try file.synchronise()
        }
    }

    /// Adds lines, all with one sync; they hold no newline of their own. When the disk fills up, what was written of
    /// them is taken back. `synced: false` leaves the sync to the system: for logs, which may lose their tail.
    /// Throws `FileError`.
    package func append(_ lines: [String], synced: Bool = true) throws(FileError) {
        guard !lines.isEmpty else { return }
        var bytes = Data()
        for line in lines {
            precondition(!line.utf8.contains(10), "AppendFile: expected one line, got a newline in \(line)")
            bytes.append(contentsOf: line.utf8)
            bytes.append(10)
        }
        do {
            try file.writeAll(bytes)
            if synced { try file.synchronise(metadata: false) }
        } catch {
            // The next opening would cut a torn line too; whole lines whose sync failed must not stay either.
            try? file.truncate(to: length)
            throw error
        }
        length += bytes.count
    }

    /// Adds one line. See `append(_:synced:)`.
    package func append(_ line: String) throws(FileError) { try append([line]) }

    /// Cuts the file back to `length` bytes, which must end a line. Throws `FileError`.
    package func cut(to length: Int) throws(FileError) {
        precondition(length <= self.length, "AppendFile: expected to cut \(self.length) bytes, got \(length)")
        try file.truncate(to: length)
        try file.synchronise()
        self.length = length
    }

    /// Waits until unsynced lines are on the disk. Throws `FileError`.
    package func synchronise() throws(FileError) { try file.synchronise() }

    /// Looks backwards for the last newline.
    private static func endOfLastLine(in file: borrowing Descriptor, size: Int) throws(FileError) -> Int {
        var end = size
        while end > 0 {
            let start = max(0, end - 65536)
            let piece = try file.read(end - start, at: start)
            if let newline = piece.lastIndex(of: 10) { return start + (newline - piece.startIndex) + 1 }
            end = start
        }
        return 0
    }
}

/// Reads a file of lines in pieces, so that its length does not matter. A torn last line is left out.
package struct LineReader: ~Copyable {
    /// One line without its newline.
    package struct Line: Sendable {
        /// Counted from 1.
        package let number: Int
        /// The byte after its newline.
        package let end: Int
        package let bytes: Data
    }

    private let file: Descriptor?
    private var buffer = Data()
    private var number = 0
    private var end = 0

    /// Opens the file; one that does not exist has no lines. Throws `FileError`.
    package init(path: String) throws(FileError) {
        file = Folder.exists(path) ? try Descriptor(path: path, flags: O_RDONLY) : nil
    }

    /// The next line, nil at the end. Throws `FileError`.
    package mutating func next() throws(FileError) -> Line? {
        var searched = buffer.startIndex
        while true {
            if let newline = buffer[searched...].firstIndex(of: 10) {
                let bytes = buffer[buffer.startIndex..<newline]
                buffer = buffer[(newline + 1)...]
                number += 1
                end += bytes.count + 1
                return Line(number: number, end: end, bytes: bytes)
            }
            let rest = buffer.count
            guard let piece = try readPiece(), !piece.isEmpty else { return nil }
            // A fresh start index: slices would otherwise keep every piece ever read in memory.
            buffer = Data(buffer) + piece
            searched = buffer.startIndex + rest
        }
    }

    private func readPiece() throws(FileError) -> Data? {
        switch file {
        case .some(let file): try file.read(1 << 20)
        case .none: nil
        }
    }
}
