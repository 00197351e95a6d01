/// What is wrong with a command line, and what was probably meant.
package enum UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    case noVerb
    case unknownVerb(String, suggestion: String?)
    case unknownOption(String, verb: String, suggestion: String?)
    case missingValue(option: String, placeholder: String)
    case unexpectedValue(option: String, value: String)
    case givenTwice(option: String)
    case missingArgument(String, verb: String)
    case extraArgument(String, verb: String)
    case badValue(name: String, expected: String, got: String)

    package var description: String {
        switch self {
        case .noVerb: "expected a verb, got nothing; `nightshift --help` lists them"
        case .unknownVerb(let word, let suggestion):
            "unknown verb '\(word)'"
                + (suggestion.map { "; did you mean '\($0)'?" } ?? "; `nightshift --help` lists them")
        case .unknownOption(let option, let verb, let suggestion):
            "unknown option '\(option)'"
                + (suggestion.map { "; did you mean '\($0)'?" } ?? "; `nightshift \(verb) --help` lists them")
        case .missingValue(let option, let placeholder): "\(option): expected \(placeholder) after it, got nothing"
        case .unexpectedValue(let option, let value): "\(option): expected no value, got '\(value)'"
        case .givenTwice(let option): "\(option): expected once, got twice"
        case .missingArgument(let name, let verb): "expected \(name), got nothing; see `nightshift \(verb) --help`"
        case .extraArgument(let word, let verb):
            "expected no further argument, got '\(word)'; see `nightshift \(verb) --help`"
        case .badValue(let name, let expected, let got): "\(name): expected \(expected), got '\(got)'"
        }
    }
}
