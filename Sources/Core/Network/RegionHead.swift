import Numerics

/// The numbers that fix a region head.
package struct RegionHeadShape: Sendable, Equatable, Codable {
    /// Numbers that describe a region.
    package var inputWidth: Int
    package var hiddenWidth: Int
    /// Width d of the text embeddings.
    package var outputWidth: Int

    package init(inputWidth: Int, hiddenWidth: Int, outputWidth: Int) {
        self.inputWidth = inputWidth
        self.hiddenWidth = hiddenWidth
        self.outputWidth = outputWidth
    }
}

/// Predicts ŝ, the text embedding of a region's description, from what the predictor says of the region
/// (VL-JEPA, arXiv 2512.10942): two layers with GELU between them, a skip past them, unit length.
///
/// Its input is read from the predictor without a way back for gradients: language cannot change what is flagged.
package struct RegionHead: Sendable {
    package let shape: RegionHeadShape
    package let hiddenWeight: Parameter
    package let hiddenBias: Parameter
    package let outputWeight: Parameter
    package let outputBias: Parameter
    package let skipWeight: Parameter

    package init(_ layout: inout ParameterLayout, prefix: String, shape: RegionHeadShape) {
        self.shape = shape
        let input = 1 / Double(shape.inputWidth).squareRoot()
        hiddenWeight = layout.add(
            "\(prefix)hidden.weight", rows: shape.hiddenWidth, columns: shape.inputWidth, .normal(input))
        hiddenBias = layout.add("\(prefix)hidden.bias", columns: shape.hiddenWidth, .zeros)
        outputWeight = layout.add(
            "\(prefix)output.weight", rows: shape.outputWidth, columns: shape.hiddenWidth,
            .normal(1 / Double(shape.hiddenWidth).squareRoot()))
        outputBias = layout.add("\(prefix)output.bias", columns: shape.outputWidth, .zeros)
        skipWeight = layout.add(
            "\(prefix)skip.weight", rows: shape.outputWidth, columns: shape.inputWidth, .normal(0.3 * input))
    }

    /// What a forward pass leaves for its backward.
    package struct Activations<Scalar: KernelScalar>: Sendable {
        /// ŝ before it is brought to unit length, (R, d).
        package fileprivate(set) var projected: Matrix<Scalar>
        /// ŝ, each row of unit length, (R, d).
        package fileprivate(set) var embeddings: Matrix<Scalar>
        fileprivate var hidden: Matrix<Scalar>
        fileprivate var active: Matrix<Scalar>
        fileprivate var norms: [Scalar] = []

        package init(_ shape: RegionHeadShape) {
            hidden = Matrix(rows: 0, columns: shape.hiddenWidth)
            active = hidden
            projected = Matrix(rows: 0, columns: shape.outputWidth)
            embeddings = projected
        }
    }

    /// - Parameter input: standardised region features, (R, inputWidth).
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func forward<Scalar: KernelScalar>(
        _ input: Matrix<Scalar>, store: ParameterStore<Scalar>, activations a: inout Activations<Scalar>
    ) {
        linearForward(&a.hidden, input: input, store: store, weight: hiddenWeight, bias: hiddenBias)
        geluForward(&a.active, input: a.hidden)
        linearForward(&a.projected, input: a.active, store: store, weight: outputWeight, bias: outputBias)
        linearForward(&a.projected, input: input, store: store, weight: skipWeight, bias: nil, accumulate: true)
        unitForward(&a.embeddings, norms: &a.norms, input: a.projected)
    }

    /// The backward of `forward`, from d loss / d ŝ and, where the loss has one, d loss / d ŝ before unit length,
    /// (R, d) each. Adds to `gradients`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func backward<Scalar: KernelScalar>(
        embeddingGradient: Matrix<Scalar>?, projectedGradient: Matrix<Scalar>? = nil, input: Matrix<Scalar>,
        gradients: inout ParameterStore<Scalar>, store: ParameterStore<Scalar>, activations a: Activations<Scalar>
    ) {
        var gradient = Matrix<Scalar>(rows: input.rows, columns: shape.outputWidth)
        if let embeddingGradient {
            unitBackward(&gradient, outputGradient: embeddingGradient, output: a.embeddings, norms: a.norms)
        }
        if let projectedGradient { addScaled(&gradient, 1, projectedGradient) }
        var nothing = Matrix<Scalar>?.none
        linearBackward(
            inputGradient: &nothing, gradients: &gradients, outputGradient: gradient, input: input, store: store,
            weight: skipWeight, bias: nil)
        var hiddenGradient = Matrix<Scalar>?.some(Matrix(rows: 0, columns: shape.hiddenWidth))
        linearBackward(
            inputGradient: &hiddenGradient, gradients: &gradients, outputGradient: gradient, input: a.active,
            store: store, weight: outputWeight, bias: outputBias)
        guard var inner = hiddenGradient else { return }
        geluBackward(&inner, input: a.hidden)
        linearBackward(
            inputGradient: &nothing, gradients: &gradients, outputGradient: inner, input: input, store: store,
            weight: hiddenWeight, bias: hiddenBias)
    }
}
