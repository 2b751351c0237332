"""What a model or a checkpoint file is, for `pfstudio models info` and the window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pfstudio.core.card import DEPTH, ModelCard
from pfstudio.weights.build import detect
from pfstudio.weights.checkpoint import read_checkpoint
from pfstudio.weights.depth import depth_of
from pfstudio.weights.load import locate, network_of
from pfstudio.weights.store import autoencoder_card
from pfstudio.weights.upsampler import is_upsampler, upsampler_of


@dataclass(frozen=True)
class CheckpointInfo:
    """A model as it was found; the card of a published file is made from its tensors."""

    file: str
    layout: str
    bytes: int
    tensors: int
    parameters: int
    dtypes: tuple[str, ...]
    card: ModelCard
    foreign: tuple[str, ...]  # classes in the file that were left unread
    notices: tuple[str, ...]


def inspect_model(name_or_path: str | Path, weights: str = "ema", heads: int = 0) -> CheckpointInfo:
    """Read a model completely, so that what can be told is also what can be loaded.

    Raises:
        InputError: see `load_network`; autoencoders are told as well.
    """
    checkpoint = read_checkpoint(locate(str(name_or_path)), weights)
    card = checkpoint.card
    architecture = card.architecture if card else detect(checkpoint.tensors)
    if architecture.startswith("autoencoder"):
        card, notices = autoencoder_card(checkpoint)[0], checkpoint.notices
    elif architecture in DEPTH:
        depth = depth_of(checkpoint, heads)
        card, notices = depth.card, depth.notices
    elif is_upsampler(checkpoint):
        upsampler = upsampler_of(checkpoint, heads)
        card, notices = upsampler.card, upsampler.notices
    else:
        loaded = network_of(checkpoint, heads)
        card, notices = loaded.card, loaded.notices
    values = checkpoint.tensors.values()
    return CheckpointInfo(
        file=str(checkpoint.file),
        layout=checkpoint.layout,
        bytes=checkpoint.file.stat().st_size,
        tensors=len(values),
        parameters=sum(value.numel() for value in values),
        dtypes=tuple(sorted({str(value.dtype).removeprefix("torch.") for value in values})),
        card=card,
        foreign=checkpoint.foreign,
        notices=notices,
    )
