"""Pictures with words on them: the contact sheet, and what videos share with it."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from pfstudio.core.errors import InputError
from pfstudio.core.paths import shipped

Bytes = npt.NDArray[np.uint8]

BACKGROUND, TEXT, MUTED, ACCENT = (16, 18, 23), (232, 234, 240), (150, 156, 168), (91, 140, 255)
GRID = (44, 48, 58)  # lines of figures
SERIES = (  # told apart by people with any colour vision (Okabe and Ito 2008), for a dark ground
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (120, 140, 255), (213, 94, 0),
    (204, 121, 167), (190, 190, 190),
)  # fmt: skip
_GAP, _LINE = 8, 24


@functools.cache
def font(pixels: int, *, strong: bool = False) -> ImageFont.FreeTypeFont:
    """The program's own typeface."""
    name = "Inter-SemiBold.otf" if strong else "Inter-Regular.otf"
    return ImageFont.truetype(shipped("resources", "fonts", name), pixels)


def fitted(text: str, pixels: float, typeface: ImageFont.FreeTypeFont) -> str:
    """The text, shortened by an ellipsis so that it is at most `pixels` wide."""
    if typeface.getlength(text) <= pixels:
        return text
    lengths = range(len(text))
    kept = bisect_right(lengths, pixels, key=lambda kept: typeface.getlength(text[:kept] + "…"))
    return text[: max(kept - 1, 0)].rstrip() + "…"


def contact_sheet(
    images: Sequence[Bytes] | Bytes, labels: Sequence[str], columns: int, side: int = 192
) -> Bytes:
    """All pictures on one sheet (H,W,3), a label below each.

    Args:
        images: N pictures (h,w,3) of one size.
        labels: N texts; long ones are shortened.
        columns: pictures in a row.
        side: smaller pictures are enlarged to this height, larger ones stay as they are.

    Raises:
        InputError: there is nothing to show, or the pictures do not fit each other.
    """
    if not len(images) or columns < 1:
        raise InputError("A contact sheet needs at least one image and one column.")
    if len(labels) != len(images) or len({image.shape for image in images}) > 1:
        raise InputError("A contact sheet needs images of one size and a label for each.")
    height, width = images[0].shape[:2]
    tall = max(side, height)
    wide = round(tall * width / height)
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    size = (columns * (wide + _GAP) + _GAP, rows * (tall + _LINE + _GAP) + _GAP)
    sheet = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    for index, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        x = _GAP + index % columns * (wide + _GAP)
        y = _GAP + index // columns * (tall + _LINE + _GAP)
        picture = Image.fromarray(np.ascontiguousarray(pixels))
        sheet.paste(picture.resize((wide, tall), Image.Resampling.LANCZOS), (x, y))
        words = fitted(label, wide, font(14))
        draw.text((x + wide / 2, y + tall + _LINE / 2), words, TEXT, font(14), anchor="mm")
    return np.asarray(sheet)
