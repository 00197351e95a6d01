import Checkpoint
import Files
import Foundation
import Numerics
import Text

/// `nightshift import-text PATH`
package struct ImportTextVerb: Verb {
    package let path: String
    /// Folder name in models/text/; nil = the source folder's own.
    package let name: String?
    package let root: String?
    /// Only look, copy nothing.
    package let onlyChecks: Bool
    package let phrases: [String]

    /// A longer phrase is a file by mistake; the tower reads a few hundred words at most.
    private static let longestPhrase = 10_000

    package static let description = VerbDescription(
        name: "import-text", summary: "check published text weights and compare phrases with them",
        explanation: [
            "Reads a text encoder by its published tensor names: BERT sentence encoders such as all-MiniLM-L6-v2 (`make "
                + "text-encoder` gets it), and CLIP. PATH is the folder with model.safetensors, config.json and vocab.txt "
                + "(CLIP: vocab.json and merges.txt), or the weights in it. Says what it is and copies the files to "
                + "models/text/. Nothing executable is ever loaded.",
            "With --phrase, shows how near the phrases are to each other: words that mean the same should be near 1.",
            "Weights come with a licence of their own: read it.",
        ],
        arguments: [ArgumentDescription("PATH", "Folder with the weights, or the weights in safetensors format.")],
        options: [
            OptionDescription(
                "phrase", value: "TEXT", repeats: true, "A phrase to embed; give it twice or more to compare."),
            OptionDescription("name", value: "NAME", default: "the folder's", "Name of the copy in models/text/."),
            OptionDescription("check", "Only say what it is; copy nothing."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift import-text models/text/all-minilm-l6-v2", "says what it is and that it is whole"),
            .init(
                "nightshift import-text models/text/all-minilm-l6-v2 --phrase scratch --phrase scrape",
                "shows how near the two are"),
        ])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        path = arguments.required("PATH")
        name = try arguments.path("name")
        root = try arguments.path("root")
        onlyChecks = arguments.has("check")
        phrases = arguments.texts("phrase")
        // Becomes a folder's name: nothing that could lead out of models/text/.
        if let name, name.contains("/") || name.hasPrefix(".") {
            throw .badValue(name: "--name", expected: "a name without '/' that does not begin with '.'", got: name)
        }
        for phrase in phrases where phrase.utf8.count > Self.longestPhrase {
            throw .badValue(
                name: "--phrase", expected: "at most \(Self.longestPhrase) bytes", got: "\(phrase.utf8.count) bytes")
        }
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        let source = Presence.absolute(path)
        let published: PublishedText
        let encoder: SentenceEncoder
        do throws(CheckpointError) {
            published = try PublishedText(path: source)
            encoder = try published.load()
        } catch {
            throw .failed(error.description)
        }
        let folder = Folder.parent(of: published.weightsPath)
        let stem = name ?? URL(fileURLWithPath: folder).lastPathComponent
        let target = URL(fileURLWithPath: root ?? ".").standardizedFileURL.path + "/models/text/\(stem)"
        let hash: String
        do throws(FileError) {
            hash = try SHA256.hex(ofFile: published.weightsPath)
            if !onlyChecks, target != folder { try copy(published, to: target) }
        } catch {
            throw .failed(error.description)
        }
        let similarities = phrases.isEmpty ? nil : Self.similarities(encoder.embeddings(phrases))
        tell(published, similarities, hash: hash, target: onlyChecks ? nil : target, console)
        return .done
    }

    /// Every file appears whole or not at all, the weights last.
    private func copy(_ published: PublishedText, to target: String) throws(FileError) {
        try Folder.create(target)
        for file in published.filePaths + [published.weightsPath] {
            let copy = target + "/" + URL(fileURLWithPath: file).lastPathComponent
            if Presence.isFile(copy), try SHA256.hex(ofFile: copy) == SHA256.hex(ofFile: file) { continue }
            guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe) else {
                throw .failed(.read, path: file, code: EIO)
            }
            try AtomicFile.write(bytes, to: copy)
        }
    }

    /// Cosines of every pair, (phrases, phrases).
    private static func similarities(_ embeddings: Matrix<Float>) -> Matrix<Float> {
        product(embeddings, embeddings, transposeB: true)
    }

    private func tell(
        _ published: PublishedText, _ similarities: Matrix<Float>?, hash: String, target: String?, _ console: Console
    ) {
        let shape = published.shape
        if console.isJSON {
            var result: [String: JSONText] = [
                "family": .text(shape.family.rawValue), "tokens": .number(Double(shape.tokens)),
                "longestSequence": .number(Double(published.longestSequence)), "width": .number(Double(shape.width)),
                "depth": .number(Double(shape.depth)), "heads": .number(Double(shape.heads)),
                "embeddingWidth": .number(Double(shape.outputWidth)), "sha256": .text(hash),
                "copy": target.map { .text($0) } ?? .null,
            ]
            if let similarities {
                result["phrases"] = .list(phrases.map { .text($0) })
                result["similarities"] = .list(
                    (0..<similarities.rows).map { row in
                        .list(similarities.row(row).map { .number(Double($0)) })
                    })
            }
            console.result(JSONText.object(result).line)
            return
        }
        console.result(
            Wording.table([
                ["family", shape.family == .bert ? "BERT sentence encoder" : "CLIP text tower"],
                ["vocabulary", "\(shape.tokens) tokens, texts of up to \(published.longestSequence)"],
                ["blocks", "\(shape.depth), \(shape.width) wide, \(shape.heads) heads"],
                ["embedding", "\(shape.outputWidth) numbers"], ["SHA-256", hash], ["copy", target ?? "none (--check)"],
            ]))
        if let similarities {
            console.result("\n" + Wording.table(table(similarities)))
        } else {
            console.result(
                "\nCompare phrases: nightshift import-text \(path) --phrase scratch --phrase scrape")
        }
    }

    /// The phrases with their numbers, and the cosine of each to every other. Control characters are not shown: a phrase
    /// must not move the terminal's cursor.
    private func table(_ similarities: Matrix<Float>) -> [[String]] {
        var rows = [[""] + phrases.indices.map { "\($0 + 1)" } + [""]]
        for row in phrases.indices {
            let numbers = similarities.row(row).map { String(format: "%.3f", Double($0)) }
            let shown = String(
                phrases[row].unicodeScalars.filter { $0.properties.generalCategory != .control }.map(Character.init))
            rows.append(["\(row + 1)"] + numbers + [shown])
        }
        return rows
    }
}
