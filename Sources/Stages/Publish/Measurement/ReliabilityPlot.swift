import Foundation
import Numerics

/// Whether p-values keep their promise, as an inline SVG: for every nominal rate α the share of parts with p <= α,
/// against the diagonal. Unseen good parts lie on it up to chance.
///
/// Two bands hold 95 % of what chance does: the inner one counts the parts that are judged (binomial), the outer one also
/// the luck of the calibration parts that the p-values come from (beta–binomial).
package struct ReliabilityPlot: Sendable {
    private static let (width, height) = (470.0, 360.0)
    private static let (left, right, top, bottom) = (64.0, 16.0, 16.0, 46.0)

    private let pValues: [Double]
    private let calibrated: Int
    private let limit: Double
    private let threshold: (promised: Double, seen: Double)?
    private let subject: String

    /// - Parameters:
    ///   - pValues: one per part, (1 + number of calibration parts at least as odd) / (1 + their number).
    ///   - calibrated: the number of calibration parts.
    ///   - limit: the largest α that is drawn, more than 0 and at most 1.
    ///   - threshold: the line's own overkill rate and the share of the parts at or above its threshold, to be marked;
    ///     nil = none. The mark may lie off the curve: p-values are counted, the threshold is fitted to a tail.
    ///   - subject: whose share it is, for the axis: "good parts flagged".
    package init(
        pValues: [Double], calibrated: Int, limit: Double = 1, threshold: (promised: Double, seen: Double)? = nil,
        subject: String
    ) {
        precondition(
            calibrated > 0 && limit > 0 && limit <= 1,
            "ReliabilityPlot: expected calibration parts and a limit in (0, 1], got \(calibrated) and \(limit)")
        self.pValues = pValues.filter(\.isFinite).sorted()
        self.calibrated = calibrated
        self.limit = limit
        self.threshold = threshold
        self.subject = subject
    }

    /// The share of parts with p <= α.
    package func share(at rate: Double) -> Double {
        Double(pValues.prefix { $0 <= rate + 1e-12 }.count) / Double(max(1, pValues.count))
    }

    /// What chance allows at α: the outer band.
    package func band(at rate: Double) -> ClosedRange<Double> {
        Binomial.band(rate: rate, of: max(1, pValues.count), calibratedOn: calibrated)
    }

    /// The picture; the page's style sheet colours it. Empty without parts.
    package var svg: String {
        guard !pValues.isEmpty else { return "" }
        let count = pValues.count
        let rates = (0...80).map { limit * Double($0) / 80 }
        let inner = rates.map { Binomial.band(rate: $0, of: count) }
        let outer = rates.map { band(at: $0) }
        // The axis reaches what has to be seen, not more: with few parts a band may be wide.
        let shown = pValues.prefix { $0 <= limit + 1e-12 }.count
        let highest = max(
            limit, Double(shown) / Double(count), inner.map(\.upperBound).max() ?? 0, threshold?.seen ?? 0)
        let ceiling = min(1, Self.roundedUp(highest))
        func x(_ rate: Double) -> String {
            point(Self.left + rate / limit * (Self.width - Self.left - Self.right))
        }
        func y(_ share: Double) -> String {
            point(Self.height - Self.bottom - min(share, ceiling) / ceiling * (Self.height - Self.top - Self.bottom))
        }
        func area(_ band: [ClosedRange<Double>], _ kind: String) -> String {
            let upper = zip(rates, band).map { "\(x($0)) \(y($1.upperBound))" }
            let lower = zip(rates, band).reversed().map { "\(x($0)) \(y($1.lowerBound))" }
            return "<path class=\"band \(kind)\" d=\"M\((upper + lower).joined(separator: "L"))Z\"/>\n"
        }
        var marks = grid(x: x, y: y, ceiling: ceiling)
        marks += area(outer, "outer") + area(inner, "inner")
        marks +=
            "<line class=\"ideal\" x1=\"\(x(0))\" y1=\"\(y(0))\" x2=\"\(x(min(limit, ceiling)))\" y2=\"\(y(min(limit, ceiling)))\"/>\n"
        var path = "M\(x(0)) \(y(0))"
        for (index, value) in pValues.enumerated() where value <= limit {
            // Equal p-values are one step.
            if index + 1 < count, pValues[index + 1] == value { continue }
            path += "H\(x(value))V\(y(Double(index + 1) / Double(count)))"
        }
        marks += "<path class=\"seen\" d=\"\(path)H\(x(limit))\"/>\n"
        if let (nominal, seen) = threshold, nominal <= limit {
            let near = nominal / limit < 0.55
            marks += """
                <line class="threshold fail" x1="\(x(nominal))" x2="\(x(nominal))" y1="\(point(Self.top))" y2="\(y(0))"/>
                <circle class="seen" cx="\(x(nominal))" cy="\(y(seen))" r="4"/>
                <text class="threshold fail" x="\(point((Double(x(nominal)) ?? 0) + (near ? 7 : -7)))" y="\(point(Self.top + 11))" \
                text-anchor="\(near ? "start" : "end")">promised \(percent(nominal)), seen \(percent(seen))</text>

                """
        }
        return """
            <svg class="reliability" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="Share of \(HTMLText.escaped(subject)) against the nominal rate, up to \(percent(limit))">
            \(marks)</svg>
            """
    }

    private func grid(x: (Double) -> String, y: (Double) -> String, ceiling: Double) -> String {
        var text = ""
        let across = Self.stride(limit)
        let ground = y(0)
        for step in 0...Int((limit / across + 1e-6).rounded(.down)) {
            let rate = Double(step) * across
            text += """
                <line class="grid" x1="\(x(rate))" x2="\(x(rate))" y1="\(point(Self.top))" y2="\(ground)"/>
                <text class="tick" x="\(x(rate))" y="\(point(Self.height - Self.bottom + 16))" text-anchor="middle">\(percent(rate))</text>

                """
        }
        let up = Self.stride(ceiling)
        for step in 0...Int((ceiling / up + 1e-6).rounded(.down)) {
            let share = Double(step) * up
            text += """
                <line class="grid" x1="\(point(Self.left))" x2="\(point(Self.width - Self.right))" y1="\(y(share))" y2="\(y(share))"/>
                <text class="tick" x="\(point(Self.left - 7))" y="\(point((Double(y(share)) ?? 0) + 4))" text-anchor="end">\(percent(share))</text>

                """
        }
        return text + """
            <text class="axis" x="\(point((Self.left + Self.width - Self.right) / 2))" y="\(point(Self.height - 8))" text-anchor="middle">nominal rate α</text>
            <text class="axis" transform="translate(13 \(point((Self.top + Self.height - Self.bottom) / 2))) rotate(-90)" text-anchor="middle">\(HTMLText.escaped(subject))</text>

            """
    }

    private static func stride(_ span: Double) -> Double {
        [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].first { span / $0 <= 5.5 } ?? 1
    }

    private static func roundedUp(_ value: Double) -> Double {
        let step = stride(value) / 2
        return (value / step - 1e-9).rounded(.up) * step
    }

    private func point(_ value: Double) -> String { HTMLText.number(value, decimals: 1) }

    private func percent(_ value: Double) -> String {
        let hundred = value * 100
        return "\(HTMLText.number(hundred, decimals: abs(hundred - hundred.rounded()) < 0.005 ? 0 : 1)) %"
    }
}
