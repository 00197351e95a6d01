import Network

/// What `card.json` says of a model that judges as WinCLIP does; the numbers lie in the bundle's weights.
package struct CLIPCard: Codable, Sendable, Equatable {
    package enum Source: String, Codable, Sendable {
        /// A published image tower over pixels: the architecture's encoder is this very tower.
        case published
        /// A tower that was trained here over the tokens of the architecture's encoder.
        case trained
    }

    package var source: Source
    /// What the prompts call the part; their embeddings are in the weights.
    package var object: String
    package var tower: EncoderShape
    /// Width of an embedding.
    package var outputWidth: Int
    /// What cosines are multiplied by before the softmax.
    package var scale: Double

    package init(source: Source, object: String, tower: EncoderShape, outputWidth: Int, scale: Double) {
        self.source = source
        self.object = object
        self.tower = tower
        self.outputWidth = outputWidth
        self.scale = scale
    }

    /// What is impossible about these numbers beside `architecture`, or nil.
    func problem(_ architecture: ArchitectureCard) -> String? {
        guard (1...8192).contains(outputWidth), scale.isFinite, scale > 0, scale <= 100 else {
            return "clip: expected outputWidth in 1…8192 and scale in 0…100, got \(outputWidth), \(scale)"
        }
        guard tower.hasClassToken else { return "clip.tower: expected a class token" }
        switch source {
        case .published:
            guard tower == architecture.network.encoder, tower.inputWidth == nil,
                architecture.inputWidth == architecture.inputHeight
            else { return "clip.tower: expected the architecture's encoder and a square input" }
        case .trained:
            guard tower.patchSize == 1, tower.inputWidth == architecture.network.targetWidth else {
                return
                    "clip.tower: expected patchSize 1 and inputWidth \(architecture.network.targetWidth), as wide as "
                    + "the encoder's tokens, got \(tower.patchSize) and \(tower.inputWidth.map(String.init) ?? "none")"
            }
            let side = architecture.network.encoder.patchSize
            var own = ArchitectureCard(
                network: .encoderAlone(tower), inputWidth: architecture.inputWidth / side,
                inputHeight: architecture.inputHeight / side, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
            own.network.encoder.inputWidth = nil
            return own.problem.map { $0.replacing("architecture", with: "clip") }
        }
        return nil
    }
}

extension ModelShape {
    /// The shape of a model of which only an encoder is used: the smallest predictor that there is, which never runs.
    package static func encoderAlone(
        _ encoder: EncoderShape, source: EncoderSource = .imported, targetBlocks: [Int]? = nil, lowLevelWidth: Int = 0
    ) -> ModelShape {
        ModelShape(
            source: source, encoder: encoder, targetBlocks: targetBlocks ?? [max(1, encoder.depth)],
            lowLevelWidth: lowLevelWidth, predictorWidth: 4, predictorDepth: 0, predictorHeads: 1, hasDamageHead: false)
    }
}
