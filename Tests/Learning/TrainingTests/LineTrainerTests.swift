import Checkpoint
import Decode
import Describe
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Pipeline
import Predict
import Recipe
import Score
import TestFolders
import Testing

@testable import Training

/// The whole way on a made line: pictures → training → calibration → verdict.
@Suite("From good pictures to verdicts", .serialized)
struct LineTrainerTests {
    static func recipe(_ source: Recipe.Encoder.Source, steps: Int) -> Recipe {
        var recipe = Recipe.defaults(line: "made", encoder: source, encoderFile: "")
        recipe.image = .init(width: 64, height: 64)
        recipe.encoder.patchSize = 8
        recipe.encoder.width = source == .trained ? 32 : 64
        recipe.encoder.depth = 2
        recipe.encoder.heads = source == .trained ? 2 : 1
        recipe.encoder.targetBlocks = source == .trained ? [2] : [1, 2]
        recipe.predictor.width = 32
        recipe.predictor.depth = 2
        recipe.predictor.heads = 2
        recipe.training.steps = steps
        recipe.calibration.overkillRate = 0.1
        recipe.calibration.reviewRate = 0.2
        recipe.calibration.heldOutFraction = 0.4
        recipe.language.source = .none
        return recipe
    }

    static func train(
        _ recipe: Recipe, parts: Int = 32, tint: Double = 0, encoder: String? = nil, workers: Int = 2,
        nearestRate: Bool = false
    ) throws -> TrainedLine {
        let folder = try TemporaryFolder()
        return try LineTrainer(recipe: recipe, encoderFile: encoder, workers: workers, nearestRate: nearestRate).run(
            good: folder.goodParts(0..<parts, tint: tint), checkpoint: nil, report: { _ in }, shouldStop: { false })
    }

    /// Random numbers under timm's names: even an encoder that has learned nothing tells a hole in a surface.
    static func writeEncoder(to path: String) throws {
        let shape = EncoderShape(
            patchSize: 8, width: 64, depth: 3, heads: 1, hasClassToken: true, learnedPositionSide: 8)
        var layout = ParameterLayout()
        _ = Encoder(&layout, prefix: "", shape: shape)
        var random = RandomSource(seed: 21)
        let store = ParameterStore<Float>(initialising: layout, using: &random)
        var writer = SafetensorsWriter()
        for parameter in layout.parameters {
            let dimensions: [Int] =
                switch parameter.name {
                case "patch_embed.proj.weight": [64, 3, 8, 8]
                case "cls_token": [1, 1, 64]
                case "pos_embed": [1, parameter.rows, 64]
                default: parameter.rows == 1 ? [parameter.columns] : [parameter.rows, parameter.columns]
                }
            try writer.add(parameter.name, shape: dimensions, Array(store[parameter]))
        }
        try writer.encoded().write(to: URL(fileURLWithPath: path))
    }

    /// A card that tells nothing but the model's architecture.
    static func card(_ model: LoadedModel) -> ModelCard {
        ModelCard(
            name: "made", architecture: model.encoder.architecture, recipeSHA256: String(repeating: "a", count: 64),
            dataSHA256: String(repeating: "b", count: 64), seed: 1, versions: [:],
            createdAt: Date(timeIntervalSince1970: 1_700_000_000), trainSeconds: 1, metrics: [:])
    }

