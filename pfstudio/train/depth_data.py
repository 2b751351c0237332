"""Pictures with their depth for training: a pack of NAME.jpg and NAME.png pairs, split by scene."""

from __future__ import annotations

import math
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from pfstudio.core.documents import LABELS_BYTES, read_json
from pfstudio.core.errors import InputError
from pfstudio.train.config import SourceConfig

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
_HELD_OUT = 10  # every 10th scene validates
_MOST = 1e30  # 1/m: float32 computes with it
_PERCENTILES = (1.0, 99.0)  # of inverse depth: farthest and nearest of a target
_FARTHEST = math.exp(-2.0)  # inverse depth at L = 1, where the nearest, at L = -1, is 1


@dataclass(frozen=True)
class DepthPair:
    """A picture and its inverse depth as they lie in the pack."""

    name: str
    scene: str
    picture_file: bytes
    depth_file: bytes  # 16-bit grey; stretched over low..high
    low: float  # inverse depth in 1/m
    high: float
    levels: int  # the largest value that a pixel can have

    def picture(self) -> Bytes:
        """(H,W,3) RGB."""
        return np.ascontiguousarray(_decoded(self.picture_file, self.name, cv2.IMREAD_COLOR_RGB))

    def inverse_depth(self) -> Floats:
        """(H,W) in 1/m."""
        stored = _decoded(self.depth_file, self.name, cv2.IMREAD_UNCHANGED)
        if stored.ndim != 2:
            raise InputError(
                f"The depth of the pair {self.name} is not grey.",
                "Take the pair out of the labels.",
            )
        scale = (self.high - self.low) / self.levels
        return self.low + stored.astype(np.float32) * scale

    def both(self) -> tuple[Bytes, Floats]:
        """Picture and inverse depth.

        Raises:
            InputError: they are of different sizes.
        """
        picture, inverse = self.picture(), self.inverse_depth()
        if picture.shape[:2] != inverse.shape[:2]:
            raise InputError(
                f"The depth of the pair {self.name} has another size than its picture.",
                "Take the pair out of the labels.",
            )
        return picture, inverse


@dataclass(frozen=True)
class DepthData:
    """Pairs to train on and held-out ones, from different scenes."""

    train: tuple[DepthPair, ...]
    test: tuple[DepthPair, ...]


def load_depth_sources(sources: Sequence[SourceConfig], folder: Path) -> DepthData:
    """The pairs of several packs together (see `load_depth_source`); each holds out scenes.

    Raises:
        InputError: as `load_depth_source`, or no pack holds one out.
    """
    packs = [load_depth_source(source, folder) for source in sources]
    held = tuple(pair for pack in packs for pair in pack.test)
    check_held_out_scenes(held)
    return DepthData(tuple(pair for pack in packs for pair in pack.train), held)


def check_held_out_scenes(pairs: Sequence[DepthPair]) -> None:
    """A figure is of scenes that are never trained on.

    Raises:
        InputError: there are none.
    """
    if not pairs:
        raise InputError(
            "No scene is left to measure progress on.",
            f"Every {_HELD_OUT}th scene is held out: use a pack of at least {_HELD_OUT} scenes.",
        )


