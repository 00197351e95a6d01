import Files
import Foundation
import Glibc

/// Steps inside the drop, one name at a time with `openat` and without following links: whatever somebody puts into
/// the drop, or swaps in while we look, no path leads out of it. Failing calls give errno.
enum DropFolder {
    /// A system call that failed.
    struct Refused: Error { let code: Int32 }

    /// The drop itself; the recipe names it, so a link to it is fine.
    static func open(_ drop: String) throws(Refused) -> Descriptor {
        let opened = retrying { Glibc.open(drop, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard opened >= 0 else { throw Refused(code: errno) }
        return Descriptor(adopting: opened, path: drop)
    }

    /// A folder in a folder.
    static func enter(_ name: [UInt8], in folder: borrowing Descriptor) throws(Refused) -> Descriptor {
        try open(name, in: folder, flags: O_DIRECTORY)
    }

    /// A file in a folder, for reading. Never waits: a FIFO put there since the last look would block otherwise.
    static func openFile(_ name: [UInt8], in folder: borrowing Descriptor) throws(Refused) -> Descriptor {
        try open(name, in: folder, flags: O_NONBLOCK | O_NOCTTY)
    }

    /// The folder that holds the last of `components`.
    static func openParent(of components: [[UInt8]], in drop: String) throws(Refused) -> Descriptor {
        var folder = try open(drop)
        for name in components.dropLast() { folder = try enter(name, in: folder) }
        return folder
    }

    /// What a name is, without following it.
    static func status(of name: [UInt8], in folder: borrowing Descriptor) throws(Refused) -> stat {
        var found = stat()
        guard fstatat(folder.number, cString(name), &found, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw Refused(code: errno)
        }
        return found
    }

    /// The names in a folder, sorted by their bytes, without "." and "..".
    static func names(in folder: borrowing Descriptor) throws(Refused) -> [[UInt8]] {
        let number = retrying { openat(folder.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard number >= 0, let stream = fdopendir(number) else { throw Refused(code: errno) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
            if name != Array(".".utf8) && name != Array("..".utf8) { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw Refused(code: errno) }
        names.sort { $0.lexicographicallyPrecedes($1) }
        return names
    }

    /// The name as the system's calls want it.
    static func cString(_ name: [UInt8]) -> [CChar] { name.map { CChar(bitPattern: $0) } + [0] }

    private static func open(
        _ name: [UInt8], in folder: borrowing Descriptor, flags: Int32
    ) throws(Refused) -> Descriptor {
        let opened = retrying {
            openat(folder.number, cString(name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags)
        }
        guard opened >= 0 else { throw Refused(code: errno) }
        return Descriptor(adopting: opened, path: DropPath.text(of: name))
    }
}

extension stat {
    /// Modification time in nanoseconds since 1970.
    var modified: Int64 { Int64(st_mtim.tv_sec) * 1_000_000_000 + Int64(st_mtim.tv_nsec) }
    /// Last change of content, name or rights, by the clock of the machine that holds the drop.
    var changed: Int64 { Int64(st_ctim.tv_sec) * 1_000_000_000 + Int64(st_ctim.tv_nsec) }
    /// The file type bits.
    var kind: mode_t { st_mode & S_IFMT }

    /// True when both are looks at the same file with the same content.
    func isSameFile(as other: stat) -> Bool {
        st_dev == other.st_dev && st_ino == other.st_ino && st_size == other.st_size && modified == other.modified
    }
}
