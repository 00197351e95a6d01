import Foundation
import Handover

/// The run's scores as an inline SVG: bars for the run, a line for the good parts of calibration, the two thresholds.
struct ScoreHistogram {
    private static let (width, height) = (960.0, 210.0)
    private static let (left, right, top, bottom) = (14.0, 14.0, 26.0, 26.0)
    private static let bins = 64

    private let low: Double
    private let high: Double
    private let thresholds: Thresholds
    private let counts: [Int]
    private let calibration: [Double]

    /// - Parameter calibration: scores of good parts; drawn to the same area as the run's parts.
    init(scores: [Double], calibration: [Double], thresholds: Thresholds) {
        let all = (scores + calibration).filter(\.isFinite).sorted()
        self.thresholds = thresholds
        // One wild score must not squeeze everything else into a line: above three thresholds is one last bar.
        low = min(all.first ?? 0, 0)
        high = max(min(all.last ?? 0, 3), 1.25)
        let counts = Self.binned(scores, low: low, high: high)
        let good = Self.binned(calibration, low: low, high: high)
        let share = calibration.isEmpty ? 0 : Double(max(scores.count, 1)) / Double(calibration.count)
        self.counts = counts
        self.calibration = calibration.isEmpty ? [] : good.map { Double($0) * share }
    }

    private static func binned(_ scores: [Double], low: Double, high: Double) -> [Int] {
        var counts = [Int](repeating: 0, count: bins)
        for score in scores where score.isFinite {
            let position = (score - low) / (high - low) * Double(bins)
            counts[min(bins - 1, max(0, Int(min(max(position, 0), Double(bins)))))] += 1
        }
        return counts
    }

    private func x(_ score: Double) -> Double {
        Self.left + (score - low) / (high - low) * (Self.width - Self.left - Self.right)
    }

    /// The picture; the page's style sheet colours it.
    var svg: String {
        let tallest = max(Double(counts.max() ?? 0), calibration.max() ?? 0, 1)
        let ground = Self.height - Self.bottom
        let step = (Self.width - Self.left - Self.right) / Double(Self.bins)
        func lift(_ count: Double) -> Double { count / tallest * (ground - Self.top) }
        func point(_ value: Double) -> String { HTMLText.number(value, decimals: 1) }

        var marks = ""
        for (bin, count) in counts.enumerated() where count > 0 {
            // A single part among thousands still gets a bar that can be seen.
            let height = max(3, lift(Double(count)))
            let start = low + Double(bin) / Double(Self.bins) * (high - low)
            let middle = start + (high - low) / Double(Self.bins) / 2
            let zone = middle >= thresholds.fail ? "fail" : middle >= thresholds.review ? "review" : "pass"
            let label =
                bin == Self.bins - 1
                ? "\(HTMLText.number(start, decimals: 2)) and more" : HTMLText.number(middle, decimals: 2)
            marks += """
                <rect class="bar \(zone)" x="\(point(Self.left + Double(bin) * step + 0.75))" y="\(point(ground - height))" \
                width="\(point(step - 1.5))" height="\(point(height))" rx="1"><title>score \(label): \(count)</title></rect>

                """
        }
        if !calibration.isEmpty {
            var path = "M\(point(Self.left)) \(point(ground))"
            for (bin, value) in calibration.enumerated() {
                let y = point(ground - lift(value))
                path += "V\(y)H\(point(Self.left + Double(bin + 1) * step))"
            }
            marks += "<path class=\"good\" d=\"\(path)V\(point(ground))\"/>\n"
        }
        marks +=
            "<line class=\"ground\" x1=\"\(point(Self.left))\" x2=\"\(point(Self.width - Self.right))\" y1=\"\(point(ground))\" y2=\"\(point(ground))\"/>\n"
        marks += threshold(
            thresholds.fail, "fail", "fail \(HTMLText.number(thresholds.fail, decimals: 2))", before: false)
        if thresholds.review < thresholds.fail, thresholds.review >= low {
            marks += threshold(
                thresholds.review, "review", "review \(HTMLText.number(thresholds.review, decimals: 2))", before: true)
        }
        marks += ticks(ground: ground)
        return """
            <svg class="histogram" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="Histogram of image scores with the thresholds">
            \(marks)</svg>
            """
    }

    private func threshold(_ score: Double, _ zone: String, _ label: String, before: Bool) -> String {
        let at = HTMLText.number(x(score), decimals: 1)
        let textAt = HTMLText.number(x(score) + (before ? -5 : 5), decimals: 1)
        return """
            <line class="threshold \(zone)" x1="\(at)" x2="\(at)" y1="8" y2="\(Int(Self.height - Self.bottom))"/>
            <text class="threshold \(zone)" x="\(textAt)" y="17" text-anchor="\(before ? "end" : "start")">\(label)</text>

            """
    }

    private func ticks(ground: Double) -> String {
        let stride = high - low > 3 ? 1.0 : 0.5
        var text = ""
        var tick = (low / stride).rounded(.up) * stride
        // A run of wild negative scores may span anything: never more than two dozen ticks.
        while tick <= high, text.utf8.count < 2400 {
            text += """
                <text class="tick" x="\(HTMLText.number(x(tick), decimals: 1))" y="\(Int(ground + 17))" \
                text-anchor="middle">\(HTMLText.number(tick, decimals: 1))</text>

                """
            tick += max(stride, (high - low) / 12)
        }
        return text
    }
}
