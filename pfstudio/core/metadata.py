"""Pictures with their recipe inside: PNG, WebP and JPEG, written and read back.

Two notes are written: `parameters`, the text that A1111 and many galleries show, and `pfstudio`,
JSON with the whole request and how it was computed. PNG keeps them as text chunks; WebP and JPEG as
EXIF UserComment and ImageDescription. No folder names are ever written, only the names of files.
"""

from __future__ import annotations

import json
import os
import re
import struct
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin, TiffTags

from pfstudio.core.conditions import ClassLabel, Prompt, condition_name
from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.execution import Execution
from pfstudio.core.files import replacing
from pfstudio.core.image_io import XMP, Extras, open_picture, readable
from pfstudio.core.parameter_text import is_parameter_text, read_parameters
from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import GenerateRequest, bare_name
from pfstudio.core.upscale import Upscale, Upscaled
from pfstudio.version import __version__

_MOST_CHUNKS = 100_000  # of a PNG: 800 MB, as most programs write them
PICTURE_FORMATS = {".png": "PNG", ".webp": "WEBP", ".jpg": "JPEG", ".jpeg": "JPEG"}
WRITTEN_FORMATS = ("png", "webp", "jpg")  # endings that results are given
_EXIF_IFD, _USER_COMMENT, _DESCRIPTION = 0x8769, 0x9286, 0x010E
_XP_COMMENT = 0x9C9C  # where our note is kept if a camera wrote a description
_UNICODE, _ASCII = b"UNICODE\0", b"ASCII\0\0\0"
_OTHERS = {  # keys of text chunks
    "workflow": "ComfyUI", "prompt": "ComfyUI", "invokeai_metadata": "InvokeAI",
    "invokeai_graph": "InvokeAI", "sd-metadata": "InvokeAI",
}  # fmt: skip
_MOST_EXIF = 65_000  # bytes that a JPEG can hold
_MOST_SIDE = {"WEBP": 16_383, "JPEG": 65_500}
# Pillow writes bytes as numbers unless it is told what the standard says they are.
for _tag in (_USER_COMMENT, 0x9101, 0x927C, 0xA300, 0xA301, 0xA302):
    TiffTags.TAGS_V2_GROUPS[_EXIF_IFD][_tag] = TiffTags.TagInfo(
        _tag, f"Exif{_tag:x}", TiffTags.UNDEFINED, 1
    )


@dataclass(frozen=True)
class Notes:
    """What is written into a picture."""

    parameters: str  # A1111 text
    pfstudio: str  # JSON
    other: str = ""  # the other program whose recipe a picture holds, e.g. "ComfyUI"


@dataclass(frozen=True)
class ImageRecipe:
    """What was read from a picture. `complete` is False where only the A1111 text was there."""

    request: GenerateRequest
    image: int  # which picture of the request this is
    complete: bool
    app: str = ""
    execution: Execution | None = None  # how it was computed, where that is known
    set_back: tuple[str, ...] = ()  # names of settings that are not possible here


def picture_notes(
    request: GenerateRequest,
    image: int,
    size: tuple[int, int],
    *,
    title: str = "",
    model_sha256: str = "",
    execution: Execution | None = None,
) -> Notes:
    """The notes of picture number `image` of a request; `size` is (height, width) in pixels.

    Args:
        title: what the picture shows, e.g. the name of its class; "" as the request says it.
    """
    single, index = _narrowed(request, image)
    single = single.without_folders()
    data = {
        "app": f"pfstudio {__version__}",
        "request": json.loads(single.to_json()),
        "execution": execution and asdict(execution),
        "image": index,
        "model_sha256": model_sha256,
    }
    return Notes(
        _parameters_text(single, request, image, size, title),
        json.dumps(data, separators=(",", ":")),
    )


def recipe_of(request: GenerateRequest, image: int) -> GenerateRequest:
    """The request that is written into picture number `image`."""
    return _narrowed(request, image)[0].without_folders()


def _narrowed(request: GenerateRequest, image: int) -> tuple[GenerateRequest, int]:
    """A request that makes only this picture, where its start does not come from a shared file."""
    if request.noise_file or request.masks_file or request.branch:
        return request, image
    conditions = request.per_image[image : image + 1]
    upscale = request.upscale and replace(request.upscale, seed=request.upscale.seed + image)
    seed = request.seeds[image]
    return replace(request, conditions=conditions, seed=seed, count=1, upscale=upscale), 0


