import Foundation
import Synchronization

/// A wish that a run end early: the parts in work are finished and recorded, no more are begun, and the next `run`
/// goes on from there.
package final class StopRequest: Sendable {
    private let isRaised = Atomic<Bool>(false)

    package init() {}

    /// Asks the run to stop; from any thread, and from a signal handler.
    package func raise() { isRaised.store(true, ordering: .relaxed) }

    /// True once somebody has asked.
    package var isRequested: Bool { isRaised.load(ordering: .relaxed) }

    /// Raised by the first SIGINT or SIGTERM of the process. A second one ends the process at once, which loses
    /// nothing either. Installs its handlers at first use.
    package static let onSignals: StopRequest = {
        let request = forHandler
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in StopRequest.forHandler.raise() }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
            sigaction(number, &action, nil)
        }
        return request
    }()

    /// Made before the handlers are installed: nothing is made inside a handler.
    private static let forHandler = StopRequest()
}
