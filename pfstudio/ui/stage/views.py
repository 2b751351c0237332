"""What can be looked at in a run: pictures, maps and roles, with their names and words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pfstudio.core.events import Floats
from pfstudio.core.trace import Role
from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.view_models.run import ROLE_WORDS
from pfstudio.ui.view_models.run_data import MASK_WORDS, RunData
from pfstudio.ui.view_models.scan_data import ScanFigure


class View(StrEnum):
    """One way to look at a call."""

    PREDICTION = "prediction"
    NOISY = "noisy"
    DIFFICULTY = "difficulty"
    TIME = "time"
    ROLE = "role"
    SPEED = "speed"
    GUIDANCE = "guidance"
    MASKS = "masks"
    DIFFERENCE = "difference"
    SPENT = "spent"
    WORD = "word"
    DECAY = "decay"
    WRITTEN = "written"
    GATE = "gate"
    REACH = "reach"
    START = "start"


@dataclass(frozen=True)
class ViewKind:
    """Words and colours of a view. `limits` fixes those of its colours."""

    title: str  # all of them are English texts for `tr`
    subtitle: str = ""
    name: str = ""  # of the value, in read-outs
    low: str = ""
    high: str = ""
    colormap: str = ""  # as shipped; empty: not a map of values
    digits: int = 2
    about: str = ""  # what an empty panel says
    limits: Callable[[RunData], tuple[float, float]] | None = None

    @property
    def is_map(self) -> bool:
        return bool(self.colormap)


def _unit(data: RunData) -> tuple[float, float]:
    return 0.0, 1.0


def _strengths(data: RunData) -> tuple[float, float]:
    strengths = data.request.guidance.strength(np.linspace(0, 1, 1001, dtype=np.float32))
    return 0.0, max(1.0, float(strengths.max()))


def _masks(data: RunData) -> tuple[float, float]:
    return 0.0, len(MASK_WORDS) - 1.0


def _calls(data: RunData) -> tuple[float, float]:
    return 0.0, float(data.expected)


VIEWS = {
    View.PREDICTION: ViewKind(
        QT_TR_NOOP("Prediction x̂₁"),
        about=QT_TR_NOOP("Press Generate to watch an image being made, patch by patch."),
    ),
    View.NOISY: ViewKind(QT_TR_NOOP("Noisy state x")),
    View.DIFFICULTY: ViewKind(
        QT_TR_NOOP("Difficulty"), QT_TR_NOOP("log σ² per patch"), "log σ²",
        QT_TR_NOOP("easy"), QT_TR_NOOP("hard"), "magma",
        about=QT_TR_NOOP("Where the model struggles."),
    ),
    View.TIME: ViewKind(
        QT_TR_NOOP("Timestep t"), QT_TR_NOOP("per patch"), "t",
        QT_TR_NOOP("noise"), QT_TR_NOOP("clean"), "Blues", digits=3, limits=_unit,
        about=QT_TR_NOOP("How far each patch is, from noise to image."),
    ),
    View.ROLE: ViewKind(
        QT_TR_NOOP("Role"), about=QT_TR_NOOP("Which patches go fast, and which go slow.")
    ),
    View.SPEED: ViewKind(
        QT_TR_NOOP("Speed |v|"), QT_TR_NOOP("per patch"), "|v|",
        QT_TR_NOOP("still"), QT_TR_NOOP("fast"), "viridis",
    ),
    View.GUIDANCE: ViewKind(
        QT_TR_NOOP("Guidance"), QT_TR_NOOP("strength per patch"), QT_TR_NOOP("strength"),
        QT_TR_NOOP("none"), QT_TR_NOOP("strong"), "cividis", limits=_strengths,
    ),
    View.MASKS: ViewKind(
        QT_TR_NOOP("Masks"), QT_TR_NOOP("passes per patch"), QT_TR_NOOP("masks"),
        QT_TR_NOOP("skipped"), QT_TR_NOOP("both"), "cividis", digits=0, limits=_masks,
        about=QT_TR_NOOP(
            "Which patches the strong and the weak prediction of sparse guidance compute."
        ),
    ),
    View.DIFFERENCE: ViewKind(
        QT_TR_NOOP("Strong − weak |Δv|"), QT_TR_NOOP("per patch"), "|Δv|",
        QT_TR_NOOP("alike"), QT_TR_NOOP("unlike"), "magma",
        about=QT_TR_NOOP("How much guidance by a weak prediction pushes each patch."),
    ),
    View.SPENT: ViewKind(
        QT_TR_NOOP("NFE spent"), QT_TR_NOOP("per patch"), "NFE",
        QT_TR_NOOP("few"), QT_TR_NOOP("many"), "viridis", digits=0, limits=_calls,
    ),
    View.WORD: ViewKind(
        QT_TR_NOOP("Word"), QT_TR_NOOP("attention per patch"), QT_TR_NOOP("attention"),
        QT_TR_NOOP("little"), QT_TR_NOOP("much"), "magma", digits=3,
        about=QT_TR_NOOP("Which patches listen to a word of the prompt."),
    ),
    View.DECAY: ViewKind(
        QT_TR_NOOP("Scan: decay"), QT_TR_NOOP("exp(ΔA) per patch"), QT_TR_NOOP("decay"),
        QT_TR_NOOP("forgets"), QT_TR_NOOP("keeps"), "viridis", limits=_unit,
        about=QT_TR_NOOP("How much the scan keeps at each patch of what came before."),
    ),
    View.WRITTEN: ViewKind(
        QT_TR_NOOP("Scan: written"), QT_TR_NOOP("|ΔBx| per patch, mean 1"), "|ΔBx|",
        QT_TR_NOOP("little"), QT_TR_NOOP("much"), "magma",
        about=QT_TR_NOOP("How much of each patch the scan writes into its memory."),
    ),
    View.GATE: ViewKind(
        QT_TR_NOOP("Scan: gate"), QT_TR_NOOP("|SiLU(z)| per patch"), QT_TR_NOOP("gate"),
        QT_TR_NOOP("shut"), QT_TR_NOOP("open"), "cividis",
        about=QT_TR_NOOP("How far what the scan gives is let through at each patch."),
    ),
    View.REACH: ViewKind(
        QT_TR_NOOP("Scan: reach"), QT_TR_NOOP("what is left at the chosen patch"),
        QT_TR_NOOP("reach"), QT_TR_NOOP("none"), QT_TR_NOOP("all"), "magma", limits=_unit,
        about=QT_TR_NOOP("How much of every patch before it still reaches the chosen one."),
    ),
    View.START: ViewKind(
        QT_TR_NOOP("Start image"), QT_TR_NOOP("as the model sees it"),
        about=QT_TR_NOOP("Drop an image here to start from it."),
    ),
}  # fmt: skip


SCAN_VIEWS = {View(figure.value): figure for figure in ScanFigure}


def view_over_prediction(data: RunData) -> View | None:
    """The map that lies over the prediction wherever that is shown; None: it is plain."""
    if data.word is not None:
        return View.WORD
    figure = data.scan.look.figure
    return View(figure.value) if figure is not None and data.scan.layers else None


def map_values(data: RunData, view: View, call: int, image: int) -> Floats:
    """The values (n,m) behind a map view; roles as their codes. NaN where nothing is known."""
    if view is View.DIFFICULTY:
        return data.log_difficulty(call, image)
    if view is View.TIME:
        return data.time[call, image]
    if view is View.SPEED:
        return data.speed[call, image]
    if view is View.GUIDANCE:
        return data.guidance(call, image)
    if view is View.MASKS:
        return data.masks(call, image)
    if view is View.DIFFERENCE:
        return data.difference(call, image)
    if view is View.SPENT:
        return data.spent(call, image)
    if view is View.WORD:
        return data.word_map(call, image)
    if view in SCAN_VIEWS:
        return data.scan.values(SCAN_VIEWS[view], call, image)
    return data.role[call, image].astype(np.float32)


def role_shares(data: RunData, call: int, image: int) -> list[tuple[Role, float]]:
    """The roles that occur in a call with their shares of the patches, 0..1."""
    counts = np.bincount(data.role[call, image].ravel(), minlength=len(Role))
    return [(role, counts[role] / counts.sum()) for role in Role if counts[role]]


def about(view: View) -> str:
    """What every map of this kind is, in small words; "" where its title says it."""
    words = VIEWS[view].subtitle
    return words and tr(words)


def subtitle(data: RunData, view: View, call: int, image: int) -> str:
    """The small words beside a panel's title."""
    if view is View.PREDICTION:
        best = data.source(call, image)
        if best is None:
            return ""
        made = tr(best[0].value)
        if best[1] != call:
            made = tr("{source} (call {call})", source=made, call=best[1] + 1)
        if data.word is not None:
            return " · ".join((made, *data.words(image)[data.word : data.word + 1]))
        over = view_over_prediction(data)
        return made if over is None else f"{made} · {subtitle(data, over, call, image)}"
    if view is View.NOISY:
        known = data.noisy_decoded(call, image) is not None
        return tr("decoded") if known else tr("colours of the latents")
    if view is View.ROLE:
        shares = role_shares(data, call, image)
        return " · ".join(f"{tr(ROLE_WORDS[role])} {100 * share:.0f} %" for role, share in shares)
    if view is View.DIFFICULTY and not data.has_difficulty():
        return tr("not predicted by this model")
    if view is View.WORD:
        return _word_subtitle(data, image)
    if view in SCAN_VIEWS:
        if not data.scan.layers:
            return tr("no scan maps in this run")
        return f"{tr('layer {layer}', layer=data.scan.layer + 1)} · {about(view)}"
    if view in (View.MASKS, View.DIFFERENCE):
        return _weak_subtitle(data, view, call, image)
    return about(view)


