import Foundation
import Network
import Testing

@testable import Checkpoint

@Suite("Model bundles")
struct ModelBundleTests {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bundle-\(UUID().uuidString)").path

    static let architecture = ArchitectureCard(
        network: ModelShape(
            source: .trained,
            encoder: EncoderShape(
                patchSize: 16, width: 192, depth: 6, heads: 3, hasClassToken: false, learnedPositionSide: 0),
            targetBlocks: [4, 6], lowLevelWidth: 64, predictorWidth: 192, predictorDepth: 3, predictorHeads: 3,
            hasDamageHead: true), inputWidth: 256, inputHeight: 192, mean: [0.5, 0.4, 0.3],
        standardDeviation: [0.25, 0.25, 0.1])

    static func card() -> ModelCard {
        ModelCard(
            name: "cap", architecture: architecture, recipeSHA256: String(repeating: "a", count: 64),
            dataSHA256: String(repeating: "b", count: 64), seed: UInt64.max, versions: ["nightshift": "0.1"],
            createdAt: Date(timeIntervalSince1970: 1_700_000_000), trainSeconds: 12.5, metrics: ["loss": 0.25])
    }

    /// Writes a small bundle into a fresh folder.
    func write(weight: Float = 1) throws -> ModelCard {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var weights = SafetensorsWriter()
        try weights.add("encoder.weight", shape: [2, 2], [weight, 2, 3, 4], as: .f16)
        var calibration = SafetensorsWriter()
        try calibration.add("mean", shape: [3], [0.1, 0.2, 0.3])
        calibration.metadata["thresholds"] = "{\"fail\":1}"
        return try ModelBundle.write(Self.card(), weights: weights, calibration: calibration, to: folder)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    @Test("A bundle reads back as it was written")
    func roundTrip() throws {
        defer { remove() }
        let card = try write()
        let bundle = try ModelBundle(folder: folder)
        #expect(bundle.card == card)
        #expect(bundle.card.seed == UInt64.max && bundle.card.createdAt == "2023-11-14T22:13:20Z")
        #expect(bundle.card.files.keys.sorted() == ["calibration.safetensors", "weights.safetensors"])
        #expect(try bundle.weights.floats("encoder.weight", expectedShape: [2, 2]) == [1, 2, 3, 4])
        #expect(try bundle.calibration.floats("mean") == [0.1, 0.2, 0.3])
        #expect(bundle.calibration.metadata == ["thresholds": "{\"fail\":1}"])
        let before = bundle.sha256
        #expect(before.count == 64)
        _ = try write()
        #expect(try ModelBundle(folder: folder).sha256 == before)
        _ = try write(weight: 9)
        #expect(try ModelBundle(folder: folder).sha256 != before)
    }

    @Test(
        "Any changed byte of the weights is found by the hash",
        arguments: ["weights.safetensors", "calibration.safetensors"])
    func damagedFile(name: String) throws {
        defer { remove() }
        let card = try write()
        let url = URL(fileURLWithPath: folder + "/" + name)
        let sound = try Data(contentsOf: url)
        for position in [0, 8, sound.count / 2, sound.count - 1] {
            var bytes = sound
            bytes[position] ^= 1
            try bytes.write(to: url)
            let error = #expect(throws: CheckpointError.self) { try ModelBundle(folder: folder) }
            guard case .wrongHash(folder + "/" + name, card.files[name]!, _) = error else {
                Issue.record("expected wrongHash, got \(String(describing: error))")
                continue
            }
        }
        try sound.dropLast().write(to: url)
        #expect(throws: CheckpointError.self) { try ModelBundle(folder: folder) }
    }

    @Test("A missing file is named")
    func missingFiles() throws {
        defer { remove() }
        for name in ["card.json", "weights.safetensors", "calibration.safetensors"] {
            _ = try write()
            try FileManager.default.removeItem(atPath: folder + "/" + name)
            #expect(throws: CheckpointError.unreadable(file: folder + "/" + name, reason: "there is no such file")) {
                try ModelBundle(folder: folder)
            }
        }
    }

