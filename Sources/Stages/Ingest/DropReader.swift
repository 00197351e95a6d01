import Files
import Foundation
import Glibc
import Handover

extension DropScanner {
    /// Reads a candidate once and whole; the bytes that are hashed are the bytes that are decoded. Takes memory for
    /// at most `maxBytes`. Throws the `Rejection` of the scan, or one of its own when the file has changed since, is
    /// something else now, cannot be read, or does not end as its format demands.
    package func take(_ candidate: Candidate) throws(Rejection) -> Intake {
        if let rejection = candidate.rejection { throw rejection }
        guard let components = DropPath.components(of: candidate.path), let name = components.last else {
            throw .ingest(
                .quarantined, .unreadable,
                "expected a path inside the drop, found \(candidate.path), which leads out of it; it was not read")
        }
        let bytes: Data
        do {
            let folder = try DropFolder.openParent(of: components, in: drop)
            bytes = try read(name, in: folder, candidate: candidate)
        } catch let error as DropFolder.Refused {
            throw refusal(error.code, candidate)
        } catch let error as Rejection {
            throw error
        } catch {
            throw impatient(
                .unreadable, "expected a file that can be read, found: \(error)", age: candidate.stillSeconds)
        }
        guard endsWhole(bytes) else {
            throw impatient(
                .incomplete,
                "expected a file that ends as its format demands, found \(bytes.count) bytes that break off",
                age: candidate.stillSeconds)
        }
        return Intake(
            sha256: SHA256.hex(of: bytes), path: candidate.path, bytes: bytes,
            camera: components.count > 1 ? DropPath.text(of: components[0]) : "", drop: drop,
            modifiedAt: Date(timeIntervalSince1970: Double(candidate.modified) / 1e9))
    }

    private func read(_ name: [UInt8], in folder: borrowing Descriptor, candidate: Candidate) throws -> Data {
        // Looked at before it is opened: opening a device can already do something.
        let named = try DropFolder.status(of: name, in: folder)
        try check(named, candidate)
        let file = try DropFolder.openFile(name, in: folder)
        let before = try file.status()
        try check(before, candidate)
        var bytes = Data()
        while bytes.count <= candidate.size {
            // One byte more than expected, so that a file that has grown shows.
            let piece = try file.read(candidate.size + 1 - bytes.count)
            if piece.isEmpty { break }
            bytes = bytes.isEmpty ? piece : bytes + piece
        }
        let after = try DropFolder.status(of: name, in: folder)
        guard bytes.count == candidate.size, after.isSameFile(as: before) else {
            throw Rejection.ingest(
                .deferred, .notSettled,
                "expected \(candidate.size) bytes that stand still, but the file changed while it was read; "
                    + "the next run looks again")
        }
        return bytes
    }

    /// Throws unless the file is still the regular file the scan saw.
    private func check(_ status: stat, _ candidate: Candidate) throws {
        guard status.kind == S_IFREG else {
            let reason: Rejection.Reason = status.kind == S_IFLNK ? .symbolicLink : .notRegularFile
            throw Rejection.ingest(
                .quarantined, reason,
                "expected a regular file, found \(Self.kindName(status)) in its place; it was not opened")
        }
        guard Int(status.st_size) == candidate.size, status.modified == candidate.modified else {
            throw Rejection.ingest(
                .deferred, .notSettled,
                "expected \(candidate.size) bytes as the scan saw them, found \(status.st_size) or a newer time; "
                    + "the next run looks again")
        }
    }

    private func refusal(_ code: Int32, _ candidate: Candidate) -> Rejection {
        switch code {
        case ELOOP, ENOTDIR:
            return .ingest(
                .quarantined, .symbolicLink,
                "expected the file of the scan, found a symbolic link in its place or its folder's; not followed")
        case ENOENT:
            return .ingest(
                .deferred, .unreadable,
                "expected the file of the scan, found nothing: it is gone from the drop; nothing to inspect")
        default:
            return impatient(
                .unreadable, "expected a file that can be opened, found: \(String(cString: strerror(code)))",
                age: candidate.stillSeconds)
        }
    }

    /// Moves an inspected file into `archive`/`path`, in one step: rename, or across file systems a synced copy under
    /// a temporary name and then the removal of the original. Does nothing and gives false when the file is gone or
    /// is not the one that was inspected any more. Throws `FileError`.
    @discardableResult
    package func archive(_ candidate: Candidate, into archive: String) throws(FileError) -> Bool {
        guard let components = DropPath.components(of: candidate.path), let name = components.last,
            let folder = try? DropFolder.openParent(of: components, in: drop),
            let status = try? DropFolder.status(of: name, in: folder),
            status.kind == S_IFREG, Int(status.st_size) == candidate.size, status.modified == candidate.modified
        else { return false }
        // The archived name is the path as text: safe on every file system, and no two paths share it.
        let target = archive + "/" + candidate.path
        try Folder.create(Folder.parent(of: target))
        if renameat(folder.number, DropFolder.cString(name), AT_FDCWD, target) != 0 {
            guard errno == EXDEV else { throw FileError(.rename, path: target, code: errno) }
            let file: Descriptor
            do { file = try DropFolder.openFile(name, in: folder) } catch {
                throw FileError(.open, path: candidate.path, code: error.code)
            }
            let copy = try AtomicFileWriter(path: target)
            while true {
                let piece = try file.read(1 << 20)
                if piece.isEmpty { break }
                try copy.append(piece)
            }
            try copy.finish()
            guard unlinkat(folder.number, DropFolder.cString(name), 0) == 0 else {
                throw FileError(.remove, path: drop + "/" + candidate.path, code: errno)
            }
        }
        try Folder.synchronise(Folder.parent(of: target))
        try? folder.synchronise()
        return true
    }
}
