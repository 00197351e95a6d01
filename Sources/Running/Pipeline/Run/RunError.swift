import Files
import Foundation
import Ingest
import Ledger

/// Why a run could not go on. What was done stays done: the next `run` continues.
package enum RunError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another run of this line is at work.
    case locked(RunLock.Holder, path: String)
    /// A file of the run or the ledger could not be read or written, a full disk included.
    case file(FileError)
    /// The line's ledger is damaged.
    case ledger(LedgerError)
    /// The drop cannot be read.
    case drop(IngestError)
    /// The model or its inspector could not be set up; the sentence is the inspector's own.
    case inspector(String)
    /// The run's own records contradict each other.
    case damaged(path: String, problem: String)
    /// An input has no outcome or two: a fault of this program, never to be hidden.
    case countsDisagree(inputs: Int, outcomes: Int, folder: String)

    package var description: String {
        switch self {
        case .locked(let holder, let path): LedgerError.locked(holder, path: path).description
        case .file(let error): error.description
        case .ledger(let error): error.description
        case .drop(let error): error.description
        case .inspector(let sentence): "the inspector could not be set up: \(sentence)"
        case .damaged(let path, let problem):
            "\(path) is damaged: \(problem); move the run's folder away, then the next run inspects its parts afresh"
        case .countsDisagree(let inputs, let outcomes, let folder):
            "\(folder): expected one outcome for each of \(inputs) inputs, got \(outcomes); please report this with the "
                + "folder's *.jsonl files"
        }
    }

    /// Sorts an error of the rooms below.
    init(_ error: LedgerError) {
        switch error {
        case .file(let error): self = .file(error)
        case .locked(let holder, let path): self = .locked(holder, path: path)
        case .damaged: self = .ledger(error)
        }
    }
}
