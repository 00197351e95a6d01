import Network
import Numerics

/// A vision transformer in timm's published tensor names (`vit_tiny_patch16_224` and its kin): what its file says of
/// its shape, and its numbers.
///
/// timm names neither the heads nor the preprocessing in the file: every ViT of this family has heads of 64 columns,
/// and the augreg weights were trained on (x/255 − 0.5) / 0.5.
package struct TimmEncoder: Sendable {
    package let shape: EncoderShape
    private let file: SafetensorsFile

    static let headWidth = 64

    /// Reads the shape and checks that every tensor of an encoder of that shape is there.
    package init(_ file: SafetensorsFile) throws(CheckpointError) {
        self.file = file
        guard let embed = file.shape("patch_embed.proj.weight"), embed.count == 4, embed[1] == 3, embed[2] == embed[3],
            let positions = file.shape("pos_embed"), positions.count == 3, positions[2] == embed[0]
        else {
            throw .foreign(
                file: file.path,
                missing: [
                    "patch_embed.proj.weight (D, 3, p, p)", "pos_embed (1, 1 + n, D)", "blocks.0.norm1.weight (D)",
                ],
                missingCount: 3, found: Array(file.names.prefix(8)), foundCount: file.names.count)
        }
        let width = embed[0]
        var depth = 0
        while file.shape("blocks.\(depth).norm1.weight") != nil { depth += 1 }
        let hasClassToken = file.shape("cls_token") != nil
        let patches = positions[1] - (hasClassToken ? 1 : 0)
        let side = Int(Double(max(0, patches)).squareRoot().rounded())
        guard depth > 0, width > 0, width % Self.headWidth == 0, embed[2] > 0, side * side == patches, side > 0 else {
            throw .damaged(
                file: file.path,
                problem:
                    "expected at least one block, a width divisible by \(Self.headWidth) and a square grid of positions, "
                    + "got \(depth) blocks, width \(width) and \(patches) positions")
        }
        shape = EncoderShape(
            patchSize: embed[2], width: width, depth: depth, heads: width / Self.headWidth,
            hasClassToken: hasClassToken, learnedPositionSide: side)
        var wanted: [String: [Int]] = [:]
        for parameter in Self.layout(shape).parameters {
            wanted[parameter.name] = Self.publishedShape(of: parameter, named: parameter.name, shape: shape)
        }
        try file.require(wanted)
    }

    /// Copies the encoder's numbers into a model whose encoder has at most this depth; throws when it has another shape.
    package func load<Scalar: KernelScalar>(into model: inout InspectionModel<Scalar>) throws(CheckpointError) {
        for parameter in model.layout.parameters where parameter.name.hasPrefix("encoder.") {
            let name = String(parameter.name.dropFirst("encoder.".count))
            let numbers = try file.floats(
                name, expectedShape: Self.publishedShape(of: parameter, named: name, shape: model.shape.encoder))
            model.store[parameter] = numbers.map { Scalar($0) }[...]
        }
    }

    /// Mean and deviation of (x/255 − mean) / deviation.
    package static let mean: [Float] = [0.5, 0.5, 0.5]
    package static let standardDeviation: [Float] = [0.5, 0.5, 0.5]

    private static func layout(_ shape: EncoderShape) -> ParameterLayout {
        var layout = ParameterLayout()
        _ = Encoder(&layout, prefix: "", shape: shape)
        return layout
    }

    private static func publishedShape(of parameter: Parameter, named name: String, shape: EncoderShape) -> [Int] {
        switch name {
        case "patch_embed.proj.weight": [shape.width, 3, shape.patchSize, shape.patchSize]
        case "cls_token": [1, 1, shape.width]
        case "pos_embed": [1, parameter.rows, shape.width]
        default: parameter.rows == 1 ? [parameter.columns] : [parameter.rows, parameter.columns]
        }
    }
}
