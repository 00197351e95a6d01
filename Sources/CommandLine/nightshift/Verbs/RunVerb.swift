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
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        throw .failed("this build of `run` has no body yet")
    }
}
