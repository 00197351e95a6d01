import Foundation

/// What can go wrong with files that nightshift itself keeps: runs, ledgers, models. A bad file in the drop is a
/// `Rejection` instead.
package enum FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being tried.
    package enum Operation: String, Sendable {
        case open, read, write, sync, rename, remove, list, inspect, lock, truncate
        case createFolder = "create the folder"
    }

    /// The system refused; `code` is errno.
    case failed(Operation, path: String, code: Int32)
    /// The disk, or this user's share of it, is full (ENOSPC, EDQUOT); nothing half-written was left behind.
    case outOfSpace(Operation, path: String)
    /// A line in the middle of a line-by-line file cannot be read; `line` counts from 1.
    case damagedLine(path: String, line: Int, problem: String)

    /// The error of a system call that has just failed with `code`.
    package init(_ operation: Operation, path: String, code: Int32) {
        if code == ENOSPC || code == EDQUOT {
            self = .outOfSpace(operation, path: path)
        } else {
            self = .failed(operation, path: path, code: code)
        }
    }

    /// What happened, where, and what to do, in one sentence.
    package var description: String {
        switch self {
        case .failed(let operation, let path, let code):
            return "cannot \(operation.rawValue) \(path): \(String(cString: strerror(code))); \(Self.advice(code))"
        case .outOfSpace(let operation, let path):
            return "cannot \(operation.rawValue) \(path): the disk or the quota is full; make room and start again, "
                + "nothing is lost"
        case .damagedLine(let path, let line, let problem):
            return "\(path): line \(line) is damaged (\(problem)); restore the file from a copy, or move it away to "
                + "start afresh"
        }
    }

    private static func advice(_ code: Int32) -> String {
        switch code {
        case EACCES, EPERM: "check owner and permissions, for the user that runs nightshift"
        case ENOENT: "check that the folder exists and is mounted"
        case EROFS: "the file system is read-only; remount it or choose another folder"
        case ENOTDIR, EISDIR, EEXIST: "something else has that name; move it away"
        case ELOOP: "a symbolic link stands in its place; remove it"
        case EMFILE, ENFILE: "too many open files; raise the limit (ulimit -n)"
        case EFBIG: "the file would pass the size limit (ulimit -f) of this user or file system"
        case ENAMETOOLONG: "the name is too long for this file system; choose a shorter folder"
        case EIO: "the disk or the network share reports a fault; check it before the next run"
        default: "check the disk and the folder, then start again"
        }
    }
}
