"""What a dropped or opened file is, and the recipe it would restore. No widgets here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from pfstudio.core.application import TRACE_SUFFIXES
from pfstudio.core.conditions import PictureCondition, Prompt, condition_name
from pfstudio.core.documents import read_text
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.image_io import SUFFIXES as PICTURES
from pfstudio.core.metadata import ImageRecipe, has_recipe, read_notes, read_recipe
from pfstudio.core.models import find_model
from pfstudio.core.paint import Paint
from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.result_files import REQUEST_NAME, file_beside
from pfstudio.core.results import result_of
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace
from pfstudio.core.upscale_settings import Upscale
from pfstudio.ui.export.caption import settings_words
from pfstudio.ui.language import QT_TR_NOOP, number, tr, tr_inside, tr_sentence
from pfstudio.ui.recipe.scan import scan_words

SUFFIXES = (*PICTURES, *TRACE_SUFFIXES, ".json")  # what can be dropped on the window

_LABELS = {
    "model": QT_TR_NOOP("Model"),
    "conditions": QT_TR_NOOP("Class"),
    "seed": QT_TR_NOOP("Seed"),
    "count": QT_TR_NOOP("Images"),
    "sampler": QT_TR_NOOP("Sampler"),
    "guidance": QT_TR_NOOP("Guidance"),
    "height": QT_TR_NOOP("Height"),
    "width": QT_TR_NOOP("Width"),
    "noise_file": QT_TR_NOOP("Noise file"),
    "masks_file": QT_TR_NOOP("Masks file"),
    "image_file": QT_TR_NOOP("Start image"),
    "start_time": QT_TR_NOOP("Start time"),
    "paint": QT_TR_NOOP("Painted patches"),
    "branch": QT_TR_NOOP("Branch"),
    "scan": QT_TR_NOOP("Scan"),
    "upscale": QT_TR_NOOP("Upscale"),
    "compute": QT_TR_NOOP("Compute"),
}


@dataclass(frozen=True)
class Dropped:
    """A file that the window understands: a trace, a recipe, or a foreign picture (neither)."""

    path: Path
    trace: Trace | None = None
    recipe: ImageRecipe | None = None

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown, and used as a start picture."""
        return self.path.suffix.lower() in PICTURES


@dataclass(frozen=True)
class Change:
    """One setting that restoring would change, in words."""

    label: str
    now: str
    then: str


@dataclass(frozen=True)
class Restored:
    """The request that a recipe becomes here, and what could not be taken over.

    `exact` is the request that computes exactly as then. It is None where `refusal` says why this
    machine cannot, and where nothing is on record, or something is missing (no refusal).
    """

    request: GenerateRequest
    notices: tuple[str, ...] = ()
    exact: GenerateRequest | None = None
    refusal: str = ""


def look_at(path: Path) -> Dropped:
    """Find out what a file is.

    Raises:
        InputError: it is none of ours and no picture, or it is damaged.
    """
    suffix = path.suffix.lower()
    if suffix in TRACE_SUFFIXES:
        return Dropped(path, trace=read_trace(path))
    if suffix == ".json":
        saved = result_of(path) if path.name == REQUEST_NAME else None
        execution = saved.execution() if saved else None
        return Dropped(path, recipe=ImageRecipe(_request_file(path), 0, True, execution=execution))
    if suffix in PICTURES:
        if has_recipe(read_notes(path)):
            return Dropped(path, recipe=read_recipe(path))
        return Dropped(path)
    raise InputError(
        tr("{name} is not a file that this window opens.", name=path.name),
        tr("Drop an image, for example a PNG, or a trace (.pftrace)."),
    )


def _request_file(path: Path) -> GenerateRequest:
    try:
        return GenerateRequest.from_json(read_text(path))
    except (OSError, ValueError) as error:
        raise InputError(tr("{name} cannot be read.", name=path.name)) from error


