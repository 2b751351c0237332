"""Both ways of the depth bench find the same depth, and its figures are those of their pairs."""

from __future__ import annotations

import pytest
import torch
from depth_vectors import CONFIG, FOLDER, vectors, write_autoencoder
from safetensors.torch import load_file

from pfstudio.core.errors import InputError
from pfstudio.engine.bench_depth import bench_depth


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("depth")
    tree = {
        "noising_step": 400,
        "empty_text_embedding": vectors()["empty_text_embedding"],
        "ldm_hparams": CONFIG["ldm_hparams"],
        "state_dict": load_file(FOLDER / "weights.safetensors"),
    }
    torch.save(tree, folder / "tiny.ckpt")
    return str(folder / "tiny.ckpt"), str(write_autoencoder(folder / "vae"))


def test_both_ways_agree(files):
    said: list[str] = []
    found = bench_depth(*files, ensemble_size=2, steps=2, pixels=32, runs=2, say=said.append)
    assert 0 < found.difference < 1e-4  # rounding: the batch and the packed weights sum otherwise
    assert found.cpu_ratio_low <= found.cpu_ratio <= found.cpu_ratio_high
    assert min(found.own_cpu, found.published_cpu, found.own_wall, found.published_wall) > 0
    assert (found.ensemble_size, found.pixels, found.runs, len(said)) == (2, 32, 2, 3)


def test_a_size_that_does_not_fit(files):
    with pytest.raises(InputError, match="33 pixels"):
        bench_depth(*files, pixels=33)
