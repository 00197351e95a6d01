import Foundation
import Handover

/// `report.html`: one page that works from a file share, without a network and without any other file: the worst part
/// first, the part's picture under its heatmap, and two keys to decide.
package enum ReportPage {
    /// Where the page lies in a run's folder.
    package static let path = "report.html"

    /// This many of the worst flagged parts get a card with pictures inside the page; the rest are rows with links. At
    /// some 60 kB a card the page stays below 15 MB, which a browser opens at once from a file share.
    package static let cardLimit = 200

    /// Writes the page, piece by piece: the pictures of one card are in memory at a time, never those of a whole run.
    /// - Parameters:
    ///   - read: the bytes of a file of the run's folder by its relative path, nil when it is not there (a part whose
    ///     folder was moved after a review); the page then shows the numbers without the picture.
    ///   - put: takes the next piece of the page; what it throws ends the writing.
    package static func write<Failure: Error>(
        _ content: ReportContent, read: (String) -> Data?, put: (String) throws(Failure) -> Void
    ) throws(Failure) {
        let parts = ReportSelection(lines: content.verdictLines)
        try put(opening(content))
        try put(header(content, parts))
        if parts.unreadable > 0 {
            try put(
                "<p class=\"alarm\">\(parts.unreadable) lines of verdicts.jsonl could not be read and are not shown here. "
                    + "Run <code>nightshift verify</code> on this run.</p>\n")
        }
        try put(toolbar(parts))
        try put("<main id=\"cards\">\n")
        if parts.cards.isEmpty {
            try put(
                "<p class=\"quiet\">No part was flagged. \(parts.scores.isEmpty ? "The drop held nothing to inspect." : "Every inspected part passed.")</p>\n"
            )
        }
        let scale = ScoreScale(worst: parts.cards.first?.score ?? 0)
        for (rank, record) in parts.cards.enumerated() {
            try put(ReportCard(record: record, rank: rank + 1, scale: scale, read: read).html)
        }
        try put("<p class=\"quiet\" id=\"nothing\" hidden>No part matches the filter.</p>\n</main>\n")
        try put(ReportTables.moreFlagged(parts.moreFlagged, count: parts.moreFlaggedCount))
        try put(ReportTables.setAside(content.setAside))
        try put(ReportTables.nearestPasses(parts.nearestPasses))
        try put(
            DriftSection.html(
                pValues: parts.pValues, calibrated: content.calibrationScores.count { $0.isFinite }))
        try put(colophon(content))
        try put(closing)
    }

    private static func opening(_ content: ReportContent) -> String {
        PageFrame.head(
            title: "\(content.line) · \(content.runID)",
            allowing: ["img-src data:", "style-src 'unsafe-inline'", "script-src 'unsafe-inline'"])
                + """
                <body data-line="\(HTMLText.escaped(content.line))" data-run="\(HTMLText.escaped(content.runID))">
                <svg width="0" height="0" aria-hidden="true" style="position:absolute"><filter id="glow" color-interpolation-filters="sRGB"><feColorMatrix values="1 0 0 0 0  0 1 0 0 0  0 0 1 0 0  1 0.8 0.8 0 -0.31"/></filter></svg>

                """
    }

    private static let closing = """

        <script>
        \(ReportScript.javaScript)
        </script>
        </body>
        </html>

        """

    private static func header(_ content: ReportContent, _ parts: ReportSelection) -> String {
        let tiles = content.counts.map { count in
            let kind =
                ["pass", "review", "fail", "quarantined", "deferred"].contains(count.outcome) ? count.outcome : "other"
            return """
                <div class="tile \(kind)\(count.count == 0 ? " zero" : "")"><b>\(HTMLText.count(count.count))</b>\
                <span>\(HTMLText.escaped(count.outcome))</span></div>
                """
        }.joined(separator: "\n")
        var chart = ""
        if let thresholds = parts.thresholds {
            let good = content.calibrationScores.filter(\.isFinite)
            let histogram = ScoreHistogram(scores: parts.scores, calibration: good, thresholds: thresholds)
            let legend =
                good.isEmpty
                ? ""
                : "<span class=\"key line\"></span>\(HTMLText.count(good.count)) good parts of calibration, to the same area"
            chart = """
                <figure>
                \(histogram.svg)
                <figcaption><span class="key"></span>\(HTMLText.count(parts.scores.count)) parts of this run by image score \
                \(legend)</figcaption>
                </figure>
                """
        }
        return """
            <header>
            <div class="title"><h1>\(HTMLText.escaped(content.line))</h1>
            <p><bdi>\(HTMLText.escaped(content.startedAt))</bdi> <span class="mono">\(HTMLText.escaped(content.runID))</span></p></div>
            <div class="tiles">
            \(tiles)
            </div>
            \(chart)
            </header>

            """
    }

    private static func toolbar(_ parts: ReportSelection) -> String {
        func options(_ values: [String], all: String) -> String {
            "<option value=\"*\">\(all)</option>"
                + values.map { value in
                    let shown = value.isEmpty ? "(no folder)" : value
                    return "<option value=\"=\(HTMLText.escaped(value))\">\(HTMLText.escaped(shown))</option>"
                }.joined()
        }
        let cameras = parts.cameras.sorted()
        let labels = parts.labels.sorted()
        let labelFilter =
            labels.isEmpty
            ? "" : "<select id=\"label\" aria-label=\"Label\">\(options(labels, all: "Every label"))</select>"
        return """
            <nav class="toolbar" aria-label="Review">
            <div class="segments" role="group" aria-label="Show">
            <button data-show="all" aria-pressed="true">Flagged</button><button data-show="fail" aria-pressed="false">Fail</button>\
            <button data-show="review" aria-pressed="false">Review</button><button data-show="open" aria-pressed="false">Undecided</button>
            </div>
            <select id="camera" aria-label="Camera">\(options(cameras, all: "Every camera"))</select>
            \(labelFilter)
            <label class="slider">Heatmap <input id="opacity" type="range" min="0" max="100" value="60" aria-label="Heatmap opacity"></label>
            <span class="space"></span>
            <output id="progress"></output>
            <input id="by" type="text" placeholder="Your name" aria-label="Your name" autocomplete="name" maxlength="60">
            <button id="save" class="primary">Save decisions</button>
            </nav>
            <p class="keys"><kbd>n</kbd> <kbd>p</kbd> next, previous <kbd>g</kbd> good <kbd>d</kbd> defect <kbd>u</kbd> undo \
            <kbd>h</kbd> heatmap <noscript>Deciding needs JavaScript; the pictures and tables work without.</noscript></p>

            """
    }

    private static func colophon(_ content: ReportContent) -> String {
        PageFrame.colophon(content.facts.map { ($0.name, $0.value) }) + "\n"
    }
}
