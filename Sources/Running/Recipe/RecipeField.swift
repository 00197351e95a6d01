/// One value of a recipe: its key, how it is read, checked and written, and the words beside it.
///
/// The table `all` is the only list of keys: what is not in it is an unknown key.
package struct RecipeField: Sendable {
    /// Dotted key as people write it: `training.batchSize`.
    package let path: String
    /// What the value is, its unit and range, and why the default is what it is: the comment in a written recipe.
    package let comment: String
    /// The value of this field in a recipe.
    let read: @Sendable (Recipe) -> JSON5Value
    /// Puts a value into a recipe; throws what was expected where the value is not that.
    let write: @Sendable (inout Recipe, JSON5Value) throws(Mismatch) -> Void

    /// A value that does not fit; `suffix` is `[1]` for the second element of a list.
    struct Mismatch: Error {
        var suffix = ""
        let expected: String
        let got: String
    }

    /// A whole number in `range`.
    static func whole(
        _ path: String, _ key: any WritableKeyPath<Recipe, Int> & Sendable, _ range: ClosedRange<Int>, _ comment: String
    ) -> RecipeField {
        RecipeField(
            path: path, comment: comment, read: { .number(Double($0[keyPath: key])) },
            write: { (recipe, value) throws(Mismatch) in
                recipe[keyPath: key] = try whole(value, in: range)
            })
    }

    /// A number in `range`; NaN and infinity never are.
    static func number(
        _ path: String, _ key: any WritableKeyPath<Recipe, Double> & Sendable, _ range: ClosedRange<Double>,
        _ comment: String
    ) -> RecipeField {
        RecipeField(
            path: path, comment: comment, read: { .number($0[keyPath: key]) },
            write: { (recipe, value) throws(Mismatch) in
                let bounds = "\(JSON5Value.spelled(range.lowerBound))…\(JSON5Value.spelled(range.upperBound))"
                guard case .number(let number, _) = value, range.contains(number) else {
                    throw Mismatch(expected: bounds, got: value.found)
                }
                recipe[keyPath: key] = number
            })
    }

    /// `true` or `false`.
    static func flag(_ path: String, _ key: any WritableKeyPath<Recipe, Bool> & Sendable, _ comment: String)
        -> RecipeField
    {
        RecipeField(
            path: path, comment: comment, read: { .flag($0[keyPath: key]) },
            write: { (recipe, value) throws(Mismatch) in
                guard case .flag(let flag) = value else { throw Mismatch(expected: "true or false", got: value.found) }
                recipe[keyPath: key] = flag
            })
    }

    /// Text; `isRight` decides, `expected` says in words what is right.
    static func text(
        _ path: String, _ key: any WritableKeyPath<Recipe, String> & Sendable, expected: String = "text in quotes",
        where isRight: @escaping @Sendable (String) -> Bool = { _ in true }, _ comment: String
    ) -> RecipeField {
        RecipeField(
            path: path, comment: comment, read: { .text($0[keyPath: key]) },
            write: { (recipe, value) throws(Mismatch) in
                guard case .text(let text) = value, isRight(text) else {
                    throw Mismatch(expected: expected, got: value.found)
                }
                recipe[keyPath: key] = text
            })
    }

    /// Texts that are not blank, each of at most `longest` bytes, at most `most` of them.
    static func texts(
        _ path: String, _ key: any WritableKeyPath<Recipe, [String]> & Sendable, most: Int, longest: Int,
        _ comment: String
    ) -> RecipeField {
        RecipeField(
            path: path, comment: comment, read: { .list($0[keyPath: key].map { .text($0) }) },
            write: { (recipe, value) throws(Mismatch) in
                guard case .list(let values) = value, values.count <= most else {
                    throw Mismatch(expected: "a list of at most \(most) texts", got: value.found)
                }
                var texts: [String] = []
                for (index, value) in values.enumerated() {
                    guard case .text(let text) = value, text.contains(where: { !$0.isWhitespace }),
                        text.utf8.count <= longest
                    else {
                        throw Mismatch(
                            suffix: "[\(index)]", expected: "text of 1…\(longest) bytes that is not blank",
                            got: value.found)
                    }
                    texts.append(text)
                }
                recipe[keyPath: key] = texts
            })
    }

    /// One word of a closed list.
    static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ path: String, _ key: any WritableKeyPath<Recipe, Choice> & Sendable, _ comment: String
    ) -> RecipeField {
        RecipeField(
            path: path, comment: comment, read: { .text($0[keyPath: key].rawValue) },
            write: { (recipe, value) throws(Mismatch) in
                guard case .text(let text) = value, let choice = Choice(rawValue: text) else {
                    let words = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                    throw Mismatch(expected: "one of \(words)", got: value.found)
                }
                recipe[keyPath: key] = choice
            })
    }

    /// Rising whole numbers in `range`, one to `most` of them.
    static func rising(
        _ path: String, _ key: any WritableKeyPath<Recipe, [Int]> & Sendable, _ range: ClosedRange<Int>, most: Int,
        _ comment: String
    ) -> RecipeField {
        RecipeField(
            path: path, comment: comment, read: { .list($0[keyPath: key].map { .number(Double($0)) }) },
            write: { (recipe, value) throws(Mismatch) in
                guard case .list(let values) = value, (1...most).contains(values.count) else {
                    throw Mismatch(
                        expected: "a list of 1…\(most) rising whole numbers in \(range.lowerBound)…\(range.upperBound)",
                        got: value.found)
                }
                var numbers: [Int] = []
                for (index, value) in values.enumerated() {
                    do throws(Mismatch) {
                        let number = try whole(value, in: range)
                        if let last = numbers.last, number <= last {
                            throw Mismatch(expected: "more than \(last), the number before it", got: value.found)
                        }
                        numbers.append(number)
                    } catch {
                        throw Mismatch(suffix: "[\(index)]", expected: error.expected, got: error.got)
                    }
                }
                recipe[keyPath: key] = numbers
            })
    }

    private static func whole(_ value: JSON5Value, in range: ClosedRange<Int>) throws(Mismatch) -> Int {
        guard case .number(let number, _) = value else {
            throw Mismatch(expected: "\(range.lowerBound)…\(range.upperBound)", got: value.found)
        }
        guard let whole = Int(exactly: number) else {
            let expected =
                number.isFinite && number >= Double(range.lowerBound) && number <= Double(range.upperBound)
                ? "a whole number in " : ""
            throw Mismatch(expected: expected + "\(range.lowerBound)…\(range.upperBound)", got: value.found)
        }
        guard range.contains(whole) else {
            throw Mismatch(expected: "\(range.lowerBound)…\(range.upperBound)", got: value.found)
        }
        return whole
    }
}
