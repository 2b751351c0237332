"""Pictures with their recipe inside: PNG, WebP and JPEG, written and read back.

Two notes are written: `parameters`, the text that A1111 and many galleries show, and `pfstudio`,
JSON with the whole request and how it was computed. PNG keeps them as text chunks; WebP and JPEG as
EXIF UserComment and ImageDescription. No folder names are ever written, only the names of files.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin

from pfstudio.core.conditions import (
    ClassLabel,
    NoCondition,
    PictureCondition,
    Prompt,
    condition_name,
)
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.files import replacing
from pfstudio.core.guidance import GUIDANCES, ClassifierFree, Guidance, NoGuidance
from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import SAMPLERS, Euler, Heun, Sampler
from pfstudio.core.upscale import Upscale, Upscaled
from pfstudio.version import __version__

PICTURE_FORMATS = {".png": "PNG", ".webp": "WEBP", ".jpg": "JPEG", ".jpeg": "JPEG"}
_EXIF_IFD, _USER_COMMENT, _DESCRIPTION = 0x8769, 0x9286, 0x010E
_UNICODE = b"UNICODE\0"
_PAIR = re.compile(r'\s*(\w[\w \-/]*):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')


@dataclass(frozen=True)
class Notes:
    """What is written into a picture."""

    parameters: str  # A1111 text
    pfstudio: str  # JSON


@dataclass(frozen=True)
class ImageRecipe:
    """What was read from a picture. `complete` is False where only the A1111 text was there."""

    request: GenerateRequest
    image: int  # which picture of the request this is
    complete: bool
    app: str = ""
    execution: Execution | None = None  # how it was computed, where that is known


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
    single = _without_folders(single)
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


def _narrowed(request: GenerateRequest, image: int) -> tuple[GenerateRequest, int]:
    """A request that makes only this picture, where its start does not come from a shared file."""
    if request.noise_file or request.branch:
        return request, image
    conditions = request.per_image[image : image + 1]
    upscale = request.upscale and replace(request.upscale, seed=request.upscale.seed + image)
    seed = request.seeds[image]
    return replace(request, conditions=conditions, seed=seed, count=1, upscale=upscale), 0


def _without_folders(request: GenerateRequest) -> GenerateRequest:
    branch = request.branch and replace(request.branch, trace=_name(request.branch.trace))
    return replace(
        request,
        model=_name(request.model),
        noise_file=_name(request.noise_file),
        image_file=_name(request.image_file),
        branch=branch,
        upscale=request.upscale and replace(request.upscale, model=_name(request.upscale.model)),
    )


def _name(path: str) -> str:
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


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
    if single.upscale is not None:
        pairs += _upscale_pairs(single.upscale, single.upscale.model)
    return f"{title}\n{_joined(pairs)}"


def _upscale_pairs(upscale: Upscale, model: str) -> list[tuple[str, Any]]:
    """As A1111 names them."""
    pairs: list[tuple[str, Any]] = [("Hires upscale", upscale.factor)]
    pairs.append(("Hires steps", upscale.steps))
    return [*pairs, ("Hires upscaler", _name(model))] if model else pairs


def _joined(pairs: list[tuple[str, Any]]) -> str:
    return ", ".join(f"{key}: {_quoted(value)}" for key, value in pairs)


def upscaled_notes(notes: Notes, upscaled: Upscaled) -> Notes:
    """The notes of a picture, extended by how it was upscaled.

    Its recipe stays as it is; what was done to it afterwards is listed under `upscaled`.
    """
    try:
        data = json.loads(notes.pfstudio)
        done = [*data.get("upscaled", [])]
    except (ValueError, AttributeError, TypeError):  # no recipe of ours
        data, done = {"app": f"pfstudio {__version__}"}, []
    execution = upscaled.execution and asdict(upscaled.execution)
    how = {**asdict(upscaled.upscale), "model": _name(upscaled.model), "execution": execution}
    data["upscaled"] = [*done, how]
    parameters = notes.parameters
    if parameters:
        parameters += ", " + _joined(_upscale_pairs(upscaled.upscale, upscaled.model))
    return Notes(parameters, json.dumps(data, separators=(",", ":")))


def _quoted(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r'[,:\n"]', text) else text


def save_picture(
    path: Path,
    pixels: npt.NDArray[np.uint8],
    notes: Notes | None = None,
    *,
    exif: Image.Exif | None = None,
    profile: bytes = b"",
) -> None:
    """Write a picture (H,W,3) or (H,W,4) in one piece; the ending of `path` decides the format.

    Args:
        notes: None writes none.
        exif: of a camera, to keep beside the notes.
        profile: ICC profile of the colours.

    Raises:
        InputError: unknown ending, or the folder may not be written to.
        RunError: the disk is full.
    """
    kind = PICTURE_FORMATS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(PICTURE_FORMATS)
        raise InputError(
            f"Pictures cannot be saved as {path.suffix or path.name}.", f"Use {known}."
        )
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if kind == "PNG":
        options |= {"pnginfo": _png_notes(notes)} | ({"exif": exif} if exif else {})
    else:
        exif = exif or Image.Exif()
        if notes:
            _add_notes(exif, notes)
        options |= {"quality": 95} | ({"exif": exif} if exif else {})
    with replacing(path) as temporary:
        Image.fromarray(np.ascontiguousarray(pixels)).save(temporary, format=kind, **options)


def _png_notes(notes: Notes | None) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    if notes and notes.parameters:
        info.add_text("parameters", notes.parameters)  # Latin-1 where it fits, else iTXt
    if notes:
        info.add_itxt("pfstudio", notes.pfstudio)
    return info


def _add_notes(exif: Image.Exif, notes: Notes) -> None:
    exif[_DESCRIPTION] = notes.pfstudio
    if notes.parameters:
        comment = _UNICODE + notes.parameters.encode("utf-16-be")
        exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = comment


def read_notes(path: Path) -> Notes:
    """The notes in a picture; empty strings where one is missing.

    Raises:
        InputError: not a picture.
    """
    try:
        with Image.open(path) as picture:
            found = {k: v for k, v in picture.info.items() if isinstance(v, str)}
            exif = picture.getexif()
            comment = exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT, b"")
            description = str(exif.get(_DESCRIPTION, ""))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{path} is not a picture that can be read.") from error
    if isinstance(comment, bytes) and comment.startswith(_UNICODE):
        found.setdefault("parameters", comment[8:].decode("utf-16-be", errors="replace"))
    if description.startswith('{"app":'):
        found.setdefault("pfstudio", description)
    return Notes(found.get("parameters", ""), found.get("pfstudio", ""))


def has_recipe(notes: Notes) -> bool:
    """Whether notes tell how a picture was generated; one may only have been upscaled here."""
    return bool(notes.parameters) or '"request":' in notes.pfstudio


def read_recipe(path: Path) -> ImageRecipe:
    """The recipe in a picture: ours in full, or what an A1111 text tells.

    Raises:
        InputError: not a picture, or no recipe is in it.
    """
    notes = read_notes(path)
    if notes.pfstudio:
        try:
            data = json.loads(notes.pfstudio)
            if "upscaled" in data and "request" not in data:
                raise InputError(f"{path.name} was upscaled here, but not generated.")
            request = GenerateRequest.from_json(json.dumps(data["request"]))
            execution = data["execution"] and Execution.from_data(data["execution"])
            return ImageRecipe(request, int(data["image"]), True, str(data["app"]), execution)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"The recipe in {path.name} is damaged.") from error
    if notes.parameters:
        return ImageRecipe(request_from_parameters(notes.parameters), 0, False)
    raise InputError(f"{path.name} holds no recipe.", "It may have been saved without metadata.")


def request_from_parameters(text: str) -> GenerateRequest:
    """As much of a request as an A1111 text tells; the rest keeps its defaults.

    Raises:
        InputError: no `key: value` line.
    """
    lines = text.strip().splitlines()
    pairs = _pairs(lines[-1]) if lines else {}
    if len(pairs) < 3:
        raise InputError("This text is not an A1111 parameter line.")
    width, _, height = pairs.get("Size", "").partition("x")
    try:
        return GenerateRequest(
            model=pairs.get("Model", ""),
            conditions=(_condition(pairs.get("Class"), lines[:-1]),),
            seed=_number(pairs.get("Seed"), int) or 0,
            sampler=_sampler_from(pairs),
            guidance=_guidance_from(pairs),
            height=_number(height, int) or 0,
            width=_number(width, int) or 0,
        )
    except TypeError as error:
        raise InputError("This text is not an A1111 parameter line.") from error


def _condition(label: str | None, lines: list[str]) -> PictureCondition:
    """A class, or a prompt and behind the words "Negative prompt:" a negative one."""
    if label == "none":
        return NoCondition()
    index = _number(label, int)
    if index is not None and index >= 0:
        return ClassLabel(index)
    text, _, negative = "\n".join(lines).partition("Negative prompt:")
    return Prompt(" ".join(text.split()), " ".join(negative.split()))


def _pairs(line: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in _PAIR.findall(line):
        try:
            found[key.strip()] = str(json.loads(value)) if value.startswith('"') else value.strip()
        except ValueError:
            found[key.strip()] = value
    return found


def _number(text: str | None, kind: type) -> Any:
    """The number in a text, or None."""
    try:
        return kind(text) if text else None
    except ValueError:
        return None


def _sampler_from(pairs: dict[str, str]) -> Sampler:
    name = pairs.get("Sampler", "")
    kind: type[Sampler] = SAMPLERS.get(name) or (Heun if name.lower().startswith("heun") else Euler)
    labels = dict(pairs)
    if name not in SAMPLERS:
        labels = {"Steps": pairs.get("Steps", "")}  # a foreign sampler's other settings mean other
    values = _settings(kind, labels)
    if kind.name == "adaptive" and (steps := _number(pairs.get("Steps"), int)):
        values["max_nfe"] = steps
    return kind(**values)


def _guidance_from(pairs: dict[str, str]) -> Guidance:
    scale = _number(pairs.get("CFG scale"), float)
    name = pairs.get("Guidance", "")
    if scale is None or (not name and scale == 1):
        return NoGuidance()
    kind = GUIDANCES.get(name, ClassifierFree)
    return kind(**_settings(kind, pairs | {"Scale": pairs["CFG scale"]}))


def _settings(kind: Any, pairs: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for about in parameters_of(kind):
        value = _number(pairs.get(about.label), about.kind)
        if value is not None:
            values[about.name] = value
    return values
