import Files
import Foundation
import Handover
import Pipeline
import Publish

/// `calibration.json` of a run: the scores of the held-out good parts, so that the review page can be made again
/// without the model.
package struct CalibrationScores: Codable, Sendable {
    package static let path = "calibration.json"

    /// In units of the image score: 1 = the fail threshold.
    package let goodScores: [Double]

    package init(goodScores: [Double]) { self.goodScores = goodScores }

    /// The file of the run's folder.
    package var file: Publication.File {
        let text = JSONText.object(["goodScores": .list(goodScores.map { .number($0) })]).line
        return Publication.File(path: Self.path, bytes: Data((text + "\n").utf8))
    }

    /// That of a run; empty when it has none.
    package static func read(_ folder: RunFolder) -> CalibrationScores {
        let bytes = FileManager.default.contents(atPath: folder.path + "/" + path) ?? Data()
        return (try? JSONDecoder().decode(CalibrationScores.self, from: bytes)) ?? CalibrationScores(goodScores: [])
    }
}

/// A run's report.html, from the run's folder alone: `run` and `report` make the same bytes.
package enum ReviewPage {
    /// The page. A `Rejection` says which of the run's files cannot be read.
    package static func make(
        folder: RunFolder, record: RunRecord, calibration: CalibrationScores
    ) throws(Rejection) -> Data {
        var verdicts: [String] = []
        var setAside: [ReportContent.SetAside] = []
        do {
            try lines(folder.verdicts) { verdicts.append(String(decoding: $0, as: UTF8.self)) }
            let decoder = JSONDecoder()
            try lines(folder.outcomes) { line in
                let outcome = try decoder.decode(OutcomeRecord.self, from: line)
                if let rejected = outcome.rejected {
                    setAside.append(.init(path: outcome.path, rejection: rejected.rejection))
                }
            }
        } catch {
            throw Rejection(
                stage: .publish, outcome: .deferred, reason: .unreadable,
                sentence: "Expected verdicts.jsonl and outcomes.jsonl of a run in \(folder.path), but \(error).")
        }
        let counts = record.counts
        let content = ReportContent(
            line: record.line, runID: record.id, startedAt: record.start,
            counts: [
                .init(outcome: "pass", count: counts.pass), .init(outcome: "review", count: counts.review),
                .init(outcome: "fail", count: counts.fail), .init(outcome: "quarantined", count: counts.quarantined),
                .init(outcome: "deferred", count: counts.deferred),
                .init(outcome: "already done", count: counts.alreadyDone),
            ], verdictLines: verdicts, setAside: setAside, calibrationScores: calibration.goodScores,
            facts: facts(record))
        return ReportPage.render(content) { FileManager.default.contents(atPath: folder.path + "/" + $0) }
    }

    private static func facts(_ record: RunRecord) -> [ReportContent.Fact] {
        var facts: [ReportContent.Fact] = [
            .init(name: "drop", value: record.drop + (record.shard.map { ", share \($0)" } ?? "")),
            .init(name: "model", value: "\(record.model.name), SHA-256 \(record.model.sha256)"),
            .init(name: "recipe", value: "SHA-256 \(record.recipeSha256)"),
            .init(name: "machine", value: "\(record.host), \(record.cpu), \(record.workers) images at a time"),
        ]
        if let seconds = record.seconds {
            let speed = record.partsPerSecond.map { ", " + Wording.rate(perSecond: $0) } ?? ""
            facts.append(.init(name: "took", value: Wording.duration(seconds: seconds) + speed))
        }
        for (name, version) in record.versions.sorted(by: { $0.key < $1.key }) {
            facts.append(.init(name: name, value: version))
        }
        return facts
    }

    private static func lines(_ path: String, _ body: (Data) throws -> Void) throws {
        var reader = try LineReader(path: path)
        while let line = try reader.next() { try body(line.bytes) }
    }
}
