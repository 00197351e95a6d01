import Checkpoint
import Foundation
import Network
import Recipe

/// `nightshift init LINE --good DIR`
package struct InitVerb: Verb {
    package let folders: LineFolders
    package let good: String
    package let drop: String?
    package let encoder: String?
    /// Whether the weights of `encoder` go on learning.
    package let adapts: Bool
    /// CLIP, where it shall judge the line.
    package let clip: CLIPChoice?
    package let query: String
    package let minutes: Double?
    package let overwrites: Bool

    package static let description = VerbDescription(
        name: "init", summary: "look at good images and write a line's recipe",
        explanation: [
            "Looks at the good images (sizes, formats, light, whether parts lie fixtured or free) and writes "
                + "pipelines/LINE/recipe.json5 with a reason beside every value. Read it, change what you know better, then "
                + "`nightshift train LINE`.",
            "Pictures are looked at whole. Where they are much larger than the input, the recipe says beside image.tileRows when "
                + "to have them looked at in tiles.",
            "About 100 good images make a useful line, 200 and more a good one: the thresholds are calibrated on those held out.",
        ],
        arguments: [ArgumentDescription("LINE", "Name of the line: 1 to 64 letters, digits, '-' or '_'.")],
        options: [
            OptionDescription(
                "good", short: "g", value: "DIR", "Folder of good images, subfolders included. Required."),
            OptionDescription(
                "drop", value: "DIR", default: "ROOT/drop/LINE", "Folder where the cameras leave images."),
            OptionDescription(
                "encoder", value: "FILE",
                "Imported, frozen weights (safetensors) instead of an encoder trained here; the input becomes a multiple of "
                    + "their patch."),
            .adapt,
            OptionDescription(
                "clip", value: "FOLDER",
                "Let CLIP judge the line by what its prompts say of the query: a folder with published weights, or the word here for "
                    + "a CLIP that is trained here over the encoder's tokens. Regions then get no names."),
            OptionDescription(
                "query", value: "TEXT", "What the camera should see, in plain words: \"M8 hex nut, top view\"."),
            OptionDescription(
                "minutes", short: "m", value: "M", default: "the recipe's default", "Minutes of training to plan for."),
            OptionDescription("force", "Overwrite a recipe that is already there."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift init rim --good photos/rim-ok", "writes pipelines/rim/recipe.json5"),
            .init(
                "nightshift init rim --good photos/rim-ok --drop /srv/ftp/cam3 --query \"wheel rim, front\"",
                "also says where the cameras write and what they should see"),
            .init(
                "nightshift init rim --good photos/rim-ok --encoder vit_tiny_patch16_224.safetensors --adapt",
                "starts from published weights and trains them on"),
            .init(
                "nightshift init rim --good photos/rim-ok --clip models/clip-vit-base-patch32 --query \"wheel rim\"",
                "CLIP judges, from words alone: nothing is trained"),
        ],
        exitCodes: [.interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folders = LineFolders(line: try arguments.line(), root: try arguments.path("root"))
        guard let good = try arguments.path("good") else { throw .missingArgument("--good DIR", verb: "init") }
        self.good = good
        drop = try arguments.path("drop")
        encoder = try arguments.path("encoder")
        adapts = try arguments.adapts(verb: "init")
        clip = try CLIPChoice(arguments)
        query = arguments.text("query") ?? ""
        minutes = try arguments.number("minutes", in: 0.05...10_080)
        overwrites = arguments.has("force")
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        if !overwrites, FileManager.default.fileExists(atPath: folders.recipe.path) {
            throw .failed("\(folders.recipe.path) is already there; change it by hand, or overwrite it with --force")
        }
        let weights = try encoder.map { path throws(VerbError) in try EncoderWeights(path: path) }
        var published: PublishedCLIP?
        if case .published(let folder) = clip {
            do throws(CheckpointError) { published = try PublishedCLIP(path: Presence.absolute(folder)) } catch {
                throw .failed(error.description)
            }
        }
        let seen = try GoodFolder(path: good).measure(console)
        var base = Recipe.defaults(line: folders.line)
        if let weights { base.encoder = weights.recipe(file: pathForRecipe(weights.path), adapts: adapts) }
        if let clip {
            base.method = .clip
            if case .published(let folder) = clip {
                base.clip.source = .published
                base.clip.folder = pathForRecipe(folder)
            }
        }
        base.query = query
        base.good = pathForRecipe(good)
        base.drop = drop.map(pathForRecipe) ?? "../../drop/\(folders.line)"
        if let minutes { base.training.minutes = minutes }
        let proposal = RecipeProposal.propose(base: base, facts: seen.facts)
        do throws(RecipeError) { try proposal.recipe.validate() } catch { throw .recipe(error) }
        try write(proposal, facts: seen.facts)
        tell(proposal, seen, published, console)
        return .done
    }

    /// Paths inside the plant's root are written relative to the recipe, so that the plant can be moved; others stay
    /// absolute.
    private func pathForRecipe(_ path: String) -> String {
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
        let root = folders.root.path
        guard absolute.hasPrefix(root + "/") else { return absolute }
        return "../../" + absolute.dropFirst(root.count + 1)
    }

    private func write(_ proposal: RecipeProposal, facts: GoodImageFacts) throws(VerbError) {
        let recipe = proposal.recipe
        let writer = RecipeWriter(
            head: [
                "Recipe of line \(recipe.line), proposed by `nightshift init` from \(Wording.count(facts.count, "good image")).",
                "",
                "Next:  nightshift train \(recipe.line)    \(Self.work(recipe)), then calibrates",
                "Then:  nightshift run \(recipe.line)      every night",
                "",
                "Comments may be written like this one. Paths are relative to this file's folder, or absolute.",
            ], reasons: proposal.reasons.merging(recipe.hasOwnEncoder ? [:] : Self.unusedReasons) { $1 })
        do {
            try FileManager.default.createDirectory(at: folders.pipeline, withIntermediateDirectories: true)
            try Data(writer.text(recipe).utf8).write(to: folders.recipe, options: .atomic)
        } catch {
            throw .failed("cannot write \(folders.recipe.path): \(error.localizedDescription)")
        }
    }

    /// What a recipe says of values that a published CLIP does not look at.
    private static let unusedReasons = Dictionary(
        uniqueKeysWithValues: ["image.width", "image.height", "encoder.source", "training.minutes", "language.source"]
            .map {
                (
                    $0,
                    "not used: a published CLIP judges, which has an input of its own, trains nothing and gives no names"
                )
            })

    /// What `train` will do.
    private static func work(_ recipe: Recipe) -> String {
        if !recipe.hasOwnEncoder { return "reads a published CLIP" }
        let minutes = "learns for \(Wording.duration(seconds: recipe.training.minutes * 60))"
        guard recipe.method == .clip else { return minutes }
        return recipe.encoder.source == .imported ? "trains a small CLIP" : minutes + " and trains a small CLIP"
    }

    private func tell(
        _ proposal: RecipeProposal, _ seen: GoodFolder.Sight, _ published: PublishedCLIP?, _ console: Console
    ) {
        let recipe = proposal.recipe
        let facts = seen.facts
        let input =
            published.map { ($0.inputSide, $0.inputSide, $0.imageShape.patchSize) }
            ?? (recipe.image.width, recipe.image.height, recipe.encoder.patchSize)
        if console.isJSON {
            console.result(
                JSONText.object([
                    "recipe": .text(folders.recipe.path), "goodImages": .number(Double(facts.count)),
                    "unreadable": .number(Double(facts.unreadable)), "fixtured": .flag(facts.isFixtured),
                    "alignment": .number(facts.alignment), "brightness": .number(facts.brightness),
                    "brightnessDeviation": .number(facts.brightnessDeviation),
                    "imageWidth": .number(Double(input.0)), "imageHeight": .number(Double(input.1)),
                    "tileRows": .number(Double(recipe.image.tileRows)),
                    "tileColumns": .number(Double(recipe.image.tileColumns)),
                ]).line)
            return
        }
        let formats = facts.formats.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let percent = { (share: Double) in "\((share * 1000).rounded() / 10) %" }
        console.result(
            Wording.table([
                ["good images", "\(facts.count) (\(formats)), \(facts.greyCount) of them grey"],
                [
                    "light",
                    "mean brightness \(percent(facts.brightness)), varies by \(percent(facts.brightnessDeviation))",
                ],
                ["parts", facts.isFixtured ? "fixtured: always at the same place" : "loose, or a texture"],
                ["input", "\(input.0) × \(input.1) px, patches of \(input.2)"],
                ["recipe", folders.recipe.path],
                ["next", "nightshift train \(recipe.line)"],
            ]))
        for sentence in seen.unreadable.prefix(5) { console.warn(sentence) }
        if seen.unreadable.count > 5 { console.warn("\(seen.unreadable.count - 5) more files could not be read") }
        if recipe.calibration.heldOutCount(of: facts.count) == nil {
            let needed = Recipe.Calibration.partsNeeded(rate: recipe.calibration.overkillRate)
            console.warn(
                "an overkill rate of \(recipe.calibration.overkillRate) needs \(needed) held-out good images and as many to "
                    + "learn from, there are \(facts.count): bring more, or raise calibration.overkillRate")
        }
    }
}
