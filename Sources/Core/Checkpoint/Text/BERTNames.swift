import Numerics
import Text

/// BERT's tensors under `transformers`' names.
enum BERTNames {
    static let tokens = "embeddings.word_embeddings.weight"
    static let positions = "embeddings.position_embeddings.weight"
    static let types = "embeddings.token_type_embeddings.weight"

    static func tensors(
        _ tower: TextTower, prefix: String
    ) -> [(parameter: Parameter, tensor: PublishedTensor)] {
        let shape = tower.shape
        let width = shape.width
        var result: [(parameter: Parameter, tensor: PublishedTensor)] = []
        func add(_ parameter: Parameter, _ names: [String], _ shape: [Int]) {
            result.append((parameter, PublishedTensor(names: names.map { prefix + $0 }, shape: shape)))
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
        if let typeVector = tower.typeVector { add(typeVector, [types], [2, width]) }
        norm(tower.normScale, tower.normShift, "embeddings.LayerNorm")
        for (index, block) in tower.blocks.enumerated() {
            let name = "encoder.layer.\(index)."
            layer(
                block.qkvWeight, block.qkvBias, ["query", "key", "value"].map { name + "attention.self." + $0 }, width,
                width)
            layer(block.projectionWeight, block.projectionBias, [name + "attention.output.dense"], width, width)
            norm(block.norm1Scale, block.norm1Shift, name + "attention.output.LayerNorm")
            layer(block.hiddenWeight, block.hiddenBias, [name + "intermediate.dense"], shape.hiddenWidth, width)
            layer(block.outputWeight, block.outputBias, [name + "output.dense"], width, shape.hiddenWidth)
            norm(block.norm2Scale, block.norm2Shift, name + "output.LayerNorm")
        }
        return result
    }
}

/// What `config.json` says of a BERT that its tensors do not.
struct BERTConfiguration: Decodable {
    let heads: Int
    let epsilon: Double
    let activation: String
    let positionKind: String?

    private enum CodingKeys: String, CodingKey {
        case heads = "num_attention_heads"
        case epsilon = "layer_norm_eps"
        case activation = "hidden_act"
        case positionKind = "position_embedding_type"
    }

    /// sentence-transformers' own file, which has the longest sequence in it.
    static let lengthFile = "sentence_bert_config.json"

    private struct Length: Decodable {
        let longest: Int

        enum CodingKeys: String, CodingKey { case longest = "max_seq_length" }
    }

    /// Longest sequence: as that file says, else as many as there are positions.
    static func longestSequence(_ folder: TextFolder, positions: Int) throws(CheckpointError) -> Int {
        guard folder.has(lengthFile) else { return positions }
        let length = try folder.json(lengthFile, as: Length.self).longest
        guard (2...positions).contains(length) else {
            throw .badTextFile(
                file: folder.path(of: lengthFile),
                problem: "max_seq_length: expected 2…\(positions), as the weights have positions, got \(length)")
        }
        return length
    }

    func shape(_ file: SafetensorsFile, prefix: String, folder: TextFolder) throws(CheckpointError) -> TextTowerShape {
        func bad(_ problem: String) -> CheckpointError {
            .badTextFile(file: folder.path(of: TextFolder.configurationFile), problem: problem)
        }
        guard activation == "gelu" else {
            throw bad("hidden_act: expected \"gelu\", the exact GELU, got \"\(activation)\"; such a BERT is not read")
        }
        guard positionKind ?? "absolute" == "absolute" else {
            throw bad("position_embedding_type: expected \"absolute\"; other positions are not read")
        }
        guard epsilon > 0, epsilon < 1 else {
            throw bad("layer_norm_eps: expected a number above 0 and below 1, got \(epsilon)")
        }
        guard let tokens = file.shape(prefix + BERTNames.tokens), tokens.count == 2, tokens[0] > 0, tokens[1] > 0,
            let positions = file.shape(prefix + BERTNames.positions), positions.count == 2, positions[0] >= 2,
            let hidden = file.shape("\(prefix)encoder.layer.0.intermediate.dense.weight"), hidden.count == 2,
            hidden[0] > 0
        else {
            throw .foreign(
                file: file.path,
                missing: [
                    BERTNames.tokens + " (V, D)", BERTNames.positions + " (P, D)",
                    "encoder.layer.0.intermediate.dense.weight (H, D)",
                ], missingCount: 3, found: Array(file.names.prefix(8)), foundCount: file.names.count)
        }
        guard heads > 0, tokens[1] % heads == 0 else {
            throw bad("num_attention_heads: expected a divisor of the width \(tokens[1]), got \(heads)")
        }
        var depth = 0
        while file.shape("\(prefix)encoder.layer.\(depth).intermediate.dense.weight") != nil { depth += 1 }
        return TextTowerShape(
            family: .bert, tokens: tokens[0], positions: positions[0], width: tokens[1], depth: depth,
            heads: heads, hiddenWidth: hidden[0], outputWidth: tokens[1], activation: .gelu,
            epsilon: epsilon)
    }
}
