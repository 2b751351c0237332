"""What the program knows of the text-conditional transformers, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import Sizes, Tensors, always, whole
from pfstudio.nn.patch_forcing import PATCH_FORCING
from pfstudio.nn.text_patch_forcing import (
    TextDiffusionTransformer,
    TextPatchForcingConfig,
    TextPatchForcingTransformer,
)


def _is_text_transformer(tensors: Tensors) -> bool:
    return {"txt_proj.weight", "merge.proj.weight", "split.proj.weight"} <= tensors.keys()


def _recognise(tensors: Tensors) -> bool:
    """The last layer has rows for a log-variance."""
    if not _is_text_transformer(tensors):
        return False
    return tensors["split.proj.weight"].shape[0] > tensors["merge.proj.weight"].shape[1]


def _infer_sizes(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    """Sizes from the shapes; the training latents' side and the baseline's patch leave no trace.

    Raises:
        InputError: the last layer fits no patch.
    """
    default = TextPatchForcingConfig()
    pixels, rows = tensors["merge.proj.weight"].shape[1], tensors["split.proj.weight"].shape[0]
    assumed = []

    def told(key: str, what: str) -> int:
        number = whole(given.get(key))
        if not number:
            number = getattr(default, key)
            assumed.append(f"{name} does not say its {what}; {number} is assumed.")
        return number

    patch = math.isqrt(rows - pixels) if rows > pixels else told("patch_size", "patch size")
    if rows - pixels not in (0, patch**2) or pixels % patch**2:
        raise InputError(f"The last layer of {name} has {rows} rows, which fits no patch.")
    width, refiner = tensors["split.norm.scale"].shape[0], tensors["txt_proj.weight"].shape[0]
    mapping = tensors["t_embedder.time_in_proj.weight"].shape[0]
    values = {
        "in_channels": pixels // patch**2,
        "input_size": told("input_size", "latents' side"),
        "patch_size": patch,
        "hidden_size": width,
        "depth": _layers(tensors, "blocks."),
        "head_dim": width // tensors["blocks.0.self_attn.scale"].shape[0],
        "mapping_dim": mapping,
        "mapping_depth": _layers(tensors, "t_embedder.mapping.blocks."),
        "text_dim": tensors["txt_proj.weight"].shape[1],
        "refiner_dim": refiner,
        "refiner_head_dim": refiner // tensors["txt_refiner.0.self_attn.scale"].shape[0],
        "refiner_depth": _layers(tensors, "txt_refiner."),
        "predict_uncertainty": rows > pixels,
    }
    return Sizes(values, tuple(assumed))


def _layers(tensors: Tensors, prefix: str) -> int:
    """How many are numbered behind a prefix."""
    numbers = (k.removeprefix(prefix).split(".")[0] for k in tensors if k.startswith(prefix))
    return 1 + max(int(number) for number in numbers)


def _flops(
    config: TextPatchForcingConfig, tokens: int, blocks: Sequence[int] | None = None
) -> float:
    """Operations of one pass of one picture, two per multiply-add; see `patch_forcing.flops`.

    The text's keys and values and the factors of the times are computed once a run, and words are
    few beside patches: they are left out.
    """
    width, patch = config.hidden_size, config.patch_size**2
    counts = [tokens] * config.depth if blocks is None else blocks
    inside = sum(count * (15 * width**2 + 2 * count * width) for count in counts)  # then attention
    ends = tokens * patch * width * (2 * config.in_channels + config.predict_uncertainty)
    return 2.0 * (inside + ends)


def _activation_bytes(config: TextPatchForcingConfig, tokens: int, number_bytes: int) -> int:
    """Memory that one pass of one picture fills at its peak, roughly and rather too much."""
    width = config.hidden_size
    activations = tokens * width * 18  # stream, norms, qkv and turns, both halves of the gate
    attention = width // config.head_dim * tokens**2 * 2
    return int((activations + attention) * number_bytes)


TEXT_PATCH_FORCING = replace(
    PATCH_FORCING,
    name="text-patch-forcing",
    config=TextPatchForcingConfig,
    network=TextPatchForcingTransformer,
    recognise=_recognise,
    infer=_infer_sizes,
    condition="text",
    has_null_condition=always,
    flops=_flops,
    activation_bytes=_activation_bytes,
)
TEXT_DIT = replace(
    TEXT_PATCH_FORCING,
    name="text-dit",
    network=TextDiffusionTransformer,
    recognise=_is_text_transformer,
    time="uniform",
    has_difficulty=lambda config: False,
)
