"""The left side of the Upscale page: which files, how, and what it will come to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRegularExpression, Signal, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.requests import MAX_SEED
from pfstudio.core.upscale_settings import FACTORS
from pfstudio.ui.files.list_panel import FileListPanel
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.recipe.cost import seconds_text
from pfstudio.ui.recipe.form import ParameterForm
from pfstudio.ui.upscale.page_model import UpscalePageModel
from pfstudio.ui.upscale.recipe import PATCH_WISE, evaluations
from pfstudio.ui.widgets.buttons import DANGER, PRIMARY, Button, Switch
from pfstudio.ui.widgets.fields import OPEN_MODEL, Combo, Field
from pfstudio.ui.widgets.labels import Line, Surface, heading, label, label_of, row
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import scrolling
from pfstudio.ui.widgets.segmented import Segmented

PANEL_WIDTH = 296
TILES = (0, 256, 384, 512, 768, 1024, 1536)
NO_CLOCK = QT_TR_NOOP("The chosen model has one timestep for the whole image")


class UpscalePanel(Surface):
    """Shows an UpscalePageModel and calls its verbs."""

    open_model_wanted = Signal()

    def __init__(self, model: UpscalePageModel, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent=parent)
        self._model, self._recipe = model, model.recipe
        self.setFixedWidth(PANEL_WIDTH)
        self.files = FileListPanel(model)
        self._body = fill(QVBoxLayout(), margins=(14, 0, 14, 10), spacing=6)
        self._build_settings()
        self._build_cost()
        self._body.addStretch()
        self._lay_out()
        model.recipe.changed.connect(self.refresh)
        model.files.changed.connect(self.refresh_cost)
        model.files.dataChanged.connect(self.refresh_cost)
        model.files.chosen_changed.connect(self.refresh_cost)
        self.refresh()

    # -- building -----------------------------------------------------------------------------

    def _build_settings(self) -> None:
        self.model = Combo(tr("Upsampler"))
        self._body.addWidget(heading(tr("Upsampler"), self.model))
        self.model.activated.connect(self._model_activated)
        self._body.addWidget(self.model)
        self.factor = Segmented(tr("Factor"), [(str(factor), f"{factor} ×") for factor in FACTORS])
        self.factor.chosen.connect(self._factor_chosen)
        self._body.addWidget(self.factor)
        self._body.addSpacing(2)
        self.form = ParameterForm()
        self.form.edited.connect(self._recipe.set_value)
        self._body.addWidget(self.form)
        grid = QGridLayout()
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        self.tile = Combo(tr("Tile"))
        self.tile.setToolTip(tr("Side of the part of the result that the network is given at once"))
        self.tile.activated.connect(self._tile_activated)
        self.seed = Field(tr("Seed"))
        digits = QRegularExpression(r"\d{0,19}")
        self.seed.setValidator(QRegularExpressionValidator(digits, self))
        self.seed.editingFinished.connect(self._seed_typed)
        for column, control in enumerate((self.tile, self.seed)):
            grid.addWidget(label_of(control), 0, column)
            grid.addWidget(control, 1, column)
            grid.setColumnStretch(column, 1)
        self._body.addLayout(grid)
        self.at_once = Switch(tr("Upscale dropped images immediately"))
        self.at_once.clicked.connect(self._recipe.set_at_once)
        self._body.addWidget(self.at_once)

    def _build_cost(self) -> None:
        self.becomes = label("", "small", wrap=True)
        self.nfe, self.seconds = label("", "value"), label("", "value")
        self.cost = fill(
            QVBoxLayout(), self.becomes, row(tr("Evaluations per patch"), self.nfe),
            row(tr("Expected on this machine"), self.seconds), spacing=3,
        )  # fmt: skip

    def _lay_out(self) -> None:
        self.stop = Button(tr("Stop"), "stop", kind=DANGER, height=38)
        self.stop_all = Button(tr("Stop all"), kind=DANGER, height=38)
        self.start = Button(tr("Upscale all"), kind=PRIMARY, height=38)
        self.start_one = Button("", "image", tip=tr("Upscale the shown image only"), height=38)
        go = fill(QHBoxLayout(), (self.start, 1), self.start_one, spacing=6)
        end = fill(QHBoxLayout(), (self.stop, 1), self.stop_all, spacing=6)
        foot = fill(QVBoxLayout(), self.cost, end, go, margins=(14, 4, 14, 14), spacing=10)
        scroll = scrolling(self._body, whole=True)
        scroll.verticalScrollBar().rangeChanged.connect(self._make_room)
        # The files take all there is; what a short list leaves stays empty.
        fill(QVBoxLayout(self), (self.files, 1000), 6, scroll, (None, 1), Line(), foot, spacing=4)

    @Slot(int, int)
    def _make_room(self, low: int, high: int) -> None:
        """The scroll bar takes its place from the margin, not from the controls."""
        self._body.setContentsMargins(14, 0, 14 if high <= low else 4, 10)

    # -- from the user ------------------------------------------------------------------------

    @Slot(int)
    def _model_activated(self, place: int) -> None:
        name = self.model.itemData(place)
        if name == OPEN_MODEL:
            self.refresh()
            self.open_model_wanted.emit()
        else:
            self._recipe.set(model=name)

    @Slot(str)
    def _factor_chosen(self, key: str) -> None:
        self._recipe.set(factor=int(key))

    @Slot(int)
    def _tile_activated(self, place: int) -> None:
        self._recipe.set(tile=self.tile.itemData(place))

    @Slot()
    def _seed_typed(self) -> None:
        if self.seed.text():
            self._recipe.set(seed=min(int(self.seed.text()), MAX_SEED))
        self.refresh()

    # -- to the user --------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Show the settings."""
        recipe, upscale = self._recipe, self._recipe.upscale
        self.model.clear()
        for model in recipe.models:
            self.model.addItem(model.card.title or model.name, model.name)
        self.model.addItem(tr("Open a model…"), OPEN_MODEL)
        self.model.setCurrentIndex(self.model.findData(upscale.model))
        self.model.setPlaceholderText(Path(upscale.model).name or tr("No upsampler installed"))
        self.factor.set_key(str(upscale.factor))
        self.form.show_settings(upscale)
        clock = self.form.control("clock")
        assert isinstance(clock, Segmented)
        clock.set_usable(PATCH_WISE, recipe.has_patch_clock,
                         "" if recipe.has_patch_clock else tr(NO_CLOCK))  # fmt: skip
        self.form.control("easy_share").setVisible(upscale.clock == PATCH_WISE)
        self.seed.setText(str(upscale.seed))
        self.at_once.setChecked(recipe.at_once)
        self.tile.clear()
        for side in sorted({*TILES, upscale.tile}):
            self.tile.addItem(f"{side} px" if side else tr("model's own"), side)
        self.tile.setCurrentIndex(self.tile.findData(upscale.tile))
        self.refresh_cost()

    @Slot()
    def refresh_cost(self) -> None:
        """Show what it will come to."""
        upscale, model = self._recipe.upscale, self._model
        item, due = model.files.chosen, model.files.due(model.blank_request())[0]
        width, height = item.size if item is not None else (0, 0)
        words = ""
        if width:
            factor = upscale.factor
            words = tr(
                "{width} × {height} px becomes {large_width} × {large_height} px",
                width=width,
                height=height,
                large_width=factor * width,
                large_height=factor * height,
            )
            words += tr("; {due} images to do.", due=due) if due > 1 else "."
        self.becomes.setText(words)
        self.becomes.setVisible(bool(words))
        most = evaluations(upscale)
        patch_wise = upscale.clock == PATCH_WISE and most > 1
        self.nfe.setText(tr("1 or {most}", most=most) if patch_wise else str(most))
        seconds = model.expected
        known = tr("after the first run") if seconds is None else seconds_text(seconds)
        self.seconds.setText(known if due else "–")