    @Test("Weights whose patches are not the recipe's are refused with both numbers and what to change")
    func otherPatchSize() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/encoder.safetensors"
        try Self.writeEncoder(to: file)
        var recipe = Self.recipe(.imported, steps: 2)
        recipe.encoder.patchSize = 16
        let error = #expect(throws: TrainingError.self) { try Self.train(recipe, encoder: file) }
        let text = error?.description ?? ""
        #expect(text.contains("expected 8") && text.contains("got 16") && text.contains("image.width"), "\(text)")
    }

    /// Every obvious defect fails, with the map's peak on it, in the middle, at every border and in every corner.
    /// - Parameter most: good parts of 40 that may fail where 10 % are expected to.
    static func expectDefectsFound(_ line: TrainedLine, most: Int = 14, _ comment: String) throws {
        let inspector = Inspector(model: line.model, limits: .standard)
        let places = [4, 18, 30, 46, 60]
        for y in places {
            for x in places {
                let part = try inspector.inspect(
                    MadeTextures.intake(MadeTextures.damaged(500 + x + 64 * y, x: x, y: y)))
                #expect(part.score >= 1 && part.verdict == .fail, "\(comment): (\(x), \(y)) scores \(part.score)")
                let peak = try #require(part.anomalyMap.indices.max { part.anomalyMap[$0] < part.anomalyMap[$1] })
                #expect(part.anomalyMap[peak] == Float(part.score))
                let geometry = part.image.geometry
                let side = 64 / geometry.gridColumns
                let column = peak % geometry.gridColumns * side + side / 2
                let row = peak / geometry.gridColumns * side + side / 2
                let dx = abs(column - x)
                let dy = abs(row - y)
                // The defect reaches 6 pixels from its centre; half a patch is 4.
                #expect(max(dx, dy) <= 10, "\(comment): (\(x), \(y)) peaks at \(column), \(row)")
                #expect(part.regions.contains { $0.peakX == column && $0.peakY == row })
            }
        }
        let verdicts = try (0..<40).map {
            try inspector.inspect(MadeTextures.intake(MadeTextures.good(10_000 + $0))).verdict
        }
        // 10 % is promised on average over calibrations; one on 13 parts may do worse.
        #expect(verdicts.count { $0 == .fail } <= most, "\(comment): \(verdicts.count { $0 == .fail }) of 40 good fail")
    }

    @Test("An encoder trained here finds planted defects everywhere, and good parts pass")
    func trainedHere() throws {
        let line = try Self.train(Self.recipe(.trained, steps: 80), parts: 64)
        #expect(line.trainingCount == 38 && line.heldOutCount == 26 && line.samples >= 1)
        #expect(
            line.model.statistics.arms.map(\.name)
                == [
                    "masked.2", "repair", "place", "mixture", "damage", "repair.interleaved", "place.interleaved",
                    "mixture.interleaved", "damage.interleaved",
                ])
        // masked.2 a quarter, repair and damage a half, the place double, the mixture four times; grey parts, so no hues.
        #expect(line.model.statistics.arms.map(\.weight) == [0.25, 0.5, 2, 4, 0.5, 0.5, 2, 4, 0.5])
        #expect(line.model.lowLevel?.hasColour == false)
        // One calibration on 26 parts: beyond 11 lie 2.5 % of them (beta-binomial).
        try Self.expectDefectsFound(line, most: 11, "trained")
    }

    /// The same disc with the colour of others: its grey values, and so its gradients, are nearly those of a good part.
    @Test("Of coloured parts hues are learned too, and a part of the other colour fails")
    func coloured() throws {
        let line = try Self.train(Self.recipe(.trained, steps: 80), parts: 64, tint: 40)
        #expect(line.model.lowLevel?.hasColour == true && line.model.network.shape.lowLevelWidth == 32)
        let inspector = Inspector(model: line.model, limits: .standard)
        func failed(_ tint: Double) throws -> Int {
            try (0..<20).count {
                try inspector.inspect(MadeTextures.intake(MadeTextures.good(10_000 + $0, tint: tint))).verdict == .fail
            }
        }
        #expect(try failed(-40) == 20)
        // 10 % are expected; beyond 6 of 20 lie 2.5 % of calibrations on 26 parts.
        #expect(try failed(40) <= 6)
    }

    @Test("Language gives names to what is flagged, and changes nothing of what is flagged")
    func language() throws {
        var recipe = Self.recipe(.trained, steps: 40)
        let silent = try Self.train(recipe)
        recipe.language.source = .trained
        recipe.language.samples = 96
        recipe.language.words = ["weld spatter"]
        let speaking = try Self.train(recipe)
        #expect(silent.model.language == nil)
        #expect(speaking.model.statistics == silent.model.statistics)
        #expect(speaking.model.network.store.values == silent.model.network.store.values)
        let language = try #require(speaking.model.language)
        #expect(language.region.vocabulary.labels.contains("weld spatter"))
        let damaged = try MadeTextures.intake(MadeTextures.damaged(9, x: 30, y: 30))
        let quiet = try Inspector(model: silent.model, limits: .standard).inspect(damaged)
        let told = try Inspector(model: speaking.model, limits: .standard).inspect(damaged)
        #expect(quiet.score == told.score && quiet.anomalyMap == told.anomalyMap && told.verdict == .fail)
        let words = try #require(told.regions.first?.description)
        #expect(language.region.vocabulary.labels.contains(words.label) || words.label == "unknown")
        #expect(quiet.regions.allSatisfy { $0.description == nil })

        // A bundle keeps it; words are read in the same space.
        let folder = try TemporaryFolder()
        let model = speaking.model
        try ModelFolder.write(model, card: Self.card(model), to: folder.path)
        let read = try #require(try ModelFolder(folder.path).model.language)
        #expect(read.identity == language.identity)
        #expect(read.region.vocabulary.labels == language.region.vocabulary.labels)
        let embeddings = try read.embeddings(of: ["a long scratch", "", "\u{1F600} %s"])
        #expect(embeddings == (try language.embeddings(of: ["a long scratch", "", "\u{1F600} %s"])))
        // A changed byte is refused.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/language.safetensors"))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: folder.path + "/language.safetensors"))
        #expect(throws: CheckpointError.self) { try ModelFolder(folder.path) }
        // A model without language that takes its place leaves none behind.
        try ModelFolder.write(silent.model, card: Self.card(silent.model), to: folder.path)
        #expect(try ModelFolder(folder.path).model.language == nil)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/language.safetensors"))
    }

    @Test("Missing text weights are said before anything is trained")
    func missingText() throws {
        var recipe = Self.recipe(.trained, steps: 40)
        recipe.language.source = .imported
        recipe.language.file = "/no/such/folder"
        let folder = try TemporaryFolder()
        let good = try folder.goodParts(0..<32)
        let events = LockedValue(0)
        #expect(throws: CheckpointError.self) {
            try LineTrainer(
                recipe: recipe, encoderFile: nil, textFolder: "/no/such/folder", workers: 2, nearestRate: false
            ).run(good: good, checkpoint: nil, report: { _ in events.withLock { $0 += 1 } }, shouldStop: { false })
        }
        #expect(events.withLock { $0 } == 0)
    }

    @Test("A frozen, imported encoder finds them too")
    func imported() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/encoder.safetensors"
        try Self.writeEncoder(to: file)
        let line = try Self.train(Self.recipe(.imported, steps: 80), encoder: file)
        #expect(line.model.network.shape.encoder.depth == 2, "only the blocks up to the last target are kept")
        #expect(
            line.model.statistics.arms.map(\.name)
                == [
                    "masked.2", "repair", "place", "mixture", "low-level", "damage", "repair.interleaved",
                    "place.interleaved", "mixture.interleaved", "low-level.interleaved", "damage.interleaved",
                ])
        // masked.2 a quarter, repair a half, mixture and damage one and a half.
        #expect(line.model.statistics.arms.map(\.weight) == [0.25, 0.5, 1, 1.5, 1, 1.5, 0.5, 1, 1.5, 1, 1.5])
        #expect(line.model.network.shape.lowLevelWidth == 0 && line.model.lowLevel?.width == 24)
        let published = try SafetensorsFile(path: file)
        let weight = line.model.network.encoder.embedWeight
        #expect(Array(line.model.network.store[weight]) == (try published.floats("patch_embed.proj.weight")))
        try Self.expectDefectsFound(line, "imported")

        // A recipe that does not want them has none in its bundle.
        var recipe = Self.recipe(.imported, steps: 2)
        recipe.scoring.lowLevel = false
        let without = try Self.train(recipe, encoder: file)
        #expect(without.model.lowLevel == nil)
        #expect(!without.model.statistics.arms.contains { $0.family == "low-level" })
    }

    @Test(
        "A softer lens and files compressed harder than any good picture had do not fail the parts",
        arguments: [true, false])
    func disturbed(isImported: Bool) throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/encoder.safetensors"
        try Self.writeEncoder(to: file)
        let line = try Self.train(
            Self.recipe(isImported ? .imported : .trained, steps: 80), parts: 64, encoder: isImported ? file : nil)
        try Self.expectDefectsFound(line, most: 11, "imported \(isImported)")
        let inspector = Inspector(model: line.model, limits: .standard)
        // Calibrated on pictures as they are alone, 19 and 35 of 40 fail with the imported encoder, 40 and 32 with the one
        // trained here.
        for disturbance in isImported ? [Disturbance.blur(1), .jpeg(60)] : [.blur(0.6), .jpeg(80)] {
            var random = RandomSource(seed: 9)
            let failed = try (0..<40).count {
                let image = try disturbance.applied(to: MadeTextures.good(10_000 + $0), using: &random)
                return try inspector.inspect(MadeTextures.intake(image)).verdict == .fail
            }
            #expect(failed <= 11, "\(disturbance.title), imported \(isImported): \(failed) of 40")
        }
    }

    @Test("Fixed steps give the same model to the bit with one worker and two, calibration included")
    func repeats() throws {
        let recipe = Self.recipe(.trained, steps: 6)
        let one = try Self.train(recipe, parts: 26, workers: 1)
        let two = try Self.train(recipe, parts: 26, workers: 2)
        #expect(one.model.network.store.values == two.model.network.store.values)
        #expect(one.model.statistics == two.model.statistics && one.dataSHA256 == two.dataSHA256)
    }

    @Test("The second pass is an arm of its own where the recipe asks for it, calibrated on the same procedure")
    func secondPass() throws {
        var recipe = Self.recipe(.trained, steps: 3)
        recipe.mask.secondPass = true
        recipe.mask.secondPassShare = 0.1
        let line = try Self.train(recipe, parts: 26)
        #expect(line.model.predictOptions.secondPassShare == 0.1)
        let arm = try #require(line.model.statistics.arms.first { $0.name == "second" })
        #expect(arm.family == "second" && arm.expected != nil && arm.heatScale != nil && !arm.isInterleaved)
        let masked = try #require(line.model.statistics.arms.first { $0.name == "masked.2" })
        #expect(arm.expected != masked.expected)
        // What calibration saw is what inspection sees: the same arms, and a finite score.
        let inspector = Inspector(model: line.model, limits: .standard)
        let intake = try MadeTextures.intake(MadeTextures.good(900))
        #expect(try inspector.predict(intake).arms.map(\.name) == ["masked.2", "repair", "second"])
        #expect(try inspector.inspect(intake).score.isFinite)
        recipe.mask.secondPass = false
        let without = try Self.train(recipe, parts: 26)
        #expect(!without.model.statistics.arms.contains { $0.name == "second" })
        #expect(without.model.network.store.values == line.model.network.store.values)
    }

    @Test("Too few good pictures are refused with the number needed; the nearest rate is taken when asked for")
    func tooFewImages() throws {
        var recipe = Self.recipe(.trained, steps: 3)
        recipe.calibration.overkillRate = 0.005
        let error = #expect(throws: TrainingError.self) { try Self.train(recipe, parts: 20) }
        guard case .tooFewImages(20, 398, _) = error else {
            Issue.record("expected tooFewImages, got \(String(describing: error))")
            return
        }
        #expect(error?.description.contains("needs 199 of them held out") == true)
        let near = try Self.train(recipe, parts: 20, nearestRate: true)
        #expect(near.model.statistics.overkillRate == 1 / Double(near.heldOutCount + 1))
        for parts in [0, 1, 7] {
            #expect(throws: TrainingError.self) { try Self.train(recipe, parts: parts, nearestRate: true) }
        }
    }

    @Test("Files that are no pictures are left out and named")
    func skipped() throws {
        let folder = try TemporaryFolder()
        var files = try folder.goodParts(0..<26)
        let bad = folder.path + "/zz.png"
        try Data("not a picture".utf8).write(to: URL(fileURLWithPath: bad))
        files.append(bad)
        files.append(folder.path + "/absent.png")
        let skipped = LockedValue<[String]>([])
        let line = try LineTrainer(
            recipe: Self.recipe(.trained, steps: 2), encoderFile: nil, workers: 2, nearestRate: false
        ).run(
            good: files, checkpoint: nil,
            report: { event in if case .skipped(let path, _) = event { skipped.withLock { $0.append(path) } } },
            shouldStop: { false })
        #expect(skipped.withLock { $0 } == [bad, folder.path + "/absent.png"])
        #expect(line.trainingCount + line.heldOutCount == 26)
    }

    @Test("An encoder with fewer blocks than the recipe's targets is refused")
    func tooShallow() throws {
        let folder = try TemporaryFolder()
        try Self.writeEncoder(to: folder.path + "/encoder.safetensors")
        var recipe = Self.recipe(.imported, steps: 2)
        recipe.encoder.targetBlocks = [2, 9]
        let error = #expect(throws: TrainingError.self) {
            try Self.train(recipe, parts: 26, encoder: folder.path + "/encoder.safetensors")
        }
        #expect(error?.description.contains("[2, 9]") == true && error?.description.contains("1…3") == true)
    }
}
