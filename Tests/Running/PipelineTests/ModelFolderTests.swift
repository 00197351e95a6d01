import Checkpoint
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Predict
import Score
import TestFolders
import Testing

@testable import Pipeline

@Suite("Model folders")
struct ModelFolderTests {
    static func scores(_ model: LoadedModel) throws -> [ScoredPart] {
        let inspector = Inspector(model: model, limits: .standard)
        return try (0..<4 as Range<UInt64>).map { try inspector.inspect(MadeModel.intake($0)) }
    }

    @Test(
        "A model written and read again gives the same scores, maps and verdicts to the bit",
        arguments: [
            (nil, false, .trained), (0.05, false, .trained), (nil, true, .trained), (nil, true, .imported),
        ] as [(Double?, Bool, EncoderSource)])
    func roundTrip(secondPassShare: Double?, colour: Bool, source: EncoderSource) throws {
        let folder = try TemporaryFolder()
        let model = MadeModel.model(secondPassShare: secondPassShare, colour: colour, source: source)
        #expect(model.statistics.arms.contains { $0.name == "low-level.interleaved" } == (source == .imported))
        #expect(model.lowLevel?.hasColour == colour)
        #expect(model.statistics.arms.contains { $0.name == "second" } == (secondPassShare != nil))
        try ModelFolder.write(model, card: MadeModel.card(model), to: folder.path)
        let read = try ModelFolder(folder.path)
        #expect(read.model.statistics == model.statistics && read.model.predictOptions == model.predictOptions)
        #expect(read.model.network.store.values == model.network.store.values)
        #expect(read.model.lowLevel?.hasColour == colour)
        #expect(read.model.mean == model.mean && read.model.standardDeviation == model.standardDeviation)
        #expect(read.sha256.count == 64 && read.card.name == "made")
        let before = try Self.scores(model)
        let after = try Self.scores(read.model)
        for (a, b) in zip(before, after) {
            #expect(a.score == b.score && a.rawScore == b.rawScore && a.anomalyMap == b.anomalyMap)
            #expect(a.verdict == b.verdict && a.pValue == b.pValue && a.regions == b.regions)
        }
        #expect(Set(before.map(\.score)).count == 4)
        // Another model does not.
        #expect(try Self.scores(MadeModel.model(seed: 2, source: source)).map(\.score) != before.map(\.score))
    }

    @Test("Half-precision weights give close scores from a smaller file")
    func halfPrecision() throws {
        let folder = try TemporaryFolder()
        let model = MadeModel.model()
        try ModelFolder.write(model, card: MadeModel.card(model), precision: .f16, to: folder.path)
        let read = try ModelFolder(folder.path)
        #expect(read.model.network.store.values != model.network.store.values)
        #expect(read.model.statistics == model.statistics)
        for (a, b) in zip(try Self.scores(model), try Self.scores(read.model)) {
            #expect(abs(a.score - b.score) < 0.02 * max(1, abs(a.score)))
        }
    }

    @Test("A changed byte anywhere is refused", arguments: ["weights.safetensors", "calibration.safetensors"])
    func tampered(name: String) throws {
        let folder = try TemporaryFolder()
        let model = MadeModel.model()
        try ModelFolder.write(model, card: MadeModel.card(model), to: folder.path)
        let url = URL(fileURLWithPath: folder.path + "/" + name)
        let sound = try Data(contentsOf: url)
        for position in [9, sound.count / 2, sound.count - 1] {
            var bytes = sound
            bytes[position] ^= 4
            try bytes.write(to: url)
            let error = #expect(throws: CheckpointError.self) { try ModelFolder(folder.path) }
            guard case .wrongHash = error else {
                Issue.record("expected wrongHash, got \(String(describing: error))")
                continue
            }
        }
    }

    static func calibration(
        of model: LoadedModel = MadeModel.model(), _ change: (inout SafetensorsWriter) -> Void = { _ in }
    ) throws -> SafetensorsFile {
        var writer = try CalibrationFile.encode(model)
        change(&writer)
        return try SafetensorsFile(bytes: writer.encoded(), path: "calibration.safetensors")
    }

