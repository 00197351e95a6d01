import Files
import Foundation
import Handover

/// One line of a ledger: what one run did with one input.
package struct LedgerEntry: Sendable, Equatable, Codable {
    /// See `PartIdentity.identity`; of a quarantined file that was never read `PartIdentity.unreadIdentity`.
    package let identity: String
    /// Path inside the drop, as text.
    package let path: String
    /// Content hash; nil for a file that was never read.
    package let sha256: String?
    package let outcome: Outcome
    /// The run's id.
    package let run: String
    /// Number of the input in its run, from 0.
    package let input: Int
    /// Model and recipe that judged, see `Ledger.judge`; nil for what is looked at again in any case.
    package let judge: String?
    /// ISO 8601, UTC.
    package let time: String

    package init(
        identity: String, path: String, sha256: String?, outcome: Outcome, run: String, input: Int, judge: String?,
        time: String
    ) {
        self.identity = identity
        self.path = path
        self.sha256 = sha256
        self.outcome = outcome
        self.run = run
        self.input = input
        self.judge = judge
        self.time = time
    }
}

/// The append-only record of what happened to every input of a line, over all runs: `runs/<line>/ledger.jsonl`, and
/// `ledger-<i>of<N>.jsonl` for a shard, because two machines cannot append to one file on a share. Every entry is on
/// the disk when `append` returns. One writer: the caller holds the `RunLock`.
package final class Ledger {
    /// Model and recipe as one word: a part is done when this judge has given a verdict on it or has quarantined it.
    package static func judge(modelSHA256: String, recipeSHA256: String) -> String {
        String(SHA256.hex(of: modelSHA256 + "\n" + recipeSHA256).prefix(16))
    }

    /// Inputs of the run `run` that are recorded already.
    package private(set) var recorded: Set<Int> = []
    private let file: AppendFile
    /// Parts with a verdict of this judge, by the first 128 bits of their identity: a ledger of a million lines costs
    /// some 40 MB this way.
    private var done: Set<UInt128> = []
    /// Files that this judge has quarantined, likewise.
    private var quarantined: Set<UInt128> = []

    /// Opens the ledger `name` in `folder` for the run `run`, cuts off a torn last line, and reads this ledger and
    /// those of other shards. Throws `LedgerError`; `damaged` when a whole line cannot be read.
    package init(folder: String, name: String = "ledger.jsonl", run: String, judge: String) throws(LedgerError) {
        do {
            try Folder.create(folder)
            file = try AppendFile(path: folder + "/" + name)
            let names = try Folder.entries(of: folder).map(\.name)
            for other in names where other.hasPrefix("ledger") && other.hasSuffix(".jsonl") {
                try read(folder + "/" + other, run: run, isOwn: other == name, judge: judge)
            }
        } catch let error as FileError {
            throw .file(error)
        } catch let error as LedgerError {
            throw error
        } catch {
            throw .damaged(path: folder + "/" + name, line: 0, problem: "\(error)")
        }
    }

    /// True when an earlier run of this judge has given a verdict on the part. What the present run records does not
    /// change the answer.
    package func isDone(identity: String) -> Bool {
        Self.key(identity).map(done.contains) ?? false
    }

    /// What is done, for workers on other threads.
    package var doneParts: DoneParts { DoneParts(judged: done, quarantined: quarantined) }

    /// Records entries, all with one sync. Throws `LedgerError`; nothing was recorded then.
    package func append(_ entries: [LedgerEntry]) throws(LedgerError) {
        let lines = entries.map(Self.line)
        do { try file.append(lines) } catch { throw .file(error) }
        for entry in entries { recorded.insert(entry.input) }
    }

    /// Calls `body` with every whole entry of the file at `path`, in order. Throws `LedgerError`.
    package static func forEach(in path: String, _ body: (LedgerEntry) -> Void) throws(LedgerError) {
        let decoder = JSONDecoder()
        do {
            var reader = try LineReader(path: path)
            while let line = try reader.next() {
                guard let entry = try? decoder.decode(LedgerEntry.self, from: line.bytes) else {
                    throw LedgerError.damaged(
                        path: path, line: line.number,
                        problem: "expected a JSON object with the ledger's fields, got "
                            + String(decoding: line.bytes.prefix(60), as: UTF8.self))
                }
                body(entry)
            }
        } catch let error as LedgerError {
            throw error
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .damaged(path: path, line: 0, problem: "\(error)")
        }
    }

    private func read(_ path: String, run: String, isOwn: Bool, judge: String) throws(LedgerError) {
        try Self.forEach(in: path) { entry in
            if isOwn && entry.run == run {
                recorded.insert(entry.input)
            } else if entry.judge == judge, let key = Self.key(entry.identity) {
                if entry.outcome.isVerdict { done.insert(key) }
                if entry.outcome == .quarantined { quarantined.insert(key) }
            }
        }
    }

    private static func line(_ entry: LedgerEntry) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(entry) else {
            preconditionFailure("Ledger: an entry of plain text and numbers always encodes, got \(entry)")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate static func key(_ identity: String) -> UInt128? { UInt128(identity.prefix(32), radix: 16) }
}

/// What earlier runs have dealt with; fixed at the start of a run, so that workers need no lock.
package struct DoneParts: Sendable {
    private let judged: Set<UInt128>
    private let quarantined: Set<UInt128>

    /// Nothing.
    package init() {
        judged = []
        quarantined = []
    }

    fileprivate init(judged: Set<UInt128>, quarantined: Set<UInt128>) {
        self.judged = judged
        self.quarantined = quarantined
    }

    /// True when the part with this identity needs no second verdict.
    package func contains(identity: String) -> Bool { Ledger.key(identity).map(judged.contains) ?? false }

    /// True when the file with this identity was refused for good and need not be looked at again.
    package func isQuarantined(identity: String) -> Bool { Ledger.key(identity).map(quarantined.contains) ?? false }
}
