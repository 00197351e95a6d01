import Checkpoint
import Files
import Foundation
import Ledger
import Network
import Pipeline
import Recipe
import Score
import Training

/// `nightshift train LINE`
package struct TrainVerb: Verb {
    /// How the bundle's weights are stored.
    package enum Precision: String, Sendable, CaseIterable { case f32, f16 }

    package let folders: LineFolders
    /// Instead of the recipe's `good`.
    package let good: String?
    /// Instead of the recipe's `training.minutes`.
    package let minutes: Double?
    /// Instead of the recipe's `workers`.
    package let workers: Int?
    package let startsAfresh: Bool
    package let precision: Precision
    /// Learn names anew for the model that is there, and nothing else.
    package let onlyLanguage: Bool

    package static let description = VerbDescription(
        name: "train", summary: "learn a line from its good images and calibrate its thresholds",
        explanation: [
            "Reads pipelines/LINE/recipe.json5 and the good images it names, learns to predict hidden patches, then looks at "
                + "good images held out of training and sets the thresholds so that at most the recipe's overkill rate of "
                + "good parts will fail. Writes the model bundle models/LINE/.",
            "Only good images are needed, but they must really be good: a defect among them is learned as normal. With too few "
                + "of them for the overkill rate it refuses and says how many it needs.",
            "With `method: \"clip\"` in the recipe CLIP judges the line, as WinCLIP does: `clip.source: \"published\"` reads published weights "
                + "and trains nothing; `\"trained\"` trains a small CLIP over the tokens of the recipe's encoder, which learns first "
                + "unless it is imported. Thresholds are set by the same rule.",
            "Stopped by Ctrl-C it keeps its checkpoint; the same command goes on from there.",
        ],
        arguments: [ArgumentDescription("LINE", "Name of the line.")],
        options: [
            OptionDescription("good", value: "DIR", default: "the recipe's", "Folder of good images."),
            OptionDescription(
                "minutes", short: "m", value: "M", default: "the recipe's", "Minutes of training by the clock."),
            OptionDescription(
                "workers", short: "j", value: "N", default: "the recipe's", "Images at a time; 0 = one per core."),
            OptionDescription(
                "only-language",
                "Keep the model as it is and learn its names anew: after a change of language.* in the recipe."),
            OptionDescription("fresh", "Forget the checkpoint of an interrupted training and start again."),
            OptionDescription(
                "precision", value: "TYPE", default: "f32",
                "Numbers of the stored weights: f32, or f16 for half the size."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift train rim", "learns line rim and writes models/rim/"),
            .init("nightshift train rim --minutes 60 --fresh", "an hour, from the start"),
        ],
        exitCodes: [.locked, .interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folders = LineFolders(line: try arguments.line(), root: try arguments.path("root"))
        good = try arguments.path("good")
        minutes = try arguments.number("minutes", in: 0.05...10_080)
        workers = try arguments.whole("workers", in: 0...256)
        startsAfresh = arguments.has("fresh")
        onlyLanguage = arguments.has("only-language")
        precision = try arguments.choice("precision", Precision.self) ?? .f32
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        try LineWork.requireBLAS()
        var recipe = try folders.loadRecipe()
        if let minutes { recipe.training.minutes = minutes }
        let lock: RunLock
        do throws(LedgerError) {
            lock = try RunLock(folder: folders.model.path, name: ".training.lock")
        } catch {
            if case .locked(let holder, _) = error {
                throw .locked("line \(folders.line) is being trained by \(holder); wait for it, or end it")
            }
            throw .failed(error.description)
        }
        defer { lock.release() }

        let goodFolder = GoodFolder(path: good ?? folders.resolve(recipe.good).path)
        let files = try goodFolder.files().map(\.path)
        guard !files.isEmpty else {
            throw .failed("expected PNG, JPEG or BMP files of good parts below \(goodFolder.path), got none")
        }
        if recipe.image.width == 0, recipe.hasOwnEncoder {
            let facts = try goodFolder.measure(console).facts
            // Only the size: everything else in the recipe is somebody's choice.
            recipe.image = RecipeProposal.propose(base: recipe, facts: facts).recipe.image
        }
        do throws(RecipeError) { try recipe.validate() } catch { throw .recipe(error) }

        if onlyLanguage {
            guard recipe.method == .vlJEPA else {
                throw .failed(LineWork.clipHasNone(folders.line, model: folders.recipe.path))
            }
            return try learnLanguage(recipe, files, console)
        }
        if recipe.method == .clip { return try trainCLIP(recipe, files, console) }
        let encoderFile = recipe.encoder.source.hasPublishedWeights ? folders.resolve(recipe.encoder.file).path : nil
        let checkpoint = CheckpointFile(
            path: folders.model.appendingPathComponent(".training.safetensors").path,
            identity: try identity(recipe, files, encoderFile))
        if startsAfresh { try forget(checkpoint) }
        let trained = try ShownTraining(
            recipe: recipe, encoderFile: encoderFile,
            textFolder: textFolder(recipe),
            workers: LineWork.workers(workers, recipe), nearestRate: false,
            checkpoint: checkpoint
        ).run(good: files, console: console)
        let card = TrainedCard.card(trained, recipe, name: folders.line)
        do throws(CheckpointError) {
            try ModelFolder.write(
                trained.model, card: card, precision: precision == .f16 ? .f16 : .f32, to: folders.model.path)
        } catch {
            throw .failed(error.description)
        }
        try forget(checkpoint)
        tell(trained, card, console)
        return .done
    }

    private func textFolder(_ recipe: Recipe) -> String? {
        recipe.language.source == .imported ? folders.resolve(recipe.language.file).path : nil
    }

    /// The model that is there with other names.
    private func learnLanguage(
        _ recipe: Recipe, _ files: [String], _ console: Console
    ) throws(VerbError) -> ExitCode {
        let opened = try LineWork.openModel(folders.model.path, line: folders.line)
        var model = opened.model
        if recipe.image.width != model.inputWidth || recipe.image.height != model.inputHeight {
            console.warn("the recipe's input size has changed since the model was trained; the model's is used")
        }
        model.language = try ShownTraining(
            recipe: recipe, encoderFile: nil, textFolder: textFolder(recipe),
            workers: LineWork.workers(workers, recipe), nearestRate: true, checkpoint: nil
        ).learnLanguage(of: model, good: files, console: console)
        do throws(CheckpointError) {
            try ModelFolder.write(
                model, card: opened.card, precision: precision == .f16 ? .f16 : .f32, to: folders.model.path)
        } catch {
            throw .failed(error.description)
        }
        console.result(
            console.isJSON
                ? JSONText.object(["line": .text(folders.line), "model": .text(folders.model.path)]).line
                : Wording.table([["names", "learned anew"], ["model", folders.model.path]]))
        return .done
    }

    /// SHA-256 over the recipe, the images and the encoder: another of any of them is another training.
    func identity(
        _ recipe: Recipe, _ files: [String], _ encoderFile: String?
    ) throws(VerbError) -> String {
        do throws(FileError) {
            var text = SHA256.hex(of: recipe.canonicalJSON())
            for file in files { text += "\n" + (try SHA256.hex(ofFile: file)) }
            if let encoderFile { text += "\n" + (try SHA256.hex(ofFile: encoderFile)) }
            return SHA256.hex(of: text)
        } catch {
            throw .failed(error.description)
        }
    }

    func forget(_ checkpoint: CheckpointFile) throws(VerbError) {
        guard Presence.isFile(checkpoint.path) else { return }
        do { try FileManager.default.removeItem(atPath: checkpoint.path) } catch {
            throw .failed("\(checkpoint.path): cannot be removed: \(error.localizedDescription)")
        }
    }

    private func tell(_ trained: TrainedLine, _ card: ModelCard, _ console: Console) {
        let model = trained.model
        if console.isJSON {
            console.result(
                JSONText.object([
                    "line": .text(folders.line), "model": .text(folders.model.path),
                    "trainingImages": .number(Double(trained.trainingCount)),
                    "heldOutImages": .number(Double(trained.heldOutCount)),
                    "overkillRate": .number(model.statistics.overkillRate),
                    "reviewThreshold": .number(model.statistics.review),
                    "failThreshold": .number(model.statistics.fail), "inputWidth": .number(Double(model.inputWidth)),
                    "inputHeight": .number(Double(model.inputHeight)), "samples": .number(Double(trained.samples)),
                    "trainSeconds": .number(trained.trainSeconds),
                    "imagesPerSecond": .number(trained.imagesPerSecond),
                    "recipeSha256": .text(card.recipeSHA256), "dataSha256": .text(card.dataSHA256),
                ]).line)
            return
        }
        console.result(
            Wording.table([
                ["learned", "\(trained.samples) views of \(Wording.count(trained.trainingCount, "good image"))"],
                ["calibrated", "on \(trained.heldOutCount) others: at most \(percent(model)) of good parts will fail"],
                ["input", "\(model.inputWidth) × \(model.inputHeight) px"],
                ["took", Wording.duration(seconds: trained.trainSeconds)],
                ["model", folders.model.path],
                ["next", "nightshift run \(folders.line)"],
            ]))
    }

    private func percent(_ model: LoadedModel) -> String {
        "\((model.statistics.overkillRate * 1000).rounded() / 10) %"
    }
}
