import Files
import Foundation
import Pipeline
import Publish
import RegionIndex

/// `nightshift search LINE TEXT`
package struct SearchVerb: Verb {
    package let folders: LineFolders
    /// What is looked for; nil with `like`, or when only the index is made again.
    package let text: String?
    /// A part whose region is looked for.
    package let like: String?
    package let wish: RegionFinder.Wish
    /// Instead of `models/LINE`.
    package let model: String?
    /// Where a page goes; nil = nowhere.
    package let page: String?
    package let rebuilds: Bool
    package let workers: Int?

    /// A description is a phrase; encoders read some dozens of words and would leave out the rest in silence.
    private static let longestText = 1000

    package static let description = VerbDescription(
        name: "search", summary: "find regions of past runs by words, or by a part that looks so",
        explanation: [
            "Ranks the regions of all flagged parts of a line's runs by how near they are to TEXT, and shows the nearest. What is "
                + "compared is the embedding of the description that the model predicted for a region, so words that mean "
                + "the same find the same, as far as the line's model has learned them. Similarity is a cosine: what is "
                + "near is for people to judge.",
            "The model must have been trained with language. `run` adds its regions to runs/LINE/region-index at its end; every "
                + "search checks what it reads there, and --rebuild makes it again from the runs. Runs whose folders are "
                + "gone are not shown.",
        ],
        arguments: [
            ArgumentDescription("LINE", "Name of the line."),
            ArgumentDescription("TEXT", optional: true, "What is looked for, in words: one argument, in quotes."),
        ],
        options: [
            OptionDescription(
                "like", value: "PART[:REGION]",
                "Instead of TEXT: find what looks like this part's region; PART is its id in the verdict, REGION counts from "
                    + "1. Needs no words and no model. Default region: the worst."),
            OptionDescription("limit", short: "n", value: "N", default: "20", "Show at most so many regions."),
            OptionDescription(
                "min-similarity", value: "S",
                "Show only regions at least so near, from -1 to 1."),
            OptionDescription("since", value: "DAY", "Only runs that began on that day (2026-11-24, UTC) or later."),
            OptionDescription("run", value: "ID", repeats: true, "Only this run; may be given several times."),
            OptionDescription("camera", value: "NAME", "Only parts of this camera: the first folder of their paths."),
            OptionDescription(
                "page", value: "FILE",
                "Also write the regions as a page: one file that needs no network, with their crops."),
            OptionDescription(
                "rebuild", "First make the line's index again from its runs; without TEXT do nothing else."),
            OptionDescription("model", value: "DIR", default: "models/LINE", "Model bundle that reads the words."),
            OptionDescription("workers", short: "j", value: "N", default: "one per core", "Threads that compare."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift search rim \"scratch near the rim\"", "the 20 nearest regions of all runs"),
            .init(
                "nightshift search rim \"dent\" --since 2026-11-01 --camera cam3 --page dents.html",
                "this month's, of one camera, also as a page with pictures"),
            .init(
                "nightshift search rim --like part-0815-3f2a9c01d4e5 --json",
                "everything that looked like this part, as JSON"),
            .init("nightshift search rim --rebuild", "make the index again from runs/rim"),
        ], exitCodes: [.locked])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folders = LineFolders(line: try arguments.line(), root: try arguments.path("root"))
        text = try Self.words(arguments.argument("TEXT"))
        like = try arguments.path("like")
        rebuilds = arguments.has("rebuild")
        if text == nil, like == nil, !rebuilds { throw .missingArgument("TEXT", verb: "search") }
        if text != nil, let like {
            throw .badValue(name: "--like", expected: "either TEXT or --like, not both", got: like)
        }
        var wish = RegionFinder.Wish()
        wish.limit = try arguments.whole("limit", in: 1...1000) ?? wish.limit
        wish.minimum = try arguments.number("min-similarity", in: -1...1) ?? wish.minimum
        wish.since = try Self.since(arguments.text("since"))
        wish.runs = arguments.texts("run")
        wish.camera = arguments.text("camera")
        self.wish = wish
        model = try arguments.path("model")
        page = try arguments.path("page")
        workers = try arguments.whole("workers", in: 0...256)
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        let lineFolder = folders.runs.path
        guard Presence.isFolder(lineFolder) else {
            throw .failed(
                "expected the runs of line \(folders.line) in \(lineFolder), found no folder; `nightshift run "
                    + "\(folders.line)` makes it, or name the plant's folder with --root")
        }
        if rebuilds { try rebuild(lineFolder, console) }
        guard let (embedding, space, what) = try lookedFor(lineFolder) else { return .done }
        let finder = RegionFinder(lineFolder: lineFolder, index: try open(space, lineFolder))
        let asked = workers ?? 0
        let answer = try finder.find(embedding, wish, workers: asked > 0 ? asked : Machine.current().cores)
        let output = SearchOutput(line: folders.line, what: what, answer: answer)
        if let page { try output.writePage(to: Presence.absolute(page)) }
        console.result(console.isJSON ? output.json.line : output.text)
        for note in output.notes { console.warn(note) }
        console.say(output.summary)
        return .done
    }

    /// The embedding that is looked for, its space, and how a person would call it; nil when nothing is.
    private func lookedFor(_ lineFolder: String) throws(VerbError) -> ([Float], SpaceStamp, String)? {
        if let like {
            let (embedding, space) = try example(like, lineFolder)
            return (embedding, space, "like \(like)")
        }
        guard let text else { return nil }
        try LineWork.requireBLAS()
        let opened = try LineWork.openModel(model.map(Presence.absolute) ?? folders.model.path, line: folders.line)
        let (embedding, space) = try LineWords.embedding(of: text, by: opened, line: folders.line)
        return (embedding, space, text)
    }

    private func example(_ like: String, _ lineFolder: String) throws(VerbError) -> ([Float], SpaceStamp) {
        let pieces = like.split(separator: ":", omittingEmptySubsequences: false)
        let part = String(pieces[0])
        let number = pieces.count == 2 ? Int(pieces[1]) : nil
        guard pieces.count == 1 || (pieces.count == 2 && (number ?? 0) > 0) else {
            throw .usage(
                .badValue(name: "--like", expected: "PART or PART:REGION with a region from 1 on", got: like))
        }
        let found: (run: RunFolder, embeddings: RegionEmbeddings)?
        do throws(RunError) {
            found = try RegionIndexing.embeddings(ofPart: part, lineFolder: lineFolder)
        } catch {
            throw .failed(error.description)
        }
        guard let found else {
            throw .failed(
                "--like: expected the id of a part that a run of line \(folders.line) has flagged and described, got "
                    + "\(part.debugDescription); ids stand in verdicts.jsonl and name the folders in flagged/, and a line that CLIP judges "
                    + "describes none")
        }
        let rows = found.embeddings.rows
        let row = if let number { number - 1 } else { try worst(part, found.run) }
        guard rows.indices.contains(row), let embedding = rows[row] else {
            throw .failed("--like: expected a described region of part \(part), 1…\(rows.count), got \(row + 1)")
        }
        guard let space = SpaceStamp(identity: found.embeddings.textSpace, width: found.embeddings.width) else {
            throw .failed(
                "\(found.run.path): expected the hash of a text space with the embeddings of part \(part), got "
                    + found.embeddings.textSpace.debugDescription)
        }
        return (embedding, space)
    }

    /// The region with the highest peak, as the part's verdict.json has it.
    private func worst(_ part: String, _ run: RunFolder) throws(VerbError) -> Int {
        guard let place = run.place(of: FlaggedFolder(partID: part).verdict),
            let bytes = FileManager.default.contents(atPath: place),
            let record = try? JSONDecoder().decode(VerdictRecord.self, from: bytes),
            let worst = record.regions.indices.max(by: { record.regions[$0].peak < record.regions[$1].peak })
        else {
            throw .failed(
                "expected a verdict with regions in \(run.path) for part \(part), found none that can be read")
        }
        return worst
    }

    private func open(_ space: SpaceStamp, _ lineFolder: String) throws(VerbError) -> RegionIndexFile {
        let index = RegionIndex(lineFolder: lineFolder)
        do throws(RegionIndexError) {
            if let file = try index.open(space) { return file }
        } catch {
            throw .failed(error.description)
        }
        let others = index.countOfOthers(than: space)
        if others > 0 {
            throw .failed(
                "the \(others) indexed regions of line \(folders.line) were described by a model with another text encoder, "
                    + "and words of one cannot be compared with regions of the other; name that model with --model, or "
                    + "search again after a run with this one")
        }
        throw .failed(
            "no region of line \(folders.line) is in the index yet: `nightshift run \(folders.line)` adds those of the parts "
                + "that it flags, `nightshift search \(folders.line) --rebuild` those of earlier runs")
    }

    private func rebuild(_ lineFolder: String, _ console: Console) throws(VerbError) {
        var bar: ProgressBar?
        let summary: RegionIndexing.Summary
        do throws(RegionIndexError) {
            summary = try RegionIndexing.rebuild(lineFolder: lineFolder) { done, total in
                bar = bar ?? ProgressBar("rebuild", total: Double(total), console: console)
                bar?.update(Double(done))
            }
        } catch {
            bar?.finish()
            if case .locked(let holder, _) = error {
                throw .locked("the index of line \(folders.line) is being written by \(holder); wait for it, or end it")
            }
            throw .failed(error.description)
        }
        bar?.finish()
        for problem in summary.problems { console.warn(problem) }
        let words =
            "\(Wording.count(summary.regions, "region")) of \(Wording.count(summary.runs, "run")) indexed"
        guard text == nil, like == nil else { return console.say(words) }
        console.result(
            console.isJSON
                ? JSONText.object([
                    "runs": .number(Double(summary.runs)), "regions": .number(Double(summary.regions)),
                    "problems": .list(summary.problems.map { .text($0) }),
                ]).line : words)
    }

    /// What is looked for; throws where there is nothing to read in it, or too much.
    private static func words(_ text: String?) throws(UsageError) -> String? {
        guard let text else { return nil }
        let hasWords = text.unicodeScalars.contains {
            !$0.properties.isWhitespace && $0.properties.generalCategory != .control
                && $0.properties.generalCategory != .format
        }
        guard hasWords else { throw .badValue(name: "TEXT", expected: "words", got: Wording.visible(text)) }
        guard text.utf8.count <= longestText else {
            throw .badValue(
                name: "TEXT", expected: "at most \(longestText) bytes, a phrase", got: "\(text.utf8.count) bytes")
        }
        return text
    }

    /// A day, or a time in UTC: the form in which runs write their start, or the beginning of it.
    private static func since(_ text: String?) throws(UsageError) -> String? {
        guard let text else { return nil }
        let whole = text.count == 10 ? text + "T00:00:00Z" : text
        guard whole.utf8.count == 20, let date = try? Date(whole, strategy: .iso8601), date.formatted(.iso8601) == whole
        else {
            throw .badValue(name: "--since", expected: "a day such as 2026-11-24, or 2026-11-24T06:00:00Z", got: text)
        }
        return whole
    }
}
