import Network
import Numerics

/// Reads an encoder's shape off the shapes of a file's tensors, and checks that they agree.
struct ShapeReader: Sendable {
    let file: SafetensorsFile
    let names: TensorNames
    let prefix: String

    /// Numbers above these are of no encoder that runs on a CPU; they keep products from overflowing.
    private static let largestWidth = 8192
    private static let largestPatch = 256
    private static let largestSide = 256
    private static let mostRegisters = 64
    private static let mostBlocks = 256

    static let gatedReason =
        "its blocks have SwiGLU, as DINOv2's giant has, which is not supported; take a small, base or large model"

    /// The shape as far as tensors tell it, with the defaults of `EncoderShape` for what they do not. Throws what no
    /// encoder has.
    func shape(declaredHeads: Int?) throws(CheckpointError) -> EncoderShape {
        guard let embed = dimensions("patch_embed.proj.weight"), embed.count == 4, embed[1] == 3, embed[2] == embed[3],
            (1...Self.largestWidth).contains(embed[0]), (1...Self.largestPatch).contains(embed[2])
        else { throw wrong("patch_embed.proj.weight", "(D, 3, p, p)") }
        let width = embed[0]
        let depth = (0..<Self.mostBlocks).first { dimensions("blocks.\($0).norm1.weight") == nil } ?? Self.mostBlocks
        if isGated { throw unsupported(Self.gatedReason) }
        guard let hidden = dimensions("blocks.0.mlp.fc1.weight")?.first, (1...8 * Self.largestWidth).contains(hidden)
        else {
            throw wrong("blocks.0.mlp.fc1.weight", "(hidden, \(width))")
        }
        let hasClassToken = dimensions("cls_token") != nil
        var registers = 0
        if let tokens = dimensions("reg_token") {
            guard tokens.count == 3, (1...Self.mostRegisters).contains(tokens[1]) else {
                throw wrong("reg_token", "(1, 1…\(Self.mostRegisters), \(width))")
            }
            registers = tokens[1]
        }
        let (side, positioned) = try positions(width: width, hasClassToken: hasClassToken, registers: registers)
        return EncoderShape(
            patchSize: embed[2], width: width, depth: depth, heads: try heads(width, declaredHeads),
            hiddenWidth: hidden,
            hasClassToken: hasClassToken, registerTokens: registers, learnedPositionSide: side,
            positionedPrefix: positioned, hasPatchBias: dimensions("patch_embed.proj.bias") != nil,
            hasPreNorm: dimensions("norm_pre.weight") != nil, hasLayerScale: dimensions("blocks.0.ls1.gamma") != nil)
    }

    /// Throws unless every tensor of an encoder of this shape is there with its shape, and nothing besides that would
    /// change what it computes.
    func require(_ shape: EncoderShape, nearest: String) throws(CheckpointError) {
        var layout = ParameterLayout()
        _ = Encoder(&layout, prefix: "", shape: shape)
        var expected: [String] = []
        var missing: [String] = []
        var wrong: [String] = []
        for parameter in layout.parameters {
            let published = published(parameter, named: parameter.name, shape: shape)
            if published.isEmpty { missing.append(parameter.name) }
            for (name, dimensions) in published {
                expected.append(name)
                guard let got = file.shape(name) else {
                    missing.append(name)
                    continue
                }
                if got != dimensions { wrong.append("\(name): expected \(dimensions), got \(got)") }
            }
        }
        let known = Set(expected)
        let unexpected = file.names.filter { name in
            guard name.hasPrefix(prefix), !known.contains(name) else { return false }
            return !names.ignored.contains { name.dropFirst(prefix.count).hasPrefix($0) }
        }
        guard missing.isEmpty, wrong.isEmpty, unexpected.isEmpty else {
            throw .unknownEncoder(
                file: file.path, nearest: nearest, expected: expected, missing: missing, wrong: wrong,
                unexpected: unexpected, found: Array(file.names.prefix(8)), foundCount: file.names.count)
        }
    }

