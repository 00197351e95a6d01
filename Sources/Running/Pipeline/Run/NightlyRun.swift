import Files
import Foundation
import Handover
import Ingest
import Ledger
import Synchronization

/// One run over a drop: every input of the scan ends with exactly one outcome, in the order of the scan, whatever the
/// number of workers and however often the run is killed and started again.
package struct NightlyRun: Sendable {
    /// Judges one intake; made per worker, used by that worker alone.
    package typealias Inspector = (Intake) throws(Rejection) -> ScoredPart

    let options: RunOptions
    let endsWhole: @Sendable (Data) -> Bool
    let makeInspector: @Sendable () throws -> Inspector
    let publish: @Sendable (ScoredPart) throws(Rejection) -> Publication
    /// Raised to end the run early, see `StopRequest.onSignals`.
    package var stop = StopRequest()
    /// Hears how many inputs are done, of how many, and how many this process does per second.
    package var progress: @Sendable (_ done: Int, _ total: Int, _ perSecond: Double) -> Void = { _, _, _ in }
    /// Hears what goes into log.jsonl.
    package var onEvent: @Sendable (RunEvent) -> Void = { _ in }
    /// Hears each verdict's line of JSON once it is on the disk.
    package var onVerdict: @Sendable (String) -> Void = { _ in }
    /// Further files, made from the finished run's folder before run.json says done: the review page for one.
    package var closingFiles: [ClosingFile] = []
    /// Asked for a sentence for the log once all inputs are done; nil says nothing.
    package var closingNote: @Sendable () -> String? = { nil }

    /// - Parameters:
    ///   - endsWhole: see `DropScanner`.
    ///   - makeInspector: called once on each worker's thread; what it throws ends the run.
    ///   - publish: called on the workers' threads.
    package init(
        options: RunOptions, endsWhole: @escaping @Sendable (Data) -> Bool,
        makeInspector: @escaping @Sendable () throws -> Inspector,
        publish: @escaping @Sendable (ScoredPart) throws(Rejection) -> Publication
    ) {
        precondition(options.workers > 0, "NightlyRun: expected at least 1 worker, got \(options.workers)")
        self.options = options
        self.endsWhole = endsWhole
        self.makeInspector = makeInspector
        self.publish = publish
    }

    /// Runs, or continues the run that was interrupted. Throws `RunError`; what was done by then stays done.
    package func run() throws(RunError) -> RunSummary {
        let opening = RunOpening(options: options)
        let lock: RunLock
        do { lock = try RunLock(folder: options.folder, name: opening.lockName) } catch { throw RunError(error) }
        defer { lock.release() }
        let scanner = DropScanner(
            drop: options.drop, settleSeconds: options.settleSeconds, giveUpSeconds: options.giveUpSeconds,
            maxBytes: options.maxBytes, now: options.now, endsWhole: endsWhole)
        let opened = try opening.open { () throws(IngestError) in try scanner.scan() }
        let log = try RunLog(folder: opened.folder, onEvent: onEvent)
        for note in opened.notes { log.add(.warning, "abandoned", note) }
        log.add(
            .info, opened.isResumed ? "resumed" : "started",
            "run \(opened.run.id) over \(opened.run.inputs) inputs in \(options.drop), \(options.workers) workers")
        do throws(RunError) {
            let inputs = try opened.folder.readInputs()
            guard inputs.count == opened.run.inputs else {
                throw RunError.damaged(
                    path: opened.folder.inputs, problem: "expected \(opened.run.inputs) inputs, got \(inputs.count)")
            }
            let writer = try OutcomeWriter(
                folder: opened.folder, runID: opened.run.id, inputs: inputs,
                judge: Ledger.judge(modelSHA256: options.modelSHA256, recipeSHA256: options.recipeSHA256),
                lineFolder: options.folder, ledgerName: opening.ledgerName, isResumed: opened.isResumed)
            let clock = ContinuousClock.now
            if opened.isResumed { archiveEarlier(inputs, upTo: writer.done, opened.folder, scanner, log) }
            try inspect(inputs, scanner, writer, opened.folder, log)
            let seconds = (ContinuousClock.now - clock) / .seconds(1)
            if let note = closingNote() { log.add(.info, "texts", note) }
            let closing = RunClosing(folder: opened.folder, options: options, closingFiles: closingFiles)
            let run = try closing.close(opened.run, writer: writer, seconds: seconds, log: log)
            return RunSummary(
                id: run.id, folder: opened.folder.path, state: run.state, inputs: run.inputs, counts: run.counts,
                duplicates: run.duplicates, stillQuarantined: run.stillQuarantined ?? 0, isResumed: opened.isResumed,
                seconds: seconds)
        } catch {
            log.add(.error, "failed", error.description)
            var failed = opened.run
            failed.state = .failed
            failed.problem = error.description
            // On a full disk this fails too; the run then still says "running" and is continued all the same.
            try? opened.folder.write(failed)
            throw error
        }
    }

    /// Workers take inputs in order; this thread writes their outcomes in order.
    private func inspect(
        _ inputs: [InputRecord], _ scanner: DropScanner, _ writer: OutcomeWriter, _ folder: RunFolder, _ log: RunLog
    ) throws(RunError) {
        let stop = stop
        // Twice the workers: enough that none waits for the writer, little enough to stay small in memory.
        let work = OrderedWork<Processed>(
            start: writer.done, end: inputs.count, lookAhead: 2 * options.workers + 2,
            isStopRequested: { stop.isRequested })
        let trouble = FirstTrouble()
        let doneParts = options.again ? DoneParts() : writer.doneParts
        for number in 0..<min(options.workers, inputs.count - writer.done) {
            work.enter()
            let thread = Thread {
                defer { work.leave() }
                do {
                    let inspector = try makeInspector()
                    while let next = work.take() {
                        let result = process(inputs[next], scanner, inspector, doneParts)
                        work.deliver(result, for: next)
                    }
                } catch {
                    trouble.note("\(error)")
                    work.close()
                }
            }
            // Networks recurse little, but a decoder's frames are large; the default of 512 KiB on some systems is not.
            thread.stackSize = 8 << 20
            thread.name = "inspector \(number)"
            thread.start()
        }
        defer {
            work.close()
            work.waitForWorkers()
        }
        let clock = ContinuousClock.now
        let before = writer.done
        while let (first, batch) = work.nextResults() {
            let records = try writer.write(first: first, batch, inputs: inputs)
            work.finish(batch.count)
            report(records, batch, log)
            if let archive = options.archive {
                for record in records {
                    self.archive(record, inputs, into: archive, folder, scanner, log)
                }
            }
            let seconds = (ContinuousClock.now - clock) / .seconds(1)
            progress(writer.done, inputs.count, Double(writer.done - before) / max(seconds, 1e-9))
        }
        if let sentence = trouble.sentence { throw .inspector(sentence) }
    }

    /// One input, on a worker's thread.
    private func process(
        _ input: InputRecord, _ scanner: DropScanner, _ inspector: Inspector, _ doneParts: DoneParts
    ) -> Processed {
        var sha256: String?
        do {
            let intake = try scanner.take(input.candidate)
            sha256 = intake.sha256
            let identity = PartIdentity.identity(path: intake.path, sha256: intake.sha256)
            if doneParts.contains(identity: identity) {
                return Processed(sha256: sha256, result: .alreadyDone(earlier: nil))
            }
            if doneParts.isQuarantined(identity: identity) {
                return Processed(sha256: sha256, result: .alreadyDone(earlier: .quarantined))
            }
            let scored = try inspector(intake)
            return Processed(sha256: sha256, result: .published(scored.verdict, try publish(scored)))
        } catch {
            // Refused unread, as in an earlier night: what stood in quarantine/ then stands.
            if sha256 == nil, error.outcome == .quarantined, doneParts.isQuarantined(identity: input.unreadIdentity) {
                return Processed(sha256: nil, result: .alreadyDone(earlier: .quarantined))
            }
            return Processed(sha256: sha256, result: .rejected(error))
        }
    }

    private func report(_ records: [OutcomeRecord], _ batch: [Processed], _ log: RunLog) {
        for (record, processed) in zip(records, batch) {
            if case .published(_, let publication) = processed.result { onVerdict(publication.verdictLine) }
            if let rejected = record.rejected {
                log.add(.warning, rejected.outcome.rawValue, rejected.sentence, path: record.path)
            }
            if record.earlier == .quarantined {
                log.add(
                    .info, "quarantinedBefore",
                    "quarantined in an earlier run and unchanged since; take it out of the drop, or use --again to have it looked at again",
                    path: record.path)
            }
            if let first = record.duplicateOf {
                log.add(
                    .info, "duplicate", "the same content as \(first), inspected as a part of its own",
                    path: record.path)
            }
        }
    }

    /// Moves a file that has its verdict out of the drop. A failure is a warning: the verdict stands, and the next run
    /// meets the file as already done and tries again.
    private func archive(
        _ record: OutcomeRecord, _ inputs: [InputRecord], into archive: String, _ folder: RunFolder,
        _ scanner: DropScanner, _ log: RunLog
    ) {
        guard record.outcome.isVerdict || (record.outcome == .alreadyDone && record.earlier == nil) else { return }
        // A folder per run: names repeat after a camera's power cycle, and nothing archived is ever overwritten.
        let target = archive + "/" + (folder.path.split(separator: "/").last.map(String.init) ?? "run")
        do { try scanner.archive(inputs[record.input].candidate, into: target) } catch {
            log.add(.warning, "archive", error.description, path: record.path)
        }
    }

    /// After a crash: files whose outcome was recorded but that were not moved yet.
    private func archiveEarlier(
        _ inputs: [InputRecord], upTo done: Int, _ folder: RunFolder, _ scanner: DropScanner, _ log: RunLog
    ) {
        guard let archive = options.archive, done > 0 else { return }
        try? RecordCoding.forEach(OutcomeRecord.self, in: folder.outcomes) { (record) throws(RunError) in
            self.archive(record, inputs, into: archive, folder, scanner, log)
        }
    }
}

/// The first thing that went wrong on any worker.
private final class FirstTrouble: Sendable {
    private let first = Mutex<String?>(nil)

    func note(_ sentence: String) { first.withLock { $0 = $0 ?? sentence } }

    var sentence: String? { first.withLock { $0 } }
}