def restored(
    dropped: Dropped,
    current: GenerateRequest,
    models: Collection[str],
    here: Execution | None = None,
) -> Restored:
    """The request to set for a recipe; the device settings of this machine stay as they are.

    Args:
        models: names of the models that are installed here.
        here: how this machine computes now; None: not known yet.
    """
    assert dropped.recipe is not None
    recipe, notices = dropped.recipe, []
    request = recipe.request
    if not recipe.complete:
        read, request = request, _from_text(request, current, models)
        notices.append(tr("Only the A1111 text is in this image: other settings stay."))
        if recipe.set_back:
            notices.append(
                tr("Not possible here, so as usual: {settings}.",
                   settings=", ".join(map(tr, recipe.set_back)))
            )  # fmt: skip
        if isinstance(read.conditions[0], Prompt) and request.conditions != read.conditions:
            notices.append(tr("Its prompt needs a model that takes text."))
    elif request.model not in models and request.model != current.model:
        notices.append(tr("The model {model} is not installed here.", model=request.model))
    if request.upscale and find_model(Path(request.upscale.model).name) is None:
        notices.append(
            tr("The upsampler {model} is not installed here.", model=request.upscale.model)
        )
    wishes = request.compute
    now = replace(current.compute, execution=None)
    request, lost = _with_files(replace(request, compute=now), dropped.path)
    notices += lost
    then = recipe.execution
    if then is None or notices:
        return Restored(request, tuple(notices))
    if refusal := _refusal(then, here, request.images):
        return Restored(request, (), None, refusal)
    return Restored(request, (), replace(request, compute=replace(wishes, execution=then)))


def _refusal(then: Execution, here: Execution | None, images: int) -> str:
    """Why this machine cannot compute exactly as then; "": it can."""
    if here is None:
        return tr(
            "It is not known yet how this machine computes, so exactly as then is not possible."
        )
    if difference := then.difference(here):
        return tr(
            "{difference} So exactly as then is not possible: bits may differ.",
            difference=tr_sentence(difference),
        )
    if then.batch > images:
        return tr(
            "It was computed with others, {batch} at once: alone, its bits may differ. "
            "Drop the {name} of its result to make all of them exactly as then.",
            batch=then.batch,
            name=REQUEST_NAME,
        )
    return ""


def _from_text(
    read: GenerateRequest, current: GenerateRequest, models: Collection[str]
) -> GenerateRequest:
    """An A1111 text says little: what it does not say stays as it is."""
    ours = read.model in models
    height, width = (read.height, read.width) if ours else (current.height, current.width)
    if ours and (model := find_model(read.model)) is not None:
        height, width = (0 if side == model.card.pixels else side for side in (height, width))
    same_kind = isinstance(read.conditions[0], Prompt) and isinstance(current.conditions[0], Prompt)
    return replace(
        current,
        model=read.model if ours else current.model,
        conditions=read.conditions if ours or same_kind else current.conditions,
        seed=read.seed,
        count=1,
        sampler=read.sampler,
        guidance=read.guidance,
        height=height,
        width=width,
        noise_file="",
        image_file="",
        masks_file="",
        start_time=0.0,
        paint=(),
        branch=None,
        scan=read.scan,
    )


