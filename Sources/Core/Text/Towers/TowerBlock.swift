import Numerics

/// The parameters of one block of an imported text tower, forward only: it is frozen.
///
/// BERT: x ← norm1(x + proj(attention(x))); x ← norm2(x + fc2(gelu(fc1 x))).
/// CLIP: x += proj(attention(norm1 x)), causal; x += fc2(act(fc1(norm2 x))).
package struct TowerBlock: Sendable {
    package let norm1Scale: Parameter
    package let norm1Shift: Parameter
    /// Queries, keys and values one below the other, (3 · width, width): one product instead of three.
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

    init(_ layout: inout ParameterLayout, index: Int, shape: TextTowerShape) {
        let prefix = "blocks.\(index)"
        let width = shape.width
        norm1Scale = layout.add("\(prefix).norm1.weight", columns: width, .ones)
        norm1Shift = layout.add("\(prefix).norm1.bias", columns: width, .zeros)
        qkvWeight = layout.add("\(prefix).qkv.weight", rows: 3 * width, columns: width, .normal(0.02))
        qkvBias = layout.add("\(prefix).qkv.bias", columns: 3 * width, .zeros)
        projectionWeight = layout.add("\(prefix).proj.weight", rows: width, columns: width, .normal(0.02))
        projectionBias = layout.add("\(prefix).proj.bias", columns: width, .zeros)
        norm2Scale = layout.add("\(prefix).norm2.weight", columns: width, .ones)
        norm2Shift = layout.add("\(prefix).norm2.bias", columns: width, .zeros)
        hiddenWeight = layout.add("\(prefix).fc1.weight", rows: shape.hiddenWidth, columns: width, .normal(0.02))
        hiddenBias = layout.add("\(prefix).fc1.bias", columns: shape.hiddenWidth, .zeros)
        outputWeight = layout.add("\(prefix).fc2.weight", rows: width, columns: shape.hiddenWidth, .normal(0.02))
        outputBias = layout.add("\(prefix).fc2.bias", columns: width, .zeros)
    }

    /// The room a pass works in; all blocks share one.
    struct Room {
        var statistics = Matrix<Float>(rows: 0, columns: 2)
        var normed: Matrix<Float>
        var qkv: Matrix<Float>
        var weights: [Float] = []
        var attended: Matrix<Float>
        var hidden: Matrix<Float>
        var activated: Matrix<Float>

        init(_ shape: TextTowerShape) {
            normed = Matrix(rows: 0, columns: shape.width)
            attended = normed
            qkv = Matrix(rows: 0, columns: 3 * shape.width)
            hidden = Matrix(rows: 0, columns: shape.hiddenWidth)
            activated = hidden
        }
    }

    /// tokens (R, width) ← block(tokens).
    func forward(
        _ tokens: inout Matrix<Float>, segments: Segments, store: ParameterStore<Float>, shape: TextTowerShape,
        room: inout Room
    ) {
        switch shape.family {
        case .bert:
            attend(&tokens, to: tokens, segments, store, shape, &room)
            norm(&room, tokens, store, norm1Scale, norm1Shift, shape)
            swap(&tokens, &room.normed)
            think(&tokens, about: tokens, store, shape, &room)
            norm(&room, tokens, store, norm2Scale, norm2Shift, shape)
            swap(&tokens, &room.normed)
        case .clip:
            norm(&room, tokens, store, norm1Scale, norm1Shift, shape)
            attend(&tokens, to: room.normed, segments, store, shape, &room)
            norm(&room, tokens, store, norm2Scale, norm2Shift, shape)
            think(&tokens, about: room.normed, store, shape, &room)
        }
    }

    private func norm(
        _ room: inout Room, _ tokens: Matrix<Float>, _ store: ParameterStore<Float>, _ scale: Parameter,
        _ shift: Parameter, _ shape: TextTowerShape
    ) {
        layerNormForward(
            &room.normed, statistics: &room.statistics, input: tokens, store: store, scale: scale, shift: shift,
            epsilon: Float(shape.epsilon))
    }

    /// tokens += proj(attention(input)).
    private func attend(
        _ tokens: inout Matrix<Float>, to input: Matrix<Float>, _ segments: Segments, _ store: ParameterStore<Float>,
        _ shape: TextTowerShape, _ room: inout Room
    ) {
        linearForward(&room.qkv, input: input, store: store, weight: qkvWeight, bias: qkvBias)
        attentionForward(
            &room.attended, weights: &room.weights, qkv: room.qkv, segments: segments, heads: shape.heads,
            keepWeights: false, causal: shape.family == .clip)
        linearForward(
            &tokens, input: room.attended, store: store, weight: projectionWeight, bias: projectionBias,
            accumulate: true)
    }

    /// tokens += fc2(activation(fc1(input))).
    private func think(
        _ tokens: inout Matrix<Float>, about input: Matrix<Float>, _ store: ParameterStore<Float>,
        _ shape: TextTowerShape, _ room: inout Room
    ) {
        linearForward(&room.hidden, input: input, store: store, weight: hiddenWeight, bias: hiddenBias)
        switch shape.activation {
        case .gelu: geluForward(&room.activated, input: room.hidden)
        case .quickGELU: quickGELUForward(&room.activated, input: room.hidden)
        }
        linearForward(
            &tokens, input: room.activated, store: store, weight: outputWeight, bias: outputBias, accumulate: true)
    }
}
