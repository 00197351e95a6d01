import Numerics

/// The parameters of one pre-LN transformer block (Dosovitskiy et al., arXiv 2010.11929), under timm's names:
/// x += proj(attention(qkv(norm1 x))); x += fc2(gelu(fc1(norm2 x))).
package struct Block: Sendable {
    package let norm1Scale: Parameter
    package let norm1Shift: Parameter
    package let qkvWeight: Parameter
    package let qkvBias: Parameter
    package let projectionWeight: Parameter
    package let projectionBias: Parameter
    package let norm2Scale: Parameter
    package let norm2Shift: Parameter
    package let hiddenWeight: Parameter
    package let hiddenBias: Parameter
    package let outputWeight: Parameter
    package let outputBias: Parameter
    package let heads: Int
    package let width: Int

    /// LayerNorm's ε in every published ViT of this family.
    static let epsilon = 1e-6

    /// Adds the block's tensors to `layout` below `prefix` ("blocks.3").
    package init(_ layout: inout ParameterLayout, prefix: String, width: Int, heads: Int, mlpRatio: Int = 4) {
        precondition(width % heads == 0, "Block \(prefix): expected a width divisible by \(heads) heads, got \(width)")
        let weights = Parameter.Initialisation.normal(0.02)  // truncated normal, as timm and I-JEPA start
        self.width = width
        self.heads = heads
        norm1Scale = layout.add("\(prefix).norm1.weight", columns: width, .ones)
        norm1Shift = layout.add("\(prefix).norm1.bias", columns: width, .zeros)
        qkvWeight = layout.add("\(prefix).attn.qkv.weight", rows: 3 * width, columns: width, weights)
        qkvBias = layout.add("\(prefix).attn.qkv.bias", columns: 3 * width, .zeros)
        projectionWeight = layout.add("\(prefix).attn.proj.weight", rows: width, columns: width, weights)
        projectionBias = layout.add("\(prefix).attn.proj.bias", columns: width, .zeros)
        norm2Scale = layout.add("\(prefix).norm2.weight", columns: width, .ones)
        norm2Shift = layout.add("\(prefix).norm2.bias", columns: width, .zeros)
        hiddenWeight = layout.add("\(prefix).mlp.fc1.weight", rows: mlpRatio * width, columns: width, weights)
        hiddenBias = layout.add("\(prefix).mlp.fc1.bias", columns: mlpRatio * width, .zeros)
        outputWeight = layout.add("\(prefix).mlp.fc2.weight", rows: width, columns: mlpRatio * width, weights)
        outputBias = layout.add("\(prefix).mlp.fc2.bias", columns: width, .zeros)
    }

    /// What a forward pass leaves for the backward pass, and the room it works in. One value per block while training;
    /// one shared by all blocks at inspection.
    package struct Activations<Scalar: KernelScalar>: Sendable {
        var input: Matrix<Scalar>
        var statistics1 = Matrix<Scalar>(rows: 0, columns: 2)
        var normed1: Matrix<Scalar>
        var qkv: Matrix<Scalar>
        var weights: [Scalar] = []
        var attended: Matrix<Scalar>
        var middle: Matrix<Scalar>
        var statistics2 = Matrix<Scalar>(rows: 0, columns: 2)
        var normed2: Matrix<Scalar>
        var hidden: Matrix<Scalar>
        var activated: Matrix<Scalar>

        package init(width: Int, mlpRatio: Int = 4) {
            input = Matrix(rows: 0, columns: width)
            normed1 = input
            qkv = Matrix(rows: 0, columns: 3 * width)
            attended = input
            middle = input
            normed2 = input
            hidden = Matrix(rows: 0, columns: mlpRatio * width)
            activated = hidden
        }
    }

    /// Room that backward passes of all blocks share.
    package struct Scratch<Scalar: KernelScalar>: Sendable {
        var wide: Matrix<Scalar>?
        var narrow: Matrix<Scalar>?
        var qkv: Matrix<Scalar>
        var head: [Scalar] = []

        package init(width: Int, mlpRatio: Int = 4) {
            wide = Matrix(rows: 0, columns: mlpRatio * width)
            narrow = Matrix(rows: 0, columns: width)
            qkv = Matrix(rows: 0, columns: 3 * width)
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
            epsilon: Scalar(Block.epsilon))
        linearForward(&a.qkv, input: a.normed1, store: store, weight: qkvWeight, bias: qkvBias)
        attentionForward(
            &a.attended, weights: &a.weights, qkv: a.qkv, segments: segments, heads: heads, keepWeights: training)
        linearForward(
            &tokens, input: a.attended, store: store, weight: projectionWeight, bias: projectionBias, accumulate: true)
        if training { copyRows(&a.middle, from: tokens) }
        layerNormForward(
            &a.normed2, statistics: &a.statistics2, input: tokens, store: store, scale: norm2Scale, shift: norm2Shift,
            epsilon: Scalar(Block.epsilon))
        linearForward(&a.hidden, input: a.normed2, store: store, weight: hiddenWeight, bias: hiddenBias)
        geluForward(&a.activated, input: a.hidden)
        linearForward(
            &tokens, input: a.activated, store: store, weight: outputWeight, bias: outputBias, accumulate: true)
    }

    /// gradient (R, width): d loss / d output becomes d loss / d input; the parameters' gradients are added to.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func backward<Scalar: KernelScalar>(
        _ gradient: inout Matrix<Scalar>, gradients: inout ParameterStore<Scalar>, segments: Segments,
        store: ParameterStore<Scalar>, activations a: Activations<Scalar>, scratch: inout Scratch<Scalar>
    ) {
        linearBackward(
            inputGradient: &scratch.wide, gradients: &gradients, outputGradient: gradient, input: a.activated,
            store: store, weight: outputWeight, bias: outputBias)
        geluBackward(&scratch.wide!, input: a.hidden)
        linearBackward(
            inputGradient: &scratch.narrow, gradients: &gradients, outputGradient: scratch.wide!, input: a.normed2,
            store: store, weight: hiddenWeight, bias: hiddenBias)
        layerNormBackward(
            addingTo: &gradient, gradients: &gradients, outputGradient: scratch.narrow!, input: a.middle,
            statistics: a.statistics2, store: store, scale: norm2Scale, shift: norm2Shift)
        linearBackward(
            inputGradient: &scratch.narrow, gradients: &gradients, outputGradient: gradient, input: a.attended,
            store: store, weight: projectionWeight, bias: projectionBias)
        attentionBackward(
            &scratch.qkv, scratch: &scratch.head, outputGradient: scratch.narrow!, weights: a.weights, qkv: a.qkv,
            segments: segments, heads: heads)
        linearBackward(
            inputGradient: &scratch.narrow, gradients: &gradients, outputGradient: scratch.qkv, input: a.normed1,
            store: store, weight: qkvWeight, bias: qkvBias)
        layerNormBackward(
            addingTo: &gradient, gradients: &gradients, outputGradient: scratch.narrow!, input: a.input,
            statistics: a.statistics1, store: store, scale: norm1Scale, shift: norm1Shift)
    }
}
