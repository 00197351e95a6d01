/// Finds what a person probably meant by a word that nobody knows.
package enum Spelling {
    /// The nearest of `candidates` to `word` by edit distance, or nil when none is near: at most a third of the word
    /// may differ (at least one letter), or one of the two is the beginning of the other (three letters or more).
    /// Case and `-`/`_` do not count.
    package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        // A word longer than this is no slip of the fingers; it would only cost time.
        guard word.count <= 64 else { return nil }
        let plain = folded(word)
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let other = folded(candidate)
            let isBeginning =
                plain.count >= 3 && other.count >= 3 && (other.starts(with: plain) || plain.starts(with: other))
            let distance = isBeginning ? 1 : editDistance(plain, other)
            let limit = max(1, max(plain.count, other.count) / 3)
            if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        return best?.candidate
    }

    /// Fewest insertions, deletions, replacements and swaps of neighbours that turn `first` into `second` (optimal
    /// string alignment).
    package static func editDistance(_ first: [Character], _ second: [Character]) -> Int {
        var rows = [Array(0...second.count)]
        for row in 0..<first.count {
            var line = [row + 1]
            for column in 0..<second.count {
                let replacement = rows[row][column] + (first[row] == second[column] ? 0 : 1)
                var distance = min(replacement, rows[row][column + 1] + 1, line[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    distance = min(distance, rows[row - 1][column - 1] + 1)
                }
                line.append(distance)
            }
            rows.append(line)
        }
        return rows[first.count][second.count]
    }

    private static func folded(_ word: String) -> [Character] {
        word.lowercased().filter { $0 != "-" && $0 != "_" }
    }
}
