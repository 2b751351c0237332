"""A default run of the shipped model gives the latents that it gave before tasks, events and
solvers were rebuilt, but for rounding: matrix products choose their order by the processor."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from sessions import finish

from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.engine.execution import default_execution
from pfstudio.engine.model import load

NAME = "pft-ti-emoji-64"
STORED = Path(__file__).parents[1] / "parity" / "default_run.safetensors"
SHA256 = "8448d20d13bfaee96dbabb0cf02e111463eae6be8f52cf4760c50f433520cf2d"  # of the float32 values


def digest(latents: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(latents).tobytes()).hexdigest()


@pytest.fixture(scope="module")
def latents() -> np.ndarray:
    """Of class 0, seed 1, with the plain kernels: those that are measured differ by machine."""
    model = load(NAME, execution=default_execution(Compute("cpu", "float32", 1)).record())
    request = GenerateRequest(model=NAME, seed=1, compute=model.execution.compute)
    return finish(request, model, decode=False).result.trace.latents


def test_the_latents_are_those_of_before(latents: np.ndarray) -> None:
    with safe_open(STORED, framework="numpy") as file:
        stored = file.get_tensor("latents")
    assert digest(stored) == SHA256
    np.testing.assert_allclose(latents, stored, atol=1e-4)
