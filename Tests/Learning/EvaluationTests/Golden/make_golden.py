"""Makes metrics.json: figures that scikit-learn and the evaluation code published with MVTec AD give.

    python3 -m venv venv && venv/bin/pip install numpy scipy scikit-learn torch
    venv/bin/python make_golden.py

Image AUROC, average precision and F1-max, and pixel AUROC: scikit-learn. AUPRO: `compute_pro` and `trapezoid` below
follow the package mvtec_ad_evaluation from mvtec.com (pro_curve_util.py, generic_util.py; Bergmann et
al., IJCV 2021) step by step: every pixel sorted, float64. Enlarged maps: torch.nn.functional.interpolate, bilinear,
align_corners=False, in float32.

Used: numpy 2.4.6, scipy 1.17.1, scikit-learn 1.9.1, torch 2.13.0.
"""
import json
import pathlib
from bisect import bisect

import numpy as np
import torch
from scipy.ndimage import label
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

random = np.random.default_rng(20240611)


def compute_pro(maps, masks):
    structure = np.ones((3, 3), dtype=int)
    ok_pixels = 0
    regions = 0
    fp_changes, pro_changes = [], []
    for mask in masks:
        labeled, components = label(mask, structure)
        regions += components
        ok = labeled == 0
        ok_pixels += ok.sum()
        change = np.zeros(mask.shape)
        for k in range(components):
            region = labeled == k + 1
            change[region] = 1.0 / region.sum()
        fp_changes.append(ok.astype(np.uint32).ravel())
        pro_changes.append(change.ravel())
    scores = np.concatenate([m.ravel() for m in maps])
    order = np.argsort(scores)[::-1]
    scores = scores[order]
    fprs = np.cumsum(np.concatenate(fp_changes)[order].astype(np.float64)) / ok_pixels
    pros = np.cumsum(np.concatenate(pro_changes)[order]) / regions
    keep = np.append(np.diff(scores) != 0, True)
    fprs, pros = np.clip(fprs[keep], None, 1), np.clip(pros[keep], None, 1)
    return np.concatenate(([0.0], fprs, [1.0])), np.concatenate(([0.0], pros, [1.0])), regions


def trapezoid(x, y, x_max):
    correction = 0.0
    if x_max not in x:
        ins = bisect(x, x_max)
        y_interp = y[ins - 1] + (y[ins] - y[ins - 1]) * (x_max - x[ins - 1]) / (x[ins] - x[ins - 1])
        correction = 0.5 * (y_interp + y[ins - 1]) * (x_max - x[ins - 1])
    mask = x <= x_max
    x, y = x[mask], y[mask]
    return np.sum(0.5 * (y[1:] + y[:-1]) * (x[1:] - x[:-1])) + correction


def image_case(scores, labels):
    precision, recall, _ = precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    return {
        "scores": [float(s) for s in scores],
        "isDefective": [bool(l) for l in labels],
        "auroc": roc_auc_score(labels, scores),
        "averagePrecision": average_precision_score(labels, scores),
        "f1Max": float(f1.max()),
    }


def noise(rows, columns, levels):
    """Random numbers with float32 values; with `levels`, so few distinct ones that most pixels tie."""
    values = random.normal(size=(rows, columns))
    if levels:
        values = np.round(values * levels) / levels
    return values.astype(np.float32)


def pixel_case(images):
    """images: (map at grid size, mask or None for a good part, height, width)."""
    big = [
        torch.nn.functional.interpolate(torch.from_numpy(m)[None, None], size=(h, w), mode="bilinear",
                                        align_corners=False)[0, 0].numpy()
        for m, _, h, w in images
    ]
    masks = [np.zeros((h, w), bool) if k is None else k for _, k, h, w in images]
    fprs, pros, regions = compute_pro(big, masks)
    flat_mask = np.concatenate([k.ravel() for k in masks])
    flat_score = np.concatenate([m.ravel() for m in big])
    return {
        "images": [
            {
                "rows": m.shape[0], "columns": m.shape[1], "map": [float(v) for v in m.ravel()],
                "width": w, "height": h,
                "mask": None if k is None else "".join("1" if v else "0" for v in k.ravel()),
            }
            for m, k, h, w in images
        ],
        "regions": int(regions),
        "pixelAUROC": roc_auc_score(flat_mask, flat_score),
        "aupro30": trapezoid(fprs, pros, 0.3),
        "aupro05": trapezoid(fprs, pros, 0.05),
    }


