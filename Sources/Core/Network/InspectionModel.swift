import Numerics

/// Where the encoder's parameters come from.
package enum EncoderSource: String, Sendable, Codable, CaseIterable {
    /// Learned here from the line's good images.
    case trained
    /// Published weights, frozen.
    case imported
    /// Published weights that go on learning here from the line's good images.
    case adapted

    /// Whether the encoder learns here, beside the predictor.
    package var learns: Bool { self != .imported }

    /// Whether the encoder starts from published weights, whose preprocessing it keeps.
    package var hasPublishedWeights: Bool { self != .trained }
}

/// Everything that fixes the network of a model.
package struct ModelShape: Sendable, Equatable, Codable {
    package var source: EncoderSource
    package var encoder: EncoderShape
    /// Blocks, counted from 1 and ascending, whose tokens make up the context and the learned targets.
    package var targetBlocks: [Int]
    /// Width of the low-level targets (whitened filter responses), 0 when there are none.
    package var lowLevelWidth: Int
    package var predictorWidth: Int
    package var predictorDepth: Int
    package var predictorHeads: Int
    package var queryWidth: Int
    package var hasDamageHead: Bool
    /// The table of the words of the lines' queries; nil where one line has the network for itself.
    package var queryTable: QueryTableShape?

    package init(
        source: EncoderSource, encoder: EncoderShape, targetBlocks: [Int], lowLevelWidth: Int, predictorWidth: Int,
        predictorDepth: Int, predictorHeads: Int, queryWidth: Int = 0, hasDamageHead: Bool,
        queryTable: QueryTableShape? = nil
    ) {
        self.queryTable = queryTable
        self.source = source
        self.encoder = encoder
        self.targetBlocks = targetBlocks
        self.lowLevelWidth = lowLevelWidth
        self.predictorWidth = predictorWidth
        self.predictorDepth = predictorDepth
        self.predictorHeads = predictorHeads
        self.queryWidth = queryWidth
        self.hasDamageHead = hasDamageHead
    }

    /// Width of the context tokens that the predictor reads: all target blocks side by side.
    package var contextWidth: Int { encoder.width * targetBlocks.count }

    /// Width D of a target.
    package var targetWidth: Int { contextWidth + lowLevelWidth }

    /// Blocks that have to run.
    package var encoderDepth: Int { targetBlocks.last ?? 0 }
}

