/// An option of a verb, as the parser needs it and as the help shows it.
package struct OptionDescription: Sendable {
    /// Without dashes: "overkill-rate".
    package let long: String
    /// Without dash: "j"; nil = none.
    package let short: Character?
    /// What stands for the value in the help ("DIR"); nil = a flag.
    package let placeholder: String?
    /// One or two sentences.
    package let help: String
    /// The default in words; nil = none to speak of.
    package let defaultValue: String?
    /// Whether it may be given more than once.
    package let repeats: Bool

    package init(
        _ long: String, short: Character? = nil, value placeholder: String? = nil, default defaultValue: String? = nil,
        repeats: Bool = false, _ help: String
    ) {
        self.long = long
        self.short = short
        self.placeholder = placeholder
        self.help = help
        self.defaultValue = defaultValue
        self.repeats = repeats
    }

    /// `--json`: the same words wherever results come out.
    package static let json = OptionDescription(
        "json", "Print results as JSON on stdout; errors become one line of JSON on stderr.")
    /// `--root`: where a plant's folders lie.
    package static let root = OptionDescription(
        "root", value: "DIR", default: "the current folder", "Folder that holds pipelines/, models/ and runs/.")
    /// `--quiet`: for those who read logs.
    package static let quiet = OptionDescription("quiet", short: "q", "No progress on stderr; errors still appear.")
    /// `--adapt`: wherever `--encoder` chooses weights.
    package static let adapt = OptionDescription(
        "adapt",
        "With --encoder: the weights are where training starts, and learn on from the good images, slower than the "
            + "predictor, instead of staying frozen. Each step costs several times as much.")
    /// `--robustness`: wherever labelled images are measured.
    package static let names = OptionDescription(
        "names", "Also measure names: which name each defective part's worst place gets, one name per kind of the set.")
    package static let words = OptionDescription(
        "words", value: "FILE", default: "the folders' names",
        "With --names: JSON from kind to its phrase, or a list of phrases.")
    package static let robustness = OptionDescription(
        "robustness",
        "Also measure the same images under light ±20 %, gamma, blur, JPEG, shifts, turns and noise: AUROC, and the share of "
            + "good parts flagged at the unchanged threshold.")
    /// `--help`: every verb has it.
    package static let showHelp = OptionDescription("help", short: "h", "Show this help.")
}

/// A positional argument.
package struct ArgumentDescription: Sendable {
    package let name: String
    package let help: String
    package let isOptional: Bool
    /// Whether several may be given; then it is the last argument of its verb.
    package let repeats: Bool

    package init(_ name: String, optional: Bool = false, repeats: Bool = false, _ help: String) {
        self.name = name
        self.help = help
        isOptional = optional
        self.repeats = repeats
    }
}

/// One verb as the parser and the help know it.
package struct VerbDescription: Sendable {
    /// A command line with what it does, in one sentence.
    package struct Example: Sendable {
        package let command: String
        package let what: String

        package init(_ command: String, _ what: String) {
            self.command = command
            self.what = what
        }
    }

    package let name: String
    /// One line, no full stop, for the table of verbs.
    package let summary: String
    /// What a newcomer wants to know before the options; paragraphs.
    package let explanation: [String]
    package let arguments: [ArgumentDescription]
    /// The verb's own options; `--help` is added to all.
    package let options: [OptionDescription]
    package let examples: [Example]
    /// Exit codes beside 0, 1 and 2.
    package let exitCodes: [ExitCode]

    package init(
        name: String, summary: String, explanation: [String], arguments: [ArgumentDescription] = [],
        options: [OptionDescription], examples: [Example], exitCodes: [ExitCode] = []
    ) {
        self.name = name
        self.summary = summary
        self.explanation = explanation
        self.arguments = arguments
        self.options = options + [.showHelp]
        self.examples = examples
        self.exitCodes = exitCodes
    }

    /// `nightshift run [options] LINE`
    package var usage: String {
        let names = arguments.map { ($0.isOptional ? "[\($0.name)]" : $0.name) + ($0.repeats ? "..." : "") }
        return (["nightshift", name] + names + ["[options]"]).joined(separator: " ")
    }
}
