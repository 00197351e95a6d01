import Network
import Numerics

/// CLIP's image side (Radford et al., arXiv 2103.00020): a vision transformer whose class token, normed and projected,
/// is the embedding of the patches it saw. Holds places of parameters, no numbers.
///
/// It embeds any subset of a picture's patches: all of them for the picture, those of a window for the window.
package struct ImageTower: Sendable {
    package let encoder: Encoder
    package let normScale: Parameter
    package let normShift: Parameter
    /// (outputWidth, width), without bias.
    package let projection: Parameter

    package var shape: EncoderShape { encoder.shape }
    /// Width of an embedding.
    package var outputWidth: Int { projection.rows }

    /// Adds the tower's tensors to `layout` below `prefix` ("image."). Traps on a shape without a class token.
    package init(_ layout: inout ParameterLayout, prefix: String, shape: EncoderShape, outputWidth: Int) {
        precondition(
            shape.hasClassToken && outputWidth > 0,
            "ImageTower: expected a class token and an output width, got \(shape), \(outputWidth)")
        encoder = Encoder(&layout, prefix: prefix, shape: shape)
        normScale = layout.add("\(prefix)norm.weight", columns: shape.width, .ones)
        normShift = layout.add("\(prefix)norm.bias", columns: shape.width, .zeros)
        projection = layout.add(
            "\(prefix)projection", rows: outputWidth, columns: shape.width,
            .normal(1 / Double(shape.width).squareRoot()))
    }

    /// What a pass leaves behind, and the room it works in.
    package struct Activations<Scalar: KernelScalar>: Sendable {
        /// Embeddings before they are brought to length 1, (subsets, outputWidth).
        package fileprivate(set) var projected: Matrix<Scalar>
        /// Embeddings of length 1, (subsets, outputWidth).
        package fileprivate(set) var embeddings: Matrix<Scalar>
        fileprivate var norms: [Scalar] = []
        fileprivate var pass: Encoder.Activations<Scalar>
        /// Rows of the class tokens in the pass.
        fileprivate var classRows: [Int] = []
        fileprivate var classTokens: Matrix<Scalar>
        fileprivate var statistics = Matrix<Scalar>(rows: 0, columns: 2)
        fileprivate var normed: Matrix<Scalar>

        package init(_ tower: ImageTower, training: Bool) {
            projected = Matrix(rows: 0, columns: tower.outputWidth)
            embeddings = projected
            pass = Encoder.Activations(tower.shape, training: training)
            classTokens = Matrix(rows: 0, columns: tower.shape.width)
            normed = classTokens
        }
    }

    /// Embeds subsets of embedded patches; results are in `activations`.
    ///
    /// - Parameters:
    ///   - patchTokens: what `Encoder.embed` gave for a batch of pictures, (B · N, width).
    ///   - subsets: for each embedding the rows of `patchTokens` that its class token sees.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func forward<Scalar: KernelScalar>(
        patchTokens: Matrix<Scalar>, subsets: [[Int]], store: ParameterStore<Scalar>,
        activations a: inout Activations<Scalar>, training: Bool
    ) {
        encoder.forward(
            patchTokens: patchTokens, subsets: subsets, depth: shape.depth, store: store, activations: &a.pass,
            training: training)
        a.classRows.removeAll(keepingCapacity: true)
        var row = 0
        for subset in subsets {
            a.classRows.append(row)
            row += subset.count + shape.prefixTokens
        }
        gatherRows(&a.classTokens, from: a.pass.tokens, indices: a.classRows)
        layerNormForward(
            &a.normed, statistics: &a.statistics, input: a.classTokens, store: store, scale: normScale,
            shift: normShift, epsilon: Scalar(shape.epsilon))
        linearForward(&a.projected, input: a.normed, store: store, weight: projection, bias: nil)
        unitForward(&a.embeddings, norms: &a.norms, input: a.projected)
    }

    /// The backward of a training `forward` and of the `embed` before it. Parameters' gradients are added to.
    ///
    /// - Parameters:
    ///   - gradient: d loss / d `embeddings`, (subsets, outputWidth).
    ///   - patches: what `embed` was given, (B · N, 3 · patchSize²).
    ///   - grid: of one picture, where positions of patches learn; nil where they do not.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func backward<Scalar: KernelScalar>(
        _ gradient: Matrix<Scalar>, patches: Matrix<Scalar>, grid: (rows: Int, columns: Int)? = nil,
        gradients: inout ParameterStore<Scalar>, store: ParameterStore<Scalar>, activations a: inout Activations<Scalar>
    ) {
        var byProjected = Matrix<Scalar>(rows: 0, columns: outputWidth)
        unitBackward(&byProjected, outputGradient: gradient, output: a.embeddings, norms: a.norms)
        var byNormed = Matrix<Scalar>?.some(Matrix(rows: 0, columns: shape.width))
        linearBackward(
            inputGradient: &byNormed, gradients: &gradients, outputGradient: byProjected, input: a.normed, store: store,
            weight: projection, bias: nil)
        var byClass = Matrix<Scalar>(rows: a.classRows.count, columns: shape.width)
        layerNormBackward(
            addingTo: &byClass, gradients: &gradients, outputGradient: byNormed!, input: a.classTokens,
            statistics: a.statistics, store: store, scale: normScale, shift: normShift)
        var byTokens = Matrix<Scalar>(rows: a.pass.tokens.rows, columns: shape.width)
        scatterAddRows(&byTokens, adding: byClass, indices: a.classRows)
        encoder.backward(
            &byTokens, patches: patches, depth: shape.depth, grid: grid, gradients: &gradients, store: store,
            activations: &a.pass)
    }
}
