import Network
import Numerics

/// The numbers that fix a text encoder trained with a line.
package struct LineTextShape: Sendable, Equatable, Codable {
    /// Tokens of its tokenizer.
    package var tokens: Int
    /// Longest sequence.
    package var positions: Int
    package var width: Int
    package var depth: Int
    package var heads: Int
    /// Width of the text's embedding.
    package var outputWidth: Int

    package init(tokens: Int, positions: Int, width: Int = 128, depth: Int = 2, heads: Int = 4, outputWidth: Int = 128)
    {
        self.tokens = tokens
        self.positions = positions
        self.width = width
        self.depth = depth
        self.heads = heads
        self.outputWidth = outputWidth
    }

    /// What is impossible about these numbers, as a sentence's end, or nil; for shapes that come from a file.
    package var problem: String? {
        let sizes: [(String, Int, ClosedRange<Int>)] = [
            ("tokens", tokens, 1...(LineTokenizer.firstWord + LineTokenizer.mostWords)),
            ("positions", positions, 1...LineTokenizer.longestSequence), ("width", width, 1...4096),
            ("depth", depth, 0...64), ("heads", heads, 1...64), ("outputWidth", outputWidth, 1...4096),
        ]
        for (name, value, range) in sizes where !range.contains(value) {
            return "\(name): expected \(range.lowerBound)…\(range.upperBound), got \(value)"
        }
        return width % heads == 0 ? nil : "width: expected a multiple of \(heads) heads, got \(width)"
    }
}

