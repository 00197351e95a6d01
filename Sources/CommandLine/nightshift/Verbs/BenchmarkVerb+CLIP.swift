import CLIP
import Checkpoint
import Evaluation
import Foundation
import Imaging
import Pipeline
import Recipe
import Score
import Training

extension BenchmarkVerb {
    /// The same with CLIP as the judge: one line of JSON. What needs predictions beside it is refused.
    func runCLIP(
        _ recipe: Recipe, _ dataset: DatasetFolder, _ set: LabelledSet, workers: Int, _ console: Console
    ) throws(VerbError) -> ExitCode {
        guard !compares, !robustness, !measuresNames else {
            throw .failed(
                "--compare, --robustness and --names need a model that predicts: leave out --method clip; --compare --clip "
                    + "then has CLIP beside it")
        }
        let trained = try ShownTraining(
            recipe: recipe, encoderFile: encoder, textFolder: nil, workers: workers, nearestRate: true,
            checkpoint: nil
        ).runCLIP(good: dataset.train, folder: recipe.clip.folder, console: console)
        let inspection = try TestInspection.run(
            set, model: .clip(trained.line), limits: .init(recipe.limits), workers: workers, console: console)
        if let keep {
            try self.keep(inspection, in: keep) { () throws(CheckpointError) in
                try LineBundle.write(
                    trained.line, card: TrainedCard.card(trained, recipe, name: recipe.line), to: keep)
            }
        }
        let sight = trained.line.sight
        var line = facts(recipe, inspection.result, overkillRate: trained.line.calibration.overkillRate)
            .merging(Self.figures(inspection, trainSeconds: trained.trainSeconds)) { $1 }
        line["method"] = .text(Recipe.Method.clip.rawValue)
        line["clip"] = .text(recipe.clip.source.rawValue)
        line["object"] = .text(sight.winclip.object)
        line["input"] = .text("\(sight.inputWidth)x\(sight.inputHeight)")
        if sight.encoder == nil { line["encoder"] = .text("published CLIP") }
        console.result(JSONText.object(line).line)
        return .done
    }
}
