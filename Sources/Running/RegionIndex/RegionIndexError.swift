import Files
import Ledger

/// Why an index of regions cannot be read or written.
package enum RegionIndexError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file could not be read or written.
    case file(FileError)
    /// Another process is writing the index.
    case locked(RunLock.Holder, path: String)
    /// Bytes are not what was written; `byte` counts from 0.
    case damaged(path: String, byte: Int, problem: String)
    /// A sound file, but not of this text space or this program.
    case foreign(path: String, problem: String)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .locked(let holder, let path):
            "the index is being written by \(holder) (\(path)); wait for it, or end it and start again"
        case .damaged(let path, let byte, let problem):
            "\(path) is damaged at byte \(byte): \(problem); `nightshift search LINE --rebuild` makes it again from the runs"
        case .foreign(let path, let problem):
            "\(path) is not an index for this: \(problem); move it away, then `nightshift search LINE --rebuild` makes a "
                + "new one from the runs"
        }
    }

    /// Sorts an error of the lock.
    init(_ error: LedgerError) {
        switch error {
        case .file(let error): self = .file(error)
        case .locked(let holder, let path): self = .locked(holder, path: path)
        case .damaged(let path, _, let problem): self = .damaged(path: path, byte: 0, problem: problem)
        }
    }
}
