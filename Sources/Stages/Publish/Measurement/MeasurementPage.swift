import Foundation

/// A page of measured figures: charts, tables and sentences, in the style of the review page. It works from a file share,
/// without a network, a script or any other file.
package struct MeasurementPage: Sendable {
    /// One cell of a table.
    package struct Cell: Sendable {
        package let text: String
        /// Numbers stand right.
        package let isNumber: Bool
        /// The best of its column.
        package let isBest: Bool

        package init(_ text: String, isNumber: Bool = true, isBest: Bool = false) {
            self.text = text
            self.isNumber = isNumber
            self.isBest = isBest
        }
    }

    /// One block of the page, in order.
    package enum Section: Sendable {
        /// What the figures say, in one or two plain sentences.
        case finding(String)
        /// The same where it is unwelcome.
        case alarm(String)
        case methods(MethodChart)
        /// Figures over the share of good images under a title, with what they mean.
        case curve(title: String, chart: LearningCurveChart, text: String)
        /// Plots side by side under a title, with what they mean.
        case reliability(title: String, plots: [ReliabilityPlot], text: String)
        /// A table under a title, with what it means. The head's first cell names the rows.
        case table(title: String, head: [String], rows: [[Cell]], text: String)
    }

    private let title: String
    private let subtitle: String
    private let sections: [Section]
    private let facts: [(name: String, value: String)]

    package init(title: String, subtitle: String, sections: [Section], facts: [(name: String, value: String)]) {
        self.title = title
        self.subtitle = subtitle
        self.sections = sections
        self.facts = facts
    }

    /// The page as UTF-8 HTML. All text is escaped.
    package func render() -> Data {
        let body = sections.map(html).joined(separator: "\n")
        let head = PageFrame.head(title: "\(title) · \(subtitle)", allowing: ["style-src 'unsafe-inline'"])
        return Data(
            (head + """
                <body>
                <header><div class="title"><h1>\(HTMLText.escaped(title))</h1><p>\(HTMLText.escaped(subtitle))</p></div></header>
                \(body)
                \(PageFrame.colophon(facts))
                </body>
                </html>

                """).utf8)
    }

    private func html(_ section: Section) -> String {
        switch section {
        case .finding(let text): return "<p class=\"finding\">\(HTMLText.escaped(text))</p>"
        case .alarm(let text): return "<p class=\"alarm\">\(HTMLText.escaped(text))</p>"
        case .methods(let chart):
            return """
                <section><figure>
                \(chart.svg)
                <figcaption><span class="key dot"></span>image AUROC <span class="key ring"></span>pixel AUROC; 1 is \
                perfect, 0.5 says nothing</figcaption>
                </figure></section>
                """
        case .curve(let title, let chart, let text):
            return """
                <section><h3>\(HTMLText.escaped(title))</h3>
                <p class="quiet">\(HTMLText.escaped(text))</p>
                <figure>
                \(chart.svg)
                </figure></section>
                """
        case .reliability(let title, let plots, let text):
            return ReliabilityFigure.html(title: title, plots: plots, text: text)
        case .table(let title, let head, let rows, let text):
            let heads = head.enumerated().map { index, name in
                "<th\(index == 0 ? "" : " class=\"number\"")>\(HTMLText.escaped(name))</th>"
            }.joined()
            let lines = rows.map { row in
                "<tr>" + row.map(html).joined() + "</tr>"
            }.joined(separator: "\n")
            return """
                <section><h3>\(HTMLText.escaped(title))</h3>
                <p class="quiet">\(HTMLText.escaped(text))</p>
                <div class="wide"><table class="figures"><thead><tr>\(heads)</tr></thead>
                <tbody>\(lines)</tbody></table></div></section>
                """
        }
    }

    private func html(_ cell: Cell) -> String {
        let kinds = [cell.isNumber ? "number" : nil, cell.isBest ? "best" : nil].compactMap(\.self)
        let kind = kinds.isEmpty ? "" : " class=\"\(kinds.joined(separator: " "))\""
        return "<td\(kind)>\(HTMLText.escaped(cell.text))</td>"
    }
}

/// Reliability plots with their legend: on the pages of measurements and on the review page alike.
enum ReliabilityFigure {
    static func html(title: String, plots: [ReliabilityPlot], text: String) -> String {
        let drawn = plots.map(\.svg).filter { !$0.isEmpty }
        guard !drawn.isEmpty else { return "" }
        return """
            <section><h3>\(HTMLText.escaped(title))</h3>
            <p class="quiet">\(HTMLText.escaped(text))</p>
            <figure><div class="plots">
            \(drawn.joined(separator: "\n"))
            </div>
            <figcaption><span class="key stroke"></span>seen <span class="key dashes"></span>promised \
            <span class="key inner"></span>95 % of what chance does with so many parts <span class="key outer"></span>and \
            with so many calibration parts</figcaption>
            </figure></section>

            """
    }
}
