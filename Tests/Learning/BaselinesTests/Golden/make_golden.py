"""Makes baselines.json: what numpy, scipy and scikit-learn say of the same small numbers.

    python3 -m venv venv && venv/bin/pip install numpy scipy scikit-learn
    venv/bin/python make_golden.py

Aggregation: mean over the existing 3 x 3 neighbours. Coreset: greedy k-centre from row 0, every distance in float64.
Memory: sklearn.neighbors.NearestNeighbors (brute force) and the reweighting of PatchCore (arXiv 2106.08265, eq. 7) with 9
neighbours. PaDiM (arXiv 2011.08785): numpy.cov + 0.01 I on chosen dimensions, scipy's mahalanobis.

Used: see "versions" in the file.
"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.spatial.distance import mahalanobis
from sklearn.neighbors import NearestNeighbors

random = np.random.default_rng(20240612)
ROWS, COLUMNS, WIDTH = 4, 5, 12


def numbers(*shape):
    # Three decimals: exact enough in float32, and the file stays small.
    return np.round(random.normal(size=shape), 3)


def aggregated(tokens):
    grid = tokens.reshape(ROWS, COLUMNS, WIDTH)
    out = np.empty_like(grid)
    for y in range(ROWS):
        for x in range(COLUMNS):
            out[y, x] = grid[max(0, y - 1):y + 2, max(0, x - 1):x + 2].mean(axis=(0, 1))
    return out.reshape(-1, WIDTH)


def coreset(points, count):
    chosen = [0]
    nearest = np.linalg.norm(points - points[0], axis=1)
    while len(chosen) < count:
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return chosen


def patchcore(tokens, bank):
    search = NearestNeighbors(n_neighbors=9, algorithm="brute").fit(bank)
    distances, indices = search.kneighbors(tokens, n_neighbors=1)
    worst = int(np.argmax(distances[:, 0]))
    around = search.kneighbors(bank[indices[worst]], n_neighbors=9)[1][0]
    reach = np.linalg.norm(bank[around] - tokens[worst], axis=1)
    weight = 1 - np.exp(distances[worst, 0]) / np.exp(reach).sum()
    return weight * distances[worst, 0], distances[:, 0]


tokens = numbers(ROWS * COLUMNS, WIDTH)
points = numbers(240, WIDTH)
chosen = coreset(points, 30)
bank = points[sorted(chosen)]
score, distances = patchcore(aggregated(tokens), bank)
three = NearestNeighbors(n_neighbors=3, algorithm="brute").fit(bank).kneighbors(tokens)

pictures = numbers(25, ROWS * COLUMNS, WIDTH) * (1 + np.arange(WIDTH)) / 6
dimensions = [0, 2, 3, 7, 8, 11]
probe = numbers(ROWS * COLUMNS, WIDTH)
padim = []
for place in range(ROWS * COLUMNS):
    good = pictures[:, place, dimensions]
    inverse = np.linalg.inv(np.cov(good, rowvar=False) + 0.01 * np.eye(len(dimensions)))
    padim.append(mahalanobis(probe[place, dimensions], good.mean(axis=0), inverse))

golden = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__},
    "rows": ROWS, "columns": COLUMNS, "width": WIDTH,
    "tokens": tokens.ravel().tolist(), "aggregated": aggregated(tokens).ravel().tolist(),
    "points": points.ravel().tolist(), "coreset": chosen,
    "patchcore": {"score": float(score), "distances": distances.tolist()},
    "three": {"indices": three[1].ravel().tolist(), "distances": three[0].ravel().tolist()},
    "padim": {
        "pictures": np.round(pictures, 6).reshape(len(pictures), -1).tolist(), "dimensions": dimensions,
        "probe": probe.ravel().tolist(), "distances": [float(d) for d in padim]},
}
file = pathlib.Path(__file__).parent / "baselines.json"
file.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
