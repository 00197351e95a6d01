import Foundation
import Handover

/// `summary.csv`: the run for spreadsheets, one row a part (RFC 4180).
///
/// Text that comes from outside (file names, folders) cannot act in a spreadsheet: a leading `=`, `+`, `-` or `@` gets
/// an apostrophe, and control characters become their visible pictures, so a row is always one line.
package enum SummaryCSV {
    /// The first line, without a line end.
    package static let header =
        "part,path,camera,captured_at,verdict,score,review_threshold,fail_threshold,p_value,raw_score,regions,"
        + "worst_x,worst_y,worst_width,worst_height,worst_peak,worst_label,width,height,bytes,sha256,heatmap,model"

    /// One part's line, without a line end.
    package static func row(_ record: VerdictRecord) -> String {
        let worst = record.regions.max { $0.peak < $1.peak }
        let box: [String] = worst.map { $0.bbox.map(String.init) } ?? ["", "", "", ""]
        var cells: [String] = [
            text(record.part.id), text(record.part.path), text(record.part.camera), text(record.part.capturedAt ?? ""),
            record.verdict.rawValue, number(record.score), number(record.thresholds.review),
            number(record.thresholds.fail), number(record.pValue), number(record.rawScore),
            String(record.regions.count),
        ]
        cells += box
        cells += [
            worst.map { number($0.peak) } ?? "", text(worst?.label ?? ""), String(record.part.width),
            String(record.part.height), String(record.part.bytes), text(record.part.sha256), text(record.heatmap.path),
            text(record.model.name + " " + record.model.version),
        ]
        return cells.joined(separator: ",")
    }

    /// A cell of text from outside: made harmless, then quoted where the format asks for it.
    package static func text(_ value: String) -> String {
        var cell = ""
        for scalar in value.unicodeScalars {
            switch scalar.value {
            case 0x00...0x1F: cell.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
            case 0x7F: cell.unicodeScalars.append("\u{2421}")
            // Line ends that are not control characters of ASCII: some readers split there.
            case 0x85, 0x2028, 0x2029: cell.unicodeScalars.append("\u{2424}")
            default: cell.unicodeScalars.append(scalar)
            }
        }
        // Compared by scalar: a combining mark after "=" makes another Character, yet a spreadsheet sees the "=". Full
        // width forms count too, some programs fold them.
        if let first = value.unicodeScalars.first(where: { !$0.properties.isWhitespace }),
            "=+-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(first)
        {
            cell = "'" + cell
        }
        let needsQuotes = cell.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == ";" || $0 == " " }
        return needsQuotes ? "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : cell
    }

    private static func number(_ value: Double) -> String {
        // 12 rather than 12.0, the way JSON writes it.
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
