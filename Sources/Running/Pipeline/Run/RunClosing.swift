import Files
import Foundation
import Handover

/// The end of a run: proves the counts, writes summary.csv and metrics.prom, and lets run.json say how it ended.
struct RunClosing {
    let folder: RunFolder
    let options: RunOptions
    let closingFiles: @Sendable (RunFolder, RunRecord) throws(Rejection) -> [Publication.File]

    /// Closes the run as done, or as interrupted when inputs are left. Throws `RunError`.
    func close(_ opened: RunRecord, writer: OutcomeWriter, seconds: Double, log: RunLog) throws(RunError) -> RunRecord {
        var run = opened
        run.counts = writer.counts
        run.duplicates = writer.duplicates
        run.end = RunOpening.timestamp(Date())
        run.seconds = seconds
        run.partsPerSecond = seconds > 0 ? Double(run.counts.inspected) / seconds : 0
        guard writer.done == run.inputs else {
            run.state = .interrupted
            log.add(
                .warning, "interrupted",
                "\(writer.done) of \(run.inputs) inputs are done; the next run of this line continues here")
            try folder.write(run)
            return run
        }
        guard run.counts.total == run.inputs else {
            throw .countsDisagree(inputs: run.inputs, outcomes: run.counts.total, folder: folder.path)
        }
        run.state = .done
        try writeSummary()
        do throws(FileError) {
            for name in ["inputs.jsonl", "outcomes.jsonl", "verdicts.jsonl", "summary.csv"] {
                run.files[name] = try SHA256.hex(ofFile: folder.path + "/" + name)
            }
        } catch {
            throw .file(error)
        }
        try writeClosingFiles(&run, log: log)
        let metrics = Data(RunMetrics.text(run).utf8)
        do throws(FileError) {
            try AtomicFile.write(metrics, to: folder.metrics)
            // The same where node_exporter always finds it; a shard has its own.
            let shard = options.shard.map { "-" + $0.label } ?? ""
            try AtomicFile.write(metrics, to: options.folder + "/metrics\(shard).prom")
        } catch {
            throw .file(error)
        }
        log.add(
            .info, "done",
            "\(run.inputs) inputs: \(run.counts.pass) pass, \(run.counts.review) review, \(run.counts.fail) fail, "
                + "\(run.counts.quarantined) quarantined, \(run.counts.deferred) deferred, "
                + "\(run.counts.alreadyDone) already done")
        try folder.write(run)
        return run
    }

    /// Rebuilt from the outcomes, piece by piece: a run's length does not show in memory.
    private func writeSummary() throws(RunError) {
        let file: AtomicFileWriter
        do { file = try AtomicFileWriter(path: folder.summary) } catch { throw .file(error) }
        var rows = Data((options.csvHeader + "\n").utf8)
        func flush() throws(RunError) {
            do { try file.append(rows) } catch { throw .file(error) }
            rows.removeAll(keepingCapacity: true)
        }
        try RecordCoding.forEach(OutcomeRecord.self, in: folder.outcomes) { (record) throws(RunError) in
            guard let row = record.csv else { return }
            rows.append(Data((row + "\n").utf8))
            if rows.count > 1 << 16 { try flush() }
        }
        try flush()
        do { try file.finish() } catch { throw .file(error) }
    }

    /// A review page that cannot be made is a warning: the verdicts stand, and the page can be made again.
    private func writeClosingFiles(_ run: inout RunRecord, log: RunLog) throws(RunError) {
        let files: [Publication.File]
        do { files = try closingFiles(folder, run) } catch {
            log.add(.warning, "report", error.sentence)
            return
        }
        for file in files {
            let path = folder.path + "/" + file.path
            do throws(FileError) {
                try Folder.create(Folder.parent(of: path))
                try AtomicFile.write(file.bytes, to: path)
            } catch {
                throw .file(error)
            }
            run.files[file.path] = SHA256.hex(of: file.bytes)
        }
    }
}
