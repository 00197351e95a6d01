import Numerics

/// How many words and places a table of query tokens holds.
package struct QueryTableShape: Sendable, Equatable, Codable {
    /// Different tokens of all lines' queries.
    package var tokens: Int
    /// Tokens of the longest query.
    package var positions: Int

    package init(tokens: Int, positions: Int) {
        self.tokens = tokens
        self.positions = positions
    }
}

/// The learned embedding of the lines' queries: what a token is plus where it stands, E[tᵢ] + P[i]
/// (query tokens condition the predictor as in VL-JEPA, arXiv 2512.10942). Holds places of parameters, no numbers.
package struct QueryTable: Sendable {
    package let shape: QueryTableShape
    package let tokens: Parameter
    package let positions: Parameter

    /// Adds the tables to `layout` below `prefix`; `width` is the predictor's `queryWidth`.
    package init(_ layout: inout ParameterLayout, prefix: String, shape: QueryTableShape, width: Int) {
        precondition(
            shape.tokens > 0 && shape.positions > 0 && width > 0,
            "QueryTable: expected tokens, positions and a width, got \(shape.tokens), \(shape.positions), \(width)")
        self.shape = shape
        // About unit variance of the sum: two queries that differ in one word differ clearly from the first step on.
        tokens = layout.add("\(prefix)tokens", rows: shape.tokens, columns: width, .normal(1))
        positions = layout.add("\(prefix)positions", rows: shape.positions, columns: width, .normal(0.1))
    }

    /// Where each query's rows lie when all of them stand one below the other.
    package static func ranges(_ queries: [[Int]]) -> [Range<Int>] {
        var start = 0
        return queries.map { query in
            defer { start += query.count }
            return start..<start + query.count
        }
    }

    /// output = the tokens of all queries, one below the other, (Σ tokens, width). Traps on a token outside the table and
    /// on a query longer than it has positions.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func forward<Scalar: KernelScalar>(
        _ output: inout Matrix<Scalar>, queries: [[Int]], store: ParameterStore<Scalar>
    ) {
        embeddingForward(&output, store: store, table: tokens, indices: queries.flatMap { $0 })
        embeddingForward(
            &output, store: store, table: positions, indices: queries.flatMap { Array($0.indices) }, accumulate: true)
    }

    /// The backward of `forward`: adds d loss / d tables, given d loss / d output, (Σ tokens, width).
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func backward<Scalar: KernelScalar>(
        gradients: inout ParameterStore<Scalar>, outputGradient: Matrix<Scalar>, queries: [[Int]]
    ) {
        embeddingBackward(
            gradients: &gradients, table: tokens, outputGradient: outputGradient, indices: queries.flatMap { $0 })
        embeddingBackward(
            gradients: &gradients, table: positions, outputGradient: outputGradient,
            indices: queries.flatMap { Array($0.indices) })
    }
}
