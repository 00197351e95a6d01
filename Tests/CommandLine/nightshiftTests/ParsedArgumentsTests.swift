import Foundation
import Testing
import nightshift

/// A verb with every kind of option.
private let verb = VerbDescription(
    name: "try", summary: "try", explanation: [],
    arguments: [.init("LINE", "a line"), .init("MORE", optional: true, "more")],
    options: [
        .init("minutes", short: "m", value: "M", "minutes"), .init("path", value: "DIR", "a path"),
        .init("tag", short: "t", value: "TAG", repeats: true, "tags"), .init("force", short: "f", "force"),
        .init("fail-on-flagged", "fail"), .quiet, .json,
    ], examples: [])

private func parsed(_ line: String) throws -> ParsedArguments {
    try ParsedArguments(line.split(separator: " ").map(String.init), verb: verb)
}

private func complaint(_ line: String) -> String {
    do {
        _ = try parsed(line)
        return "accepted"
    } catch {
        return "\(error)"
    }
}

@Suite("Arguments")
struct ParsedArgumentsTests {
    @Test(
        "every spelling of an option with a value is understood",
        arguments: [
            "rim --minutes 5", "--minutes=5 rim", "-m 5 rim", "-m5 rim", "rim -qm 5", "-fqm5 rim", "--minutes 5 -- rim",
        ])
    func spellings(line: String) throws {
        let arguments = try parsed(line)
        #expect(try arguments.number("minutes", in: 0...10) == 5)
        #expect(arguments.required("LINE") == "rim")
        #expect(arguments.argument("MORE") == nil)
    }

    @Test("after -- everything is positional; an empty value and one with '=' survive; repeats keep their order")
    func corners() throws {
        let arguments = try ParsedArguments(["--path=a=b", "-t", "x", "--tag=", "--", "--json", "-f"], verb: verb)
        #expect(arguments.text("path") == "a=b")
        #expect(arguments.texts("tag") == ["x", ""])
        #expect(arguments.required("LINE") == "--json" && arguments.argument("MORE") == "-f")
        #expect(!arguments.has("json") && !arguments.has("force"))
    }

    @Test("a negative number is a value, an option is not")
    func negative() throws {
        #expect(try parsed("rim --minutes -5").number("minutes", in: -10...10) == -5)
        #expect(complaint("rim --minutes --force") == "--minutes: expected M after it, got nothing")
    }

    @Test(
        "what is wrong is named, and what was meant is suggested",
        arguments: [
            ("", "expected LINE, got nothing; see `nightshift try --help`"),
            ("rim --minuts 5", "unknown option '--minuts'; did you mean '--minutes'?"),
            ("rim --zebra", "unknown option '--zebra'; `nightshift try --help` lists them"),
            ("rim -z", "unknown option '-z'; `nightshift try --help` lists them"),
            ("rim -fz", "unknown option '-z' in '-fz'; `nightshift try --help` lists them"),
            ("rim -json", "unknown option '-j' in '-json'; did you mean '--json'?"),
            ("rim --force=yes", "--force: expected no value, got 'yes'"),
            ("rim --force -f", "--force: expected once, got twice"),
            ("rim --minutes 1 -m 2", "--minutes: expected once, got twice"),
            ("rim --minutes", "--minutes: expected M after it, got nothing"),
            ("rim more evenmore", "expected no further argument, got 'evenmore'; see `nightshift try --help`"),
        ])
    func complaints(line: String, expected: String) { #expect(complaint(line) == expected) }

    @Test("--help is shown whatever else is missing")
    func help() throws { #expect(try parsed("-h").asksForHelp) }

    @Test("values of the wrong type name the option, what was expected and what was got")
    func types() throws {
        func sentence(_ work: () throws -> some Any) -> String {
            do {
                _ = try work()
                return "accepted"
            } catch { return "\(error)" }
        }
        let arguments = try ParsedArguments(["../x", "--minutes=nan", "--path="], verb: verb)
        #expect(
            sentence { try arguments.number("minutes", in: 0...10) }
                == "--minutes: expected a number, 0.0…10.0, got 'nan'")
        #expect(
            sentence { try arguments.whole("minutes", in: 1...9) }
                == "--minutes: expected a whole number, 1…9, got 'nan'")
        #expect(
            sentence { try arguments.whole("minutes", in: 1...Int.max) }
                == "--minutes: expected a whole number, 1 or more, got 'nan'")
        #expect(sentence { try arguments.path("path") } == "--path: expected a path, got ''")
        #expect(
            sentence { try arguments.choice("minutes", SynthesizeVerb.Kind.self) }
                == "--minutes: expected one of object, texture, both, family, got 'nan'")
        #expect(sentence { try arguments.line() }.hasPrefix("LINE: expected a name of 1…64 letters"))
        #expect(try arguments.whole("tag", in: 0...1) == nil)
    }
}

@Suite("Help")
struct HelpTests {
    @Test(
        "every verb explains itself: usage, every option, an example that its own parser accepts",
        arguments: Program.descriptions.map(\.name))
    func verbs(name: String) throws {
        let verb = try #require(Program.descriptions.first { $0.name == name })
        let help = HelpText.verb(verb)
        #expect(help.contains("usage: nightshift \(name)"))
        #expect(!verb.examples.isEmpty && help.contains("examples:"))
        for option in verb.options {
            #expect(help.contains("--\(option.long)"))
            #expect(option.help.hasSuffix(".") && option.help.count > 10, "--\(option.long) is not explained")
        }
        for line in help.split(separator: "\n") where !line.hasPrefix("  nightshift") && !line.hasPrefix("  sudo") {
            #expect(line.count <= HelpText.width, "too wide: \(line)")
        }
        for example in verb.examples {
            let command = example.command.prefix { $0 != "|" }
            let start = try #require(command.range(of: "nightshift \(name)"), "\(command)")
            // Quoted values hold spaces; for the parser one word without spaces is as good.
            let plain = command[start.upperBound...].split(separator: "\"", omittingEmptySubsequences: false)
                .enumerated()
                .map { $0 % 2 == 1 ? "text" : String($1) }.joined()
            let words = plain.split(separator: " ").map(String.init)
            _ = try ParsedArguments(words, verb: verb)
        }
    }

    @Test("the overview names every verb and every exit code")
    func overview() {
        let help = HelpText.overview(Program.descriptions)
        for verb in Program.descriptions { #expect(help.contains("  \(verb.name) ") && help.contains(verb.summary)) }
        for code in ExitCode.allCases { #expect(help.contains(code.meaning)) }
        #expect(Program.descriptions.count == 14)
    }

    @Test("no verb gives one letter or one name to two options")
    func unique() {
        for verb in Program.descriptions {
            #expect(Set(verb.options.map(\.long)).count == verb.options.count, "\(verb.name)")
            let letters = verb.options.compactMap(\.short)
            #expect(Set(letters).count == letters.count, "\(verb.name)")
        }
    }
}
