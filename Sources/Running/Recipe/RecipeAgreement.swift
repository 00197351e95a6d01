/// A value that lines must have in common to share one network, and have not.
package struct LineDifference: Sendable {
    /// Dotted key: `encoder.width`.
    package let field: String
    package let lines: (String, String)
    /// As a recipe would spell them.
    package let values: (String, String)
}

extension Recipe {
    /// What each line may choose for itself though it shares its network with others: who it is, where its images come
    /// from, how its parts may lie, how it is asked and scored. Everything else fixes the network or its training; a field
    /// that is new is among that until somebody says otherwise.
    private static let ownFields: Set<String> = [
        "line", "query", "drop", "good", "archive", "archiveFolder", "settleSeconds", "giveUpSeconds", "workers",
        "training.flipHorizontal", "training.flipVertical", "training.rotate", "scoring.place", "scoring.mixture",
        "scoring.lowLevel",
        "scoring.topFraction",
    ]
    private static let ownGroups = ["limits.", "mask.", "calibration.", "language."]

    /// The first value that must be the same in all recipes of one network and is not; nil: they can share one.
    ///
    /// Paths are compared as they are written: resolve them first.
    package static func difference(ofNetworks recipes: [Recipe]) -> LineDifference? {
        guard let first = recipes.first else { return nil }
        for field in RecipeField.all
        where !ownFields.contains(field.path) && !ownGroups.contains(where: field.path.hasPrefix) {
            let value = field.read(first).canonicalText
            for other in recipes.dropFirst() {
                let otherValue = field.read(other).canonicalText
                guard otherValue != value else { continue }
                return LineDifference(
                    field: field.path, lines: (first.line, other.line), values: (value, otherValue))
            }
        }
        return nil
    }
}
