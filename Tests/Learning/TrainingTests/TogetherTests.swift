import Checkpoint
import Defects
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Pipeline
import Recipe
import Score
import TestFolders
import Testing

@testable import Training

/// One network for two lines, told apart by their queries.
@Suite("Lines trained together", .serialized)
struct TogetherTests {
    static let products: [PartKind] = [.plate, .fabric]

    static func recipes(steps: Int) -> [Recipe] {
        products.map { kind in
            var recipe = LineTrainerTests.recipe(.trained, steps: steps)
            recipe.line = kind.rawValue
            recipe.query = kind == .plate ? "valve plate with four holes" : "woven twill fabric"
            return recipe
        }
    }

    /// PNG files of rendered good parts, sorted; the numbers of one call and another with the same start are the same.
    static func parts(_ kind: PartKind, _ numbers: Range<UInt64>, in folder: TemporaryFolder) throws -> [String] {
        let renderer = PartRenderer(kind: kind, width: 64, height: 64)
        return try numbers.map { number in
            var random = RandomSource(seed: 77, stream: number)
            let file = "\(folder.path)/\(kind.rawValue)-\(1000 + number).png"
            try renderer.render(defect: nil, using: &random).image.pngData().write(to: URL(fileURLWithPath: file))
            return file
        }
    }

    static func train(_ recipes: [Recipe], parts: UInt64, workers: Int = 2) throws -> [TrainedLine] {
        let folder = try TemporaryFolder()
        return try LineTrainer.run(
            recipes.map { LineTrainer(recipe: $0, encoderFile: nil, workers: workers, nearestRate: false) },
            good: products.map { try Self.parts($0, 0..<parts, in: folder) }, queries: try LineQueries(recipes),
            checkpoint: nil, report: { _ in }, shouldStop: { false })
    }

    @Test("A flawless part of the other line is flagged, and the query alone makes the damage head say so")
    func wrongPart() throws {
        let lines = try Self.train(Self.recipes(steps: 800), parts: 32)
        #expect(lines[0].model.network.store.values == lines[1].model.network.store.values)
        var means: [[[Double]]] = [[[], []], [[], []]]
        for (asked, line) in lines.enumerated() {
            let inspector = Inspector(model: line.model, limits: .standard)
            var scores: [[Double]] = [[], []]
            for (shown, kind) in Self.products.enumerated() {
                let renderer = PartRenderer(kind: kind, width: 64, height: 64)
                for number in 0..<12 as Range<UInt64> {
                    var random = RandomSource(seed: 1234, stream: number)
                    let intake = try MadeTextures.intake(renderer.render(defect: nil, using: &random).image)
                    let (part, prediction) = try inspector.inspectKeepingPrediction(intake)
                    scores[shown].append(part.score)
                    let damage = try #require(prediction.damage)
                    means[asked][shown].append(damage.reduce(0) { $0 + Double($1) } / Double(damage.count))
                }
            }
            let wrong = scores[1 - asked]
            #expect(wrong.min()! > scores[asked].max()!, "line \(asked): \(scores)")
            #expect(wrong.allSatisfy { $0 >= 1 }, "every wrong part fails: \(wrong)")
        }
        // The same pictures, the same parameters: only the query is another.
        for shown in 0..<2 {
            let (right, wrong) = (means[shown][shown], means[1 - shown][shown])
            for (a, b) in zip(right, wrong) {
                #expect(b > a + 1, "\(shown): log-odds \(a) under its query, \(b) under the other")
            }
        }
    }

    @Test("Fixed steps give the same lines to the bit with one worker and two")
    func repeats() throws {
        let one = try Self.train(Self.recipes(steps: 4), parts: 26, workers: 1)
        let two = try Self.train(Self.recipes(steps: 4), parts: 26, workers: 2)
        for (a, b) in zip(one, two) {
            #expect(a.model.network.store.values == b.model.network.store.values)
            #expect(a.model.statistics == b.model.statistics)
        }
        #expect(one[0].model.statistics != one[1].model.statistics && one[0].dataSHA256 != one[1].dataSHA256)
    }

    @Test("Bundles of lines trained together have the same weights, their own query, and give the same scores again")
    func bundles() throws {
        let lines = try Self.train(Self.recipes(steps: 3), parts: 26)
        let folder = try TemporaryFolder()
        var cards: [ModelCard] = []
        for (line, kind) in zip(lines, Self.products) {
            let path = folder.path + "/" + kind.rawValue
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            cards.append(try ModelFolder.write(line.model, card: LineTrainerTests.card(line.model), to: path))
            let read = try ModelFolder(path)
            #expect(read.model.query == line.model.query && read.card.query == line.model.query)
            let intake = try MadeTextures.intake(MadeTextures.good(3))
            let before = try Inspector(model: line.model, limits: .standard).inspect(intake)
            let after = try Inspector(model: read.model, limits: .standard).inspect(intake)
            #expect(before.score == after.score && before.anomalyMap == after.anomalyMap)
        }
        #expect(cards[0].files["weights.safetensors"] == cards[1].files["weights.safetensors"])
        #expect(cards[0].files["calibration.safetensors"] != cards[1].files["calibration.safetensors"])
        #expect(cards[0].query?.lines == ["plate": "valve plate with four holes", "fabric": "woven twill fabric"])
        #expect(cards[0].query?.tokens != cards[1].query?.tokens)

        // A query that the table does not have is refused before anything is inspected.
        let file = folder.path + "/plate/card.json"
        let sound = try String(contentsOfFile: file, encoding: .utf8)
        for (old, new) in [("\"tokens\" : [", "\"tokens\" : [ 99999,"), ("\"query\" : {", "\"unheard\" : {")] {
            let changed = sound.replacingOccurrences(of: old, with: new)
            #expect(changed != sound)
            try changed.write(toFile: file, atomically: true, encoding: .utf8)
            let error = #expect(throws: CheckpointError.self) { try ModelFolder(folder.path + "/plate") }
            guard case .badCard(_, let problem) = error else {
                Issue.record("expected badCard, got \(String(describing: error))")
                continue
            }
            #expect(problem.hasPrefix("query"), "\(problem)")
        }
    }

