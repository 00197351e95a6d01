import Foundation
import Network
import Numerics
import Testing

@testable import Checkpoint

@Suite("Encoders under timm's names")
struct TimmEncoderTests {
    /// A file of random numbers for an encoder of `depth` blocks, width 64; `change` edits shapes by name, nil drops.
    static func file(
        depth: Int = 3, width: Int = 64, side: Int = 4, change: (String, [Int]) -> [Int]? = { $1 }
    ) throws -> SafetensorsFile {
        let shape = EncoderShape(
            patchSize: 8, width: width, depth: depth, heads: 1, hasClassToken: true, learnedPositionSide: side)
        var layout = ParameterLayout()
        _ = Encoder(&layout, prefix: "", shape: shape)
        var random = RandomSource(seed: 1)
        let store = ParameterStore<Float>(initialising: layout, using: &random)
        var writer = SafetensorsWriter()
        for parameter in layout.parameters {
            let usual: [Int] =
                switch parameter.name {
                case "patch_embed.proj.weight": [width, 3, 8, 8]
                case "cls_token": [1, 1, width]
                case "pos_embed": [1, parameter.rows, width]
                default: parameter.rows == 1 ? [parameter.columns] : [parameter.rows, parameter.columns]
                }
            guard let changed = change(parameter.name, usual) else { continue }
            let count = changed.reduce(1, *)
            var numbers = Array(store[parameter].prefix(count))
            numbers += [Float](repeating: 0.5, count: count - numbers.count)
            try writer.add(parameter.name, shape: changed, numbers)
        }
        try writer.add("head.weight", shape: [2, 2], [1, 2, 3, 4])
        return try SafetensorsFile(bytes: writer.encoded(), path: "vit.safetensors")
    }

    static func model(depth: Int, width: Int = 64, patchSize: Int = 8) -> InspectionModel<Float> {
        var random = RandomSource(seed: 9)
        return InspectionModel(
            shape: ModelShape(
                source: .imported,
                encoder: EncoderShape(
                    patchSize: patchSize, width: width, depth: depth, heads: 1, hasClassToken: true,
                    learnedPositionSide: 4),
                targetBlocks: [depth], lowLevelWidth: 0, predictorWidth: 8, predictorDepth: 1, predictorHeads: 1,
                hasDamageHead: false), using: &random)
    }

    @Test("The shape is read off the tensors")
    func shape() throws {
        let encoder = try TimmEncoder(Self.file())
        #expect(
            encoder.shape
                == EncoderShape(
                    patchSize: 8, width: 64, depth: 3, heads: 1, hasClassToken: true, learnedPositionSide: 4))
    }

    @Test("A shallower model takes only the blocks it has; the predictor keeps its numbers", arguments: [1, 2, 3])
    func loadsOnlyTheDepthNeeded(depth: Int) throws {
        let file = try Self.file()
        var model = Self.model(depth: depth)
        let before = model.store
        try TimmEncoder(file).load(into: &model)
        for parameter in model.layout.parameters {
            if parameter.name.hasPrefix("encoder.") {
                let published = try file.floats(String(parameter.name.dropFirst(8)))
                #expect(Array(model.store[parameter]) == published, "\(parameter.name)")
            } else {
                #expect(model.store[parameter] == before[parameter])
            }
        }
    }

    @Test("A model of another shape is refused by the tensor that does not fit, and a deeper one by what is missing")
    func wrongModel() throws {
        let encoder = try TimmEncoder(Self.file(depth: 2))
        var wide = Self.model(depth: 2, width: 128)
        let error = #expect(throws: CheckpointError.self) { try encoder.load(into: &wide) }
        guard case .wrongShape("vit.safetensors", "patch_embed.proj.weight", [128, 3, 8, 8], [64, 3, 8, 8]) = error
        else {
            Issue.record("expected wrongShape, got \(String(describing: error))")
            return
        }
        var deep = Self.model(depth: 3)
        let missing = #expect(throws: CheckpointError.self) { try encoder.load(into: &deep) }
        guard case .foreign(_, let names, 1, _, _) = missing else {
            Issue.record("expected foreign, got \(String(describing: missing))")
            return
        }
        #expect(names.allSatisfy { $0.hasPrefix("blocks.2.") })
    }

    @Test("A foreign file is refused with the tensors that were expected and those it holds")
    func foreign() throws {
        var writer = SafetensorsWriter()
        try writer.add("conv1.weight", shape: [2, 3, 1, 1], [1, 2, 3, 4, 5, 6])
        let error = #expect(throws: CheckpointError.self) {
            try TimmEncoder(SafetensorsFile(bytes: writer.encoded(), path: "resnet.safetensors"))
        }
        let text = error?.description ?? ""
        #expect(text.contains("patch_embed.proj.weight") && text.contains("pos_embed") && text.contains("conv1.weight"))
        let lacking = #expect(throws: CheckpointError.self) {
            try TimmEncoder(Self.file { $0 == "blocks.1.mlp.fc1.bias" ? nil : $1 })
        }
        #expect(lacking?.description.contains("blocks.1.mlp.fc1.bias") == true)
        let odd = #expect(throws: CheckpointError.self) {
            try TimmEncoder(Self.file { $0 == "blocks.2.attn.proj.weight" ? [64, 32] : $1 })
        }
        #expect(odd?.description.contains("blocks.2.attn.proj.weight") == true)
    }

    @Test(
        "Shapes that make no encoder are errors, never a crash",
        arguments: [
            ("pos_embed", [1, 0, 64]), ("pos_embed", [1, 1, 64]), ("pos_embed", [1, 16, 64]), ("pos_embed", [17, 64]),
            ("pos_embed", [1, 4_611_686_018_427_387_905, 0]), ("pos_embed", [1, 17, 32]),
            ("patch_embed.proj.weight", [0, 3, 8, 8]),
            ("patch_embed.proj.weight", [0, 3, 4_000_000_000, 4_000_000_000]),
            ("patch_embed.proj.weight", [64, 3, 0, 0]), ("patch_embed.proj.weight", [64, 3, 8, 4]),
            ("patch_embed.proj.weight", [64, 1, 8, 8]), ("patch_embed.proj.weight", [65, 3, 8, 8]),
            ("patch_embed.proj.weight", []), ("cls_token", [64]), ("blocks.0.norm1.weight", [0]),
        ])
    func hostileShapes(name: String, shape: [Int]) {
        #expect(throws: CheckpointError.self) { try TimmEncoder(Self.file { $0 == name ? shape : $1 }) }
    }

    @Test("An encoder without blocks, or of a width that has no heads, is refused")
    func noBlocks() {
        #expect(throws: CheckpointError.self) { try TimmEncoder(Self.file { $0.hasPrefix("blocks.") ? nil : $1 }) }
        #expect(throws: CheckpointError.self) { try TimmEncoder(Self.file(width: 32)) }
    }
}
