import Files
import Foundation
import Handover

/// Who a part is: the hash of its content together with its path, never its name or time alone. Names repeat after a
/// camera's power cycle, and the same picture under another path is a part of its own.
package enum PartIdentity {
    /// 64 hex digits. A file that was never read has no content hash; its path alone names it then.
    package static func identity(path: String, sha256: String?) -> String {
        SHA256.hex(of: (sha256 ?? "") + "\n" + path)
    }

    /// Who a file is whose content was never read: its path, size and modification time (nanoseconds since 1970). 64 hex
    /// digits. Another file under the path has another.
    package static func unreadIdentity(path: String, size: Int, modified: Int64) -> String {
        SHA256.hex(of: "unread\n\(size)\n\(modified)\n" + path)
    }

    /// The part's id, safe as a file name.
    package static func partID(path: String, sha256: String?) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        let stem = dot == name.startIndex ? name[...] : name[..<dot]
        return Intake.partID(stem: String(stem), identity: identity(path: path, sha256: sha256))
    }

    /// The id of an accepted file.
    package static func partID(of intake: Intake) -> String { partID(path: intake.path, sha256: intake.sha256) }
}

/// What became of an input; every input of a run has exactly one.
package enum Outcome: String, Sendable, Codable, CaseIterable {
    case pass, review, fail, quarantined, deferred
    /// The same part has a verdict by the same model and recipe already, or the same bad file was quarantined under
    /// them.
    case alreadyDone

    /// The outcome of a part with a verdict.
    package init(_ verdict: Verdict) {
        switch verdict {
        case .pass: self = .pass
        case .review: self = .review
        case .fail: self = .fail
        }
    }

    /// The outcome of a refused file.
    package init(_ outcome: Rejection.Outcome) {
        switch outcome {
        case .quarantined: self = .quarantined
        case .deferred: self = .deferred
        }
    }

    /// True for pass, review and fail.
    package var isVerdict: Bool {
        switch self {
        case .pass, .review, .fail: true
        case .quarantined, .deferred, .alreadyDone: false
        }
    }
}
