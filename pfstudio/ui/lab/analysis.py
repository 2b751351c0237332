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


def compute_map(
    role: npt.NDArray[np.uint8], tokens: npt.NDArray[np.int32]
) -> npt.NDArray[np.float32]:
    """Tokens spent on each patch, (B,n,m); the sum is the number of tokens that were computed.

    The tokens of every call are shared out equally over the patches that the call moved. A call
    that moved none (the trial call of a look-ahead step) served all patches alike.

    Args:
        role: (T,B,n,m) codes of `Role`, the calls so far.
        tokens: (T,) tokens computed in each call.
    """
    moved = np.isin(role, MOVING).astype(np.float64)
    moved[moved.sum(axis=(1, 2, 3)) == 0] = 1.0
    share = moved / moved.sum(axis=(1, 2, 3), keepdims=True)
    spent = share * tokens.astype(np.float64)[:, None, None, None]
    return spent.sum(axis=0).astype(np.float32)
