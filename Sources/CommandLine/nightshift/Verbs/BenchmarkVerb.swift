import Baselines
import Checkpoint
import Evaluation
import Files
import Foundation
import Imaging
import Numerics
import Pipeline
import Recipe
import Score
import Training

/// `nightshift benchmark DIR`
package struct BenchmarkVerb: Verb {
    package let folder: String
    /// What judges; nil = as the recipe says.
    package let method: Recipe.Method?
    package let recipe: String?
    package let encoder: String?
    /// Whether the weights of `encoder` go on learning.
    package let adapts: Bool
    package let minutes: Double?
    package let seed: Int?
    package let workers: Int?
    /// Where the model and the verdicts stay; nil = nowhere.
    package let keep: String?
    package let compares: Bool
    package let robustness: Bool
    /// nil = CLIP is not compared.
    package let clip: CLIPChoice?
    package let object: String?
    package let measuresNames: Bool
    package let words: String?
    package let language: String?

    package static let description = VerbDescription(
        name: "benchmark", summary: "train, calibrate and measure on a labelled data set, in one line of JSON",
        explanation: [
            "DIR is in MVTec layout. Trains on train/good alone, calibrates, inspects test/ and prints one line of JSON: "
                + "dataset, imageAUROC, pixelAUROC, aupro30, aupro05, f1Max, averagePrecision, overkill, escape (at the "
                + "calibrated threshold), overkillInterval (exact, 95 %), trainSeconds, imagesPerSecond, peakMemoryMiB, "
                + "encoder, method. Pixel figures are null without masks.",
            "With --compare one more line follows for each other method on the same embeddings and split, named by `method`, with "
                + "aurocDifference to the product and its interval by paired bootstrap. With --robustness the product's line "
                + "has a list `robustness`: condition, imageAUROC, overkill, overkillInterval, escape.",
            "Without --recipe it uses the one default recipe, fitted to the good images exactly as `init` would. Nothing is chosen "
                + "on test/. Where the good images are too few for the recipe's overkill rate, the nearest rate they allow "
                + "is taken, and stderr says so.",
        ],
        arguments: [ArgumentDescription("DIR", "Data set: train/good, test/good, test/DEFECT, ground_truth/DEFECT.")],
        options: [
            OptionDescription(
                "recipe", value: "FILE", default: "the default recipe",
                "Recipe to use; its folders and line name are ignored."),
            OptionDescription(
                "encoder", value: "FILE", "Imported, frozen weights (safetensors) instead of an encoder trained here."),
            .adapt,
            OptionDescription(
                "minutes", short: "m", value: "M", default: "the recipe's", "Minutes of training by the clock."),
            OptionDescription("seed", value: "SEED", default: "the recipe's", "Seed of every random choice."),
            OptionDescription("workers", short: "j", value: "N", default: "one per core", "Images at a time."),
            OptionDescription(
                "method", value: "METHOD", default: "the recipe's",
                "What judges: vl-jepa; or clip, with --clip FOLDER for published weights, else one that is trained here."
            ),
            OptionDescription("compare", "Also measure every other method, one line of JSON each; see `compare`."),
            CLIPChoice.option, CLIPChoice.objectOption,
            .robustness, .names, .words,
            OptionDescription(
                "language", value: "FOLDER",
                "With --names: published text weights (`make text-encoder`) instead of a text encoder trained here."),
            OptionDescription("keep", value: "DIR", "Keep the model and the per-image results there."),
            .json, .quiet,
        ],
        examples: [
            .init("nightshift benchmark data/bottle --minutes 10", "encoder trained here"),
            .init(
                "nightshift benchmark data/bottle --encoder vit_tiny_patch16_224.safetensors",
                "imported, frozen encoder"),
            .init(
                "nightshift benchmark data/bottle --encoder vit_tiny_patch16_224.safetensors --adapt",
                "the same weights, trained on from there"),
            .init(
                "nightshift benchmark data/bottle --encoder vit_tiny_patch16_224.safetensors --compare",
                "the same beside kNN memory, PaDiM and the parts of the score"),
            .init(
                "nightshift benchmark data/bottle --compare --clip models/clip-vit-base-patch16 --object \"glass bottle\"",
                "beside WinCLIP on published weights as well"),
        ],
        exitCodes: [.interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folder = arguments.required("DIR")
        method = try arguments.choice("method", Recipe.Method.self)
        recipe = try arguments.path("recipe")
        encoder = try arguments.path("encoder")
        adapts = try arguments.adapts(verb: "benchmark")
        minutes = try arguments.number("minutes", in: 0.05...10_080)
        seed = try arguments.whole("seed", in: 0...9_007_199_254_740_991)
        workers = try arguments.whole("workers", in: 0...256)
        keep = try arguments.path("keep")
        compares = arguments.has("compare")
        robustness = arguments.has("robustness")
        clip = try CLIPChoice(arguments)
        object = try CLIPChoice.object(arguments)
        if clip != nil, !compares, method != .clip {
            throw .missingArgument("--compare, or --method clip, beside --clip", verb: "benchmark")
        }
        words = try arguments.path("words")
        language = try arguments.path("language")
        measuresNames = arguments.has("names") || words != nil || language != nil
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        do throws(OpenBLASError) { try OpenBLAS.check() } catch { throw .failed(error.description) }
        let dataset: DatasetFolder
        do throws(EvaluationError) { dataset = try DatasetFolder(path: folder) } catch {
            throw .failed(error.description)
        }
        let chosen = try chosenRecipe(goodFolder: (dataset.train[0] as NSString).deletingLastPathComponent, console)
        let count = workers.flatMap { $0 > 0 ? $0 : nil } ?? Machine.current().cores
        // What is wrong with the words is said before minutes of training.
        let set = LabelledSet(dataset)
        let names = measuresNames ? try NamingTest.names(set, file: words) : nil
        if chosen.method == .clip { return try runCLIP(chosen, dataset, set, workers: count, console) }
        let trained = try ShownTraining(
            recipe: chosen, encoderFile: encoder, textFolder: language, workers: count, nearestRate: true,
            checkpoint: nil
        ).run(good: dataset.train, console: console)
        let limits = DecodeLimits(chosen.limits)
        let inspection = try TestInspection.run(
            set, model: .jepa(trained.model), limits: limits, workers: count,
            names: names, console: console)
        if let keep { try write(inspection, trained, chosen, to: keep) }
        let result = inspection.result
        // The same in every line of one benchmark.
        var shared = facts(chosen, result, overkillRate: trained.model.statistics.overkillRate)
        shared["trainImagesPerSecond"] = .tenths(trained.imagesPerSecond)
        var own = Self.figures(inspection, trainSeconds: trained.trainSeconds)
        own["method"] = .text(FusedScore.product)
        if robustness {
            own["robustness"] = try RobustnessTable.disturbed(
                FittedMethods(product: trained.model, limits: limits, workers: count), on: set, seed: chosen.seed,
                console: console
            ).json
        }
        if let naming = inspection.naming { own["names"] = naming.json }
        console.result(JSONText.object(shared.merging(own) { $1 }).line)
        if compares {
            for row in try comparison(trained, chosen, set, dataset, limits, count, console).rows where !row.isProduct {
                console.result(JSONText.object(shared.merging(ComparisonOutput.members(row)) { $1 }).line)
            }
        }
        return .done
    }

    /// What was measured, and with what.
    func facts(_ recipe: Recipe, _ result: EvaluationResult, overkillRate: Double) -> [String: JSONText] {
        [
            "dataset": .text(URL(fileURLWithPath: folder).lastPathComponent), "overkillRate": .share(overkillRate),
            "encoder": .text(Self.label(recipe.encoder)), "seed": .number(Double(recipe.seed)),
            "input": .text("\(recipe.image.width)x\(recipe.image.height)"),
            "tiles": .text("\(recipe.image.tileRows)x\(recipe.image.tileColumns)"),
            "good": .number(Double(result.goodCount)), "defective": .number(Double(result.defectiveCount)),
        ]
    }

    /// How well it was done, and what it took.
    static func figures(_ inspection: TestInspection, trainSeconds: Double) -> [String: JSONText] {
        let result = inspection.result
        return [
            "imageAUROC": .share(result.imageAUROC), "pixelAUROC": .share(result.pixelAUROC),
            "aupro30": .share(result.aupro30), "aupro05": .share(result.aupro05), "f1Max": .share(result.f1Max),
            "averagePrecision": .share(result.averagePrecision), "overkill": .share(result.overkill),
            "overkillInterval": .interval(result.overkillInterval), "escape": .share(result.escape),
            "trainSeconds": .tenths(trainSeconds), "imagesPerSecond": .tenths(inspection.imagesPerSecond),
            "peakMemoryMiB": .number(Machine.peakMemoryMiB().rounded()),
        ]
    }

    /// All methods on the split that training made.
    private func comparison(
        _ trained: TrainedLine, _ recipe: Recipe, _ set: LabelledSet, _ dataset: DatasetFolder, _ limits: DecodeLimits,
        _ workers: Int, _ console: Console
    ) throws(VerbError) -> MethodComparison {
        let split: GoodSplit
        do {
            split = try GoodSplit(
                good: dataset.train, recipe: recipe, nearestRate: true, workers: workers, report: { _ in })
        } catch {
            throw .failed("\(error)")
        }
        let name = Recipe.words(ofName: URL(fileURLWithPath: folder).lastPathComponent)
        let fitted = try FittedMethods(
            names: MethodCatalogue.names(trained.model.statistics), model: trained.model, split: split, limits: limits,
            seed: recipe.seed, workers: workers,
            clip: try clip?.method(
                object: object ?? (recipe.query.isEmpty ? name : recipe.query), model: trained.model,
                good: split.learning, limits: limits,
                seed: recipe.seed, workers: workers, console: console), console: console)
        let comparison = try MethodComparison.run(
            fitted, on: set, trainSeconds: trained.trainSeconds, console: console)
        if let finding = comparison.finding { console.say(finding) }
        return comparison
    }

    /// The recipe asked for, or the one default recipe fitted to the good images as `init` would.
    private func chosenRecipe(goodFolder: String, _ console: Console) throws(VerbError) -> Recipe {
        var base: Recipe
        if let recipe {
            do throws(RecipeError) { base = try Recipe(contentsOf: URL(fileURLWithPath: recipe)) } catch {
                throw .recipe(error)
            }
        } else {
            base = Recipe.defaults(line: "benchmark")
        }
        if let encoder {
            let weights = try EncoderWeights(path: encoder)
            var own = weights.recipe(file: encoder, adapts: adapts || base.encoder.source == .adapted)
            // A recipe for published weights has its own choice of blocks, where these weights have them.
            let blocks = base.encoder.targetBlocks
            if base.encoder.source.hasPublishedWeights, let deepest = blocks.last, deepest <= own.depth {
                own.targetBlocks = blocks
            }
            base.encoder = own
        }
        // Names cost a minute and change no other figure: they are learned only where they are asked for.
        base.language.source = measuresNames ? (language == nil ? .trained : .imported) : .none
        base.language.file = language ?? ""
        if let method { base.method = method }
        let dataset = URL(fileURLWithPath: folder).lastPathComponent
        if base.method == .clip {
            // The line of a benchmark is the data set.
            base.line = RecipeField.isLineName(dataset) ? dataset : base.line
            if let object { base.clip.object = object }
            switch clip {
            case .published(let path): (base.clip.source, base.clip.folder) = (.published, Presence.absolute(path))
            case .here: base.clip.source = .trained
            case nil:
                let home = URL(fileURLWithPath: recipe ?? ".").deletingLastPathComponent()
                base.clip.folder = base.clip.folder.isEmpty ? "" : Recipe.resolve(base.clip.folder, against: home).path
            }
        }
        if let minutes { base.training.minutes = minutes }
        if let seed { base.seed = seed }
        if base.image.width == 0 || base.image.height == 0 {
            base =
                RecipeProposal.propose(base: base, facts: try GoodFolder(path: goodFolder).measure(console).facts)
                .recipe
        }
        do throws(RecipeError) { try base.validate() } catch { throw .recipe(error) }
        return base
    }

    /// "vit_tiny", "vit_tiny, adapted", "trained".
    private static func label(_ encoder: Recipe.Encoder) -> String {
        guard encoder.source.hasPublishedWeights else { return encoder.source.rawValue }
        let stem = URL(fileURLWithPath: encoder.file).deletingPathExtension().lastPathComponent
        return encoder.source == .adapted ? "\(stem), adapted" : stem
    }

    private func write(
        _ inspection: TestInspection, _ trained: TrainedLine, _ recipe: Recipe, to folder: String
    ) throws(VerbError) {
        try keep(inspection, in: folder) { () throws(CheckpointError) in
            try ModelFolder.write(
                trained.model, card: TrainedCard.card(trained, recipe, name: recipe.line), to: folder)
        }
    }

    /// Keeps the scores, and the model as `bundle` writes it.
    func keep(
        _ inspection: TestInspection, in folder: String, bundle: () throws(CheckpointError) -> Void
    ) throws(VerbError) {
        do {
            try Folder.create(folder)
            try AtomicFile.write(
                Data((inspection.lines.joined(separator: "\n") + "\n").utf8), to: folder + "/scores.jsonl")
            try bundle()
        } catch {
            throw .failed("--keep: \(error)")
        }
    }
}
