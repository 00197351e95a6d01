"""Makes the golden numbers that NumericsTests and NetworkTests compare with. Needs PyTorch (made with 2.13, CPU).

    python3 Tests/Core/NumericsTests/Golden/golden_numbers.py

Prints Swift array literals; paste them into AdamWTests.swift, PositionsTests.swift and RandomSourceTests.swift.
"""

import torch
import torch.nn.functional as F

MASK = (1 << 64) - 1


def swift(name, tensor):
    numbers = ", ".join(repr(float(value)) for value in tensor.flatten())
    print(f"let {name}: [Double] = [{numbers}]")


def adamw():
    """A decayed 2 x 2 matrix and a vector without decay; three steps, gradients that change sign and size."""
    matrix = torch.tensor([[0.5, -0.25], [1.5, -2.0]], dtype=torch.float64, requires_grad=True)
    vector = torch.tensor([0.125, -1.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.AdamW(
        [{"params": [matrix], "weight_decay": 0.1}, {"params": [vector], "weight_decay": 0.0}],
        lr=0.01, betas=(0.9, 0.95), eps=1e-8)
    for step in range(3):
        scale = [1.0, -0.5, 3.0][step]
        matrix.grad = scale * torch.tensor([[0.1, -0.2], [0.3, 0.0]], dtype=torch.float64)
        vector.grad = scale * torch.tensor([1e-4, -2.0], dtype=torch.float64)
        optimizer.step()
        swift(f"step{step + 1}", torch.cat([matrix.detach().flatten(), vector.detach()]))


def bicubic():
    """A 3 x 3 grid of positions of width 2, brought to 5 x 4 and to 2 x 2."""
    learned = torch.tensor([((7 * i) % 11 - 5) / 4 for i in range(18)], dtype=torch.float64).reshape(3, 3, 2)
    for rows, columns in [(5, 4), (2, 2)]:
        for antialias, name in [(False, "golden"), (True, "smooth")]:
            grid = F.interpolate(
                learned.permute(2, 0, 1)[None], size=(rows, columns), mode="bicubic", align_corners=False,
                antialias=antialias)
            swift(f"{name}{rows}x{columns}", grid[0].permute(1, 2, 0))


def xoshiro(seed):
    """xoshiro256** seeded by SplitMix64, written again from Vigna's C code."""
    state = []
    for _ in range(4):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        state.append(z ^ (z >> 31))
    rotate = lambda x, k: ((x << k) | (x >> (64 - k))) & MASK
    while True:
        yield (rotate((state[1] * 5) & MASK, 7) * 9) & MASK
        t = (state[1] << 17) & MASK
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= t
        state[3] = rotate(state[3], 45)


def random_numbers():
    for seed in [0, 42]:
        stream = xoshiro(seed)
        print(f"let seed{seed}: [UInt64] = [{', '.join(hex(next(stream)) for _ in range(4))}]")


adamw()
bicubic()
random_numbers()