/// The network of a model: one layout with the encoder and the predictor in it, and the numbers.
package struct InspectionModel<Scalar: KernelScalar>: Sendable {
    package let shape: ModelShape
    package let layout: ParameterLayout
    package let encoder: Encoder
    package let predictor: Predictor
    /// The tokens of the lines' queries, where several lines share the network.
    package let queryTable: QueryTable?
    package var store: ParameterStore<Scalar>
    /// Per-dimension mean and 1/deviation that bring the encoder's normed tokens to unit scale, (contextWidth) each.
    package var tokenMean: [Scalar]
    package var tokenScale: [Scalar]

    /// A model with freshly drawn parameters; token statistics start as the identity.
    package init(shape: ModelShape, using random: inout RandomSource) {
        var layout = ParameterLayout()
        let encoder = Encoder(&layout, prefix: "encoder.", shape: shape.encoder)
        let predictor = Predictor(
            &layout, prefix: "predictor.",
            shape: PredictorShape(
                inputWidth: shape.contextWidth, width: shape.predictorWidth, depth: shape.predictorDepth,
                heads: shape.predictorHeads, outputWidth: shape.targetWidth, queryWidth: shape.queryWidth,
                hasDamageHead: shape.hasDamageHead))
        // Last, so that a network without queries draws what it always drew. The prefix makes it learn with the predictor.
        queryTable = shape.queryTable.map {
            QueryTable(&layout, prefix: "predictor.query.", shape: $0, width: shape.queryWidth)
        }
        self.shape = shape
        self.layout = layout
        self.encoder = encoder
        self.predictor = predictor
        store = ParameterStore(initialising: layout, using: &random)
        tokenMean = [Scalar](repeating: 0, count: shape.contextWidth)
        tokenScale = [Scalar](repeating: 1, count: shape.contextWidth)
    }

    /// The tokens that a line's query gives the predictor, (Q, queryWidth): none where the network takes no query.
    package func queryTokens(_ query: [Int]) -> Matrix<Scalar> {
        var tokens = Matrix<Scalar>(rows: 0, columns: shape.queryWidth)
        queryTable?.forward(&tokens, queries: [query], store: store)
        return tokens
    }

    /// Names of the parameters that learn: all of them, or the predictor's when the encoder is frozen.
    package var learning: Set<String> {
        Set(layout.parameters.map(\.name).filter { shape.source.learns || $0.hasPrefix("predictor.") })
    }

    /// The stretch of the store that holds the parameters that learn: a frozen encoder lies before it.
    package var learningRange: Range<Int> {
        let learning = learning
        let ranges = layout.parameters.filter { learning.contains($0.name) }.map(\.range)
        return (ranges.map(\.lowerBound).min() ?? 0)..<(ranges.map(\.upperBound).max() ?? 0)
    }

    /// Context tokens of a pass: the non-affine LayerNorm of each target block's patch tokens, side by side,
    /// standardised, (rows without prefix tokens, contextWidth).
    ///
    /// `statistics` receives the norm's moments for each target block, for `contextBackward`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func context(
        _ output: inout Matrix<Scalar>, of pass: Encoder.Activations<Scalar>, statistics: inout [Matrix<Scalar>]
    ) {
        let extra = shape.encoder.prefixTokens
        let width = shape.encoder.width
        var patchRows: [Int] = []
        for index in 0..<pass.segments.count { patchRows.append(contentsOf: pass.segments[index].dropFirst(extra)) }
        output.resize(rows: patchRows.count)
        statistics = []
        for (place, block) in shape.targetBlocks.enumerated() {
            guard let tokens = pass.kept[block] else {
                preconditionFailure("InspectionModel.context: the pass did not keep block \(block)")
            }
            var patches = Matrix<Scalar>(rows: 0, columns: width)
            gatherRows(&patches, from: tokens, indices: patchRows)
            var normed = Matrix<Scalar>(rows: 0, columns: width)
            var moments = Matrix<Scalar>(rows: 0, columns: 2)
            layerNormForward(
                &normed, statistics: &moments, input: patches, store: store, scale: nil, shift: nil,
                epsilon: Scalar(Block.epsilon))
            standardise(
                normed, into: &output, at: place * width, mean: tokenMean[place * width..<(place + 1) * width],
                scale: tokenScale[place * width..<(place + 1) * width])
            statistics.append(moments)
        }
    }

    /// The backward of `context`: d loss / d context (rows, contextWidth) becomes d loss / d tokens after each target
    /// block, (R, width), with zeros in the rows of prefix tokens.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func contextBackward(
        _ gradient: Matrix<Scalar>, pass: Encoder.Activations<Scalar>, statistics: [Matrix<Scalar>]
    ) -> [Int: Matrix<Scalar>] {
        let extra = shape.encoder.prefixTokens
        let width = shape.encoder.width
        var patchRows: [Int] = []
        for index in 0..<pass.segments.count { patchRows.append(contentsOf: pass.segments[index].dropFirst(extra)) }
        var result: [Int: Matrix<Scalar>] = [:]
        var unused = ParameterStore<Scalar>(zerosFor: ParameterLayout())
        for (place, block) in shape.targetBlocks.enumerated() {
            guard let tokens = pass.kept[block] else { continue }
            var patches = Matrix<Scalar>(rows: 0, columns: width)
            gatherRows(&patches, from: tokens, indices: patchRows)
            var scaled = Matrix<Scalar>(rows: gradient.rows, columns: width)
            scaleColumns(gradient, from: place * width, into: &scaled, by: tokenScale)
            var patchGradient = Matrix<Scalar>(rows: gradient.rows, columns: width)
            layerNormBackward(
                addingTo: &patchGradient, gradients: &unused, outputGradient: scaled, input: patches,
                statistics: statistics[place], store: store, scale: nil, shift: nil)
            var all = Matrix<Scalar>(rows: tokens.rows, columns: width)
            scatterAddRows(&all, adding: patchGradient, indices: patchRows)
            result[block] = all
        }
        return result
    }
}

/// output = input[:, start ..< start + width] · scale[start ..< start + width].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func scaleColumns<Scalar: KernelScalar>(
    _ input: Matrix<Scalar>, from start: Int, into output: inout Matrix<Scalar>, by scale: [Scalar]
) {
    let width = output.columns
    let stride = input.columns
    let rows = input.rows
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            for row in 0..<rows {
                for column in 0..<width {
                    output[row * width + column] = input[row * stride + start + column] * scale[start + column]
                }
            }
        }
    }
}

/// output[:, at ..< at + width] = (input − mean) · scale.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func standardise<Scalar: KernelScalar>(
    _ input: Matrix<Scalar>, into output: inout Matrix<Scalar>, at column: Int, mean: ArraySlice<Scalar>,
    scale: ArraySlice<Scalar>
) {
    let width = input.columns
    let stride = output.columns
    let rows = input.rows
    let mean = Array(mean)
    let scale = Array(scale)
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            for row in 0..<rows {
                for index in 0..<width {
                    output[row * stride + column + index] = (input[row * width + index] - mean[index]) * scale[index]
                }
            }
        }
    }
}
