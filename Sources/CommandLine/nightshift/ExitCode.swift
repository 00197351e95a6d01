/// What the process says to cron, systemd and scripts. The numbers are a written contract.
package enum ExitCode: Int32, Sendable, CaseIterable {
    /// Everything was done; flagged parts are a result, not a failure.
    case done = 0
    /// The work could not be done; stderr says why.
    case failed = 1
    /// The command line is wrong; nothing was done.
    case usage = 2
    /// Done, but some files were quarantined: they got no verdict. Files that an earlier run has quarantined and that
    /// still lie in the drop do not count again.
    case quarantined = 3
    /// Done with `--fail-on-flagged`, and at least one part is `review` or `fail`.
    case flagged = 4
    /// Another run of the same line holds the lock.
    case locked = 11
    /// Stopped by Ctrl-C or SIGTERM; the same command resumes.
    case interrupted = 130

    /// One line for the help text.
    package var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed; the reason is on stderr"
        case .usage: "wrong usage; nothing was done"
        case .quarantined: "done, some files were quarantined in this run"
        case .flagged: "done, some parts were flagged (only with --fail-on-flagged)"
        case .locked: "another run of this line is at work"
        case .interrupted: "interrupted; the same command resumes"
        }
    }

    /// How a run that came to its end is reported: quarantined files weigh more than flagged parts, because a missing
    /// verdict is worse than a bad one.
    package static func ofRun(quarantined: Int, flagged: Int, failOnFlagged: Bool) -> ExitCode {
        if quarantined > 0 { return .quarantined }
        return failOnFlagged && flagged > 0 ? .flagged : .done
    }
}
