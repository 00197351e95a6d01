/// Numbers as people read them.
package enum Wording {
    /// `0.4 s`, `12 s`, `3 min 05 s`, `2 h 07 min`, `3 d 04 h`.
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "unknown" }
        if seconds < 9.95 { return "\(tenths(seconds)) s" }
        let whole = Int(min(seconds.rounded(), 1e12))
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
        if whole < 86_400 { return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min" }
        return "\(whole / 86_400) d \(twoDigits(whole / 3600 % 24)) h"
    }

    /// `512 B`, `1.5 KiB`, `200 MiB`: powers of 1024, as memory and disks are told.
    package static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        while value >= 1023.95, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return (unit == 0 || value >= 99.95 ? "\(Int(value.rounded()))" : tenths(value)) + " " + units[unit]
    }

    /// `14.2/s`, `1.5/min`: whichever shows a digit that moves.
    package static func rate(perSecond: Double) -> String {
        guard perSecond.isFinite, perSecond > 0 else { return "?/s" }
        if perSecond >= 99.95 { return "\(Int(min(perSecond, 1e15).rounded()))/s" }
        return perSecond >= 0.5 ? "\(tenths(perSecond))/s" : "\(tenths(perSecond * 60))/min"
    }

    /// `1 part`, `2 parts`: the plural with -s.
    package static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// Text from outside as a terminal may have it on one line: control characters and marks that reorder text become
    /// U+FFFD, so that it cannot move the cursor or dress up as something else.
    package static func visible(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }

    /// `name   value`, columns as wide as their widest cell; numbers are not aligned specially.
    package static func table(_ rows: [[String]], separator: String = "  ") -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: separator)
        }.joined(separator: "\n")
    }

    private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
