/// How often each kind was given each name.
package struct ConfusionMatrix: Sendable, Equatable {
    /// Kinds, in the order of rows and columns.
    package let kinds: [String]
    /// `counts[truth][said]`.
    package private(set) var counts: [[Int]]

    /// Traps on kinds that repeat.
    package init(kinds: [String]) {
        precondition(Set(kinds).count == kinds.count, "ConfusionMatrix: expected different kinds, got \(kinds)")
        self.kinds = kinds
        counts = [[Int]](repeating: [Int](repeating: 0, count: kinds.count), count: kinds.count)
    }

    /// Counts one case. Traps on kinds that the matrix has not.
    package mutating func add(truth: String, said: String) {
        guard let row = kinds.firstIndex(of: truth), let column = kinds.firstIndex(of: said) else {
            preconditionFailure("ConfusionMatrix: expected kinds among \(kinds), got \(truth) and \(said)")
        }
        counts[row][column] += 1
    }

    package var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }

    /// Share of cases that were given their own name; nil without cases.
    package var accuracy: Double? {
        total == 0 ? nil : Double(kinds.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(total)
    }

    /// Mean over the kinds that occur of the share that was named right: what a guesser of the largest kind cannot
    /// raise above 1 / kinds. nil without cases.
    package var balancedAccuracy: Double? {
        let shares = kinds.indices.compactMap { row -> Double? in
            let count = counts[row].reduce(0, +)
            return count == 0 ? nil : Double(counts[row][row]) / Double(count)
        }
        return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }
}
