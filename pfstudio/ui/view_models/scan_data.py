"""What is known of the scans of one run, and what of it is looked at. Plain numpy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pfstudio.core.events import Floats, Halfs
from pfstudio.core.scan_maps import GATE, WRITTEN, decay, reach
from pfstudio.core.scan_paths import ScanPath, scan_paths


class ScanFigure(StrEnum):
    """What can be shown of a scan, as a value for each patch."""

    DECAY = "decay"
    WRITTEN = "written"
    GATE = "gate"
    REACH = "reach"


@dataclass(frozen=True)
class ScanLook:
    """How a scan is looked at: layers count from 0."""

    layer: int = 0
    figure: ScanFigure | None = None  # that lies over the prediction; None: none
    path: bool = True  # whether the layer's path is drawn


class ScanData:
    """Records of `core.scan_maps` by call and image, of n x m patches; empty without scans.

    Attributes:
        scan: the paths of all layers (core.scan_paths).
        patch: whose reach is shown.
    """

    def __init__(self, grid: tuple[int, int]) -> None:
        self.grid, self.scan, self.look, self.patch = grid, "", ScanLook(), (0, 0)
        self._records: dict[tuple[int, int], Halfs] = {}  # (call, image): (layers,G+2,n,m)

    def keep(self, call: int, first: int, records: Halfs, scan: str) -> None:
        """Take what a call told of the images from `first` on: (b,layers,G+2,n,m)."""
        self.scan = scan
        for image, record in enumerate(records, start=first):
            self._records[call, image] = record

    @property
    def layers(self) -> int:
        """Layers that are known; 0: there are no scans."""
        return len(next(iter(self._records.values()), ()))

    @property
    def layer(self) -> int:
        """The layer that is looked at."""
        return min(self.look.layer, max(self.layers - 1, 0))

    def path(self) -> ScanPath | None:
        """The path (n*m,) of the layer that is looked at."""
        layers = self.layers
        return scan_paths(self.scan, layers, *self.grid)[self.layer] if layers else None

    def values(self, figure: ScanFigure, call: int, image: int) -> Floats:
        """A figure of the layer that is looked at, (n,m); NaN where nothing is known.

        What is written has the mean 1: its unit differs from layer to layer.
        """
        records, path = self._records.get((call, image)), self.path()
        if records is None or path is None:
            return np.full(self.grid, np.nan, np.float32)
        record = records[self.layer]
        if figure is ScanFigure.DECAY:
            return decay(record)
        if figure is ScanFigure.REACH:
            return reach(record, path, self.patch)
        if figure is ScanFigure.GATE:
            return record[GATE].astype(np.float32)
        written = record[WRITTEN].astype(np.float32)
        return written / max(float(written.mean()), np.finfo(np.float16).tiny)
