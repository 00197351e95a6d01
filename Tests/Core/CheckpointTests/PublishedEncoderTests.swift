import Foundation
import Network
import Numerics
import Testing

@testable import Checkpoint

/// Random numbers for an encoder, under any library's names.
enum MadeEncoder {
    static let vit = EncoderShape(
        patchSize: 8, width: 64, depth: 3, heads: 1, hasClassToken: true, learnedPositionSide: 4)

    /// `change` edits shapes by published name, nil drops the tensor; `extra` adds tensors.
    static func file(
        _ shape: EncoderShape = vit, names: TensorNames = .timm, prefix: String = "", metadata: [String: String] = [:],
        extra: [String: [Int]] = ["head.weight": [2, 2]], change: (String, [Int]) -> [Int]? = { $1 }
    ) throws -> SafetensorsFile {
        var layout = ParameterLayout()
        _ = Encoder(&layout, prefix: "", shape: shape)
        var random = RandomSource(seed: 1)
        let nothing = try SafetensorsFile(bytes: SafetensorsWriter().encoded(), path: "nothing")
        let reader = ShapeReader(file: nothing, names: names, prefix: prefix)
        var tensors = extra
        for parameter in layout.parameters {
            for (name, usual) in reader.published(parameter, named: parameter.name, shape: shape) {
                tensors[name] = change(name, usual)
            }
        }
        var writer = SafetensorsWriter()
        writer.metadata = metadata
        for (name, dimensions) in tensors.sorted(by: { $0.key < $1.key }) {
            // Products of hostile shapes are 0; what is drawn need not be large.
            try writer.add(
                name, shape: dimensions, (0..<dimensions.reduce(1, *)).map { _ in Float(random.normal()) / 10 })
        }
        return try SafetensorsFile(bytes: writer.encoded(), path: "vit.safetensors")
    }

    static func model(_ encoder: EncoderShape, targetBlock: Int? = nil) -> InspectionModel<Float> {
        var random = RandomSource(seed: 9)
        return InspectionModel(
            shape: ModelShape(
                source: .imported, encoder: encoder, targetBlocks: [targetBlock ?? encoder.depth], lowLevelWidth: 0,
                predictorWidth: 8, predictorDepth: 1, predictorHeads: 1, hasDamageHead: false), using: &random)
    }

    static func refusal(_ make: () throws -> SafetensorsFile) -> String {
        do {
            _ = try PublishedEncoder(make())
            return "not refused"
        } catch {
            return "\(error)"
        }
    }
}

@Suite("Published encoders: shapes, loading, refusals")
struct PublishedEncoderTests {
    /// The shape is read off the tensors' shapes again, under every library's names and with all that may stand before them.
    @Test("Shape, family and normalisation are read off the file", arguments: TensorNames.all)
    func shapes(names: TensorNames) throws {
        for prefix in names.prefixes {
            var shape = MadeEncoder.vit
            shape.patchSize = 14
            let family: EncoderFamily
            let pixels: PixelNormalisation
            switch names.owner {
            case TensorNames.transformersCLIP.owner:
                (family, pixels) = (.clip, .clip)
                (shape.hasPreNorm, shape.hasPatchBias, shape.epsilon) = (true, false, 1e-5)
                shape.activation = .quickGELU
            case TensorNames.transformersDINOv2.owner:
                (family, pixels) = (.dinov2, .imageNet)
                (shape.hasLayerScale, shape.registerTokens, shape.interpolation) = (true, 4, .antialiasedBicubic)
            case TensorNames.transformersViT.owner:
                (family, pixels) = (.imageJEPA, .imageNet)
                (shape.hasClassToken, shape.positionedPrefix, shape.hiddenWidth) = (false, 0, 280)
            default:
                (family, pixels) = (.dinov2, .imageNet)
                (shape.hasLayerScale, shape.registerTokens, shape.positionedPrefix) = (true, 4, 0)
                shape.interpolation = .antialiasedBicubic
            }
            let encoder = try PublishedEncoder(MadeEncoder.file(shape, names: names, prefix: prefix, extra: [:]))
            #expect(encoder.shape == shape, "\(prefix)")
            #expect(encoder.family == family && encoder.normalisation == pixels && encoder.namesOwner == names.owner)
        }
    }

