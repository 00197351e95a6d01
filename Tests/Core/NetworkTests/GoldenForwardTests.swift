import Checkpoint
import Foundation
import Network
import Numerics
import Testing

/// A published ViT-Ti/16 against PyTorch's float32 outputs, tensor by tensor. The files are too large for the
/// repository and lie beside it in `../shared/weights`.
enum GoldenFiles {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
        path: "../../../../shared/weights"
    ).standardizedFileURL.path
    static let weights = folder + "/vit_tiny_patch16_224.safetensors"
    static let outputs = folder + "/vit_tiny_patch16_224.golden.safetensors"
    static var present: Bool {
        FileManager.default.isReadableFile(atPath: weights) && FileManager.default.isReadableFile(atPath: outputs)
    }
}

@Suite(.enabled(if: GoldenFiles.present, "SKIPPED: ../shared/weights/vit_tiny_patch16_224*.safetensors are absent"))
struct GoldenForwardTests {
    /// What the project promises for every tensor, by norm and by greatest number.
    static let tolerance = 1e-4

    struct Network {
        let encoder: Encoder
        let normScale: Parameter
        let normShift: Parameter
        let headWeight: Parameter
        let headBias: Parameter
        var store: ParameterStore<Float>
    }

    static func load() throws -> Network {
        var layout = ParameterLayout()
        let encoder = Encoder(
            &layout, prefix: "",
            shape: EncoderShape(
                patchSize: 16, width: 192, depth: 12, heads: 3, hasClassToken: true, learnedPositionSide: 14))
        let normScale = layout.add("norm.weight", columns: 192, .ones)
        let normShift = layout.add("norm.bias", columns: 192, .zeros)
        let headWeight = layout.add("head.weight", rows: 1000, columns: 192, .zeros)
        let headBias = layout.add("head.bias", columns: 1000, .zeros)
        var store = ParameterStore<Float>(zerosFor: layout)
        let file = try SafetensorsFile(path: GoldenFiles.weights)
        for parameter in layout.parameters { store[parameter] = try file.floats(parameter.name)[...] }
        return Network(
            encoder: encoder, normScale: normScale, normShift: normShift, headWeight: headWeight, headBias: headBias,
            store: store)
    }

    @Test func everyTensorAgreesWithPyTorch() throws {
        let network = try Self.load()
        let encoder = network.encoder
        let golden = try SafetensorsFile(path: GoldenFiles.outputs)
        func compare(_ name: String, _ tensor: [Float]) throws {
            let expected = try golden.floats(name)
            try #require(expected.count == tensor.count, "\(name)")
            let byNorm = relativeError(tensor, expected)
            let byGreatest = greatestError(tensor, expected)
            print("golden \(name): by norm \(byNorm), by greatest number \(byGreatest)")
            #expect(byNorm <= Self.tolerance, "\(name)")
            #expect(byGreatest <= Self.tolerance, "\(name)")
        }
        let input = try golden.floats("input", expectedShape: [1, 3, 224, 224])
        var patches = Matrix<Float>(rows: 0, columns: 768)
        encoder.patches(&patches, pixels: input, height: 224, width: 224)
        let positions: Matrix<Float> = encoder.gridPositions(rows: 14, columns: 14, store: network.store)
        var tokens = Matrix<Float>(rows: 0, columns: 192)
        encoder.embed(&tokens, patches: patches, positions: positions, store: network.store)
        var activations = Encoder.Activations<Float>(encoder.shape, training: false)
        encoder.forward(
            patchTokens: tokens, subsets: [Array(0..<196)], depth: 0, store: network.store, activations: &activations,
            training: false)
        try compare("patch_embed", activations.tokens.storage)
        encoder.forward(
            patchTokens: tokens, subsets: [Array(0..<196)], depth: 12, keep: [1, 6, 8], store: network.store,
            activations: &activations, training: false)
        for (name, block) in [("blocks.0", 1), ("blocks.5", 6), ("blocks.7", 8)] {
            try compare(name, try #require(activations.kept[block]).storage)
        }
        try compare("blocks.11", activations.tokens.storage)
        var normed = Matrix<Float>(rows: 0, columns: 192)
        var statistics = Matrix<Float>(rows: 0, columns: 2)
        layerNormForward(
            &normed, statistics: &statistics, input: activations.tokens, store: network.store,
            scale: network.normScale, shift: network.normShift, epsilon: 1e-6)
        try compare("norm", normed.storage)
        var logits = Matrix<Float>(rows: 0, columns: 1000)
        linearForward(
            &logits, input: Matrix(rows: 1, columns: 192, storage: Array(normed.row(0))), store: network.store,
            weight: network.headWeight, bias: network.headBias)
        try compare("logits", logits.storage)
    }

    /// Two workers, each its own images, give the bits of one.
    @Test func bitsDoNotDependOnTheWorkers() throws {
        let network = try Self.load()
        let results = [1, 2, 4].map { workers in
            parallelMap(count: 4, workers: workers) { index in
                let encoder = network.encoder
                let tokens = Matrix<Float>.random(196, 192, seed: UInt64(index))
                var activations = Encoder.Activations<Float>(encoder.shape, training: false)
                encoder.forward(
                    patchTokens: tokens, subsets: [Array(0..<196), Array(stride(from: 0, to: 196, by: 2))], depth: 3,
                    store: network.store, activations: &activations, training: false)
                return activations.tokens.storage.map(\.bitPattern)
            }
        }
        #expect(results[0] == results[1] && results[0] == results[2] && results[0][0] != results[0][1])
    }
}