    @Test("Lines that cannot share a network, or be told apart in it, are refused with what to change")
    func refusals() throws {
        func sentence(_ change: (inout [Recipe]) -> Void) -> String {
            var recipes = Self.recipes(steps: 2)
            change(&recipes)
            return #expect(throws: TrainingError.self) { try LineQueries(recipes) }?.description ?? ""
        }
        let width = sentence { $0[1].predictor.width = 64 }
        #expect(
            width.contains("`predictor.width`") && width.contains("plate has 32") && width.contains("fabric has 64")
                && width.contains("train each line alone"), "\(width)")
        #expect(sentence { $0[1].image.width = 128 }.contains("`image.width`"))
        #expect(sentence { $0[0].seed = 5 }.contains("`seed`"))
        #expect(sentence { $0[1].query = " \n" }.contains("camera of line fabric"))
        let same = sentence { $0[1].query = "Valve plate  with four HOLES" }
        #expect(same.contains("plate and fabric") && same.contains("Valve plate"), "\(same)")
        // What is a line's own may differ.
        var recipes = Self.recipes(steps: 2)
        recipes[1].training.rotate = true
        recipes[1].calibration.overkillRate = 0.2
        recipes[1].scoring.place = false
        recipes[1].mask.blockSizes = [1]
        let queries = try LineQueries(recipes)
        #expect(queries.cards[0].tokens.count == 6 && queries.table.positions == 6)
        #expect(queries.table.tokens == 9, "begin, five words of the one and three of the other")
        #expect(Set(queries.cards.flatMap(\.tokens)) == Set(0..<9))
    }

    @Test("A hundred thousand characters, control characters and no words at all are queries or a clear error")
    func hostileQueries() throws {
        var recipes = Self.recipes(steps: 2)
        recipes[0].query = String(repeating: "plate %s \u{1F600} ", count: 10_000)
        recipes[1].query = "\u{202E}/../\u{0}"
        let queries = try LineQueries(recipes)
        #expect(queries.cards[0].tokens.count == LineQueries.longest && !queries.cards[1].tokens.isEmpty)
    }

    @Test("A share of the samples shows a whole part under the other query; each line comes as often, damaged or not")
    func samples() {
        let lines = [LinePictures(pictures: 0..<4, query: [0, 1]), LinePictures(pictures: 4..<5, query: [0, 2])]
        func drawer(_ lines: [LinePictures]) -> SampleDrawer {
            SampleDrawer(
                images: MadeTextures.images(5), options: TrainingOptions(minutes: 1, wrongPartShare: 0.2, seed: 3),
                patchSize: 8, space: PixelSpace(mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25]), lines: lines)
        }
        let drawn = (0..<600).map { drawer(lines).sample($0) }
        let wrong = drawn.filter(\.isWrongPart)
        #expect((90...150).contains(wrong.count), "\(wrong.count) of 600, expected about 120")
        for sample in drawn {
            let own = lines.firstIndex { $0.pictures.contains(sample.view.picture) }
            #expect((sample.query != own) == sample.isWrongPart)
            if sample.isWrongPart { #expect(sample.damage.isEmpty && sample.seen == sample.clean) }
        }
        for damaged in [false, true] {
            let some = drawn.filter { $0.damage.isEmpty != damaged }
            let second = some.count { $0.view.picture == 4 }
            #expect(abs(Double(second) / Double(some.count) - 0.5) < 0.1, "\(second) of \(some.count)")
        }
        #expect((0..<100).allSatisfy { !drawer([]).sample($0).isWrongPart })

        // All that is seen of a wrong part counts as damaged, and nothing of it is to be predicted.
        let sample = wrong[0]
        let rows = LossRows([sample], patchCount: 16, visibleWeight: 1)
        #expect(rows.weights.allSatisfy { $0 == 0 })
        #expect(rows.damage.prefix(sample.visible.count).allSatisfy { $0 == 1 })
        #expect(rows.damageWeights.prefix(sample.visible.count).allSatisfy { $0 == 0.25 })
        #expect(rows.damageWeights.dropFirst(sample.visible.count).allSatisfy { $0 == 0 })
    }
}
