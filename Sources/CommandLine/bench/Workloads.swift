import Masking
import Network
import Numerics

/// The network that is measured: ViT-Ti/16 at 224 px, with a class token and learned positions.
struct BenchShape: Sendable {
    let patchSize = 16
    let side = 224
    let width = 192
    let depth = 12
    let heads = 3

    var grid: PatchGrid { PatchGrid(rows: side / patchSize, columns: side / patchSize) }
    var patches: Int { grid.count }
    var tokens: Int { patches + 1 }

    var encoder: EncoderShape {
        EncoderShape(
            patchSize: patchSize, width: width, depth: depth, heads: heads, hasClassToken: true, learnedPositionSide: 14
        )
    }

    /// The recipe's defaults: an imported encoder read up to block 7, or one of 6 blocks that learns.
    func model(_ source: EncoderSource) -> InspectionModel<Float> {
        var random = RandomSource(seed: 2)
        let isFresh = !source.hasPublishedWeights
        let encoder = EncoderShape(
            patchSize: patchSize, width: width, depth: isFresh ? 6 : depth, heads: heads, hasClassToken: !isFresh,
            learnedPositionSide: isFresh ? 0 : 14)
        return InspectionModel(
            shape: ModelShape(
                source: source, encoder: encoder, targetBlocks: [isFresh ? 6 : 7], lowLevelWidth: 0,
                predictorWidth: 192,
                predictorDepth: 3, predictorHeads: 3, hasDamageHead: true), using: &random)
    }

    /// Pixels of one picture, (3, side, side), normal numbers.
    func pixels(seed: UInt64) -> [Float] {
        var random = RandomSource(seed: seed)
        return (0..<3 * side * side).map { _ in Float(random.normal()) }
    }
}

/// One worker's forward pass over its own batch of pictures.
struct ForwardPass: Sendable {
    let encoder: Encoder
    let store: ParameterStore<Float>
    let positions: Matrix<Float>
    let pictures: [[Float]]
    let subsets: [[Int]]
    let shape: BenchShape
    var one: Matrix<Float>
    var patches: Matrix<Float>
    var tokens: Matrix<Float>
    var activations: Encoder.Activations<Float>

    init(_ shape: BenchShape, batch: Int, seed: UInt64) {
        var layout = ParameterLayout()
        var random = RandomSource(seed: 3)
        encoder = Encoder(&layout, prefix: "", shape: shape.encoder)
        store = ParameterStore(initialising: layout, using: &random)
        positions = encoder.gridPositions(rows: shape.grid.rows, columns: shape.grid.columns, store: store)
        pictures = (0..<batch).map { shape.pixels(seed: seed + UInt64($0)) }
        subsets = (0..<batch).map { index in (0..<shape.patches).map { $0 + index * shape.patches } }
        self.shape = shape
        one = Matrix(rows: 0, columns: 3 * shape.patchSize * shape.patchSize)
        patches = Matrix(rows: 0, columns: one.columns)
        tokens = Matrix(rows: 0, columns: shape.width)
        activations = Encoder.Activations(shape.encoder, training: false)
    }

    mutating func run() {
        patches.resize(rows: 0)
        for pixels in pictures {
            encoder.patches(&one, pixels: pixels, height: shape.side, width: shape.side)
            patches.storage.append(contentsOf: one.storage)
            patches.rows += one.rows
        }
        encoder.embed(&tokens, patches: patches, positions: positions, store: store)
        encoder.forward(
            patchTokens: tokens, subsets: subsets, depth: shape.depth, store: store, activations: &activations,
            training: false)
    }
}

/// One worker's masked inspection of one picture: targets from all patches, then each partition's visible patches
/// encoded again and the hidden ones predicted.
struct MaskedInspection: Sendable {
    let model: InspectionModel<Float>
    let shape: BenchShape
    let masks: [Mask]
    let pixels: [Float]
    let encoderPositions: Matrix<Float>
    let predictorPositions: Matrix<Float>
    var patches: Matrix<Float>
    var tokens: Matrix<Float>
    var context: Matrix<Float>
    var pass: Encoder.Activations<Float>
    var prediction: Predictor.Activations<Float>

    init(_ shape: BenchShape, partitions: Int, seed: UInt64) {
        model = shape.model(.imported)
        self.shape = shape
        masks = Mask.inspectionPartitions(grid: shape.grid, blockSize: 2, count: partitions)
        pixels = shape.pixels(seed: seed)
        encoderPositions = model.encoder.gridPositions(
            rows: shape.grid.rows, columns: shape.grid.columns, store: model.store)
        predictorPositions = Positions.sineCosine(rows: shape.grid.rows, columns: shape.grid.columns, width: 192)
        patches = Matrix(rows: 0, columns: 3 * shape.patchSize * shape.patchSize)
        tokens = Matrix(rows: 0, columns: shape.width)
        context = Matrix(rows: 0, columns: model.shape.contextWidth)
        pass = Encoder.Activations(model.shape.encoder, training: false)
        prediction = Predictor.Activations(model.predictor.shape, training: false)
    }

    mutating func run() {
        model.encoder.patches(&patches, pixels: pixels, height: shape.side, width: shape.side)
        model.encoder.embed(&tokens, patches: patches, positions: encoderPositions, store: model.store)
        encode([Array(0..<shape.patches)])
        encode(masks.map(\.context))
        model.predictor.forward(
            context: context,
            requests: masks.map {
                Predictor.Request(visible: $0.context, hidden: $0.targets, wanted: .hidden)
            }, query: Matrix(rows: 0, columns: 0), positions: predictorPositions, store: model.store,
            activations: &prediction, training: false)
    }

    private mutating func encode(_ subsets: [[Int]]) {
        model.encoder.forward(
            patchTokens: tokens, subsets: subsets, depth: model.shape.encoderDepth,
            keep: Set(model.shape.targetBlocks), store: model.store, activations: &pass, training: false)
        var statistics: [Matrix<Float>] = []
        model.context(&context, of: pass, statistics: &statistics)
    }
}
