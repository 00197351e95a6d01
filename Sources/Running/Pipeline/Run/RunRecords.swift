import Files
import Foundation
import Handover
import Ingest
import Ledger

/// One line of inputs.jsonl: what the scan found. Written before the first part is inspected, so a run that is
/// resumed works through the same list, and the list proves that no input was lost.
package struct InputRecord: Sendable, Equatable, Codable {
    package let input: Int
    package let path: String
    package let size: Int
    /// Nanoseconds since 1970.
    package let modified: Int64
    package let stillSeconds: Double
    package let refused: RejectionRecord?

    init(input: Int, candidate: Candidate) {
        self.input = input
        path = candidate.path
        size = candidate.size
        modified = candidate.modified
        stillSeconds = candidate.stillSeconds
        refused = candidate.rejection.map(RejectionRecord.init)
    }

    /// The file's identity in the ledger when it is refused without being read.
    var unreadIdentity: String { PartIdentity.unreadIdentity(path: path, size: size, modified: modified) }

    var candidate: Candidate {
        Candidate(
            path: path, size: size, modified: modified, stillSeconds: stillSeconds, rejection: refused?.rejection)
    }
}

/// A rejection as it is written.
package struct RejectionRecord: Sendable, Equatable, Codable {
    package let stage: Rejection.Stage
    package let outcome: Rejection.Outcome
    package let reason: Rejection.Reason
    package let sentence: String

    package init(_ rejection: Rejection) {
        stage = rejection.stage
        outcome = rejection.outcome
        reason = rejection.reason
        sentence = rejection.sentence
    }

    package var rejection: Rejection {
        Rejection(stage: stage, outcome: outcome, reason: reason, sentence: sentence)
    }
}

/// One line of outcomes.jsonl: what became of one input. The line is written after the files and the verdict, so it
/// is the point at which an input is done. It holds no time: the same drop gives the same bytes.
package struct OutcomeRecord: Sendable, Equatable, Codable {
    /// A file of the run's folder that belongs to the part.
    package struct File: Sendable, Equatable, Codable {
        package let path: String
        package let sha256: String
        package let bytes: Int
    }

    package let input: Int
    package let path: String
    package let part: String
    package let outcome: Outcome
    /// nil for a file that was never read whole.
    package let sha256: String?
    package let rejected: RejectionRecord?
    /// Path of the first input of this run with the same content.
    package let duplicateOf: String?
    package let files: [File]
    /// The part's row of summary.csv.
    package let csv: String?
    /// With `alreadyDone`: `quarantined` when what stands is no verdict but a refusal of an earlier run.
    package let earlier: Outcome?
}

/// run.json: what ran, with what, and what it came to.
package struct RunRecord: Sendable, Equatable, Codable {
    /// `running`, `interrupted` and `failed` runs are continued by the next `run`; `abandoned` ones were begun with
    /// another recipe, model or drop and stay as they are.
    package enum State: String, Sendable, Codable { case running, interrupted, failed, done, abandoned }

    package struct Model: Sendable, Equatable, Codable {
        package let name: String
        package let sha256: String
        /// What it judges by, "vl-jepa" or "clip"; nil in runs of before there was a choice.
        package let method: String?

        package init(name: String, sha256: String, method: String? = nil) {
            self.name = name
            self.sha256 = sha256
            self.method = method
        }
    }

    package var schema = 1
    package let id: String
    package let line: String
    package var state: State
    /// Why the run stopped, when it failed.
    package var problem: String?
    package let drop: String
    package let shard: String?
    /// ISO 8601, UTC.
    package let start: String
    /// When later processes took the run up again.
    package var resumed: [String] = []
    package var end: String?
    /// Seconds that this run's last process worked, and the parts it gave a verdict per second.
    package var seconds: Double?
    package var partsPerSecond: Double?
    /// Names the scan found; equals the sum of `counts` when the run is done.
    package let inputs: Int
    package var counts = RunCounts()
    package var duplicates = 0
    /// Of those already done, the files that an earlier run has quarantined; nil in runs before there were such.
    package var stillQuarantined: Int?
    /// Regions of flagged parts that have an embedding to be found by; nil in runs before there were such.
    package var describedRegions: Int?
    package let recipeSha256: String
    package let model: Model
    package let versions: [String: String]
    package let host: String
    package let cpu: String
    package let cores: Int
    package var workers: Int
    /// SHA-256 of the run's own files by name, once it is done.
    package var files: [String: String] = [:]

    /// True when the next run takes it up again.
    var isUnfinished: Bool { state == .running || state == .interrupted || state == .failed }
}

/// How records become lines: keys sorted, so that equal records are equal bytes.
enum RecordCoding {
    static func line(_ record: some Encodable) -> String {
        String(decoding: encoded(record, [.sortedKeys, .withoutEscapingSlashes]), as: UTF8.self)
    }

    static func document(_ record: some Encodable) -> Data {
        encoded(record, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]) + Data("\n".utf8)
    }

    /// Calls `body` with every record of a file of lines. Throws `RunError.damaged` with the number of a bad line.
    static func forEach<Record: Decodable>(
        _ type: Record.Type, in path: String, _ body: (Record) throws(RunError) -> Void
    ) throws(RunError) {
        let decoder = JSONDecoder()
        do {
            var reader = try LineReader(path: path)
            while let line = try reader.next() {
                guard let record = try? decoder.decode(type, from: line.bytes) else {
                    throw RunError.damaged(
                        path: path, problem: "line \(line.number) is not what nightshift writes there")
                }
                try body(record)
            }
        } catch let error as FileError {
            throw .file(error)
        } catch let error as RunError {
            throw error
        } catch {
            throw .damaged(path: path, problem: "\(error)")
        }
    }

    private static func encoded(_ record: some Encodable, _ format: JSONEncoder.OutputFormatting) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        // Times are text and numbers are measured; only a NaN could fail here, and none gets this far.
        guard let bytes = try? encoder.encode(record) else {
            preconditionFailure("RecordCoding: expected finite numbers in \(record)")
        }
        return bytes
    }
}