    @Test("A calibration of another architecture is refused by the tensor that does not fit")
    func otherArchitecture() throws {
        let architecture = MadeModel.architecture(MadeModel.model())
        #expect(throws: Never.self) {
            try CalibrationFile.read(Self.calibration(), architecture: architecture, lowLevelWidth: 5)
        }
        var taller = architecture
        taller.inputHeight += 8
        var wider = architecture
        wider.network.lowLevelWidth += 1
        var deeper = architecture
        deeper.network.predictorWidth += 12
        for other in [taller, wider, deeper] {
            let error = #expect(throws: CheckpointError.self) {
                try CalibrationFile.read(Self.calibration(), architecture: other, lowLevelWidth: 5)
            }
            guard case .wrongShape("calibration.safetensors", _, _, _) = error else {
                Issue.record("expected wrongShape, got \(String(describing: error))")
                continue
            }
        }
        // Low-level targets are predicted or lie beside those that are.
        let beside = MadeModel.model(source: .imported)
        let width = try #require(beside.lowLevel?.width)
        #expect(throws: Never.self) {
            try CalibrationFile.read(
                Self.calibration(of: beside), architecture: MadeModel.architecture(beside), lowLevelWidth: width)
        }
        for other in [nil, width + 1] {
            #expect(throws: CheckpointError.self) {
                try CalibrationFile.read(
                    Self.calibration(of: beside), architecture: MadeModel.architecture(beside), lowLevelWidth: other)
            }
        }
        var silent = architecture
        silent.network.hasDamageHead = false
        #expect(throws: CheckpointError.self) {
            try CalibrationFile.read(Self.calibration(), architecture: silent, lowLevelWidth: 5)
        }
    }

    /// What a file says of itself is checked before it is counted on: no trap, no absurd memory, no part that passes
    /// because of it.
    @Test(
        "A head that makes no sense is an error that names it",
        arguments: [
            ("\"topShare\":0.05", "\"topShare\":1e300", "topShare"),
            ("\"topShare\":0.05", "\"topShare\":0", "topShare"),
            ("\"topShare\":0.05", "\"topShare\":-1", "topShare"), ("\"topShare\":0.05", "\"topShare\":1e999", ""),
            ("\"topShare\":0.05", "\"topShare\":null", "topShare"), ("\"fail\":4.7", "\"fail\":2.1", "fail"),
            ("\"fail\":4.7", "\"fail\":-4.7", "fail"), ("\"review\":4.3", "\"review\":4.8", "review"),
            ("\"partitions\":4", "\"partitions\":1", "partitions"),
            ("\"partitions\":4", "\"partitions\":9223372036854775807", "partitions"),
            ("\"partitions\":4", "\"partitions\":1e40", ""),
            ("\"blockSizes\":[1,2]", "\"blockSizes\":[0,2]", "blockSizes"),
            ("\"blockSizes\":[1,2]", "\"blockSizes\":[1,9223372036854775807]", "blockSizes"),
            ("\"blockSizes\":[1,2]", "\"blockSizes\":[1]", "masked.2"),
            ("\"blockSizes\":[1,2]", "\"blockSizes\":[]", "masked"),
            ("\"repair\":true", "\"repair\":false", "repair"), ("\"repair\":true", "\"repair\":7", "repair"),
            ("\"name\":\"masked.1\"", "\"name\":\"masked.2\"", "masked.2"),
            ("\"name\":\"masked.1\"", "\"name\":\"masked.7\"", "masked.7"),
            ("\"floor\":0.3", "\"floor\":-0.3", "floor"), ("\"floor\":0.3", "\"floor\":0", "floor"),
            ("\"weight\":0.25", "\"weight\":0", "weight"), ("\"weight\":0.25", "\"weight\":-1", "weight"),
            ("\"weight\":0.25", "\"weight\":1e30", "weight"),
            ("\"overkillRate\":0.05", "\"overkillRate\":2", "overkillRate"), ("{", "[", ""), ("}", "", ""),
        ])
    func hostileHead(from: String, to: String, named: String) throws {
        let key = "nightshift.calibration"
        let architecture = MadeModel.architecture(MadeModel.model())
        let file = try Self.calibration { writer in
            let text = writer.metadata[key] ?? ""
            // Floats are written with all their digits.
            let plain = text.replacing("0.30000001192092896", with: "0.3")
            #expect(plain.contains(from), "\(plain)")
            writer.metadata[key] = plain.replacing(from, with: to, maxReplacements: 1)
        }
        let error = #expect(throws: CheckpointError.self) {
            try CalibrationFile.read(file, architecture: architecture, lowLevelWidth: 5)
        }
        #expect(
            error.map { named.isEmpty || $0.description.contains(named) } == true, "\(error?.description ?? "no error")"
        )
    }

    @Test("Without a second pass the file is what versions that knew none wrote, and it reads as one without")
    func noSecondPass() throws {
        let file = try Self.calibration()
        #expect(file.metadata["nightshift.calibration"]?.contains("second") == false)
        let read = try CalibrationFile.read(
            file, architecture: MadeModel.architecture(MadeModel.model()), lowLevelWidth: 5)
        #expect(read.options.secondPassShare == nil && !read.options.armNames.contains("second"))
    }

    @Test(
        "A second pass that cannot be made is an error that names it",
        arguments: [
            ("\"secondPassShare\":0.25", "\"secondPassShare\":0", "secondPassShare"),
            ("\"secondPassShare\":0.25", "\"secondPassShare\":1", "secondPassShare"),
            ("\"secondPassShare\":0.25", "\"secondPassShare\":-0.25", "secondPassShare"),
            ("\"secondPassShare\":0.25", "\"secondPassShare\":\"x\"", "secondPassShare"),
            ("\"blockSizes\":[1,2]", "\"blockSizes\":[]", "secondPassShare"),
            // The arm without the pass that feeds it.
            ("\"secondPassShare\":0.25", "\"secondPassShare\":null", "\"second\""),
        ])
    func hostileSecondPass(from: String, to: String, named: String) throws {
        let key = "nightshift.calibration"
        let model = MadeModel.model(secondPassShare: 0.25)
        let file = try Self.calibration(of: model) { writer in
            let text = writer.metadata[key] ?? ""
            #expect(text.contains(from), "\(text)")
            writer.metadata[key] = text.replacing(from, with: to, maxReplacements: 1)
        }
        let error = #expect(throws: CheckpointError.self) {
            try CalibrationFile.read(file, architecture: MadeModel.architecture(model), lowLevelWidth: 5)
        }
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "no error")")
    }

    @Test("A calibration without a head is a foreign file")
    func noHead() throws {
        let file = try Self.calibration { $0.metadata = ["other": "{}"] }
        let error = #expect(throws: CheckpointError.self) {
            try CalibrationFile.read(file, architecture: MadeModel.architecture(MadeModel.model()), lowLevelWidth: 5)
        }
        #expect(error?.description.contains("nightshift.calibration") == true)
    }
}
