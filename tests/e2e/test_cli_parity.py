"""Every published sampler, through the command line, against the stored results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file as load_numpy
from safetensors.torch import load_file, save_file

from pfstudio.cli.main import main

STORED = Path(__file__).parents[1] / "parity" / "patch_forcing"
CASES = json.loads((STORED / "samplers.json").read_text())["cases"]
NAMES = {"EulerPF": "euler", "DualLoopSampler": "dual-loop", "LookAheadSampler": "look-ahead"}
PUBLISHED_DEFAULTS = {
    "EulerPF": {},
    "DualLoopSampler": {"p": 0.7, "n_inner": 4, "mode": "mean"},
    "LookAheadSampler": {"p": 0.4, "context_t_ratio": 1.5, "mode": "mean"},
}
FLAGS = {
    "p": "--easy-share",
    "n_inner": "--inner-steps",
    "context_t_ratio": "--context-ratio",
    "mode": "--pooling",
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parity model in the published compact layout."""
    path = tmp_path_factory.mktemp("parity") / "tiny.ckpt"
    config = json.loads((STORED / "config.json").read_text())
    torch.save({"state_dict": load_file(STORED / "weights.safetensors"), "config": config}, path)
    return path


def flags_of(case: dict[str, Any]) -> list[str]:
    target = case["sampler"]["target"].rpartition(".")[2]
    values = {**PUBLISHED_DEFAULTS[target], **case["sampler"]["params"]}
    flags = ["--sampler", NAMES[target], "--steps", str(case["num_steps"])]
    for name, flag in FLAGS.items():
        if name in values:
            flags += [flag, str(values[name])]
    if case["cfg_scale"] == 1.0:
        return [*flags, "--guidance", "none"]
    return [*flags, "--guidance", "cfg", "--scale", str(case["cfg_scale"])]


# A time grid of one's own is no flag; `euler_pf_nonuniform` is checked in tests/flow.
@pytest.mark.parametrize("name", [name for name in CASES if name != "euler_pf_nonuniform"])
def test_the_command_reproduces_the_published_sampler(
    name: str, checkpoint: Path, tmp_path: Path
) -> None:
    stored = load_numpy(STORED / "samplers.safetensors")
    noise, out = tmp_path / "noise.safetensors", tmp_path / "out.safetensors"
    save_file({"noise": torch.from_numpy(stored["x_init"])}, noise)
    classes = [word for label in stored["y"] for word in ("--class", str(label))]
    command = [
        "generate",
        "--model",
        str(checkpoint),
        "--noise",
        str(tmp_path / "noise.safetensors"),
    ]
    command += [*classes, *flags_of(CASES[name]), "--precision", "float32", "--device", "cpu"]
    assert main([*command, "--latents", str(out)]) == 0
    ours = load_numpy(out)["latents"]
    np.testing.assert_allclose(ours, stored[f"{name}/x_final"], atol=1e-4, rtol=0)
