import Foundation
import Handover
import Imaging
import Network
import Numerics
import Testing

@testable import Embed

@Suite("Embedder")
struct EmbedderTests {
    static func model(classToken: Bool = false, lowLevel: Int = 0) -> InspectionModel<Float> {
        var random = RandomSource(seed: 1)
        return InspectionModel(
            shape: ModelShape(
                source: .trained,
                encoder: EncoderShape(
                    patchSize: 4, width: 16, depth: 2, heads: 2, hasClassToken: classToken, learnedPositionSide: 0),
                targetBlocks: [1, 2], lowLevelWidth: lowLevel, predictorWidth: 8, predictorDepth: 1,
                predictorHeads: 1, hasDamageHead: false), using: &random)
    }

    static func image(seed: UInt64, width: Int = 20, height: Int = 12) -> DecodedImage {
        var random = RandomSource(seed: seed)
        let intake = Intake(
            sha256: String(repeating: "0", count: 64), path: "a.png", bytes: Data(), camera: "", drop: "/drop",
            modifiedAt: Date(timeIntervalSince1970: 0))
        return DecodedImage(
            intake: intake, picture: Image(width: 1, height: 1, colour: [0]),
            pixels: (0..<3 * width * height).map { _ in Float(random.normal()) },
            geometry: Geometry(
                originalWidth: width, originalHeight: height, inputWidth: width, inputHeight: height, patchSize: 4))
    }

    @Test("One target and one context row per patch, to the bit the same on a second and third picture")
    func repeats() throws {
        for classToken in [false, true] {
            let embedder = Embedder(
                model: Self.model(classToken: classToken), lowLevel: nil, gridRows: 3, gridColumns: 5)
            let first = try embedder.embed(Self.image(seed: 1))
            let other = try embedder.embed(Self.image(seed: 2))
            let again = try embedder.embed(Self.image(seed: 1))
            #expect(first.target.rows == 15 && first.target.columns == 32)
            #expect(first.patchTokens.rows == 15 && first.patchTokens.columns == 16)
            #expect(first.target == again.target && first.patchTokens == again.patchTokens)
            #expect(first.target != other.target)
            #expect(first.context == first.target)
        }
    }

    @Test("Low-level targets stand to the right of the learned ones")
    func lowLevel() throws {
        let image = Self.image(seed: 3)
        let raw = LowLevelTargets.descriptors(pixels: image.pixels, height: 12, width: 20, patchSize: 4, colour: false)
        let low = LowLevelTargets(fitting: raw, patchSize: 4, width: 6)
        let embedder = Embedder(model: Self.model(lowLevel: 6), lowLevel: low, gridRows: 3, gridColumns: 5)
        let embedding = try embedder.embed(image)
        #expect(embedding.target.columns == 38 && embedding.context.columns == 32)
        let wanted = low.targets(pixels: image.pixels, height: 12, width: 20)
        for n in 0..<15 {
            #expect(Array(embedding.target.row(n).prefix(32)) == Array(embedding.context.row(n)))
            #expect(Array(embedding.target.row(n).suffix(6)) == Array(wanted.row(n)))
        }
    }

    @Test("A network that predicts no low-level targets has them beside its own, of both grids, tiles or not")
    func lowLevelBeside() throws {
        let image = Self.image(seed: 4, width: 24, height: 16)
        let raw = LowLevelTargets.descriptors(pixels: image.pixels, height: 16, width: 24, patchSize: 4, colour: true)
        let low = LowLevelTargets(fitting: raw, patchSize: 4, width: 6)
        let moved = HalfPatch.moved(image.pixels, height: 16, width: 24, patchSize: 4)
        let tiles = try #require(TileLayout(gridRows: 4, gridColumns: 6, rows: 1, columns: 2, overlap: 2))
        for tiles in [TileLayout(wholeRows: 4, columns: 6), tiles] {
            let plain = try Embedder(model: Self.model(), lowLevel: nil, tiles: tiles, interleaved: true).embed(image)
            let beside = try Embedder(model: Self.model(), lowLevel: low, tiles: tiles, interleaved: true).embed(image)
            #expect(plain.lowLevel == nil && plain.interleaved?.lowLevel == nil)
            #expect(beside.target == plain.target && beside.interleaved?.target == plain.interleaved?.target)
            #expect(beside.lowLevel == low.targets(pixels: image.pixels, height: 16, width: 24))
            #expect(beside.interleaved?.lowLevel == low.targets(pixels: moved, height: 16, width: 24))
        }
    }

