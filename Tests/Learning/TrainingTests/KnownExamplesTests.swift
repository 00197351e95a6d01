import Describe
import Foundation
import Handover
import Imaging
import Language
import Network
import Numerics
import Pipeline
import Recipe
import TestFolders
import Testing

@testable import Training

/// Known defects of a made line, from their folder to the names of flagged places.
@Suite("Names from known defects", .serialized)
struct KnownExamplesTests {
    /// Chequered squares and dark bars, marked and captioned as a user would.
    static func folder(_ count: Int) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for path in ["test/moth_hole", "test/burn", "ground_truth/moth_hole", "ground_truth/burn"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + "/" + path, withIntermediateDirectories: true)
        }
        for number in 0..<count {
            for kind in ["moth_hole", "burn"] {
                let (image, mask) = picture(kind, number)
                try image.pngData().write(to: URL(fileURLWithPath: "\(folder.path)/test/\(kind)/\(number).png"))
                try mask.pngData().write(
                    to: URL(fileURLWithPath: "\(folder.path)/ground_truth/\(kind)/\(number)_mask.png"))
            }
        }
        try Data("path,caption\ntest/burn,scorched bar\n".utf8).write(
            to: URL(fileURLWithPath: folder.path + "/captions.csv"))
        return folder
    }

    static func picture(_ kind: String, _ number: Int) -> (image: Image, mask: Image) {
        let (x, y) = (14 + number * 11 % 36, 14 + number * 17 % 36)
        var mask = Image(width: 64, height: 64, colour: [0])
        var image = MadeTextures.damaged(700 + number, x: x, y: y, half: 5)
        if kind == "burn" { image = MadeTextures.good(800 + number) }
        let (across, down) = kind == "burn" ? (14, 3) : (5, 5)
        for py in max(0, y - down)..<min(64, y + down) {
            for px in max(0, x - across)..<min(64, x + across) {
                mask.pixels[py * 64 + px] = 255
                if kind == "burn" { for c in 0..<3 { image.pixels[(py * 64 + px) * 3 + c] = UInt8(10 + 8 * c) } }
            }
        }
        return (image, mask)
    }

    static func recipe() -> Recipe {
        var recipe = LineTrainerTests.recipe(.trained, steps: 40)
        recipe.language.source = .trained
        recipe.language.samples = 96
        return recipe
    }

    static func train(_ recipe: Recipe, examples: String?, workers: Int = 2) throws -> TrainedLine {
        let good = try TemporaryFolder()
        return try LineTrainer(
            recipe: recipe, encoderFile: nil, examplesFolder: examples, workers: workers, nearestRate: false
        ).run(good: good.goodParts(0..<32), checkpoint: nil, report: { _ in }, shouldStop: { false })
    }

    @Test("They name what they show, change nothing of what is flagged, and depend on no number of workers")
    func names() throws {
        let folder = try Self.folder(10)
        let plain = try Self.train(Self.recipe(), examples: nil)
        let taught = try Self.train(Self.recipe(), examples: folder.path)
        #expect(taught.model.statistics == plain.model.statistics)
        #expect(taught.model.network.store.values == plain.model.network.store.values)
        #expect(taught.dataSHA256 == plain.dataSHA256)
        let language = try #require(taught.model.language)
        #expect(language.region.vocabulary.labels.suffix(2) == ["burn", "moth hole"])
        let alone = try Self.train(Self.recipe(), examples: folder.path, workers: 1)
        #expect(alone.model.language?.region.store.values == language.region.store.values)

        // Parts that were not learned from: the worst place gets the right one of both names.
        let inspector = Inspector(model: taught.model, limits: .standard)
        var right = 0
        for number in 20..<30 {
            for kind in ["moth_hole", "burn"] {
                let part = try inspector.inspect(MadeTextures.intake(Self.picture(kind, number).image))
                let words = try #require(part.regions.first?.description)
                let said = ([words.label] + words.alternatives.map(\.label)).first {
                    ["moth hole", "burn"].contains($0)
                }
                if said == kind.replacingOccurrences(of: "_", with: " ") { right += 1 }
            }
        }
        #expect(right >= 17, "\(right) of 20")
    }

    @Test("Each picture gives an example of each view that the recipe allows, with found places beside the told one")
    func views() throws {
        let folder = try Self.folder(2)
        let line = try Self.train(Self.recipe(), examples: nil)
        let known = try KnownDefects.read(folder.path, limits: .standard) { path, why in
            Issue.record("\(path): \(why)")
        }
        for (flips, count) in [(false, 1), (true, 4)] {
            let examples = KnownExamples(
                known: known, model: line.model, limits: .standard, flipsHorizontal: flips, flipsVertical: flips,
                seed: 1
            ).make(workers: 2) {}
            #expect(examples.count == 4 && examples.allSatisfy { $0.count == count })
            #expect(examples.flatMap { $0 }.allSatisfy { $0.rows.count >= 3 }, "the defects are found")
            #expect(Set(examples.flatMap { $0.map { $0.rows[0] } }).count == 4 * count, "views differ")
        }
    }

    @Test("A folder that is not there is said before anything is read or trained")
    func missing() throws {
        let events = LockedValue(0)
        let error = #expect(throws: KnownDefectsError.self) {
            try LineTrainer(
                recipe: Self.recipe(), encoderFile: nil, examplesFolder: "/no/such/folder", workers: 1,
                nearestRate: false
            ).run(
                good: ["/none.png"], checkpoint: nil, report: { _ in events.withLock { $0 += 1 } },
                shouldStop: { false })
        }
        #expect(error?.description.contains("language.examples") == true && events.withLock { $0 } == 0)
    }
}
