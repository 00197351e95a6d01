import Files
import Foundation
import Ingest
import Ledger

/// Finds the run to continue, or begins a new one. Only called while the line's lock is held.
struct RunOpening {
    let options: RunOptions

    /// The suffix that keeps the locks, ledgers and runs of shards apart.
    private var suffix: String { options.shard.map { "-" + $0.label } ?? "" }
    var lockName: String { ".lock" + suffix }
    var ledgerName: String { "ledger" + suffix + ".jsonl" }

    /// The run to work on, with its folder; `isResumed` when an earlier process began it. `notes` are for the log.
    func open(scan: () throws(IngestError) -> [Candidate]) throws(RunError) -> (
        folder: RunFolder, run: RunRecord, isResumed: Bool, notes: [String]
    ) {
        var notes: [String] = []
        var found: (folder: RunFolder, run: RunRecord)?
        let names: [String]
        do {
            try removeUnborn()
            names = try Folder.entries(of: options.folder).filter { $0.kind == .folder }.map(\.name)
        } catch {
            throw .file(error)
        }
        for name in names where !name.hasPrefix(".") && belongs(name) {
            let folder = RunFolder(path: options.folder + "/" + name)
            guard var run = folder.readRecord() else { continue }
            guard run.isUnfinished else { continue }
            if canContinue(run) && found == nil {
                found = (folder, run)
            } else {
                run.state = .abandoned
                run.end = RunOpening.timestamp(Date())
                try folder.write(run)
                notes.append(
                    "run \(run.id) was begun with another recipe, model or drop; it stays as it is, and what it has no "
                        + "verdict for is inspected now")
            }
        }
        if let (folder, unfinished) = found {
            var run = unfinished
            run.state = .running
            run.problem = nil
            run.workers = options.workers
            run.resumed.append(RunOpening.timestamp(options.now))
            try folder.write(run)
            return (folder, run, true, notes)
        }
        let candidates: [Candidate]
        do { candidates = try scan() } catch { throw .drop(error) }
        let inputs = candidates.filter { options.shard?.contains($0.path) ?? true }
        let run = newRun(inputs: inputs.count)
        let folder = RunFolder(path: options.folder + "/" + run.id)
        try folder.create(run: run, inputs: inputs)
        return (folder, run, false, notes)
    }

    /// ISO 8601 with whole seconds, UTC.
    static func timestamp(_ date: Date) -> String { date.formatted(.iso8601) }

    private func canContinue(_ run: RunRecord) -> Bool {
        run.recipeSha256 == options.recipeSHA256 && run.model.sha256 == options.modelSHA256
            && run.drop == options.drop && run.shard == options.shard?.label
    }

    /// Runs of other shards belong to other processes, which may be at work.
    private func belongs(_ name: String) -> Bool {
        options.shard == nil ? !name.contains("of") : name.hasSuffix(suffix)
    }

    private func removeUnborn() throws(FileError) {
        for entry in try Folder.entries(of: options.folder)
        where entry.kind == .folder && entry.name.hasPrefix(RunFolder.unbornPrefix) && belongs(entry.name) {
            try Folder.remove(options.folder + "/" + entry.name)
        }
    }

    private func newRun(inputs: Int) -> RunRecord {
        let digits = RunOpening.timestamp(options.now).filter { $0.isNumber || $0 == "T" }
        var id = digits.replacingOccurrences(of: "T", with: "-") + suffix
        var attempt = 2
        while Folder.exists(options.folder + "/" + id) {
            id = digits.replacingOccurrences(of: "T", with: "-") + "-\(attempt)" + suffix
            attempt += 1
        }
        return RunRecord(
            id: id, line: options.line, state: .running, problem: nil, drop: options.drop,
            shard: options.shard?.label, start: RunOpening.timestamp(options.now), inputs: inputs,
            recipeSha256: options.recipeSHA256,
            model: RunRecord.Model(name: options.modelName, sha256: options.modelSHA256, method: options.method),
            versions: options.versions,
            host: RunLock.Holder.thisHost, cpu: Self.processorName,
            cores: ProcessInfo.processInfo.activeProcessorCount, workers: options.workers)
    }

    /// The processor as the kernel names it.
    private static var processorName: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
    }
}
