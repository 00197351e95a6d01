/// Why a recipe cannot be used. Every case names the file, the place, what was expected and what was found.
package enum RecipeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be read; `reason` says why.
    case unreadable(file: String, reason: String)
    /// Not JSON5; line and column count from 1.
    case syntax(file: String, line: Int, column: Int, expected: String, got: String)
    /// A key that no version of this program knows; `suggestion` is the nearest key, where one is near.
    case unknownKey(file: String, path: String, suggestion: String?)
    /// A value of the wrong type, out of range, or at odds with another.
    case value(file: String, path: String, expected: String, got: String)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
        case .syntax(let file, let line, let column, let expected, let got):
            "\(file):\(line):\(column): expected \(expected), got \(got)"
        case .unknownKey(let file, let path, let suggestion):
            if let suggestion {
                "\(file): `\(path)`: unknown key; did you mean `\(suggestion)`?"
            } else {
                "\(file): `\(path)`: unknown key; `nightshift init` writes a recipe with every key there is"
            }
        case .value(let file, let path, let expected, let got):
            "\(file): `\(path)`: expected \(expected), got \(got)"
        }
    }
}
