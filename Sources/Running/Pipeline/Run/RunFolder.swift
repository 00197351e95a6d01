import Files
import Foundation
import Handover
import Ingest
import Ledger

/// The names in a run's folder.
package struct RunFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    package var record: String { path + "/run.json" }
    package var inputs: String { path + "/inputs.jsonl" }
    package var outcomes: String { path + "/outcomes.jsonl" }
    package var verdicts: String { path + "/verdicts.jsonl" }
    package var log: String { path + "/log.jsonl" }
    package var summary: String { path + "/summary.csv" }
    package var metrics: String { path + "/metrics.prom" }
    /// Folders that hold what belongs to single parts.
    static let partFolders = ["heatmaps", "flagged", "quarantine"]

    /// Where a file of the run lies now: a flagged part's folder may have been moved by whoever reviewed it. nil when it is
    /// nowhere. `name` is relative to the run's folder.
    package func place(of name: String) -> String? {
        var names = [name]
        if name.hasPrefix("flagged/") {
            names += ["reviewed/good/", "reviewed/defect/"].map { $0 + name.dropFirst("flagged/".count) }
        }
        return names.lazy.map { path + "/" + $0 }.first(where: Folder.exists)
    }

    /// Reads run.json; nil when there is none or it is not one.
    package func readRecord() -> RunRecord? {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: record)) else { return nil }
        return try? JSONDecoder().decode(RunRecord.self, from: bytes)
    }

    /// Puts run.json in place, whole. Throws `RunError.file`.
    func write(_ run: RunRecord) throws(RunError) {
        do { try AtomicFile.write(RecordCoding.document(run), to: record) } catch { throw .file(error) }
    }

    /// Every input of the run, in order. Throws `RunError`.
    package func readInputs() throws(RunError) -> [InputRecord] {
        var found: [InputRecord] = []
        try RecordCoding.forEach(InputRecord.self, in: inputs) { (record) throws(RunError) in
            guard record.input == found.count else {
                throw .damaged(path: inputs, problem: "expected input \(found.count), got \(record.input)")
            }
            found.append(record)
        }
        return found
    }

    /// Makes the folder of a new run with its inputs and run.json, under another name first: it appears whole or not
    /// at all. Throws `RunError.file`.
    func create(run: RunRecord, inputs candidates: [Candidate]) throws(RunError) {
        let hidden = RunFolder(path: Folder.parent(of: path) + "/" + Self.unbornPrefix + run.id)
        do throws(FileError) {
            if Folder.exists(hidden.path) { try Folder.remove(hidden.path) }
            try Folder.create(hidden.path)
            let list = try AtomicFileWriter(path: hidden.inputs)
            for (number, candidate) in candidates.enumerated() {
                try list.append(Data((RecordCoding.line(InputRecord(input: number, candidate: candidate)) + "\n").utf8))
            }
            try list.finish()
            try AtomicFile.write(RecordCoding.document(run), to: hidden.record)
            guard rename(hidden.path, path) == 0 else { throw FileError(.rename, path: path, code: errno) }
            try Folder.synchronise(Folder.parent(of: path))
        } catch {
            throw .file(error)
        }
    }

    /// Folders of runs that were never born begin so.
    static let unbornPrefix = ".new-"

    /// Removes, after a crash, what belongs to no recorded part: temporary files, and files of parts that were in
    /// work. `kept` are the recorded files, relative to the folder. Throws `FileError`.
    func removeUnrecorded(kept: Set<String>) throws(FileError) {
        try AtomicFile.removeLeftovers(in: path)
        for folder in Self.partFolders where Folder.exists(path + "/" + folder) {
            for name in try files(in: folder) where !kept.contains(name) {
                // A file directly in flagged/ is none of ours: a note that an inspector left.
                if folder == "flagged" && Folder.parent(of: name) == folder { continue }
                guard unlink(path + "/" + name) == 0 else {
                    throw FileError(.remove, path: path + "/" + name, code: errno)
                }
                // Empty folders of unfinished parts go with their last file; rmdir refuses any other.
                let inner = Folder.parent(of: name)
                if !Self.partFolders.contains(inner) { rmdir(path + "/" + inner) }
            }
        }
    }

    /// Regular files below a folder of the run, relative to the run's folder. Throws `FileError`.
    func files(in folder: String) throws(FileError) -> [String] {
        var found: [String] = []
        for entry in try Folder.entries(of: path + "/" + folder) {
            let name = folder + "/" + entry.name
            switch entry.kind {
            case .folder: found += try files(in: name)
            case .file: found.append(name)
            case .other: continue
            }
        }
        return found
    }
}
