/// The numbers that fix a vision transformer. A card that lacks the later ones (written before they were there) means
/// the plain ViT that was all there was.
package struct EncoderShape: Sendable, Equatable, Codable {
    package var patchSize: Int
    package var width: Int
    package var depth: Int
    package var heads: Int
    /// Width of the hidden layer in each block.
    package var hiddenWidth: Int
    /// True for imported encoders with a class token in front of the patches.
    package var hasClassToken: Bool
    /// Register tokens (arXiv 2309.16588) between the class token and the patches.
    package var registerTokens: Int
    /// Side of the square grid of learned positions; 0 = fixed sine-cosine positions.
    package var learnedPositionSide: Int
    /// How many of the prefix tokens, from the first, have a learned position of their own.
    package var positionedPrefix: Int
    /// How learned positions are brought to another grid.
    package var interpolation: Positions.Interpolation
    /// False where the patch embedding has no bias (CLIP).
    package var hasPatchBias: Bool
    /// A LayerNorm between the embedding and the first block (CLIP).
    package var hasPreNorm: Bool
    /// A learned factor per column on each branch (arXiv 2103.17239; DINOv2).
    package var hasLayerScale: Bool
    package var activation: Activation
    /// ε of every LayerNorm.
    package var epsilon: Double
    /// Numbers of what becomes a token, where these are no pixels of a patch but another encoder's tokens; nil = 3 · patchSize².
    package var inputWidth: Int?

    /// What follows a block's hidden layer.
    package enum Activation: String, Sendable, Codable {
        /// x · Φ(x).
        case gelu
        /// x · σ(1.702 x), OpenAI's approximation.
        case quickGELU
    }

    /// `hiddenWidth` nil = 4 · width; `positionedPrefix` nil = the class token, where there is one.
    package init(
        patchSize: Int, width: Int, depth: Int, heads: Int, hiddenWidth: Int? = nil, hasClassToken: Bool,
        registerTokens: Int = 0, learnedPositionSide: Int, positionedPrefix: Int? = nil,
        interpolation: Positions.Interpolation = .bicubic, hasPatchBias: Bool = true, hasPreNorm: Bool = false,
        hasLayerScale: Bool = false, activation: Activation = .gelu, epsilon: Double = Block.epsilon,
        inputWidth: Int? = nil
    ) {
        self.inputWidth = inputWidth
        self.patchSize = patchSize
        self.width = width
        self.depth = depth
        self.heads = heads
        self.hiddenWidth = hiddenWidth ?? 4 * width
        self.hasClassToken = hasClassToken
        self.registerTokens = registerTokens
        self.learnedPositionSide = learnedPositionSide
        self.positionedPrefix = positionedPrefix ?? (hasClassToken ? 1 : 0)
        self.interpolation = interpolation
        self.hasPatchBias = hasPatchBias
        self.hasPreNorm = hasPreNorm
        self.hasLayerScale = hasLayerScale
        self.activation = activation
        self.epsilon = epsilon
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func optional<Value: Decodable>(_ key: CodingKeys) throws -> Value? {
            try values.decodeIfPresent(Value.self, forKey: key)
        }
        let width = try values.decode(Int.self, forKey: .width)
        // A card is not trusted yet: a product that overflows must not end the program.
        let usual = width.multipliedReportingOverflow(by: 4)
        self.init(
            patchSize: try values.decode(Int.self, forKey: .patchSize), width: width,
            depth: try values.decode(Int.self, forKey: .depth), heads: try values.decode(Int.self, forKey: .heads),
            hiddenWidth: try optional(.hiddenWidth) ?? (usual.overflow ? 0 : usual.partialValue),
            hasClassToken: try values.decode(Bool.self, forKey: .hasClassToken),
            registerTokens: try optional(.registerTokens) ?? 0,
            learnedPositionSide: try values.decode(Int.self, forKey: .learnedPositionSide),
            positionedPrefix: try optional(.positionedPrefix), interpolation: try optional(.interpolation) ?? .bicubic,
            hasPatchBias: try optional(.hasPatchBias) ?? true, hasPreNorm: try optional(.hasPreNorm) ?? false,
            hasLayerScale: try optional(.hasLayerScale) ?? false, activation: try optional(.activation) ?? .gelu,
            epsilon: try optional(.epsilon) ?? Block.epsilon, inputWidth: try optional(.inputWidth))
    }

    /// Tokens in front of the patches of every sequence: the class token, then the registers.
    package var prefixTokens: Int { (hasClassToken ? 1 : 0) + registerTokens }

    /// The shape of each block.
    package var block: BlockShape {
        BlockShape(
            width: width, heads: heads, hiddenWidth: hiddenWidth, hasLayerScale: hasLayerScale, activation: activation,
            epsilon: epsilon)
    }
}
