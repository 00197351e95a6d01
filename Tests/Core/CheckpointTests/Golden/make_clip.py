"""Makes small random CLIP models with transformers: both towers as the library saves them, and what it computes.

    python3 -m venv venv && venv/bin/pip install torch transformers safetensors
    venv/bin/python make_clip.py        # writes clip/NAME/ with model, config, preprocessor_config and golden.safetensors

The vocabulary is the small one of the Text room's golden files, so it lies there once. Weights are rounded to F16 before
anything is computed. `golden.safetensors`: pixels (3, side, side) in 0…1, images and texts (n, width; not of length 1), ids of
the tokens beside, logits (images, texts). Used: torch 2.13.0, transformers 5.24.0, safetensors 0.8.0.
"""
import json
import os
import pathlib
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
sys.modules["torchvision"] = None  # not needed, and a version that does not fit torch breaks the import

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

here = pathlib.Path(__file__).parent
texts_room = here.parent.parent / "TextTests/Golden/clip"
vocab = json.loads((texts_room / "vocab.json").read_text())
merges = [tuple(line.split()) for line in (texts_room / "merges.txt").read_text().splitlines()[1:] if line]
tokenizer = CLIPTokenizer(vocab=vocab, merges=merges)
PHRASES = ["a photo of a flawless valve plate", "a scratch near the rim", "", "Öl, crème: 100 % \U0001f600", "scratch " * 90]


def make(name, seed, activation, patch, side, width, layers, heads, out, text_width, text_heads, mean, deviation, epsilon):
    torch.manual_seed(seed)
    config = CLIPConfig(
        text_config=dict(vocab_size=len(vocab), hidden_size=text_width, intermediate_size=2 * text_width, num_hidden_layers=2,
                         num_attention_heads=text_heads, max_position_embeddings=77, hidden_act=activation, projection_dim=out,
                         eos_token_id=vocab["<|endoftext|>"], bos_token_id=vocab["<|startoftext|>"], layer_norm_eps=epsilon),
        vision_config=dict(hidden_size=width, intermediate_size=3 * width, num_hidden_layers=layers, num_attention_heads=heads,
                           image_size=side, patch_size=patch, hidden_act=activation, projection_dim=out,
                           layer_norm_eps=epsilon),
        projection_dim=out)
    model = CLIPModel(config).eval()
    with torch.no_grad():
        for key, tensor in model.state_dict().items():
            if not tensor.is_floating_point():
                continue
            if key == "logit_scale":
                tensor.fill_(3.25)
            elif tensor.ndim == 1 and key.endswith("weight"):
                tensor.copy_((0.8 + 0.3 * torch.randn_like(tensor)).half().float())
            else:
                size = 0.5 if tensor.ndim == 1 or "embedding" in key else 1.5 * tensor[0].numel() ** -0.5
                tensor.copy_((size * torch.randn_like(tensor)).half().float())
        unit = torch.rand(3, 3, side, side).half().float()
        pixels = (unit - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(deviation).view(1, 3, 1, 1)
        ids = [tokenizer(p, truncation=True, max_length=77)["input_ids"] for p in PHRASES]
        images = model.visual_projection(model.vision_model(pixels).pooler_output)
        texts = torch.cat([model.text_projection(model.text_model(torch.tensor([i])).pooler_output) for i in ids])
        logits = model(input_ids=torch.tensor([ids[0]]), pixel_values=pixels).logits_per_image
        whole = torch.stack([
            model(input_ids=torch.tensor([i]), pixel_values=pixels).logits_per_image[:, 0] for i in ids], 1)
    assert torch.allclose(whole[:, :1], logits)
    folder = here / "clip" / name
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.half().contiguous() for k, v in model.state_dict().items() if v.is_floating_point()},
              folder / "model.safetensors", metadata={"format": "pt"})
    plain = lambda c: {k: v for k, v in c.to_dict().items() if not isinstance(v, (dict, list)) and v is not None}
    (folder / "config.json").write_text(json.dumps(
        {"model_type": "clip", "projection_dim": out, "text_config": plain(config.text_config),
         "vision_config": plain(config.vision_config)}, indent=1, sort_keys=True) + "\n")
    if name != "quick":  # without this file CLIP's usual numbers hold
        (folder / "preprocessor_config.json").write_text(json.dumps({"image_mean": mean, "image_std": deviation}) + "\n")
    save_file({"pixels": unit.half().contiguous(), "images": images.contiguous(), "texts": texts.contiguous(),
               "logits": whole.contiguous()}, folder / "golden.safetensors")
    (folder / "phrases.json").write_text(json.dumps(PHRASES) + "\n")
    print(name, images.shape, texts.shape, whole)


CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
make("quick", 1, "quick_gelu", 8, 32, 24, 2, 3, 12, 16, 2, CLIP_MEAN, CLIP_STD, 1e-5)
make("gelu", 2, "gelu", 4, 20, 16, 3, 2, 10, 24, 4, [0.5, 0.4, 0.3], [0.5, 0.25, 0.2], 1e-6)
