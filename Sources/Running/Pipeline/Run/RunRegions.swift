import Checkpoint
import Files
import Foundation
import Ledger
import Publish
import RegionIndex

/// The regions of a run that have an embedding, found again in the run's folder: by the run itself at its end, and by
/// whoever makes the index again.
package struct RunRegions: Sendable {
    /// One batch for each text space: one, unless a folder was put together by hand.
    package private(set) var batches: [(space: SpaceStamp, batch: RegionBatch)] = []
    /// What is no longer as the run wrote it, one sentence each.
    package private(set) var problems: [String] = []

    /// Regions in all batches.
    package var count: Int { batches.reduce(0) { $0 + $1.batch.regions.count } }

    /// More sentences than these tell nobody more.
    private static let listedProblems = 5

    /// A part with embeddings: which of the verdicts is its, and the file.
    private struct Part {
        let verdict: Int
        let file: OutcomeRecord.File
    }

    /// Reads outcomes, verdicts and the files of embeddings. A file that is missing or was changed is a problem, and its
    /// part is left out. Throws `RunError` when outcomes or verdicts cannot be read.
    package init(of folder: RunFolder, run: RunRecord) throws(RunError) {
        let parts = try Self.parts(of: folder)
        guard !parts.isEmpty else { return }
        var left = 0
        do throws(FileError) {
            var reader = try LineReader(path: folder.verdicts)
            var verdict = 0
            var rest = parts[...]
            var start = 0
            while let part = rest.first, let line = try reader.next() {
                if verdict == part.verdict {
                    rest.removeFirst()
                    if let problem = take(part, line.bytes, at: start, folder, run) {
                        left += 1
                        if left <= Self.listedProblems { problems.append(problem) }
                    }
                }
                start = line.end
                verdict += 1
            }
            if !rest.isEmpty {
                left += 1
                problems.append(
                    "\(folder.verdicts): expected a verdict for \(rest.count) more flagged parts, found \(verdict) lines"
                )
            }
        } catch {
            throw .file(error)
        }
        if left > problems.count {
            problems.append("\(left - problems.count) more parts of run \(run.id) have no embeddings that can be used")
        }
    }

    private static func parts(of folder: RunFolder) throws(RunError) -> [Part] {
        var parts: [Part] = []
        var verdicts = 0
        try RecordCoding.forEach(OutcomeRecord.self, in: folder.outcomes) { (record) throws(RunError) in
            guard record.outcome.isVerdict else { return }
            let name = FlaggedFolder(partID: record.part).embeddings
            if let file = record.files.first(where: { $0.path == name }) {
                parts.append(Part(verdict: verdicts, file: file))
            }
            verdicts += 1
        }
        return parts
    }

    /// Takes a part's regions in; gives back what hinders it.
    private mutating func take(
        _ part: Part, _ line: Data, at offset: Int, _ folder: RunFolder, _ run: RunRecord
    ) -> String? {
        let name = folder.path + "/" + part.file.path
        guard let place = folder.place(of: part.file.path), let bytes = FileManager.default.contents(atPath: place)
        else { return "\(name): expected the embeddings of a part's regions, found no file that can be read" }
        guard SHA256.hex(of: bytes) == part.file.sha256 else {
            return "\(place): expected SHA-256 \(part.file.sha256): the file was changed"
        }
        guard let record = try? JSONDecoder().decode(VerdictRecord.self, from: line) else {
            return "\(folder.verdicts): the line at byte \(offset) is no verdict"
        }
        let embeddings: RegionEmbeddings
        do { embeddings = try RegionEmbeddings(bytes: bytes, path: place) } catch { return error.description }
        guard embeddings.rows.count == record.regions.count else {
            return "\(place): expected \(record.regions.count) rows, one for each region, got \(embeddings.rows.count)"
        }
        guard let space = SpaceStamp(identity: embeddings.textSpace, width: embeddings.width) else {
            return "\(place): expected the hash of a text space and 1…\(SpaceStamp.widest) numbers a row, got "
                + "\(embeddings.textSpace.debugDescription) and \(embeddings.width)"
        }
        let known = batches.firstIndex { $0.space == space }
        if known == nil {
            batches.append((space, RegionBatch(run: run.id, start: run.start, width: space.width)))
        }
        for (number, row) in embeddings.rows.enumerated() {
            guard let row else { continue }
            batches[known ?? batches.count - 1].batch.add(
                verdictOffset: offset, region: number, camera: record.part.camera, embedding: row)
        }
        return nil
    }
}
