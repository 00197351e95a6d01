import Foundation

/// An open file or folder; closed when the value ends. The one place where the system's file calls are made with
/// pointers. Every call is repeated when a signal interrupts it.
package struct Descriptor: ~Copyable {
    /// The system's number of the open file.
    package let number: Int32
    /// Where it lies, for error messages.
    package let path: String

    /// Takes over an open descriptor.
    package init(adopting number: Int32, path: String) {
        precondition(number >= 0, "Descriptor: expected an open descriptor, got \(number) for \(path)")
        self.number = number
        self.path = path
    }

    /// Opens `path`; links in the last place are never followed unless `followingLinks`. Throws `FileError`.
    package init(
        path: String, flags: Int32, mode: mode_t = 0o644, followingLinks: Bool = false
    ) throws(FileError) {
        let all = flags | O_CLOEXEC | (followingLinks ? 0 : O_NOFOLLOW)
        let opened = retrying { open(path, all, mode) }
        guard opened >= 0 else { throw FileError(.open, path: path, code: errno) }
        self.init(adopting: opened, path: path)
    }

    deinit { close(number) }

    /// Size, times and kind of the open file. Throws `FileError`.
    package func status() throws(FileError) -> stat {
        var found = stat()
        guard fstat(number, &found) == 0 else { throw FileError(.inspect, path: path, code: errno) }
        return found
    }

    /// Writes all of `bytes` where the file stands. Throws `FileError`; a part may have been written then.
    package func writeAll(_ bytes: Data) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let offset = done
            let written = bytes.withUnsafeBytes { buffer in
                retrying { write(number, buffer.baseAddress! + offset, buffer.count - offset) }
            }
            guard written >= 0 else { throw FileError(.write, path: path, code: errno) }
            done += written
        }
    }

    /// At most `count` bytes: from `offset`, or where the file stands when nil; empty at the end. Throws `FileError`.
    package func read(_ count: Int, at offset: Int? = nil) throws(FileError) -> Data {
        var bytes = Data(count: count)
        let got = bytes.withUnsafeMutableBytes { buffer -> Int in
            guard let base = buffer.baseAddress else { return 0 }
            return retrying {
                if let offset { pread(number, base, count, offset) } else { Foundation.read(number, base, count) }
            }
        }
        guard got >= 0 else { throw FileError(.read, path: path, code: errno) }
        return got == count ? bytes : bytes.prefix(got)
    }

    /// Fills the beginning of `bytes` with `count` bytes from `offset` on, in room that the caller keeps; says how many
    /// there were, fewer only at the end of the file. Throws `FileError`.
    package func read(_ count: Int, at offset: Int, into bytes: inout [UInt8]) throws(FileError) -> Int {
        precondition(bytes.count >= count, "Descriptor: expected room for \(count) bytes, got \(bytes.count)")
        var done = 0
        while done < count {
            let begun = done
            let got = bytes.withUnsafeMutableBytes { buffer in
                retrying { pread(number, buffer.baseAddress! + begun, count - begun, off_t(offset + begun)) }
            }
            guard got >= 0 else { throw FileError(.read, path: path, code: errno) }
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Waits until content and size are on the disk. Throws `FileError`.
    package func synchronise(metadata: Bool = true) throws(FileError) {
        let result = retrying { metadata ? fsync(number) : fdatasync(number) }
        // Some network file systems cannot sync a folder and say EINVAL; there is nothing more one could do.
        guard result == 0 || errno == EINVAL else { throw FileError(.sync, path: path, code: errno) }
    }

    /// Cuts the file to `length` bytes. Throws `FileError`.
    package func truncate(to length: Int) throws(FileError) {
        guard retrying({ ftruncate(number, length) }) == 0 else {
            throw FileError(.truncate, path: path, code: errno)
        }
    }
}

/// Repeats a system call as long as a signal interrupts it.
package func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
