"""What networks of patches check of their inputs; F = n * m patches."""

from __future__ import annotations

from torch import Tensor

from pfstudio.core.errors import InputError


def patch_grid(x: Tensor, channels: int, patch_size: int) -> tuple[int, int]:
    """Patches (n,m) of latents (B,C,H,W).

    Raises:
        InputError: other channels, or sides that are no multiples of the patch.
    """
    _, own, height, width = x.shape
    if own != channels:
        raise InputError(f"The latent has {own} channels, the model needs {channels}.")
    if height % patch_size or width % patch_size:
        raise InputError(
            f"A latent of {height} x {width} cannot be cut into {patch_size} x {patch_size} "
            "patches."
        )
    return height // patch_size, width // patch_size


def token_times(t: Tensor, batch: int, grid: tuple[int, int]) -> Tensor:
    """The time of each token (B,F) of maps t (B,n,m).

    Raises:
        InputError: t has another shape.
    """
    if tuple(t.shape) != (batch, *grid):
        raise InputError(
            f"The times must have shape {(batch, *grid)}, one for each patch, not {tuple(t.shape)}."
        )
    return t.flatten(1)


def image_times(t: Tensor, batch: int, grid: tuple[int, int]) -> Tensor:
    """The time of each image (B,1), given as (B,) or as uniform maps (B,n,m).

    Raises:
        InputError: t has another shape, or an image has different times.
    """
    if tuple(t.shape) == (batch,):
        return t[:, None]
    times = token_times(t, batch, grid)
    if not bool((times == times[:, :1]).all()):
        raise InputError(
            "This model knows only one time per image, but its patches have different times.",
            "Use the euler or heun sampler without painted patches, or a Patch Forcing model.",
        )
    return times[:, :1]
