"""What the program knows of the zigzag Mamba networks, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import Architecture, Sizes, Tensors, never, whole
from pfstudio.nn.mamba import EXPANSION, STATES
from pfstudio.nn.patch_forcing import AUTOENCODER_FACTOR
from pfstudio.nn.zigma import (
    ClassZigMa,
    ClassZigMaConfig,
    PatchForcingZigMa,
    PatchForcingZigMaConfig,
    TextZigMa,
    TextZigMaConfig,
    ZigMa,
    ZigMaConfig,
)
from pfstudio.nn.zigma_video import VideoZigMa, VideoZigMaConfig


def _is_zigma(tensors: Tensors) -> bool:
    return {"x_embedder.proj.weight", "blocks.0.mixer.A_log", "norm_f.weight"} <= tensors.keys()


def _is_class_zigma(tensors: Tensors) -> bool:
    return _is_zigma(tensors) and "y_embedder.embedding_table.weight" in tensors


def _is_text_zigma(tensors: Tensors) -> bool:
    return _is_zigma(tensors) and "y_embedder.weight" in tensors


def _is_video_zigma(tensors: Tensors) -> bool:
    return _is_class_zigma(tensors) and "temporal_pos_embedding" in tensors


def _is_patch_forcing(tensors: Tensors) -> bool:
    """The last layer has rows for a log-variance."""
    if not (_is_class_zigma(tensors) and "final_layer.linear.weight" in tensors):
        return False
    patch = tensors["x_embedder.proj.weight"].shape[1:].numel()
    return tensors["final_layer.linear.weight"].shape[0] > patch


def _infer_sizes(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    """Sizes from the shapes; the order of the scan leaves no trace.

    Raises:
        InputError: the last layer fits no patch, or the table of positions no square.
    """
    width, channels, patch, _ = tensors["x_embedder.proj.weight"].shape
    rows = tensors["final_layer.linear.weight"].shape[0]
    uncertain = rows == patch**2 * (channels + 1)
    if not uncertain and rows != patch**2 * channels:
        raise InputError(f"The last layer of {name} has {rows} rows, which fits no ZigMa network.")
    assumed: list[str] = []
    video = "temporal_pos_embedding" in tensors
    frames = tensors["temporal_pos_embedding"].shape[1] if video else 1
    scan = "v2" if "blocks.0.mixer.A_b_log" in tensors else given.get("scan")
    if not isinstance(scan, str):
        scan = (VideoZigMaConfig() if video else ZigMaConfig()).scan
        assumed.append(f"{name} does not say in which order it scans; {scan} is assumed.")
    positions, side = "none", whole(given.get("input_size"))
    if "pos_embed" in tensors:
        positions = "sincos" if given.get("positions") == "sincos" else "learned"
        side = math.isqrt(tensors["pos_embed"].shape[1] // frames) * patch
        if frames * (side // patch) ** 2 != tensors["pos_embed"].shape[1]:
            raise InputError(f"{name} is for video, or for latents that are not square.")
    elif not side:
        side = 64 * patch  # of the published ones without positions
        assumed.append(f"{name} does not say its latents' side; {side} is assumed.")
    values = {
        "in_channels": channels,
        "input_size": side,
        "patch_size": patch,
        "hidden_size": width,
        "depth": 1 + max(int(k.split(".")[1]) for k in tensors if k.startswith("blocks.")),
        "scan": scan,
        "positions": positions,
    }
    if "y_embedder.weight" in tensors:
        values["text_dim"] = tensors["y_embedder.weight"].shape[1]
    if "y_embedder.embedding_table.weight" in tensors:
        labels = tensors["y_embedder.embedding_table.weight"].shape[0]
        null = given.get("class_dropout_prob", 0.1 if uncertain else 0.0) != 0
        values |= {"num_classes": labels - null, "class_dropout_prob": 0.1 if null else 0.0}
    if video:
        values |= {"frames": frames, "frame_positions": True}
    if uncertain:
        values["predict_uncertainty"] = True
    return Sizes(values, tuple(assumed))


def _flops(config: ZigMaConfig, tokens: int) -> float:
    """Operations of one pass of one picture, two per multiply-add.

    Modulations and what is read of a text are left out: at inference they are computed once a run.
    """
    width, inner, rank = config.hidden_size, EXPANSION * config.hidden_size, config.hidden_size / 16
    layer = 3 * width * inner + 2 * inner * (rank + STATES) + 4 * inner + 3 * inner * STATES
    if isinstance(config, TextZigMaConfig):
        layer += 1024 * width  # queries and output of its attention
    ends = 2 * width * config.in_channels * config.patch_size**2
    return 2.0 * tokens * (config.depth * layer + ends)


def _activation_bytes(config: ZigMaConfig, tokens: int, number_bytes: int) -> int:
    """Memory that one pass of one picture fills at its peak, roughly and rather too much."""
    width = config.hidden_size
    return int(tokens * width * (4 + 6 * EXPANSION) * max(number_bytes, 4))


ZIGMA = Architecture(
    name="zigma",
    task="generate",
    config=ZigMaConfig,
    network=ZigMa,
    recognise=_is_zigma,
    infer=_infer_sizes,
    channels="in_channels",
    has_null_condition=never,
    layers=lambda config: config.depth,
    flops=_flops,
    activation_bytes=_activation_bytes,
    pixels=lambda config: config.input_size * AUTOENCODER_FACTOR,
    licence="Apache-2.0",
    paper="ZigMa: A DiT-style Zigzag Mamba Diffusion Model (ECCV 2024, arXiv 2403.13802)",
)
CLASS_ZIGMA = replace(
    ZIGMA,
    name="zigma-class",
    config=ClassZigMaConfig,
    network=ClassZigMa,
    recognise=_is_class_zigma,
    condition="class",
    has_null_condition=lambda config: config.class_dropout_prob > 0,
)
VIDEO_ZIGMA = replace(
    CLASS_ZIGMA,
    name="zigma-video",
    task="video",
    config=VideoZigMaConfig,
    network=VideoZigMa,
    recognise=_is_video_zigma,
)
TEXT_ZIGMA = replace(
    ZIGMA,
    name="zigma-text",
    config=TextZigMaConfig,
    network=TextZigMa,
    recognise=_is_text_zigma,
    condition="text",
    has_null_condition=never,  # captions were not dropped
    text_encoder="clip-vit-large-patch14",
)
PATCH_FORCING_ZIGMA = replace(
    CLASS_ZIGMA,
    name="zigma-patch-forcing",
    config=PatchForcingZigMaConfig,
    network=PatchForcingZigMa,
    recognise=_is_patch_forcing,
    time="per patch",
    has_difficulty=lambda config: config.predict_uncertainty,
)
