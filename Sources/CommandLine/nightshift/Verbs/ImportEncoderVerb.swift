import Checkpoint
import Files
import Foundation
import Network
import Recipe

/// `nightshift import-encoder FILE`
package struct ImportEncoderVerb: Verb {
    package let file: String
    /// Name in models/encoders/ without ending; nil = the file's own.
    package let name: String?
    package let root: String?
    /// Only look, copy nothing.
    package let onlyChecks: Bool

    package static let description = VerbDescription(
        name: "import-encoder", summary: "check published encoder weights and say how to use them",
        explanation: [
            "Reads a safetensors file by its published tensor names, says what it is (family, patch size, width, depth, heads, "
                + "how pixels are normalised), copies it to models/encoders/ and prints the lines for a recipe. Nothing "
                + "executable is ever loaded: pickles (.pth, .bin) are refused.",
            "Read are ViT, DINOv2 and I-JEPA in timm's and in transformers' names, and CLIP's vision tower in transformers'. "
                + "What no tensor says is taken as usual in its family. Where that is wrong (DINO v1 and MAE under a ViT's "
                + "names want ImageNet's mean), save the file with the metadata image_mean and image_std (\"[0.485, 0.456, "
                + "0.406]\"), num_heads or hidden_act (gelu, quick_gelu).",
            "Weights come with a licence of their own: read it.",
        ],
        arguments: [ArgumentDescription("FILE", "Weights in safetensors format.")],
        options: [
            OptionDescription("name", value: "NAME", default: "the file's", "Name of the copy in models/encoders/."),
            OptionDescription("check", "Only say what it is; copy nothing."),
            .root, .json, .quiet,
        ],
        examples: [
            .init(
                "nightshift import-encoder vit_tiny_patch16_224.safetensors",
                "copies it to models/encoders/ and says what the recipe needs"),
            .init("nightshift import-encoder weights.safetensors --check", "says what it is"),
        ])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        file = arguments.required("FILE")
        name = try arguments.path("name")
        root = try arguments.path("root")
        onlyChecks = arguments.has("check")
        // Becomes a file name: nothing that could lead out of the folder.
        if let name, name.contains("/") || name.hasPrefix(".") {
            throw .badValue(name: "--name", expected: "a name without '/' that does not begin with '.'", got: name)
        }
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        let weights = try EncoderWeights(path: file)
        let source = weights.path
        let stem = name ?? URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
        let folder = URL(fileURLWithPath: root ?? ".").standardizedFileURL.path + "/models/encoders"
        let target = "\(folder)/\(stem).safetensors"
        let hash: String
        do throws(FileError) {
            hash = try SHA256.hex(ofFile: source)
            if !onlyChecks { try copy(source, to: target, hash: hash, folder: folder) }
        } catch {
            throw .failed(error.description)
        }
        tell(weights, stem: stem, target: onlyChecks ? nil : target, hash: hash, console)
        return .done
    }

    /// The copy appears whole or not at all.
    private func copy(_ source: String, to target: String, hash: String, folder: String) throws(FileError) {
        try Folder.create(folder)
        if Presence.isFile(target), try SHA256.hex(ofFile: target) == hash { return }
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: source), options: .mappedIfSafe) else {
            throw .failed(.read, path: source, code: EIO)
        }
        try AtomicFile.write(bytes, to: target)
    }

    private func tell(_ weights: EncoderWeights, stem: String, target: String?, hash: String, _ console: Console) {
        let encoder = weights.encoder
        let shape = encoder.shape
        let recipe = weights.recipe(file: "../../models/encoders/\(stem).safetensors")
        if console.isJSON {
            func list(_ numbers: [Float]) -> JSONText { .list(numbers.map { .number(Double("\($0)") ?? 0) }) }
            console.result(
                JSONText.object([
                    "family": .text(encoder.family.rawValue), "names": .text(encoder.namesOwner),
                    "patchSize": .number(Double(shape.patchSize)), "width": .number(Double(shape.width)),
                    "depth": .number(Double(shape.depth)), "heads": .number(Double(shape.heads)),
                    "classToken": .flag(shape.hasClassToken), "registers": .number(Double(shape.registerTokens)),
                    "positions": .number(Double(shape.learnedPositionSide)), "layerScale": .flag(shape.hasLayerScale),
                    "activation": .text(shape.activation.rawValue), "mean": list(encoder.normalisation.mean),
                    "standardDeviation": list(encoder.normalisation.standardDeviation),
                    "targetBlocks": .list(recipe.targetBlocks.map { .number(Double($0)) }), "sha256": .text(hash),
                    "copy": target.map { .text($0) } ?? .null, "recipeFile": .text(recipe.file),
                ]).line)
            return
        }
        let side = shape.learnedPositionSide
        var tokens = shape.hasClassToken ? "class token" : "no class token"
        if shape.registerTokens > 0 { tokens += ", \(Wording.count(shape.registerTokens, "register"))" }
        var inside = shape.activation == .gelu ? "GELU" : "QuickGELU"
        if shape.hasLayerScale { inside += ", LayerScale" }
        func words(_ numbers: [Float]) -> String { numbers.map { "\($0)" }.joined(separator: ", ") }
        let pixels = encoder.normalisation
        console.result(
            Wording.table([
                ["family", "\(encoder.family.name), in the names of \(encoder.namesOwner)"],
                ["patches", "\(shape.patchSize) px, positions learned on a \(side) × \(side) grid; \(tokens)"],
                ["blocks", "\(shape.depth), \(shape.width) wide, \(shape.heads) heads, \(inside)"],
                [
                    "pixels",
                    "\(pixels.name): mean \(words(pixels.mean)), deviation \(words(pixels.standardDeviation))",
                ],
                ["SHA-256", hash], ["copy", target ?? "none (--check)"],
            ]))
        guard let target else { return }
        console.result(
            """

            A new line:  nightshift init LINE --good DIR --encoder \(target)
                         frozen as it is; with --adapt it learns on from the line's good images
            In a recipe: encoder: {source: "imported", file: "\(recipe.file)", patchSize: \(shape.patchSize), \
            width: \(shape.width), depth: \(shape.depth), heads: \(shape.heads), targetBlocks: \(recipe.targetBlocks)}
                         image.width and image.height: multiples of \(shape.patchSize)
            """)
    }
}
