import Files
import Foundation
import Handover
import Imaging
import Ledger
import Testing

@testable import Pipeline

/// A line on the disk: a drop to fill and a folder for its runs. The inspector judges by the first letter of a file
/// (p, r, f; anything else is damaged): what is tested here is the run around it.
struct TestLine: Sendable {
    let path: String
    var drop: String { path + "/drop" }
    var runs: String { path + "/runs" }

    init(path: String) throws {
        self.path = path
        try Folder.create(path + "/drop")
    }

    func put(_ name: String, _ text: String) throws {
        try Folder.create(Folder.parent(of: drop + "/" + name))
        try Data(text.utf8).write(to: URL(fileURLWithPath: drop + "/" + name))
    }

    /// Parts of every outcome, `count` in all, in three cameras' folders.
    func fill(_ count: Int) throws {
        for number in 0..<count {
            let kind = ["pass", "fail", "pass", "review", "x damaged", "pass", "", "pass"][number % 8]
            let name = "cam\(number % 3)/part \(number)" + (number % 16 == 2 ? ".png.part" : ".png")
            try put(name, kind.isEmpty ? "" : "\(kind) \(number % 16 == 0 ? "same" : "\(number)")")
        }
    }

    func options(workers: Int = 2) -> RunOptions {
        var options = RunOptions(
            line: "test", drop: drop, folder: runs, settleSeconds: 0, maxBytes: 1_000_000, recipeSHA256: "recipe",
            modelName: "none", modelSHA256: "model", csvHeader: "part,verdict")
        options.workers = workers
        // Files written a moment ago have settled.
        options.now = Date().addingTimeInterval(1)
        return options
    }

    func run(
        _ options: RunOptions? = nil, pause: Double = 0, fileBytes: Int = 10,
        change: (inout NightlyRun) -> Void = { _ in }
    ) throws -> RunSummary {
        var run = NightlyRun(
            options: options ?? self.options(), endsWhole: { _ in true },
            makeInspector: { { (intake) throws(Rejection) in try TestLine.inspect(intake, pause: pause) } },
            publish: { (part) throws(Rejection) in TestLine.publish(part, fileBytes: fileBytes) })
        change(&run)
        return try run.run()
    }

    /// Every file of a run that must not depend on time, workers or crashes.
    func snapshot(_ folder: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        let all = try FileManager.default.subpathsOfDirectory(atPath: folder)
        for name in all where !["run.json", "log.jsonl", "metrics.prom"].contains(name) {
            var found = stat()
            guard lstat(folder + "/" + name, &found) == 0, found.st_mode & S_IFMT == S_IFREG else { continue }
            files[name] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
        }
        return files
    }

    /// The ledger's entries of a run: input and outcome.
    func ledger(_ run: String) throws -> [Int: Outcome] {
        var found: [Int: Outcome] = [:]
        try Ledger.forEach(in: runs + "/ledger.jsonl") { entry in
            guard entry.run == run else { return }
            if found.updateValue(entry.outcome, forKey: entry.input) != nil {
                Issue.record("input \(entry.input) is in the ledger twice")
            }
        }
        return found
    }

    static func inspect(_ intake: Intake, pause: Double) throws(Rejection) -> ScoredPart {
        if pause > 0 { Thread.sleep(forTimeInterval: pause) }
        let verdict: Verdict
        switch intake.bytes.first {
        case UInt8(ascii: "p"): verdict = .pass
        case UInt8(ascii: "r"): verdict = .review
        case UInt8(ascii: "f"): verdict = .fail
        default:
            throw Rejection(
                stage: .decode, outcome: .quarantined, reason: .damaged,
                sentence: "expected a letter, got something else")
        }
        let image = DecodedImage(
            intake: intake, picture: Image(width: 1, height: 1, colour: [0]), pixels: [0, 0, 0],
            geometry: Geometry(originalWidth: 1, originalHeight: 1, inputWidth: 1, inputHeight: 1, patchSize: 1))
        return ScoredPart(
            image: image, anomalyMap: [0], rawScore: 0, score: 0, pValue: 1, verdict: verdict,
            thresholds: Thresholds(review: 0.8, fail: 1, overkillRate: 0.01), regions: [])
    }

    static func publish(_ part: ScoredPart, fileBytes: Int) -> Publication {
        let intake = part.image.intake
        let id = PartIdentity.partID(of: intake)
        let bytes = Data((intake.sha256 + intake.path).utf8) + Data(count: fileBytes)
        var files = [Publication.File(path: "heatmaps/\(id).png", bytes: bytes)]
        if part.verdict != .pass {
            files.append(Publication.File(path: "flagged/\(id)/panel.png", bytes: bytes))
        }
        return Publication(
            files: files,
            verdictLine: """
                {"part":{"id":"\(id)","path":"\(intake.path)","sha256":"\(intake.sha256)"},\
                "verdict":"\(part.verdict.rawValue)","heatmap":{"path":"heatmaps/\(id).png"}}
                """,
            csvRow: "\(id),\(part.verdict.rawValue)")
    }
}
