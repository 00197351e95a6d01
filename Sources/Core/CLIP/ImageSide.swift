import Network
import Numerics

/// CLIP's image side, ready to look: pictures, or another encoder's tokens, and windows of them become embeddings of
/// length 1. All that looking needs once the texts are embedded.
package struct ImageSide: Sendable {
    /// Square pictures, and how their pixels are normalised.
    package struct PixelInput: Sendable, Equatable {
        /// In pixels, a multiple of the patch size.
        package let side: Int
        /// Of the red, green and blue planes in 0…1.
        package let mean: [Float]
        package let standardDeviation: [Float]

        package init(side: Int, mean: [Float], standardDeviation: [Float]) {
            self.side = side
            self.mean = mean
            self.standardDeviation = standardDeviation
        }
    }

    package let tower: ImageTower
    /// Where the tower's numbers lie in `store`, which holds nothing else.
    package let layout: ParameterLayout
    package let store: ParameterStore<Float>
    /// What it looks at where that is a picture; nil: the tokens of another encoder.
    package let pixels: PixelInput?
    package let gridRows: Int
    package let gridColumns: Int
    /// Positions of the grid, (N, width).
    private let positions: Matrix<Float>

    /// The prefix of the tower's parameters.
    package static let prefix = "image."
    /// Rows that go through the blocks together: enough for full speed, few enough for a small memory.
    private static let rowsTogether = 1024

    /// An image side over pictures. Traps unless the side is a positive multiple of the patch size, and mean and deviation
    /// hold three numbers each.
    ///
    /// - Parameter values: the tower's numbers first, as `ImageTower` lays them out; what follows is left out.
    package init(shape: EncoderShape, outputWidth: Int, values: [Float], pixels: PixelInput) {
        precondition(
            pixels.side > 0 && pixels.side % shape.patchSize == 0 && pixels.mean.count == 3
                && pixels.standardDeviation.count == 3 && pixels.standardDeviation.allSatisfy { $0 > 0 },
            "ImageSide: expected a side that is a multiple of \(shape.patchSize) and three means and deviations, got \(pixels)"
        )
        let side = pixels.side / shape.patchSize
        self.init(shape, outputWidth, values, side, side, pixels)
    }

    /// An image side over another encoder's tokens on a grid. Traps unless the shape says how wide these are.
    package init(shape: EncoderShape, outputWidth: Int, values: [Float], gridRows: Int, gridColumns: Int) {
        precondition(
            gridRows > 0 && gridColumns > 0 && shape.inputWidth != nil,
            "ImageSide: expected a tower over tokens and a grid, got \(gridRows) x \(gridColumns)")
        self.init(shape, outputWidth, values, gridRows, gridColumns, nil)
    }

    private init(
        _ shape: EncoderShape, _ outputWidth: Int, _ values: [Float], _ gridRows: Int, _ gridColumns: Int,
        _ pixels: PixelInput?
    ) {
        var layout = ParameterLayout()
        tower = ImageTower(&layout, prefix: Self.prefix, shape: shape, outputWidth: outputWidth)
        precondition(
            values.count >= layout.count, "ImageSide: expected \(layout.count) numbers at least, got \(values.count)")
        var store = ParameterStore<Float>(zerosFor: ParameterLayout())
        store.values = values.count == layout.count ? values : Array(values[..<layout.count])
        self.layout = layout
        self.store = store
        self.gridRows = gridRows
        self.gridColumns = gridColumns
        self.pixels = pixels
        positions = tower.encoder.gridPositions(rows: gridRows, columns: gridColumns, store: store)
    }

    /// Width of an embedding.
    package var width: Int { tower.outputWidth }
    /// Bytes of the numbers as float32.
    package var bytes: Int { 4 * layout.count }

    /// Embeddings of subsets of one picture's patches, (subsets, width), each of length 1. Traps on an image side over
    /// tokens.
    ///
    /// - Parameters:
    ///   - planes: (3, side, side), normalised as `pixels` says.
    ///   - subsets: indices of patches, row-major on the grid; nil = one subset, the whole picture.
    package func embeddings(ofNormalised planes: [Float], subsets: [[Int]]? = nil) -> Matrix<Float> {
        guard let pixels else { preconditionFailure("ImageSide: expected one that looks at pictures") }
        let count = pixels.side * pixels.side
        precondition(planes.count == 3 * count, "ImageSide: expected 3 x \(count) numbers, got \(planes.count)")
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
