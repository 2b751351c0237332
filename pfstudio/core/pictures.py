"""Any picture file as upright 8-bit RGB, or one sentence why not."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

from pfstudio.core.errors import InputError

Bytes = npt.NDArray[np.uint8]

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm")
# Pillow would also open formats whose readers start other programs. Naming these two imports them.
_LATE = (TiffImagePlugin.TiffImageFile.format, WebPImagePlugin.WebPImageFile.format)
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", *_LATE)
_BEHIND = (255, 255, 255)  # shows through transparent pixels
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_BROKEN = (
    *(OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError),
    *(OverflowError, ZeroDivisionError, AttributeError, NotImplementedError, struct.error),
)


def read_picture(path: str | Path) -> Bytes:
    """The first frame (H,W,3) RGB, turned as its EXIF orientation says.

    16-bit and float values are brought to 0..255, grey, palette and CMYK pictures are converted,
    and transparency is laid over white.

    Raises:
        InputError: missing, broken, no picture, or far too large to unpack.
    """
    path = Path(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oddities of EXIF and TIFF tags that do no harm
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path, formats=_FORMATS) as image:
                image.load()
                return _to_rgb(_upright(image))
        except _BOMBS as error:
            raise InputError(
                f"{path.name} would unpack to more than {Image.MAX_IMAGE_PIXELS:,} pixels, which "
                "only damaged or malicious pictures do.",
                "Make it smaller with another program first.",
            ) from error
        except MemoryError as error:
            raise InputError(
                f"{path.name} does not fit into memory.", "Make it smaller."
            ) from error
        except _BROKEN as error:
            raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InputError:
    if path.is_dir():
        return InputError(f"{path} is a folder, not a picture.", "Choose a picture inside it.")
    if isinstance(error, UnidentifiedImageError):
        why = "its content is of no known kind of picture"
    elif isinstance(error, OSError) and error.strerror:
        why = error.strerror
    else:
        why = str(error) or type(error).__name__
    return InputError(
        f"{path.name} is not a picture that can be read ({why}).",
        "Choose a PNG, JPEG, WebP or TIFF.",
    )


def _upright(image: Image.Image) -> Image.Image:
    """Turned as EXIF says; damaged EXIF data are no reason to refuse a picture."""
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        return image


def _to_rgb(image: Image.Image) -> Bytes:
    if image.mode.startswith("I") or image.mode == "F":
        grey = _to_bytes(np.asarray(image))
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        behind = Image.new("RGBA", image.size, (*_BEHIND, 255))
        image = Image.alpha_composite(behind, image.convert("RGBA"))
    return np.array(image.convert("RGB"))


def _to_bytes(values: npt.NDArray[np.generic]) -> Bytes:
    """16-bit values / 257, floats of 0..1 times 255; anything else is stretched to its range."""
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    whole = np.issubdtype(values.dtype, np.integer)
    if low >= 0 and high <= (65535 if whole else 1):
        low, high = 0.0, 65535.0 if whole else 1.0
    share = (numbers - low) / (high - low) if high > low else np.zeros_like(numbers)
    return np.rint(share * 255).astype(np.uint8)
