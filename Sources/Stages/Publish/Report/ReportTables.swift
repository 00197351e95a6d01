import Foundation
import Handover

/// The page's plain lists below the cards.
enum ReportTables {
    /// Passing parts that are listed: enough to see what nearly went to review, few enough to read.
    private static let passLimit = 50
    /// Rows of one list; a run that sets more aside than this has another problem than the page.
    private static let rowLimit = 5000

    /// Flagged parts without a card.
    static func moreFlagged(_ records: [VerdictRecord]) -> String {
        if records.isEmpty { return "" }
        return """
            <section><h3>\(HTMLText.count(records.count)) more flagged parts</h3>
            <p class="quiet">The page shows pictures of the \(ReportPage.cardLimit) worst parts; these have theirs in the run's folder.</p>
            \(scores(records.prefix(rowLimit)))
            \(cut(records.count))</section>

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

    /// The passing parts with the highest scores: where an escape would be. `records` come worst first.
    static func nearestPasses(_ records: [VerdictRecord]) -> String {
        if records.isEmpty { return "" }
        return """
            <section><details><summary>The \(min(passLimit, records.count)) passing parts nearest to review</summary>
            \(scores(records.prefix(passLimit)))
            </details></section>

            """
    }

    private static func scores(_ records: ArraySlice<VerdictRecord>) -> String {
        let rows = records.map { record in
            let name = "<bdi>\(HTMLText.escaped(record.part.path))</bdi>"
            let folder = FlaggedFolder(partID: record.part.id)
            let target = record.verdict == .pass ? "heatmaps/\(record.part.id).png" : folder.panel
            let cell = HTMLText.isSafeName(record.part.id) ? "<a href=\"\(target)\">\(name)</a>" : name
            return """
                <tr><td>\(cell)</td><td><span class="badge \(record.verdict.rawValue)">\(record.verdict.rawValue)</span></td>\
                <td class="number">\(HTMLText.score(record.score, thresholds: record.thresholds))</td>\
                <td class="number">\(HTMLText.number(record.pValue, decimals: 4))</td><td class="number">\(record.regions.count)</td></tr>
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
