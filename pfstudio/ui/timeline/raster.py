"""The schedule raster: calls across, patches down, coloured by time, difficulty or role.

The picture is built one column per call; a column is not computed twice unless the order, the
colouring or the height changes.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from pfstudio.core.colour import role_colours
from pfstudio.core.events import Floats
from pfstudio.ui.stage.colours import ColourScale, limits_of
from pfstudio.ui.stage.views import View
from pfstudio.ui.view_models.run_data import RunData


class PatchOrder(StrEnum):
    """Which patch comes first (on top)."""

    PLACE = "place"
    DIFFICULTY = "difficulty"
    FINISHING = "finishing"


def patch_order(data: RunData, image: int, order: PatchOrder) -> npt.NDArray[np.intp]:
    """Flat patch numbers in the order wanted, top first.

    Difficulty: hardest first, by the summed log sigma^2 of the calls that tell it. Finishing: the
    patch that came nearest to time 1 first, i.e. by its summed time. Ties stay in place order.
    """
    patches = data.grid[0] * data.grid[1]
    known = data.known(image)
    if order is PatchOrder.PLACE or not known:
        return np.arange(patches)
    if order is PatchOrder.DIFFICULTY:
        told = data.difficulty[:known, image]
        told = told[~np.isnan(told).all(axis=(1, 2))]  # other images may have needed more calls
        key = -np.log(np.maximum(told, 1e-12)).sum(axis=0)
    else:
        key = -data.time[:known, image].sum(axis=0)
    return np.argsort(key.ravel(), kind="stable")


class Raster:
    """Pixels (rows, calls) 0xffrrggbb of a run's schedule; `update` adds the new columns."""

    def __init__(self, colormaps: dict[View, str]) -> None:
        self.colormaps = colormaps
        self.shown = View.TIME
        self.order = PatchOrder.DIFFICULTY
        self.pixels: npt.NDArray[np.uint32] = np.zeros((1, 1), np.uint32)
        self.columns = 0  # calls drawn
        self._key: tuple = ()
        self._patches: npt.NDArray[np.intp] = np.arange(1)
        self._starts: npt.NDArray[np.intp] = np.arange(1)
        self._limits = (0.0, 1.0)

    def reset(self) -> None:
        """Draw everything anew at the next update."""
        self._key = ()

    def update(self, data: RunData, image: int, height: int) -> int:
        """Bring the pixels up to date; at most `height` rows, neighbours averaged.

        The patches of a running job are sorted again when twice as many calls are known. Returns
        the first column that is different now.
        """
        rows = max(1, min(height, data.grid[0] * data.grid[1]))
        sorted_once = self.order is PatchOrder.PLACE or data.ended
        age = 0 if sorted_once else data.known(image).bit_length()
        key = (data, image, data.expected, rows, self.shown, self.order, data.ended, age,
               self.colormaps.get(self.shown))  # fmt: skip
        if key != self._key:
            self._key = key
            self._begin(data, image, rows)
        known = data.known(image)
        if self.shown is View.DIFFICULTY and self.columns < known:
            self._widen(data, image, known)
        first = self.columns
        if first < known:
            fresh = slice(first, known)
            self.pixels[:, fresh] = _packed(self._colours(data, fresh, image)).T
        self.columns = known
        return first

    def _begin(self, data: RunData, image: int, rows: int) -> None:
        patches = data.grid[0] * data.grid[1]
        self._patches = patch_order(data, image, self.order)
        self._starts = np.arange(rows) * patches // rows
        self.pixels = np.zeros((rows, data.expected), np.uint32)
        self.columns = 0
        self._limits = (0.0, 1.0)

    def _widen(self, data: RunData, image: int, known: int) -> None:
        """Difficulty has no natural limits: when a new call exceeds them, all columns change."""
        fresh = limits_of(np.log(np.maximum(data.difficulty[:known, image], 1e-12)), clip=1.0)
        if self.columns == 0 or fresh[0] < self._limits[0] or fresh[1] > self._limits[1]:
            spare = 0.1 * (fresh[1] - fresh[0])
            self._limits = (fresh[0] - spare, fresh[1] + spare)
            self.columns = 0

    def _colours(self, data: RunData, calls: slice, image: int) -> npt.NDArray[np.uint8]:
        """Columns of these calls: (calls, rows, 3)."""
        if self.shown is View.ROLE:
            codes = _flat(data.role[calls, image])
            return role_colours(codes[:, self._patches[self._starts]])
        if self.shown is View.TIME:
            values: Floats = _flat(data.time[calls, image])
        else:
            values = _flat(np.log(np.maximum(data.difficulty[calls, image], 1e-12)))
        sums = np.add.reduceat(values[:, self._patches], self._starts, axis=1)
        counts = np.diff(self._starts, append=values.shape[1])
        scale = ColourScale(self.colormaps[self.shown], self._limits)
        return scale.colours((sums / counts).astype(np.float32))

    def patch_at(self, share: float) -> int:
        """Flat number of the patch at a share of the height, 0 (top) to 1."""
        last = len(self._starts) - 1
        return int(self._patches[self._starts[min(int(share * len(self._starts)), last)]])

    def share_of(self, patch: int) -> float:
        """Where a flat patch number lies, as a share of the height (its middle)."""
        place = int(np.flatnonzero(self._patches == patch)[0])
        return (place + 0.5) / len(self._patches)


def _flat(maps: npt.NDArray) -> npt.NDArray:
    """Maps (calls,n,m) as (calls, patches)."""
    return maps.reshape(len(maps), -1)


def _packed(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """(..., 3) RGB as 0xffrrggbb."""
    wide = colours.astype(np.uint32)
    packed = 0xFF000000 | wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return np.asarray(packed, np.uint32)
