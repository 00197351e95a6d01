import Foundation
import Handover

/// The page's plain lists below the cards.
enum ReportTables {
    /// Rows of one list; a run that sets more aside than this has another problem than the page.
    static let rowLimit = 5000

    /// Flagged parts without a card, `count` in all, of which `rows` are the worst.
    static func moreFlagged(_ rows: [ReportRow], count: Int) -> String {
        if rows.isEmpty { return "" }
        return """
            <section><h3>\(HTMLText.count(count)) more flagged parts</h3>
            <p class="quiet">The page shows pictures of the \(ReportPage.cardLimit) worst parts; these have theirs in the run's folder.</p>
            \(scores(rows))
            \(cut(count))</section>

            """
    }

    /// Files without a verdict, and why.
    static func setAside(_ files: [ReportContent.SetAside]) -> String {
        if files.isEmpty { return "" }
        let rows = files.sorted { ($0.rejection.outcome.rawValue, $0.path) > ($1.rejection.outcome.rawValue, $1.path) }
            .prefix(rowLimit).map { file in
                """
                <tr><td><bdi>\(HTMLText.escaped(file.path))</bdi></td><td><span class="badge \(file.rejection.outcome.rawValue)">\
                \(file.rejection.outcome.rawValue)</span></td><td class="mono">\(file.rejection.reason.rawValue)</td>\
                <td>\(HTMLText.escaped(file.rejection.sentence))</td></tr>
                """
            }.joined(separator: "\n")
        return """
            <section><h3>\(HTMLText.count(files.count)) files without a verdict</h3>
            <p class="quiet">The files themselves are untouched in the drop. Deferred files are looked at again in the next run.</p>
            <div class="wide"><table><thead><tr><th>File</th><th>Outcome</th><th>Reason</th><th>What to do</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            \(cut(files.count))</section>

            """
    }

    /// The passing parts with the highest scores: where an escape would be. `rows` come worst first.
    static func nearestPasses(_ rows: [ReportRow]) -> String {
        if rows.isEmpty { return "" }
        return """
            <section><details><summary>The \(rows.count) passing parts nearest to review</summary>
            \(scores(rows))
            </details></section>

            """
    }

    private static func scores(_ rows: [ReportRow]) -> String {
        let rows = rows.map { row in
            let name = "<bdi>\(HTMLText.escaped(row.path))</bdi>"
            let folder = FlaggedFolder(partID: row.id)
            let target = row.verdict == .pass ? "heatmaps/\(row.id).png" : folder.panel
            let cell = HTMLText.isSafeName(row.id) ? "<a href=\"\(target)\">\(name)</a>" : name
            return """
                <tr><td>\(cell)</td><td><span class="badge \(row.verdict.rawValue)">\(row.verdict.rawValue)</span></td>\
                <td class="number">\(HTMLText.score(row.score, thresholds: row.thresholds))</td>\
                <td class="number">\(HTMLText.number(row.pValue, decimals: 4))</td><td class="number">\(row.regionCount)</td></tr>
                """
        }.joined(separator: "\n")
        return """
            <div class="wide"><table><thead><tr><th>Part</th><th>Verdict</th><th class="number">Score</th><th class="number">p-value</th>\
            <th class="number">Regions</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            """
    }

    private static func cut(_ count: Int) -> String {
        count > rowLimit
            ? "<p class=\"quiet\">\(HTMLText.count(count - rowLimit)) more are in the run's folder and not listed here.</p>"
            : ""
    }
}
