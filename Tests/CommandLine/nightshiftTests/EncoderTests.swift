import Foundation
import Testing

/// From published weights to a benchmark, by the built program: a small random DINOv2 as transformers saves it, with
/// patches of 14 px.
@Suite("Encoders of other families, end to end")
struct EncoderTests {
    static let dinov2 = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Core/CheckpointTests/Golden/encoders/transformers_dinov2_registers.safetensors")
        .standardizedFileURL.path

    @Test("--adapt: the recipe says so, training goes on from the weights, doctor and card know; alone it is refused")
    func adapts() throws {
        let binary = try Binary()
        defer { binary.clean() }
        for words in [["init", "rim", "--good", "g", "--adapt"], ["benchmark", "set", "--adapt"]] {
            let refused = try binary.run(words)
            #expect(refused.code == 2 && refused.stderr.contains("--encoder FILE beside --adapt"), "\(refused.stderr)")
        }
        try binary.expect(
            0, ["synthesize", "camera", "--parts", "8", "--good", "40", "--side", "96", "--seed", "5", "--quiet"])
        try binary.expect(0, ["init", "rim", "--good", "camera/good", "--encoder", Self.dinov2, "--adapt"])
        let recipe = binary.folder.appendingPathComponent("pipelines/rim/recipe.json5")
        var text = try String(contentsOf: recipe, encoding: .utf8)
        #expect(text.contains("source: \"adapted\",") && text.contains("patchSize: 14,"), "\(text)")
        text = text.replacing("overkillRate: 0.02", with: "overkillRate: 0.2")
            .replacing("reviewRate: 0.05", with: "reviewRate: 0.3")
            .replacing("settleSeconds: 30", with: "settleSeconds: 0")
        try Data(text.utf8).write(to: recipe)
        #expect(try binary.run(["doctor", "rim"]).stdout.contains("DINOv2, 2 blocks"))
        try binary.expect(0, ["train", "rim", "--minutes", "0.05"])
        let card = try Self.value(
            String(contentsOf: binary.folder.appendingPathComponent("models/rim/card.json"), encoding: .utf8))
        let architecture = try #require(card["architecture"] as? [String: Any])
        #expect((architecture["network"] as? [String: Any])?["source"] as? String == "adapted")
        #expect((architecture["mean"] as? [Double])?.first == 0.485, "the input's normalisation follows the family")
        let outcome = try binary.run(["run", "rim", "--drop", "camera/drop", "--json"])
        #expect(outcome.code == 0 || outcome.code == 3, "\(outcome.stderr)")
    }

    static func value(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("import-encoder names family, shape, preprocessing and the recipe's lines")
    func says() throws {
        let binary = try Binary()
        defer { binary.clean() }
        let words = try binary.expect(0, ["import-encoder", Self.dinov2]).stdout
        for word in ["DINOv2", "transformers", "14 px", "4 registers", "0.485, 0.456, 0.406", "patchSize: 14", "[1]"] {
            #expect(words.contains(word), "\(word) in \(words)")
        }
        let json = try Self.value(binary.expect(0, ["import-encoder", Self.dinov2, "--check", "--json"]).stdout)
        #expect(json["family"] as? String == "dinov2" && json["patchSize"] as? Int == 14)
        #expect(json["registers"] as? Int == 4 && (json["mean"] as? [Double])?.first == 0.485)
    }

    @Test("init, train, run and benchmark take the patch of the weights")
    func inspects() throws {
        let binary = try Binary()
        defer { binary.clean() }
        let files = FileManager.default
        try binary.expect(
            0, ["synthesize", "camera", "--parts", "24", "--good", "40", "--side", "96", "--seed", "5", "--quiet"])
        let started = try Self.value(
            binary.expect(0, ["init", "rim", "--good", "camera/good", "--encoder", Self.dinov2, "--json"]).stdout)
        let (width, height) = (started["imageWidth"] as? Int ?? 1, started["imageHeight"] as? Int ?? 1)
        #expect(width % 14 == 0 && height % 14 == 0 && width > 0, "\(width) x \(height)")
        let recipe = binary.folder.appendingPathComponent("pipelines/rim/recipe.json5")
        var text = try String(contentsOf: recipe, encoding: .utf8)
        for (key, expected) in [("patchSize", "14"), ("width", "24"), ("depth", "2"), ("targetBlocks", "[1]")] {
            #expect(text.contains("\(key): \(expected),"), "\(key) in \(text)")
        }
        text = text.replacing("overkillRate: 0.02", with: "overkillRate: 0.2")
            .replacing("reviewRate: 0.05", with: "reviewRate: 0.3")
            .replacing("settleSeconds: 30", with: "settleSeconds: 0")
        try Data(text.utf8).write(to: recipe)
        #expect(try binary.run(["doctor", "rim"]).stdout.contains("DINOv2, 2 blocks"))

        try binary.expect(0, ["train", "rim", "--minutes", "0.05"])
        let card = try Self.value(
            String(contentsOf: binary.folder.appendingPathComponent("models/rim/card.json"), encoding: .utf8))
        let architecture = try #require(card["architecture"] as? [String: Any])
        #expect((architecture["mean"] as? [Double])?.first == 0.485, "the input's normalisation follows the family")
        let network = try #require(architecture["network"] as? [String: Any])
        let encoder = try #require(network["encoder"] as? [String: Any])
        #expect(encoder["registerTokens"] as? Int == 4 && encoder["hasLayerScale"] as? Bool == true)
        let outcome = try binary.run(["run", "rim", "--drop", "camera/drop", "--json"])
        #expect(outcome.code == 0 || outcome.code == 3, "\(outcome.stderr)")

        // The smallest set in MVTec layout that the rendered good parts make.
        let good = binary.folder.appendingPathComponent("camera/good")
        let names = try files.subpathsOfDirectory(atPath: good.path).filter { $0.contains(".") }.sorted()
        for (index, name) in names.enumerated() {
            let part = index < 28 ? "train/good" : index < 34 ? "test/good" : "test/odd"
            let folder = binary.folder.appendingPathComponent("set/\(part)")
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            try files.copyItem(
                at: good.appendingPathComponent(name),
                to: folder.appendingPathComponent("\(index)-\((name as NSString).lastPathComponent)"))
        }
        let measured = try Self.value(
            binary.expect(0, ["benchmark", "set", "--encoder", Self.dinov2, "--minutes", "0.05"]).stdout)
        let sides = (measured["input"] as? String ?? "").split(separator: "x").compactMap { Int($0) }
        #expect(sides.count == 2 && sides.allSatisfy { $0 % 14 == 0 }, "\(measured)")
        #expect(measured["encoder"] as? String == "transformers_dinov2_registers")
        #expect(measured["imageAUROC"] as? Double != nil)
    }
}
