import Files
import Foundation
import Ledger

/// A line's indexes on their way to be made again: batches go to other files, which take the old ones' places whole at
/// the end. Searches go on meanwhile. Dropped without `finish()`, it changes nothing.
package final class RegionIndexRebuild {
    /// Runs that are in it.
    package private(set) var runs: Set<String> = []
    /// Regions that are in it.
    package private(set) var count = 0
    private let index: RegionIndex
    private var files: [SpaceStamp: AtomicFileWriter] = [:]
    private let own: RunLock

    /// Begins; a second rebuild of the line is kept out. Throws `RegionIndexError`.
    package init(_ index: RegionIndex) throws(RegionIndexError) {
        self.index = index
        do { own = try RunLock(folder: index.folder, name: ".rebuild-lock") } catch { throw RegionIndexError(error) }
        do { try AtomicFile.removeLeftovers(in: index.folder) } catch { throw .file(error) }
    }

    /// Adds a run's regions of one text space. Throws `RegionIndexError`.
    package func add(_ batch: RegionBatch, to space: SpaceStamp) throws(RegionIndexError) {
        do throws(FileError) {
            if files[space] == nil { files[space] = try begun(space) }
            try files[space]?.append(batch.encoded())
        } catch {
            throw .file(error)
        }
        runs.insert(batch.run)
        count += batch.regions.count
    }

    /// Puts the new files in place and removes those of text spaces that no run has any more; the caller holds
    /// `RegionIndex.lock`. Throws `RegionIndexError`; every file is then the old or the new one.
    package func finish() throws(RegionIndexError) {
        do throws(FileError) {
            let kept = Set(files.keys.map(index.path))
            for file in files.values { try file.finish() }
            for path in index.files where !kept.contains(path) {
                guard unlink(path) == 0 || errno == ENOENT else { throw FileError(.remove, path: path, code: errno) }
            }
        } catch {
            throw .file(error)
        }
        own.release()
    }

    private func begun(_ space: SpaceStamp) throws(FileError) -> AtomicFileWriter {
        let file = try AtomicFileWriter(path: index.path(space))
        try file.append(Data(IndexLayout.fileHeader(space)))
        return file
    }
}
