import Files
import Foundation
import Ledger

/// The indexes of a line's described regions: `runs/<line>/region-index/`, one file for each text space that the line's
/// models have had. A file only grows, by one batch a run; what it says can be made again from the runs.
package struct RegionIndex: Sendable {
    /// The folder's name in the line's runs.
    package static let folderName = "region-index"

    /// What an `append` found.
    package struct Appended: Sendable, Equatable {
        /// False when the run was there already: it is closed again after a crash.
        package let isNew: Bool
        /// Bytes of an earlier batch that was never written to its end, cut off.
        package let cutBytes: Int
    }

    package let folder: String

    /// - Parameter lineFolder: `runs/<line>`.
    package init(lineFolder: String) { folder = lineFolder + "/" + Self.folderName }

    /// The file of a text space.
    package func path(_ space: SpaceStamp) -> String { folder + "/" + space.fileName }

    /// The index of a text space; nil when there is none. Throws `RegionIndexError`.
    package func open(_ space: SpaceStamp) throws(RegionIndexError) -> RegionIndexFile? {
        let path = path(space)
        guard Folder.exists(path) else { return nil }
        let file = try RegionIndexFile(path: path)
        guard file.space == space else {
            throw .foreign(
                path: path,
                problem: "expected the text space \(space.identity), \(space.width) wide, got \(file.space.identity), "
                    + "\(file.space.width) wide")
        }
        return file
    }

    /// Paths of the line's index files, of all text spaces.
    package var files: [String] {
        ((try? Folder.entries(of: folder)) ?? []).map(\.name).filter { $0.hasSuffix(IndexLayout.fileSuffix) }
            .map { folder + "/" + $0 }
    }

    /// How many regions the line's other text spaces have; what cannot be read counts as none.
    package func countOfOthers(than space: SpaceStamp) -> Int {
        files.filter { $0 != path(space) }.reduce(0) { $0 + ((try? RegionIndexFile(path: $1))?.count ?? 0) }
    }

    /// Adds a run's regions at the end; they are on the disk when it returns. A run that is there already is left as it
    /// is, and a torn end is cut off first.
    ///
    /// Throws `RegionIndexError`; then the file ends where it ended before. Waits for another writer for at most `patience` seconds.
    package func append(
        _ batch: RegionBatch, to space: SpaceStamp, patience: Double = 10
    ) throws(RegionIndexError) -> Appended {
        let lock = try lock(patience: patience)
        defer { lock.release() }
        let path = path(space)
        do throws(FileError) {
            // A file shorter than its header was begun by a process that died at once: it holds nothing.
            if Folder.exists(path) {
                let file = try Descriptor(path: path, flags: O_RDWR)
                if try file.status().st_size < IndexLayout.fileHeaderBytes { try file.truncate(to: 0) }
                if try file.status().st_size == 0 { return try write(batch, space, isFirst: true, cutFrom: 0) }
            } else {
                return try write(batch, space, isFirst: true, cutFrom: 0)
            }
        } catch {
            throw .file(error)
        }
        guard let file = try open(space) else { throw .file(FileError(.open, path: path, code: ENOENT)) }
        if file.batches.contains(where: { $0.run == batch.run }) { return Appended(isNew: false, cutBytes: 0) }
        do { return try write(batch, space, isFirst: false, cutFrom: file.end) } catch { throw .file(error) }
    }

    /// Takes the lock under which the index is written; waits at most `patience` seconds. Throws `RegionIndexError`.
    package func lock(patience: Double = 10) throws(RegionIndexError) -> RunLock {
        let deadline = Date().addingTimeInterval(patience)
        while true {
            do throws(LedgerError) { return try RunLock(folder: folder) } catch {
                guard case .locked = error, Date() < deadline else { throw RegionIndexError(error) }
                usleep(50_000)
            }
        }
    }

    private func write(
        _ batch: RegionBatch, _ space: SpaceStamp, isFirst: Bool, cutFrom end: Int
    ) throws(FileError) -> Appended {
        let path = path(space)
        let isNew = !Folder.exists(path)
        let file = try Descriptor(path: path, flags: O_RDWR | O_CREAT | O_APPEND)
        if isNew { try Folder.synchronise(folder) }
        let size = Int(try file.status().st_size)
        if size > end { try file.truncate(to: end) }
        do throws(FileError) {
            try file.writeAll((isFirst ? Data(IndexLayout.fileHeader(space)) : Data()) + batch.encoded())
            try file.synchronise()
        } catch {
            // The next append would cut a torn batch too; a whole one whose sync failed must not stay either.
            try? file.truncate(to: end)
            throw error
        }
        return Appended(isNew: true, cutBytes: size - end)
    }
}
