import Checkpoint
import Network
import Recipe
import Text

/// The queries of lines that are trained together: what tells them apart in the one network.
package struct LineQueries: Sendable {
    /// Tokens of a query that are read; of a longer one the end is cut off. Every sequence of the predictor carries them.
    package static let longest = 64
    /// Width of a query token before the predictor projects it to its own: some words for some lines need no more.
    package static let width = 64

    /// One for each recipe, in their order.
    package let cards: [QueryCard]
    /// The table that the network needs for them.
    package let table: QueryTableShape

    /// Checks that the lines can share a network and be told apart in it.
    ///
    /// A query's tokens are words as a line's text encoder has them; those that occur become the rows of the table.
    /// - Throws: `linesDiffer`, `noQuery`, `sameQuery`.
    package init(_ recipes: [Recipe]) throws(TrainingError) {
        if let difference = Recipe.difference(ofNetworks: recipes) { throw .linesDiffer(difference) }
        if let mute = recipes.first(where: { $0.query.allSatisfy(\.isWhitespace) }) { throw .noQuery(line: mute.line) }
        let tokenizer = LineTokenizer(
            learning: recipes.map(\.query), times: 1, maximumLength: Self.longest)
        let sequences = recipes.map { tokenizer.sequence($0.query) }
        for (index, sequence) in sequences.enumerated() {
            guard let twin = sequences[..<index].firstIndex(of: sequence) else { continue }
            throw .sameQuery(lines: [recipes[twin].line, recipes[index].line], query: recipes[index].query)
        }
        let known = Set(sequences.flatMap { $0 }).sorted()
        let rows = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
        let lines = Dictionary(recipes.map { ($0.line, $0.query) }) { first, _ in first }
        cards = zip(recipes, sequences).map { recipe, sequence in
            QueryCard(text: recipe.query, tokens: sequence.map { rows[$0] ?? 0 }, lines: lines)
        }
        table = QueryTableShape(tokens: known.count, positions: sequences.map(\.count).max() ?? 1)
    }
}
