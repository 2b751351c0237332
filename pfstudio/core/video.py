"""Videos as MP4, GIF and animated PNG files."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from pfstudio.core.errors import InputError, RunError
from pfstudio.core.files import replacing

Bytes = npt.NDArray[np.uint8]

VIDEO_SUFFIXES = (".mp4", ".gif", ".png")  # .png: animated PNG


def write_video(path: Path, frames: Iterable[Bytes], fps: float) -> None:
    """Write frames (H,W,3) of one size as MP4, GIF or animated PNG, by the file's ending.

    An MP4 holds VP9: browsers play it, and its encoder in OpenCV's wheels (libvpx) is free to ship.
    Its odd sides are made even by repeating the last row or column.

    Args:
        path: takes the video's place in one piece.
        frames: taken one by one, so that they need not all be in memory.
        fps: frames a second; GIF rounds the time of a frame to 10 ms.

    Raises:
        InputError: another ending, no frame, frames of several sizes, a folder without permission.
        RunError: the video could not be encoded or written.
    """
    writers: dict[str, Callable[[Path, Iterator[Bytes], float], None]] = {
        ".mp4": _write_mp4, ".gif": _write_gif, ".png": _write_apng,
    }  # fmt: skip
    if path.suffix.lower() not in writers:
        raise InputError(
            f"{path.name} is no video this program can write.",
            f"Use one of the endings {', '.join(VIDEO_SUFFIXES)}.",
        )
    if not 0 < fps <= 120:
        raise InputError(f"{fps:g} frames a second are not possible.", "Use 1 to 120.")
    with replacing(path) as temporary:
        writers[path.suffix.lower()](temporary, _checked(frames), fps)


def _checked(frames: Iterable[Bytes]) -> Iterator[Bytes]:
    """The frames, of which there is at least one and which all have the first one's shape."""
    shape: tuple[int, ...] | None = None
    for frame in frames:
        shape = shape or frame.shape
        if frame.shape != shape or frame.ndim != 3 or frame.shape[2] != 3:
            raise InputError(
                f"A video's frames must all have one size, not {shape}, {frame.shape}."
            )
        yield np.ascontiguousarray(frame, dtype=np.uint8)
    if shape is None:
        raise InputError("The video has no frames.", "Record a run with at least one call.")


def _write_mp4(temporary: Path, frames: Iterator[Bytes], fps: float) -> None:
    import cv2  # imported late: most runs write no video

    first = next(frames)
    height, width = (side + side % 2 for side in first.shape[:2])  # the codec wants even sides
    part = temporary.with_name(temporary.name + ".mp4")  # OpenCV goes by the ending
    try:
        codec = cv2.VideoWriter.fourcc(*"vp09")
        writer = cv2.VideoWriter(str(part), cv2.CAP_FFMPEG, codec, fps, (width, height))
        if not writer.isOpened():
            raise RunError(
                "The video could not be begun: OpenCV has no VP9 encoder, or the disk is full.",
                "Choose GIF or animated PNG.",
            )
        count = 0
        try:
            for frame in itertools.chain([first], frames):
                below, right = height - frame.shape[0], width - frame.shape[1]
                even = np.pad(frame, ((0, below), (0, right), (0, 0)), mode="edge")
                writer.write(cv2.cvtColor(even, cv2.COLOR_RGB2BGR))
                count += 1
        finally:
            writer.release()
        _check_mp4(part, count)
        os.replace(part, temporary)
    finally:
        part.unlink(missing_ok=True)


def _check_mp4(path: Path, count: int) -> None:
    """OpenCV does not tell when writing fails, so the video is opened again."""
    import cv2

    reader = cv2.VideoCapture(str(path))
    found = round(reader.get(cv2.CAP_PROP_FRAME_COUNT)) if reader.isOpened() else 0
    reader.release()
    if found != count:
        raise RunError(
            f"The video could not be written: {found} of {count} frames arrived.",
            "Is the disk full? Otherwise choose GIF or animated PNG.",
        )


def _write_gif(temporary: Path, frames: Iterator[Bytes], fps: float) -> None:
    pictures = _pictures(frames)
    first = next(pictures)
    ms = max(20, round(100 / fps) * 10)  # GIF counts in 10 ms; viewers slow down what is below 20
    first.save(temporary, "GIF", save_all=True, append_images=pictures, duration=ms, loop=0)


def _write_apng(temporary: Path, frames: Iterator[Bytes], fps: float) -> None:
    first, *rest = _pictures(frames)  # all at once, because Pillow goes through them twice
    first.save(temporary, "PNG", save_all=True, append_images=rest, duration=1000 / fps, loop=0)


def _pictures(frames: Iterator[Bytes]) -> Iterator[Image.Image]:
    return (Image.fromarray(frame) for frame in frames)
