"""Cards of models: what the registry knows goes onto them, and files without one get theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import nn

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import Architecture, Sizes
from pfstudio.nn.registry import find_architecture
from pfstudio.weights.build import config_of, sizes_of
from pfstudio.weights.catalogue import (
    SD_AUTOENCODER,
    SD_CHANNELS,
    SD_LATENT_SCALE,
    imagenet_classes,
    recognise,
)
from pfstudio.weights.checkpoint import Checkpoint

_IMAGENET = 1000  # classes
_PUBLISHED = ("compact", "training")  # layouts that only the authors' own programs write


def described(card: ModelCard) -> ModelCard:
    """The card with what its architecture says of it, for programs without torch.

    Raises:
        InputError: the architecture is unknown, or cannot have such sizes.
    """
    architecture = find_architecture(card.architecture)
    config = config_of(architecture, card.sizes)
    return replace(
        card,
        task=architecture.task,
        condition=architecture.condition,
        time=architecture.time,
        has_difficulty=architecture.has_difficulty(config),
        has_null_condition=architecture.has_null_condition(config),
        blocks=architecture.routable(config),
    )


def new_card(
    checkpoint: Checkpoint, architecture: Architecture, sizes: Sizes, network: nn.Module
) -> ModelCard:
    """A card for a file that has none.

    Raises:
        InputError: the file says something impossible about its latents.
    """
    values = {**sizes.values, **sizes_of(network)}
    # What nearly all published networks work on: Stable Diffusion's latents, scaled.
    usual = values.get(architecture.channels) == SD_CHANNELS
    makes_latents = architecture.task != "autoencode"
    published = checkpoint.layout in _PUBLISHED
    known = recognise(architecture.name, values) if published else None
    free = not (published and architecture.non_commercial)
    imagenet = architecture.condition == "class" and values.get("num_classes") == _IMAGENET
    card = ModelCard(
        name=checkpoint.path.stem,
        title=known.title if known else checkpoint.path.stem,
        architecture=architecture.name,
        sizes=values,
        autoencoder=SD_AUTOENCODER if usual and makes_latents else "",
        text_encoder=architecture.text_encoder,
        latent_scale=_scale(checkpoint, SD_LATENT_SCALE if usual else 1.0),
        latent_shift=checkpoint.config.get("shift_factor") or 0.0,
        pixels=architecture.pixels(config_of(architecture, values)),
        classes=imagenet_classes() if imagenet else (),
        licence=(
            known.licence if known
            else "not stated in the file" if free else architecture.licence
        ),
        non_commercial=not free,
        paper=architecture.paper,
    )  # fmt: skip
    return described(card)


def _scale(checkpoint: Checkpoint, usual: float) -> float:
    """What the latents were multiplied by."""
    config = checkpoint.config
    scale: Any = config.get("scaling_factor", config.get("scale_factor", usual))
    if not isinstance(scale, int | float) or not scale > 0:
        raise InputError(f"{checkpoint.name} gives the scale {scale!r} of its latents.")
    return scale
