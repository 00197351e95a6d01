import Foundation
import Handover

/// One name that a scan found in the drop: an input of the run, good or bad.
package struct Candidate: Sendable, Equatable {
    /// Path inside the drop as text, see `DropPath`.
    package let path: String
    /// Bytes at the time of the scan.
    package let size: Int
    /// Modification time in nanoseconds since 1970, UTC.
    package let modified: Int64
    /// Seconds the file had stood still when the scan saw it; see `DropScanner` for clocks that lie.
    package let stillSeconds: Double
    /// Why it will not be read; nil for a settled regular file.
    package let rejection: Rejection?

    package init(path: String, size: Int, modified: Int64, stillSeconds: Double, rejection: Rejection?) {
        self.path = path
        self.size = size
        self.modified = modified
        self.stillSeconds = stillSeconds
        self.rejection = rejection
    }
}

/// Why a drop as a whole cannot be scanned. Trouble with one file or one folder in it is a `Rejection`.
package enum IngestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The drop's folder cannot be opened or listed; `code` is errno.
    case dropUnreadable(path: String, code: Int32)

    package var description: String {
        switch self {
        case .dropUnreadable(let path, let code):
            "cannot read the drop \(path): \(String(cString: strerror(code))); expected a folder that this user may "
                + "list: check that the share is mounted and the recipe names the right folder"
        }
    }
}

extension Rejection {
    /// A rejection by this stage.
    static func ingest(_ outcome: Outcome, _ reason: Reason, _ sentence: String) -> Rejection {
        Rejection(stage: .ingest, outcome: outcome, reason: reason, sentence: sentence)
    }
}
