import Foundation
import Numerics
import Pipeline
import Publish

/// What the terminal hears of a run: a bar on stderr, verdicts on stdout with `--json`, a summary at the end.
package final class RunVoice: Sendable {
    private struct State {
        var bar: ProgressBar?
        var setAside: [(path: String, sentence: String)] = []
        var setAsideCount = 0
    }

    /// More files than these are not listed one by one: the review page and quarantine/ hold them all.
    private static let listed = 12

    private let console: Console
    private let stop: StopRequest
    private let state = LockedValue(State())

    /// - Parameter stop: raised when a signal asks the process to end.
    package init(console: Console, stop: StopRequest) {
        self.console = console
        self.stop = stop
    }

    /// So many inputs are done.
    package func progress(done: Int, total: Int) {
        if Interruption.isRequested { stop.raise() }
        let bar = state.withLock { state in
            let bar = state.bar ?? ProgressBar("run", total: Double(total), console: console)
            state.bar = bar
            return bar
        }
        bar.update(Double(done))
    }

    /// One verdict's line of JSON.
    package func verdict(_ line: String) { if console.isJSON { console.result(line) } }

    /// An event of the run's log.
    package func heard(_ event: RunEvent) {
        if Interruption.isRequested { stop.raise() }
        switch event.level {
        case .info: if event.event == "resumed" { console.say(event.sentence) }
        case .error: break  // it comes back as the verb's error
        case .warning:
            guard let path = event.path else { return console.warn(event.sentence) }
            state.withLock { state in
                state.setAsideCount += 1
                if state.setAside.count < Self.listed {
                    // Some sentences begin with the path themselves.
                    let sentence =
                        event.sentence.hasPrefix(path + ": ")
                        ? String(event.sentence.dropFirst(path.count + 2)) : event.sentence
                    state.setAside.append((path, "\(event.event): \(sentence)"))
                }
            }
        }
    }

    /// The bar's last state stays.
    package func end() { state.withLock { $0.bar }?.finish() }

    /// What the run came to: on stdout, or on stderr where stdout holds verdicts.
    package func tell(_ summary: RunSummary) {
        let (listed, count) = state.withLock { ($0.setAside, $0.setAsideCount) }
        for (path, sentence) in listed { console.warn("\(path): \(sentence)") }
        if count > listed.count { console.warn("\(count - listed.count) more files were set aside") }
        let counts = summary.counts
        var rows = [
            ["inputs", "\(summary.inputs)"], ["pass", "\(counts.pass)"],
            ["flagged", "\(counts.flagged): \(counts.fail) fail, \(counts.review) review"],
            ["quarantined", "\(counts.quarantined)"], ["deferred", "\(counts.deferred)"],
        ]
        if counts.alreadyDone > 0 {
            let bad = summary.stillQuarantined
            rows.append(["done before", "\(counts.alreadyDone)" + (bad > 0 ? ", \(bad) of them quarantined then" : "")])
        }
        rows.append(["took", Wording.duration(seconds: summary.seconds)])
        rows.append(["run", summary.folder])
        if summary.state == .done {
            if counts.flagged > 0 { rows.append(["to review", summary.folder + "/flagged"]) }
            rows.append(["review page", summary.folder + "/" + ReportPage.path])
        }
        let table = Wording.table(rows)
        if console.isJSON { console.say(table) } else { console.result(table) }
    }
}
