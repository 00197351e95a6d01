import Checkpoint
import Foundation
import Numerics
import Testing
import Text

@Suite struct PublishedTextTests {
    /// What the project promises against the original library, by norm.
    static let tolerance = 1e-4

    static func load(_ name: String) throws -> SentenceEncoder {
        try PublishedText(path: GoldenTexts.folder + "/" + name).load()
    }

    @Test func smallBERTAgreesWithTransformers() throws {
        let encoder = try Self.load("bert")
        #expect(encoder.tower.shape.family == .bert && encoder.tower.shape.epsilon == 1e-12)
        let golden = try SafetensorsFile(path: GoldenTexts.folder + "/bert/outputs.safetensors")
        let expected = try golden.floats("embeddings", expectedShape: [GoldenTexts.sentences.count, encoder.width])
        let found = encoder.embeddings(GoldenTexts.sentences)
        for row in 0..<found.rows {
            let error = GoldenTexts.relativeError(
                found.row(row), expected[row * found.columns..<(row + 1) * found.columns])
            #expect(error <= Self.tolerance, "sentence \(row): \(error)")
        }
        // One by one and together give the same.
        let alone = encoder.embeddings([GoldenTexts.sentences[7]])
        #expect(GoldenTexts.relativeError(alone.row(0), found.row(7)) < 1e-5)
        #expect(encoder.embeddings([]).rows == 0)
    }

    @Test func smallCLIPAgreesWithTransformers() throws {
        let published = try PublishedText(path: GoldenTexts.folder + "/clip/model.safetensors")
        let encoder = try published.load()
        #expect(encoder.tower.shape.family == .clip && encoder.tower.shape.activation == .quickGELU)
        let golden = try SafetensorsFile(path: GoldenTexts.folder + "/clip/outputs.safetensors")
        let expected = try golden.floats("text", expectedShape: [GoldenTexts.sentences.count, 24])
        guard case .bytePairs(let pairs) = encoder.tokenizer else {
            Issue.record("expected byte pairs")
            return
        }
        let pooled = encoder.tower.pooled(GoldenTexts.sentences.map(encoder.sequence), end: pairs.end)
        for row in 0..<pooled.rows {
            let error = GoldenTexts.relativeError(pooled.row(row), expected[row * 24..<(row + 1) * 24])
            #expect(error <= Self.tolerance, "sentence \(row): \(error)")
        }
        // The two towers together: image projection and the learned scale.
        let contrast = try #require(try published.contrast())
        let images = Matrix<Float>(
            rows: 3, columns: 40, storage: try golden.floats("pooledImages", expectedShape: [3, 40]))
        var unit = Matrix<Float>(rows: 0, columns: 24)
        var norms: [Float] = []
        unitForward(&unit, norms: &norms, input: product(images, contrast.imageProjection, transposeB: true))
        #expect(GoldenTexts.relativeError(unit.storage, try golden.floats("imageEmbeddings")) <= Self.tolerance)
        let logits = product(encoder.embeddings([GoldenTexts.sentences[0]]), unit, transposeB: true).storage
            .map { $0 * Float(exp(Double(contrast.logScale))) }
        #expect(GoldenTexts.relativeError(logits, try golden.floats("firstTextLogits")) <= Self.tolerance)
    }

    static func error(_ path: String) -> String {
        do throws(CheckpointError) {
            _ = try PublishedText(path: path).load()
            return "none"
        } catch {
            return error.description
        }
    }

    static func replace(_ name: String, in folder: String, _ change: (String) -> String) throws {
        let path = folder + "/" + name
        try change(String(contentsOfFile: path, encoding: .utf8)).write(toFile: path, atomically: true, encoding: .utf8)
    }

