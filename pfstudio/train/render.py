"""Synthetic rooms with their depth, packed as the depth recipes read them, split by scene.

Nothing is downloaded here: Blender comes as the Python package bpy, furniture from Debian's
sweethome3d-furniture, the patterns of walls and floors are computed. What a stopped run finished is
kept, room by room, and not drawn again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pfstudio.core.documents import read_json
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.files import replacing, write_text
from pfstudio.train.data import fingerprint
from pfstudio.train.pack import write_pack
from pfstudio.train.render_plan import PLANS, ROOMS, Piece, Room

BITS = 12
_LEVELS = 2**BITS - 1
_QUALITY = 92
_LEAST_RATIO = 1.5  # of the 98th to the 2nd percentile of inverse depth: flatter views teach little
_NEAREST = 0.25  # m; closer than this is the inside of a piece
_LIGHTNESS = (22.0, 235.0)  # mean of a picture, of 255
_LEAST_SPREAD = 10.0  # standard deviation of a picture, of 255
_HOPELESS = 40  # rooms in a row without one good view

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Draw = Callable[[Room, int], Iterator[tuple[Bytes, Floats]]]


def is_good(picture: Bytes, depth: Floats) -> bool:
    """Whether a view is worth keeping: neither flat, nor inside a piece, nor too dark or bright."""
    inverse = inverse_of(depth)
    far, near = np.percentile(inverse, (2, 98))
    if near < _LEAST_RATIO * far or float(np.percentile(depth, 5)) < _NEAREST:
        return False
    low, high = _LIGHTNESS
    return low < picture.mean() < high and float(picture.std()) > _LEAST_SPREAD


def inverse_of(depth: Floats) -> Floats:
    """Inverse depth in 1/m of depth in m; the sky (no surface within 1 km) is 0."""
    return np.where(depth < 1000.0, 1.0 / np.maximum(depth, 1e-3), 0.0).astype(np.float32)


def encode_pair(picture: Bytes, depth: Floats) -> tuple[bytes, bytes, dict[str, float]]:
    """JPEG of the picture, 16-bit PNG of inverse depth stretched to 12 bits, and its range."""
    inverse = inverse_of(depth)
    low, high = float(inverse.min()), float(inverse.max())
    share = (inverse - low) / max(high - low, 1e-9)
    stored = np.rint(share * _LEVELS).astype(np.uint16)
    bgr = np.ascontiguousarray(picture[:, :, ::-1])
    jpg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
    png = cv2.imencode(".png", stored, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()
    return jpg, png, {"inverse_min": low, "inverse_max": high}


def build_depth_pack(
    furniture: tuple[Piece, ...],
    out: Path,
    *,
    count: int,
    draw: Draw,
    pixels: int = 256,
    seed: int = 0,
    samples: int = 8,
    subject: str = ROOMS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Path, Path]:
    """Draw `count` pairs into `SUBJECTPIXELS.tar` and `SUBJECTPIXELS-labels.json` in `out`.

    The subject is one of `PLANS`: rooms or still lifes. The tar holds NAME.jpg and NAME.png; the
    labels hold `bits`, `unit`, `note` and `pairs`, each with `name`, `scene` (a room),
    `inverse_min` and `inverse_max` in 1/m. `samples` are the paths a pixel that `draw` takes.

    Raises:
        InputError: the numbers cannot be used.
        RunError: room after room shows nothing worth keeping.
    """
    if count < 1 or not 32 <= pixels <= 2048:
        raise InputError(
            f"{count} images of {pixels} pixels are not possible.",
            "Give at least 1 picture, of 32 to 2048 pixels.",
        )
    made_of = fingerprint(*map(repr, furniture), str(samples))  # rooms of others are not these
    folder = out / f"{subject}-{pixels}-{seed}-{made_of}"
    pairs: list[dict[str, Any]] = []
    number = empty = 0
    while len(pairs) < count:
        found = _room(furniture, folder, subject, seed, number, pixels, draw)
        pairs += found
        number, empty = number + 1, 0 if found else empty + 1
        if empty == _HOPELESS:
            raise RunError(f"{_HOPELESS} rooms in a row show nothing worth keeping.")
        progress(min(len(pairs), count), count)
    return _pack(out, folder, pairs[:count], f"{subject}{pixels}")


def _room(
    furniture: tuple[Piece, ...],
    folder: Path,
    subject: str,
    seed: int,
    number: int,
    pixels: int,
    draw: Draw,
) -> list[dict[str, Any]]:
    """The good views of a room; their files lie in `folder`, and the list is written last."""
    told = folder / f"{number:05d}.json"
    if told.exists():
        kept: list[dict[str, Any]] = read_json(told)
        return kept
    room = PLANS[subject](furniture, seed, number)
    found: list[dict[str, Any]] = []
    for picture, depth in draw(room, pixels):
        if not is_good(picture, depth):
            continue
        name = f"{number:05d}-{len(found)}"
        jpg, png, span = encode_pair(picture, depth)
        for ending, data in ((".jpg", jpg), (".png", png)):
            with replacing(folder / f"{name}{ending}") as temporary:
                temporary.write_bytes(data)
        found.append({"name": name, "scene": room.scene, **span})
    write_text(told, json.dumps(found))
    return found


def _pack(out: Path, folder: Path, pairs: list[dict[str, Any]], name: str) -> tuple[Path, Path]:
    pack, labels = out / f"{name}.tar", out / f"{name}-labels.json"
    note = "inverse depth = inverse_min + pixel/(2**bits-1)*(inverse_max-inverse_min)"
    described = {"bits": BITS, "unit": "1/m", "note": note, "pairs": pairs}
    names = [f"{pair['name']}{ending}" for pair in pairs for ending in (".jpg", ".png")]
    write_pack(pack, ((name, (folder / name).read_bytes()) for name in names), labels, described)
    return pack, labels
