"""Figures of a comparison: how far two pictures are apart, and where the compute went."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from pfstudio.ui.view_models.run_data import MOVING


def rmse(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    """Root mean square difference of two pictures of one shape, in grey levels 0 .. 255."""
    difference = first.astype(np.float64) - second.astype(np.float64)
    return float(np.sqrt(np.mean(difference**2)))


def psnr(error: float) -> float:
    """Peak signal-to-noise ratio in dB of an RMSE in grey levels; infinite for equal pictures."""
    return math.inf if error == 0 else 20 * math.log10(255 / error)


def token_shares(role: npt.NDArray[np.uint8], tokens: int) -> npt.NDArray[np.float32]:
    """Where one call's tokens went, (B,n,m): shared equally by the patches that the call moved.

    A call that moved none (the trial call of a look-ahead step) served all patches alike.

    Args:
        role: (B,n,m) codes of `Role`.
        tokens: tokens computed in the call; the sum of the result.
    """
    moved = np.isin(role, MOVING)
    if not moved.any():
        moved = np.ones_like(moved)
    return (moved * (tokens / moved.sum())).astype(np.float32)
