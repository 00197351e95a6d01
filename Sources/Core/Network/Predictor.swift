import Numerics

/// The numbers that fix a predictor.
package struct PredictorShape: Sendable, Equatable, Codable {
    /// Width of the context tokens that come in.
    package var inputWidth: Int
    package var width: Int
    package var depth: Int
    package var heads: Int
    /// Width D of the targets that go out.
    package var outputWidth: Int
    /// Width of query tokens; they are projected to `width`. 0 = the model takes none.
    package var queryWidth: Int
    /// True when a second output says how damaged a patch looks.
    package var hasDamageHead: Bool

    package init(
        inputWidth: Int, width: Int, depth: Int, heads: Int, outputWidth: Int, queryWidth: Int, hasDamageHead: Bool
    ) {
        self.inputWidth = inputWidth
        self.width = width
        self.depth = depth
        self.heads = heads
        self.outputWidth = outputWidth
        self.queryWidth = queryWidth
        self.hasDamageHead = hasDamageHead
    }
}

/// Predicts the target of every patch, hidden or visible, from the context tokens, the positions and a query
/// (I-JEPA, arXiv 2301.08243; query tokens attend both ways as in VL-JEPA, arXiv 2512.10942).
///
/// The mean of a sequence's query tokens is also added to each of its patches: whether a patch belongs under a query is
/// a question about both at once, which a layer on their sum learns in minutes and attention to a few tokens does not.
package struct Predictor: Sendable {
    package let shape: PredictorShape
    package let inputWeight: Parameter
    package let inputBias: Parameter
    package let maskToken: Parameter
    package let queryWeight: Parameter?
    package let queryBias: Parameter?
    package let blocks: [Block]
    package let normScale: Parameter
    package let normShift: Parameter
    package let outputWeight: Parameter
    package let outputBias: Parameter
    package let damageWeight: Parameter?
    package let damageBias: Parameter?

    package init(_ layout: inout ParameterLayout, prefix: String, shape: PredictorShape) {
        self.shape = shape
        let input = (1.0 / Double(shape.inputWidth)).squareRoot()
        inputWeight = layout.add(
            "\(prefix)embed.weight", rows: shape.width, columns: shape.inputWidth, .normal(input))
        inputBias = layout.add("\(prefix)embed.bias", columns: shape.width, .zeros)
        maskToken = layout.add("\(prefix)mask_token", columns: shape.width, .normal(0.02))
        if shape.queryWidth > 0 {
            queryWeight = layout.add(
                "\(prefix)query.weight", rows: shape.width, columns: shape.queryWidth,
                .normal((1.0 / Double(shape.queryWidth)).squareRoot()))
            queryBias = layout.add("\(prefix)query.bias", columns: shape.width, .zeros)
        } else {
            queryWeight = nil
            queryBias = nil
        }
        var blocks: [Block] = []
        for index in 0..<shape.depth {
            blocks.append(Block(&layout, prefix: "\(prefix)blocks.\(index)", width: shape.width, heads: shape.heads))
        }
        self.blocks = blocks
        normScale = layout.add("\(prefix)norm.weight", columns: shape.width, .ones)
        normShift = layout.add("\(prefix)norm.bias", columns: shape.width, .zeros)
        let output = (1.0 / Double(shape.width)).squareRoot() * 0.5
        outputWeight = layout.add(
            "\(prefix)output.weight", rows: shape.outputWidth, columns: shape.width, .normal(output))
        outputBias = layout.add("\(prefix)output.bias", columns: shape.outputWidth, .zeros)
        if shape.hasDamageHead {
            damageWeight = layout.add("\(prefix)damage.weight", columns: shape.width, .normal(0.02))
            damageBias = layout.add("\(prefix)damage.bias", columns: 1, .zeros)
        } else {
            damageWeight = nil
            damageBias = nil
        }
    }

    /// One sequence to predict: patches with context tokens, and hidden ones.
    package struct Request: Sendable {
        /// Patch index of each context token, in the order of the context's rows.
        package let visible: [Int]
        /// Patch indices to predict without having seen them.
        package let hidden: [Int]
        /// The patches whose predictions are read.
        package let wanted: Wanted
        /// The rows of the forward's query tokens that this sequence reads; nil: all of them.
        package let query: Range<Int>?

        /// Which of its patches a request asks for.
        package enum Wanted: Sendable {
            /// The visible ones, then the hidden ones.
            case all
            /// The hidden ones alone; at inspection only, and cheaper by most of the last block.
            case hidden
        }

        package init(visible: [Int], hidden: [Int], wanted: Wanted = .all, query: Range<Int>? = nil) {
            self.visible = visible
            self.hidden = hidden
            self.wanted = wanted
            self.query = query
        }

        /// Rows that the request has in `Activations.predicted`.
        package var wantedCount: Int { wanted == .all ? visible.count + hidden.count : hidden.count }
    }

    package struct Activations<Scalar: KernelScalar>: Sendable {
        /// ẑ of each sequence's visible patches, then its hidden ones, (R, D), R = Σ (visible + hidden); of a request that
        /// wants its hidden ones alone these.
        package var predicted: Matrix<Scalar>
        /// The hidden state behind each prediction, after the final norm, same rows, (R, P).
        package var state: Matrix<Scalar>
        /// Log-odds of damage, same rows; empty without a damage head.
        package var damage: [Scalar] = []
        var embedded: Matrix<Scalar>
        var queries: Matrix<Scalar>
        var tokens: Matrix<Scalar>
        var last: Matrix<Scalar>
        var statistics = Matrix<Scalar>(rows: 0, columns: 2)
        var blocks: [Block.Activations<Scalar>]
        var scratch: Block.Scratch<Scalar>
        var segments = Segments()
        var wanted = Block.WantedRows()
        var contextRows: [Int] = []
        var hiddenRows: [Int] = []
        /// Rows of the sequences that hold query tokens, and the row of the query that each of them is.
        var queryRows: [Int] = []
        var querySources: [Int] = []
        /// Rows of each sequence's patches, and the rows of the query that it reads.
        var conditioned: [(patches: Range<Int>, query: Range<Int>)] = []
        var positionRows: [Int] = []

        package init(_ shape: PredictorShape, training: Bool) {
            predicted = Matrix(rows: 0, columns: shape.outputWidth)
            embedded = Matrix(rows: 0, columns: shape.width)
            queries = embedded
            state = embedded
            tokens = embedded
            last = embedded
            blocks = (0..<(training ? shape.depth : 1)).map { _ in Block.Activations(width: shape.width) }
            scratch = Block.Scratch(width: shape.width)
        }
    }

    /// - Parameters:
    ///   - context: context tokens of all sequences, (Σ visible, inputWidth).
    ///   - query: query tokens, (Q, queryWidth), of which each sequence reads those that its request names; Q may be 0.
    ///   - positions: (N, width) of the patch grid.
    ///
    /// Traps on a training request that does not want all of its patches, and on one that names query tokens beyond Q.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func forward<Scalar: KernelScalar>(
        context: Matrix<Scalar>, requests: [Request], query: Matrix<Scalar>, positions: Matrix<Scalar>,
        store: ParameterStore<Scalar>, activations a: inout Activations<Scalar>, training: Bool
    ) {
        precondition(
            context.rows == requests.reduce(0) { $0 + $1.visible.count },
            "Predictor: expected one context token per visible patch, got \(context.rows)")
        precondition(
            query.rows == 0 || query.columns == shape.queryWidth,
            "Predictor: expected query tokens of width \(shape.queryWidth), got \(query.columns)")
        precondition(
            !training || requests.allSatisfy { $0.wanted == .all }, "Predictor: expected training to want all patches")
        linearForward(&a.embedded, input: context, store: store, weight: inputWeight, bias: inputBias)
        layOut(requests, queryCount: query.rows, a: &a)
        // Every row first gets its position (query tokens row 0's, overwritten below), then what it stands for.
        gatherRows(&a.tokens, from: positions, indices: a.positionRows)
        scatterAddRows(&a.tokens, adding: a.embedded, indices: a.contextRows)
        let mask = store[maskToken]
        for row in a.hiddenRows { a.tokens.addRow(row, mask) }
        if query.rows > 0, let queryWeight, let queryBias {
            linearForward(&a.queries, input: query, store: store, weight: queryWeight, bias: queryBias)
            for (row, source) in zip(a.queryRows, a.querySources) { a.tokens.setRow(row, a.queries.row(source)) }
            for (patches, query) in a.conditioned where !query.isEmpty {
                var mean = Matrix<Scalar>(rows: 1, columns: shape.width)
                for source in query { mean.addRow(0, a.queries.row(source)) }
                for column in 0..<shape.width { mean.storage[column] /= Scalar(query.count) }
                for row in patches { a.tokens.addRow(row, mean.row(0)) }
            }
        }
        let trims = !training && a.wanted.indices.count < a.segments.rows
        for (index, block) in (trims ? blocks.dropLast() : blocks[...]).enumerated() {
            block.forward(
                &a.tokens, segments: a.segments, store: store, activations: &a.blocks[training ? index : 0],
                training: training)
        }
        if trims, let last = blocks.last {
            last.forward(
                &a.tokens, segments: a.segments, wanted: a.wanted, store: store, activations: &a.blocks[0])
            swap(&a.last, &a.tokens)
        } else {
            gatherRows(&a.last, from: a.tokens, indices: a.wanted.indices)
        }
        layerNormForward(
            &a.state, statistics: &a.statistics, input: a.last, store: store, scale: normScale, shift: normShift,
            epsilon: Scalar(Block.epsilon))
        linearForward(&a.predicted, input: a.state, store: store, weight: outputWeight, bias: outputBias)
        if let damageWeight, let damageBias {
            dotRows(&a.damage, a.state, store[damageWeight], store[damageBias].first ?? 0)
        }
    }

    /// Lays sequences out one below the other: query tokens, visible patches, hidden patches.
    private func layOut<Scalar: KernelScalar>(
        _ requests: [Request], queryCount: Int, a: inout Activations<Scalar>
    ) {
        a.segments.removeAll()
        a.wanted.removeAll()
        a.contextRows.removeAll(keepingCapacity: true)
        a.hiddenRows.removeAll(keepingCapacity: true)
        a.queryRows.removeAll(keepingCapacity: true)
        a.querySources.removeAll(keepingCapacity: true)
        a.conditioned.removeAll(keepingCapacity: true)
        a.positionRows.removeAll(keepingCapacity: true)
        var row = 0
        for request in requests {
            let query = request.query ?? 0..<queryCount
            precondition(
                query.lowerBound >= 0 && query.upperBound <= queryCount,
                "Predictor: expected a request's query within 0..<\(queryCount), got \(query)")
            a.segments.append(length: query.count + request.visible.count + request.hidden.count)
            a.queryRows.append(contentsOf: row..<row + query.count)
            a.querySources.append(contentsOf: query)
            a.positionRows.append(contentsOf: repeatElement(0, count: query.count))
            a.positionRows.append(contentsOf: request.visible)
            a.positionRows.append(contentsOf: request.hidden)
            row += query.count
            a.conditioned.append((row..<row + request.visible.count + request.hidden.count, query))
            a.contextRows.append(contentsOf: row..<row + request.visible.count)
            let start = row
            row += request.visible.count
            a.wanted.append((request.wanted == .all ? start : row)..<row + request.hidden.count)
            a.hiddenRows.append(contentsOf: row..<row + request.hidden.count)
            row += request.hidden.count
        }
    }

    /// The backward of a training `forward`.
    ///
    /// - Parameters:
    ///   - predictedGradient: d loss / d ẑ, (R, D).
    ///   - damageGradient: d loss / d log-odds, (R), or empty.
    ///   - contextGradient: receives d loss / d context, (Σ visible, inputWidth); nil where the encoder is frozen.
    ///   - queryGradient: receives d loss / d query, (Q, queryWidth); nil where the text encoder is frozen.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func backward<Scalar: KernelScalar>(
        predictedGradient: Matrix<Scalar>, damageGradient: [Scalar], context: Matrix<Scalar>,
        contextGradient: inout Matrix<Scalar>?, query: Matrix<Scalar>, queryGradient: inout Matrix<Scalar>?,
        gradients: inout ParameterStore<Scalar>, store: ParameterStore<Scalar>, activations a: inout Activations<Scalar>
    ) {
        var stateGradient: Matrix<Scalar>? = Matrix(rows: 0, columns: shape.width)
        linearBackward(
            inputGradient: &stateGradient, gradients: &gradients, outputGradient: predictedGradient, input: a.state,
            store: store, weight: outputWeight, bias: outputBias)
        if !damageGradient.isEmpty, let damageWeight, let damageBias {
            dotRowsBackward(
                &stateGradient!, &gradients, damageGradient, a.state, store, weight: damageWeight, bias: damageBias)
        }
        var lastGradient = Matrix<Scalar>(rows: a.last.rows, columns: shape.width)
        layerNormBackward(
            addingTo: &lastGradient, gradients: &gradients, outputGradient: stateGradient!, input: a.last,
            statistics: a.statistics, store: store, scale: normScale, shift: normShift)
        var gradient = Matrix<Scalar>(rows: a.segments.rows, columns: shape.width)
        scatterAddRows(&gradient, adding: lastGradient, indices: a.wanted.indices)
        for index in stride(from: blocks.count - 1, through: 0, by: -1) {
            blocks[index].backward(
                &gradient, gradients: &gradients, segments: a.segments, store: store, activations: a.blocks[index],
                scratch: &a.scratch)
        }
        for row in a.hiddenRows {
            for column in 0..<shape.width { gradients.values[maskToken.offset + column] += gradient[row, column] }
        }
        var embeddedGradient = Matrix<Scalar>(rows: 0, columns: shape.width)
        gatherRows(&embeddedGradient, from: gradient, indices: a.contextRows)
        linearBackward(
            inputGradient: &contextGradient, gradients: &gradients, outputGradient: embeddedGradient, input: context,
            store: store, weight: inputWeight, bias: inputBias)
        if query.rows > 0, let queryWeight, let queryBias {
            var summed = Matrix<Scalar>(rows: query.rows, columns: shape.width)
            for (row, source) in zip(a.queryRows, a.querySources) { summed.addRow(source, gradient.row(row)) }
            for (patches, query) in a.conditioned where !query.isEmpty {
                var mean = Matrix<Scalar>(rows: 1, columns: shape.width)
                for row in patches { mean.addRow(0, gradient.row(row)) }
                for column in 0..<shape.width { mean.storage[column] /= Scalar(query.count) }
                for source in query { summed.addRow(source, mean.row(0)) }
            }
            linearBackward(
                inputGradient: &queryGradient, gradients: &gradients, outputGradient: summed, input: query,
                store: store, weight: queryWeight, bias: queryBias)
        }
    }
}

/// output[i] = row i · weight + bias.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func dotRows<Scalar: KernelScalar>(
    _ output: inout [Scalar], _ input: Matrix<Scalar>, _ weight: ArraySlice<Scalar>, _ bias: Scalar
) {
    let column = Matrix(rows: 1, columns: input.columns, storage: Array(weight))
    output = product(input, column, transposeB: true).storage
    for index in 0..<output.count { output[index] += bias }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func dotRowsBackward<Scalar: KernelScalar>(
    _ inputGradient: inout Matrix<Scalar>, _ gradients: inout ParameterStore<Scalar>, _ gradient: [Scalar],
    _ input: Matrix<Scalar>, _ store: ParameterStore<Scalar>, weight: Parameter, bias: Parameter
) {
    let row = Matrix(rows: 1, columns: gradient.count, storage: gradient)
    let dWeight = product(row, input)
    for column in 0..<input.columns { gradients.values[weight.offset + column] += dWeight.storage[column] }
    for value in gradient { gradients.values[bias.offset] += value }
    let column = Matrix(rows: gradient.count, columns: 1, storage: gradient)
    let weights = Matrix(rows: 1, columns: input.columns, storage: Array(store[weight]))
    addScaled(&inputGradient, 1, product(column, weights))
}
