import Handover
import Masking
import Network
import Numerics
import Testing

@testable import Predict

@Suite("Prediction tile by tile")
struct TiledPredictorTests {
    typealias Made = PatchPredictorTests
    static let options = PredictOptions(
        blockSizes: [1, 2], partitions: 4, repair: true, interleaved: true, secondPassShare: 0.05)

    static func layout() throws -> TileLayout {
        try #require(TileLayout(gridRows: 6, gridColumns: 8, rows: 2, columns: 2, overlap: 2))
    }

    static func matrix(_ rows: Int, _ random: inout RandomSource) -> Matrix<Float> {
        Matrix(rows: rows, columns: 16, storage: (0..<rows * 16).map { _ in Float(random.normal()) })
    }

    /// Tokens of every tile at random; `change` sees the patches before the first block, tile below tile.
    static func embedding(
        _ tiles: TileLayout, seed: UInt64, change: (inout Matrix<Float>) -> Void = { _ in }
    ) -> Embedding {
        var random = RandomSource(seed: seed)
        let rows = tiles.count * tiles.tilePatchCount
        let target = matrix(tiles.patchCount, &random)
        let context = matrix(rows, &random)
        var tokens = matrix(rows, &random)
        let other = Embedding.Interleaved(target: matrix(tiles.patchCount, &random), context: matrix(rows, &random))
        change(&tokens)
        return Embedding(
            image: Made.embedding(seed: 1).image, target: target, context: context, patchTokens: tokens,
            interleaved: other)
    }

    static func predictor(_ tiles: TileLayout) -> PatchPredictor {
        PatchPredictor(
            model: Made.model(classToken: true), options: options, query: Matrix(rows: 0, columns: 0), tiles: tiles)
    }

