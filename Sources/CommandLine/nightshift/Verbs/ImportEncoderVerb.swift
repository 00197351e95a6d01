import Checkpoint
import Files
import Foundation
import Network

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
            "Reads a safetensors file of a timm ViT (tiny, small or base) by its published tensor names, says what it is (patch "
                + "size, width, depth, heads), copies it to models/encoders/ and prints the lines for a recipe. Nothing "
                + "executable is ever loaded: pickles (.pth, .bin) are refused.",
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
        let source = Presence.absolute(file)
        guard Presence.isFile(source) else { throw .failed("expected a safetensors file at \(source), found none") }
        let encoder: TimmEncoder
        do throws(CheckpointError) { encoder = try TimmEncoder(SafetensorsFile(path: source)) } catch {
            throw .failed(error.description)
        }
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
        tell(encoder, stem: stem, target: onlyChecks ? nil : target, hash: hash, console)
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

    private func tell(_ encoder: TimmEncoder, stem: String, target: String?, hash: String, _ console: Console) {
        let shape = encoder.shape
        let path = "../../models/encoders/\(stem).safetensors"
        if console.isJSON {
            console.result(
                JSONText.object([
                    "patchSize": .number(Double(shape.patchSize)), "width": .number(Double(shape.width)),
                    "depth": .number(Double(shape.depth)), "heads": .number(Double(shape.heads)),
                    "classToken": .flag(shape.hasClassToken),
                    "positions": .number(Double(shape.learnedPositionSide)), "sha256": .text(hash),
                    "copy": target.map { .text($0) } ?? .null, "recipeFile": .text(path),
                ]).line)
            return
        }
        let side = shape.learnedPositionSide
        console.result(
            Wording.table([
                ["patches", "\(shape.patchSize) px, positions learned on a \(side) × \(side) grid"],
                ["blocks", "\(shape.depth), \(shape.width) wide, \(shape.heads) heads"],
                ["SHA-256", hash], ["copy", target ?? "none (--check)"],
            ]))
        guard let target else { return }
        console.result(
            """

            A new line:  nightshift init LINE --good DIR --encoder \(target)
            In a recipe: encoder: {source: "imported", file: "\(path)", patchSize: \(shape.patchSize), \
            width: \(shape.width), depth: \(shape.depth), heads: \(shape.heads)}
            """)
    }
}
