import Baselines
import Checkpoint
import Foundation
import Handover
import Imaging
import Pipeline
import Recipe
import Score
import Training

/// `nightshift compare LINE --truth DIR`
package struct CompareVerb: Verb {
    package let folders: LineFolders
    package let truth: String
    /// Names of methods; empty = all.
    package let methods: [String]
    /// Instead of the recipe's `good`.
    package let good: String?
    /// Instead of `models/LINE`.
    package let model: String?
    /// Where the tables go; nil = `compare` in the model's folder.
    package let out: String?
    package let robustness: Bool
    /// nil = CLIP is not compared, unless `winclip` is among the methods or a curve is asked for.
    package let clip: CLIPChoice?
    package let object: String?
    package let curves: Bool
    package let curveMinutes: Double
    package let workers: Int?

    package static let description = VerbDescription(
        name: "compare", summary: "measure a trained line against CLIP and other methods on the same parts",
        explanation: [
            "Fits a kNN memory with a greedy coreset (PatchCore) and a Gaussian per position (PaDiM) on the embeddings of the "
                + "good images the line learned from, sets every method's threshold on those held out, and judges the "
                + "labelled images with all of them, with the prediction error raw, whitened and calibrated, and with "
                + "every arm of the product alone. If another method beats the product on image AUROC, it says so, by "
                + "how much, and whether that is more than chance.",
            "With --clip, CLIP is compared too, scored as WinCLIP does: pictures and windows of them are held against what a "
                + "flawless and a damaged part are called. The one that is trained here learns from rendered parts and from the "
                + "line's good images with synthetic damage, with captions; on a rendered set it has seen defects of the "
                + "same kinds, so measure it on real parts. With --curve, the product, CLIP, kNN and PaDiM are also trained "
                + "and measured with 10, 25, 50 and 100 % of the good images.",
            "DIR is as for `evaluate`. The good images must be those of training. Speed is measured for one method at a time "
                + "from the file's bytes to the score; arms share the product's one pass and so have its speed.",
            "Prints a table, the best of each column with a star, and writes comparison.json, comparison.csv and "
                + "comparison.html.",
        ],
        arguments: [ArgumentDescription("LINE", "Name of the line.")],
        options: [
            OptionDescription("truth", value: "DIR", "Labelled images. Required."),
            OptionDescription(
                "method", value: "NAME", default: "all", repeats: true,
                "Compare this method only; may be given again. \(FusedScore.product) is the product, knn, padim, jepa-raw, "
                    + "jepa-whitened, jepa-calibrated, arm:NAME for an arm, and winclip for CLIP."),
            CLIPChoice.option, CLIPChoice.objectOption,
            OptionDescription(
                "curve",
                "Also measure with 10, 25, 50 and 100 % of the good images; CLIP as --clip says, else trained here. Takes "
                    + "four trainings."),
            OptionDescription(
                "curve-minutes", value: "M", default: "1", "Minutes of the line's training for each point of the curve."
            ),
            .robustness,
            OptionDescription("good", value: "DIR", default: "the recipe's", "Folder of the good images of training."),
            OptionDescription("model", value: "DIR", default: "models/LINE", "Model bundle to measure."),
            OptionDescription(
                "out", value: "DIR", default: "models/LINE/compare", "Folder for the tables and the page."),
            OptionDescription(
                "workers", short: "j", value: "N", default: "the recipe's", "Images at a time; 0 = one per core."),
            .root, .json, .quiet,
        ],
        examples: [
            .init(
                "nightshift compare rim --truth labelled/rim", "all methods; open models/rim/compare/comparison.html"),
            .init(
                "nightshift compare rim --truth labelled/rim --method vl-jepa --method knn",
                "the product against a memory bank alone"),
            .init(
                "nightshift compare rim --truth labelled/rim --robustness",
                "also with changed light, focus, place and noise; takes a dozen times as long"
            ),
            .init(
                "nightshift compare bottle --truth labelled/bottle --clip here --object \"glass bottle\" --curve",
                "beside CLIP trained on the spot, and how much data each of them needs"),
        ],
        exitCodes: [.interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folders = LineFolders(line: try arguments.line(), root: try arguments.path("root"))
        guard let truth = try arguments.path("truth") else {
            throw .missingArgument("--truth DIR", verb: "compare")
        }
        self.truth = truth
        methods = arguments.texts("method")
        good = try arguments.path("good")
        model = try arguments.path("model")
        out = try arguments.path("out")
        robustness = arguments.has("robustness")
        clip = try CLIPChoice(arguments)
        object = try CLIPChoice.object(arguments)
        curves = arguments.has("curve")
        curveMinutes = try arguments.number("curve-minutes", in: 0.05...10_080) ?? 1
        workers = try arguments.whole("workers", in: 0...256)
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        try LineWork.requireBLAS()
        let recipe = try folders.loadRecipe()
        let set = try LabelledSet(folder: truth)
        let modelPath = model.map(Presence.absolute) ?? folders.model.path
        let opened = try LineWork.openModel(modelPath, line: folders.line)
        let known = MethodCatalogue.names(opened.model.statistics, withCLIP: true)
        if let stranger = methods.first(where: { !known.contains($0) }) {
            throw .usage(
                .badValue(name: "--method", expected: "one of \(known.joined(separator: ", "))", got: stranger))
        }
        let limits = LineWork.limits(recipe)
        let workers = LineWork.workers(workers, recipe)
        let files = try GoodFolder(path: good ?? folders.resolve(recipe.good).path).files().map(\.path)
        let split = try split(files, recipe, opened, workers: workers, console)
        let chosenCLIP = clip ?? (methods.contains(WinCLIPMethod.method) || curves ? .here : nil)
        let object = self.object ?? (recipe.query.isEmpty ? Recipe.words(ofName: folders.line) : recipe.query)
        let comparesCLIP = clip != nil || methods.isEmpty || methods.contains(WinCLIPMethod.method)
        let fitted = try FittedMethods(
            names: methods.isEmpty ? known : methods, model: opened.model, split: split, limits: limits,
            seed: recipe.seed, workers: workers,
            clip: comparesCLIP
                ? try chosenCLIP?.method(
                    object: object, model: opened.model, good: split.learning, limits: limits, seed: recipe.seed,
                    workers: workers,
                    console: console) : nil, console: console)
        let comparison = try MethodComparison.run(
            fitted, on: set, trainSeconds: opened.card.trainSeconds, console: console)
        let output = ComparisonOutput(
            subject: folders.line, set: set, comparison: comparison,
            disturbed: robustness
                ? try RobustnessTable.disturbed(fitted, on: set, seed: recipe.seed, console: console) : nil,
            simplified: robustness
                ? try RobustnessTable.simplified(fitted, on: set, seed: recipe.seed, console: console) : nil,
            curve: curves
                ? try curve(
                    recipe, opened, files, clip: chosenCLIP ?? .here, object: object, on: set, workers: workers, console
                )
                : nil,
            facts: [
                ("model", "SHA-256 \(opened.sha256)"),
                ("good images", "\(split.learning.count) learned, \(split.heldOut.count) held out"),
                ("machine", "\(Machine.current().processor), \(workers) images at a time"),
                ("nightshift", Program.version),
            ])
        let folder = out.map(Presence.absolute) ?? modelPath + "/compare"
        try output.write(to: folder)
        console.result(console.isJSON ? output.json.line : output.text)
        console.say("table and page: \(folder)/comparison.html")
        return .done
    }

    /// The learning curve, by the line's recipe at the model's input size.
    private func curve(
        _ recipe: Recipe, _ opened: ModelFolder, _ files: [String], clip: CLIPChoice, object: String,
        on set: LabelledSet, workers: Int, _ console: Console
    ) throws(VerbError) -> LearningCurve {
        if opened.model.query != nil {
            console.warn(
                "the model was trained together with other lines; each point of the curve trains this line alone")
        }
        var sized = recipe
        let tiles = opened.model.tiles
        sized.image = .init(
            width: opened.model.inputWidth, height: opened.model.inputHeight, tileRows: tiles.rows,
            tileColumns: tiles.columns, tileOverlap: tiles.isWhole ? recipe.image.tileOverlap : tiles.overlap)
        let asked = LearningCurve.methods.filter {
            methods.isEmpty || methods.contains($0) || $0 == WinCLIPMethod.method && self.clip != nil
        }
        return try LearningCurve.run(
            LearningCurve.Plan(
                recipe: sized,
                encoderFile: recipe.encoder.source.hasPublishedWeights
                    ? folders.resolve(recipe.encoder.file).path : nil, good: files,
                methods: asked.isEmpty ? LearningCurve.methods : asked, clip: clip, object: object,
                minutes: curveMinutes, limits: LineWork.limits(recipe), workers: workers), on: set, console: console)
    }

    /// The split of training, found again; warns when the images are not those of training.
    private func split(
        _ files: [String], _ recipe: Recipe, _ opened: ModelFolder, workers: Int, _ console: Console
    ) throws(VerbError) -> GoodSplit {
        let split: GoodSplit
        do {
            split = try GoodSplit(good: files, recipe: recipe, nearestRate: true, workers: workers) { event in
                if case .skipped(let path, let why) = event { console.warn("\(path): \(why); left out") }
            }
        } catch {
            throw .failed("\(error)")
        }
        let metrics = opened.card.metrics
        if split.dataSHA256 != opened.card.dataSHA256 || UInt64(recipe.seed) != opened.card.seed
            || metrics["heldOutImages"].map({ $0 != Double(split.heldOut.count) }) ?? false
            || metrics["trainingImages"].map({ $0 != Double(split.learning.count) }) ?? false
        {
            console.warn(
                "the good images, or the recipe's seed or calibration, are not those the model was trained with, so images it has learned may "
                    + "serve as held out and flatter every threshold; name the images of training with --good, or train again"
            )
        }
        return split
    }
}