def blobs(h, w, count):
    mask = np.zeros((h, w), bool)
    for _ in range(count):
        y, x = random.integers(0, h), random.integers(0, w)
        a, b = random.integers(1, 6, size=2)
        mask[y:y + a, x:x + b] = True
    return mask


image_cases = []
for n, levels, share in [(40, 0, 0.5), (60, 2, 0.3), (30, 1, 0.8), (200, 4, 0.05), (12, 0.5, 0.5)]:
    labels = random.random(n) < share
    labels[0], labels[1] = True, False
    scores = random.normal(size=n) + labels
    image_cases.append(image_case(np.round(scores * levels) / levels if levels else scores, labels))
image_cases.append(image_case(np.ones(10), np.arange(10) % 2 == 0))
image_cases.append(image_case(np.arange(10.0), np.arange(10) >= 5))
image_cases.append(image_case(-np.arange(10.0), np.arange(10) >= 5))

pixel_cases = []
for levels, signal, sizes in [
    (0, 1.0, [(20, 24)] * 5), (2, 1.5, [(16, 16), (9, 31), (31, 9), (16, 16)]), (1, 0.5, [(12, 12)] * 6),
    (0, 6.0, [(24, 24)] * 3), (0, -1.0, [(10, 10)] * 3),
]:
    images = []
    for index, (h, w) in enumerate(sizes):
        mask = None if index == 0 else blobs(h, w, 1 + 2 * index)
        scores = noise(h, w, levels)
        if mask is not None:
            scores = (scores + np.float32(signal) * mask).astype(np.float32)
        images.append((scores, mask, h, w))
    pixel_cases.append(pixel_case(images))
# Every pixel the same, and regions that touch by a corner only.
corner = np.zeros((6, 6), bool)
corner[1, 1] = corner[2, 2] = corner[4, 0] = corner[5, 5] = True
pixel_cases.append(pixel_case([(np.ones((6, 6), np.float32), corner, 6, 6)]))
# Maps on a patch grid, enlarged.
enlarged = []
for index, (rows, columns, h, w) in enumerate([(5, 7, 40, 30), (14, 14, 56, 56), (3, 9, 33, 45), (1, 6, 20, 20)]):
    enlarged.append((noise(rows, columns, 0), None if index == 1 else blobs(h, w, 4), h, w))
pixel_cases.append(pixel_case(enlarged))

# Connected components of noise at many densities.
components = []
for density in [0.05, 0.2, 0.35, 0.5, 0.7, 0.95]:
    mask = random.random((23, 17)) < density
    labeled, count = label(mask, np.ones((3, 3), dtype=int))
    components.append({
        "width": 17, "height": 23, "mask": "".join("1" if v else "0" for v in mask.ravel()),
        "areas": sorted(int((labeled == k + 1).sum()) for k in range(count)),
    })

# AUPRO is normalised by its limit.
for case in pixel_cases:
    case["aupro30"] = float(case["aupro30"] / 0.3)
    case["aupro05"] = float(case["aupro05"] / 0.05)
    case["pixelAUROC"] = float(case["pixelAUROC"])

out = pathlib.Path(__file__).with_name("metrics.json")
out.write_text(json.dumps({"image": image_cases, "pixel": pixel_cases, "components": components},
                          separators=(",", ":")) + "\n")
print(out, out.stat().st_size, [(c["pixelAUROC"], c["aupro30"], c["aupro05"], c["regions"]) for c in pixel_cases])
