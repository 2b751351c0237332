"""Latent upsamplers: our own folders, and what the published trainer writes (Lightning, .ckpt).

Nobody published weights of the latter, but whoever trained some can use them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pfstudio.core.errors import InputError
from pfstudio.nn.latent_upsampler import PUBLISHED_RESIZE, LatentUpsampler, PatchUpsampler
from pfstudio.weights.checkpoint import Checkpoint, read_checkpoint
from pfstudio.weights.load import LoadedNetwork, locate, network_of
from pfstudio.weights.noising import noising_step

FACTOR = 2  # how many times longer the sides become
NOISING_STEPS = 999  # the noising counts in 999ths
RESIZES = ("bilinear", "bicubic")


@dataclass(frozen=True)
class LoadedUpsampler(LoadedNetwork):
    """An upsampler ready for use, in float32 and evaluation mode, on the CPU."""

    network: LatentUpsampler | PatchUpsampler
    noising_step: int  # start = add_noise(context, noise, alpha_bar(noising_step, NOISING_STEPS))
    resize: str = PUBLISHED_RESIZE  # how pixels are enlarged for the context; one of RESIZES

    @property
    def has_difficulty(self) -> bool:
        """Whether the network takes a time per patch and predicts a log-variance."""
        return isinstance(self.network, PatchUpsampler)


def load_upsampler(
    name_or_path: str | Path, weights: str = "ema", heads: int = 0
) -> LoadedUpsampler:
    """Load an upsampler by the name of an installed one, or from a file or folder.

    Args:
        name_or_path: e.g. "upsampler-s" or "last.ckpt".
        weights: which set of a training checkpoint, "ema" (averaged) or "raw".
        heads: number of attention heads where a file does not say it (0: heads 64 wide).

    Raises:
        InputError: nothing of this name, or a file that is damaged or of another kind.
    """
    return upsampler_of(read_checkpoint(locate(str(name_or_path)), weights), heads)


def upsampler_of(checkpoint: Checkpoint, heads: int = 0) -> LoadedUpsampler:
    """The upsampler in a checkpoint that was read.

    Raises:
        InputError: it is of another kind, or its tensors do not fit.
    """
    loaded, name = network_of(checkpoint, "upscale", heads), checkpoint.name
    assert isinstance(loaded.network, LatentUpsampler | PatchUpsampler)
    resize = loaded.card.sizes.get("resize", PUBLISHED_RESIZE)
    if resize not in RESIZES:
        raise InputError(f"The card of {name} gives the resize {resize!r}.", "Use bilinear.")
    return LoadedUpsampler(
        loaded.network,
        loaded.card,
        noising_step(loaded.card, name),
        resize=resize,
        notices=loaded.notices,
        tensors=loaded.tensors,
    )
