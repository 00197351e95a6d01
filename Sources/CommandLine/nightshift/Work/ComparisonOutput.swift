import Evaluation
import Files
import Foundation
import Publish

/// A comparison as it is printed and written: text for people, JSON and CSV for machines, a page to look at.
package struct ComparisonOutput: Sendable {
    package let subject: String
    package let set: LabelledSet
    package let comparison: MethodComparison
    /// nil = not asked for.
    package let disturbed: RobustnessTable?
    package let simplified: RobustnessTable?
    /// nil = not asked for.
    package let curve: LearningCurve?
    package let facts: [(name: String, value: String)]

    /// One column of figures.
    private struct Column {
        let key: String
        let name: String
        /// Whether more is better; nil = neither.
        let rises: Bool?
        let value: @Sendable (MethodComparison.Row) -> Double?
        let text: @Sendable (Double?) -> String
    }

    private static let columns: [Column] = [
        .init(key: "imageAUROC", name: "image AUROC", rises: true, value: \.result.imageAUROC, text: Wording.three),
        .init(key: "averagePrecision", name: "AP", rises: true, value: \.result.averagePrecision, text: Wording.three),
        .init(key: "f1Max", name: "best F1", rises: true, value: \.result.f1Max, text: Wording.three),
        .init(key: "pixelAUROC", name: "pixel AUROC", rises: true, value: \.result.pixelAUROC, text: Wording.three),
        .init(key: "aupro30", name: "AUPRO@0.3", rises: true, value: \.result.aupro30, text: Wording.three),
        // Overkill has no best: it should be what was promised.
        .init(key: "overkill", name: "overkill", rises: nil, value: \.result.overkill, text: Wording.percent),
        .init(key: "escape", name: "escape", rises: false, value: \.result.escape, text: Wording.percent),
        .init(key: "trainSeconds", name: "train s", rises: false, value: \.trainSeconds) {
            $0.map { Wording.fixed($0, $0 < 10 ? 1 : 0) } ?? "-"
        },
        .init(key: "imagesPerSecond", name: "images/s", rises: true, value: \.imagesPerSecond) {
            $0.map { Wording.fixed($0, 1) } ?? "-"
        },
        .init(key: "megabytes", name: "MB", rises: false, value: \.megabytes) {
            $0.map { Wording.fixed($0, 1) } ?? "-"
        },
    ]

    /// Whether a row is as good as the best of a column, as far as the table shows it.
    private func isBest(_ row: MethodComparison.Row, _ column: Column) -> Bool {
        guard let rises = column.rises, let own = column.value(row), comparison.rows.count > 1 else { return false }
        let all = comparison.rows.compactMap(column.value)
        guard let best = rises ? all.max() : all.min() else { return false }
        return column.text(own) == column.text(best)
    }

    /// For the terminal; the best of a column carries a star.
    package var text: String {
        let table = Wording.table(
            [["method"] + Self.columns.map(\.name) + ["ΔAUROC (95 %)"]]
                + comparison.rows.map { row in
                    [row.name]
                        + Self.columns.map { $0.text($0.value(row)) + (isBest(row, $0) ? "*" : "") }
                        + [Self.difference(row)]
                })
        var parts = [table]
        if let finding = comparison.finding { parts.append(finding) }
        if let disturbed { parts.append(disturbed.text) }
        if let simplified { parts.append("damage that simplifies, on good parts of the set\n" + simplified.text) }
        if let curve { parts.append(curve.text) }
        return parts.joined(separator: "\n\n")
    }

    private static func difference(_ row: MethodComparison.Row) -> String {
        guard let difference = row.difference else { return "-" }
        func signed(_ value: Double) -> String { (value >= 0 ? "+" : "") + Wording.fixed(value, 3) }
        return "\(signed(difference.value)) (\(signed(difference.interval.lowerBound))…"
            + "\(signed(difference.interval.upperBound)))"
    }

    /// The members of one method's JSON object.
    package static func members(_ row: MethodComparison.Row) -> [String: JSONText] {
        var members = Dictionary(
            uniqueKeysWithValues: columns.map { column in
                let value = column.value(row)
                let isFigure = !["trainSeconds", "imagesPerSecond", "megabytes"].contains(column.key)
                return (column.key, isFigure ? JSONText.share(value) : .tenths(value))
            })
        members["method"] = .text(row.name)
        members["aupro05"] = .share(row.result.aupro05)
        members["overkillInterval"] = .interval(row.result.overkillInterval)
        members["threshold"] = .share(row.result.threshold)
        members["aurocDifference"] = .share(row.difference?.value)
        members["aurocDifferenceInterval"] = .interval(row.difference?.interval)
        return members
    }

    /// On one line.
    package var json: JSONText {
        var members: [String: JSONText] = [
            "line": .text(subject), "truth": .text(set.path), "overkillRate": .share(comparison.rate),
            "methods": .list(comparison.rows.map { .object(Self.members($0)) }),
            "finding": comparison.finding.map { .text($0) } ?? .null,
            "good": .number(Double(comparison.rows.first?.result.goodCount ?? 0)),
            "defective": .number(Double(comparison.rows.first?.result.defectiveCount ?? 0)),
        ]
        if let disturbed { members["robustness"] = disturbed.json }
        if let simplified { members["simplified"] = simplified.json }
        if let curve { members["curve"] = curve.json }
        return .object(members)
    }

    /// One row per method, RFC 4180; empty cells where there is no figure.
    package var csv: String {
        let head = ["method", "title"] + Self.columns.map(\.key)
        let tail = ["overkillLow", "overkillHigh", "aurocDifference", "differenceLow", "differenceHigh"]
        var lines = [(head + tail).joined(separator: ",")]
        for row in comparison.rows {
            func cell(_ value: Double?) -> String { value.map { Wording.fixed($0, 5) } ?? "" }
            let cells =
                [row.name, "\"\(row.title)\""] + Self.columns.map { cell($0.value(row)) }
                + [
                    row.result.overkillInterval?.lowerBound, row.result.overkillInterval?.upperBound,
                    row.difference?.value, row.difference?.interval.lowerBound, row.difference?.interval.upperBound,
                ].map(cell)
            lines.append(cells.joined(separator: ","))
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    /// The page, self-contained.
    package var page: Data {
        let rows = comparison.rows
        var sections: [MeasurementPage.Section] = []
        if let finding = comparison.finding {
            sections.append(comparison.winner?.difference?.isClear == true ? .alarm(finding) : .finding(finding))
        }
        sections.append(
            .methods(
                MethodChart(
                    rows: rows.map {
                        .init(
                            title: $0.title, image: $0.result.imageAUROC, pixel: $0.result.pixelAUROC,
                            isProduct: $0.isProduct)
                    })))
        sections.append(
            .table(
                title: "Figures",
                head: ["method"] + Self.columns.map(\.name) + ["ΔAUROC to fused (95 %)"],
                rows: rows.map { row in
                    [MeasurementPage.Cell(row.title, isNumber: false)]
                        + Self.columns.map { .init($0.text($0.value(row)), isBest: isBest(row, $0)) }
                        + [.init(Self.difference(row))]
                },
                text:
                    "Every method has its own threshold, from good parts held out of training, that promises an overkill of "
                    + "\(Wording.percent(comparison.rate)). ΔAUROC: paired bootstrap; an interval that holds 0 means "
                    + "nothing. Best F1 is chosen on these very parts. A star marks the best of a column as far as it shows."
            ))
        if let curve { sections += curve.sections }
        if let disturbed {
            sections.append(
                Self.section(
                    disturbed, title: "When the pictures change and the parts do not",
                    text:
                        "Image AUROC, and the share of good parts flagged at the unchanged threshold, on the same parts "
                        + "under each change of light, optics or place."))
        }
        if let simplified {
            sections.append(
                Self.section(
                    simplified, title: "Damage that makes a picture simpler",
                    text:
                        "Image AUROC between good parts and the same parts with a region made simpler, and the share of these that pass. What is "
                        + "simpler is easier to predict, so a bare prediction error fails here."))
        }
        return MeasurementPage(
            title: subject, subtitle: "compared on \(set.path)", sections: sections, facts: facts
        ).render()
    }

    /// A table of robustness for a page.
    package static func section(_ table: RobustnessTable, title: String, text: String) -> MeasurementPage.Section {
        .table(
            title: title, head: ["picture"] + table.titles,
            rows: table.rows.map { row in
                [MeasurementPage.Cell(row.title, isNumber: false)]
                    + row.figures.map {
                        .init("\(Wording.three($0.imageAUROC)) · \(Wording.percent(table.share($0)))")
                    }
            }, text: text)
    }

    /// Writes `comparison.json`, `comparison.csv` and `comparison.html` into `folder`, which is made if it is missing.
    package func write(to folder: String) throws(VerbError) {
        do throws(FileError) {
            try Folder.create(folder)
            try AtomicFile.write(Data((json.line + "\n").utf8), to: folder + "/comparison.json")
            try AtomicFile.write(Data(csv.utf8), to: folder + "/comparison.csv")
            try AtomicFile.write(page, to: folder + "/comparison.html")
        } catch {
            throw .failed("\(error.description); name another folder with --out")
        }
    }
}