    @Test(arguments: [
        (
            "bert", "config.json", "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"",
            "hidden_act: expected \"gelu\""
        ),
        (
            "bert", "config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 5",
            "expected a divisor of the width 32"
        ),
        ("bert", "config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": -4", "expected a divisor"),
        ("bert", "config.json", "\"num_attention_heads\"", "\"heads\"", "num_attention_heads is missing"),
        ("bert", "config.json", "{", "(", "no sound JSON"),
        ("bert", "config.json", "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": -1", "layer_norm_eps"),
        ("bert", "sentence_bert_config.json", "256", "100000", "max_seq_length: expected 2…260"),
        ("bert", "vocab.txt", "[CLS]", "[cls]", "expected the token [CLS]"),
        ("bert", "vocab.txt", "[PAD]", "[PAD]\nmore\nand more", "expected at most 320 tokens"),
        ("clip", "config.json", "quick_gelu", "tanh", "hidden_act: expected"),
        ("clip", "config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 7", "expected a divisor"),
        ("clip", "vocab.json", "<|endoftext|>", "<|end|>", "<|endoftext|>"),
        ("clip", "merges.txt", "#version: 0.2", "a b c", "line 1"),
    ])
    func damagedFoldersAreRefused(model: String, file: String, from: String, to: String, sentence: String) throws {
        let folder = try GoldenTexts.copy(model)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(Self.error(folder) == "none")
        try Self.replace(file, in: folder) { text in
            #expect(text.contains(from))
            return text.replacingOccurrences(of: from, with: to)
        }
        let error = Self.error(folder)
        #expect(error.contains(sentence) && error.contains(folder), "\(error)")
    }

    @Test func foreignAndDamagedWeightsAreRefused() throws {
        let folder = try GoldenTexts.copy("bert")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let weights = folder + "/model.safetensors"
        var bytes = GoldenTexts.bytes("bert/model.safetensors")
        func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: weights)) }
        // A file cut short.
        try write(Array(bytes.dropLast(100)))
        #expect(Self.error(folder).contains("expected data within"))
        // A tensor of another name.
        let name = Array("encoder.layer.1.output.dense.bias".utf8)
        let place = try #require(bytes.firstRange(of: name))
        bytes[place.upperBound - 1] = UInt8(ascii: "z")
        try write(bytes)
        let error = Self.error(folder)
        #expect(error.contains("encoder.layer.1.output.dense.bias") && error.contains("1 are missing"), "\(error)")
        // Something else altogether.
        var writer = SafetensorsWriter()
        try writer.add("patch_embed.proj.weight", shape: [1], [1])
        try writer.encoded().write(to: URL(fileURLWithPath: weights))
        let foreign = Self.error(folder)
        #expect(foreign.contains("embeddings.word_embeddings.weight") && foreign.contains("patch_embed"), "\(foreign)")
        // NaN in the weights.
        bytes = GoldenTexts.bytes("bert/model.safetensors")
        for byte in bytes.count - 4..<bytes.count { bytes[byte] = 0xFF }
        try write(bytes)
        #expect(Self.error(folder).contains("expected finite numbers"))
        try FileManager.default.removeItem(atPath: weights)
        #expect(Self.error(folder).contains("no such file"))
    }

    @Test func hugeFilesAreNotRead() throws {
        let folder = try GoldenTexts.copy("bert")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(count: 2_000_000).write(to: URL(fileURLWithPath: folder + "/config.json"))
        #expect(Self.error(folder).contains("expected at most 1000000 bytes"))
    }

    @Test func whatBERTHasNot() throws {
        #expect(try PublishedText(path: GoldenTexts.folder + "/bert").contrast()?.logScale == nil)
    }
}

/// The published all-MiniLM-L6-v2 against sentence-transformers. Its 90 MB are not in the repository.
enum MiniLM {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../models/text/all-minilm-l6-v2").standardizedFileURL.path
    static var present: Bool { FileManager.default.isReadableFile(atPath: folder + "/model.safetensors") }
}

@Suite(.enabled(if: MiniLM.present, "SKIPPED: models/text/all-minilm-l6-v2 is absent; `make text-encoder` gets it"))
struct MiniLMTests {
    /// What the project promises.
    static let leastCosine = 0.9999

    @Test func sentencesAgreeWithTheOriginal() throws {
        let encoder = try PublishedText(path: MiniLM.folder).load()
        let tokens: [[Int]] = GoldenTexts.read("minilm_ids.json")
        for (sentence, expected) in zip(GoldenTexts.sentences, tokens) {
            #expect(encoder.sequence(sentence) == expected, "\(sentence.debugDescription.prefix(60))")
        }
        let golden = try SafetensorsFile(path: GoldenTexts.folder + "/minilm.safetensors")
        let expected = try golden.floats("embeddings", expectedShape: [GoldenTexts.sentences.count, 384])
        var least = 1.0
        let clock = ContinuousClock()
        let start = clock.now
        let found = encoder.embeddings(GoldenTexts.sentences)
        let time = clock.now - start
        for row in 0..<found.rows {
            let cosine = GoldenTexts.cosine(found.row(row), expected[row * 384..<(row + 1) * 384])
            #expect(cosine >= Self.leastCosine, "\(GoldenTexts.sentences[row].debugDescription.prefix(60)): \(cosine)")
            least = min(least, cosine)
        }
        print("MiniLM: \(found.rows) sentences in \(time), least cosine \(least)")
    }
}