def _weak_subtitle(data: RunData, view: View, call: int, image: int) -> str:
    values = map_values(data, view, call, image)
    if np.isnan(values).any():
        return tr("this guidance has none")
    if view is View.DIFFERENCE:
        return about(view)
    shares = [(word, (values == code).mean()) for code, word in enumerate(MASK_WORDS)]
    return " · ".join(f"{tr(word)} {100 * share:.0f} %" for word, share in shares[::-1] if share)


def _word_subtitle(data: RunData, image: int) -> str:
    words = data.words(image)
    if not words:
        return tr("no word maps in this run")
    if data.word is None or data.word >= len(words):
        return tr("point at a word of the prompt")
    layer = tr("all layers") if data.layer is None else tr("layer {layer}", layer=data.layer + 1)
    return f"{words[data.word]} · {layer}"


def place_text(patch: tuple[int, int]) -> str:
    """Row and column of a patch, counted from 1."""
    return f"R {patch[0] + 1} · C {patch[1] + 1}"


def value_text(data: RunData, view: View, call: int, image: int, patch: tuple[int, int]) -> str:
    """The value of a patch as text, e.g. "R 5 · C 8   log σ² −0.42"."""
    place = place_text(patch)
    if view is View.ROLE:
        return f"{place}   {tr(ROLE_WORDS[Role(int(data.role[call, image][patch]))])}"
    if not VIEWS[view].is_map:
        return place
    value = float(map_values(data, view, call, image)[patch])
    if view is View.MASKS and not np.isnan(value):
        return f"{place}   {tr(MASK_WORDS[int(value)])}"
    return f"{place}   {tr(VIEWS[view].name)} {number(value, f'.{VIEWS[view].digits}f')}"
