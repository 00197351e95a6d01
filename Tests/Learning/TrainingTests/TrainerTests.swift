import Checkpoint
import Defects
import Foundation
import Network
import Numerics
import TestFolders
import Testing

@testable import Training

@Suite("Trainer")
struct TrainerTests {
    static func model(seed: UInt64 = 1) -> InspectionModel<Float> {
        var random = RandomSource(seed: seed)
        return InspectionModel(
            shape: ModelShape(
                source: .trained,
                encoder: EncoderShape(
                    patchSize: 8, width: 16, depth: 2, heads: 2, hasClassToken: false, learnedPositionSide: 0),
                targetBlocks: [1, 2], lowLevelWidth: 0, predictorWidth: 16, predictorDepth: 1, predictorHeads: 2,
                hasDamageHead: true), using: &random)
    }

    static func options(steps: Int, workers: Int = 2, minutes: Double = 100) -> TrainingOptions {
        TrainingOptions(minutes: minutes, steps: steps, batchSize: 6, warmupSteps: 3, workers: workers)
    }

    static func trainer(_ options: TrainingOptions, images: TrainingImages = MadeTextures.images(4)) throws -> Trainer {
        try Trainer(
            model: model(), lowLevel: nil, images: images, options: options,
            space: PixelSpace(mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25]))
    }

    static func run(
        _ trainer: Trainer, resume: TrainingState? = nil, stopAfter: Int = .max,
        save: @escaping (TrainingState) throws -> Void = { _ in }
    ) throws -> [Float] {
        var trainer = trainer
        var asked = 0
        return try trainer.run(
            resume: resume, progress: { _ in }, save: save,
            shouldStop: {
                asked += 1
                return asked > stopAfter
            }
        ).store.values
    }

    @Test("Fixed steps give the same parameters to the bit with one worker, two and three")
    func workers() throws {
        let one = try Self.run(Self.trainer(Self.options(steps: 7, workers: 1)))
        #expect(one != Self.model().store.values)
        for workers in [2, 3] { #expect(try Self.run(Self.trainer(Self.options(steps: 7, workers: workers))) == one) }
        #expect(try Self.run(Self.trainer(Self.options(steps: 8))) != one)
    }

    /// With two pictures in four views every shard soon meets targets that another has computed, or has not yet.
    @Test("A frozen encoder's training does not depend on which worker computed a target first")
    func frozenWorkers() throws {
        var random = RandomSource(seed: 8)
        let model = InspectionModel<Float>(
            shape: ModelShape(
                source: .imported,
                encoder: EncoderShape(
                    patchSize: 8, width: 16, depth: 2, heads: 2, hasClassToken: true, learnedPositionSide: 3),
                targetBlocks: [1, 2], lowLevelWidth: 0, predictorWidth: 16, predictorDepth: 1, predictorHeads: 2,
                hasDamageHead: true), using: &random)
        func run(_ workers: Int) throws -> [Float] {
            let options = TrainingOptions(
                minutes: 100, steps: 6, batchSize: 12, warmupSteps: 3, flipHorizontal: true, workers: workers)
            var trainer = try Trainer(
                model: model, lowLevel: nil, images: MadeTextures.images(2), options: options,
                space: PixelSpace(mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25]))
            return try trainer.run(progress: { _ in }, save: { _ in }, shouldStop: { false }).store.values
        }
        let one = try run(1)
        let range = model.learningRange
        #expect(one[range] != model.store.values[range])
        #expect(one[..<range.lowerBound] == model.store.values[..<range.lowerBound])
        for workers in [2, 3] { #expect(try run(workers) == one) }
    }

    @Test("Fixed steps end the training whatever the clock says, and the clock alone where there are none")
    func ends() throws {
        var steps: [Int] = []
        var fractions: [Double] = []
        var trainer = try Self.trainer(Self.options(steps: 5, minutes: 1e-9))
        var asked = 0
        _ = try trainer.run(
            progress: {
                steps.append($0.step)
                fractions.append($0.fraction)
            }, save: { _ in },
            shouldStop: {
                asked += 1
                return false
            })
        #expect(asked == 5 && steps.first == 1 && fractions.first == 0.2)
        let start = Date()
        _ = try Self.run(Self.trainer(Self.options(steps: 0, minutes: 0.005)))
        #expect((0.3...20).contains(Date().timeIntervalSince(start)))
    }

    @Test("A stopped training goes on from its checkpoint to the same parameters", arguments: [1, 4])
    func resume(after: Int) throws {
        let folder = try TemporaryFolder()
        let file = CheckpointFile(path: folder.path + "/checkpoint.safetensors", identity: "recipe-images")
        let whole = try Self.run(Self.trainer(Self.options(steps: 6)))
        #expect(try file.read(layout: Self.model().layout) == nil)
        let error = #expect(throws: TrainingError.self) {
            try Self.run(Self.trainer(Self.options(steps: 6)), stopAfter: after, save: { try file.write($0) })
        }
        guard case .stopped = error else {
            Issue.record("expected stopped, got \(String(describing: error))")
            return
        }
        let state = try #require(try file.read(layout: Self.model().layout))
        #expect(state.step == after && state.elapsed > 0)
        #expect(try Self.run(Self.trainer(Self.options(steps: 6, workers: 1)), resume: state) == whole)
        try file.remove()
        #expect(try file.read(layout: Self.model().layout) == nil)
    }

    @Test("A checkpoint of another training, another network or a damaged one is refused")
    func badCheckpoints() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/checkpoint.safetensors"
        let file = CheckpointFile(path: path, identity: "a")
        let layout = Self.model().layout
        let state = TrainingState(
            store: Self.model().store, firstMoments: [Float](repeating: 1, count: layout.count),
            secondMoments: [Float](repeating: 2, count: layout.count), step: 12, elapsed: 3.5)
        try file.write(state)
        let read = try #require(try file.read(layout: layout))
        #expect(read.store.values == state.store.values && read.step == 12 && read.elapsed == 3.5)
        #expect(read.firstMoments == state.firstMoments && read.secondMoments == state.secondMoments)
        let error = #expect(throws: TrainingError.self) {
            try CheckpointFile(path: path, identity: "b").read(layout: layout)
        }
        guard case .checkpointMismatch(path, "b", "a") = error else {
            Issue.record("expected checkpointMismatch, got \(String(describing: error))")
            return
        }
        var other = layout
        _ = other.add("more", columns: 1, .zeros)
        #expect(throws: CheckpointError.self) { try file.read(layout: other) }
        let sound = try Data(contentsOf: URL(fileURLWithPath: path))
        for length in [0, 7, 100, sound.count - 1] {
            try sound.prefix(length).write(to: URL(fileURLWithPath: path))
            #expect(throws: CheckpointError.self, "cut to \(length)") { try file.read(layout: layout) }
        }
        for (key, value) in [("step", "-1"), ("step", "many"), ("elapsed", "nan"), ("elapsed", "-2")] {
            var writer = SafetensorsWriter()
            for name in ["parameters", "first_moments", "second_moments"] {
                try writer.add(name, shape: [layout.count], [Float](repeating: 0, count: layout.count))
            }
            writer.metadata = ["identity": "a", "step": "1", "elapsed": "1"]
            writer.metadata[key] = value
            try writer.encoded().write(to: URL(fileURLWithPath: path))
            #expect(throws: CheckpointError.self, "\(key) \(value)") { try file.read(layout: layout) }
        }
    }

    @Test("A gradient that is not finite stops the training by name")
    func notFinite() throws {
        var images = MadeTextures.images(3)
        var planes = images.pixels(0)
        planes[500] = .nan
        for _ in 0..<3 { images.append(planes) }
        let error = #expect(throws: TrainingError.self) {
            try Self.run(Self.trainer(Self.options(steps: 20), images: images))
        }
        guard case .notFinite(let step, _) = error else {
            Issue.record("expected notFinite, got \(String(describing: error))")
            return
        }
        #expect(step < 5)
    }

    @Test("A single picture is refused")
    func tooFewImages() {
        let error = #expect(throws: TrainingError.self) {
            try Self.trainer(Self.options(steps: 1), images: MadeTextures.images(1))
        }
        #expect(error?.description.contains("expected at least 2 good images, found 1") == true)
    }

    @Test("Collapse: a point has rank 0, a line 1, noise nearly all its dimensions")
    func collapse() {
        var random = RandomSource(seed: 3)
        let point = CollapseProbe(Matrix(rows: 50, columns: 8, storage: [Float](repeating: 0.7, count: 400)))
        #expect(point.effectiveRank < 1.01 && point.deviation < 1e-5)
        let direction = (0..<8).map { _ in Float(random.normal()) }
        var line = Matrix<Float>(rows: 50, columns: 8)
        for row in 0..<50 {
            let size = Float(random.normal())
            for column in 0..<8 { line[row, column] = 1 + size * direction[column] }
        }
        #expect(abs(CollapseProbe(line).effectiveRank - 1) < 0.01 && CollapseProbe(line).deviation > 0.3)
        let noise = CollapseProbe(
            Matrix(rows: 2000, columns: 8, storage: (0..<16_000).map { _ in Float(random.normal()) }))
        #expect(noise.effectiveRank > 7.9 && abs(noise.deviation - 1) < 0.05)
        // Of many dimensions a stride is looked at; a collapse shows there too.
        let wide = CollapseProbe(Matrix(rows: 20, columns: 192, storage: [Float](repeating: -2, count: 3840)))
        #expect(wide.deviation < 1e-5)
    }
}
