/// The help texts, made from the descriptions alone, so that they cannot lie about the parser.
package enum HelpText {
    /// Lines are at most this wide: it fits a terminal of 80 with room, and reads well.
    package static let width = 100

    /// `nightshift --help`
    package static func overview(_ verbs: [VerbDescription]) -> String {
        var lines = [
            "nightshift: every night it inspects the images that cameras dropped during the day.",
            "",
            "usage: nightshift VERB [arguments] [options]",
            "",
            "A line is set up once: `init` writes its recipe, `train` learns from good images. Then cron or a timer calls",
            "`run` every night, and a person reviews the flagged parts in the run's report.html.",
            "",
            "verbs:",
        ]
        lines += definitions(verbs.map { ($0.name, $0.summary) })
        lines += ["", "exit codes:"]
        lines += definitions(ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) })
        lines += [
            "",
            "`nightshift VERB --help` explains a verb and shows examples. `nightshift --version` prints the version.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// `nightshift VERB --help`
    package static func verb(_ verb: VerbDescription) -> String {
        var lines = ["nightshift \(verb.name): \(verb.summary)", "", "usage: \(verb.usage)"]
        for paragraph in verb.explanation { lines += [""] + wrapped(paragraph, width: width) }
        if !verb.arguments.isEmpty {
            lines += ["", "arguments:"] + definitions(verb.arguments.map { ($0.name, $0.help) })
        }
        lines += ["", "options:"]
        lines += definitions(
            verb.options.map { option in
                let short = option.short.map { "-\($0), " } ?? "    "
                let value = option.placeholder.map { " \($0)" } ?? ""
                let tail = option.defaultValue.map { " Default: \($0)." } ?? ""
                return (short + "--\(option.long)" + value, option.help + tail)
            })
        if !verb.exitCodes.isEmpty {
            lines += ["", "exit codes beside 0, 1 and 2:"]
            lines += definitions(verb.exitCodes.map { ("\($0.rawValue)", $0.meaning) })
        }
        lines += ["", "examples:"]
        for example in verb.examples { lines += ["  \(example.command)", "      \(example.what)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Two columns: the terms, and their wrapped explanations beside them.
    static func definitions(_ pairs: [(term: String, text: String)]) -> [String] {
        let column = min(28, pairs.map(\.term.count).max() ?? 0)
        var lines: [String] = []
        for (term, text) in pairs {
            let body = wrapped(text, width: width - column - 4)
            if term.count > column {
                lines.append("  \(term)")
                lines += body.map { String(repeating: " ", count: column + 4) + $0 }
            } else {
                for (index, line) in body.enumerated() {
                    let head = index == 0 ? term : ""
                    lines.append("  " + head + String(repeating: " ", count: column - head.count + 2) + line)
                }
            }
        }
        return lines
    }

    /// Words of `text` in lines of at most `width` characters; a longer word stands alone.
    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }
}
