"""Depth maps as files: 16-bit PNG, TIFF, EXR and NPY with the values, PLY points, colours.

Values are those of a quantity (see `pfstudio.core.depth_measures.view`). NPY, TIFF and EXR keep
float32 exactly; the PNG spreads the map over all 65536 codes and says in its text how to go back.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from PIL import Image, PngImagePlugin

from pfstudio.core.colour import apply, value_range
from pfstudio.core.depth import SPREAD_LABEL, DepthMap
from pfstudio.core.depth_measures import QUANTITIES, least_certain, spread_of, view
from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError
from pfstudio.core.exr import write_exr
from pfstudio.core.files import numbered, replacing, short_stem, write_fresh
from pfstudio.core.image_io import BROKEN, open_picture
from pfstudio.core.paths import result_path
from pfstudio.core.requests import bare_name

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

NOTE = "pfstudio-depth"  # key of the text in PNG files
FORMATS = {
    "png16": "_depth.png",
    "tiff": "_depth.tiff",
    "exr": "_depth.exr",
    "npy": "_depth.npy",
    "ply": "_depth.ply",
    "colour": "_colour.png",
    "spread": "_spread.npy",
    "mask": "_mask.png",
    "latents": "_latents.safetensors",
}
# Where the axes of points go: as a camera sees them, or as most 3D programs have it.
AXES = {"camera": "x right, y down, z ahead", "y-up": "x right, y up, z towards the viewer"}
PLY_POINTS = 4_000_000  # of a larger picture every second (third, ...) row and column is written
_CODES = 65535


@dataclass(frozen=True)
class DepthExport:
    """What to write, and how."""

    formats: tuple[str, ...] = ("png16",)
    quantity: str = QUANTITIES[0]
    colours: str = "magma"
    field_of_view: float = 55.0  # degrees along the longer side, for the points
    axes: str = "camera"  # of the points, one of AXES
    clip: float = 0.0  # percent of the values that the colours leave out at both ends
    ends: tuple[float, float] | None = None  # of the colours; None: of the values, clipped
    # Spread above which the mask hides a pixel; None: where the least certain 5 % begin.
    threshold: float | None = None

    def __post_init__(self) -> None:
        wrong = [name for name in self.formats if name not in FORMATS]
        if wrong or not self.formats:
            raise InputError(
                f"Unknown format {wrong[0]!r}." if wrong else "No format was given.",
                f"Use some of: {', '.join(FORMATS)}.",
            )
        if self.quantity not in QUANTITIES:
            known = ", ".join(QUANTITIES)
            raise InputError(f"Unknown quantity {self.quantity!r}.", f"Use one of: {known}.")
        if self.axes not in AXES:
            raise InputError(f"Unknown axes {self.axes!r}.", f"Use one of: {', '.join(AXES)}.")
        if not 1 <= self.field_of_view < 180:
            raise InputError(
                f"The field of view is {self.field_of_view:g} degrees, but must lie between 1 "
                "and 179."
            )
        if self.threshold is not None and not 0 <= self.threshold < math.inf:
            raise InputError(f"The mask cannot begin at a spread of {self.threshold:g}: 0 or more.")


def file_paths(folder: Path, stem: str, formats: Sequence[str]) -> tuple[Path, ...]:
    """The files of a picture, in the order of `formats`."""
    return tuple(folder / f"{stem}{FORMATS[name]}" for name in formats)


def write_depth(folder: Path, stem: str, depth: DepthMap, export: DepthExport) -> tuple[Path, ...]:
    """Write a depth map in every wished format; each file appears whole or not at all.

    Raises:
        InputError: the folder may not be written to.
        RunError: the disk is full or failing.
    """
    values = view(depth.log_depth, export.quantity)
    paths = file_paths(folder, stem, export.formats)
    for name, path in zip(export.formats, paths, strict=True):
        with replacing(path) as temporary:
            _write(name, temporary, depth, values, export)
    return paths


def save_depth(depth: DepthMap, *, root: Path | None = None, when: datetime | None = None) -> Path:
    """Save a map by itself, as a 16-bit PNG in the folder of its day, below `root`.

    Raises:
        InputError, RunError: it could not be written.
    """
    wish = result_path(short_stem(Path(depth.request.image_file).stem) or "picture", root, when)
    ending = FORMATS["png16"]
    names = (f"{free}{ending}" for free in numbered(wish.name))

    def write(path: Path) -> None:
        write_depth(path.parent, path.name.removesuffix(ending), depth, DepthExport())

    return write_fresh(wish.parent, names, write)


def _write(name: str, path: Path, depth: DepthMap, values: Floats, export: DepthExport) -> None:
    about = _about(depth, values, export.quantity)
    if name == "png16":
        write_png16(path, values, about)
    elif name == "tiff":
        tags = {270: json.dumps(about)}  # ImageDescription
        Image.fromarray(values).save(path, "TIFF", tiffinfo=tags)
    elif name == "exr":
        low, high = about["low"], about["high"]
        grey = (values - low) / (high - low) if high > low else np.zeros_like(values)
        write_exr(path, {"Y": grey, "Z": values}, comments=json.dumps(about))
    elif name == "npy":
        _write_npy(path, values)
    elif name == "ply":
        write_ply(path, np.exp(depth.log_depth), depth.picture, export.field_of_view, export.axes)
    elif name == "colour":
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt(NOTE, json.dumps(about))
        low, high = export.ends or value_range(values, export.clip)
        colours = apply(values, low, high, export.colours)
        Image.fromarray(colours).save(path, "PNG", pnginfo=notes)
    elif name == "spread":
        _write_npy(path, np.stack([depth.log_std, depth.aligned_std]))
    elif name == "mask":
        spread = spread_of(depth, export.quantity)
        threshold = least_certain(spread) if export.threshold is None else export.threshold
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt(NOTE, json.dumps(about | {"hidden_above": threshold}))
        kept = np.where(spread > threshold, np.uint8(0), np.uint8(255))
        Image.fromarray(kept).save(path, "PNG", pnginfo=notes)
    else:
        # safetensors writes memory as it lies, and networks leave channels last.
        latents = np.ascontiguousarray(depth.latents)
        safetensors.numpy.save_file({"latents": latents}, path)


def _about(depth: DepthMap, values: Floats, quantity: str) -> dict[str, Any]:
    """What a file says about itself; no folder names are ever written."""
    request = json.loads(depth.request.to_json())
    for key in ("image_file", "model", "autoencoder", "noise_file"):
        request[key] = bare_name(request[key])
    return {
        "quantity": quantity,
        "low": float(values.min()),
        "high": float(values.max()),
        "model": depth.model,
        "spread": SPREAD_LABEL,
        "request": request,
        "execution": depth.execution and asdict(depth.execution),
    }


def write_png16(path: Path, values: Floats, about: dict[str, Any]) -> None:
    """A 16-bit grey PNG: 0 is `about["low"]`, 65535 is `about["high"]`, evenly between."""
    low, high = about["low"], about["high"]
    share = (values.astype(np.float64) - low) / (high - low if high > low else 1.0)
    codes = np.rint(share * _CODES).astype(np.uint16)
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt(NOTE, json.dumps(about))
    Image.fromarray(codes).save(path, "PNG", pnginfo=notes)


def read_png16(path: Path) -> tuple[Floats, dict[str, Any]]:
    """Values (H,W) of a PNG of ours, to half a code, and what it says about them.

    Raises:
        InputError: not such a file.
    """
    try:
        with open_picture(path) as image:
            codes = np.asarray(image).astype(np.float64)
            about = parse_json(image.info[NOTE])
            values = about["low"] + codes / _CODES * (about["high"] - about["low"])
        with np.errstate(over="raise"):
            return values.astype(np.float32), about
    except (*BROKEN, ArithmeticError, Image.DecompressionBombError) as error:
        raise InputError(f"{path.name} is no depth map of this program.") from error


def write_ply(
    path: Path, distance: Floats, picture: Bytes, field_of_view: float, axes: str = "camera"
) -> None:
    """Coloured points (binary PLY) as a pinhole camera would see them; the header says the axes.

    Args:
        distance: (H,W) along z, up to one scale: exp of the log-depth.
        picture: (H,W,3) their colours.
        field_of_view: degrees along the longer side.
        axes: one of AXES.
    """
    height, width = distance.shape
    step = math.ceil(math.sqrt(height * width / PLY_POINTS)) if distance.size > PLY_POINTS else 1
    focal = max(height, width) / 2 / math.tan(math.radians(field_of_view) / 2)
    rows, columns = np.arange(0, height, step), np.arange(0, width, step)
    z = distance[::step, ::step]
    kind = [(axis, "<f4") for axis in "xyz"] + [(name, "u1") for name in ("red", "green", "blue")]
    points = np.empty(z.shape, kind)
    points["x"] = z * (columns + 0.5 - width / 2) / focal
    points["y"] = z * (rows + 0.5 - height / 2)[:, None] / focal
    points["z"] = z
    if axes != "camera":
        points["y"], points["z"] = -points["y"], -points["z"]
    for index, name in enumerate(("red", "green", "blue")):
        points[name] = picture[::step, ::step, index]
    properties = [f"property float {axis}" for axis in "xyz"]
    properties += [f"property uchar {name}" for name in ("red", "green", "blue")]
    header = ["ply", "format binary_little_endian 1.0", f"comment {AXES[axes]}"]
    header.append(f"element vertex {points.size}")
    with path.open("wb") as file:
        file.write("\n".join([*header, *properties, "end_header\n"]).encode("ascii"))
        file.write(points.tobytes())


def _write_npy(path: Path, values: Floats) -> None:
    with path.open("wb") as file:  # np.save would add a suffix to the name
        np.save(file, values)