def _with_files(request: GenerateRequest, path: Path) -> tuple[GenerateRequest, list[str]]:
    """Find the files that a recipe names: pictures carry bare names, result folders full paths."""
    saved = result_of(path)
    own = None
    if saved is not None and path.name != REQUEST_NAME:
        own = saved.request()
        if Path(own.model).name == request.model:
            request = replace(request, model=own.model)
    lost = []
    image = _found(request.image_file, own.image_file if own else "", path)
    noise = _found(request.noise_file, own.noise_file if own else "", path)
    masks = _found(request.masks_file, own.masks_file if own else "", path)
    branch = request.branch
    if branch is not None:
        known = own.branch.trace if own and own.branch else ""
        trace = _found(branch.trace, known, path)
        if trace is None:
            lost.append(
                tr(
                    "The trace {trace} was not found: this starts from noise instead.",
                    trace=branch.trace,
                )
            )
        branch = Branch(trace, branch.call) if trace else None
    if noise is None:
        lost.append(
            tr(
                "The noise file {noise_file} was not found: noise is drawn instead.",
                noise_file=request.noise_file,
            )
        )
    if masks is None:
        lost.append(
            tr(
                "The masks file {masks_file} was not found: masks are drawn instead.",
                masks_file=request.masks_file,
            )
        )
    if image is None:
        lost.append(
            tr("The start image {image_file} was not found.", image_file=request.image_file)
        )
    if image is None or not (image or branch):  # a lost trace may have been all there was to keep
        request = replace(
            request, start_time=0.0, paint=tuple(p * (p != Paint.FIXED) for p in request.paint)
        )
    request = replace(request, image_file=image or "", noise_file=noise or "", branch=branch)
    return replace(request, masks_file=masks or ""), lost


def _found(name: str, known: str, holder: Path) -> str | None:
    """Full path of a file that the recipe in `holder` names ("" for none); None: it is nowhere."""
    if not name:
        return ""
    places = [Path(known)] if Path(known).name == Path(name).name else []
    places += [Path(name), file_beside(holder, name) or Path()]
    return next((str(place) for place in places if place.is_absolute() and place.is_file()), None)


def changes(
    now: GenerateRequest,
    then: GenerateRequest,
    classes_now: tuple[str, ...] = (),
    classes_then: tuple[str, ...] = (),
) -> tuple[Change, ...]:
    """What would change, in words; the class names are those of each request's model."""
    words = _LABELS | (
        {"conditions": QT_TR_NOOP("Prompt")} if isinstance(then.conditions[0], Prompt) else {}
    )
    return tuple(
        Change(tr(words[name]), _words(now, name, classes_now), _words(then, name, classes_then))
        for name, _, _ in now.changes(then)
        if name in words  # what is only recorded changes no picture
    )


def _words(request: GenerateRequest, name: str, classes: tuple[str, ...]) -> str:
    value = getattr(request, name)
    if name in ("sampler", "guidance"):
        return settings_words(value, tr, tr_inside, lambda figure: number(figure, "g"))
    if name == "conditions":
        return ", ".join(_condition_words(condition, classes) for condition in value)
    if name in ("height", "width"):
        return f"{value} px" if value else tr("the model's own")
    if name in ("noise_file", "image_file", "masks_file"):
        return Path(value).name or tr("none")
    if name == "branch":
        return (
            tr("from call {call} of {name}", call=value.call + 1, name=Path(value.trace).name)
            if value
            else tr("none")
        )
    if name == "paint":
        return _paint_words(value)
    if name == "scan":
        return scan_words(value)
    if name == "upscale":
        return _upscale_words(value) if value else tr("off")
    if name == "compute":
        return (
            tr_sentence(value.execution.sentence) if value.execution else tr("as the settings say")
        )
    return number(value, "g") if isinstance(value, float) else str(value) or tr("none")


def _upscale_words(upscale: Upscale) -> str:
    name = Path(upscale.model).name
    words = [f"{tr_inside(a.label)} {getattr(upscale, a.name)}" for a in parameters_of(upscale)]
    return tr("{factor} × by {model}", factor=upscale.factor, model=f"{name} ({', '.join(words)})")


def _condition_words(condition: PictureCondition, classes: tuple[str, ...]) -> str:
    name = condition_name(condition, classes)
    negative = isinstance(condition, Prompt) and condition.negative
    return tr("{name} (negative: {negative})", name=name, negative=negative) if negative else name


def _paint_words(paint: tuple[int, ...]) -> str:
    kinds = ((Paint.FAST, tr("fast")), (Paint.SLOW, tr("slow")), (Paint.FIXED, tr("frozen")))
    counts = [f"{paint.count(code)} {word}" for code, word in kinds if code in paint]
    return ", ".join(counts) or tr("none")
