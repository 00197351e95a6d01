import CLIP
import Foundation
import Network
import Numerics
import TestFolders
import Testing

@testable import Checkpoint

/// The small CLIP models that `Golden/make_clip.py` made with transformers; their vocabulary lies in the Text room's tests.
private enum MadeCLIP {
    static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden/clip")
    static let vocabulary = golden.appending(path: "../../../TextTests/Golden/clip").standardizedFileURL

    /// A folder with everything a published model has.
    static func folder(_ name: String) throws -> URL {
        let target = FileManager.default.temporaryDirectory.appending(path: "nightshift-clip-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: golden.appending(path: name), to: target)
        for file in ["vocab.json", "merges.txt"] {
            try FileManager.default.copyItem(
                at: vocabulary.appending(path: file), to: target.appending(path: file))
        }
        return target
    }

    static func refusal(_ folder: URL) -> String {
        do throws(CheckpointError) {
            _ = try PublishedCLIP(path: folder.path).load()
            return "not refused"
        } catch {
            return error.description
        }
    }

    /// Without its tensors whose names begin so.
    static func drop(_ prefixes: [String], in folder: URL) throws {
        let path = folder.appending(path: "model.safetensors").path
        let file = try SafetensorsFile(path: path)
        var writer = SafetensorsWriter()
        for name in file.names where !prefixes.contains(where: { name.hasPrefix($0) }) {
            try writer.add(name, shape: file.shape(name) ?? [], file.floats(name))
        }
        try writer.encoded().write(to: URL(fileURLWithPath: path))
    }
}

@Suite("Published CLIP, both towers")
struct PublishedCLIPTests {
    /// What the project promises against the original library, by norm.
    private static let tolerance = 1e-4

    private func error(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
        var difference = 0.0
        var size = 0.0
        for (x, y) in zip(a, b) {
            difference += Double(x - y) * Double(x - y)
            size += Double(y) * Double(y)
        }
        return (difference / max(size, 1e-30)).squareRoot()
    }

    @Test("Images, texts and logits agree with transformers", arguments: ["quick", "gelu"])
    func agrees(name: String) throws {
        let folder = try MadeCLIP.folder(name)
        defer { try? FileManager.default.removeItem(at: folder) }
        let published = try PublishedCLIP(path: folder.path)
        let model = try published.load()
        #expect(published.imageShape.activation == (name == "quick" ? .quickGELU : .gelu))
        #expect(published.imageShape.epsilon == (name == "quick" ? 1e-5 : 1e-6))
        #expect(published.inputSide == (name == "quick" ? 32 : 20) && model.gridRows == (name == "quick" ? 4 : 5))
        #expect(published.normalisation.mean == (name == "quick" ? PixelNormalisation.clip.mean : [0.5, 0.4, 0.3]))
        let golden = try SafetensorsFile(path: folder.appending(path: "golden.safetensors").path)
        let phrases = try JSONDecoder().decode(
            [String].self, from: Data(contentsOf: folder.appending(path: "phrases.json")))
        let width = model.width
        func unit(_ numbers: [Float]) -> Matrix<Float> {
            var result = Matrix<Float>(rows: 0, columns: width)
            var norms: [Float] = []
            unitForward(
                &result, norms: &norms,
                input: Matrix(rows: numbers.count / width, columns: width, storage: numbers))
            return result
        }
        let texts = model.embeddings(of: phrases)
        let wanted = unit(try golden.floats("texts"))
        for row in 0..<texts.rows {
            #expect(error(texts.row(row), wanted.row(row)) <= Self.tolerance, "\(phrases[row].prefix(20))")
        }
        let side = published.inputSide
        let pixels = try golden.floats("pixels", expectedShape: [3, 3, side, side])
        let images = unit(try golden.floats("images"))
        let logits = try golden.floats("logits", expectedShape: [3, phrases.count])
        for picture in 0..<3 {
            let planes = Array(pixels[picture * 3 * side * side..<(picture + 1) * 3 * side * side])
            let embedding = model.embeddings(of: planes)
            #expect(error(embedding.row(0), images.row(picture)) <= Self.tolerance, "picture \(picture)")
            let cosines = product(embedding, texts, transposeB: true)
            let got = cosines.storage.map { $0 * Float(model.scale) }
            #expect(
                error(got, logits[picture * phrases.count..<(picture + 1) * phrases.count]) <= Self.tolerance)
        }
    }

    @Test(
        "A folder that lacks a file is refused with what was expected",
        arguments: [
            "model.safetensors", "config.json", "vocab.json", "merges.txt",
        ])
    func missingFiles(file: String) throws {
        let folder = try MadeCLIP.folder("quick")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.removeItem(at: folder.appending(path: file))
        let sentence = MadeCLIP.refusal(folder)
        #expect(sentence.contains("model.safetensors, config.json, vocab.json, merges.txt"), "\(sentence)")
        #expect(sentence.contains("missing: \(file)"), "\(sentence)")
    }

    @Test(
        "A lone tower, or one without a projection, is refused with the tensors that are missing",
        arguments: [
            (["vision_model."], "vision_model.embeddings.patch_embedding.weight"),
            (["text_model."], "text_model.embeddings.token_embedding.weight"),
            (["visual_projection."], "visual_projection.weight"), (["logit_scale"], "logit_scale"),
            (["vision_model.post_layernorm.bias"], "vision_model.post_layernorm.bias"),
            (["vision_model.encoder.layers.1.mlp.fc2"], "vision_model.encoder.layers.1.mlp.fc2.weight"),
        ])
    func missingTensors(prefixes: [String], name: String) throws {
        let folder = try MadeCLIP.folder("quick")
        defer { try? FileManager.default.removeItem(at: folder) }
        try MadeCLIP.drop(prefixes, in: folder)
        let sentence = MadeCLIP.refusal(folder)
        #expect(sentence.contains(name) && sentence.contains("missing"), "\(sentence)")
    }

    @Test(
        "Configurations that cannot be are refused",
        arguments: [
            ("config.json", "\"num_attention_heads\": 3", "\"num_attention_heads\": 7", "7 heads"),
            ("config.json", "\"vision_config\"", "\"vision\"", "vision_config"),
            ("config.json", "quick_gelu", "relu", "hidden_act"),
            ("preprocessor_config.json", "0.25", "0", "image_std"),
        ])
    func badConfigurations(file: String, from: String, to: String, sentence: String) throws {
        let folder = try MadeCLIP.folder(file == "config.json" ? "quick" : "gelu")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: file)
        let text = try String(contentsOf: path, encoding: .utf8)
        #expect(text.contains(from))
        try Data(text.replacingOccurrences(of: from, with: to).utf8).write(to: path)
        let refusal = MadeCLIP.refusal(folder)
        #expect(refusal.contains(sentence), "\(refusal)")
    }

    @Test("Numbers that are none are refused")
    func notFinite() throws {
        let folder = try MadeCLIP.folder("quick")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "model.safetensors").path
        let file = try SafetensorsFile(path: path)
        var writer = SafetensorsWriter()
        for name in file.names {
            var numbers = try file.floats(name)
            if name == "vision_model.post_layernorm.bias" { numbers[3] = .nan }
            try writer.add(name, shape: file.shape(name) ?? [], numbers)
        }
        try writer.encoded().write(to: URL(fileURLWithPath: path))
        #expect(MadeCLIP.refusal(folder).contains("expected finite numbers"))
    }
}
