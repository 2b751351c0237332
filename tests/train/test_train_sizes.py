"""Sizes of a recipe's [model] that no network has are told in a sentence, whatever its kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from train_worlds import generator_recipe, write_world

from pfstudio.core.errors import InputError
from pfstudio.nn.autoencoder import AutoencoderConfig, VariationalAutoencoder
from pfstudio.nn.depth_unet import DepthUNet, DepthUNetConfig
from pfstudio.nn.latent_upsampler import PatchUpsampler, PatchUpsamplerConfig
from pfstudio.nn.registry import ARCHITECTURES
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.session import run_session
from pfstudio.train.task import build_network

IMPOSSIBLE = "no network has the sizes of \\[model\\]"
CLASSES, TEXT, ZIGMA = (
    ARCHITECTURES[name] for name in ("patch-forcing", "text-patch-forcing", "zigma-patch-forcing")
)


@pytest.mark.parametrize(
    ("network", "config", "sizes", "told"),
    [
        (VariationalAutoencoder, AutoencoderConfig, {"widths": [8, 8, 8]}, IMPOSSIBLE),
        (VariationalAutoencoder, AutoencoderConfig, {"encoder_blocks": 1}, IMPOSSIBLE),
        (VariationalAutoencoder, AutoencoderConfig, {"latent_channels": "four"}, IMPOSSIBLE),
        (VariationalAutoencoder, AutoencoderConfig, {"width": 8}, r"model\.width is unknown"),
        (PatchUpsampler, PatchUpsamplerConfig, {"widths": [-8, 8, 8]}, IMPOSSIBLE),
        (DepthUNet, DepthUNetConfig, {"model_channels": "many"}, IMPOSSIBLE),
        (CLASSES.network, CLASSES.config, {"num_heads": 0}, IMPOSSIBLE),
        (CLASSES.network, CLASSES.config, {"hidden_size": -16}, "must be a multiple"),
        (CLASSES.network, CLASSES.config, {"patch_size": 0}, IMPOSSIBLE),
        (TEXT.network, TEXT.config, {"head_dim": 0}, IMPOSSIBLE),
        (TEXT.network, TEXT.config, {"depth": "ten"}, IMPOSSIBLE),
        (ZIGMA.network, ZIGMA.config, {"hidden_size": -16}, IMPOSSIBLE),
    ],
)
def test_sizes_that_no_network_has_are_told(
    network: Any, config: Any, sizes: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        build_network(network, config, sizes, {})


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ("num_classes = 5", r"model\.num_classes is 5, and the data needs 2"),
        ("in_channels = 3", r"model\.in_channels is 3, and the data needs 4"),
        ("num_heads = 0", IMPOSSIBLE),
    ],
)
def test_sizes_that_contradict_the_data_are_told_before_training(
    size: str, told: str, tmp_path: Path
) -> None:
    write_world(tmp_path)
    recipe = generator_recipe(tmp_path)
    text = recipe.read_text(encoding="utf-8").replace("num_heads = 2\n", "")
    recipe.write_text(text.replace("[model]", f"[model]\n{size}"), encoding="utf-8")
    session = TrainingSession(recipe, tmp_path, tmp_path / "out", device="cpu")
    with pytest.raises(InputError, match=told):
        run_session(session, lambda advance: pytest.fail("it trained"))


def test_half_the_side_is_made_of_whole_patches(tmp_path: Path) -> None:
    write_world(tmp_path)
    recipe = generator_recipe(tmp_path)
    text = recipe.read_text(encoding="utf-8").replace("pixels = 16", "pixels = 24")
    recipe.write_text(text.replace("[generator]", "[generator]\nhalf_size_until = 0.5"), "utf-8")
    session = TrainingSession(recipe, tmp_path, tmp_path / "out", device="cpu")
    with pytest.raises(InputError, match=r"data\.pixels must be a multiple of 16"):
        run_session(session, lambda advance: pytest.fail("it trained"))
