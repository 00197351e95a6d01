import CLIP
import Foundation
import Network
import Numerics
import Text

/// A published CLIP under `transformers`' names, both towers of one checkpoint: a folder with `model.safetensors` (of
/// CLIPModel: ViT-B/32, B/16, L/14), `config.json`, `vocab.json` and `merges.txt`; `preprocessor_config.json` is read
/// where it is there.
package struct PublishedCLIP: Sendable {
    /// Path of the weights.
    package let weightsPath: String
    package let imageShape: EncoderShape
    /// Side of the pictures it was trained on, in pixels.
    package let inputSide: Int
    package let normalisation: PixelNormalisation
    package let textShape: TextTowerShape
    private let text: PublishedText
    private let vision: PublishedEncoder
    private let file: SafetensorsFile

    static let postNorm = "vision_model.post_layernorm"
    private static let files = [TextFolder.weightsFile, TextFolder.configurationFile, "vocab.json", "merges.txt"]
    /// A tensor of each part of a whole CLIP: what tells a lone tower from it.
    private static let parts = [
        CLIPNames.tokens, CLIPNames.projection, "vision_model.embeddings.patch_embedding.weight",
        "vision_model.embeddings.class_embedding", "\(postNorm).weight", "\(postNorm).bias", CLIPNames.imageProjection,
        CLIPNames.logScale,
    ]

    /// Opens the folder, or the weights in it, and checks every file and every tensor's shape. Refuses an incomplete
    /// checkpoint with what was expected.
    package init(path: String) throws(CheckpointError) {
        let folder = TextFolder(path)
        let missing = Self.files.filter { !folder.has($0) }
        guard missing.isEmpty || path.hasSuffix(".safetensors") && missing == [TextFolder.weightsFile] else {
            throw .badTextFile(
                file: folder.path,
                problem: "expected the folder of one published CLIP model with \(Self.files.joined(separator: ", ")), "
                    + "missing: \(missing.joined(separator: ", ")); copy the whole model")
        }
        weightsPath = folder.weightsPath
        file = try SafetensorsFile(path: folder.weightsPath)
        let absent = Self.parts.filter { [file] in file.shape($0) == nil }
        guard absent.isEmpty else {
            throw .foreign(
                file: folder.weightsPath, missing: absent, missingCount: absent.count,
                found: Array(file.names.prefix(8)), foundCount: file.names.count)
        }
        text = try PublishedText(path: path)
        textShape = text.shape
        vision = try PublishedEncoder(file, declared: CLIPVision.declared(folder))
        guard vision.family == .clip else {
            throw .badTextFile(
                file: folder.weightsPath, problem: "expected CLIP's image tower, got \(vision.family.name)")
        }
        imageShape = vision.shape
        normalisation = vision.normalisation
        inputSide = imageShape.learnedPositionSide * imageShape.patchSize
        let width = imageShape.width
        try file.require([
            "\(Self.postNorm).weight": [width], "\(Self.postNorm).bias": [width],
            CLIPNames.imageProjection: [textShape.outputWidth, width],
        ])
    }

    /// Reads the numbers.
    package func load() throws(CheckpointError) -> CLIPModel {
        guard let contrast = try text.contrast() else {
            throw .foreign(
                file: weightsPath, missing: [CLIPNames.imageProjection, CLIPNames.logScale], missingCount: 2,
                found: Array(file.names.prefix(8)), foundCount: file.names.count)
        }
        var layout = ParameterLayout()
        let tower = ImageTower(
            &layout, prefix: ImageSide.prefix, shape: imageShape, outputWidth: contrast.imageProjection.rows)
        var store = ParameterStore<Float>(zerosFor: layout)
        try vision.load(into: &store, layout: layout, prefix: ImageSide.prefix)
        store[tower.normScale] = try file.floats("\(Self.postNorm).weight")[...]
        store[tower.normShift] = try file.floats("\(Self.postNorm).bias")[...]
        store[tower.projection] = contrast.imageProjection.storage[...]
        guard let odd = layout.parameters.first(where: { !store[$0].allSatisfy(\.isFinite) }) else {
            return CLIPModel(
                tower: tower, store: store, texts: .published(try text.load()), logScale: contrast.logScale,
                inputSide: inputSide, mean: normalisation.mean,
                standardDeviation: normalisation.standardDeviation)
        }
        throw .damagedTensor(
            file: weightsPath, tensor: "vision_model, \(odd.name)", expected: "finite numbers", got: "NaN or infinity")
    }
}

/// What the files beside the weights say of CLIP's image tower that its tensors do not.
private enum CLIPVision {
    private struct Preprocessing: Decodable {
        let mean: [Float]?
        let deviation: [Float]?

        enum CodingKeys: String, CodingKey {
            case mean = "image_mean"
            case deviation = "image_std"
        }
    }

    private static let preprocessingFile = "preprocessor_config.json"

    private static func configuration(_ folder: TextFolder) throws(CheckpointError) -> CLIPConfiguration {
        if let part = try CLIPConfiguration.readVision(folder) { return part }
        throw .badTextFile(
            file: folder.path(of: TextFolder.configurationFile),
            problem: "expected the configuration of a whole CLIP model with vision_config and text_config; use the "
                + "config.json that was published with the weights")
    }

    static func declared(_ folder: TextFolder) throws(CheckpointError) -> DeclaredNumbers {
        func bad(_ problem: String) -> CheckpointError {
            .badTextFile(file: folder.path(of: TextFolder.configurationFile), problem: "vision_config: \(problem)")
        }
        let configuration = try configuration(folder)
        let (isQuick, epsilon) = try configuration.checked(bad)
        let activation: EncoderShape.Activation = isQuick ? .quickGELU : .gelu
        let heads = configuration.heads ?? 12
        guard (1...256).contains(heads) else { throw bad("num_attention_heads: expected 1…256, got \(heads)") }
        return DeclaredNumbers(
            heads: heads, activation: activation, epsilon: epsilon, normalisation: try Self.normalisation(folder))
    }

    /// What the file of the preprocessing says; nil = CLIP's usual numbers.
    private static func normalisation(_ folder: TextFolder) throws(CheckpointError) -> PixelNormalisation? {
        guard folder.has(preprocessingFile) else { return nil }
        let values = try folder.json(preprocessingFile, as: Preprocessing.self)
        guard values.mean != nil || values.deviation != nil else { return nil }
        guard let mean = values.mean, let deviation = values.deviation, mean.count == 3, deviation.count == 3,
            mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isFinite && $0 > 0 })
        else {
            throw .badTextFile(
                file: folder.path(of: preprocessingFile),
                problem: "expected three numbers image_mean and three image_std above 0; use the published file")
        }
        return PixelNormalisation(
            name: "as \(preprocessingFile) says", mean: mean, standardDeviation: deviation)
    }
}
