/// Tables in RFC 4180's form.
package enum CommaText {
    /// Rows of cells; quotes are taken off.
    package static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = ""
        var isQuoted = false
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if isQuoted {
                if character != "\"" {
                    cell.append(character)
                } else if rest.first == "\"" {
                    cell.append("\"")
                    rest.removeFirst()
                } else {
                    isQuoted = false
                }
            } else if character == "\"" {
                isQuoted = true
            } else if character == "," {
                row.append(cell)
                cell = ""
            } else if character.isNewline {
                rows.append(row + [cell])
                row = []
                cell = ""
            } else {
                cell.append(character)
            }
        }
        if !row.isEmpty || !cell.isEmpty { rows.append(row + [cell]) }
        return rows
    }
}
