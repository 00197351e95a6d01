import Files
import Foundation
import Handover
import Ingest
import Ledger

/// What a worker found out about one input.
struct Processed: Sendable {
    enum Result: Sendable {
        case published(Verdict, Publication)
        case rejected(Rejection)
        /// `earlier`: `quarantined`, or nil for a part with a verdict.
        case alreadyDone(earlier: Outcome?)
    }

    /// nil when the file was never read whole.
    let sha256: String?
    let result: Result
}

/// Writes outcomes, in the order of the inputs, on one thread. For each batch: the parts' files, then the verdicts,
/// then the outcomes, then the ledger, each on the disk before the next begins. So after a crash the later ones hold a
/// beginning of the earlier ones, and `init` brings them to the same length again.
final class OutcomeWriter {
    private let folder: RunFolder
    private let runID: String
    private let judge: String
    private let outcomes: AppendFile
    private let verdicts: AppendFile
    private let ledger: Ledger
    /// First path of every content of this run, by the first 128 bits of its hash.
    private var pathByContent: [UInt128: String] = [:]
    private var madeFolders: Set<String> = []
    /// Inputs that are done: 0..<done.
    private(set) var done = 0
    private(set) var counts = RunCounts()
    private(set) var duplicates = 0
    private(set) var stillQuarantined = 0

    /// Parts that earlier runs have judged.
    var doneParts: DoneParts { ledger.doneParts }

    /// Opens the records of a run, and after a crash makes them agree. Throws `RunError`.
    init(
        folder: RunFolder, runID: String, inputs: [InputRecord], judge: String, lineFolder: String, ledgerName: String,
        isResumed: Bool
    ) throws(RunError) {
        self.folder = folder
        self.runID = runID
        self.judge = judge
        do throws(FileError) {
            outcomes = try AppendFile(path: folder.outcomes)
            verdicts = try AppendFile(path: folder.verdicts)
        } catch {
            throw .file(error)
        }
        do { ledger = try Ledger(folder: lineFolder, name: ledgerName, run: runID, judge: judge) } catch {
            throw RunError(error)
        }
        var kept: Set<String> = []
        var missing: [LedgerEntry] = []
        let now = RunOpening.timestamp(Date())
        try RecordCoding.forEach(OutcomeRecord.self, in: folder.outcomes) { (record) throws(RunError) in
            guard record.input == done, done < inputs.count, record.path == inputs[done].path else {
                throw .damaged(
                    path: folder.outcomes, problem: "expected the outcome of input \(done), got \(record.input)")
            }
            for file in record.files { kept.insert(file.path) }
            note(record)
            if !ledger.recorded.contains(record.input) {
                missing.append(entry(record, inputs[record.input], time: now))
            }
        }
        guard ledger.recorded.allSatisfy({ $0 < done }) else {
            throw .damaged(
                path: folder.outcomes,
                problem: "the ledger knows input \(ledger.recorded.max() ?? 0) of this run, the file ends before it")
        }
        do { try ledger.append(missing) } catch { throw RunError(error) }
        try cutVerdicts()
        if isResumed {
            do { try folder.removeUnrecorded(kept: kept) } catch { throw .file(error) }
        }
    }

    /// Records the next outcomes: `first` must equal `done`. Gives back what was written. Throws `RunError`; then
    /// nothing more may be written, and a resumed run repairs what is half done.
    func write(first: Int, _ batch: [Processed], inputs: [InputRecord]) throws(RunError) -> [OutcomeRecord] {
        precondition(first == done, "OutcomeWriter: expected input \(done), got \(first)")
        var records: [OutcomeRecord] = []
        var lines: [String] = []
        var folders: Set<String> = []
        for (offset, processed) in batch.enumerated() {
            let (record, verdictLine, files) = describe(inputs[first + offset], processed)
            for file in files { folders.insert(try put(file)) }
            note(record)
            records.append(record)
            if let verdictLine { lines.append(verdictLine) }
        }
        let now = RunOpening.timestamp(Date())
        do throws(FileError) {
            for folder in folders.sorted() { try Folder.synchronise(folder) }
            try verdicts.append(lines)
            try outcomes.append(records.map(RecordCoding.line))
        } catch {
            throw .file(error)
        }
        do { try ledger.append(records.map { entry($0, inputs[$0.input], time: now) }) } catch { throw RunError(error) }
        return records
    }

