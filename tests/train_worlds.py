"""A tiny data pack, autoencoder and recipes that train in seconds."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from accelerate.state import AcceleratorState, GradientState, PartialState
from PIL import Image

from pfstudio.core.card import ModelCard
from pfstudio.nn.autoencoder import AutoencoderConfig, VariationalAutoencoder
from pfstudio.train.export import export_model

SIDE = 16
TINY_AUTOENCODER = AutoencoderConfig(
    widths=(8, 8), encoder_blocks=(1, 1), decoder_blocks=(1, 1), preview_width=8
)


def png(colour: tuple[int, int, int], side: int = SIDE) -> bytes:
    """A picture of one colour with a dark corner."""
    pixels = np.full((side, side, 3), colour, np.uint8)
    pixels[: side // 2, : side // 2] //= 2
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def write_pack(path: Path, files: Mapping[str, bytes]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


def forget_accelerate() -> None:
    """accelerate keeps its state for the life of a process; each test is a process of its own."""
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()
    PartialState._reset_state()


def write_world(folder: Path, count: int = 20) -> None:
    """pack.tar with labels.json (two classes, a fifth held out) and an autoencoder in ae/."""
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 255, (count, 3))
    files = {f"{i:02d}.png": png(tuple(int(c) for c in colours[i])) for i in range(count)}
    write_pack(folder / "pack.tar", files)
    pairs = [[name, i % 2] for i, name in enumerate(files)]
    cut = count - count // 5
    labels = {"classes": ["left one", "other"], "train": pairs[:cut], "test": pairs[cut:]}
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    torch.manual_seed(0)
    network = VariationalAutoencoder(TINY_AUTOENCODER)
    card = ModelCard("ae", "AE", "autoencoder-kl", asdict(TINY_AUTOENCODER), latent_scale=2.0)
    export_model(network.state_dict(), card, folder / "ae")


def generator_recipe(
    folder: Path, *, kind: str = "patch-forcing", precision: str = "float32"
) -> Path:
    """A recipe of 6 steps in `folder`, which `write_world` has filled."""
    path = folder / f"{kind}.toml"
    path.write_text(
        f"""
kind = "{kind}"
name = "tiny"
title = "Tiny"

[data]
sources = [{{ path = "pack.tar", labels = "labels.json" }}]
pixels = {SIDE}
directional = ["left"]

[model]
hidden_size = 16
depth = 2
num_heads = 2

[training]
steps = 6
batch = 4
warm_up = 2
learning_rate = 1e-3
ema = 0.9
decay_from = 0.5
precision = "{precision}"

[generator]
time_sampler = "{"ltg" if kind == "patch-forcing" else "parallel"}"
autoencoder = {json.dumps(str(folder / "ae"))}

[report]
log_every = 1
checkpoint_every = 3
validate_every = 3
grid_steps = 2
""",
        encoding="utf-8",
    )
    return path


def autoencoder_recipe(folder: Path, adversarial: float = 0.0) -> Path:
    """A recipe of 4 steps without the perceptual term, which needs a package."""
    path = folder / "autoencoder.toml"
    path.write_text(
        f"""
kind = "autoencoder"
name = "tiny-ae"
title = "Tiny AE"

[data]
sources = [{{ path = "pack.tar", labels = "labels.json", unlisted = true }}]
pixels = {SIDE}

[model]
widths = [8, 8]
encoder_blocks = [1, 1]
decoder_blocks = [1, 1]

[training]
steps = 4
batch = 4
warm_up = 1
learning_rate = 1e-3
precision = "float32"

[autoencoder]
perceptual = 0.0
adversarial = {adversarial}
adversarial_from = 1

[report]
log_every = 1
checkpoint_every = 2
validate_every = 2
""",
        encoding="utf-8",
    )
    return path


def write_caption_world(folder: Path, write_encoder: Callable[[Path], Path]) -> None:
    """As `write_world`, with two captions for each picture and a text encoder in encoder/."""
    write_world(folder)
    names = [f"{i:02d}.png" for i in range(20)]
    pictures = {
        name: {
            "captions": [*["a red fox", "a blue apple , style"][i % 2 :], "fox"],
            "flip": i % 2 == 0,
            "held_out": i >= 16,
        }
        for i, name in enumerate(names)
    }
    (folder / "labels.json").write_text(json.dumps({"pictures": pictures}), encoding="utf-8")
    write_encoder(folder / "encoder")


def caption_recipe(folder: Path) -> Path:
    """A recipe of 6 steps, 3 of them at half the side."""
    path = folder / "text.toml"
    text = generator_recipe(folder).read_text(encoding="utf-8")
    path.write_text(
        text.replace('"patch-forcing"', '"text-patch-forcing"')
        .replace('directional = ["left"]', "")
        .replace(
            "num_heads = 2",
            "head_dim = 8\nmapping_dim = 8\nmapping_depth = 1\n"
            "refiner_dim = 16\nrefiner_head_dim = 8\nrefiner_depth = 1",
        )
        .replace(
            "[generator]",
            "[generator]\nhalf_size_until = 0.5\ntext_encoder = "
            + json.dumps(str(folder / "encoder")),
        )
        .replace("[report]", '[report]\ngrid_classes = ["a fox", "apple"]'),
        encoding="utf-8",
    )
    return path


def plain_recipe(folder: Path) -> Path:
    """Of a network without any condition, in a folder that `write_world` has filled."""
    path = generator_recipe(folder, kind="dit")
    text = path.read_text(encoding="utf-8").replace('"dit"', '"plain"')
    first, last = text.index("[model]"), text.index("[training]")
    path.write_text(text[:first] + text[last:], encoding="utf-8")
    return path


def toy_recipe(folder: Path) -> Path:
    """As `caption_recipe` for the network of tests/toy_backbone.py."""
    path = folder / "toy.toml"
    text = caption_recipe(folder).read_text(encoding="utf-8")
    first, last = text.index("[model]"), text.index("[training]")
    text = text[:first] + "[model]\ndepth = 3\n\n" + text[last:]
    text = text.replace('"text-patch-forcing"', '"toy"').replace('"ltg"', '"parallel"')
    path.write_text(text, encoding="utf-8")
    return path
