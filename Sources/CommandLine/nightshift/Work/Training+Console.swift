import Contrast
import Defects
import Foundation
import Numerics
import Pipeline
import Recipe
import Training

/// The training of one line or of several together, as the terminal shows it.
package struct ShownTraining: Sendable {
    package let recipe: Recipe
    package let encoderFile: String?
    package let textFolder: String?
    /// Known defects of the line; nil without.
    package var examplesFolder: String?
    package let workers: Int
    package let nearestRate: Bool
    package let checkpoint: CheckpointFile?

    /// Trains, with progress bars on a terminal and plain lines elsewhere.
    package func run(good: [String], console: Console) throws(VerbError) -> TrainedLine {
        try shown(console) { report in
            try trainer.run(
                good: good, checkpoint: checkpoint, report: report, shouldStop: { Interruption.isRequested })
        }
    }

    /// Trains one network for this line and others; each of `others` brings its recipe and files, the rest is this one's.
    package func run(
        good: [[String]], with others: [ShownTraining], queries: LineQueries, console: Console
    ) throws(VerbError) -> [TrainedLine] {
        try shown(console) { report in
            try LineTrainer.run(
                [trainer] + others.map(\.trainer), good: good, queries: queries, checkpoint: checkpoint, report: report,
                shouldStop: { Interruption.isRequested })
        }
    }

    /// Learns names for a model that is trained already.
    package func learnLanguage(
        of model: LoadedModel, good: [String], console: Console
    ) throws(VerbError) -> ModelLanguage? {
        try shown(console) { report in try trainer.learnLanguage(of: model, good: good, report: report) }
    }

    /// Makes a line that CLIP judges.
    /// - Parameter folder: of the published weights, where the recipe wants them.
    package func runCLIP(good: [String], folder: String, console: Console) throws(VerbError) -> TrainedCLIPLine {
        try shown(console) { report in
            try CLIPLineTrainer(
                recipe: recipe, encoderFile: encoderFile, folder: folder, workers: workers, nearestRate: nearestRate
            ).run(
                good: good, checkpoint: checkpoint, report: report, shouldStop: { Interruption.isRequested })
        }
    }

    private var trainer: LineTrainer {
        LineTrainer(
            recipe: recipe, encoderFile: encoderFile, textFolder: textFolder, examplesFolder: examplesFolder,
            workers: workers, nearestRate: nearestRate)
    }

    private func shown<Result>(
        _ console: Console, _ work: (@escaping @Sendable (TrainingEvent) -> Void) throws -> Result
    ) throws(VerbError) -> Result {
        let bars = LockedValue<[String: ProgressBar]>([:])
        @Sendable func show(_ event: TrainingEvent) {
            func bar(_ label: String, _ total: Double, showsRate: Bool = true) -> ProgressBar {
                bars.withLock { bars in
                    if let bar = bars[label] { return bar }
                    let bar = ProgressBar(label, total: total, showsRate: showsRate, console: console)
                    bars[label] = bar
                    return bar
                }
            }
            // The next line's bar is another one.
            func finish(_ label: String) { bars.withLock { $0.removeValue(forKey: label)?.finish() } }
            switch event {
            case .reading(let done, let total):
                bar("reading", Double(total)).update(Double(done))
                if done == total { finish("reading") }
            case .skipped(let path, let why): console.warn("\(path): \(why); left out")
            case .started(let training, let heldOut, let step):
                console.say(
                    "learning from \(Wording.count(training, "good image")), \(heldOut) held out for calibration"
                        + (step > 0 ? "; going on from step \(step)" : ""))
                let needed = CalibrationMemory.bytes(recipe, heldOut: heldOut)
                let free = Machine.current().availableMemory
                if free > 0, needed > free {
                    console.warn(
                        "calibration will need about \(Wording.bytes(needed)) of memory, \(Wording.bytes(free)) are "
                            + "free; fewer tiles, a smaller image.width and height, or a smaller calibration.heldOutFraction "
                            + "need less")
                }
            case .progress(let progress):
                let hidden = (progress.losses.hidden / max(progress.losses.constant, 1e-9) * 1000).rounded() / 1000
                bar("learning", recipe.training.minutes * 60, showsRate: false).update(
                    progress.fraction * recipe.training.minutes * 60,
                    note: "error \(hidden) of a constant's, "
                        + "\((progress.imagesPerSecond * 10).rounded() / 10) images/s, "
                        + "rank \(Int(progress.effectiveRank))")
            case .calibrating(let done, let total):
                if done == 1 { finish("learning") }
                bar("calibrating", Double(total)).update(Double(done))
                if done == total { finish("calibrating") }
            case .line(let line):
                finish("learning")
                console.say("line \(line)")
            case .captioning(let done, let total):
                if done == 1 { finish("learning") }
                bar("captioning", Double(total)).update(Double(done))
                if done == total { finish("captioning") }
            case .contrasting(let done, let total):
                bar("training CLIP", Double(total)).update(Double(done))
                if done == total { finish("training CLIP") }
            case .naming(let done, let total):
                bar("naming", Double(total)).update(Double(done))
                if done == total { finish("naming") }
            case .named(let right, let count):
                console.say(
                    "names: \(Wording.percent(right)) of \(count) painted places, kept back from learning, got their own "
                        + "of \(PaintedKind.allCases.count) kinds")
            case .namedKnown(let right, let count):
                console.say(
                    "names: \(Wording.percent(right)) of \(Wording.count(count, "known defect")), kept back from learning, "
                        + "got their own")
            case .rate(let asked, let taken, let heldOut):
                console.warn(
                    "an overkill rate of \(asked) needs more than \(heldOut) held-out good images; "
                        + "the nearest rate they allow is taken: \((taken * 10_000).rounded() / 10_000)")
            }
        }
        do {
            return try work({ show($0) })
        } catch TrainingError.checkpointMismatch(let path, _, _) {
            throw .failed(
                "\(path) is the checkpoint of another training: the recipe, the good images or the options have changed "
                    + "since; train as before to go on from it, or forget it with --fresh")
        } catch TrainingError.stopped {
            throw .interrupted(TrainingError.stopped.description)
        } catch CLIPTrainingError.stopped {
            throw .interrupted(CLIPTrainingError.stopped.description)
        } catch {
            throw .failed("\(error)")
        }
    }
}