    @Test("timm's one set of names is told apart as its pretrained models are")
    func timm() throws {
        func read(_ change: (inout EncoderShape) -> Void) throws -> (EncoderFamily, PixelNormalisation, EncoderShape) {
            var shape = MadeEncoder.vit
            change(&shape)
            let encoder = try PublishedEncoder(MadeEncoder.file(shape))
            return (encoder.family, encoder.normalisation, encoder.shape)
        }
        let augreg = try read { _ in }
        #expect(augreg.0 == .vit && augreg.1 == .half && augreg.2.epsilon == 1e-6)
        #expect(augreg.2.interpolation == .antialiasedBicubic && augreg.2.positionedPrefix == 1)
        let deit3 = try read { ($0.hasLayerScale, $0.positionedPrefix) = (true, 0) }
        #expect(deit3.0 == .vit && deit3.1 == .imageNet && deit3.2.positionedPrefix == 0)
        let dinov2 = try read { ($0.hasLayerScale, $0.patchSize) = (true, 14) }
        #expect(dinov2.0 == .dinov2 && dinov2.1 == .imageNet)
        let registers = try read {
            ($0.hasClassToken, $0.registerTokens, $0.hasLayerScale, $0.positionedPrefix) = (false, 4, true, 0)
        }
        #expect(registers.0 == .vit && registers.1 == .half && registers.2.prefixTokens == 4)
        let gap = try read { ($0.hasClassToken, $0.positionedPrefix) = (false, 0) }
        #expect(gap.0 == .vit && gap.1 == .half)
        let huge = try read { ($0.hasClassToken, $0.positionedPrefix, $0.width, $0.depth) = (false, 0, 1280, 1) }
        #expect(huge.0 == .imageJEPA && huge.1 == .imageNet && huge.2.heads == 16)
    }

    @Test("A shallower model takes only the blocks it has; the predictor keeps its numbers", arguments: [1, 2, 3])
    func loadsOnlyTheDepthNeeded(depth: Int) throws {
        let file = try MadeEncoder.file()
        let encoder = try PublishedEncoder(file)
        var shape = encoder.shape
        shape.depth = depth
        var model = MadeEncoder.model(shape)
        let before = model.store
        try encoder.load(into: &model)
        for parameter in model.layout.parameters {
            if parameter.name.hasPrefix("encoder.") {
                let published = try file.floats(String(parameter.name.dropFirst(8)))
                #expect(Array(model.store[parameter]) == published, "\(parameter.name)")
            } else {
                #expect(model.store[parameter] == before[parameter])
            }
        }
    }

    @Test("Queries, keys and values stand in this order, whatever the order of their names")
    func joined() throws {
        let file = try MadeEncoder.file(names: .transformersViT, prefix: "vit.", extra: [:])
        let encoder = try PublishedEncoder(file)
        var model = MadeEncoder.model(encoder.shape)
        try encoder.load(into: &model)
        for (part, word) in ["query", "key", "value"].enumerated() {
            let name = "vit.encoder.layer.1.attention.attention.\(word)"
            let weight = model.store[model.encoder.blocks[1].qkvWeight].dropFirst(part * 64 * 64).prefix(64 * 64)
            #expect(Array(weight) == (try file.floats("\(name).weight")))
            let bias = model.store[model.encoder.blocks[1].qkvBias].dropFirst(part * 64).prefix(64)
            #expect(Array(bias) == (try file.floats("\(name).bias")))
        }
    }

    @Test("A model of another shape is refused by the tensor that does not fit, and a deeper one by what is missing")
    func wrongModel() throws {
        let encoder = try PublishedEncoder(MadeEncoder.file())
        var shape = encoder.shape
        (shape.width, shape.heads) = (128, 2)
        var wide = MadeEncoder.model(shape)
        let error = #expect(throws: CheckpointError.self) { try encoder.load(into: &wide) }
        guard case .wrongShape("vit.safetensors", "patch_embed.proj.weight", [128, 3, 8, 8], [64, 3, 8, 8]) = error
        else {
            Issue.record("expected wrongShape, got \(String(describing: error))")
            return
        }
        shape = encoder.shape
        shape.depth = 4
        var deep = MadeEncoder.model(shape)
        let missing = #expect(throws: CheckpointError.self) { try encoder.load(into: &deep) }
        guard case .foreign(_, let names, 1, _, _) = missing else {
            Issue.record("expected foreign, got \(String(describing: missing))")
            return
        }
        #expect(names.allSatisfy { $0.hasPrefix("blocks.3.") })
    }

    @Test(
        "What is no encoder is refused with the nearest names, what is missing, what has another shape and what is there"
    )
    func unknown() throws {
        let resnet = MadeEncoder.refusal {
            try MadeEncoder.file(extra: ["conv1.weight": [2, 3, 1, 1]]) { _, _ in nil }
        }
        for word in ["the names of timm", "patch_embed.proj.weight", "pos_embed", "conv1.weight"] {
            #expect(resnet.contains(word), "\(resnet)")
        }
        let lacking = MadeEncoder.refusal { try MadeEncoder.file { $0 == "blocks.1.mlp.fc1.bias" ? nil : $1 } }
        #expect(lacking.contains("1 are missing (blocks.1.mlp.fc1.bias)"), "\(lacking)")
        let odd = MadeEncoder.refusal { try MadeEncoder.file { $0 == "blocks.2.attn.proj.weight" ? [64, 32] : $1 } }
        #expect(odd.contains("blocks.2.attn.proj.weight: expected [64, 64], got [64, 32]"), "\(odd)")
        let hub = MadeEncoder.refusal {
            try MadeEncoder.file(names: .transformersDINOv2, prefix: "dinov2.") {
                $0 == "dinov2.embeddings.position_embeddings" ? nil : $1
            }
        }
        #expect(hub.contains("transformers' DINOv2") && hub.contains("dinov2.embeddings.position_embeddings"), "\(hub)")
    }

