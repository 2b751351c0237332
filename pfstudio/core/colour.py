"""Colour maps as lookup tables, the colours of the roles, and maps of patches as pictures.

magma and viridis (van der Walt and Smith 2015, CC0), cividis (Nunez et al. 2018, CC0) and Blues
(ColorBrewer's nine anchors, interpolated) grow evenly in lightness, so that they also work in grey
and for colour-blind readers. Spectral (ColorBrewer's eleven anchors), which depth maps are often
shown in, is darkest at both ends. RdBu (ColorBrewer's eleven anchors) is for values around 0.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError
from pfstudio.core.paths import shipped

Bytes = npt.NDArray[np.uint8]

TABLES = ("magma", "viridis", "cividis", "Blues", "grey")
DEPTH_TABLES = ("Spectral", *TABLES)
MISSING = (128, 128, 128)  # colour of values that are not numbers

_BLUES = (
    (247, 251, 255), (222, 235, 247), (198, 219, 239), (158, 202, 225), (107, 174, 214),
    (66, 146, 198), (33, 113, 181), (8, 81, 156), (8, 48, 107),
)  # fmt: skip

_SPECTRAL = (
    (158, 1, 66), (213, 62, 79), (244, 109, 67), (253, 174, 97), (254, 224, 139), (255, 255, 191),
    (230, 245, 152), (171, 221, 164), (102, 194, 165), (50, 136, 189), (94, 79, 162),
)  # fmt: skip
_RDBU = (
    (103, 0, 31), (178, 24, 43), (214, 96, 77), (244, 165, 130), (253, 219, 199), (247, 247, 247),
    (209, 229, 240), (146, 197, 222), (67, 147, 195), (33, 102, 172), (5, 48, 97),
)  # fmt: skip
_ANCHORS = {"Blues": _BLUES, "Spectral": _SPECTRAL, "RdBu": _RDBU}

# RGB of each role, in the order of pfstudio.core.trace.Role: together, fast, slow, context, fixed,
# finished. Neighbours differ in lightness as well as in hue.
ROLE_COLOURS = (
    (150, 154, 162),
    (106, 79, 179),
    (236, 229, 168),
    (86, 170, 226),
    (213, 94, 0),
    (0, 128, 96),
)


@functools.cache
def lookup(name: str) -> Bytes:
    """The table of a colour map: (256,3) RGB, low values first. Do not write into it.

    Raises:
        InputError: there is no such map.
    """
    if name == "grey":
        table = np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1)
    elif name in _ANCHORS:
        anchors = np.array(_ANCHORS[name], float)
        places = np.linspace(0, len(anchors) - 1, 256)
        columns = [np.interp(places, range(len(anchors)), column) for column in anchors.T]
        table = np.stack(columns, axis=1).round().astype(np.uint8)
    elif name in TABLES:
        with np.load(shipped("resources", "colour", "tables.npz"), allow_pickle=False) as file:
            table = file[name]
    else:
        raise InputError(f"Unknown colour map {name!r}.", f"Known are: {', '.join(DEPTH_TABLES)}.")
    table.setflags(write=False)
    return table


def value_range(values: npt.NDArray[np.floating], clip: float = 0.0) -> tuple[float, float]:
    """Ends (low, high) of a colour bar: the percentiles `clip` and 100 - `clip` (0: the extremes).

    Values that are not finite are left out; without any finite value the ends are 0 and 1.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    if not clip:
        return float(finite.min()), float(finite.max())
    low, high = np.percentile(finite, (clip, 100.0 - clip))
    return float(low), float(high)


def apply(values: npt.NDArray[np.floating], low: float, high: float, name: str) -> Bytes:
    """Colours (...,3) of values (...); outside [low, high] the end colours, NaN is grey.

    A range without width gives the table's middle.
    """
    missing = np.isnan(values)
    place = np.full(values.shape, 127.5, np.float32)
    if high > low:
        np.subtract(values, low, out=place)
        place *= 255 / (high - low)
        np.nan_to_num(place, copy=False, posinf=255, neginf=0)
    index = np.rint(place.clip(0, 255, out=place), out=place).astype(np.uint8)
    colours = np.take(lookup(name), index, axis=0)
    if missing.any():
        colours[missing] = MISSING
    return colours


def role_colours(role: Bytes) -> Bytes:
    """Colours (...,3) of role codes (...)."""
    return np.array(ROLE_COLOURS, np.uint8)[role]


def enlarge(pixels: Bytes, height: int, width: int) -> Bytes:
    """Nearest-neighbour picture (height,width,3) of (h,w,3): patches keep their hard edges."""
    rows = np.arange(height) * pixels.shape[0] // height
    columns = np.arange(width) * pixels.shape[1] // width
    return pixels[rows[:, None], columns]
