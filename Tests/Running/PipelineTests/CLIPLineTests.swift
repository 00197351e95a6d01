import CLIP
import Checkpoint
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Recipe
import Score
import TestFolders
import Testing

@testable import Pipeline

/// Lines that CLIP judges, of random numbers: what is tested is that nothing is lost or mixed up on the way.
private enum MadeCLIPLine {
    static func winclip(_ image: (ParameterStore<Float>, EncoderShape) -> ImageSide, _ shape: EncoderShape) -> WinCLIP {
        var random = RandomSource(seed: 5)
        var layout = ParameterLayout()
        _ = ImageTower(&layout, prefix: ImageSide.prefix, shape: shape, outputWidth: 6)
        var store = ParameterStore<Float>(zerosFor: layout)
        for index in store.values.indices { store.values[index] = Float(0.4 * random.normal()) }
        var prototypes = Matrix<Float>(rows: 2, columns: 6)
        for index in prototypes.storage.indices { prototypes.storage[index] = Float(random.normal()) / 2.4 }
        return WinCLIP(image: image(store, shape), object: "gear", scale: 20, prototypes: prototypes)
    }

    static func pixels() -> CLIPLine {
        let shape = EncoderShape(
            patchSize: 8, width: 8, depth: 2, heads: 2, hasClassToken: true, learnedPositionSide: 4,
            hasPatchBias: false, hasPreNorm: true, activation: .quickGELU)
        let winclip = winclip(
            { store, shape in
                ImageSide(
                    shape: shape, outputWidth: 6, values: store.values,
                    pixels: .init(side: 32, mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.3, 0.25]))
            }, shape)
        return CLIPLine(sight: CLIPSight(pixels: winclip), calibration: calibration)
    }

    /// Over the tokens of `MadeModel`, low-level targets and all.
    static func tokens() -> CLIPLine {
        let encoder = MadeModel.model().encoder
        let shape = EncoderShape(
            patchSize: 1, width: 8, depth: 1, heads: 2, hasClassToken: true, learnedPositionSide: 0,
            inputWidth: encoder.tokenWidth)
        let winclip = winclip(
            { store, shape in
                ImageSide(
                    shape: shape, outputWidth: 6, values: store.values, gridRows: MadeModel.rows,
                    gridColumns: MadeModel.columns)
            }, shape)
        return CLIPLine(sight: CLIPSight(winclip, over: encoder), calibration: calibration)
    }

    static let calibration = ScoreCalibration(
        goodScores: (0..<20).map { Double($0) / 8 - 2 }, zero: -0.75, review: 0.125, fail: 0.25, overkillRate: 0.05)

    static func card(_ line: CLIPLine) -> ModelCard {
        let (architecture, clip) = line.sight.card
        return ModelCard(
            name: "made", architecture: architecture, recipeSHA256: String(repeating: "a", count: 64),
            dataSHA256: String(repeating: "b", count: 64), seed: 1, versions: [:],
            createdAt: Date(timeIntervalSince1970: 1_700_000_000), trainSeconds: 1, metrics: [:], clip: clip)
    }

    static func parts(_ model: LineModel) throws -> [ScoredPart] {
        let inspector = model.inspector(limits: .standard)
        return try (0..<6).map { try inspector.inspect(MadeModel.intake(UInt64($0))) }
    }
}

@Suite("Lines that CLIP judges: bundle and inspection")
struct CLIPLineTests {
    @Test("A bundle read again judges to the bit as before, over pixels and over tokens", arguments: [true, false])
    func roundTrip(overPixels: Bool) throws {
        let folder = try TemporaryFolder()
        let line = overPixels ? MadeCLIPLine.pixels() : MadeCLIPLine.tokens()
        try LineBundle.write(line, card: MadeCLIPLine.card(line), to: folder.path)
        let bundle = try LineBundle(folder.path)
        #expect(bundle.model.method == .clip && bundle.model.language == nil)
        #expect(bundle.model.calibration == MadeCLIPLine.calibration)
        let (before, after) = (try MadeCLIPLine.parts(.clip(line)), try MadeCLIPLine.parts(bundle.model))
        #expect(Set(before.map(\.score)).count == before.count)
        for (a, b) in zip(before, after) {
            #expect(a.anomalyMap == b.anomalyMap && a.rawScore == b.rawScore && a.pValue == b.pValue)
            #expect(a.regions == b.regions && a.verdict == b.verdict)
            #expect(a.anomalyMap.count == (overPixels ? 16 : 24) && a.anomalyMap.max() == Float(a.score))
        }
        // Nothing of a predictor is kept, and nothing of a text tower.
        let weights = try SafetensorsFile(path: folder.path + "/" + ModelBundle.weightsFile)
        #expect(weights.names.allSatisfy { !$0.contains("predictor") && !$0.hasPrefix("text.") })
        #expect(weights.names.contains { $0.hasPrefix("encoder.") } == !overPixels)
        // It is no model that predicts.
        let error = #expect(throws: CheckpointError.self) { try ModelFolder(folder.path) }
        #expect(error?.description.contains("judges by clip") == true)
    }

