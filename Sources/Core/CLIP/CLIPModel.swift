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

    package let tower: ImageTower
    package let store: ParameterStore<Float>
    package let texts: TextSide
    /// What cosines are multiplied by before a softmax: e^logit_scale, at most 100.
    package let scale: Double
    /// What it looks at where that is a picture; nil: the tokens of another encoder.
    package let pixels: PixelInput?
    package let gridRows: Int
    package let gridColumns: Int
    /// Positions of the grid, (N, width).
    private let positions: Matrix<Float>

    /// Square pictures, and how their pixels are normalised.
    package struct PixelInput: Sendable {
        /// In pixels, a multiple of the patch size.
        package let side: Int
        /// Of the red, green and blue planes in 0…1.
        package let mean: [Float]
        package let standardDeviation: [Float]
    }

    /// Rows that go through the blocks together: enough for full speed, few enough for a small memory.
    private static let rowsTogether = 1024

    /// A CLIP that looks at pictures. Traps unless `inputSide` is a positive multiple of the patch size, and mean and
    /// deviation hold three numbers each.
    package init(
        tower: ImageTower, store: ParameterStore<Float>, texts: TextSide, logScale: Float, inputSide: Int,
        mean: [Float], standardDeviation: [Float]
    ) {
        precondition(
            inputSide > 0 && inputSide % tower.shape.patchSize == 0 && mean.count == 3
                && standardDeviation.count == 3 && standardDeviation.allSatisfy { $0 > 0 },
            "CLIPModel: expected a side that is a multiple of \(tower.shape.patchSize) and three means and deviations, got \(inputSide), \(mean), \(standardDeviation)"
        )
        let side = inputSide / tower.shape.patchSize
        self.init(
            tower, store, texts, logScale, side, side,
            PixelInput(side: inputSide, mean: mean, standardDeviation: standardDeviation))
    }

    /// A CLIP that looks at another encoder's tokens on a grid. Traps unless the tower's shape says how wide these are.
    package init(
        tower: ImageTower, store: ParameterStore<Float>, texts: TextSide, logScale: Float, gridRows: Int,
        gridColumns: Int
    ) {
        precondition(
            gridRows > 0 && gridColumns > 0 && tower.shape.inputWidth != nil,
            "CLIPModel: expected a tower over tokens and a grid, got \(gridRows) x \(gridColumns)")
        self.init(tower, store, texts, logScale, gridRows, gridColumns, nil)
    }

    private init(
        _ tower: ImageTower, _ store: ParameterStore<Float>, _ texts: TextSide, _ logScale: Float, _ gridRows: Int,
        _ gridColumns: Int, _ pixels: PixelInput?
    ) {
        self.tower = tower
        self.store = store
        self.texts = texts
        scale = min(100, exp(Double(logScale)))
        self.gridRows = gridRows
        self.gridColumns = gridColumns
        self.pixels = pixels
        positions = tower.encoder.gridPositions(rows: gridRows, columns: gridColumns, store: store)
    }

    /// Width of an embedding.
    package var width: Int { tower.outputWidth }
    /// Bytes of the image tower as float32: all that looking needs once the texts are embedded.
    package var imageBytes: Int {
        let encoder = tower.encoder
        let first = encoder.embedWeight.offset
        return 4 * (tower.projection.range.upperBound - first)
    }

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
        guard let pixels else { preconditionFailure("CLIPModel: expected a CLIP that looks at pictures") }
        let count = pixels.side * pixels.side
        precondition(planes.count == 3 * count, "CLIPModel: expected 3 x \(count) numbers, got \(planes.count)")
        let planes = normalisedPlanes(planes, mean: pixels.mean, deviation: pixels.standardDeviation)
        let side = tower.shape.patchSize
        var patches = Matrix<Float>(rows: 0, columns: 3 * side * side)
        tower.encoder.patches(&patches, pixels: planes, height: pixels.side, width: pixels.side)
        return embeddings(ofPatches: patches, subsets: subsets)
    }

    /// The same from what becomes the tower's tokens: a picture's patches, or another encoder's tokens, (N, their width).
    package func embeddings(ofPatches patches: Matrix<Float>, subsets: [[Int]]? = nil) -> Matrix<Float> {
        var tokens = Matrix<Float>(rows: 0, columns: tower.shape.width)
        tower.encoder.embed(&tokens, patches: patches, positions: positions, store: store)
        let subsets = subsets ?? [Array(0..<patches.rows)]
        var activations = ImageTower.Activations<Float>(tower, training: false)
        var result = Matrix<Float>(rows: subsets.count, columns: width)
        var first = 0
        while first < subsets.count {
            var last = first
            var rows = 0
            while last < subsets.count, last == first || rows + subsets[last].count <= Self.rowsTogether {
                rows += subsets[last].count + tower.shape.prefixTokens
                last += 1
            }
            tower.forward(
                patchTokens: tokens, subsets: Array(subsets[first..<last]), store: store, activations: &activations,
                training: false)
            for row in 0..<last - first { result.setRow(first + row, activations.embeddings.row(row)) }
            first = last
        }
        return result
    }
}
