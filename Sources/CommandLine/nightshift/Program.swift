import Recipe

/// The program: words in, exit code out.
package enum Program {
    /// Version of the program, written into verdicts, run.json and model cards.
    package static let version = "0.1.0"

    /// Every verb, in the order in which a newcomer meets them.
    static let verbs: [any Verb.Type] = [
        InitVerb.self, SynthesizeVerb.self, TrainVerb.self, RunVerb.self, ReportVerb.self, SearchVerb.self,
        AskVerb.self,
        VerifyVerb.self, EvaluateVerb.self, CompareVerb.self, BenchmarkVerb.self, ImportEncoderVerb.self,
        ImportTextVerb.self,
        DoctorVerb.self,
    ]

    /// The verbs' descriptions: what the help and the parser go by.
    package static var descriptions: [VerbDescription] { verbs.map { $0.description } }

    /// Does what the words after the program's name say; prints results to stdout and errors to stderr.
    package static func run(_ words: [String]) -> ExitCode {
        // Known before the options are taken apart, so that an error in them is told in the form that was asked for.
        let isJSON = words.prefix { $0 != "--" }.contains("--json")
        var verbName: String?
        do throws(VerbError) {
            return try dispatch(words, isJSON: isJSON, verbName: &verbName)
        } catch {
            Console(isJSON: isJSON).fail(verb: verbName, sentence: error.description, code: error.exitCode)
            return error.exitCode
        }
    }

    private static func dispatch(
        _ words: [String], isJSON: Bool, verbName: inout String?
    ) throws(VerbError) -> ExitCode {
        let console = Console(isJSON: isJSON)
        guard let first = words.first else { throw .usage(.noVerb) }
        switch first {
        case "--version", "-V":
            console.result("nightshift \(version)")
            return .done
        case "--help", "-h":
            return help(nil, console)
        case "help":
            guard words.count > 1 else { return help(nil, console) }
            if words.count > 2 { throw .usage(.extraArgument(words[2], verb: "help")) }
            return help(try verb(named: words[1]), console)
        default: break
        }
        if first.hasPrefix("-"), first != "-" {
            let near = Spelling.nearest(to: first, in: ["--help", "--version"])
            throw .usage(.unknownOption(first, verb: "", suggestion: near))
        }
        let verb = try verb(named: first)
        verbName = first
        let work: any Verb
        let arguments: ParsedArguments
        do throws(UsageError) {
            arguments = try ParsedArguments(Array(words.dropFirst()), verb: verb.description)
            if arguments.asksForHelp { return help(verb, console) }
            work = try verb.init(arguments)
        } catch {
            throw .usage(error)
        }
        return try work.run(Console(isJSON: isJSON, isQuiet: arguments.has("quiet")))
    }

    private static func verb(named name: String) throws(VerbError) -> any Verb.Type {
        if let verb = verbs.first(where: { $0.description.name == name }) { return verb }
        throw .usage(.unknownVerb(name, suggestion: Spelling.nearest(to: name, in: descriptions.map(\.name))))
    }

    private static func help(_ verb: (any Verb.Type)?, _ console: Console) -> ExitCode {
        let text = verb.map { HelpText.verb($0.description) } ?? HelpText.overview(descriptions)
        console.result(String(text.dropLast()))
        return .done
    }
}

/// One verb: raw words → typed options (`init`) → work (`run`).
package protocol Verb: Sendable {
    /// What the parser and the help know of it.
    static var description: VerbDescription { get }
    /// Typed options; throws what is wrong with the words.
    init(_ arguments: ParsedArguments) throws(UsageError)
    /// Does the work.
    func run(_ console: Console) throws(VerbError) -> ExitCode
}
