import Network

/// The names under which a library publishes an encoder's tensors, by the names that `Encoder` has for them (timm's).
struct TensorNames: Sendable {
    /// "timm", "transformers' DINOv2": whose names they are.
    let owner: String
    /// What may stand before every name, the longest first.
    let prefixes: [String]
    /// Theirs by ours, without ".weight" and ".bias" where both are meant; `#` stands for a block's number. Three names
    /// for one are joined along the rows: queries, keys and values.
    let table: [String: [String]]
    /// Beginnings of names that do not take part in the blocks' outputs: heads, last norms, mask tokens, other towers.
    let ignored: [String]
    /// True where tokens are stored without the leading ones of a batch: (D) and (N, D), not (1, 1, D) and (1, N, D).
    var tokensAreFlat = false

    /// What every encoder of these names has, by our names.
    static let always = [
        "patch_embed.proj.weight", "pos_embed", "blocks.0.norm1.weight", "blocks.0.attn.qkv.weight",
        "blocks.0.attn.proj.weight", "blocks.0.mlp.fc1.weight", "blocks.0.mlp.fc2.weight",
    ]

    /// Their names of our tensor `ours` below `prefix`, in the order of the rows; empty where they have none.
    func theirs(_ ours: String, prefix: String) -> [String] {
        var key = ours
        var number = ""
        if ours.hasPrefix("blocks.") {
            let parts = ours.split(separator: ".", maxSplits: 2).map(String.init)
            number = parts[1]
            key = "blocks.#.\(parts[2])"
        }
        var ending = ""
        if table[key] == nil, let dot = key.lastIndex(of: ".") {
            ending = String(key[dot...])
            key = String(key[..<dot])
        }
        return (table[key] ?? []).map { prefix + $0.replacing("#", with: number) + ending }
    }

    /// timm's VisionTransformer, and the I-JEPA and DINOv2 of their authors.
    static let timm = TensorNames(
        owner: "timm",
        prefixes: ["target_encoder.module.", "encoder.module.", "target_encoder.", "encoder.", "module.", ""],
        table: identity([
            "patch_embed.proj", "cls_token", "reg_token", "pos_embed", "norm_pre", "blocks.#.norm1",
            "blocks.#.attn.qkv",
            "blocks.#.attn.proj", "blocks.#.ls1.gamma", "blocks.#.norm2", "blocks.#.mlp.fc1", "blocks.#.mlp.fc2",
            "blocks.#.ls2.gamma",
        ]),
        ignored: ["head.", "norm.", "fc_norm.", "attn_pool.", "mask_token", "pre_logits."])

    /// transformers' ViTModel and IJepaModel.
    static let transformersViT = TensorNames(
        owner: "transformers' ViT and I-JEPA", prefixes: ["vit.", "ijepa.", ""],
        table: [
            "patch_embed.proj": ["embeddings.patch_embeddings.projection"], "cls_token": ["embeddings.cls_token"],
            "pos_embed": ["embeddings.position_embeddings"], "blocks.#.norm1": ["encoder.layer.#.layernorm_before"],
            "blocks.#.attn.qkv": ["query", "key", "value"].map { "encoder.layer.#.attention.attention.\($0)" },
            "blocks.#.attn.proj": ["encoder.layer.#.attention.output.dense"],
            "blocks.#.norm2": ["encoder.layer.#.layernorm_after"],
            "blocks.#.mlp.fc1": ["encoder.layer.#.intermediate.dense"],
            "blocks.#.mlp.fc2": ["encoder.layer.#.output.dense"],
        ], ignored: ["layernorm.", "pooler.", "classifier.", "embeddings.mask_token"])

    /// transformers' Dinov2Model and Dinov2WithRegistersModel.
    static let transformersDINOv2 = TensorNames(
        owner: "transformers' DINOv2", prefixes: ["dinov2_with_registers.", "dinov2.", ""],
        table: [
            "patch_embed.proj": ["embeddings.patch_embeddings.projection"], "cls_token": ["embeddings.cls_token"],
            "reg_token": ["embeddings.register_tokens"], "pos_embed": ["embeddings.position_embeddings"],
            "blocks.#.norm1": ["encoder.layer.#.norm1"],
            "blocks.#.attn.qkv": ["query", "key", "value"].map { "encoder.layer.#.attention.attention.\($0)" },
            "blocks.#.attn.proj": ["encoder.layer.#.attention.output.dense"],
            "blocks.#.ls1.gamma": ["encoder.layer.#.layer_scale1.lambda1"],
            "blocks.#.norm2": ["encoder.layer.#.norm2"], "blocks.#.mlp.fc1": ["encoder.layer.#.mlp.fc1"],
            "blocks.#.mlp.fc2": ["encoder.layer.#.mlp.fc2"],
            "blocks.#.ls2.gamma": ["encoder.layer.#.layer_scale2.lambda1"],
        ], ignored: ["layernorm.", "classifier.", "embeddings.mask_token"])

    /// transformers' CLIPVisionModel and CLIPModel; "pre_layrnorm" is spelled so there.
    static let transformersCLIP = TensorNames(
        owner: "transformers' CLIP", prefixes: ["vision_model.", ""],
        table: [
            "patch_embed.proj": ["embeddings.patch_embedding"], "cls_token": ["embeddings.class_embedding"],
            "pos_embed": ["embeddings.position_embedding.weight"], "norm_pre": ["pre_layrnorm"],
            "blocks.#.norm1": ["encoder.layers.#.layer_norm1"],
            "blocks.#.attn.qkv": ["q", "k", "v"].map { "encoder.layers.#.self_attn.\($0)_proj" },
            "blocks.#.attn.proj": ["encoder.layers.#.self_attn.out_proj"],
            "blocks.#.norm2": ["encoder.layers.#.layer_norm2"], "blocks.#.mlp.fc1": ["encoder.layers.#.mlp.fc1"],
            "blocks.#.mlp.fc2": ["encoder.layers.#.mlp.fc2"],
        ],
        ignored: [
            "post_layernorm.", "embeddings.position_ids", "text_model.", "visual_projection.", "text_projection.",
            "logit_scale",
        ], tokensAreFlat: true)

    static let all = [timm, transformersDINOv2, transformersViT, transformersCLIP]

    private static func identity(_ names: [String]) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: names.map { ($0, [$0]) })
    }
}