    @Test("The interleaved grid is the embedding of the picture moved by half a patch, and leaves the first as it is")
    func interleaved() throws {
        // 24 patches fill whole blocks of every kernel: both grids are one product of twice the rows, and what is left over
        // at a product's end may be rounded otherwise in the last place (AVX2 kernels do so with 15).
        let image = Self.image(seed: 5, width: 24, height: 16)
        let low = LowLevelTargets(
            fitting: LowLevelTargets.descriptors(
                pixels: image.pixels, height: 16, width: 24, patchSize: 4, colour: false),
            patchSize: 4, width: 6)
        let model = Self.model(lowLevel: 6)
        let plain = Embedder(model: model, lowLevel: low, gridRows: 4, gridColumns: 6)
        let both = Embedder(model: model, lowLevel: low, gridRows: 4, gridColumns: 6, interleaved: true)
        let moved = DecodedImage(
            intake: image.intake, picture: image.picture,
            pixels: HalfPatch.moved(image.pixels, height: 16, width: 24, patchSize: 4), geometry: image.geometry)
        let wanted = try plain.embed(moved)
        let got = try both.embed(image)
        let alone = try plain.embed(image)
        #expect(alone.interleaved == nil)
        #expect(got.target == alone.target && got.context == alone.context && got.patchTokens == alone.patchTokens)
        #expect(got.interleaved?.target == wanted.target && got.interleaved?.context == wanted.context)
    }

    /// The encoder sees a tile as its picture: what comes out is what an embedder of pictures of that size says.
    @Test("A tile is embedded as a picture of its own, under both grids, and overlaps are blended", arguments: [0, 6])
    func tiles(lowLevelWidth: Int) throws {
        let image = Self.image(seed: 6, width: 40, height: 28)
        let tiles = try #require(TileLayout(gridRows: 7, gridColumns: 10, rows: 2, columns: 3, overlap: 1))
        #expect(tiles.count == 6 && tiles.tileColumns == 4 && tiles.tileRows == 4)
        let low = LowLevelTargets(
            fitting: LowLevelTargets.descriptors(
                pixels: image.pixels, height: 28, width: 40, patchSize: 4, colour: false),
            patchSize: 4, width: 6)
        let lowLevel = lowLevelWidth > 0 ? low : nil
        let model = Self.model(lowLevel: lowLevelWidth)
        let got = try Embedder(model: model, lowLevel: lowLevel, tiles: tiles, interleaved: true).embed(image)
        let alone = Embedder(
            model: model, lowLevel: lowLevel, gridRows: tiles.tileRows, gridColumns: tiles.tileColumns)
        func parts(_ pixels: [Float]) throws -> [Embedding] {
            try (0..<tiles.count).map { tile in
                try alone.embed(
                    DecodedImage(
                        intake: image.intake, picture: image.picture,
                        pixels: tiles.pixels(ofTile: tile, of: pixels, patchSize: 4),
                        geometry: Geometry(
                            originalWidth: 16, originalHeight: 16, inputWidth: tiles.tileColumns * 4,
                            inputHeight: tiles.tileRows * 4, patchSize: 4)))
            }
        }
        let own = try parts(image.pixels)
        let moved = try parts(HalfPatch.moved(image.pixels, height: 28, width: 40, patchSize: 4))
        #expect(got.target.rows == 70 && got.context.rows == tiles.count * tiles.tilePatchCount)
        #expect(Self.near(got.target, tiles.together(own.map(\.target))))
        #expect(Self.near(try #require(got.interleaved).target, tiles.together(moved.map(\.target))))
        for tile in 0..<tiles.count {
            let rows = tile * tiles.tilePatchCount..<(tile + 1) * tiles.tilePatchCount
            #expect(Self.near(got.context.rows(rows), own[tile].context))
            #expect(Self.near(got.patchTokens.rows(rows), own[tile].patchTokens))
            #expect(Self.near(try #require(got.interleaved).context.rows(rows), moved[tile].context))
        }
    }

    /// Equal up to the rounding of products of other sizes; the numbers are about 1.
    static func near(_ a: Matrix<Float>, _ b: Matrix<Float>) -> Bool {
        a.rows == b.rows && zip(a.storage, b.storage).allSatisfy { abs($0 - $1) <= 1e-4 }
    }

    @Test("A pixel that is not a number is a rejection", arguments: [Float.nan, .infinity])
    func notFinite(bad: Float) {
        let sound = Self.image(seed: 4)
        var pixels = sound.pixels
        pixels[100] = bad
        let image = DecodedImage(
            intake: sound.intake, picture: sound.picture, pixels: pixels, geometry: sound.geometry)
        let embedder = Embedder(model: Self.model(), lowLevel: nil, gridRows: 3, gridColumns: 5)
        let error = #expect(throws: Rejection.self) { try embedder.embed(image) }
        #expect(error?.reason == .notFinite && error?.stage == .embed)
        // And leaves nothing behind.
        #expect(throws: Never.self) { try embedder.embed(sound) }
    }
}
