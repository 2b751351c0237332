"""The recipe's section on upscaling: sample, upscale the latents, decode once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.models import InstalledModel
from pfstudio.core.upscale_settings import CLOCKS, FACTORS, Upscale
from pfstudio.ui.language import tr
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.widgets.buttons import Switch
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider

_OFF = "off"
MOST_STEPS = 16  # more are for comparisons, on the Upscale page


class UpscaleSection(QWidget):
    """Visible only where an upsampler is installed, or the recipe asks for one."""

    def __init__(self, recipe: RecipeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self._models: tuple[str, ...] = ()
        self._clocks: frozenset[str] = frozenset()  # models with a clock for every patch
        self._last = Upscale()
        self.result = label("", colour="muted")
        title = fill(
            QHBoxLayout(), label(tr("Upscale"), colour="muted"), None, self.result, spacing=-1
        )
        choices = [(_OFF, tr("Off")), *((str(factor), f"{factor} ×") for factor in FACTORS)]
        self.factor = Segmented(tr("Upscale"), choices)
        self.factor.chosen.connect(self._factor_chosen)
        self.steps = Slider(tr("Upscaling steps"), 1, MOST_STEPS, 1, tr("In each pass of 2 ×"))
        self.steps.edited.connect(self._steps_edited)
        self.patch_wise = Switch(
            tr("Per-patch timesteps"), tr("Flat patches finish in the first step")
        )
        self.patch_wise.clicked.connect(self._clock_switched)
        fill(
            QVBoxLayout(self), title, self.factor, self.steps, self.patch_wise,
            margins=(0, 7, 0, 0), spacing=6,
        )  # fmt: skip
        recipe.changed.connect(self.refresh)
        self.refresh()

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        """The upsamplers that are installed."""
        self._models = tuple(model.name for model in models)
        clocked = (model for model in models if model.card.time == "per patch")
        self._clocks = frozenset(model.name for model in clocked)
        self.refresh()

    @Slot(str)
    def _factor_chosen(self, key: str) -> None:
        if key == _OFF:
            self._recipe.set(upscale=None)
            return
        model = self._last.model or (self._models[0] if self._models else "")
        self._recipe.set(upscale=replace(self._last, model=model, factor=int(key)))

    @Slot(float)
    def _steps_edited(self, steps: float) -> None:
        self._recipe.set(upscale=replace(self._last, steps=int(steps)))

    @Slot()
    def _clock_switched(self) -> None:
        clock = CLOCKS[int(self.patch_wise.isChecked())]
        self._recipe.set(upscale=replace(self._last, clock=clock, solver=Upscale().solver))

    @Slot()
    def refresh(self) -> None:
        """Show what the request says."""
        request, upscale = self._recipe.request, self._recipe.request.upscale
        self._last = upscale or self._last
        self.setVisible(bool(self._models or upscale))
        self.factor.set_key(str(upscale.factor) if upscale else _OFF)
        self.steps.setVisible(upscale is not None)
        self.patch_wise.setVisible(upscale is not None and upscale.model in self._clocks)
        if upscale is not None:
            self.steps.set_number(min(upscale.steps, MOST_STEPS))
            self.patch_wise.setChecked(upscale.clock != CLOCKS[0])
        side = self._recipe.model.card.pixels if self._recipe.model else 0
        height, width = request.height or side, request.width or side
        large = upscale is not None and bool(side)
        factor = upscale.factor if upscale else 1
        self.result.setText(f"{factor * width} × {factor * height} px" if large else "")