    /// The file's tensors that make up one of `Encoder`'s parameters, with their shapes, in the order of its rows; empty
    /// where these names have none.
    func published(_ parameter: Parameter, named name: String, shape: EncoderShape) -> [(String, [Int])] {
        let theirs = names.theirs(name, prefix: prefix)
        let dimensions: [Int] =
            switch name {
            case "patch_embed.proj.weight": [shape.width, 3, shape.patchSize, shape.patchSize]
            case "cls_token": names.tokensAreFlat ? [shape.width] : [1, 1, shape.width]
            case "pos_embed": (names.tokensAreFlat ? [] : [1]) + [parameter.rows, shape.width]
            case "reg_token": [1, parameter.rows, shape.width]
            default:
                // Joined tensors share the rows of a matrix, or the numbers of a vector.
                parameter.name.hasSuffix(".weight") && parameter.rows > 1
                    ? [parameter.rows / max(1, theirs.count), parameter.columns]
                    : [parameter.columns / max(1, theirs.count)]
            }
        return theirs.map { ($0, dimensions) }
    }

    /// The side of the grid of positions, and how many prefix tokens have one of their own.
    private func positions(
        width: Int, hasClassToken: Bool, registers: Int
    ) throws(CheckpointError) -> (side: Int, positioned: Int) {
        let expected = "(\(names.tokensAreFlat ? "" : "1, ")prefix tokens + n · n, \(width))"
        guard let shape = dimensions("pos_embed"), shape.count == (names.tokensAreFlat ? 2 : 3), shape.last == width,
            (1...Self.largestSide * Self.largestSide + Self.mostRegisters + 1).contains(shape[shape.count - 2])
        else { throw wrong("pos_embed", expected) }
        let rows = shape[shape.count - 2]
        let classes = hasClassToken ? 1 : 0
        // timm's encoders with registers have positions for patches alone, its others for the class token too, or, as
        // DeiT III, not; transformers' for the class token, never for registers.
        let ways =
            names.owner != TensorNames.timm.owner
            ? [classes] : registers > 0 ? [0, classes + registers] : [classes, 0]
        for positioned in ways {
            let side = Int(Double(max(0, rows - positioned)).squareRoot().rounded())
            if side > 0, side * side + positioned == rows { return (side, positioned) }
        }
        throw wrong("pos_embed", expected)
    }

    /// No file names its heads. They are 64 columns wide but in the largest models, which have 16.
    private func heads(_ width: Int, _ declared: Int?) throws(CheckpointError) -> Int {
        let heads = declared ?? ([1152, 1280, 1408, 1664].contains(width) ? 16 : width % 64 == 0 ? width / 64 : 0)
        guard heads > 0, width % heads == 0 else {
            throw unsupported(
                "its width is \(width), of which \(declared.map { "\($0) heads" } ?? "heads of 64 columns") cannot be cut; "
                    + "say num_heads in the file's metadata")
        }
        return heads
    }

    /// SwiGLU: DINOv2's giant, under both libraries' names.
    private var isGated: Bool {
        if let first = dimensions("blocks.0.mlp.fc1.weight"), let second = dimensions("blocks.0.mlp.fc2.weight"),
            first.count == 2, second.count == 2, second[1] > 0, first[0] == 2 * second[1]
        {
            return true
        }
        return false
    }

    /// The shape of our tensor `ours` in the file: of the first, where several are joined.
    private func dimensions(_ ours: String) -> [Int]? {
        names.theirs(ours, prefix: prefix).first.flatMap(file.shape)
    }

    private func wrong(_ ours: String, _ expected: String) -> CheckpointError {
        let name = names.theirs(ours, prefix: prefix).first ?? ours
        let got = file.shape(name).map { "\($0)" } ?? "none"
        return .unknownEncoder(
            file: file.path, nearest: "the names of \(names.owner)", expected: [name], missing: [],
            wrong: ["\(name): expected \(expected), got \(got)"], unexpected: [], found: Array(file.names.prefix(8)),
            foundCount: file.names.count)
    }

    private func unsupported(_ reason: String) -> CheckpointError {
        .unsupportedEncoder(file: file.path, reason: reason)
    }
}