/// The Y-encoder that is trained together with a line (VL-JEPA, arXiv 2512.10942): a small bidirectional transformer,
/// the mean of its tokens, projected. Holds places of parameters, no numbers.
package struct LineTextEncoder: Sendable {
    package let shape: LineTextShape
    package let tokenTable: Parameter
    package let positionTable: Parameter
    package let blocks: [Block]
    package let normScale: Parameter
    package let normShift: Parameter
    package let projection: Parameter

    private static let epsilon = 1e-6  // as in every other block of the line's network

    /// Adds the encoder's tensors to `layout` below `prefix` ("text."). Traps on a shape that cannot be.
    package init(_ layout: inout ParameterLayout, prefix: String, shape: LineTextShape) {
        precondition(shape.problem == nil, "LineTextEncoder: \(shape.problem ?? "")")
        self.shape = shape
        // Unit variance after the sum of both: the first norm sees numbers of ordinary size.
        tokenTable = layout.add("\(prefix)tokens", rows: shape.tokens, columns: shape.width, .normal(0.5))
        positionTable = layout.add("\(prefix)positions", rows: shape.positions, columns: shape.width, .normal(0.1))
        var blocks: [Block] = []
        for index in 0..<shape.depth {
            blocks.append(Block(&layout, prefix: "\(prefix)blocks.\(index)", width: shape.width, heads: shape.heads))
        }
        self.blocks = blocks
        normScale = layout.add("\(prefix)norm.weight", columns: shape.width, .ones)
        normShift = layout.add("\(prefix)norm.bias", columns: shape.width, .zeros)
        projection = layout.add(
            "\(prefix)projection", rows: shape.outputWidth, columns: shape.width,
            .normal(1 / Double(shape.width).squareRoot()))
    }

    /// What a forward pass leaves behind.
    package struct Activations<Scalar: KernelScalar>: Sendable {
        /// The tokens of each text after the last norm, (R, width): what conditions a predictor.
        package fileprivate(set) var tokens: Matrix<Scalar>
        /// Which rows of `tokens` belong to which text.
        package fileprivate(set) var segments = Segments()
        /// The texts' embeddings before they are brought to length 1, (texts, outputWidth): what SIGReg looks at.
        package fileprivate(set) var projected: Matrix<Scalar>
        /// The texts' embeddings of length 1, (texts, outputWidth).
        package fileprivate(set) var embeddings: Matrix<Scalar>
        fileprivate var indices: [Int] = []
        fileprivate var positions: [Int] = []
        fileprivate var residual: Matrix<Scalar>
        fileprivate var statistics = Matrix<Scalar>(rows: 0, columns: 2)
        fileprivate var means: Matrix<Scalar>
        fileprivate var norms: [Scalar] = []
        fileprivate var blocks: [Block.Activations<Scalar>]
        fileprivate var scratch: Block.Scratch<Scalar>

        package init(_ shape: LineTextShape) {
            tokens = Matrix(rows: 0, columns: shape.width)
            residual = tokens
            means = tokens
            projected = Matrix(rows: 0, columns: shape.outputWidth)
            embeddings = projected
            blocks = (0..<shape.depth).map { _ in Block.Activations(width: shape.width) }
            scratch = Block.Scratch(width: shape.width)
        }
    }

    /// Embeds sequences of tokens, each 1…positions long; results are in `activations`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func forward<Scalar: KernelScalar>(
        _ sequences: [[Int]], store: ParameterStore<Scalar>, activations a: inout Activations<Scalar>, training: Bool
    ) {
        a.segments.removeAll()
        a.indices.removeAll(keepingCapacity: true)
        a.positions.removeAll(keepingCapacity: true)
        for sequence in sequences {
            precondition(
                !sequence.isEmpty && sequence.count <= shape.positions,
                "LineTextEncoder: expected 1…\(shape.positions) tokens, got \(sequence.count)")
            a.segments.append(length: sequence.count)
            a.indices.append(contentsOf: sequence)
            a.positions.append(contentsOf: sequence.indices)
        }
        embeddingForward(&a.residual, store: store, table: tokenTable, indices: a.indices)
        embeddingForward(&a.residual, store: store, table: positionTable, indices: a.positions, accumulate: true)
        for (index, block) in blocks.enumerated() {
            block.forward(
                &a.residual, segments: a.segments, store: store, activations: &a.blocks[index], training: training)
        }
        layerNormForward(
            &a.tokens, statistics: &a.statistics, input: a.residual, store: store, scale: normScale, shift: normShift,
            epsilon: Scalar(Self.epsilon))
        meanForward(&a.means, input: a.tokens, segments: a.segments)
        linearForward(&a.projected, input: a.means, store: store, weight: projection, bias: nil)
        unitForward(&a.embeddings, norms: &a.norms, input: a.projected)
    }

    /// The backward of `forward` with `training`. Parameters' gradients are added to.
    ///
    /// - Parameters:
    ///   - embeddingGradient: d loss / d `embeddings`, or nil.
    ///   - projectedGradient: d loss / d `projected`, or nil.
    ///   - tokenGradient: d loss / d `tokens`, or nil.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func backward<Scalar: KernelScalar>(
        embeddingGradient: Matrix<Scalar>?, projectedGradient: Matrix<Scalar>? = nil,
        tokenGradient: Matrix<Scalar>? = nil, gradients: inout ParameterStore<Scalar>, store: ParameterStore<Scalar>,
        activations a: inout Activations<Scalar>
    ) {
        var byProjected = Matrix<Scalar>(rows: a.segments.count, columns: shape.outputWidth)
        if let embeddingGradient {
            unitBackward(&byProjected, outputGradient: embeddingGradient, output: a.embeddings, norms: a.norms)
        }
        if let projectedGradient { addScaled(&byProjected, 1, projectedGradient) }
        var byMeans = Matrix<Scalar>?.some(Matrix(rows: 0, columns: shape.width))
        linearBackward(
            inputGradient: &byMeans, gradients: &gradients, outputGradient: byProjected, input: a.means, store: store,
            weight: projection, bias: nil)
        var byTokens = Matrix<Scalar>(rows: 0, columns: shape.width)
        meanBackward(&byTokens, outputGradient: byMeans!, segments: a.segments)
        if let tokenGradient { addScaled(&byTokens, 1, tokenGradient) }
        var gradient = Matrix<Scalar>(rows: a.segments.rows, columns: shape.width)
        layerNormBackward(
            addingTo: &gradient, gradients: &gradients, outputGradient: byTokens, input: a.residual,
            statistics: a.statistics, store: store, scale: normScale, shift: normShift)
        for index in blocks.indices.reversed() {
            blocks[index].backward(
                &gradient, gradients: &gradients, segments: a.segments, store: store, activations: a.blocks[index],
                scratch: &a.scratch)
        }
        embeddingBackward(gradients: &gradients, table: tokenTable, outputGradient: gradient, indices: a.indices)
        embeddingBackward(gradients: &gradients, table: positionTable, outputGradient: gradient, indices: a.positions)
    }
}
