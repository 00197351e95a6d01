import Numerics

/// The numbers that fix one block.
package struct BlockShape: Sendable, Equatable {
    package let width: Int
    package let heads: Int
    package let hiddenWidth: Int
    package let hasLayerScale: Bool
    package let activation: EncoderShape.Activation
    /// ε of both LayerNorms.
    package let epsilon: Double

    /// `hiddenWidth` nil = 4 · width.
    package init(
        width: Int, heads: Int, hiddenWidth: Int? = nil, hasLayerScale: Bool = false,
        activation: EncoderShape.Activation = .gelu, epsilon: Double = Block.epsilon
    ) {
        self.width = width
        self.heads = heads
        self.hiddenWidth = hiddenWidth ?? 4 * width
        self.hasLayerScale = hasLayerScale
        self.activation = activation
        self.epsilon = epsilon
    }
}

/// The parameters of one pre-LN transformer block (Dosovitskiy et al., arXiv 2010.11929), under timm's names:
/// x += ls1 · proj(attention(qkv(norm1 x))); x += ls2 · fc2(gelu(fc1(norm2 x))), where ls1 and ls2 may be absent.
package struct Block: Sendable {
    package let shape: BlockShape
    package let norm1Scale: Parameter
    package let norm1Shift: Parameter
    package let qkvWeight: Parameter
    package let qkvBias: Parameter
    package let projectionWeight: Parameter
    package let projectionBias: Parameter
    package let attentionScale: Parameter?
    package let norm2Scale: Parameter
    package let norm2Shift: Parameter
    package let hiddenWeight: Parameter
    package let hiddenBias: Parameter
    package let outputWeight: Parameter
    package let outputBias: Parameter
    package let outputScale: Parameter?

    /// LayerNorm's ε in timm's ViT, DINOv2, I-JEPA and everything that is trained here.
    package static let epsilon = 1e-6

    /// A plain block, as everything that is trained here has.
    package init(_ layout: inout ParameterLayout, prefix: String, width: Int, heads: Int) {
        self.init(&layout, prefix: prefix, shape: BlockShape(width: width, heads: heads))
    }

    /// Adds the block's tensors to `layout` below `prefix` ("blocks.3"). Traps unless the heads divide the width.
    package init(_ layout: inout ParameterLayout, prefix: String, shape: BlockShape) {
        let width = shape.width
        precondition(
            width % shape.heads == 0,
            "Block \(prefix): expected a width divisible by \(shape.heads) heads, got \(width)")
        let weights = Parameter.Initialisation.normal(0.02)  // truncated normal, as timm and I-JEPA start
        self.shape = shape
        norm1Scale = layout.add("\(prefix).norm1.weight", columns: width, .ones)
        norm1Shift = layout.add("\(prefix).norm1.bias", columns: width, .zeros)
        qkvWeight = layout.add("\(prefix).attn.qkv.weight", rows: 3 * width, columns: width, weights)
        qkvBias = layout.add("\(prefix).attn.qkv.bias", columns: 3 * width, .zeros)
        projectionWeight = layout.add("\(prefix).attn.proj.weight", rows: width, columns: width, weights)
        projectionBias = layout.add("\(prefix).attn.proj.bias", columns: width, .zeros)
        attentionScale = shape.hasLayerScale ? layout.add("\(prefix).ls1.gamma", columns: width, .ones) : nil
        norm2Scale = layout.add("\(prefix).norm2.weight", columns: width, .ones)
        norm2Shift = layout.add("\(prefix).norm2.bias", columns: width, .zeros)
        hiddenWeight = layout.add("\(prefix).mlp.fc1.weight", rows: shape.hiddenWidth, columns: width, weights)
        hiddenBias = layout.add("\(prefix).mlp.fc1.bias", columns: shape.hiddenWidth, .zeros)
        outputWeight = layout.add("\(prefix).mlp.fc2.weight", rows: width, columns: shape.hiddenWidth, weights)
        outputBias = layout.add("\(prefix).mlp.fc2.bias", columns: width, .zeros)
        outputScale = shape.hasLayerScale ? layout.add("\(prefix).ls2.gamma", columns: width, .ones) : nil
    }

    /// What a forward pass leaves for the backward pass, and the room it works in. One value per block while training;
    /// one shared by all blocks at inspection.
    package struct Activations<Scalar: KernelScalar>: Sendable {
        var input: Matrix<Scalar>
        var statistics1 = Matrix<Scalar>(rows: 0, columns: 2)
        var normed1: Matrix<Scalar>
        var qkv: Matrix<Scalar>
        /// What takes the place of `qkv` where some rows only are wanted.
        var queries: Matrix<Scalar>
        var keysValues: Matrix<Scalar>
        var weights: [Scalar] = []
        var attended: Matrix<Scalar>
        var middle: Matrix<Scalar>
        var statistics2 = Matrix<Scalar>(rows: 0, columns: 2)
        var normed2: Matrix<Scalar>
        var hidden: Matrix<Scalar>
        var activated: Matrix<Scalar>
        /// The branches before LayerScale; empty without it.
        var attentionBranch: Matrix<Scalar>
        var outputBranch: Matrix<Scalar>

        /// `hiddenWidth` nil = 4 · width.
        package init(width: Int, hiddenWidth: Int? = nil) {
            input = Matrix(rows: 0, columns: width)
            normed1 = input
            qkv = Matrix(rows: 0, columns: 3 * width)
            queries = input
            keysValues = Matrix(rows: 0, columns: 2 * width)
            attended = input
            middle = input
            normed2 = input
            hidden = Matrix(rows: 0, columns: hiddenWidth ?? 4 * width)
            activated = hidden
            attentionBranch = input
            outputBranch = input
        }
    }

    /// Room that backward passes of all blocks share.
    package struct Scratch<Scalar: KernelScalar>: Sendable {
        var wide: Matrix<Scalar>?
        var narrow: Matrix<Scalar>?
        var qkv: Matrix<Scalar>
        var head: [Scalar] = []
        var branch: Matrix<Scalar>

        /// `hiddenWidth` nil = 4 · width.
        package init(width: Int, hiddenWidth: Int? = nil) {
            wide = Matrix(rows: 0, columns: hiddenWidth ?? 4 * width)
            narrow = Matrix(rows: 0, columns: width)
            qkv = Matrix(rows: 0, columns: 3 * width)
            branch = Matrix(rows: 0, columns: width)
        }
    }

    /// tokens (R, width) ← block(tokens). With `training`, `activations` keeps what `backward` needs.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func forward<Scalar: KernelScalar>(
        _ tokens: inout Matrix<Scalar>, segments: Segments, store: ParameterStore<Scalar>,
        activations a: inout Activations<Scalar>, training: Bool
    ) {
        if training { copyRows(&a.input, from: tokens) }
        layerNormForward(
            &a.normed1, statistics: &a.statistics1, input: tokens, store: store, scale: norm1Scale, shift: norm1Shift,
            epsilon: Scalar(shape.epsilon))
        linearForward(&a.qkv, input: a.normed1, store: store, weight: qkvWeight, bias: qkvBias)
        attentionForward(
            &a.attended, weights: &a.weights, qkv: a.qkv, segments: segments, heads: shape.heads, keepWeights: training)
        finish(&tokens, store: store, activations: &a, training: training)
    }

    /// Rows of a batch: ascending indices, and which of them belong to which of its sequences.
    package struct WantedRows: Sendable, Equatable {
        package internal(set) var indices: [Int] = []
        package internal(set) var segments = Segments()

        package init() {}

        mutating func removeAll() {
            indices.removeAll(keepingCapacity: true)
            segments.removeAll()
        }

        /// The next sequence's rows.
        mutating func append(_ rows: Range<Int>) {
            indices.append(contentsOf: rows)
            segments.append(length: rows.count)
        }
    }

    /// tokens (R, width) ← the `wanted` rows of block(tokens), (M, width): of the others only keys and values are made. For
    /// the last block of an inference whose other rows nobody reads.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func forward<Scalar: KernelScalar>(
        _ tokens: inout Matrix<Scalar>, segments: Segments, wanted: WantedRows, store: ParameterStore<Scalar>,
        activations a: inout Activations<Scalar>
    ) {
        layerNormForward(
            &a.normed1, statistics: &a.statistics1, input: tokens, store: store, scale: norm1Scale, shift: norm1Shift,
            epsilon: Scalar(shape.epsilon))
        gatherRows(&a.normed2, from: a.normed1, indices: wanted.indices)
        linearForward(
            &a.queries, input: a.normed2, store: store, weight: qkvWeight.parts(0..<1, of: 3),
            bias: qkvBias.parts(0..<1, of: 3))
        linearForward(
            &a.keysValues, input: a.normed1, store: store, weight: qkvWeight.parts(1..<3, of: 3),
            bias: qkvBias.parts(1..<3, of: 3))
        attentionForward(
            &a.attended, weights: &a.weights, queries: a.queries, asking: wanted.segments, keysValues: a.keysValues,
            segments: segments, heads: shape.heads)
        gatherRows(&a.middle, from: tokens, indices: wanted.indices)
        swap(&tokens, &a.middle)
        finish(&tokens, store: store, activations: &a, training: false)
    }

    /// What follows the heads, row by row: tokens += projection of `attended`, then the MLP.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func finish<Scalar: KernelScalar>(
        _ tokens: inout Matrix<Scalar>, store: ParameterStore<Scalar>, activations a: inout Activations<Scalar>,
        training: Bool
    ) {
        addBranch(
            &tokens, input: a.attended, store: store, weight: projectionWeight, bias: projectionBias,
            scale: attentionScale, branch: &a.attentionBranch)
        if training { copyRows(&a.middle, from: tokens) }
        layerNormForward(
            &a.normed2, statistics: &a.statistics2, input: tokens, store: store, scale: norm2Scale, shift: norm2Shift,
            epsilon: Scalar(shape.epsilon))
        linearForward(&a.hidden, input: a.normed2, store: store, weight: hiddenWeight, bias: hiddenBias)
        let isInPlace = shape.activation == .gelu && !training
        switch shape.activation {
        case .gelu where isInPlace: geluForward(inPlace: &a.hidden)
        case .gelu: geluForward(&a.activated, input: a.hidden)
        case .quickGELU: quickGELUForward(&a.activated, input: a.hidden)
        }
        addBranch(
            &tokens, input: isInPlace ? a.hidden : a.activated, store: store, weight: outputWeight, bias: outputBias,
            scale: outputScale, branch: &a.outputBranch)
    }

    /// tokens += scale · (input · Wᵀ + b); `branch` keeps what is scaled. Without a scale the product adds by itself.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func addBranch<Scalar: KernelScalar>(
        _ tokens: inout Matrix<Scalar>, input: Matrix<Scalar>, store: ParameterStore<Scalar>, weight: Parameter,
        bias: Parameter, scale: Parameter?, branch: inout Matrix<Scalar>
    ) {
        guard let scale else {
            linearForward(&tokens, input: input, store: store, weight: weight, bias: bias, accumulate: true)
            return
        }
        linearForward(&branch, input: input, store: store, weight: weight, bias: bias)
        layerScaleForward(addingTo: &tokens, input: branch, store: store, scale: scale)
    }

    /// gradient (R, width): d loss / d output becomes d loss / d input; the parameters' gradients are added to.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func backward<Scalar: KernelScalar>(
        _ gradient: inout Matrix<Scalar>, gradients: inout ParameterStore<Scalar>, segments: Segments,
        store: ParameterStore<Scalar>, activations a: Activations<Scalar>, scratch: inout Scratch<Scalar>
    ) {
        branchBackward(
            inputGradient: &scratch.wide, gradients: &gradients, outputGradient: gradient, input: a.activated,
            store: store, weight: outputWeight, bias: outputBias, scale: outputScale, branch: a.outputBranch,
            room: &scratch.branch)
        switch shape.activation {
        case .gelu: geluBackward(&scratch.wide!, input: a.hidden)
        case .quickGELU: quickGELUBackward(&scratch.wide!, input: a.hidden)
        }
        linearBackward(
            inputGradient: &scratch.narrow, gradients: &gradients, outputGradient: scratch.wide!, input: a.normed2,
            store: store, weight: hiddenWeight, bias: hiddenBias)
        layerNormBackward(
            addingTo: &gradient, gradients: &gradients, outputGradient: scratch.narrow!, input: a.middle,
            statistics: a.statistics2, store: store, scale: norm2Scale, shift: norm2Shift)
        branchBackward(
            inputGradient: &scratch.narrow, gradients: &gradients, outputGradient: gradient, input: a.attended,
            store: store, weight: projectionWeight, bias: projectionBias, scale: attentionScale,
            branch: a.attentionBranch, room: &scratch.branch)
        attentionBackward(
            &scratch.qkv, scratch: &scratch.head, outputGradient: scratch.narrow!, weights: a.weights, qkv: a.qkv,
            segments: segments, heads: shape.heads)
        linearBackward(
            inputGradient: &scratch.narrow, gradients: &gradients, outputGradient: scratch.qkv, input: a.normed1,
            store: store, weight: qkvWeight, bias: qkvBias)
        layerNormBackward(
            addingTo: &gradient, gradients: &gradients, outputGradient: scratch.narrow!, input: a.input,
            statistics: a.statistics1, store: store, scale: norm1Scale, shift: norm1Shift)
    }

    /// The backward of `addBranch`, the residual connection aside; `room` is worked in.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func branchBackward<Scalar: KernelScalar>(
        inputGradient: inout Matrix<Scalar>?, gradients: inout ParameterStore<Scalar>, outputGradient: Matrix<Scalar>,
        input: Matrix<Scalar>, store: ParameterStore<Scalar>, weight: Parameter, bias: Parameter, scale: Parameter?,
        branch: Matrix<Scalar>, room: inout Matrix<Scalar>
    ) {
        guard let scale else {
            linearBackward(
                inputGradient: &inputGradient, gradients: &gradients, outputGradient: outputGradient, input: input,
                store: store, weight: weight, bias: bias)
            return
        }
        layerScaleBackward(
            &room, gradients: &gradients, outputGradient: outputGradient, input: branch, store: store, scale: scale)
        linearBackward(
            inputGradient: &inputGradient, gradients: &gradients, outputGradient: room, input: input, store: store,
            weight: weight, bias: bias)
    }
}
