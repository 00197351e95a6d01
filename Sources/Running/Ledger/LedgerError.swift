import Files
import Foundation

/// Why the record of a line cannot be used.
package enum LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file could not be read or written.
    case file(FileError)
    /// Another run of this line is at work.
    case locked(RunLock.Holder, path: String)
    /// A whole line of the ledger cannot be read; `line` counts from 1. Never skipped: a part could be inspected
    /// twice or be missed.
    case damaged(path: String, line: Int, problem: String)

    package var description: String {
        switch self {
        case .file(let error):
            error.description
        case .locked(let holder, let path):
            "another run holds \(path): \(holder); wait for it, or end it and start again"
        case .damaged(let path, let line, let problem):
            "\(path): line \(line) is damaged (\(problem)); restore the file from a copy, or move it away: then every "
                + "part in the drop is inspected afresh"
        }
    }
}
