import Checkpoint
import Files
import Foundation
import Ledger
import Publish
import RegionIndex

/// The index of a line's regions and the runs in the line's folder, held against each other.
package enum RegionIndexing {
    /// What a rebuild came to.
    package struct Summary: Sendable, Equatable {
        /// Runs that have described regions.
        package let runs: Int
        package let regions: Int
        /// What is missing or was changed in the runs, one sentence each.
        package let problems: [String]
    }

    private typealias FoundRun = (folder: RunFolder, record: RunRecord)

    /// Makes the line's index again from its finished runs. Searches go on meanwhile, and so do runs. `progress` hears runs done and
    /// in all. Throws `RegionIndexError`; then the old index stays.
    package static func rebuild(
        lineFolder: String, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(RegionIndexError) -> Summary {
        let index = RegionIndex(lineFolder: lineFolder)
        let rebuild = try RegionIndexRebuild(index)
        var problems: [String] = []
        let runs = try runFolders(lineFolder).filter { $0.record.state == .done }
        for (number, run) in runs.enumerated() {
            try add(run, to: rebuild, &problems)
            progress(number + 1, runs.count)
        }
        // Runs that have closed since then, or are just closing, under the lock that keeps further ones waiting.
        let lock = try index.lock()
        defer { lock.release() }
        let seen = Set(runs.map(\.record.id))
        let indexed = Set(index.files.flatMap { (try? RegionIndexFile(path: $0))?.batches.map(\.run) ?? [] })
        for run in try runFolders(lineFolder) where !seen.contains(run.record.id) {
            if run.record.state == .done || indexed.contains(run.record.id) {
                try add(run, to: rebuild, &problems)
            }
        }
        try rebuild.finish()
        return Summary(runs: rebuild.runs.count, regions: rebuild.count, problems: problems)
    }

    /// Finished runs that have described regions but are not in `indexed`, of those in `present`; sorted.
    package static func missing(lineFolder: String, indexed: Set<String>, present: Set<String>) -> [String] {
        present.subtracting(indexed).sorted().filter { name in
            guard let record = RunFolder(path: lineFolder + "/" + name).readRecord() else { return false }
            return record.state == .done && record.id == name && (record.describedRegions ?? 0) > 0
        }
    }

    /// Names of the folders in the line's folder that may be runs. Throws `FileError`.
    package static func names(lineFolder: String) throws(FileError) -> Set<String> {
        guard Folder.exists(lineFolder) else { return [] }
        return Set(
            try Folder.entries(of: lineFolder).filter {
                $0.kind == .folder && !$0.name.hasPrefix(".") && $0.name != RegionIndex.folderName
            }.map(\.name))
    }

    /// The embeddings of a part's regions, from the latest run that has flagged it; nil where none has. Throws
    /// `RunError` when they cannot be read.
    package static func embeddings(
        ofPart part: String, lineFolder: String
    ) throws(RunError) -> (run: RunFolder, embeddings: RegionEmbeddings)? {
        // A part's id is a name and never leads out of its folder, see `Intake.partID`.
        guard !part.isEmpty, !part.hasPrefix("."), !part.contains("/"), !part.contains("\0") else { return nil }
        let found: Set<String>
        do { found = try names(lineFolder: lineFolder) } catch { throw .file(error) }
        for name in found.sorted(by: >) {
            let run = RunFolder(path: lineFolder + "/" + name)
            guard let place = run.place(of: FlaggedFolder(partID: part).embeddings) else { continue }
            guard let bytes = FileManager.default.contents(atPath: place) else {
                throw .damaged(path: place, problem: "expected a file that can be read")
            }
            do { return (run, try RegionEmbeddings(bytes: bytes, path: place)) } catch {
                throw .damaged(path: place, problem: error.description)
            }
        }
        return nil
    }

    /// In order of their names, which is that of their starts.
    private static func runFolders(_ lineFolder: String) throws(RegionIndexError) -> [FoundRun] {
        let found: Set<String>
        do { found = try names(lineFolder: lineFolder) } catch { throw .file(error) }
        return found.sorted().compactMap { name in
            let folder = RunFolder(path: lineFolder + "/" + name)
            guard let record = folder.readRecord(), record.id == name else { return nil }
            return (folder, record)
        }
    }

    private static func add(
        _ run: FoundRun, to rebuild: RegionIndexRebuild, _ problems: inout [String]
    ) throws(RegionIndexError) {
        let found: RunRegions
        do { found = try RunRegions(of: run.folder, run: run.record) } catch {
            problems.append(error.description)
            return
        }
        problems += found.problems
        for (space, batch) in found.batches { try rebuild.add(batch, to: space) }
    }
}