    private func describe(
        _ input: InputRecord, _ processed: Processed
    ) -> (OutcomeRecord, verdictLine: String?, [Publication.File]) {
        let part = PartIdentity.partID(path: input.path, sha256: processed.sha256)
        let duplicateOf = processed.sha256.flatMap(Self.contentKey).flatMap { pathByContent[$0] }
        func record(
            _ outcome: Outcome, rejected: RejectionRecord? = nil, files: [Publication.File] = [], csv: String? = nil,
            earlier: Outcome? = nil
        ) -> OutcomeRecord {
            OutcomeRecord(
                input: input.input, path: input.path, part: part, outcome: outcome, sha256: processed.sha256,
                rejected: rejected, duplicateOf: duplicateOf,
                files: files.map { .init(path: $0.path, sha256: SHA256.hex(of: $0.bytes), bytes: $0.bytes.count) },
                csv: csv, earlier: earlier)
        }
        switch processed.result {
        case .published(let verdict, let publication):
            let made = record(Outcome(verdict), files: publication.files, csv: publication.csvRow)
            return (made, publication.verdictLine, publication.files)
        case .alreadyDone(let earlier):
            return (record(.alreadyDone, earlier: earlier), nil, [])
        case .rejected(let rejection):
            let why = RejectionRecord(rejection)
            guard rejection.outcome == .quarantined else { return (record(.deferred, rejected: why), nil, []) }
            let note = QuarantineNote(
                part: part, path: input.path, sha256: processed.sha256, bytes: input.size, stage: why.stage,
                reason: why.reason, sentence: why.sentence)
            let file = Publication.File(path: "quarantine/\(part).json", bytes: RecordCoding.document(note))
            return (record(.quarantined, rejected: why, files: [file]), nil, [file])
        }
    }

    /// Writes one file and gives back its folder, which is to be synced before the part is recorded.
    private func put(_ file: Publication.File) throws(RunError) -> String {
        precondition(
            !file.path.hasPrefix("/") && !file.path.split(separator: "/").contains(".."),
            "OutcomeWriter: expected a path inside the run's folder, got \(file.path)")
        let path = folder.path + "/" + file.path
        let parent = Folder.parent(of: path)
        do {
            if madeFolders.insert(parent).inserted { try Folder.create(parent) }
            let writer = try AtomicFileWriter(path: path)
            try writer.append(file.bytes)
            try writer.finish(syncsFolder: false)
        } catch {
            throw .file(error)
        }
        return parent
    }

    /// Takes a recorded outcome into the counts.
    private func note(_ record: OutcomeRecord) {
        counts.add(record.outcome)
        if record.duplicateOf != nil { duplicates += 1 }
        if record.earlier == .quarantined { stillQuarantined += 1 }
        if let content = record.sha256.flatMap(Self.contentKey), pathByContent[content] == nil {
            pathByContent[content] = record.path
        }
        done += 1
    }

    private static func contentKey(_ sha256: String) -> UInt128? { UInt128(sha256.prefix(32), radix: 16) }

    private func entry(_ record: OutcomeRecord, _ input: InputRecord, time: String) -> LedgerEntry {
        let isFinal = record.outcome.isVerdict || record.outcome == .quarantined
        let identity =
            record.outcome == .quarantined && record.sha256 == nil
            ? input.unreadIdentity : PartIdentity.identity(path: record.path, sha256: record.sha256)
        return LedgerEntry(
            identity: identity, path: record.path, sha256: record.sha256, outcome: record.outcome, run: runID,
            input: record.input, judge: isFinal ? judge : nil, time: time)
    }

    /// Cuts verdicts whose outcome was not recorded: their parts are inspected again.
    private func cutVerdicts() throws(RunError) {
        var end = 0
        var lines = 0
        do {
            var reader = try LineReader(path: folder.verdicts)
            while lines < counts.inspected, let line = try reader.next() {
                lines += 1
                end = line.end
            }
            guard lines == counts.inspected else {
                throw RunError.damaged(
                    path: folder.verdicts, problem: "expected \(counts.inspected) verdicts, got \(lines)")
            }
            if end < verdicts.length { try verdicts.cut(to: end) }
        } catch let error as FileError {
            throw .file(error)
        } catch let error as RunError {
            throw error
        } catch {
            throw .damaged(path: folder.verdicts, problem: "\(error)")
        }
    }
}

/// quarantine/<part>.json: why a file got no verdict. The file itself stays in the drop.
struct QuarantineNote: Codable {
    let part: String
    let path: String
    let sha256: String?
    let bytes: Int
    let stage: Rejection.Stage
    let reason: Rejection.Reason
    let sentence: String
}
