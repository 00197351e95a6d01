"""Makes the golden safetensors files with the official Python package, and reads ours back with it.

    python3 -m venv venv && venv/bin/pip install numpy ml_dtypes safetensors
    venv/bin/python make_golden.py                 # writes official.safetensors beside this script
    venv/bin/python make_golden.py written.safetensors
        # checks a file that InteropTests wrote (NIGHTSHIFT_KEEP_WRITTEN=written.safetensors swift test
        # --filter InteropTests): the official package must accept it and find the numbers below

Used: safetensors 0.8.0, numpy 2.4.6, ml_dtypes 0.6.0.
"""
import pathlib
import sys

import ml_dtypes
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent


def ramp(*shape):
    """0, 1/8, 2/8, … minus one: exact in every float type."""
    return (np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 8 - 1)


if len(sys.argv) == 1:
    save_file(
        {
            "f32": ramp(2, 3, 4).astype(np.float32),
            "f16": ramp(5).astype(np.float16),
            "bf16": ramp(7).astype(ml_dtypes.bfloat16),
            "f64": ramp(3, 1).astype(np.float64),
            "i64": np.array([1, -2], dtype=np.int64),
            "u8": np.array([7, 8, 9], dtype=np.uint8),
            "flags": np.array([True, False]),
            "scalar": np.array(0.5, dtype=np.float32),
            "empty": np.zeros((0, 4), dtype=np.float32),
            "name with \"quotes\", \\ and é ☂ 🌙": np.array([2.5], dtype=np.float32),
            "special": np.array([np.inf, -np.inf, np.nan, -0.0, 1e-45], dtype=np.float32),
        },
        here / "official.safetensors",
        metadata={"format": "pt", "quoted": "a \"b\"\n\tc"},
    )
else:
    with safe_open(sys.argv[1], framework="np") as file:
        assert file.metadata() == {"card": "{\"a\": \"b\"}\n", "line": "ä"}, file.metadata()
        assert set(file.keys()) == {"w", "half", "scalar", "empty", "odd \"name\" \\ é"}, file.keys()
        np.testing.assert_array_equal(file.get_tensor("w"), ramp(2, 3, 4).astype(np.float32))
        np.testing.assert_array_equal(file.get_tensor("half"), ramp(5).astype(np.float16))
        assert file.get_tensor("half").dtype == np.float16
        assert file.get_tensor("scalar").shape == () and file.get_tensor("scalar") == 0.5
        assert file.get_tensor("empty").shape == (0, 4)
        np.testing.assert_array_equal(file.get_tensor("odd \"name\" \\ é"), np.float32([1e-45, 3.4e38]))
    print("the official package reads it and finds the same numbers")