def load_depth_source(source: SourceConfig, folder: Path) -> DepthData:
    """Read a pack of pairs with its labels JSON (`bits`, and `pairs` with name, scene and range).

    Raises:
        InputError: missing or damaged files, or labels of another form.
    """
    if not source.labels:
        raise InputError("The recipe cannot be used: pairs of picture and depth need labels.")
    labels, path = folder / source.labels, folder / source.path
    try:
        told = read_json(labels, LABELS_BYTES)
        files = _files(path)
        bits = int(told["bits"])
        if not 1 <= bits <= 16:
            raise ValueError(f"no depth has {bits} bits")
        pairs = tuple(
            DepthPair(
                one["name"],
                str(one["scene"]),
                files[f"{one['name']}.jpg"],
                files[f"{one['name']}.png"],
                float(one["inverse_min"]),
                float(one["inverse_max"]),
                2**bits - 1,
            )
            for one in told["pairs"]
        )
        if any(abs(end) > _MOST for pair in pairs for end in (pair.low, pair.high)):
            raise ValueError("an inverse depth is too large")
    except (OSError, tarfile.TarError) as error:
        raise InputError(
            f"The pack {path} or its labels {labels} cannot be read ({error}).",
            "Give their folder with --data.",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{labels} does not fit {path} ({error!r}).") from error
    scenes = sorted({pair.scene for pair in pairs})
    held = set(scenes[_HELD_OUT - 1 :: _HELD_OUT])
    train = tuple(pair for pair in pairs if pair.scene not in held)
    if not train:
        raise InputError(f"{labels} lists no pair to train on.")
    return DepthData(train, tuple(pair for pair in pairs if pair.scene in held))


def _files(path: Path) -> dict[str, bytes]:
    """Content of every file of a pack or folder, by its bare name."""
    if path.is_dir():
        return {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
    with tarfile.open(path) as tar:
        entries = [entry for entry in tar if entry.isfile()]
        opened = {Path(entry.name).name: tar.extractfile(entry) for entry in entries}
        return {name: file.read() for name, file in opened.items() if file is not None}


def _decoded(data: bytes, name: str, flags: int) -> npt.NDArray[np.generic]:
    try:
        values = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # an empty file, or a picture of more pixels than it reads
        values = None
    if values is None:
        raise InputError(f"The pair {name} is broken.", "Take it out of the labels.")
    return values


def log_depth_target(inverse: Floats) -> Floats:
    """Log-depth L (H,W) in -1..1 whose exp(-L) is an affine map of inverse depth, where not cut.

    The nearest and farthest percent of the pixels are cut off; a flat map becomes 1, the farthest.
    """
    far, near = np.percentile(inverse[::2, ::2], _PERCENTILES)
    nearness = np.clip((inverse - far) / max(float(near - far), 1e-6), 0.0, 1.0)
    return (-np.log(nearness * (1.0 - _FARTHEST) + _FARTHEST) - 1.0).astype(np.float32)


def cut_pair(
    picture: Bytes,
    inverse: Floats,
    size: tuple[int, int],
    random: np.random.Generator,
    flip: bool,
) -> tuple[Bytes, Floats]:
    """A random part of a pair at `size` (height, width): zoomed, a little stretched, mirrored."""
    height, width = picture.shape[:2]
    aspect = size[1] / size[0] * math.exp(random.uniform(-0.15, 0.15))
    zoom = random.uniform(0.55, 1.0)
    rows = zoom * min(height, width / aspect)
    cut = max(1, round(rows)), max(1, min(width, round(rows * aspect)))
    top = int(random.integers(height - cut[0] + 1))
    left = int(random.integers(width - cut[1] + 1))
    part = np.s_[top : top + cut[0], left : left + cut[1]]
    smaller = cut[0] > size[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    colours, depth = (
        cv2.resize(values[part], size[::-1], interpolation=how) for values in (picture, inverse)
    )
    if flip and random.random() < 0.5:
        colours, depth = colours[:, ::-1], depth[:, ::-1]
    return np.ascontiguousarray(colours), np.ascontiguousarray(depth)


def augment(picture: Bytes, random: np.random.Generator) -> Bytes:
    """A picture (H,W,3) as another camera would take it: light, colour, blur, noise, JPEG."""

    def sometimes(share: float) -> bool:
        return bool(random.random() < share)

    x = (picture / np.float32(255)) ** np.float32(math.exp(random.uniform(-0.4, 0.4)))
    x *= np.exp(random.uniform(-0.12, 0.12, 3)).astype(np.float32)
    grey = x.mean(axis=2, keepdims=True)
    x = grey + (x - grey) * (0.0 if sometimes(0.08) else random.uniform(0.3, 1.5))
    middle = float(x.mean())
    x = middle * random.uniform(0.75, 1.25) + (x - middle) * random.uniform(0.6, 1.3)
    if sometimes(0.1):
        x = x[:, :, random.permutation(3)]
    if sometimes(0.25):
        x = cv2.GaussianBlur(x, (0, 0), random.uniform(0.3, 1.5))
    if sometimes(0.4):
        x = x + random.standard_normal(x.shape, np.float32) * random.uniform(0.005, 0.06)
    pixels = (np.clip(x, 0, 1) * 255).round().astype(np.uint8)
    if sometimes(0.4):
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(30, 95))]
        pixels = cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], cv2.IMREAD_COLOR)
    return np.ascontiguousarray(pixels)
