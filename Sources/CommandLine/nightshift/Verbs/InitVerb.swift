import Foundation
import Recipe

/// `nightshift init LINE --good DIR`
package struct InitVerb: Verb {
    package let folders: LineFolders
    package let good: String
    package let drop: String?
    package let encoder: String?
    /// Whether the weights of `encoder` go on learning.
    package let adapts: Bool
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
        ],
        exitCodes: [.interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folders = LineFolders(line: try arguments.line(), root: try arguments.path("root"))
        guard let good = try arguments.path("good") else { throw .missingArgument("--good DIR", verb: "init") }
        self.good = good
        drop = try arguments.path("drop")
        encoder = try arguments.path("encoder")
        adapts = try arguments.adapts(verb: "init")
        query = arguments.text("query") ?? ""
        minutes = try arguments.number("minutes", in: 0.05...10_080)
        overwrites = arguments.has("force")
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        if !overwrites, FileManager.default.fileExists(atPath: folders.recipe.path) {
            throw .failed("\(folders.recipe.path) is already there; change it by hand, or overwrite it with --force")
        }
        let weights = try encoder.map { path throws(VerbError) in try EncoderWeights(path: path) }
        let seen = try GoodFolder(path: good).measure(console)
        var base = Recipe.defaults(line: folders.line)
        if let weights { base.encoder = weights.recipe(file: pathForRecipe(weights.path), adapts: adapts) }
        base.query = query
        base.good = pathForRecipe(good)
        base.drop = drop.map(pathForRecipe) ?? "../../drop/\(folders.line)"
        if let minutes { base.training.minutes = minutes }
        let proposal = RecipeProposal.propose(base: base, facts: seen.facts)
        do throws(RecipeError) { try proposal.recipe.validate() } catch { throw .recipe(error) }
        try write(proposal, facts: seen.facts)
        tell(proposal, seen, console)
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
                "Next:  nightshift train \(recipe.line)    learns for \(Wording.duration(seconds: recipe.training.minutes * 60)), "
                    + "then calibrates",
                "Then:  nightshift run \(recipe.line)      every night",
                "",
                "Comments may be written like this one. Paths are relative to this file's folder, or absolute.",
            ], reasons: proposal.reasons)
        do {
            try FileManager.default.createDirectory(at: folders.pipeline, withIntermediateDirectories: true)
            try Data(writer.text(recipe).utf8).write(to: folders.recipe, options: .atomic)
        } catch {
            throw .failed("cannot write \(folders.recipe.path): \(error.localizedDescription)")
        }
    }

    private func tell(_ proposal: RecipeProposal, _ seen: GoodFolder.Sight, _ console: Console) {
        let recipe = proposal.recipe
        let facts = seen.facts
        if console.isJSON {
            console.result(
                JSONText.object([
                    "recipe": .text(folders.recipe.path), "goodImages": .number(Double(facts.count)),
                    "unreadable": .number(Double(facts.unreadable)), "fixtured": .flag(facts.isFixtured),
                    "alignment": .number(facts.alignment), "brightness": .number(facts.brightness),
                    "brightnessDeviation": .number(facts.brightnessDeviation),
                    "imageWidth": .number(Double(recipe.image.width)),
                    "imageHeight": .number(Double(recipe.image.height)),
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
                [
                    "input",
                    "\(recipe.image.width) × \(recipe.image.height) px, patches of \(recipe.encoder.patchSize)",
                ],
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
