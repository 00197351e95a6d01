/// The numbers that fix an imported text tower.
package struct TextTowerShape: Sendable, Equatable {
    /// Which published architecture it is.
    package enum Family: String, Sendable, Equatable {
        /// Norms after the residuals, every token sees all, the mean of all tokens is the text's embedding.
        case bert
        /// Norms before the residuals, every token sees itself and those before, the end token is the text's.
        case clip
    }

    /// The function between the two layers of a block.
    package enum Activation: String, Sendable, Equatable {
        case gelu
        case quickGELU
    }

    package var family: Family
    package var tokens: Int
    package var positions: Int
    package var width: Int
    package var depth: Int
    package var heads: Int
    package var hiddenWidth: Int
    /// Width of the text's embedding; the tower's own for BERT.
    package var outputWidth: Int
    package var activation: Activation
    /// LayerNorm's ε.
    package var epsilon: Double

    package init(
        family: Family, tokens: Int, positions: Int, width: Int, depth: Int, heads: Int, hiddenWidth: Int,
        outputWidth: Int, activation: Activation, epsilon: Double
    ) {
        self.family = family
        self.tokens = tokens
        self.positions = positions
        self.width = width
        self.depth = depth
        self.heads = heads
        self.hiddenWidth = hiddenWidth
        self.outputWidth = outputWidth
        self.activation = activation
        self.epsilon = epsilon
    }
}