    @Test(
        "One inspector for many pictures says of each what an inspector of its own says, and times decode, embed, score"
    )
    func inspectors() throws {
        for line in [MadeCLIPLine.pixels(), MadeCLIPLine.tokens()] {
            let together = try MadeCLIPLine.parts(.clip(line))
            for (index, part) in together.enumerated() {
                let inspector = CLIPInspector(line: line, limits: .standard)
                let alone = try inspector.inspect(MadeModel.intake(UInt64(index)))
                #expect(alone.anomalyMap == part.anomalyMap)
                #expect(Set(inspector.timingsMs.keys) == ["decode", "embed", "score"])
                let looking = CLIPInspector(sight: line.sight, limits: .standard)
                #expect(try looking.rawScore(MadeModel.intake(UInt64(index))) == part.rawScore)
            }
        }
    }

    @Test("What a file holds that cannot be is refused before anything is counted on")
    func damaged() throws {
        let line = MadeCLIPLine.tokens()
        func refusal(_ change: (inout ModelCard) -> Void) throws -> String {
            let folder = try TemporaryFolder()
            var card = MadeCLIPLine.card(line)
            change(&card)
            let error = #expect(throws: CheckpointError.self) {
                try LineBundle.write(line, card: card, to: folder.path)
                _ = try LineBundle(folder.path)
            }
            return error?.description ?? ""
        }
        #expect(try refusal { $0.clip?.outputWidth = 0 }.contains("outputWidth"))
        #expect(try refusal { $0.clip?.outputWidth = 7 }.contains("expected shape"))
        #expect(try refusal { $0.clip?.scale = .infinity }.contains("scale"))
        #expect(try refusal { $0.clip?.tower.hasClassToken = false }.contains("class token"))
        #expect(try refusal { $0.clip?.tower.inputWidth = 12 }.contains("encoder's tokens"))
        #expect(try refusal { $0.clip?.tower.heads = 3 }.contains("clip: expected widths"))
        #expect(try refusal { $0.clip?.tower.depth = 100_000 }.contains("encoder.depth"))
        #expect(try refusal { $0.clip?.source = .published }.contains("architecture's encoder"))

        let folder = try TemporaryFolder()
        try LineBundle.write(line, card: MadeCLIPLine.card(line), to: folder.path)
        for name in [ModelBundle.weightsFile, ModelBundle.calibrationFile] {
            let path = URL(fileURLWithPath: folder.path + "/" + name)
            let whole = try Data(contentsOf: path)
            var changed = whole
            changed[changed.count - 1] ^= 1
            for bytes in [changed, whole.dropLast(5)] {
                try Data(bytes).write(to: path)
                #expect(throws: CheckpointError.self) { try LineBundle(folder.path) }
            }
            try whole.write(to: path)
        }
        #expect(throws: Never.self) { try LineBundle(folder.path) }
    }

    @Test("A bundle of a model that predicts is opened as what it is")
    func predicting() throws {
        let folder = try TemporaryFolder()
        let model = MadeModel.model()
        try ModelFolder.write(model, card: MadeModel.card(model), to: folder.path)
        let bundle = try LineBundle(folder.path)
        #expect(bundle.model.method == .vlJEPA && bundle.model.calibration == model.statistics.calibration)
        let (a, b) = (try MadeCLIPLine.parts(bundle.model), try MadeCLIPLine.parts(.jepa(model)))
        for (a, b) in zip(a, b) { #expect(a.anomalyMap == b.anomalyMap) }
    }
}
