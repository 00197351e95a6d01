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
        let raw = LowLevelTargets.descriptors(pixels: image.pixels, height: 12, width: 20, patchSize: 4)
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

    @Test("The interleaved grid is the embedding of the picture moved by half a patch, and leaves the first as it is")
    func interleaved() throws {
        let image = Self.image(seed: 5)
        let low = LowLevelTargets(
            fitting: LowLevelTargets.descriptors(pixels: image.pixels, height: 12, width: 20, patchSize: 4),
            patchSize: 4, width: 6)
        let model = Self.model(lowLevel: 6)
        let plain = Embedder(model: model, lowLevel: low, gridRows: 3, gridColumns: 5)
        let both = Embedder(model: model, lowLevel: low, gridRows: 3, gridColumns: 5, interleaved: true)
        let moved = DecodedImage(
            intake: image.intake, picture: image.picture,
            pixels: HalfPatch.moved(image.pixels, height: 12, width: 20, patchSize: 4), geometry: image.geometry)
        let wanted = try plain.embed(moved)
        let got = try both.embed(image)
        let alone = try plain.embed(image)
        #expect(alone.interleaved == nil)
        #expect(got.target == alone.target && got.context == alone.context && got.patchTokens == alone.patchTokens)
        #expect(got.interleaved?.target == wanted.target && got.interleaved?.context == wanted.context)
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
