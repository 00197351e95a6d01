import CLIP
import Checkpoint
import Foundation
import Pipeline
import Recipe
import Score
import Training

extension TrainVerb {
    /// A line that CLIP judges.
    func trainCLIP(_ recipe: Recipe, _ files: [String], _ console: Console) throws(VerbError) -> ExitCode {
        let encoderFile =
            recipe.hasOwnEncoder && recipe.encoder.source.hasPublishedWeights
            ? folders.resolve(recipe.encoder.file).path : nil
        // Only an encoder that learns here has something to go on from.
        let checkpoint: CheckpointFile? =
            recipe.hasOwnEncoder && recipe.encoder.source != .imported
            ? CheckpointFile(
                path: folders.model.appendingPathComponent(".training.safetensors").path,
                identity: try identity(recipe, files, encoderFile)) : nil
        if startsAfresh, let checkpoint { try forget(checkpoint) }
        let trained = try ShownTraining(
            recipe: recipe, encoderFile: encoderFile, textFolder: nil, workers: LineWork.workers(workers, recipe),
            nearestRate: false, checkpoint: checkpoint
        ).runCLIP(good: files, folder: folders.resolve(recipe.clip.folder).path, console: console)
        do throws(CheckpointError) {
            try LineBundle.write(
                trained.line, card: TrainedCard.card(trained, recipe, name: folders.line),
                precision: precision == .f16 ? .f16 : .f32, to: folders.model.path)
        } catch {
            throw .failed(error.description)
        }
        if let checkpoint { try forget(checkpoint) }
        tell(trained, recipe, console)
        return .done
    }

    private func tell(_ trained: TrainedCLIPLine, _ recipe: Recipe, _ console: Console) {
        let (sight, calibration) = (trained.line.sight, trained.line.calibration)
        if console.isJSON {
            console.result(
                JSONText.object([
                    "line": .text(folders.line), "model": .text(folders.model.path), "method": .text("clip"),
                    "clipSource": .text(recipe.clip.source.rawValue), "object": .text(sight.winclip.object),
                    "trainingImages": .number(Double(trained.trainingCount)),
                    "heldOutImages": .number(Double(trained.heldOutCount)),
                    "overkillRate": .number(calibration.overkillRate), "reviewThreshold": .number(calibration.review),
                    "failThreshold": .number(calibration.fail), "inputWidth": .number(Double(sight.inputWidth)),
                    "inputHeight": .number(Double(sight.inputHeight)), "trainSeconds": .number(trained.trainSeconds),
                ]).line)
            return
        }
        let source =
            recipe.clip.source == .published
            ? "published weights" : "trained here, on \(Wording.count(trained.trainingCount, "good image"))"
        console.result(
            Wording.table([
                ["judged by", "CLIP, \(source), prompts about \"\(sight.winclip.object)\"; regions get no names"],
                [
                    "calibrated",
                    "on \(trained.heldOutCount) others: \(Wording.percent(calibration.overkillRate)) of good parts are expected to fail",
                ],
                ["input", "\(sight.inputWidth) × \(sight.inputHeight) px"],
                ["took", Wording.duration(seconds: trained.trainSeconds)],
                ["model", folders.model.path],
                ["next", "nightshift run \(folders.line)"],
            ]))
    }
}
