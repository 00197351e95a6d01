import Checkpoint
import Describe
import Files
import Foundation
import Handover
import Imaging
import Ledger
import Numerics
import Pipeline
import Publish
import Recipe
import Score

/// A line's nightly run put together: the recipe's limits, the model's inspectors, the publisher, and what the terminal
/// hears.
package struct NightWork: Sendable {
    package let model: LineBundle
    package let recipe: Recipe
    package let options: RunOptions
    package let stop = StopRequest()

    /// - Parameter options: with everything but the model's and the recipe's hashes decided by the verb.
    package init(model: LineBundle, recipe: Recipe, options: RunOptions) {
        self.model = model
        self.recipe = recipe
        self.options = options
    }

    /// The run, with nobody listening yet.
    package func run() -> NightlyRun {
        let publisher = Publisher(
            model: ModelStamp(
                name: model.card.name, version: model.card.createdAt, sha256: model.sha256,
                method: model.model.method.rawValue),
            recipeSha256: options.recipeSHA256, query: model.model.query?.text ?? recipe.query,
            tool: ToolStamp(name: "nightshift", version: Program.version),
            textSpace: model.model.language?.identity)
        let timings = Timings()
        let texts = LockedValue(SharedTexts.Counts())
        let model = model.model
        let limits = LineWork.limits(recipe)
        let stop = stop
        var run = NightlyRun(
            options: options, endsWhole: { ImageFormat.endsWhole($0) },
            makeInspector: {
                let inspector = model.inspector(limits: limits)
                return { (intake) throws(Rejection) in
                    if Interruption.isRequested { stop.raise() }
                    let part = try inspector.inspect(intake)
                    timings.note(inspector.timingsMs, of: intake.path)
                    texts.withLock { $0.add(inspector.textCounts) }
                    return part
                }
            },
            publish: { (part) throws(Rejection) in
                let intake = part.image.intake
                return try publisher.publish(
                    part, partID: PartIdentity.partID(of: intake), timingsMs: timings.take(intake.path))
            })
        run.stop = stop
        run.closingNote = {
            let counts = texts.withLock { $0 }
            guard counts.decoded + counts.shared > 0 else { return nil }
            return "\(counts.decoded) texts decoded, \(counts.shared) shared with the part before"
        }
        let goodScores = model.calibration.goodScores.map { model.calibration.score(raw: $0) }
        let calibration = CalibrationScores(goodScores: goodScores)
        run.closingFiles =
            [VerdictSchema.file, calibration.file].map { file in
                ClosingFile(path: file.path) { (_, _, writer) in try writer.append(file.bytes) }
            } + [
                ClosingFile(path: ReportPage.path) { (folder, record, writer) in
                    try ReviewPage.write(folder: folder, record: record, calibration: calibration, to: writer)
                }
            ]
        return run
    }
}

/// The stages' times of parts between their inspection and their publication: both happen on the same worker, one after
/// the other.
private final class Timings: Sendable {
    private let byPath = LockedValue<[String: [String: Double]]>([:])

    func note(_ timings: [String: Double], of path: String) { byPath.withLock { $0[path] = timings } }

    func take(_ path: String) -> [String: Double] { byPath.withLock { $0.removeValue(forKey: path) } ?? [:] }
}
