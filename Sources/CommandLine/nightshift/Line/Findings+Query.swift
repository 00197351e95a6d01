import Checkpoint
import Recipe

extension Findings {
    /// How a line asks a network that it shares with others; nothing where it has the network for itself.
    package static func ofQuery(_ card: ModelCard, _ recipe: Recipe) -> [Finding] {
        guard let query = card.query else { return [] }
        let others = query.lines.keys.filter { $0 != card.name }.sorted().joined(separator: ", ")
        guard query.text == recipe.query else {
            return [
                Finding(
                    .warning, "query", "the model asks \"\(query.text)\", the recipe \"\(recipe.query)\"",
                    advice:
                        "the model's is used; `nightshift train \(query.lines.keys.sorted().joined(separator: " "))` "
                        + "learns the recipe's")
            ]
        }
        return [Finding(.good, "query", "\"\(query.text)\", trained together with \(others)")]
    }
}
