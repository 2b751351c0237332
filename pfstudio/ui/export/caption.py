"""The words under a figure, written from the recipe alone: nobody retypes settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pfstudio.core.conditions import ClassLabel, Prompt, condition_name
from pfstudio.core.guidance import Guidance
from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Sampler
from pfstudio.core.upscale_settings import Upscale
from pfstudio.ui.stage.views import View
from pfstudio.ui.view_models.run_data import RunData
from pfstudio.version import __version__

VIEW_WORDS = {
    View.PREDICTION: "prediction of the finished image, decoded",
    View.NOISY: "state given to the network, in linear colours of its latents",
    View.DIFFICULTY: "predicted difficulty of each patch",
    View.TIME: "time of each patch, from noise (0) to clean (1)",
    View.ROLE: "what each patch did in the call",
    View.SPEED: "root mean square velocity of each patch",
    View.SPENT: "calls in which each patch was moved up to then",
    View.GUIDANCE: "guidance strength of each patch",
    View.MASKS: "which passes of the guidance computed each patch in a route",
    View.DIFFERENCE: "root mean square of the strong minus the weak velocity",
    View.WORD: "attention of each patch to a word of the prompt",
    View.DECAY: "share of its memory that a layer's scan keeps at each patch",
    View.WRITTEN: "how much of each patch a layer's scan writes into its memory",
    View.GATE: "how far what a layer's scan gives is let through at each patch",
    View.REACH: "share of what was read of each patch that is left at the chosen one",
}


def settings_words(
    settings: Sampler | Guidance,
    title: Callable[[str], str] = str,
    name: Callable[[str], str] = str.lower,
    figure: Callable[[float], str] = "{:g}".format,
) -> str:
    """A sampler's or guidance rule's settings in one phrase, e.g. "CFG (scale 4)".

    `title`, `name` and `figure` bring it into the language of the window; exported files are in
    English.
    """
    words = []
    for about in parameters_of(settings):
        value = getattr(settings, about.name)
        shown = figure(value) if isinstance(value, (int, float)) else str(value)
        words.append(f"{name(about.label)} {shown}")
    label = title(settings.label)
    return f"{label} ({', '.join(words)})" if words else label


def upscale_words(upscale: Upscale) -> str:
    """E.g. "4 × by upsampler-s (steps 2, solver euler, clock patch-wise, ...)"."""
    words = (f"{a.label.lower()} {getattr(upscale, a.name)}" for a in parameters_of(upscale))
    return f"{upscale.factor} × by {Path(upscale.model).name} ({', '.join(words)})"


def condition_words(request: GenerateRequest, image: int, classes: tuple[str, ...] = ()) -> str:
    """What picture `image` shows, e.g. `class “cat” (3), seed 7`."""
    seed = f"seed {request.seeds[image]}"
    condition = request.per_image[image]
    name = condition_name(condition, classes)
    if isinstance(condition, Prompt):
        against = f", negative prompt “{condition.negative}”" if condition.negative else ""
        return f"prompt “{name}”{against}, {seed}"
    if isinstance(condition, ClassLabel) and condition.index < len(classes):
        return f"class “{name}” ({condition.index}), {seed}"
    return f"{name}, {seed}"


def caption(
    data: RunData,
    image: int,
    calls: tuple[int, ...],
    views: tuple[View, ...],
    *,
    model_title: str = "",
    classes: tuple[str, ...] = (),
) -> tuple[str, str]:
    """Title and body of the caption of a figure with these columns and rows."""
    request = data.request
    condition = condition_words(request, image, classes)
    rows = "; ".join(VIEW_WORDS[view] for view in views)
    sentences = [
        f"{condition[0].upper()}{condition[1:]}.",
        f"Columns: network calls {', '.join(str(call + 1) for call in calls)} of {data.done}.",
        f"Rows, from the top: {rows}.",
        f"Sampler: {settings_words(request.sampler)}.",
        f"Guidance: {settings_words(request.guidance)}.",
        f"{data.tokens_computed:,} tokens computed.",
    ]
    if request.branch:
        sentences.append(f"Branched before call {request.branch.call + 1} of an earlier run.")
    if request.upscale:
        sentences.append(f"The final image is upscaled {upscale_words(request.upscale)}.")
    sentences.append(f"Made with Patch Forcing Studio {__version__}.")
    title = f"{request.sampler.label} sampling of {model_title or request.model}."
    return title, " ".join(sentences)
