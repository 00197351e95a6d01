/// Writes a recipe as people read it: JSON5 with one value per line and the reason beside it.
package struct RecipeWriter: Sendable {
    /// Lines of the head, without comment marks: the command that uses the recipe, how long it takes, what is known.
    package var head: [String]
    /// Reasons found for this line, by dotted key; they replace the table's general comment.
    package var reasons: [String: String]

    package init(head: [String] = [], reasons: [String: String] = [:]) {
        self.head = head
        self.reasons = reasons
    }

    /// The text of the file. Reads back to an equal recipe.
    package func text(_ recipe: Recipe) -> String {
        var lines = head.map { $0.isEmpty ? "//" : "// " + RecipeWriter.oneLine($0) }
        lines.append("{")
        var section = ""
        var block: [(value: String, comment: String)] = []

        func flush(indent: String) {
            // Comments of a block stand in one column, where that does not push them off the screen.
            let column = min(block.map(\.value.count).max() ?? 0, 36)
            for (value, comment) in block {
                let padding = String(repeating: " ", count: max(0, column - value.count))
                lines.append(indent + value + padding + "  // " + RecipeWriter.oneLine(comment))
            }
            block = []
        }
        for field in RecipeField.all {
            let parts = field.path.split(separator: ".").map(String.init)
            let owner = parts.count > 1 ? parts[0] : ""
            if owner != section {
                flush(indent: section.isEmpty ? "  " : "    ")
                if !section.isEmpty { lines.append("  },") }
                lines.append("  \(owner): {")
                section = owner
            }
            let value = "\(parts[parts.count - 1]): \(field.read(recipe).canonicalText),"
            block.append((value, reasons[field.path] ?? field.comment))
        }
        flush(indent: section.isEmpty ? "  " : "    ")
        if !section.isEmpty { lines.append("  },") }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    /// A comment must not end before its line does: line ends of any kind become spaces.
    private static func oneLine(_ comment: String) -> String {
        String(String.UnicodeScalarView(comment.unicodeScalars.map { ($0.properties.isWhitespace) ? " " : $0 }))
    }
}
