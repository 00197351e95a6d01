import Describe
import Files
import Foundation
import Handover
import Pipeline
import Publish
import Recipe
import RegionIndex
import Text

/// `nightshift ask PART QUESTION`
package struct AskVerb: Verb {
    package let part: String
    package let question: String
    package let line: String?
    package let root: String?
    /// Instead of `models/LINE`.
    package let model: String?

    private static let longestQuestion = 1000

    package static let description = VerbDescription(
        name: "ask", summary: "ask a yes-or-no question about one inspected part",
        explanation: [
            "Answers yes, no or unknown, with the similarity behind it. The question's words are compared with what the model "
                + "predicted for each region that stood out on the part, against the line's other names. A part that "
                + "passed has no such regions: whatever is asked for was not found on it.",
            "Be fair to it: names were learned from damage painted on good pictures and from its captions, not from your "
                + "defects. It can tell a scratch from a stain; it cannot count, measure or read.",
            "PART is the part's id as verdicts.jsonl has it, or its folder below runs/LINE/RUN/flagged/.",
        ],
        arguments: [
            ArgumentDescription("PART", "Id of an inspected part, or its folder in a run."),
            ArgumentDescription("QUESTION", "The question in plain English, in quotes."),
        ],
        options: [
            OptionDescription("line", value: "LINE", default: "the one whose runs know PART", "The part's line."),
            OptionDescription("model", value: "DIR", default: "models/LINE", "Model bundle that reads the words."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift ask rim-0815-3f2a9c01d4e5 \"is there a scratch?\"", "yes, no or unknown"),
            .init(
                "nightshift ask runs/rim/20261124-020000/flagged/rim-0815-3f2a9c01d4e5 \"is the cap missing?\" --json",
                "as JSON"),
        ])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        part = arguments.required("PART")
        let text = arguments.required("QUESTION")
        guard text.contains(where: { $0.isLetter || $0.isNumber }) else {
            throw .badValue(name: "QUESTION", expected: "a question in words", got: Wording.visible(text))
        }
        guard text.utf8.count <= Self.longestQuestion else {
            throw .badValue(
                name: "QUESTION", expected: "at most \(Self.longestQuestion) bytes", got: "\(text.utf8.count) bytes")
        }
        question = text
        line = arguments.text("line")
        root = try arguments.path("root")
        model = try arguments.path("model")
        if let line, !RecipeField.isLineName(line) {
            throw .badValue(name: "--line", expected: "the name of a line", got: Wording.visible(line))
        }
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        let (name, id, home) = try place()
        let folders = LineFolders(line: name, root: home)
        let answer = try answer(id, folders)
        if console.isJSON {
            console.result(
                JSONText.object([
                    "line": .text(name), "part": .text(id), "question": .text(question),
                    "answer": .text(answer.reply.rawValue),
                    "similarity": answer.similarity.map { .number(($0 * 10_000).rounded() / 10_000) } ?? .null,
                    "region": answer.region.map { .number(Double($0)) } ?? .null,
                    "rival": answer.rival.map { .text($0.label) } ?? .null, "reason": .text(answer.reason),
                ]).line)
        } else {
            let number = answer.similarity.map { " (similarity \(Wording.fixed($0, 2)))" } ?? ""
            console.result("\(answer.reply.rawValue)\(number): \(answer.reason)")
        }
        return .done
    }

    private func answer(_ id: String, _ folders: LineFolders) throws(VerbError) -> PartAnswer {
        let found: (run: RunFolder, embeddings: RegionEmbeddings)?
        do throws(RunError) {
            found = try RegionIndexing.embeddings(ofPart: id, lineFolder: folders.runs.path)
        } catch {
            throw .failed(error.description)
        }
        let asked = Question(question)
        guard let found else { return try withoutRegions(id, folders, asked) }
        if asked.asksForGood {
            return PartAnswer(.no, reason: "the part was flagged; its panel shows where")
        }
        guard !asked.content.isEmpty else {
            return PartAnswer(.unknown, reason: "the question names nothing that could be looked for")
        }
        try LineWork.requireBLAS()
        let opened = try LineWork.openModel(model.map(Presence.absolute) ?? folders.model.path, line: folders.line)
        let (words, space) = try LineWords.embedding(of: asked.content, by: opened, line: folders.line)
        guard space.identity == found.embeddings.textSpace, space.width == found.embeddings.width,
            let vocabulary = opened.model.language?.region.vocabulary
        else {
            throw .failed(
                "part \(id) was described by a model with another text encoder, whose words cannot be compared with this "
                    + "one's; name that model with --model, or inspect the part again")
        }
        return PartAnswer(
            words: words[...], content: asked.content, regions: found.embeddings.rows, vocabulary: vocabulary)
    }

    /// A part that no run has described: it passed, or its model had no language (CLIP never has), or nobody knows it.
    private func withoutRegions(
        _ id: String, _ folders: LineFolders, _ asked: Question
    ) throws(VerbError) -> PartAnswer {
        guard let verdict = try Self.verdict(of: id, below: folders.runs.path) else {
            throw .failed(
                "expected a part that a run of line \(folders.line) has inspected, got \(Wording.visible(id)); ids stand in "
                    + "verdicts.jsonl and name the folders in flagged/")
        }
        guard verdict.verdict == "pass" else {
            guard verdict.method != Recipe.Method.clip.rawValue else {
                throw .failed(
                    "part \(id) was flagged; " + LineWork.clipHasNone(folders.line, model: folders.model.path))
            }
            throw .failed(
                "part \(id) was flagged by a model without language: `nightshift train \(folders.line) --only-language` "
                    + "teaches it, then inspect the part again")
        }
        return asked.asksForGood
            ? PartAnswer(.yes, reason: "the part passed: nothing stood out on it")
            : PartAnswer(.no, reason: "the part passed: nothing stood out on it that could be that")
    }

    /// The verdict of a part in the latest run that has one, and what it was judged by.
    private static func verdict(
        of id: String, below runs: String
    ) throws(VerbError) -> (verdict: String, method: String?)? {
        struct Line: Decodable {
            struct Part: Decodable { let id: String }
            struct Model: Decodable { let method: String? }
            let part: Part
            let verdict: String
            let model: Model?
        }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []).sorted(by: >)
        let wanted = "\"id\":\"\(id)\""
        for name in names where !name.hasPrefix(".") {
            let path = RunFolder(path: runs + "/" + name).verdicts
            guard Presence.isFile(path) else { continue }
            do {
                var reader = try LineReader(path: path)
                while let line = try reader.next() {
                    let text = String(decoding: line.bytes, as: UTF8.self)
                    guard text.contains(wanted),
                        let record = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)),
                        record.part.id == id
                    else { continue }
                    return (record.verdict, record.model?.method)
                }
            } catch {
                throw .failed("\(path): \(error)")
            }
        }
        return nil
    }

    /// The line and the id that PART means, and the plant's root folder where PART tells it.
    private func place() throws(VerbError) -> (line: String, id: String, root: String?) {
        if part.contains("/") {
            let pieces = URL(fileURLWithPath: part).standardizedFileURL.pathComponents
            guard let flagged = pieces.lastIndex(of: "flagged"), flagged >= 2, flagged + 1 < pieces.count else {
                throw .failed(
                    "PART: expected a part's folder like runs/LINE/RUN/flagged/PART, got \(Wording.visible(part))")
            }
            let name = line ?? pieces[flagged - 2]
            guard RecipeField.isLineName(name) else {
                throw .failed("PART: expected runs/LINE/RUN/flagged/PART, got \(Wording.visible(part))")
            }
            let tellsRoot = root == nil && flagged >= 3 && pieces[flagged - 3] == "runs"
            let home = tellsRoot ? NSString.path(withComponents: Array(pieces[..<(flagged - 3)])) : root
            return (name, pieces[flagged + 1], home)
        }
        if let line { return (line, part, root) }
        let runs = URL(fileURLWithPath: root ?? ".").standardizedFileURL.path + "/runs"
        let lines = ((try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []).filter(RecipeField.isLineName)
            .sorted()
        var knowing: [String] = []
        for name in lines where try Self.verdict(of: part, below: runs + "/" + name) != nil { knowing.append(name) }
        guard let first = knowing.first, knowing.count == 1 else {
            throw .failed(
                knowing.isEmpty
                    ? "expected a part that a run below \(runs) has inspected, got \(Wording.visible(part))"
                    : "lines \(knowing.joined(separator: ", ")) all know part \(part); say which with --line")
        }
        return (first, part, root)
    }
}
