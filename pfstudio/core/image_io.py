"""Any picture file as upright 8-bit RGB, or one sentence why not.

`open_picture` is the only way into Pillow: it would also open formats whose readers start other
programs, such as PostScript.
"""

from __future__ import annotations

import contextlib
import functools
import io
import struct
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from pfstudio.core.documents import check_regular
from pfstudio.core.errors import InputError

Bytes = npt.NDArray[np.uint8]

_AVIF = (".avif",) if find_spec("PIL._avif") else ()
_HEIF = (".heic", ".heif") if find_spec("pillow_heif") else ()
SUFFIXES = (
    *(".png", ".apng", ".jpg", ".jpeg", ".jfif", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm"),
    *(".pgm", *_AVIF, *_HEIF),
)
# Pictures that other programs have to convert first.
OTHER_SUFFIXES = frozenset(
    {".heic", ".heif", ".avif", ".jxl", ".jp2", ".psd", ".svg", ".tga", ".ico", ".exr", ".hdr"}
    | {".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2", ".eps", ".pcx", ".dds"}
) - set(SUFFIXES)
MOST_PIXELS = 200_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # Pillow's own calls a photo of 100 megapixels an attack
XMP = "XML:com.adobe.xmp"  # key of its PNG chunk
_MOST_TEXT = 16 * 2**20  # of one text or profile in a PNG, unpacked
PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY = _MOST_TEXT, 4 * _MOST_TEXT
_OURS = ("parameters", "pfstudio", XMP)  # texts that are written anew
_BEHIND = (255, 255, 255)  # shows through transparent pixels
_T = TypeVar("_T")
_TAGS = ExifTags.Base
_KEPT_TAGS = (
    *(_TAGS.ImageDescription, _TAGS.Make, _TAGS.Model, _TAGS.Software, _TAGS.DateTime),
    *(_TAGS.Artist, _TAGS.Copyright),
)
_KEPT_FOLDERS = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_SIZES = (ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight)
_BLEED = 16  # pixels over which colours run out into what is transparent
BROKEN = (
    *(OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError),
    *(OverflowError, ZeroDivisionError, AttributeError, RuntimeError, struct.error),
)


@dataclass(frozen=True)
class ColourAndAlpha:
    """A picture with its transparency kept apart."""

    colours: Bytes  # (H,W,3) RGB; what is wholly transparent continues what is beside it
    alpha: Bytes | None  # (H,W), where any pixel is not opaque


@dataclass(frozen=True)
class Extras:
    """What a file holds beside its pixels, as far as it stays true of a larger picture."""

    exif: Image.Exif | None = None  # of a camera, without orientation and thumbnail
    profile: bytes = b""  # ICC profile of colours stored as RGB
    dpi: tuple[float, float] | None = None
    xmp: bytes = b""
    texts: dict[str, str] = field(default_factory=dict)  # of a PNG, by key, without our own


def read_picture(path: str | Path) -> Bytes:
    """The first frame (H,W,3) RGB, turned as its EXIF orientation says.

    16-bit and float values are brought to 0..255, grey, palette and CMYK pictures are converted,
    and transparency is laid over white.

    Raises:
        InputError: missing, broken, no picture, or far too large to unpack.
    """
    return _read(Path(path), lambda image: to_rgb(upright(image)))


def read_colour_and_alpha(path: str | Path) -> ColourAndAlpha:
    """As `read_picture`, but with the alpha channel kept.

    Raises:
        InputError: as `read_picture`.
    """
    return _read(Path(path), lambda image: _to_colour_and_alpha(upright(image)))


def read_filling(path: str | Path, size: tuple[int, int]) -> Bytes:
    """As `read_picture`, cut and scaled to fill `size` (width, height): what a run starts from.

    Raises:
        InputError: as `read_picture`.
    """

    def convert(image: Image.Image) -> Bytes:
        image.draft("RGB", (2 * size[0], 2 * size[1]))  # JPEG: unpack no more than needed
        return np.asarray(ImageOps.fit(_plain(image), size, Image.Resampling.LANCZOS))

    return _read(Path(path), convert, load=False)


def read_thumbnail(path: str | Path, side: int) -> tuple[Bytes, tuple[int, int]]:
    """The middle of `read_picture` as a square (side,side,3), and its whole size (width, height).

    Raises:
        InputError: as `read_picture`.
    """

    def convert(image: Image.Image) -> tuple[Bytes, tuple[int, int]]:
        size = image.size[::-1] if _lies(image) else image.size
        image.draft("RGB", (2 * side, 2 * side))  # JPEG: unpack no more than needed
        return np.asarray(ImageOps.fit(_plain(image), (side, side))), size

    return _read(Path(path), convert, load=False)


def read_extras(path: str | Path) -> Extras:
    """What a picture file holds beside its pixels.

    Raises:
        InputError: as `read_picture`.
    """
    return _read(Path(path), _extras)


def picture_size(path: str | Path) -> tuple[int, int]:
    """Stored width and height of a picture, which is not unpacked.

    Raises:
        InputError: as `read_picture`.
    """
    return _read(Path(path), lambda image: image.size, load=False)


def animation_notice(path: str | Path) -> tuple[str, ...]:
    """A sentence if a file holds several frames, of which only the first is used.

    Raises:
        InputError: not a picture.
    """
    with readable(Path(path)), open_picture(path) as image:
        frames = int(getattr(image, "n_frames", 1))
    if frames < 2 or image.format in ("MPO", "TIFF"):
        return ()
    return (f"{Path(path).name} is an animation of {frames} frames: the first one is used.",)


def open_picture(source: str | Path | IO[bytes]) -> Image.Image:
    """A picture whose header was read, of a format whose reader starts no other program.

    Raises:
        whatever Pillow does; see `readable`.
    """
    if isinstance(source, str | Path):
        check_regular(Path(source))
    image = Image.open(source, formats=_formats())
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise Image.DecompressionBombError
    return image


@functools.cache
def _formats() -> tuple[str, ...]:
    """What may be opened, in Pillow's words. The window starts without the readers."""
    Image.preinit()  # PNG, JPEG and other common ones; `open` would import all there are instead
    from PIL import TiffImagePlugin, WebPImagePlugin

    found = [TiffImagePlugin.TiffImageFile.format, WebPImagePlugin.WebPImageFile.format]
    if _AVIF:
        from PIL import AvifImagePlugin

        found.append(AvifImagePlugin.AvifImageFile.format)
    if _HEIF:
        import pillow_heif

        pillow_heif.register_heif_opener()
        found.append("HEIF")
    return ("PNG", "JPEG", "BMP", "GIF", "PPM", *found)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Inside, what goes wrong with a picture is told in a sentence.

    Raises:
        InputError: missing, broken, no picture, or far too large to unpack.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oddities of EXIF and TIFF tags that do no harm
        try:
            yield
        except Image.DecompressionBombError as error:
            raise InputError(
                f"{path.name} would unpack to more than {MOST_PIXELS:,} pixels.",
                "Make it smaller with another program first.",
            ) from error
        except MemoryError as error:
            raise InputError(
                f"{path.name} does not fit into memory.", "Make it smaller."
            ) from error
        except BROKEN as error:
            raise _unreadable(path, error) from error


def _read(path: Path, convert: Callable[[Image.Image], _T], *, load: bool = True) -> _T:
    with readable(path), open_picture(path) as image:
        if load:
            image.load()
        return convert(image)


def _unreadable(path: Path, error: Exception) -> InputError:
    if path.is_dir():
        return InputError(f"{path} is a folder, not an image.", "Choose an image inside it.")
    if isinstance(error, UnidentifiedImageError):
        why = "its content is of no known kind of image"
    elif isinstance(error, OSError) and error.strerror:
        why = error.strerror
    else:
        why = str(error) or type(error).__name__
    advice = "Choose a PNG, JPEG, WebP or TIFF."
    if path.suffix.lower() in OTHER_SUFFIXES:
        advice = "Convert it to PNG or JPEG first."
    return InputError(f"{path.name} is not an image that can be read ({why}).", advice)


def _plain(image: Image.Image) -> Image.Image:
    """Upright and in RGB; not copied where it is already, for a large photo takes 400 MB."""
    image = upright(image)
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    return Image.fromarray(to_rgb(image))


def upright(image: Image.Image) -> Image.Image:
    """Turned as EXIF says; damaged EXIF data are no reason to refuse a picture."""
    with contextlib.suppress(*BROKEN):
        ImageOps.exif_transpose(image, in_place=True)  # a copy of a large photo takes 400 MB
    return image


def _lies(image: Image.Image) -> bool:
    """Whether its width is its upright height."""
    try:
        return image.getexif().get(_TAGS.Orientation, 1) in (5, 6, 7, 8)
    except BROKEN:
        return False


def to_rgb(image: Image.Image) -> Bytes:
    """Pixels (H,W,3) of a picture of any mode, what is transparent laid over white."""
    if _is_deep(image):
        grey = _to_bytes(np.asarray(image))
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        behind = Image.new("RGBA", image.size, (*_BEHIND, 255))
        image = Image.alpha_composite(behind, image.convert("RGBA"))
    if image.mode == "CMYK" and isinstance(profile := image.info.get("icc_profile"), bytes):
        from PIL import ImageCms  # late: few pictures need it

        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, own, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            return np.array(converted)
        except (ImageCms.PyCMSError, OSError):  # a damaged profile: as if there were none
            pass
    return np.array(image if image.mode == "RGB" else image.convert("RGB"))


def _is_deep(image: Image.Image) -> bool:
    """Whether it is grey of more than 8 bits, which Pillow itself would clip at 255."""
    return image.mode.startswith("I") or image.mode == "F"


def _to_colour_and_alpha(image: Image.Image) -> ColourAndAlpha:
    if image.has_transparency_data and not _is_deep(image):
        values = np.array(image.convert("RGBA"))
        alpha = values[:, :, 3]
        if int(alpha.min()) < 255:
            return ColourAndAlpha(_bled(values[:, :, :3], alpha), alpha)
    return ColourAndAlpha(to_rgb(image), None)


def _extras(image: Image.Image) -> Extras:
    info = image.info
    stored = info.get("icc_profile")
    rgb = image.mode in ("RGB", "RGBA", "P")
    profile = stored if rgb and isinstance(stored, bytes) else b""
    xmp = info.get("xmp", info.get(XMP, b""))
    xmp = xmp.encode("utf-8") if isinstance(xmp, str) else xmp if isinstance(xmp, bytes) else b""
    kept = {str(k): v for k, v in info.items() if isinstance(v, str) and k not in _OURS}
    texts = kept if image.format == "PNG" else {}
    return Extras(_exif(image), profile, _dpi(info), xmp, texts)


def _dpi(info: Mapping[Any, Any]) -> tuple[float, float] | None:
    try:
        x, y = (float(value) for value in info["dpi"])
    except (KeyError, ValueError, TypeError, ZeroDivisionError):
        return None
    return (x, y) if 1 < x < 1e5 and 1 < y < 1e5 else None


def _exif(image: Image.Image) -> Image.Exif | None:
    try:
        found, kept = image.getexif(), Image.Exif()
        kept.update({key: found[key] for key in _KEPT_TAGS if key in found})
        if str(kept.get(_TAGS.ImageDescription, "")).startswith('{"app":'):
            del kept[_TAGS.ImageDescription]  # our own note, which is written anew
        for folder in _KEPT_FOLDERS:
            if values := {k: v for k, v in found.get_ifd(folder).items() if k not in _SIZES}:
                kept.get_ifd(folder).update(values)
        kept.tobytes()  # so that what cannot be written fails here
    except BROKEN:  # damaged EXIF data are no reason to refuse a picture
        return None
    return kept if len(kept) else None


def _bled(colours: Bytes, alpha: Bytes) -> Bytes:
    """Colours that run out into transparent pixels, whose own colours are often just black."""
    import cv2  # late: it takes a while, and the window starts without it

    opaque = (alpha > 0).astype(np.float32)
    spread = cv2.GaussianBlur(colours * opaque[:, :, None], (0, 0), _BLEED)
    share = cv2.GaussianBlur(opaque, (0, 0), _BLEED)[:, :, None]
    near = np.where(share > 1e-3, spread / np.maximum(share, 1e-3), _BEHIND)
    return np.where(alpha[:, :, None] > 0, colours, np.rint(near).clip(0, 255)).astype(np.uint8)


def _to_bytes(values: npt.NDArray[np.generic]) -> Bytes:
    """16-bit values / 257, floats of 0..1 times 255; anything else is stretched to its range.

    Cameras and scanners keep 8 to 12 bits in 16: then the largest number of so many bits is white.
    """
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    whole = np.issubdtype(values.dtype, np.integer)
    if low >= 0 and high <= (65535 if whole else 1):
        bits = max(8, int(high).bit_length())
        low, high = 0.0, (2.0 ** (bits if bits <= 12 else 16) - 1) if whole else 1.0
    share = (numbers - low) / (high - low) if high > low else np.zeros_like(numbers)
    return np.rint(share * 255).astype(np.uint8)
