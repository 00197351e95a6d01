import Foundation
import Synchronization

/// Folders that nightshift keeps. For the drop, where nothing may be trusted, see Ingest.
package enum Folder {
    /// What an entry of a folder is; links are `other` and never followed.
    package enum Kind: Sendable { case file, folder, other }

    /// One name in a folder.
    package struct Entry: Sendable {
        package let name: String
        package let kind: Kind
    }

    /// The folder part of `path`, "." when it has none.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes `path` and the folders above it where they are missing, and waits until they are on the disk.
    /// Throws `FileError`.
    package static func create(_ path: String) throws(FileError) {
        var found = stat()
        if stat(path, &found) == 0 {
            guard found.st_mode & S_IFMT == S_IFDIR else {
                throw FileError(.createFolder, path: path, code: ENOTDIR)
            }
            return
        }
        let above = parent(of: path)
        if above != path { try create(above) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw FileError(.createFolder, path: path, code: errno)
        }
        try synchronise(above)
    }

    /// Waits until the names in the folder are on the disk. Throws `FileError`.
    package static func synchronise(_ path: String) throws(FileError) {
        let folder = try Descriptor(path: path, flags: O_RDONLY | O_DIRECTORY, followingLinks: true)
        try folder.synchronise()
    }

    /// The names in a folder, sorted by their bytes, without "." and "..". Throws `FileError`.
    package static func entries(of path: String) throws(FileError) -> [Entry] {
        guard let stream = opendir(path) else { throw FileError(.list, path: path, code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FileError(.list, path: path, code: errno) }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return names.map { name in
            var found = stat()
            guard lstat(path + "/" + name, &found) == 0 else { return Entry(name: name, kind: .other) }
            let kind: Kind =
                switch found.st_mode & S_IFMT {
                case S_IFREG: .file
                case S_IFDIR: .folder
                default: .other
                }
            return Entry(name: name, kind: kind)
        }
    }

    /// Removes a folder that nightshift made, with everything in it. Links in it are removed, not followed.
    /// Throws `FileError`.
    package static func remove(_ path: String) throws(FileError) {
        for entry in try entries(of: path) {
            let inner = path + "/" + entry.name
            if entry.kind == .folder {
                try remove(inner)
            } else if unlink(inner) != 0 && errno != ENOENT {
                throw FileError(.remove, path: inner, code: errno)
            }
        }
        guard rmdir(path) == 0 else { throw FileError(.remove, path: path, code: errno) }
    }

    /// True when something of any kind has this name; a link counts as itself.
    package static func exists(_ path: String) -> Bool {
        var found = stat()
        return lstat(path, &found) == 0
    }
}

/// Counts up from 1, from any thread.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}
