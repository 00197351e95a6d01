/// `nightshift train LINE`
package struct TrainVerb: Verb {
    package let folders: LineFolders
    /// Instead of the recipe's `good`.
    package let good: String?
    /// Instead of the recipe's `training.minutes`.
    package let minutes: Double?
    /// Instead of the recipe's `workers`.
    package let workers: Int?
    package let startsAfresh: Bool

    package static let description = VerbDescription(
        name: "train", summary: "learn a line from its good images and calibrate its thresholds",
        explanation: [
            "Reads pipelines/LINE/recipe.json5 and the good images it names, learns to predict hidden patches, then looks at "
                + "good images held out of training and sets the thresholds so that at most the recipe's overkill rate of "
                + "good parts will fail. Writes the model bundle models/LINE/.",
            "Only good images are needed, but they must really be good: a defect among them is learned as normal. With too few "
                + "of them for the overkill rate it refuses and says how many it needs.",
            "Stopped by Ctrl-C it keeps its checkpoint; the same command goes on from there.",
        ],
        arguments: [ArgumentDescription("LINE", "Name of the line.")],
        options: [
            OptionDescription("good", value: "DIR", default: "the recipe's", "Folder of good images."),
            OptionDescription(
                "minutes", short: "m", value: "M", default: "the recipe's", "Minutes of training by the clock."),
            OptionDescription(
                "workers", short: "j", value: "N", default: "the recipe's", "Images at a time; 0 = one per core."),
            OptionDescription("fresh", "Forget the checkpoint of an interrupted training and start again."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift train rim", "learns line rim and writes models/rim/"),
            .init("nightshift train rim --minutes 60 --fresh", "an hour, from the start"),
        ],
        exitCodes: [.locked, .interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folders = LineFolders(line: try arguments.line(), root: try arguments.path("root"))
        good = try arguments.path("good")
        minutes = try arguments.number("minutes", in: 0.05...10_080)
        workers = try arguments.whole("workers", in: 0...256)
        startsAfresh = arguments.has("fresh")
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        throw .failed("this build of `train` has no body yet")
    }
}
