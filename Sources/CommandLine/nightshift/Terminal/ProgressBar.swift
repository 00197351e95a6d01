import Foundation
import Synchronization

/// Progress of something that takes long: a bar that redraws itself on a terminal, plain lines now and then in cron.
///
/// Safe to update from any thread. Say `finish()` at the end, or the terminal's cursor stays on the bar's line.
package final class ProgressBar: Sendable {
    /// What a bar shows at one moment.
    package struct Moment: Sendable, Equatable {
        package let label: String
        /// Units done, and in all; nil = not known how many.
        package let done: Double
        package let total: Double?
        /// Seconds since the start.
        package let elapsed: Double
        /// Something that changes: "loss 0.231".
        package let note: String

        package init(label: String, done: Double, total: Double?, elapsed: Double, note: String = "") {
            self.label = label
            self.done = done
            self.total = total
            self.elapsed = elapsed
            self.note = note
        }
    }

    private struct State {
        var lastDrawn = -Double.infinity
        var lastShare = 0.0
        var hasDrawn = false
        var isFinished = false
        var moment: Moment
    }

    private let console: Console
    private let start = ContinuousClock.now
    private let state: Mutex<State>
    private let label: String
    private let total: Double?
    /// Whether the units are things to count ("parts"), not seconds: then a rate is shown.
    private let showsRate: Bool

    /// On a terminal a redraw costs a write, and eyes see ten a second.
    private static let redrawSeconds = 0.1
    /// In a log one line a minute, or one per tenth of the work but not more often than every 5 s, tells enough.
    private static let plainSeconds = (quiet: 60.0, busy: 5.0)

    /// - Parameters:
    ///   - total: units in all; nil = unknown. With `showsRate` false the units are seconds of a fixed time.
    package init(_ label: String, total: Double?, showsRate: Bool = true, console: Console) {
        self.console = console
        self.label = label
        self.total = total
        self.showsRate = showsRate
        state = Mutex(State(moment: Moment(label: label, done: 0, total: total, elapsed: 0)))
    }

    /// `done` units are done; `note` is something worth seeing beside them.
    package func update(_ done: Double, note: String = "") {
        let elapsed = seconds
        let line: String? = state.withLock { state in
            guard !state.isFinished, !console.isQuiet else { return nil }
            state.moment = Moment(label: label, done: done, total: total, elapsed: elapsed, note: note)
            let share = total.map { done / max($0, .leastNonzeroMagnitude) } ?? 0
            let since = elapsed - state.lastDrawn
            let isDue =
                console.redraws
                ? since >= ProgressBar.redrawSeconds
                : since >= ProgressBar.plainSeconds.quiet
                    || since >= ProgressBar.plainSeconds.busy && share >= state.lastShare + 0.1
            guard isDue else { return nil }
            if !console.redraws, !state.hasDrawn, elapsed < ProgressBar.plainSeconds.busy { return nil }
            state.lastDrawn = elapsed
            state.lastShare = share
            state.hasDrawn = true
            return drawn(state.moment)
        }
        if let line { Console.write(line, to: STDERR_FILENO) }
    }

    /// The end: the last state stays on the screen or in the log.
    package func finish(note: String? = nil) {
        let elapsed = seconds
        let line: String? = state.withLock { state in
            guard !state.isFinished, !console.isQuiet else { return nil }
            state.isFinished = true
            let last = state.moment
            return drawn(
                Moment(label: label, done: last.done, total: total, elapsed: elapsed, note: note ?? last.note),
                isLast: true)
        }
        if let line { Console.write(line, to: STDERR_FILENO) }
    }

    private var seconds: Double {
        let components = (ContinuousClock.now - start).components
        return Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    private func drawn(_ moment: Moment, isLast: Bool = false) -> String {
        guard console.redraws else {
            return ProgressBar.plainLine(moment, showsRate: showsRate, isLast: isLast) + "\n"
        }
        let line = ProgressBar.bar(moment, width: ProgressBar.terminalWidth(), showsRate: showsRate, isLast: isLast)
        // Carriage return and "erase to the end of the line": nothing of a longer line stays behind.
        return "\r\u{1B}[K" + line + (isLast ? "\n" : "")
    }

    /// `train  42 %  4 min 12 s, 5 min 48 s left  loss 0.231`
    package static func plainLine(_ moment: Moment, showsRate: Bool, isLast: Bool = false) -> String {
        ([moment.label] + figures(moment, showsRate: showsRate, isLast: isLast)).joined(separator: "  ")
    }

    /// `train [########------------] 42 %  …` in at most `width` characters.
    package static func bar(_ moment: Moment, width: Int, showsRate: Bool, isLast: Bool = false) -> String {
        let words = figures(moment, showsRate: showsRate, isLast: isLast).joined(separator: "  ")
        let cells = min(30, width - moment.label.count - words.count - 6)
        var line = moment.label
        if let total = moment.total, cells >= 5 {
            let share = total > 0 ? min(1, max(0, moment.done / total)) : 1
            let full = Int((share * Double(cells)).rounded(.down))
            line += " [" + String(repeating: "#", count: full) + String(repeating: "-", count: cells - full) + "]"
        }
        return String((line + " " + words).prefix(max(1, width - 1)))
    }

    private static func figures(_ moment: Moment, showsRate: Bool, isLast: Bool) -> [String] {
        var figures: [String] = []
        let rate = moment.elapsed > 0 ? moment.done / moment.elapsed : 0
        if let total = moment.total {
            let share = total > 0 ? min(1, max(0, moment.done / total)) : 1
            figures.append("\(Int((share * 100).rounded(.down))) %")
            if showsRate { figures.append("\(Int(moment.done))/\(Int(total))") }
        } else {
            figures.append("\(Int(moment.done))")
        }
        if showsRate, rate > 0 { figures.append(Wording.rate(perSecond: rate)) }
        var time = Wording.duration(seconds: moment.elapsed)
        if !isLast, let total = moment.total, rate > 0, moment.done < total {
            time += ", \(Wording.duration(seconds: (total - moment.done) / rate)) left"
        }
        figures.append(time)
        if !moment.note.isEmpty { figures.append(moment.note) }
        return figures
    }

    private static func terminalWidth() -> Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }
}
