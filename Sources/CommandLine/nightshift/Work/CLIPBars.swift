import Numerics

/// The progress bars of a CLIP that is trained here.
package final class CLIPBars: Sendable {
    private let console: Console
    private let bars = LockedValue<[String: ProgressBar]>([:])

    package init(_ console: Console) { self.console = console }

    /// Pictures with captions that are made and embedded.
    package func captioning(_ done: Int, of total: Int) { update("captioning", done, total) }

    /// Steps of training.
    package func training(_ done: Int, of total: Int) {
        if done <= 1 { bars.withLock { $0["captioning"]?.finish() } }
        update("training CLIP", done, total)
    }

    package func finish() {
        bars.withLock { bars in
            for bar in bars.values { bar.finish() }
        }
    }

    private func update(_ label: String, _ done: Int, _ total: Int) {
        let bar = bars.withLock { bars in
            if let bar = bars[label] { return bar }
            let bar = ProgressBar(label, total: Double(total), console: console)
            bars[label] = bar
            return bar
        }
        bar.update(Double(done))
        if done == total { bar.finish() }
    }
}