    @Test("A bad card says which entry is wrong, another format's card says its number")
    func badCards() throws {
        defer { remove() }
        _ = try write()
        let url = URL(fileURLWithPath: folder + "/card.json")
        let sound = try String(contentsOf: url, encoding: .utf8)
        let cases = [
            ("\"formatVersion\" : 2", "\"formatVersion\" : 7", "expected bundle format 2, got 7"),
            (
                "\"depth\" : 6", "\"depth\" : 60000000",
                "architecture.encoder.depth: expected 1…256, got 60000000"
            ),
            ("\"depth\" : 6", "\"depth\" : \"six\"", "architecture.network.encoder.depth: expected Int"),
            ("\"depth\"", "\"deep\"", "architecture.network.encoder.depth is missing"),
            ("\"trained\"", "\"downloaded\"", "architecture.network.source"),
            ("\"patchSize\" : 16", "\"patchSize\" : 15", "multiples of the patch size 15"),
            ("\"heads\" : 3", "\"heads\" : 5", "multiples of their heads"),
            ("\"weights.safetensors\"", "\"w\"", "files.weights.safetensors is missing"),
            ("{", "[", "not a valid model card"),
        ]
        for (from, to, expected) in cases {
            #expect(sound.contains(from))
            try Data(sound.replacing(from, with: to, maxReplacements: 1).utf8).write(to: url)
            let error = #expect(throws: CheckpointError.self, "\(expected)") { try ModelBundle(folder: folder) }
            let text = error.map { $0.description } ?? "no error"
            #expect(text.contains(expected) && text.contains("card.json"), "\(text)")
        }
        for length in stride(from: 0, to: sound.utf8.count - 2, by: 7) {
            try Data(sound.utf8.prefix(length)).write(to: url)
            #expect(throws: CheckpointError.self) { try ModelBundle(folder: folder) }
        }
    }

    /// A process that is killed after each step of replacing a bundle, once over a settled one and once over one that
    /// an earlier kill left half replaced.
    @Test("A bundle whose replacement is killed opens, as the old one or as the new one", arguments: 1...5)
    func killedReplacement(step: Int) async throws {
        defer { remove() }
        let folder = folder
        let first = try write(weight: 1)
        var opened = [first.files]
        for weight in [Float(2), 3] {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [folder = folder as String, step = step as Int, weight = weight as Float] in
                var weights = SafetensorsWriter()
                try weights.add("encoder.weight", shape: [2, 2], [weight, 2, 3, 4], as: .f16)
                var calibration = SafetensorsWriter()
                try calibration.add("mean", shape: [3], [weight, 0.2, 0.3])
                try ModelBundle.write(
                    ModelBundleTests.card(), weights: weights, calibration: calibration, to: folder,
                    afterStep: { if $0 == step { kill(getpid(), SIGKILL) } })
            }
            let bundle = try ModelBundle(folder: folder)
            let numbers = try bundle.weights.floats("encoder.weight", expectedShape: [2, 2])
            // The card is the third step.
            if step < 3 {
                #expect(bundle.card.files == first.files && numbers[0] == 1)
            } else {
                let mean = try bundle.calibration.floats("mean")
                #expect(numbers[0] == weight && mean[0] == weight)
                #expect(!opened.contains(bundle.card.files))
            }
            opened.append(bundle.card.files)
        }
        _ = try write(weight: 4)
        #expect(try ModelBundle(folder: folder).weights.floats("encoder.weight")[0] == 4)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
                "calibration.safetensors", "card.json", "weights.safetensors",
            ])
    }

    @Test("A card that could not be read again is not written")
    func refusesToWrite() throws {
        defer { remove() }
        var card = Self.card()
        card.metrics["loss"] = .nan
        #expect(throws: CheckpointError.self) {
            try ModelBundle.write(card, weights: SafetensorsWriter(), calibration: SafetensorsWriter(), to: folder)
        }
        card = Self.card()
        card.architecture.standardDeviation = [1, 1, 0]
        #expect(throws: CheckpointError.self) {
            try ModelBundle.write(card, weights: SafetensorsWriter(), calibration: SafetensorsWriter(), to: folder)
        }
        #expect(throws: CheckpointError.self) {
            try ModelBundle.write(
                Self.card(), weights: SafetensorsWriter(), calibration: SafetensorsWriter(), to: folder + "/absent")
        }
    }
}
