"""Makes small random encoders with the original libraries: their weights as the library saves them, and what it computes.

    python3 -m venv venv && venv/bin/pip install torch timm transformers safetensors
    venv/bin/python make_encoders.py            # writes encoders/NAME.safetensors and encoders/NAME.golden.safetensors

A golden file holds `input` (1, 3, H, W), `embedded` (the tokens before the first block, after any norm there),
`block.1`, `block.2`, ... (after each block) and `final` (the last tokens under the model's last norm, on every token).
Weights and input are rounded to F16 before anything is computed and stored so, which halves the files; all is computed in
F32. `num_heads` in the metadata tells what no tensor says: published encoders have heads of 64 columns, these are smaller.
I-JEPA's authors' code is no package; their names are timm's behind `target_encoder.module.`, and so is this encoder.

Used: torch 2.13.0, timm 1.0.31, transformers 5.24.0, safetensors 0.8.0.
"""
import pathlib
import tempfile

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    # A torchvision built for another torch: both libraries only import it, so its operators need names alone.
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm
import transformers
from safetensors.torch import load_file, save_file
from timm.models.vision_transformer import VisionTransformer

folder = pathlib.Path(__file__).parent / "encoders"
folder.mkdir(exist_ok=True)
DEPTH = 2


def randomise(model, seed):
    """Numbers of the size of trained ones, so that every part of the network counts in the result."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not tensor.is_floating_point():
                continue
            drawn = torch.randn(tensor.shape, generator=generator)
            vector = tensor.ndim == 1
            if vector and name.endswith(("weight", "gamma", "lambda1")):
                drawn = 0.8 + 0.3 * drawn
            elif "patch_embed" in name and not vector:
                drawn = drawn * tensor[0].numel() ** -0.5
            elif vector or "pos" in name or "token" in name or "class_embedding" in name:
                drawn = 0.5 * drawn
            else:
                drawn = drawn * 1.5 * tensor.shape[-1] ** -0.5
            tensor.copy_(drawn.half().float())
    return model.eval()


def record(model, run, norm, input):
    """Runs `run(input)` and keeps the tokens before and after each block."""
    blocks = [m for m in model.modules() if isinstance(m, (torch.nn.ModuleList, torch.nn.Sequential)) and len(m) == DEPTH][0]
    kept = {}
    hooks = [blocks[0].register_forward_pre_hook(
        lambda module, args, kwargs: kept.update(embedded=(args[0] if args else kwargs["hidden_states"]).clone()),
        with_kwargs=True)]
    for index, block in enumerate(blocks):
        def keep(module, args, output, index=index):
            kept[f"block.{index + 1}"] = (output[0] if isinstance(output, tuple) else output).clone()
        hooks.append(block.register_forward_hook(keep))
    with torch.no_grad():
        run(input)
        kept["final"] = norm(kept[f"block.{DEPTH}"])
    for hook in hooks:
        hook.remove()
    return kept


def make(name, model, run, norm, height, width, seed, heads, prefix="", half=True):
    randomise(model, seed)
    generator = torch.Generator().manual_seed(1000 + seed)
    input = torch.randn(1, 3, height, width, generator=generator).half()
    kept = record(model, run, norm, input.float())
    if isinstance(model, transformers.PreTrainedModel):
        # As the library writes it: the names of the files are not those of the live modules.
        with tempfile.TemporaryDirectory() as place:
            model.save_pretrained(place)
            weights = load_file(pathlib.Path(place) / "model.safetensors")
    else:
        weights = model.state_dict()
    weights = {prefix + key: (value.half() if half else value).contiguous() for key, value in weights.items()}
    save_file(weights, folder / f"{name}.safetensors", metadata={"format": "pt", "num_heads": str(heads)})
    golden = {key: value[0].float().contiguous() for key, value in kept.items()}
    save_file({"input": input, **golden}, folder / f"{name}.golden.safetensors")
    print(f"{name}: {', '.join(f'{key} {list(value.shape)}' for key, value in golden.items())}")


def timm_vit(name, height, width, seed, patch=16, grid=3, heads=2, width_=24, prefix="", half=True, **options):
    model = VisionTransformer(
        img_size=grid * patch, patch_size=patch, embed_dim=width_, depth=DEPTH, num_heads=heads, num_classes=0,
        dynamic_img_size=True, fc_norm=False, **options)
    make(name, model, model.forward_features, model.norm, height, width, seed, heads, prefix, half)


def hub(name, kind, config, height, width, seed, norm, run=None, heads=2, **options):
    settings = config(
        hidden_size=24, num_hidden_layers=DEPTH, num_attention_heads=heads, image_size=options.pop("image_size"),
        patch_size=options.pop("patch_size", 14), **options)
    model = kind(settings)
    make(name, model, run(model) if run else model, norm(model), height, width, seed, heads)


# The grid that positions were learned on, and that of the input, differ wherever it says so.
timm_vit("timm_vit", 32, 64, 1, heads=3, half=False)  # 3 × 3 learned, 2 × 4 asked
timm_vit("timm_vit_registers", 48, 80, 2, class_token=False, reg_tokens=2, no_embed_class=True, init_values=1e-5,
         global_pool="avg")  # 3 × 3 → 3 × 5
timm_vit("timm_deit3", 48, 48, 3, no_embed_class=True, init_values=1e-6)  # the grid it was trained on
timm_vit("timm_dinov2", 42, 70, 4, patch=14, grid=4, init_values=1e-5)  # 4 × 4 → 3 × 5
timm_vit("timm_dinov2_reg4", 56, 28, 5, patch=14, grid=3, init_values=1e-5, reg_tokens=4, no_embed_class=True)  # 3 × 3 → 4 × 2
timm_vit("authors_ijepa", 42, 56, 6, patch=14, grid=3, class_token=False, global_pool="avg",
         prefix="target_encoder.module.")  # 3 × 3 → 3 × 4

interpolating = lambda model: lambda input: model(input, interpolate_pos_encoding=True)
t = transformers
hub("transformers_vit", t.ViTForImageClassification, t.ViTConfig, 42, 56, 7, lambda m: m.vit.layernorm, interpolating,
    image_size=42, intermediate_size=96)  # 3 × 3 → 3 × 4
hub("transformers_dinov2", t.Dinov2Model, t.Dinov2Config, 42, 70, 8, lambda m: m.layernorm, image_size=56)  # 4 × 4 → 3 × 5
hub("transformers_dinov2_registers", t.Dinov2WithRegistersModel, t.Dinov2WithRegistersConfig, 42, 70, 9,
    lambda m: m.layernorm, image_size=56)  # 4 × 4 → 3 × 5
hub("transformers_ijepa", t.IJepaModel, t.IJepaConfig, 28, 56, 10, lambda m: m.layernorm, interpolating, image_size=42,
    intermediate_size=112, layer_norm_eps=1e-6)  # 3 × 3 → 2 × 4; its giant's hidden layers are no multiple of the width
hub("transformers_clip", t.CLIPVisionModelWithProjection, t.CLIPVisionConfig, 42, 28, 11,
    lambda m: m.vision_model.post_layernorm, interpolating, image_size=42, intermediate_size=96,
    projection_dim=8)  # 3 × 3 → 3 × 2
