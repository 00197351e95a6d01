import Checkpoint
import Files
import Foundation
import Handover
import Ledger
import Pipeline
import Publish
import Recipe

/// `nightshift run LINE`
package struct RunVerb: Verb {
    package let folders: LineFolders
    /// Instead of the recipe's `drop`.
    package let drop: String?
    /// Instead of `models/LINE`.
    package let model: String?
    /// Instead of the recipe's `workers`.
    package let workers: Int?
    /// Instead of the recipe's `settleSeconds`.
    package let settleSeconds: Int?
    package let failsOnFlagged: Bool
    /// The share of the drop that this process inspects; nil = all of it.
    package let shard: Shard?
    /// Inspect also what has a verdict by this model and recipe, or was quarantined.
    package let repeats: Bool

    package static let description = VerbDescription(
        name: "run", summary: "inspect everything new in a line's drop",
        explanation: [
            "Takes every whole file of the drop that has no verdict yet, and writes runs/LINE/RUN/: verdicts.jsonl, "
                + "summary.csv, a heatmap per part, flagged/ for the parts to review, quarantine/ for files that could "
                + "not be inspected, and report.html. Files that cameras are still writing are left for the next run. The "
                + "drop itself is only read, unless the recipe says `archive: \"move\"`.",
            "Made for cron: a second run of the same line is refused, a run that was killed goes on where it stopped, an "
                + "empty night is a success. Flagged parts are a result, not a failure.",
        ],
        arguments: [ArgumentDescription("LINE", "Name of the line.")],
        options: [
            OptionDescription("drop", value: "DIR", default: "the recipe's", "Inspect this folder instead."),
            OptionDescription("model", value: "DIR", default: "models/LINE", "Model bundle to inspect with."),
            OptionDescription(
                "workers", short: "j", value: "N", default: "the recipe's", "Images at a time; 0 = one per core."),
            OptionDescription(
                "settle", value: "SECONDS", default: "the recipe's",
                "How long a file must stand still to count as whole; 0 for a folder that nobody writes to."),
            OptionDescription(
                "shard", value: "I/N", "Inspect only share I of N, counted from 0: 0/4 … 3/4 on four machines."),
            OptionDescription(
                "again", "Inspect also what has a verdict by this model and recipe, or was quarantined, already."),
            OptionDescription("fail-on-flagged", "Exit with 4 when a part is flagged."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift run rim", "the nightly run of line rim"),
            .init(
                "nightshift run rim --json | jq -c 'select(.verdict != \"pass\")'",
                "one line of JSON per part; show those flagged"),
            .init("nightshift run rim --drop /mnt/returns --settle 0", "inspect another folder, right now"),
        ],
        exitCodes: [.quarantined, .flagged, .locked, .interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folders = LineFolders(line: try arguments.line(), root: try arguments.path("root"))
        drop = try arguments.path("drop")
        model = try arguments.path("model")
        workers = try arguments.whole("workers", in: 0...256)
        settleSeconds = try arguments.whole("settle", in: 0...86_400)
        failsOnFlagged = arguments.has("fail-on-flagged")
        repeats = arguments.has("again")
        shard = try Self.shard(arguments.text("shard"))
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        let recipe = try folders.loadRecipe()
        try LineWork.requireBLAS()
        let model = try LineWork.openLine(model.map(Presence.absolute) ?? folders.model.path, recipe: recipe)
        let drop = drop.map(Presence.absolute) ?? folders.resolve(recipe.drop).path
        guard Presence.isFolder(drop) else {
            throw .failed(
                "expected the drop, a folder, at \(drop), found none; mend the recipe, or name it with --drop")
        }
        var options = RunOptions(
            line: folders.line, drop: drop, folder: folders.runs.path,
            settleSeconds: Double(settleSeconds ?? recipe.settleSeconds), maxBytes: recipe.limits.maxBytes,
            recipeSHA256: SHA256.hex(of: recipe.canonicalJSON()), modelName: model.card.name,
            modelSHA256: model.sha256, csvHeader: SummaryCSV.header)
        options.method = model.model.method.rawValue
        options.workers = LineWork.workers(workers, recipe)
        options.giveUpSeconds = Double(recipe.giveUpSeconds)
        options.archive = recipe.archive == .move ? folders.resolve(recipe.archiveFolder).path : nil
        options.shard = shard
        options.again = repeats
        options.versions = Versions.current

        let work = NightWork(model: model, recipe: recipe, options: options)
        let voice = RunVoice(console: console, stop: work.stop)
        var run = work.run()
        run.progress = { done, total, _ in voice.progress(done: done, total: total) }
        run.onEvent = { voice.heard($0) }
        run.onVerdict = { voice.verdict($0) }
        let summary: RunSummary
        do throws(RunError) { summary = try run.run() } catch {
            voice.end()
            if case .locked(let holder, _) = error {
                throw .locked("another run of line \(folders.line) is at work: \(holder); wait for it, or end it")
            }
            throw .failed(error.description)
        }
        voice.end()
        voice.tell(summary)
        guard summary.state != .interrupted else {
            throw .interrupted(
                "stopped after \(summary.counts.total) of \(summary.inputs) inputs; the same command goes on from there"
            )
        }
        return ExitCode.ofRun(
            quarantined: summary.counts.quarantined, flagged: summary.counts.flagged, failOnFlagged: failsOnFlagged)
    }

    private static func shard(_ text: String?) throws(UsageError) -> Shard? {
        guard let text else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], count <= 100_000,
            let shard = Shard(index: index, count: count)
        else {
            throw .badValue(name: "--shard", expected: "I/N with I from 0 to N − 1, such as 0/4", got: text)
        }
        return shard
    }
}
