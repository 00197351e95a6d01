/// What methods reach with a part of the good images, as an inline SVG: a line for each method over the shares.
package struct LearningCurveChart: Sendable {
    /// One method.
    package struct Series: Sendable {
        package let title: String
        /// One figure per share, 0…1; nil = not measured.
        package let values: [Double?]
        /// Whether it is the product, which stands out.
        package let isProduct: Bool

        package init(title: String, values: [Double?], isProduct: Bool) {
            self.title = title
            self.values = values
            self.isProduct = isProduct
        }
    }

    private static let (width, height) = (960.0, 380.0)
    private static let (left, right, top, bottom) = (64.0, 300.0, 16.0, 46.0)
    /// Room between two titles at the right.
    private static let pitch = 18.0

    private let shares: [Double]
    private let series: [Series]
    private let subject: String

    /// - Parameters:
    ///   - shares: of the good images, ascending, each in (0, 1].
    ///   - subject: what the figures are, for the axis.
    package init(shares: [Double], series: [Series], subject: String) {
        precondition(
            !shares.isEmpty && shares.allSatisfy { $0 > 0 && $0 <= 1 }
                && series.allSatisfy { $0.values.count == shares.count },
            "LearningCurveChart: expected a figure for each of \(shares.count) shares in (0, 1]")
        self.shares = shares
        self.series = series
        self.subject = subject
    }

    /// The picture; the page's style sheet colours it.
    package var svg: String {
        let values = series.flatMap(\.values).compactMap(\.self)
        // From the next tenth below the worst: differences near 1 are what matters, and the axis says where it begins.
        let low = max(0, min(0.9, ((values.min() ?? 0.5) * 10 - 0.05).rounded(.down) / 10))
        let ground = Self.height - Self.bottom
        func x(_ place: Int) -> Double {
            let span = Self.width - Self.left - Self.right
            return shares.count == 1
                ? Self.left + span / 2 : Self.left + span * Double(place) / Double(shares.count - 1)
        }
        func y(_ value: Double) -> Double { ground - (value - low) / (1 - low) * (ground - Self.top) }
        var marks = ""
        let stride = low >= 0.69 ? 0.05 : 0.1
        for step in 0...Int(((1 - low) / stride + 1e-6).rounded(.down)) {
            let value = low + Double(step) * stride
            marks += """
                <line class="grid" x1="\(point(Self.left))" x2="\(point(Self.width - Self.right))" y1="\(point(y(value)))" y2="\(point(y(value)))"/>
                <text class="tick" x="\(point(Self.left - 8))" y="\(point(y(value) + 4))" text-anchor="end">\(HTMLText.number(value, decimals: 2))</text>

                """
        }
        for (place, share) in shares.enumerated() {
            marks += """
                <text class="tick" x="\(point(x(place)))" y="\(point(ground + 18))" text-anchor="middle">\(HTMLText.number(share * 100, decimals: 0)) %</text>

                """
        }
        marks += """
            <text class="axis" x="\(point((Self.left + Self.width - Self.right) / 2))" y="\(point(Self.height - 6))" text-anchor="middle">good images</text>
            <text class="axis" transform="translate(13 \(point((Self.top + ground) / 2))) rotate(-90)" text-anchor="middle">\(HTMLText.escaped(subject))</text>

            """
        for (line, height) in zip(series, titleHeights(y)) {
            let kind = line.isProduct ? " product" : ""
            let seen = line.values.enumerated().compactMap { place, value in value.map { (place, $0) } }
            guard let last = seen.last else { continue }
            let path = seen.map { "\(point(x($0.0))) \(point(y($0.1)))" }.joined(separator: "L")
            marks += "<path class=\"curve\(kind)\" d=\"M\(path)\"/>\n"
            for (place, value) in seen {
                marks += """
                    <circle class="image\(kind)" cx="\(point(x(place)))" cy="\(point(y(value)))" r="4.5"><title>\(HTMLText.escaped(line.title)): \
                    \(HTMLText.number(value, decimals: 4))</title></circle>

                    """
            }
            marks += """
                <line class="leader" x1="\(point(x(last.0) + 7))" y1="\(point(y(last.1)))" x2="\(point(Self.width - Self.right + 22))" y2="\(point(height))"/>
                <text class="method\(kind)" x="\(point(Self.width - Self.right + 26))" y="\(point(height + 4.5))">\(HTMLText.escaped(line.title))</text>

                """
        }
        return """
            <svg class="methods" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
            aria-label="\(HTMLText.escaped(subject)) of each method over the share of good images">
            \(marks)</svg>
            """
    }

    /// Where each title stands at the right: beside its line's end, pushed apart where two would meet.
    private func titleHeights(_ y: (Double) -> Double) -> [Double] {
        let wanted = series.map { y($0.values.compactMap(\.self).last ?? 0) }
        let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        var heights = wanted
        var least = Self.top
        for index in order {
            heights[index] = max(wanted[index], least)
            least = heights[index] + Self.pitch
        }
        // What was pushed off the picture goes back up.
        var greatest = Self.height - 8
        for index in order.reversed() {
            heights[index] = min(heights[index], greatest)
            greatest = heights[index] - Self.pitch
        }
        return heights
    }

    private func point(_ value: Double) -> String { HTMLText.number(value, decimals: 1) }
}
