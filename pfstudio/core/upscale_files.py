"""Upscaled pictures on disk, with what was written in the picture that they were made of."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from pfstudio.core.errors import InputError
from pfstudio.core.files import numbered, short_stem, write_fresh
from pfstudio.core.image_io import Extras, read_extras, to_rgb
from pfstudio.core.metadata import PICTURE_FORMATS, Notes, read_notes, save_picture, upscaled_notes
from pfstudio.core.paths import result_path
from pfstudio.core.upscale import Upscaled

Bytes = npt.NDArray[np.uint8]


def result_name(stem: str, factor: int, format: str = "png") -> str:
    """E.g. "cat-4x.png"; `format` is one of WRITTEN_FORMATS."""
    return f"{stem}-{factor}x.{format}"


def write_upscaled(
    path: Path, result: Upscaled, source: str | Path = "", *, metadata: bool = True
) -> None:
    """Write an upscaled picture in one piece; the ending of `path` decides the format.

    The alpha channel is kept where the format has one, and laid over white in JPEG.

    Args:
        source: file that it was made of, whose recipe, EXIF and XMP data, texts, resolution and
            ICC profile are kept.
        metadata: False writes only the ICC profile.

    Raises:
        InputError: unknown ending, or the folder may not be written to.
        RunError: the disk is full.
    """
    notes, extras = Notes("", ""), Extras()
    if source:
        extras, notes = _extras_of(Path(source)), _notes_of(Path(source))
    if not metadata:
        save_picture(path, _pixels(path, result), extras=Extras(profile=extras.profile))
        return
    save_picture(path, _pixels(path, result), upscaled_notes(notes, result), extras)


def save_upscaled(
    result: Upscaled,
    source: str | Path = "",
    *,
    root: Path | None = None,
    when: datetime | None = None,
    suffix: str = ".png",
    metadata: bool = True,
) -> Path:
    """Save a result among the generated pictures: in the folder of its day, below `root`.

    Raises:
        InputError, RunError: it could not be written.
    """
    wish = result_path(short_stem(Path(source).stem) or "picture", root, when)
    names = (result_name(n, result.upscale.factor, suffix[1:]) for n in numbered(wish.name))
    write = partial(write_upscaled, result=result, source=source, metadata=metadata)
    return write_fresh(wish.parent, names, write)


def over_white(result: Upscaled) -> Bytes:
    """The result (FH,FW,3) as `read_picture` would give it: what is transparent laid over white."""
    if result.alpha is None:
        return result.image
    return to_rgb(Image.fromarray(np.dstack([result.image, result.alpha])))


def _extras_of(source: Path) -> Extras:
    try:
        return read_extras(source)
    except InputError:  # the picture was read, but it has gone away since
        return Extras()


def _notes_of(source: Path) -> Notes:
    try:
        return read_notes(source)
    except InputError:  # the picture was read, only its notes cannot be
        return Notes("", "")


def _pixels(path: Path, result: Upscaled) -> Bytes:
    is_jpeg = PICTURE_FORMATS.get(path.suffix.lower()) == "JPEG"
    if result.alpha is None or is_jpeg:
        return over_white(result)
    return np.dstack([result.image, result.alpha])
