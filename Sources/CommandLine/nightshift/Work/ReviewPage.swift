import Files
import Foundation
import Handover
import Pipeline
import Publish
import Recipe

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
    /// Writes the page. Throws a `Rejection` that says which of the run's files cannot be read, or the `FileError` of
    /// the writing.
    package static func write(
        folder: RunFolder, record: RunRecord, calibration: CalibrationScores, to file: AtomicFileWriter
    ) throws {
        let counts = record.counts
        let verdicts = Lines(path: folder.verdicts)
        let content = ReportContent(
            line: record.line, runID: record.id, startedAt: record.start,
            counts: [
                .init(outcome: "pass", count: counts.pass), .init(outcome: "review", count: counts.review),
                .init(outcome: "fail", count: counts.fail), .init(outcome: "quarantined", count: counts.quarantined),
                .init(outcome: "deferred", count: counts.deferred),
                .init(outcome: "already done", count: counts.alreadyDone),
            ], verdictLines: verdicts, setAside: try setAside(folder), calibrationScores: calibration.goodScores,
            facts: facts(record))
        try ReportPage.write(
            content, read: { FileManager.default.contents(atPath: folder.path + "/" + $0) },
            put: { (piece) throws(FileError) in try file.append(Data(piece.utf8)) })
        if let problem = verdicts.problem { throw unreadable(folder, problem) }
    }

    private static func setAside(_ folder: RunFolder) throws(Rejection) -> [ReportContent.SetAside] {
        var setAside: [ReportContent.SetAside] = []
        let decoder = JSONDecoder()
        let outcomes = Lines(path: folder.outcomes)
        for line in outcomes {
            do {
                let outcome = try decoder.decode(OutcomeRecord.self, from: Data(line.utf8))
                if let rejected = outcome.rejected {
                    setAside.append(.init(path: outcome.path, rejection: rejected.rejection))
                }
            } catch {
                throw unreadable(folder, "\(error)")
            }
        }
        if let problem = outcomes.problem { throw unreadable(folder, problem) }
        return setAside
    }

    private static func unreadable(_ folder: RunFolder, _ problem: String) -> Rejection {
        Rejection(
            stage: .publish, outcome: .deferred, reason: .unreadable,
            sentence: "Expected verdicts.jsonl and outcomes.jsonl of a run in \(folder.path), but \(problem).")
    }

    private static func words(for method: String) -> String {
        switch Recipe.Method(rawValue: method) {
        case .vlJEPA: "VL-JEPA: embeddings of patches, predicted against seen"
        case .clip: "CLIP: pictures and windows against prompts, as WinCLIP does; regions get no names"
        case nil: method
        }
    }

    private static func facts(_ record: RunRecord) -> [ReportContent.Fact] {
        var facts: [ReportContent.Fact] = [
            .init(name: "drop", value: record.drop + (record.shard.map { ", share \($0)" } ?? "")),
            .init(name: "model", value: "\(record.model.name), SHA-256 \(record.model.sha256)"),
            .init(name: "recipe", value: "SHA-256 \(record.recipeSha256)"),
            .init(name: "machine", value: "\(record.host), \(record.cpu), \(record.workers) images at a time"),
        ]
        if let method = record.model.method { facts.insert(.init(name: "judged by", value: words(for: method)), at: 2) }
        if let seconds = record.seconds {
            let speed = record.partsPerSecond.map { ", " + Wording.rate(perSecond: $0) } ?? ""
            facts.append(.init(name: "took", value: Wording.duration(seconds: seconds) + speed))
        }
        for (name, version) in record.versions.sorted(by: { $0.key < $1.key }) {
            facts.append(.init(name: name, value: version))
        }
        return facts
    }
}

/// The lines of a file, one at a time; a sequence cannot throw, so what went wrong is said afterwards.
private final class Lines: Sequence {
    private let path: String
    /// Why the lines end early; nil when they do not.
    private(set) var problem: String?

    init(path: String) { self.path = path }

    func makeIterator() -> AnyIterator<String> {
        do throws(FileError) {
            let reader = OpenLines(try LineReader(path: path))
            return AnyIterator {
                do throws(FileError) { return try reader.next() } catch {
                    self.problem = error.description
                    return nil
                }
            }
        } catch {
            problem = error.description
            return AnyIterator { nil }
        }
    }
}

/// A `LineReader` in a box: closures cannot hold what cannot be copied.
private final class OpenLines {
    private var reader: LineReader

    init(_ reader: consuming LineReader) { self.reader = reader }

    func next() throws(FileError) -> String? {
        try reader.next().map { String(decoding: $0.bytes, as: UTF8.self) }
    }
}
