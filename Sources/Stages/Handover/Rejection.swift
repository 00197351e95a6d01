/// Why a file got no verdict in this run.
package struct Rejection: Error, Sendable, Equatable {
    /// The stage that refused.
    package enum Stage: String, Sendable, Codable { case ingest, decode, embed, predict, score, publish }

    /// `quarantined`: a bad file, it will not get better. `deferred`: not whole yet, or a passing trouble; the next
    /// run looks again.
    package enum Outcome: String, Sendable, Codable { case quarantined, deferred }

    /// The closed list of reasons.
    package enum Reason: String, Sendable, Codable {
        case notSettled = "not-settled"
        case incomplete
        case empty
        case symbolicLink = "symbolic-link"
        case notRegularFile = "not-regular-file"
        case unreadable
        case tooManyBytes = "too-many-bytes"
        case tooManyPixels = "too-many-pixels"
        case tooManyChunks = "too-many-chunks"
        case tooManyScans = "too-many-scans"
        case unknownFormat = "unknown-format"
        case unsupportedVariant = "unsupported-variant"
        case damaged
        case tooSmall = "too-small"
        case notFinite = "not-finite"
        case noSpace = "no-space"
    }

    package let stage: Stage
    package let outcome: Outcome
    package let reason: Reason
    /// One sentence for people: what was expected, what was found, what to do.
    package let sentence: String

    package init(stage: Stage, outcome: Outcome, reason: Reason, sentence: String) {
        self.stage = stage
        self.outcome = outcome
        self.reason = reason
        self.sentence = sentence
    }
}