def _parameters_text(
    single: GenerateRequest,
    request: GenerateRequest,
    image: int,
    size: tuple[int, int],
    title: str,
) -> str:
    condition = request.per_image[image]
    title = " ".join((title or condition_name(condition)).split())
    if isinstance(condition, Prompt):
        title = " ".join(condition.text.split())
        if condition.negative:
            title += "\nNegative prompt: " + " ".join(condition.negative.split())
    pairs: list[tuple[str, Any]] = []
    sampler = {about.name: about for about in parameters_of(single.sampler)}
    first = "steps" if "steps" in sampler else "max_nfe"
    pairs.append(("Steps", getattr(single.sampler, first)))
    pairs.append(("Sampler", single.sampler.name))
    pairs.append(("CFG scale", getattr(single.guidance, "scale", 1)))
    pairs.append(("Seed", request.seeds[image]))
    small = 1 if single.upscale is None else single.upscale.factor
    pairs.append(("Size", f"{size[1] // small}x{size[0] // small}"))
    if single.model:
        pairs.append(("Model", single.model))
    if not isinstance(condition, Prompt):
        pairs.append(("Class", condition.index if isinstance(condition, ClassLabel) else "none"))
    pairs += [(sampler[n].label, getattr(single.sampler, n)) for n in sampler if n != first]
    pairs.append(("Guidance", single.guidance.name))
    others = [about for about in parameters_of(single.guidance) if about.name != "scale"]
    pairs += [(about.label, getattr(single.guidance, about.name)) for about in others]
    if single.scan:
        pairs.append(("Scan", single.scan))
    if single.upscale is not None:
        pairs += _upscale_pairs(single.upscale, single.upscale.model)
    text = f"{title}\n{_joined(pairs)}"
    return text.encode("utf-8", "replace").decode("utf-8")  # names of files may be any bytes


def _upscale_pairs(upscale: Upscale, model: str) -> list[tuple[str, Any]]:
    """As A1111 names them."""
    pairs: list[tuple[str, Any]] = [("Hires upscale", upscale.factor)]
    pairs.append(("Hires steps", upscale.steps))
    return [*pairs, ("Hires upscaler", bare_name(model))] if model else pairs


def _joined(pairs: list[tuple[str, Any]]) -> str:
    return ", ".join(f"{key}: {_quoted(value)}" for key, value in pairs)


def upscaled_notes(notes: Notes, upscaled: Upscaled) -> Notes:
    """The notes of a picture, extended by how it was upscaled.

    Its recipe stays as it is; what was done to it afterwards is listed under `upscaled`.
    """
    try:
        data = parse_json(notes.pfstudio)
        done = [*data.get("upscaled", [])]
    except (ValueError, AttributeError, TypeError):  # no recipe of ours
        data, done = {"app": f"pfstudio {__version__}"}, []
    execution = upscaled.execution and asdict(upscaled.execution)
    how = {**asdict(upscaled.upscale), "model": bare_name(upscaled.model), "execution": execution}
    data["upscaled"] = [*done, how]
    parameters = notes.parameters
    if parameters:
        parameters += ", " + _joined(_upscale_pairs(upscaled.upscale, upscaled.model))
    return Notes(parameters, json.dumps(data, separators=(",", ":")), notes.other)


def _quoted(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    odd = text != text.strip() or re.search(r'[,:\n"]', text)
    return json.dumps(text, ensure_ascii=False) if odd else text


def picture_format(path: Path) -> str:
    """How a picture of this name is written, as Pillow names it.

    Raises:
        InputError: the ending is none of PICTURE_FORMATS.
    """
    if kind := PICTURE_FORMATS.get(path.suffix.lower()):
        return kind
    known = ", ".join(PICTURE_FORMATS)
    raise InputError(f"Images cannot be saved as {path.suffix or path.name}.", f"Use {known}.")


def save_picture(
    path: Path,
    pixels: npt.NDArray[np.uint8],
    notes: Notes | None = None,
    extras: Extras | None = None,
) -> None:
    """Write a picture (H,W,3) or (H,W,4) in one piece; the ending of `path` decides the format.

    Args:
        notes: None writes none.
        extras: of the picture that it was made of, to keep beside the notes.

    Raises:
        InputError: unknown ending, a picture that the format cannot hold, or the folder may not be
            written to.
        RunError: the disk is full, or the picture could not be written.
    """
    kind, extras = picture_format(path), extras or Extras()
    longest = _MOST_SIDE.get(kind, 2**31)
    if max(pixels.shape[:2]) > longest:
        size = f"{pixels.shape[1]} x {pixels.shape[0]} pixels"
        raise InputError(
            f"{path.name} is {size}, but {kind} holds at most {longest:,} on a side.",
            "Save it as PNG.",
        )
    options: dict[str, Any] = {"icc_profile": extras.profile} if extras.profile else {}
    options |= {"dpi": extras.dpi} if extras.dpi else {}
    exif = extras.exif or Image.Exif()
    if kind == "PNG":
        options["pnginfo"] = _png_notes(notes, extras)
    else:
        options |= {"quality": 95} | ({"xmp": extras.xmp} if extras.xmp else {})
        if notes:
            _add_notes(exif, notes)
        if kind == "JPEG" and len(exif.tobytes()) > _MOST_EXIF:
            raise InputError(
                f"{path.name}: the recipe is too long for a JPEG.", "Save it as PNG or WebP."
            )
    options |= {"exif": exif} if len(exif) else {}
    with replacing(path) as temporary:
        picture = Image.fromarray(np.ascontiguousarray(pixels))
        try:
            picture.save(temporary, format=kind, **options)
        except (ValueError, TypeError, KeyError, struct.error) as error:
            raise RunError(f"{path.name} could not be written as {kind} ({error}).") from error


def _png_notes(notes: Notes | None, extras: Extras) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for key, text in extras.texts.items():
        info.add_itxt(key, text)
    if extras.xmp:
        info.add_itxt(XMP, extras.xmp.decode("utf-8", errors="replace"))
    if notes and notes.parameters:
        info.add_text("parameters", notes.parameters)  # Latin-1 where it fits, else iTXt
    if notes and notes.pfstudio:
        info.add_itxt("pfstudio", notes.pfstudio)
    return info


def _add_notes(exif: Image.Exif, notes: Notes) -> None:
    if _DESCRIPTION in exif:
        exif[_XP_COMMENT] = notes.pfstudio.encode("utf-16-le")
    else:
        exif[_DESCRIPTION] = notes.pfstudio
    if notes.parameters:
        comment = _UNICODE + notes.parameters.encode("utf-16-be")
        exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = comment


def read_notes(path: Path) -> Notes:
    """The notes in a picture; empty strings where one is missing.

    Raises:
        InputError: not a picture.
    """
    with readable(path), open_picture(path) as picture:
        if picture.format == "PNG" and _has_notes_behind(path):
            picture.load()
        exif = Image.Exif()
        if picture.format != "PNG" or "exif" in picture.info:  # else Pillow unpacks all pixels
            exif = picture.getexif()
        found = {str(k): v for k, v in picture.info.items() if isinstance(v, str)}
        comment = _comment(exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT, b""))
        for held in (exif.get(_DESCRIPTION, ""), _utf16(exif.get(_XP_COMMENT, b""))):
            if str(held).startswith('{"app":'):
                found.setdefault("pfstudio", str(held))
    if is_parameter_text(comment):
        found.setdefault("parameters", comment)
    return Notes(
        found.get("parameters", ""),
        found.get("pfstudio", ""),
        next((name for key, name in _OTHERS.items() if key in found), ""),
    )


