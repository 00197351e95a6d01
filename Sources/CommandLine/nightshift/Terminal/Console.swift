import Foundation

/// Where a verb speaks: results go to stdout, words for people to stderr.
///
/// Nothing here throws: a reader that went away (`nightshift run … | head`) ends the output, not the run.
package struct Console: Sendable {
    /// Whether results are JSON (`--json`).
    package let isJSON: Bool
    /// Whether progress is wanted; errors and warnings are always told.
    package let isQuiet: Bool
    /// Whether stderr is a terminal that can redraw a line.
    package let redraws: Bool
    /// Whether stderr may carry colours.
    package let colours: Bool

    /// A console for this process. Colours need a terminal, no `NO_COLOR` (no-color.org) and a `TERM` that is not dumb.
    package init(isJSON: Bool = false, isQuiet: Bool = false) {
        self.isJSON = isJSON
        self.isQuiet = isQuiet
        let environment = ProcessInfo.processInfo.environment
        redraws = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        colours = Console.allowsColours(isTerminal: redraws, noColour: environment["NO_COLOR"])
    }

    /// The rule of no-color.org: any value but the empty one forbids colours.
    package static func allowsColours(isTerminal: Bool, noColour: String?) -> Bool {
        isTerminal && (noColour ?? "").isEmpty
    }

    /// Colours by meaning.
    package enum Ink: String, Sendable {
        case good = "32"
        case warning = "33"
        case bad = "31"
        case faint = "2"
        case strong = "1"
    }

    /// `text` in a colour, where colours are allowed.
    package func inked(_ text: String, _ ink: Ink) -> String {
        colours ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A line of result on stdout.
    package func result(_ line: String) { Console.write(line + "\n", to: STDOUT_FILENO) }

    /// A line for people on stderr; not with `--quiet`.
    package func say(_ line: String) { if !isQuiet { Console.write(line + "\n", to: STDERR_FILENO) } }

    /// A warning on stderr, always.
    package func warn(_ line: String) {
        Console.write(inked("warning:", .warning) + " " + line + "\n", to: STDERR_FILENO)
    }

    /// The final error of a verb on stderr: a sentence, or one line of JSON with `--json`.
    package func fail(verb: String?, sentence: String, code: ExitCode) {
        if isJSON {
            let value = Console.errorJSON(verb: verb, sentence: sentence, code: code)
            Console.write(value + "\n", to: STDERR_FILENO)
        } else {
            let name = ["nightshift", verb].compactMap(\.self).joined(separator: " ")
            Console.write(inked(name + ":", .bad) + " " + sentence + "\n", to: STDERR_FILENO)
        }
    }

    /// `{"error":{"exitCode":2,"message":"…","verb":"run"}}`
    package static func errorJSON(verb: String?, sentence: String, code: ExitCode) -> String {
        var error: [String: JSONText] = ["exitCode": .number(Double(code.rawValue)), "message": .text(sentence)]
        if let verb { error["verb"] = .text(verb) }
        return JSONText.object(["error": .object(error)]).line
    }

    /// All bytes, over short writes and interruptions; a closed reader ends it in silence.
    static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                bytes = bytes.dropFirst(written)
            } else if errno != EINTR && errno != EAGAIN {
                return
            }
        }
    }
}
