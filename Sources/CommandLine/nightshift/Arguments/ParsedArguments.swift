import Recipe

/// A command line taken apart by a verb's description: words, not yet typed.
package struct ParsedArguments: Sendable, Equatable {
    /// Values by long option name, in the order given; a flag has one empty string.
    private var values: [String: [String]] = [:]
    /// Positional arguments by name, in the order given; one word unless the argument repeats.
    private var positionals: [String: [String]] = [:]

    /// Whether `--help` was asked for: then nothing else is checked.
    package var asksForHelp: Bool { has("help") }

    /// Takes apart what stands after the verb.
    ///
    /// Understands `--long`, `--long value`, `--long=value`, `-x`, `-x value`, `-xvalue`, flags together (`-qh`), and
    /// `--`, after which everything is positional. A value may begin with a dash only after `=`, so that a forgotten
    /// value does not swallow the next option; a negative number is a value.
    package init(_ words: [String], verb: VerbDescription) throws(UsageError) {
        var free: [String] = []
        var rest = words[...]
        var optionsEnded = false
        while let word = rest.popFirst() {
            if optionsEnded || word == "-" || !word.hasPrefix("-") {
                free.append(word)
            } else if word == "--" {
                optionsEnded = true
            } else if word.hasPrefix("--") {
                try takeLong(word, &rest, verb)
            } else {
                try takeShort(word, &rest, verb)
            }
        }
        if asksForHelp { return }
        for argument in verb.arguments {
            if free.isEmpty {
                if argument.isOptional { continue }
                throw .missingArgument(argument.name, verb: verb.name)
            }
            positionals[argument.name] = argument.repeats ? free : [free.removeFirst()]
            if argument.repeats { free = [] }
        }
        if let extra = free.first { throw .extraArgument(extra, verb: verb.name) }
    }

    private mutating func takeLong(
        _ word: String, _ rest: inout ArraySlice<String>, _ verb: VerbDescription
    ) throws(UsageError) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = verb.options.first(where: { $0.long == name }) else {
            let near = Spelling.nearest(to: name, in: verb.options.map(\.long))
            throw .unknownOption("--\(name)", verb: verb.name, suggestion: near.map { "--\($0)" })
        }
        try take(option, attached: parts.count > 1 ? String(parts[1]) : nil, &rest)
    }

    private mutating func takeShort(
        _ word: String, _ rest: inout ArraySlice<String>, _ verb: VerbDescription
    ) throws(UsageError) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            guard let option = verb.options.first(where: { $0.short == letter }) else {
                // `-json` is a common slip for `--json`.
                let near = Spelling.nearest(to: String(word.dropFirst()), in: verb.options.map(\.long))
                throw .unknownOption(
                    word.count == 2 ? word : "-\(letter)' in '\(word)", verb: verb.name,
                    suggestion: near.map { "--\($0)" })
            }
            if option.placeholder == nil {
                try take(option, attached: nil, &rest)
            } else {
                try take(option, attached: letters.isEmpty ? nil : String(letters), &rest)
                return
            }
        }
    }

    private mutating func take(
        _ option: OptionDescription, attached: String?, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        let name = "--\(option.long)"
        if values[option.long] != nil, !option.repeats { throw .givenTwice(option: name) }
        guard let placeholder = option.placeholder else {
            if let attached { throw .unexpectedValue(option: name, value: attached) }
            values[option.long] = [""]
            return
        }
        if let attached {
            values[option.long, default: []].append(attached)
        } else if let next = rest.first, next == "-" || !next.hasPrefix("-") || Double(next) != nil {
            values[option.long, default: []].append(next)
            rest.removeFirst()
        } else {
            throw .missingValue(option: name, placeholder: placeholder)
        }
    }

    /// Whether a flag or option was given.
    package func has(_ option: String) -> Bool { values[option] != nil }

    /// An option's text, or nil; the first where it repeats.
    package func text(_ option: String) -> String? { values[option]?.first }

    /// All values of an option that may be repeated.
    package func texts(_ option: String) -> [String] { values[option] ?? [] }

    /// A positional argument by its name in the help; nil where an optional one was left out.
    package func argument(_ name: String) -> String? { positionals[name]?.first }

    /// A positional argument that the parser has already made sure of.
    package func required(_ name: String) -> String {
        guard let value = argument(name) else { preconditionFailure("ParsedArguments: \(name) is not required") }
        return value
    }

    /// An option's path or text that must not be empty.
    package func path(_ option: String) throws(UsageError) -> String? {
        guard let text = text(option) else { return nil }
        guard !text.isEmpty else { throw .badValue(name: "--\(option)", expected: "a path", got: text) }
        return text
    }

    /// Whether `--adapt` was given; throws where there is no `--encoder` that it could be about.
    package func adapts(verb: String) throws(UsageError) -> Bool {
        guard has("adapt"), !has("encoder") else { return has("adapt") }
        throw .missingArgument("--encoder FILE beside --adapt", verb: verb)
    }

    /// A whole number in `range`.
    package func whole(_ option: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = text(option) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            let bounds =
                range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound)…\(range.upperBound)"
            throw .badValue(name: "--\(option)", expected: "a whole number, \(bounds)", got: text)
        }
        return value
    }

    /// A finite number in `range`.
    package func number(_ option: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
        guard let text = text(option) else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw .badValue(
                name: "--\(option)", expected: "a number, \(range.lowerBound)…\(range.upperBound)", got: text)
        }
        return value
    }

    /// One word of a closed list.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ option: String, _: Choice.Type
    ) throws(UsageError) -> Choice? {
        guard let text = text(option) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badValue(name: "--\(option)", expected: "one of \(words)", got: text)
        }
        return choice
    }

    /// The name of a line: a folder name that is safe everywhere.
    package func line(_ name: String = "LINE") throws(UsageError) -> String { try line(required(name), of: name) }

    /// The names of lines, one at least, none twice.
    package func lines(_ name: String = "LINE") throws(UsageError) -> [String] {
        var lines: [String] = []
        for word in positionals[name] ?? [] {
            let line = try line(word, of: name)
            guard !lines.contains(line) else {
                throw .badValue(name: name, expected: "each line once", got: "\(line) twice")
            }
            lines.append(line)
        }
        return lines
    }

    private func line(_ line: String, of name: String) throws(UsageError) -> String {
        guard RecipeField.isLineName(line) else {
            throw .badValue(name: name, expected: "a name of 1…64 letters, digits, '-' or '_'", got: line)
        }
        return line
    }
}
