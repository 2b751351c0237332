"""Videos of a run: frames from a trace and its decoded predictions, and MP4, GIF and APNG files."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pfstudio.core.colour import apply, enlarge, lookup, role_colours, value_range
from pfstudio.core.contact_sheet import ACCENT, BACKGROUND, MUTED, TEXT, fitted, font
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.files import replacing
from pfstudio.core.trace import Role, Trace

Bytes = npt.NDArray[np.uint8]

VIDEO_SUFFIXES = (".mp4", ".gif", ".png")  # .png: animated PNG
VIEWS = ("prediction", "difficulty", "time", "role", "speed")
DEFAULT_VIEWS = ("prediction", "difficulty", "time", "role")

_GAP, _HEAD, _FOOT, _BOTTOM = 8, 26, 24, 28
_ROLE_OPACITY = 0.55
_CLIP = 1.0  # percent of the values beyond each end of a colour bar


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


# --- frames of a trace --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Panel:
    """One view of one call. `ends` are the words at the colour bar's ends, `table` its colours."""

    title: str
    pixels: Bytes  # (h,w,3)
    words: str = ""
    table: str = ""
    ends: tuple[str, str] = ("", "")


def frames_of(
    trace: Trace,
    pictures: Sequence[Bytes],
    views: Sequence[str] = DEFAULT_VIEWS,
    image: int = 0,
    size: int = 256,
) -> Iterator[Bytes]:
    """One frame (H,W,3) per network call: the views side by side, with their ranges.

    Args:
        trace: T calls of B pictures.
        pictures: T decoded predictions (h,w,3) of that picture.
        views: of VIEWS, left to right.
        image: which picture, 0 .. B-1.
        size: width of a view in pixels.

    Raises:
        InputError: an unknown view or picture, or not one decoded prediction per call.
    """
    unknown = [view for view in views if view not in VIEWS]
    if unknown or not views:
        named = unknown[0] if unknown else ""
        raise InputError(f"Unknown view {named!r}.", f"Known are: {', '.join(VIEWS)}.")
    if not 0 <= image < trace.time.shape[1]:
        raise InputError(f"The run has no image {image}.")
    if len(pictures) != trace.nfe:
        raise InputError(f"{trace.nfe} calls need as many images, not {len(pictures)}.")
    ranges = {name: value_range(getattr(trace, name)[:, image], _CLIP) for name in _MAPS}
    for call in range(trace.nfe):
        panels = [_panel(trace, pictures[call], view, image, call, ranges) for view in views]
        yield _compose(panels, trace, call, size)


_MAPS = {"difficulty": "magma", "speed": "viridis"}
_TITLES = {"prediction": "Prediction", "difficulty": "Difficulty", "time": "Time", "role": "Role",
           "speed": "Speed"}  # fmt: skip


def _panel(
    trace: Trace,
    picture: Bytes,
    view: str,
    image: int,
    call: int,
    ranges: dict[str, tuple[float, float]],
) -> _Panel:
    title = _TITLES[view]
    if view == "prediction":
        return _Panel(title, picture)
    if view == "time":
        shown = apply(trace.time[call, image], 0.0, 1.0, "Blues")
        return _Panel(title, shown, table="Blues", ends=("0 noise", "1 clean"))
    if view == "role":
        return _role_panel(trace.role[call, image], picture)
    low, high = ranges[view]
    shown = apply(getattr(trace, view)[call, image], low, high, _MAPS[view])
    return _Panel(title, shown, table=_MAPS[view], ends=(f"{low:.3g}", f"{high:.3g}"))


def _role_panel(role: Bytes, picture: Bytes) -> _Panel:
    height, width = picture.shape[:2]
    grey = picture.mean(axis=2, keepdims=True)
    colours = enlarge(role_colours(role), height, width)
    shown = (1 - _ROLE_OPACITY) * grey + _ROLE_OPACITY * colours
    shares = [(code.name.lower(), 100 * float((role == code).mean())) for code in Role]
    words = " · ".join(f"{name} {share:.0f} %" for name, share in shares if share)
    return _Panel(_TITLES["role"], shown.round().astype(np.uint8), words)


def _compose(panels: Sequence[_Panel], trace: Trace, call: int, size: int) -> Bytes:
    """The panels in a row, heads above, ranges below, the progress at the bottom; even sides."""
    rows, columns = trace.time.shape[2:]
    tall = round(size * rows / columns)
    width = len(panels) * (size + _GAP) + _GAP
    height = _HEAD + tall + _FOOT + _BOTTOM
    frame = Image.new("RGB", (width + width % 2, height + height % 2), BACKGROUND)
    draw = ImageDraw.Draw(frame)
    for index, panel in enumerate(panels):
        x = _GAP + index * (size + _GAP)
        draw.text((x, _HEAD / 2), panel.title, TEXT, font(14, strong=True), anchor="lm")
        frame.paste(_scaled(panel.pixels, size, tall), (x, _HEAD))
        _draw_foot(frame, draw, panel, x, _HEAD + tall, size)
    _draw_progress(draw, trace, call, width, height)
    return np.asarray(frame)


def _scaled(pixels: Bytes, width: int, height: int) -> Image.Image:
    """Pictures smoothly, maps (far smaller) with hard edges."""
    if pixels.shape[0] * 4 <= height:
        return Image.fromarray(enlarge(pixels, height, width))
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _draw_foot(
    frame: Image.Image, draw: ImageDraw.ImageDraw, panel: _Panel, x: int, y: int, size: int
) -> None:
    small = font(12)
    middle = y + _FOOT / 2
    if not panel.table:
        draw.text((x, middle), fitted(panel.words, size, small), MUTED, small, anchor="lm")
        return
    low, high = panel.ends
    draw.text((x, middle), low, MUTED, small, anchor="lm")
    draw.text((x + size, middle), high, MUTED, small, anchor="rm")
    left = round(x + small.getlength(low)) + 6
    right = round(x + size - small.getlength(high)) - 6
    if right > left:
        bar = Image.fromarray(lookup(panel.table)[None].repeat(6, axis=0))
        frame.paste(bar.resize((right - left, 6)), (left, round(middle) - 3))


def _draw_progress(
    draw: ImageDraw.ImageDraw, trace: Trace, call: int, width: int, height: int
) -> None:
    top, small = height - _BOTTOM, font(12)
    request = trace.request
    draw.rectangle((0, top, round(width * (call + 1) / trace.nfe), top + 2), ACCENT)
    middle = top + _BOTTOM / 2 + 1
    words = f"{request.sampler.label} · {request.guidance.label}"
    draw.text((_GAP, middle), words, MUTED, small, anchor="lm")
    place = f"call {call + 1} of {trace.nfe}"
    draw.text((width - _GAP, middle), place, MUTED, small, anchor="rm")
