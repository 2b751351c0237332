"""How to upscale, as the page edits it, and what it will come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from pfstudio.core.errors import InputError
from pfstudio.core.models import InstalledModel
from pfstudio.core.paths import config_folder
from pfstudio.core.settings import read_document
from pfstudio.core.upscale_settings import CLOCKS, SOLVERS, Upscale
from pfstudio.ui.language import tr

VERSION = 1
UNIFORM, PATCH_WISE = CLOCKS
# Evaluations in a step; the adaptive solver decides on its own, at least these.
EVALUATIONS = {"euler": 1, "midpoint": 2, "heun": 2, "rk4": 4, "dopri5": 6}
_PASS = 2  # how much larger one pass makes a picture
_REMEMBERED = 200.0  # of `work`, that the pace is the mean of: some minutes on a processor


def upsamplers(models: Sequence[InstalledModel]) -> tuple[InstalledModel, ...]:
    """Those of the models that upscale."""
    return tuple(model for model in models if model.card.task == "upscale")


def stored_path() -> Path:
    """Where the last settings are kept."""
    return config_folder() / "upscale.json"


def evaluations(upscale: Upscale) -> int:
    """Evaluations of a hard patch in each pass."""
    return upscale.steps * EVALUATIONS[upscale.solver]


def work(upscale: Upscale, pixels: int) -> float:
    """Megapixels that the network is given in all passes over pictures of so many pixels."""
    larger, factor = 0.0, _PASS
    while factor <= upscale.factor:
        larger += pixels * factor**2 / 1e6
        factor *= _PASS
    each = float(evaluations(upscale))
    if upscale.clock == PATCH_WISE:
        each = 1 + (each - 1) * (1 - upscale.easy_share)
    return larger * each


class UpscaleRecipe(QObject):
    """The settings; `changed` when any of them, or the installed models, are others."""

    changed = Signal()
    refused = Signal(object)  # InputError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.upscale = Upscale()
        self.at_once = False  # upscale what is dropped without a further word
        self.models: tuple[InstalledModel, ...] = ()
        self._timed: dict[str, tuple[float, float]] = {}  # model: seconds, and `work` done in them

    @property
    def model(self) -> InstalledModel | None:
        """The chosen upsampler, if it is installed."""
        return next((m for m in self.models if m.name == self.upscale.model), None)

    @property
    def has_patch_clock(self) -> bool:
        """Whether the chosen model knows a time for every patch."""
        return self.model is not None and self.model.card.time == "per patch"

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        """The installed models; the recipe moves to one of them if it names none."""
        self.models = upsamplers(models)
        if self.models and self.model is None:
            self.upscale = replace(self.upscale, model=self.models[0].name)
        if not self.has_patch_clock:
            self.upscale = replace(self.upscale, clock=UNIFORM)
        self.changed.emit()

    def set(self, **values: Any) -> None:
        """Change settings; what cannot be together gives way to what was set last."""
        if values.get("clock") == PATCH_WISE:
            values["solver"] = SOLVERS[0]
        elif values.get("solver", SOLVERS[0]) != SOLVERS[0]:
            values["clock"] = UNIFORM
        try:
            self.upscale = replace(self.upscale, **values)
        except InputError as error:
            self.refused.emit(error)
        if not self.has_patch_clock:
            self.upscale = replace(self.upscale, clock=UNIFORM)
        self.changed.emit()

    def set_value(self, name: str, value: object) -> None:
        """Change one setting."""
        self.set(**{name: value})

    def set_at_once(self, on: bool) -> None:
        """Whether dropped files are upscaled without a further word."""
        self.at_once = on
        self.changed.emit()

    # -- what it will come to -----------------------------------------------------------------

    def remember(self, upscale: Upscale, pixels: int, seconds: float) -> None:
        """A picture of so many pixels took so long: a small one changes the pace but little."""
        done = work(upscale, pixels)
        before, known = self._timed.get(upscale.model, (0.0, 0.0))
        kept = min(1.0, _REMEMBERED / known) if known else 0.0
        self._timed[upscale.model] = (kept * before + seconds, kept * known + done)
        self.changed.emit()

    def expected(self, pixels: int) -> float | None:
        """Seconds that so many pixels will take; None until the model was timed once."""
        seconds, done = self._timed.get(self.upscale.model, (0.0, 0.0))
        return seconds / done * work(self.upscale, pixels) if done else None

    # -- between sessions ---------------------------------------------------------------------

    def load(self) -> str:
        """Take the last settings; returns a sentence if they could not be used."""
        data, notice = read_document(stored_path(), VERSION)
        try:
            self.upscale = Upscale(**data.get("upscale", {}))
            self.at_once = bool(data.get("at_once"))
            self._timed = {
                str(name): (float(seconds), float(done))
                for name, (seconds, done) in data.get("timed", {}).items()
            }
        except (InputError, TypeError, ValueError, AttributeError):
            self.upscale = Upscale()
            notice = notice or tr("The last settings of upscaling cannot be used.")
        return notice

    def stored(self) -> tuple[Path, int, dict[str, Any]]:
        """The settings as a document: where it is stored, its version and its data."""
        data = {"upscale": asdict(self.upscale), "at_once": self.at_once, "timed": self._timed}
        return stored_path(), VERSION, data
