import Checkpoint
import Files
import Foundation
import Pipeline
import Recipe
import Score
import Training

extension TrainVerb {
    /// One network for several lines, a bundle for each.
    func trainTogether(_ console: Console) throws(VerbError) -> ExitCode {
        var prepared: [(folders: LineFolders, recipe: Recipe, files: [String])] = []
        for folders in lines {
            var (recipe, files) = try prepare(folders, console)
            guard recipe.method == .vlJEPA else {
                throw .failed(
                    "line \(folders.line): expected method \"vl-jepa\" of lines that are trained together, got "
                        + "\"\(recipe.method.rawValue)\"; train it alone, or change its recipe")
            }
            // The card and the queries know a line by the name that people type.
            recipe.line = folders.line
            prepared.append((folders, recipe, files))
        }
        let queries: LineQueries
        do throws(TrainingError) {
            queries = try LineQueries(
                prepared.map { line in
                    var recipe = line.recipe
                    // The same weights may lie elsewhere as seen from another recipe.
                    if recipe.encoder.source.hasPublishedWeights {
                        recipe.encoder.file = line.folders.resolve(recipe.encoder.file).path
                    }
                    return recipe
                })
        } catch {
            throw .failed(error.description)
        }
        let checkpoint = CheckpointFile(
            path: lines[0].model.appendingPathComponent(".training-together.safetensors").path,
            identity: try identity(prepared))
        if startsAfresh { try forget(checkpoint) }
        let trainings = prepared.map { line in
            ShownTraining(
                recipe: line.recipe, encoderFile: encoderFile(line.recipe, line.folders),
                textFolder: textFolder(line.recipe, line.folders),
                examplesFolder: examplesFolder(line.recipe, line.folders),
                workers: LineWork.workers(workers, line.recipe), nearestRate: false, checkpoint: checkpoint)
        }
        let trained = try trainings[0].run(
            good: prepared.map(\.files), with: Array(trainings.dropFirst()), queries: queries, console: console)
        var cards: [ModelCard] = []
        for (line, result) in zip(prepared, trained) {
            cards.append(try write(result, line.recipe, to: line.folders))
        }
        try forget(checkpoint)
        tell(trained, cards, console)
        return .done
    }

    private func encoderFile(_ recipe: Recipe, _ folders: LineFolders) -> String? {
        recipe.encoder.source.hasPublishedWeights ? folders.resolve(recipe.encoder.file).path : nil
    }

    /// SHA-256 over what each line's training alone would be about.
    private func identity(
        _ lines: [(folders: LineFolders, recipe: Recipe, files: [String])]
    ) throws(VerbError) -> String {
        var text = "together"
        for line in lines {
            text += "\n" + (try identity(line.recipe, line.files, encoderFile(line.recipe, line.folders)))
        }
        return SHA256.hex(of: text)
    }

    private func tell(_ trained: [TrainedLine], _ cards: [ModelCard], _ console: Console) {
        let weights = cards[0].files[ModelBundle.weightsFile] ?? ""
        if console.isJSON {
            let list = zip(zip(lines, trained), cards).map { pair, card in
                let (folders, line) = pair
                return JSONText.object([
                    "line": .text(folders.line), "model": .text(folders.model.path),
                    "query": .text(line.model.query?.text ?? ""),
                    "trainingImages": .number(Double(line.trainingCount)),
                    "heldOutImages": .number(Double(line.heldOutCount)),
                    "overkillRate": .number(line.model.statistics.overkillRate),
                    "reviewThreshold": .number(line.model.statistics.review),
                    "failThreshold": .number(line.model.statistics.fail),
                    "recipeSha256": .text(card.recipeSHA256), "dataSha256": .text(card.dataSHA256),
                ])
            }
            console.result(
                JSONText.object([
                    "lines": .list(list), "weightsSha256": .text(weights),
                    "samples": .number(Double(trained[0].samples)),
                    "imagesPerSecond": .number(trained[0].imagesPerSecond),
                    "trainSeconds": .number(trained[trained.count - 1].trainSeconds),
                ]).line)
            return
        }
        let images = trained.reduce(0) { $0 + $1.trainingCount }
        var rows = [
            ["learned", "\(trained[0].samples) views of \(Wording.count(images, "good image"))"],
            ["took", Wording.duration(seconds: trained[trained.count - 1].trainSeconds)],
            ["weights", "the same in all bundles, SHA-256 \(weights)"],
        ]
        for (folders, line) in zip(lines, trained) {
            rows.append([
                folders.line,
                "\"\(line.model.query?.text ?? "")\": calibrated on \(line.heldOutCount) others, at most "
                    + "\(percent(line.model)) of good parts will fail; \(folders.model.path)",
            ])
        }
        rows.append(["next", lines.map { "nightshift run \($0.line)" }.joined(separator: "; ")])
        console.result(Wording.table(rows))
    }
}
