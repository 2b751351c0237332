"""OpenEXR files with channels of 32-bit floats, uncompressed, in scan lines (version 2).

The OpenCV wheel of this project is built without OpenEXR. Layout: openexr.com, "OpenEXR File
Layout".
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_MAGIC, _VERSION = 20000630, 2
_FLOAT, _UNCOMPRESSED, _INCREASING = 2, 0, 0


def write_exr(path: Path, channels: dict[str, Floats], comments: str = "") -> None:
    """Write maps (H,W) by the names of their channels.

    "Z" is the standard's name of depth; "Y", the luminance, is what programs show as a picture.
    """
    names = sorted(channels)  # as the standard wants them
    height, width = channels[names[0]].shape
    about = struct.pack("<iB3xii", _FLOAT, 0, 1, 1)
    listed = b"".join(name.encode("ascii") + b"\0" + about for name in names) + b"\0"
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    attributes = (
        _attribute("channels", "chlist", listed),
        _attribute("comments", "string", comments.encode("utf-8")),
        _attribute("compression", "compression", bytes([_UNCOMPRESSED])),
        _attribute("dataWindow", "box2i", window),
        _attribute("displayWindow", "box2i", window),
        _attribute("lineOrder", "lineOrder", bytes([_INCREASING])),
        _attribute("pixelAspectRatio", "float", struct.pack("<f", 1.0)),
        _attribute("screenWindowCenter", "v2f", struct.pack("<2f", 0.0, 0.0)),
        _attribute("screenWindowWidth", "float", struct.pack("<f", 1.0)),
    )
    header = struct.pack("<ii", _MAGIC, _VERSION) + b"".join(attributes) + b"\0"
    content = 4 * width * len(names)
    first, line = len(header) + 8 * height, 8 + content
    offsets = first + line * np.arange(height, dtype="<u8")
    kind = [("row", "<i4"), ("bytes", "<i4"), *((name, "<f4", (width,)) for name in names)]
    lines = np.empty(height, kind)
    lines["row"], lines["bytes"] = np.arange(height), content
    for name in names:
        lines[name] = channels[name]
    with path.open("wb") as file:
        file.write(header)
        file.write(offsets.tobytes())
        file.write(lines.tobytes())


def _attribute(name: str, kind: str, value: bytes) -> bytes:
    return b"\0".join((name.encode(), kind.encode(), struct.pack("<i", len(value)) + value))
