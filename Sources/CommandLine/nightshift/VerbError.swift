import Recipe

/// Why a verb could not do its work: the one error type that reaches `main`.
package enum VerbError: Error, Sendable, CustomStringConvertible {
    /// The command line is wrong.
    case usage(UsageError)
    /// The recipe is wrong.
    case recipe(RecipeError)
    /// The work failed; one sentence that says what, where, expected, got and what to do.
    case failed(String)
    /// Another process holds the line's lock; the sentence says who.
    case locked(String)
    /// Stopped by a signal; the sentence says how to go on.
    case interrupted(String)

    package var description: String {
        switch self {
        case .usage(let error): error.description
        case .recipe(let error): error.description
        case .failed(let sentence), .locked(let sentence), .interrupted(let sentence): sentence
        }
    }

    /// The exit code that goes with this error.
    package var exitCode: ExitCode {
        switch self {
        case .usage: .usage
        case .recipe, .failed: .failed
        case .locked: .locked
        case .interrupted: .interrupted
        }
    }
}