    @Test(
        "Tensors that would change what the encoder computes are never passed over",
        arguments: ["blocks.0.attn.q_norm.weight", "dist_token", "blocks.3.norm1.bias", "patch_embed.norm.weight"])
    func unexpected(name: String) {
        let text = MadeEncoder.refusal { try MadeEncoder.file(extra: [name: [64]]) }
        #expect(text.contains("not of this family: \(name)"), "\(text)")
    }

    @Test("SwiGLU is refused by name, under each library's own")
    func gated() {
        let timm = MadeEncoder.refusal {
            try MadeEncoder.file { $0.hasSuffix("fc2.weight") ? [64, 128] : $1 }
        }
        let hub = MadeEncoder.refusal {
            try MadeEncoder.file(
                names: .transformersDINOv2, extra: ["encoder.layer.0.mlp.weights_in.weight": [256, 64]]
            ) { $0.contains(".mlp.") ? nil : $1 }
        }
        #expect(timm.contains("SwiGLU") && hub.contains("SwiGLU"), "\(timm) \(hub)")
    }

    @Test("The file's metadata says what no tensor can; nonsense there is an error")
    func declared() throws {
        let dino = try PublishedEncoder(
            MadeEncoder.file(metadata: [
                "num_heads": "4", "image_mean": "[0.485, 0.456, 0.406]", "image_std": "[0.229,0.224,0.225]",
            ]))
        #expect(dino.shape.heads == 4 && dino.normalisation.mean == PixelNormalisation.imageNet.mean)
        #expect(dino.normalisation.standardDeviation == PixelNormalisation.imageNet.standardDeviation)
        var clip = MadeEncoder.vit
        (clip.hasPreNorm, clip.hasPatchBias) = (true, false)
        let silent = MadeEncoder.refusal { try MadeEncoder.file(clip) }
        #expect(silent.contains("hidden_act"), "\(silent)")
        let spoken = try PublishedEncoder(MadeEncoder.file(clip, metadata: ["hidden_act": "quick_gelu"]))
        #expect(spoken.family == .clip && spoken.shape.activation == .quickGELU && spoken.shape.epsilon == 1e-5)
        for (key, value) in [
            ("num_heads", "3"), ("num_heads", "0"), ("num_heads", "two"), ("hidden_act", "relu"),
            ("image_mean", "[1, 2]"),
            ("image_std", "[1, 1, 1]"), ("image_mean", "[nan, 0, 0]"),
        ] {
            let text = MadeEncoder.refusal { try MadeEncoder.file(metadata: [key: value]) }
            #expect(text.contains("heads") || text.contains("metadata"), "\(key) \(value): \(text)")
        }
        // A class token with one register is published with another normalisation than DINOv2's.
        var tips = MadeEncoder.vit
        (tips.hasLayerScale, tips.registerTokens, tips.positionedPrefix, tips.patchSize) = (true, 1, 0, 14)
        #expect(MadeEncoder.refusal { try MadeEncoder.file(tips) }.contains("image_mean"))
    }

    @Test(
        "Shapes that make no encoder are errors, never a crash",
        arguments: [
            ("pos_embed", [1, 0, 64]), ("pos_embed", [1, 3, 64]), ("pos_embed", [1, 15, 64]), ("pos_embed", [17, 64]),
            ("pos_embed", [1, 4_611_686_018_427_387_905, 0]), ("pos_embed", [1, 17, 32]),
            ("patch_embed.proj.weight", [0, 3, 8, 8]),
            ("patch_embed.proj.weight", [0, 3, 4_000_000_000, 4_000_000_000]),
            ("patch_embed.proj.weight", [64, 3, 0, 0]), ("patch_embed.proj.weight", [64, 3, 8, 4]),
            ("patch_embed.proj.weight", [64, 1, 8, 8]), ("patch_embed.proj.weight", [65, 3, 8, 8]),
            ("patch_embed.proj.weight", []), ("cls_token", [64]), ("blocks.0.norm1.weight", [0]),
            ("blocks.0.mlp.fc1.weight", []), ("blocks.0.mlp.fc1.weight", [0, 64]),
            ("blocks.0.mlp.fc2.weight", [64, 0]),
            ("reg_token", [4, 64]), ("reg_token", [1, 0, 64]), ("reg_token", [1, 3_000_000_000, 0]),
        ])
    func hostileShapes(name: String, shape: [Int]) {
        var made = MadeEncoder.vit
        if name == "reg_token" { (made.registerTokens, made.positionedPrefix) = (4, 0) }
        #expect(throws: CheckpointError.self) {
            try PublishedEncoder(MadeEncoder.file(made) { $0 == name ? shape : $1 })
        }
    }

    @Test("An encoder without blocks, or of a width that has no heads, is refused")
    func noBlocks() {
        #expect(throws: CheckpointError.self) {
            try PublishedEncoder(MadeEncoder.file { $0.hasPrefix("blocks.") ? nil : $1 })
        }
        var narrow = MadeEncoder.vit
        narrow.width = 32
        #expect(MadeEncoder.refusal { try MadeEncoder.file(narrow) }.contains("num_heads"))
    }
}
