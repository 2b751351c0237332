"""What the scan of a state-space layer does to each patch, as it is recorded.

A record is an array (..., G + 2, n, m) or (..., G + 2, L): for every patch, G rates of decay, then
what is written, then the gate. A layer of "Mamba" (Gu and Dao, 2023, arXiv 2312.00752) keeps for
each channel e and state k  h <- exp(delta a) h + delta b x, and gives  (c h + D x) SiLU(z):

- rates: -log of the mean of exp(delta a) over the (channel, state) pairs of a group; the groups are
  equally large, from those that remember longest without an input to those that forget first; a
  quarter of all pairs stands for the others
- written: root mean square over the channels of delta x, times the norm of b over the states
- gate: mean over the channels of |SiLU(z)|
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pfstudio.core.scan_paths import ScanPath

GROUPS = 8
WRITTEN, GATE = GROUPS, GROUPS + 1  # places in a record, behind the rates
RECORDED = GROUPS + 2

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.floating]


def decay(record: Numbers) -> Floats:
    """Share of the states that is kept at each patch, 0..1, of a record (G+2,n,m): (n,m)."""
    kept: Floats = np.exp(-record[:GROUPS].astype(np.float32)).mean(axis=0)
    return kept


def reach(record: Numbers, path: ScanPath, patch: tuple[int, int]) -> Floats:
    """How much of what each patch wrote is left when the scan comes to `patch`, 0..1: (n,m).

    The effective receptive field of one layer, in closed form: of what token j wrote into a state,
    the product of the decays exp(delta_i a) of the tokens i = j+1 .. l is left at token l; 1 for
    the patch itself, 0 for those that come later. The mean over channels and states is taken over
    the groups of the record, each with the product of its mean decays.

    Args:
        record: (G+2,n,m).
        path: of the layer, (n*m,).
        patch: row and column.
    """
    grid = record.shape[-2:]
    rates = record[:GROUPS].reshape(GROUPS, -1)[:, path].astype(np.float64)
    place = int(np.flatnonzero(path == np.ravel_multi_index(patch, grid))[0])
    passed = rates.cumsum(axis=1)
    left = np.exp(passed[:, : place + 1] - passed[:, place, None]).mean(axis=0)
    found = np.zeros(grid[0] * grid[1], np.float32)
    found[path[: place + 1]] = left
    return found.reshape(grid)
