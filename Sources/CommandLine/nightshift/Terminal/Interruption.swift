import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the work to stop at the next safe place, the second stops at once.
///
/// Also makes a closed reader of stdout harmless: SIGPIPE is ignored, and writes then fail in silence.
package enum Interruption {
    private static let count = Atomic<Int>(0)

    /// Whether somebody asked to stop. Long work looks at it between parts and steps.
    package static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

    /// To be called once, before any work.
    package static func install() {
        // The counter must exist before a signal can arrive: a handler may not initialise it.
        _ = isRequested
        signal(SIGPIPE, SIG_IGN)
        // A parent may hand down a mask that blocks them (threads of libdispatch do): then Ctrl-C would never arrive.
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGINT, SIGTERM] { sigaddset(&wanted, number) }
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                if Interruption.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(ExitCode.interrupted.rawValue) }
            }
        }
    }
}
