"""The orders in which a state-space network scans the patches of a video, as ZigMa published them
(ECCV 2024, arXiv 2403.13802).

T frames of K = n x m patches are one sequence of T*K tokens, frame after frame. A scan is written
"zzvideo_" and a letter for each layer, which repeat: "s" scans each frame along one of the eight
snakes, which take turns; "t" scans each patch through the frames. "v2" scans all tokens as they
come.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from pfstudio.core.errors import InputError
from pfstudio.core.scan_paths import ScanPath, zigzag

_VIDEO = re.compile(r"zzvideo_(?=t*s)(?=s*t)([st]+)")
_SNAKES = 8


@dataclass(frozen=True)
class VideoScan:
    """How a layer scans.

    Attributes:
        path: position k of the scanned tokens holds token path[k] (T*K,).
        sequences: how many they are, one after another, each scanned for itself.
        reversed: what a sequence's token k gives goes to its token -1-k, as in the published
            code, which undoes each order in time with the table of the other.
    """

    path: ScanPath
    sequences: int
    reversed: bool = False


def check_video_scan(scan: str) -> None:
    """See that a word is a scan of videos.

    Raises:
        InputError: it is none.
    """
    if scan != "v2" and not _VIDEO.fullmatch(scan):
        raise InputError(
            f"There is no video scan {scan[:40]!r}.",
            "A video scan is v2, or zzvideo_ followed by the letters s and t, such as zzvideo_sst.",
        )


def video_scans(
    scan: str, layers: int, frames: int, rows: int, columns: int
) -> tuple[VideoScan, ...]:
    """How each layer scans a video of T `frames`.

    Raises:
        InputError: there is no such scan.
    """
    check_video_scan(scan)
    tokens = np.arange(frames * rows * columns).reshape(frames, -1)
    found: list[VideoScan] = []
    spatial = temporal = 0
    for layer in range(layers):
        kind = "" if scan == "v2" else scan.removeprefix("zzvideo_")[layer % (len(scan) - 8)]
        if kind == "s":
            path = tokens[:, zigzag(rows, columns, spatial % _SNAKES)]
            found.append(VideoScan(path.ravel(), frames))
            spatial += 1
        elif kind == "t":
            path = tokens[::-1] if temporal % 2 else tokens
            found.append(VideoScan(path.T.ravel(), rows * columns, reversed=True))
            temporal += 1
        else:
            found.append(VideoScan(tokens.ravel(), 1))
    return tuple(found)