    /// Against the network asked directly, mask by mask, with the tile's part of the picture's positions.
    @Test("Every arm is the blend of what the network predicts of each tile, at its place on the whole picture")
    func againstNetwork() throws {
        let tiles = try Self.layout()
        let embedding = Self.embedding(tiles, seed: 4)
        let got = Self.predictor(tiles).predict(embedding)
        #expect(got.arms.map(\.name) == Self.options.armNames)
        let model = Made.model(classToken: true)
        var pass = Encoder.Activations<Float>(model.shape.encoder, training: false)
        var prediction = Predictor.Activations<Float>(model.predictor.shape, training: false)
        var context = Matrix<Float>(rows: 0, columns: 16)
        var statistics: [Matrix<Float>] = []
        let all: Matrix<Float> = Positions.sineCosine(rows: 6, columns: 8, width: 16)
        let n = tiles.tilePatchCount
        func ask(_ context: Matrix<Float>, _ visible: [Int], _ hidden: [Int], _ positions: Matrix<Float>) {
            model.predictor.forward(
                context: context, requests: [.init(visible: visible, hidden: hidden)],
                query: Matrix(rows: 0, columns: 0), positions: positions, store: model.store,
                activations: &prediction, training: false)
        }
        var masked: [Matrix<Float>] = []
        var repaired: [Matrix<Float>] = []
        var moved: [Matrix<Float>] = []
        var damage: [Matrix<Float>] = []
        for tile in 0..<tiles.count {
            var positions = Matrix<Float>(rows: 0, columns: 16)
            gatherRows(&positions, from: all, indices: tiles.patches(ofTile: tile))
            let tokens = embedding.patchTokens.rows(tile * n..<(tile + 1) * n)
            var part = Matrix<Float>(rows: n, columns: 16)
            let grid = PatchGrid(rows: tiles.tileRows, columns: tiles.tileColumns)
            for mask in Mask.inspectionPartitions(grid: grid, blockSize: 2, count: 4) {
                model.encoder.forward(
                    patchTokens: tokens, subsets: [mask.context], depth: 2, keep: [2], store: model.store,
                    activations: &pass, training: false)
                model.context(&context, of: pass, statistics: &statistics)
                ask(context, mask.context, mask.targets, positions)
                for (offset, patch) in mask.targets.enumerated() {
                    part.setRow(patch, prediction.predicted.row(mask.context.count + offset))
                }
            }
            masked.append(part)
            ask(embedding.context.rows(tile * n..<(tile + 1) * n), Array(0..<n), [], positions)
            repaired.append(prediction.predicted)
            damage.append(Matrix(rows: n, columns: 1, storage: prediction.damage))
            ask(
                try #require(embedding.interleaved).context.rows(tile * n..<(tile + 1) * n), Array(0..<n), [], positions
            )
            moved.append(prediction.predicted)
        }
        func near(_ a: Matrix<Float>, _ b: Matrix<Float>) -> Bool {
            a.rows == b.rows && zip(a.storage, b.storage).allSatisfy { abs($0 - $1) <= 2e-5 }
        }
        #expect(near(got.arms[1].predicted, tiles.together(masked)))
        #expect(near(got.arms[2].predicted, tiles.together(repaired)))
        #expect(near(try #require(got.interleaved).repair.predicted, tiles.together(moved)))
        #expect(
            near(Matrix(rows: 48, columns: 1, storage: try #require(got.damage)), tiles.together(damage)))
    }

    @Test("No patch leaks into its own masked prediction, though several tiles see it")
    func noLeak() throws {
        let tiles = try Self.layout()
        let predictor = Self.predictor(tiles)
        let before = predictor.predict(Self.embedding(tiles, seed: 2)).arms[1]
        for patch in 0..<tiles.patchCount {
            let after = predictor.predict(
                Self.embedding(tiles, seed: 2) { tokens in
                    for tile in 0..<tiles.count {
                        guard let local = tiles.patches(ofTile: tile).firstIndex(of: patch) else { continue }
                        let row = tile * tiles.tilePatchCount + local
                        for column in 0..<16 { tokens[row, column] = 5 - tokens[row, column] }
                    }
                }
            ).arms[1]
            #expect(after.predicted.row(patch) == before.predicted.row(patch))
            #expect(after.predicted.storage != before.predicted.storage)
        }
    }

    @Test("The second pass hides a suspicious patch in every tile that sees it, and none elsewhere")
    func secondPass() throws {
        let tiles = try Self.layout()
        let one = Self.embedding(tiles, seed: 7)
        for patch in [0, 19, 28, 47] {
            var target = one.target
            // 5 % of 48 patches are two; both are at this place.
            let beside = patch % 8 == 7 ? patch - 1 : patch + 1
            for column in 0..<16 {
                target[patch, column] += 40
                target[beside, column] += 40
            }
            let got = Self.predictor(tiles).predict(
                Embedding(
                    image: one.image, target: target, context: one.context, patchTokens: one.patchTokens,
                    interleaved: one.interleaved))
            let changed = (0..<48).filter { got.arms[3].predicted.row($0) != got.arms[0].predicted.row($0) }
            let near = (0..<48).filter { other in
                [patch, beside].contains { abs($0 / 8 - other / 8) <= 1 && abs($0 % 8 - other % 8) <= 1 }
            }
            #expect(changed.contains(patch) && Set(changed).isSubset(of: near), "\(patch): \(changed)")
        }
    }

    @Test("The same embedding gives the same bits, whatever came in between")
    func repeats() throws {
        let tiles = try Self.layout()
        let predictor = Self.predictor(tiles)
        let first = predictor.predict(Self.embedding(tiles, seed: 5))
        _ = predictor.predict(Self.embedding(tiles, seed: 6))
        let again = predictor.predict(Self.embedding(tiles, seed: 5))
        #expect(first.arms.map(\.predicted) == again.arms.map(\.predicted) && first.damage == again.damage)
        #expect(first.arms.map(\.hidden) == again.arms.map(\.hidden))
    }
}
