import Numerics
import Text

/// The tensors of CLIP's text side under `transformers`' names.
enum CLIPNames {
    static let tokens = "text_model.embeddings.token_embedding.weight"
    static let positions = "text_model.embeddings.position_embedding.weight"
    static let projection = "text_projection.weight"
    static let imageProjection = "visual_projection.weight"
    static let logScale = "logit_scale"

    static func tensors(_ tower: TextTower) -> [(parameter: Parameter, tensor: PublishedTensor)] {
        let shape = tower.shape
        let width = shape.width
        var result: [(parameter: Parameter, tensor: PublishedTensor)] = []
        func add(_ parameter: Parameter, _ names: [String], _ shape: [Int]) {
            result.append((parameter, PublishedTensor(names: names, shape: shape)))
        }
        func layer(_ weight: Parameter, _ bias: Parameter, _ names: [String], _ rows: Int, _ columns: Int) {
            add(weight, names.map { $0 + ".weight" }, [rows, columns])
            add(bias, names.map { $0 + ".bias" }, [rows])
        }
        func norm(_ scale: Parameter, _ shift: Parameter, _ name: String) {
            add(scale, [name + ".weight"], [width])
            add(shift, [name + ".bias"], [width])
        }
        add(tower.tokenTable, [tokens], [shape.tokens, width])
        add(tower.positionTable, [positions], [shape.positions, width])
        norm(tower.normScale, tower.normShift, "text_model.final_layer_norm")
        if let own = tower.projection { add(own, [projection], [shape.outputWidth, width]) }
        for (index, block) in tower.blocks.enumerated() {
            let name = "text_model.encoder.layers.\(index)."
            layer(
                block.qkvWeight, block.qkvBias, ["q_proj", "k_proj", "v_proj"].map { name + "self_attn." + $0 }, width,
                width)
            layer(block.projectionWeight, block.projectionBias, [name + "self_attn.out_proj"], width, width)
            norm(block.norm1Scale, block.norm1Shift, name + "layer_norm1")
            layer(block.hiddenWeight, block.hiddenBias, [name + "mlp.fc1"], shape.hiddenWidth, width)
            layer(block.outputWeight, block.outputBias, [name + "mlp.fc2"], width, shape.hiddenWidth)
            norm(block.norm2Scale, block.norm2Shift, name + "layer_norm2")
        }
        return result
    }
}

/// What `config.json` says of one of CLIP's towers that its tensors do not. A key that is left out has the value of
/// OpenAI's models, as in `transformers`.
struct CLIPConfiguration: Decodable {
    let heads: Int?
    let epsilon: Double?
    let activation: String?

    private enum CodingKeys: String, CodingKey {
        case heads = "num_attention_heads"
        case epsilon = "layer_norm_eps"
        case activation = "hidden_act"
    }

    private struct Whole: Decodable {
        let text: CLIPConfiguration?
        let vision: CLIPConfiguration?

        enum CodingKeys: String, CodingKey {
            case text = "text_config"
            case vision = "vision_config"
        }
    }

    /// The text part of a CLIP model's configuration, or a text tower's own.
    static func read(_ folder: TextFolder) throws(CheckpointError) -> CLIPConfiguration {
        if let part = try folder.json(TextFolder.configurationFile, as: Whole.self).text { return part }
        return try folder.json(TextFolder.configurationFile, as: CLIPConfiguration.self)
    }

    /// The vision part of a CLIP model's configuration, nil where it has none.
    static func readVision(_ folder: TextFolder) throws(CheckpointError) -> CLIPConfiguration? {
        try folder.json(TextFolder.configurationFile, as: Whole.self).vision
    }

    /// The activation and ε, checked; `bad` makes the error of a problem.
    func checked(
        _ bad: (String) -> CheckpointError
    ) throws(CheckpointError) -> (isQuick: Bool, epsilon: Double) {
        let name = activation ?? "quick_gelu"
        guard name == "quick_gelu" || name == "gelu" else {
            throw bad("hidden_act: expected \"quick_gelu\" or \"gelu\", got \"\(name)\"")
        }
        let epsilon = self.epsilon ?? 1e-5
        guard epsilon > 0, epsilon < 1 else {
            throw bad("layer_norm_eps: expected a number above 0 and below 1, got \(epsilon)")
        }
        return (name == "quick_gelu", epsilon)
    }

    func shape(_ file: SafetensorsFile, folder: TextFolder) throws(CheckpointError) -> TextTowerShape {
        func bad(_ problem: String) -> CheckpointError {
            .badTextFile(file: folder.path(of: TextFolder.configurationFile), problem: problem)
        }
        let (isQuick, epsilon) = try checked(bad)
        let activation: TextTowerShape.Activation = isQuick ? .quickGELU : .gelu
        let hiddenName = "text_model.encoder.layers.0.mlp.fc1.weight"
        guard let tokens = file.shape(CLIPNames.tokens), tokens.count == 2, tokens[0] > 0, tokens[1] > 0,
            let positions = file.shape(CLIPNames.positions), positions.count == 2, positions[0] >= 2,
            let projection = file.shape(CLIPNames.projection), projection.count == 2, projection[0] > 0,
            let hidden = file.shape(hiddenName), hidden.count == 2, hidden[0] > 0
        else {
            throw .foreign(
                file: file.path,
                missing: [
                    CLIPNames.tokens + " (V, D)", CLIPNames.positions + " (P, D)", CLIPNames.projection + " (E, D)",
                    hiddenName + " (H, D)",
                ], missingCount: 4, found: Array(file.names.prefix(8)), foundCount: file.names.count)
        }
        let heads = self.heads ?? 8
        guard heads > 0, tokens[1] % heads == 0 else {
            throw bad("num_attention_heads: expected a divisor of the width \(tokens[1]), got \(heads)")
        }
        var depth = 0
        while file.shape("text_model.encoder.layers.\(depth).mlp.fc1.weight") != nil { depth += 1 }
        return TextTowerShape(
            family: .clip, tokens: tokens[0], positions: positions[0], width: tokens[1], depth: depth, heads: heads,
            hiddenWidth: hidden[0], outputWidth: projection[0], activation: activation, epsilon: epsilon)
    }
}