def _has_notes_behind(png: Path) -> bool:
    """Whether texts or EXIF stand behind the pixels of a PNG."""
    behind = False
    with png.open("rb") as file:
        file.seek(8)
        for _ in range(_MOST_CHUNKS):
            if len(head := file.read(8)) < 8:
                break
            length, kind = struct.unpack(">I4s", head)
            behind = behind or kind == b"IDAT"
            if behind and kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf"):
                return True
            file.seek(length + 4, os.SEEK_CUR)
    return False


def _comment(value: Any) -> str:
    """An EXIF comment, whatever its encoding."""
    if not isinstance(value, bytes):
        return str(value)
    if value.startswith(_UNICODE):
        return _utf16(value[len(_UNICODE) :])
    return value.removeprefix(_ASCII).decode("utf-8", errors="replace").strip("\0")


def _utf16(value: Any) -> str:
    """Text in either order of bytes: EXIF does not say which."""
    if not isinstance(value, bytes):
        return str(value)
    if value[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return value.decode("utf-16", errors="replace").strip("\0")
    order = "be" if value[::2].count(0) >= value[1::2].count(0) else "le"
    return value.decode(f"utf-16-{order}", errors="replace").strip("\0")


def has_recipe(notes: Notes) -> bool:
    """Whether notes tell how a picture was generated; one may only have been upscaled here."""
    return is_parameter_text(notes.parameters) or '"request":' in notes.pfstudio


def read_recipe(path: Path) -> ImageRecipe:
    """The recipe in a picture: ours in full, or what an A1111 text tells.

    Raises:
        InputError: not a picture, or no recipe is in it.
    """
    return recipe_in(read_notes(path), path.name)


def _own_recipe(text: str, name: str) -> ImageRecipe | None:
    """What the program itself wrote into a picture; None where it was only upscaled here."""
    try:
        data = parse_json(text)
        if "upscaled" in data and "request" not in data:
            return None
        request = GenerateRequest.from_json(json.dumps(data["request"]))
        execution = data["execution"] and Execution.from_data(data["execution"])
        return ImageRecipe(request, int(data["image"]), True, str(data["app"]), execution)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"The recipe in {name} is damaged.") from error


def recipe_in(notes: Notes, name: str) -> ImageRecipe:
    """The recipe in the notes of a picture with this file name.

    Raises:
        InputError: there is none.
    """
    if notes.pfstudio:
        own = _own_recipe(notes.pfstudio, name)
        if own is not None:
            return own
        if not is_parameter_text(notes.parameters):
            raise InputError(f"{name} was upscaled here, but not generated.")
    if notes.parameters:
        told = read_parameters(notes.parameters)
        return ImageRecipe(told.request, 0, False, set_back=told.set_back)
    if notes.other:
        raise InputError(
            f"{name} was made by {notes.other}, whose recipes cannot be used here.",
            "Use it as a start image.",
        )
    raise InputError(
        f"{name} contains no generation settings.", "It may have been saved without metadata."
    )
