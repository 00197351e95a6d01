import Checkpoint
import Files
import Foundation
import Handover
import Ledger
import Network
import Pipeline
import Recipe
import Score
import Training

/// `nightshift train LINE...`
package struct TrainVerb: Verb {
    /// How the bundle's weights are stored.
    package enum Precision: String, Sendable, CaseIterable { case f32, f16 }

    /// The lines, one at least; several share one network.
    package let lines: [LineFolders]
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
                + "good images held out of training and sets the thresholds so that the recipe's overkill rate of good "
                + "parts is expected to fail. Writes the model bundle models/LINE/.",
            "Only good images are needed, but they must really be good: a defect among them is learned as normal. With too few "
                + "of them for the overkill rate it refuses and says how many it needs.",
            "With `method: \"clip\"` in the recipe CLIP judges the line, as WinCLIP does: `clip.source: \"published\"` reads published weights "
                + "and trains nothing; `\"trained\"` trains a small CLIP over the tokens of the recipe's encoder, which learns first "
                + "unless it is imported. Thresholds are set by the same rule.",
            "Defects that are known already teach their names and nothing else: `language.examples` in the recipe names a folder "
                + "with test/KIND/NAME.png, ground_truth/KIND/NAME_mask.png (grey above 127 on the defect) and, where there "
                + "is more to say, captions.csv with the columns path and caption. `synthesize --labelled` writes one. What "
                + "is flagged does not depend on them.",
            "Several lines are trained together: one network learns the parts of all of them and knows by each recipe's query "
                + "whose part it should see, so that a wrong part is flagged though it is flawless. The queries must say what "
                + "is different; the recipes must agree in whatever fixes the network. Each line gets a bundle of its own "
                + "with the same weights and its own query, statistics, thresholds and names, and is run as before.",
            "Stopped by Ctrl-C it keeps its checkpoint; the same command goes on from there.",
        ],
        arguments: [
            ArgumentDescription("LINE", repeats: true, "Name of the line; several names train one network for them.")
        ],
        options: [
            OptionDescription("good", value: "DIR", default: "the recipe's", "Folder of good images."),
            OptionDescription(
                "minutes", short: "m", value: "M", default: "the recipe's", "Minutes of training by the clock."),
            OptionDescription(
                "workers", short: "j", value: "N", default: "the recipe's", "Images at a time; 0 = one per core."),
            OptionDescription(
                "only-language",
                "Keep the model as it is and learn its names anew: after a change of language.* in the recipe, or of the known "
                    + "defects."),
            OptionDescription("fresh", "Forget the checkpoint of an interrupted training and start again."),
            OptionDescription(
                "precision", value: "TYPE", default: "f32",
                "Numbers of the stored weights: f32, or f16 for half the size."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift train rim", "learns line rim and writes models/rim/"),
            .init("nightshift train rim --minutes 60 --fresh", "an hour, from the start"),
            .init("nightshift train rim hub", "one network for both lines; writes models/rim/ and models/hub/"),
        ],
        exitCodes: [.locked, .interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        let root = try arguments.path("root")
        // By name: the same lines in another order are the same training.
        lines = try arguments.lines().sorted().map { LineFolders(line: $0, root: root) }
        good = try arguments.path("good")
        minutes = try arguments.number("minutes", in: 0.05...10_080)
        workers = try arguments.whole("workers", in: 0...256)
        startsAfresh = arguments.has("fresh")
        onlyLanguage = arguments.has("only-language")
        precision = try arguments.choice("precision", Precision.self) ?? .f32
        if lines.count > 1, let option = good != nil ? "good" : onlyLanguage ? "only-language" : nil {
            throw .badValue(
                name: "--\(option)", expected: "a single line beside it", got: "\(lines.count) lines")
        }
    }

    /// The line, where it is only one.
    var folders: LineFolders { lines[0] }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        try LineWork.requireBLAS()
        let locks = try lock()
        defer { for lock in locks { lock.release() } }
        guard lines.count == 1 else { return try trainTogether(console) }
        let (recipe, files) = try prepare(folders, console)
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
            recipe: recipe, encoderFile: encoderFile, textFolder: textFolder(recipe, folders),
            examplesFolder: examplesFolder(recipe, folders),
            workers: LineWork.workers(workers, recipe), nearestRate: false, checkpoint: checkpoint
        ).run(good: files, console: console)
        let card = try write(trained, recipe, to: folders)
        try forget(checkpoint)
        tell(trained, card, console)
        return .done
    }

    /// The locks of all lines: whoever trains one of them must not train it twice at a time.
    private func lock() throws(VerbError) -> [RunLock] {
        var locks: [RunLock] = []
        for folders in lines {
            do throws(LedgerError) {
                locks.append(try RunLock(folder: folders.model.path, name: ".training.lock"))
            } catch {
                for lock in locks { lock.release() }
                if case .locked(let holder, _) = error {
                    throw .locked("line \(folders.line) is being trained by \(holder); wait for it, or end it")
                }
                throw .failed(error.description)
            }
        }
        return locks
    }

    /// A line's recipe with the input size decided, and the paths of its good images.
    func prepare(
        _ folders: LineFolders, _ console: Console
    ) throws(VerbError) -> (recipe: Recipe, files: [String]) {
        var recipe = try folders.loadRecipe()
        if let minutes { recipe.training.minutes = minutes }
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
        return (recipe, files)
    }

    /// Writes a line's bundle; gives back its card.
    func write(_ trained: TrainedLine, _ recipe: Recipe, to folders: LineFolders) throws(VerbError) -> ModelCard {
        let card = TrainedCard.card(trained, recipe, name: folders.line)
        do throws(CheckpointError) {
            return try ModelFolder.write(
                trained.model, card: card, precision: precision == .f16 ? .f16 : .f32, to: folders.model.path)
        } catch {
            throw .failed(error.description)
        }
    }

    func textFolder(_ recipe: Recipe, _ folders: LineFolders) -> String? {
        recipe.language.source == .imported ? folders.resolve(recipe.language.file).path : nil
    }

    func examplesFolder(_ recipe: Recipe, _ folders: LineFolders) -> String? {
        recipe.language.examples.isEmpty ? nil : folders.resolve(recipe.language.examples).path
    }

    /// The model that is there with other names.
    private func learnLanguage(
        _ recipe: Recipe, _ files: [String], _ console: Console
    ) throws(VerbError) -> ExitCode {
        let opened = try LineWork.openModel(folders.model.path, line: folders.line)
        var model = opened.model
        if recipe.image.width != model.inputWidth || recipe.image.height != model.inputHeight
            || recipe.image.tileRows != model.tiles.rows || recipe.image.tileColumns != model.tiles.columns
        {
            console.warn("the recipe's input size or its tiles have changed since training; the model's are used")
        }
        model.language = try ShownTraining(
            recipe: recipe, encoderFile: nil, textFolder: textFolder(recipe, folders),
            examplesFolder: examplesFolder(recipe, folders),
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
                [
                    "calibrated",
                    "on \(trained.heldOutCount) others: \(percent(model)) of good parts are expected to fail",
                ],
                [
                    "input",
                    "\(model.inputWidth) × \(model.inputHeight) px"
                        + (model.tiles.isWhole ? "" : " in \(model.tiles.rows) × \(model.tiles.columns) tiles"),
                ],
                ["took", Wording.duration(seconds: trained.trainSeconds)],
                ["model", folders.model.path],
                ["next", "nightshift run \(folders.line)"],
            ]))
    }

    func percent(_ model: LoadedModel) -> String {
        "\((model.statistics.overkillRate * 1000).rounded() / 10) %"
    }
}
