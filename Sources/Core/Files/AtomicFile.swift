import Foundation

/// Files that appear whole or not at all: temporary name in the same folder, write, fsync, rename, fsync of the
/// folder. Whatever kills the process in between, the name shows the old bytes or the new ones, never a mixture.
package enum AtomicFile {
    /// Every temporary file begins so; hidden, so that no camera, web server or file share shows it. The rest is the
    /// process's number and a count: short, because the final name may already be as long as a name can be.
    package static let temporaryPrefix = ".nightshift-tmp-"

    /// Puts `bytes` at `path`, in place of what was there. Throws `FileError`, `outOfSpace` included; the temporary
    /// file is removed then and what was at `path` stays.
    package static func write(_ bytes: Data, to path: String) throws(FileError) {
        let file = try AtomicFileWriter(path: path)
        try file.append(bytes)
        try file.finish()
    }

    /// Removes the temporary files that dead processes left in `folder` and below, and says how many. Only to be
    /// called while the caller's lock keeps living writers out. Links are not followed. Throws `FileError`.
    @discardableResult
    package static func removeLeftovers(in folder: String) throws(FileError) -> Int {
        var removed = 0
        for entry in try Folder.entries(of: folder) {
            let path = folder + "/" + entry.name
            if entry.kind == .folder {
                removed += try removeLeftovers(in: path)
            } else if entry.name.hasPrefix(temporaryPrefix) {
                guard unlink(path) == 0 || errno == ENOENT else {
                    throw FileError(.remove, path: path, code: errno)
                }
                removed += 1
            }
        }
        return removed
    }
}

/// One file on its way to appear whole: for content that should not lie in memory at once.
/// Dropped without `finish()`, it leaves nothing behind.
package final class AtomicFileWriter {
    private let path: String
    private let temporary: String
    private let file: Descriptor
    private var isFinished = false
    private static let counter = Counter()

    /// Opens a temporary file beside `path`. Throws `FileError`.
    package init(path: String) throws(FileError) {
        self.path = path
        temporary =
            Folder.parent(of: path) + "/" + AtomicFile.temporaryPrefix + "\(getpid())-\(Self.counter.next())"
        file = try Descriptor(path: temporary, flags: O_WRONLY | O_CREAT | O_EXCL)
    }

    deinit {
        if !isFinished { unlink(temporary) }
    }

    /// Adds `bytes` at the end. Throws `FileError`, naming the final path.
    package func append(_ bytes: Data) throws(FileError) {
        do { try file.writeAll(bytes) } catch { throw naming(error) }
    }

    /// Syncs and gives the file its name. Throws `FileError`; nothing has appeared then. With `syncsFolder: false` the
    /// name itself may be lost in a power cut until the caller has called `Folder.synchronise`: for many files of one
    /// folder, synced once.
    package func finish(syncsFolder: Bool = true) throws(FileError) {
        do { try file.synchronise() } catch { throw naming(error) }
        guard rename(temporary, path) == 0 else { throw FileError(.rename, path: path, code: errno) }
        isFinished = true
        if syncsFolder { try Folder.synchronise(Folder.parent(of: path)) }
    }

    /// The same error with the name people know instead of the temporary one.
    private func naming(_ error: FileError) -> FileError {
        switch error {
        case .failed(let operation, _, let code): .failed(operation, path: path, code: code)
        case .outOfSpace(let operation, _): .outOfSpace(operation, path: path)
        case .damagedLine: error
        }
    }
}
