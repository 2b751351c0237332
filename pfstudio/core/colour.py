"""Colours of data: lookup tables for maps, and one colour per role.

magma, viridis and cividis (van der Walt, Smith, Firing; Nunez, Anderton, Renslow) are kept as 33
knots and interpolated in between; Blues is ColorBrewer's nine-class scale (Brewer 2003).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_KNOTS = {
    "magma": (
        "0000040303120a0822130d341d114729115a36106b440f7651127c5d177f6a1c81762181832681902a81"
        "9c2e7faa337db73779c23b75cf4070db476ae55064ee5b5ef4695cf9785dfb8761fd9668fea571feb47b"
        "fec287fed194fde0a1fceeb0fcfdbf"
    ),
    "Blues": "f7fbffdeebf7c6dbef9ecae16baed64292c62171b508519c08306b",
    "cividis": (
        "00224e00285b002e6a0533711a386f273e6e32436d3b496c434e6c4b546c535a6d5a5f6e61656f686a71"
        "6f70737676767d7c788381798b8778928d789a9376a29975aaa073b3a670bbad6dc3b369ccba64d4c15f"
        "ddc858e6d051efd748f8df3cfee838"
    ),
    "viridis": (
        "440154470d6048186a482374472d7b4537814240863e49893b528b375b8d33638d2f6b8e2c728e297a8e"
        "26828e23898e21918c1f978b1f9f8821a68527ad8131b57b3dbc744cc26c5cc8636ece5881d34d95d840"
        "aadc32c0df25d5e21aeae51afde725"
    ),
    "grey": "000000ffffff",
}

TABLES = tuple(_KNOTS)

# One colour per code of pfstudio.core.trace.Role. They differ in lightness too, and every view that
# uses them adds a pattern or a word: no meaning by hue alone.
ROLE_COLOURS: tuple[tuple[int, int, int], ...] = (
    (176, 186, 200),  # together
    (246, 231, 170),  # fast
    (112, 78, 196),  # slow
    (64, 156, 150),  # context only
    (70, 130, 220),  # fixed by the user
    (110, 116, 126),  # finished or reused
)


@cache
def lookup(name: str) -> Bytes:
    """The table `name` (one of TABLES): (256, 3) RGB from low to high. Do not write to it."""
    knots = np.frombuffer(bytes.fromhex(_KNOTS[name]), np.uint8).reshape(-1, 3)
    places = np.linspace(0, len(knots) - 1, 256)
    channels = [np.interp(places, np.arange(len(knots)), knots[:, i]) for i in range(3)]
    table = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    table.setflags(write=False)
    return table
