import Network
import Numerics
import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A CLIP that is ready to look and to read, published or trained here: pictures, windows of pictures and texts become
/// embeddings of length 1 in one space.
package struct CLIPModel: Sendable {
    /// The text side.
    package enum TextSide: Sendable {
        /// A published tower with its tokenizer, which has numbers of its own.
        case published(SentenceEncoder)
        /// One that was trained here; its numbers lie in the model's store.
        case trained(LineTokenizer, LineTextEncoder)
    }

    package let image: ImageSide
    /// The numbers that the model was made of: the image tower's, then those of a text tower that was trained here.
    package let store: ParameterStore<Float>
    package let texts: TextSide
    /// What cosines are multiplied by before a softmax: e^logit_scale, at most 100.
    package let scale: Double

    /// A CLIP that looks at pictures; `store` begins with the tower's numbers. Traps unless `inputSide` is a positive
    /// multiple of the patch size, and mean and deviation hold three numbers each.
    package init(
        tower: ImageTower, store: ParameterStore<Float>, texts: TextSide, logScale: Float, inputSide: Int,
        mean: [Float], standardDeviation: [Float]
    ) {
        self.init(
            ImageSide(
                shape: tower.shape, outputWidth: tower.outputWidth, values: store.values,
                pixels: .init(side: inputSide, mean: mean, standardDeviation: standardDeviation)), store, texts,
            logScale)
    }

    /// A CLIP that looks at another encoder's tokens on a grid. Traps unless the tower's shape says how wide these are.
    package init(
        tower: ImageTower, store: ParameterStore<Float>, texts: TextSide, logScale: Float, gridRows: Int,
        gridColumns: Int
    ) {
        self.init(
            ImageSide(
                shape: tower.shape, outputWidth: tower.outputWidth, values: store.values, gridRows: gridRows,
                gridColumns: gridColumns), store, texts, logScale)
    }

    private init(_ image: ImageSide, _ store: ParameterStore<Float>, _ texts: TextSide, _ logScale: Float) {
        self.image = image
        self.store = store
        self.texts = texts
        scale = min(100, exp(Double(logScale)))
    }

    /// Width of an embedding.
    package var width: Int { image.width }
    package var gridRows: Int { image.gridRows }
    package var gridColumns: Int { image.gridColumns }

    /// Embeddings of texts, (texts, width), each of length 1; any text has one, the empty one too.
    package func embeddings(of phrases: [String]) -> Matrix<Float> {
        switch texts {
        case .published(let encoder): return encoder.embeddings(phrases)
        case .trained(let tokenizer, let encoder):
            var activations = LineTextEncoder.Activations<Float>(encoder.shape)
            encoder.forward(
                phrases.map { tokenizer.sequence($0) }, store: store, activations: &activations, training: false)
            return activations.embeddings
        }
    }

    /// Embeddings of subsets of one picture's patches, (subsets, width), each of length 1. Traps on a CLIP that looks at
    /// tokens.
    ///
    /// - Parameters:
    ///   - planes: (3, side, side) in 0…1; they are normalised here.
    ///   - subsets: indices of patches, row-major on the grid; nil = one subset, the whole picture.
    package func embeddings(of planes: [Float], subsets: [[Int]]? = nil) -> Matrix<Float> {
        guard let pixels = image.pixels else {
            preconditionFailure("CLIPModel: expected a CLIP that looks at pictures")
        }
        return image.embeddings(
            ofNormalised: normalisedPlanes(planes, mean: pixels.mean, deviation: pixels.standardDeviation),
            subsets: subsets)
    }
}
