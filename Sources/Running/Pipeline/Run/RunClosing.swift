import Files
import Foundation
import Handover
import RegionIndex

/// The end of a run: proves the counts, writes summary.csv and metrics.prom, and lets run.json say how it ended.
struct RunClosing {
    let folder: RunFolder
    let options: RunOptions
    let closingFiles: [ClosingFile]

    /// Closes the run as done, or as interrupted when inputs are left. Throws `RunError`.
    func close(_ opened: RunRecord, writer: OutcomeWriter, seconds: Double, log: RunLog) throws(RunError) -> RunRecord {
        var run = opened
        run.counts = writer.counts
        run.duplicates = writer.duplicates
        run.stillQuarantined = writer.stillQuarantined
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
        indexRegions(&run, log: log)
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

    /// Adds the run's described regions to the line's index. What goes wrong is a warning: the verdicts stand, and the
    /// index can be made again from the runs.
    private func indexRegions(_ run: inout RunRecord, log: RunLog) {
        do throws(RunError) {
            let found = try RunRegions(of: folder, run: run)
            run.describedRegions = found.count
            for problem in found.problems { log.add(.warning, "index", problem) }
            let index = RegionIndex(lineFolder: options.folder)
            for (space, batch) in found.batches {
                do throws(RegionIndexError) {
                    let appended = try index.append(batch, to: space)
                    guard appended.cutBytes > 0 else { continue }
                    log.add(
                        .warning, "index",
                        "\(index.path(space)): an earlier run was ended while it wrote; cut its last \(appended.cutBytes) "
                            + "bytes off (`nightshift search \(run.line) --rebuild` brings that run back)")
                } catch {
                    log.add(
                        .warning, "index",
                        "the regions of this run cannot be searched yet: \(error.description); then `nightshift search "
                            + "\(run.line) --rebuild` adds them")
                }
            }
        } catch {
            log.add(.warning, "index", "the regions of this run cannot be searched: \(error.description)")
        }
    }

    /// A review page that cannot be made is a warning: the verdicts stand, and the page can be made again. A disk that
    /// cannot be written to ends the run.
    private func writeClosingFiles(_ run: inout RunRecord, log: RunLog) throws(RunError) {
        for file in closingFiles {
            let path = folder.path + "/" + file.path
            do {
                try Folder.create(Folder.parent(of: path))
                let writer = try AtomicFileWriter(path: path)
                try file.write(folder, run, writer)
                try writer.finish()
                run.files[file.path] = try SHA256.hex(ofFile: path)
            } catch let error as FileError {
                throw .file(error)
            } catch let rejection as Rejection {
                log.add(.warning, "report", "\(file.path): \(rejection.sentence)")
            } catch {
                log.add(.warning, "report", "\(file.path): \(error)")
            }
        }
    }
}

/// A file that a run writes at its end, from what lies in its folder by then.
package struct ClosingFile: Sendable {
    /// Relative to the run's folder.
    package let path: String
    /// Writes the content. A `Rejection` leaves the file out and is a warning; a `FileError` ends the run.
    package let write: @Sendable (RunFolder, RunRecord, AtomicFileWriter) throws -> Void

    package init(path: String, write: @escaping @Sendable (RunFolder, RunRecord, AtomicFileWriter) throws -> Void) {
        self.path = path
        self.write = write
    }
}
