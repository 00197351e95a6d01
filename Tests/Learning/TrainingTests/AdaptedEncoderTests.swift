import Checkpoint
import Defects
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Pipeline
import Recipe
import TestFolders
import Testing

@testable import Training

/// Published weights that go on learning on a line, at a pace of their own: small random encoders of several families.
@Suite("An adapted encoder", .serialized)
struct AdaptedEncoderTests {
    static let steps = 10

    static func weights(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Core/CheckpointTests/Golden/encoders/\(name).safetensors")
            .standardizedFileURL.path
    }

    static func recipe(_ source: Recipe.Encoder.Source, _ published: PublishedEncoder) -> Recipe {
        var recipe = LineTrainerTests.recipe(source, steps: steps)
        recipe.encoder.patchSize = published.shape.patchSize
        recipe.encoder.targetBlocks = Array(1...published.shape.depth)
        recipe.image = .init(width: 5 * published.shape.patchSize, height: 4 * published.shape.patchSize)
        recipe.predictor.depth = 1
        recipe.training.batchSize = 4
        recipe.training.warmupSteps = 2
        return recipe
    }

    /// The network as training found it.
    static func start(_ network: InspectionModel<Float>, _ published: PublishedEncoder) throws -> InspectionModel<Float>
    {
        var start = network
        try published.load(into: &start)
        return start
    }

    /// How far each of the encoder's tensors moved at most, the positions of patches by themselves.
    static func moves(_ network: InspectionModel<Float>, from start: InspectionModel<Float>) -> [String: Float] {
        var result: [String: Float] = [:]
        for parameter in network.layout.parameters where parameter.name.hasPrefix("encoder.") {
            let moves = zip(network.store[parameter], start.store[parameter]).map { abs($0 - $1) }
            guard parameter == network.encoder.positions else {
                result[parameter.name] = moves.max()
                continue
            }
            let own = network.shape.encoder.positionedPrefix * network.shape.encoder.width
            if own > 0 { result["prefix positions"] = moves.prefix(own).max() }
            result["patch positions"] = moves.dropFirst(own).max()
        }
        return result
    }

    @Test(
        "Every tensor learns a little, positions of patches stay; the bundle gives the same model, and it inspects",
        arguments: ["timm_vit", "timm_dinov2_reg4", "transformers_clip", "transformers_ijepa"])
    func adapts(name: String) throws {
        let published = try PublishedEncoder(SafetensorsFile(path: Self.weights(name)))
        let line = try LineTrainerTests.train(
            Self.recipe(.adapted, published), parts: 26, encoder: Self.weights(name))
        let network = line.model.network
        #expect(network.shape.source == .adapted && network.shape.lowLevelWidth == 0)
        #expect(line.model.mean == published.normalisation.mean)
        #expect(line.model.standardDeviation == published.normalisation.standardDeviation)

        // Adam's steps are about as long as their rate, here 0.05 of the peak 1e-3 at most.
        let most = Float(Double(Self.steps) * 0.05 * 1e-3) * 1.5
        for (tensor, move) in Self.moves(network, from: try Self.start(network, published)) {
            let stays = tensor == "patch positions"
            #expect(stays ? move == 0 : move > 0 && move <= most, "\(tensor) moved by \(move)")
        }

        let folder = try TemporaryFolder()
        try ModelFolder.write(line.model, card: LineTrainerTests.card(line.model), to: folder.path)
        let read = try ModelFolder(folder.path).model
        #expect(read.network.shape == network.shape && read.network.store.values == network.store.values)
        #expect(read.network.tokenMean == network.tokenMean && read.network.tokenScale == network.tokenScale)
        for image in [MadeTextures.good(900), MadeTextures.damaged(901, x: 30, y: 30)] {
            let intake = try MadeTextures.intake(image)
            let part = try Inspector(model: read, limits: .standard).inspect(intake)
            let same = try Inspector(model: line.model, limits: .standard).inspect(intake)
            #expect(part.score.isFinite && part.score == same.score && part.anomalyMap == same.anomalyMap)
        }
    }

    @Test("Frozen, the same encoder keeps every bit")
    func frozen() throws {
        let published = try PublishedEncoder(SafetensorsFile(path: Self.weights("timm_dinov2_reg4")))
        let line = try LineTrainerTests.train(
            Self.recipe(.imported, published), parts: 26, encoder: Self.weights("timm_dinov2_reg4"))
        let moves = Self.moves(line.model.network, from: try Self.start(line.model.network, published))
        #expect(moves.count > 10 && moves.values.allSatisfy { $0 == 0 }, "\(moves)")
    }

    static func model() -> InspectionModel<Float> {
        var random = RandomSource(seed: 8)
        return InspectionModel<Float>(
            shape: ModelShape(
                source: .adapted,
                encoder: EncoderShape(
                    patchSize: 8, width: 16, depth: 2, heads: 2, hasClassToken: true, learnedPositionSide: 3),
                targetBlocks: [1, 2], lowLevelWidth: 0, predictorWidth: 16, predictorDepth: 1, predictorHeads: 2,
                hasDamageHead: true), using: &random)
    }

    static func trainer(workers: Int = 2) throws -> Trainer {
        try Trainer(
            model: model(), lowLevel: nil, images: MadeTextures.images(4),
            options: TrainingOptions(minutes: 100, steps: 8, batchSize: 6, warmupSteps: 2, workers: workers),
            space: PixelSpace(mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25]))
    }

    @Test("It learns slower than the predictor, and not at all in the first step")
    func pace() throws {
        let model = Self.model()
        let range = model.layout.parameters.filter { $0.name.hasPrefix("predictor.") }.map(\.range)
        let first = try #require(range.map(\.lowerBound).min())
        var afterOne: [Float] = []
        _ = #expect(throws: TrainingError.self) {
            try TrainerTests.run(Self.trainer(), stopAfter: 1, save: { afterOne = $0.store.values })
        }
        #expect(afterOne[..<first] == model.store.values[..<first])
        #expect(afterOne[first...] != model.store.values[first...])
        let last = try TrainerTests.run(Self.trainer())
        let moves = zip(last, model.store.values).map { abs($0 - $1) }
        let (slow, fast) = (moves[..<first].max() ?? 0, moves[first...].max() ?? 0)
        #expect(slow > 0 && fast > 5 * slow, "\(slow), \(fast)")
    }

    @Test("Its training repeats to the bit with any number of workers, and goes on from a checkpoint to the same")
    func repeats() throws {
        let whole = try TrainerTests.run(Self.trainer(workers: 1))
        #expect(try TrainerTests.run(Self.trainer(workers: 3)) == whole)
        let folder = try TemporaryFolder()
        let file = CheckpointFile(path: folder.path + "/checkpoint.safetensors", identity: "a")
        _ = #expect(throws: TrainingError.self) {
            try TrainerTests.run(Self.trainer(), stopAfter: 4, save: { try file.write($0) })
        }
        let state = try #require(try file.read(layout: Self.model().layout))
        #expect(state.step == 4)
        #expect(try TrainerTests.run(Self.trainer(), resume: state) == whole)
    }
}
