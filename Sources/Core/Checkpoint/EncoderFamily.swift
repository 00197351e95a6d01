import Network

/// A kind of published encoder: what its numbers do not say of themselves.
package enum EncoderFamily: String, Sendable, CaseIterable {
    /// Supervised ViTs (arXiv 2010.11929) in timm and transformers, DeiT III and register variants among them.
    case vit
    /// Self-supervised, with LayerScale (arXiv 2304.07193), and registers (arXiv 2309.16588).
    case dinov2
    /// Self-supervised by predicting embeddings (arXiv 2301.08243): no class token.
    case imageJEPA
    /// The vision tower of CLIP (arXiv 2103.00020).
    case clip

    /// As people write it.
    package var name: String {
        switch self {
        case .vit: "ViT"
        case .dinov2: "DINOv2"
        case .imageJEPA: "I-JEPA"
        case .clip: "CLIP vision"
        }
    }
}

/// How an encoder was given its pixels: (x / 255 − mean) / deviation per channel.
package struct PixelNormalisation: Sendable, Equatable {
    /// Whose numbers these are, for people.
    package let name: String
    package let mean: [Float]
    package let standardDeviation: [Float]

    /// Google's ViTs, and what timm trained from them.
    package static let half = PixelNormalisation(
        name: "0.5 as in augreg", mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
    package static let imageNet = PixelNormalisation(
        name: "ImageNet's", mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])
    package static let clip = PixelNormalisation(
        name: "CLIP's", mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
        standardDeviation: [0.268_629_54, 0.261_302_58, 0.275_777_11])
}

/// What a checkpoint's maker says under `__metadata__`, in the words of the libraries' own configurations, where tensors
/// cannot say it: `num_heads` ("6"), `hidden_act` ("gelu", "quick_gelu"), `image_mean` and `image_std`
/// ("[0.5, 0.5, 0.5]"). Published files say none of this; then the family's usual numbers hold.
struct DeclaredNumbers {
    var heads: Int?
    var activation: EncoderShape.Activation?
    var normalisation: PixelNormalisation?
    /// ε of every LayerNorm.
    var epsilon: Double?

    /// What a configuration beside the weights says.
    init(
        heads: Int, activation: EncoderShape.Activation, epsilon: Double, normalisation: PixelNormalisation?
    ) {
        self.heads = heads
        self.activation = activation
        self.epsilon = epsilon
        self.normalisation = normalisation
    }

    init(_ file: SafetensorsFile) throws(CheckpointError) {
        let words = file.metadata
        func unreadable(_ key: String, _ expected: String) -> CheckpointError {
            .unsupportedEncoder(
                file: file.path, reason: "its metadata says \(key): \"\(words[key] ?? "")\", expected \(expected)")
        }
        if let text = words["num_heads"] {
            guard let value = Int(text), (1...256).contains(value) else { throw unreadable("num_heads", "1…256") }
            heads = value
        }
        if let text = words["hidden_act"] {
            switch text {
            case "gelu": activation = .gelu
            case "quick_gelu": activation = .quickGELU
            default: throw unreadable("hidden_act", "\"gelu\" or \"quick_gelu\"")
            }
        }
        if words["image_mean"] != nil || words["image_std"] != nil {
            guard let mean = Self.three(words["image_mean"]) else {
                throw unreadable("image_mean", "three numbers like \"[0.5, 0.5, 0.5]\"")
            }
            guard let deviation = Self.three(words["image_std"]), deviation.allSatisfy({ $0 > 0 }) else {
                throw unreadable("image_std", "three numbers above 0 like \"[0.5, 0.5, 0.5]\"")
            }
            normalisation = PixelNormalisation(
                name: "as its metadata says", mean: mean, standardDeviation: deviation)
        }
    }

    private static func three(_ text: String?) -> [Float]? {
        guard let text, text.hasPrefix("["), text.hasSuffix("]") else { return nil }
        let numbers = text.dropFirst().dropLast().split(separator: ",").map { part in
            Float(String(part.filter { $0 != " " }))
        }
        guard numbers.count == 3, numbers.allSatisfy({ $0?.isFinite == true }) else { return nil }
        return numbers.compactMap { $0 }
    }
}
