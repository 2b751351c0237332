"""The left side of the Depth page: the files, the model and its settings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pfstudio.core.depth import OWN_RESOLUTION
from pfstudio.ui.depth.page_model import DepthPageModel
from pfstudio.ui.files.list_panel import FileListPanel
from pfstudio.ui.language import tr
from pfstudio.ui.recipe.form import ParameterForm
from pfstudio.ui.recipe.panel import WIDTH
from pfstudio.ui.widgets.buttons import Switch
from pfstudio.ui.widgets.fields import OPEN_MODEL, Combo
from pfstudio.ui.widgets.labels import Surface, heading
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import scrolling


class DepthRecipePanel(Surface):
    """Shows the list and the recipe of a DepthPageModel."""

    open_model_wanted = Signal()

    def __init__(self, model: DepthPageModel, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent=parent)
        self._model = model
        self.setFixedWidth(WIDTH)
        self.files = FileListPanel(model)
        self.model = Combo(tr("Depth model"))
        self.model.activated.connect(self._on_model)
        self.form = ParameterForm()
        self.form.edited.connect(self._on_edited)
        self.own_size = Switch(tr("Full resolution"), tr("Large images are processed in tiles"))
        self.own_size.clicked.connect(self._on_own_size)
        # The page puts Stop and Estimate into the foot.
        self.foot = fill(QVBoxLayout(), margins=(14, 8, 14, 14), spacing=10)
        self._lay_out()
        model.recipe_changed.connect(self.refresh)
        model.models_changed.connect(self._refresh_models)
        self._refresh_models()

    def _lay_out(self) -> None:
        lower = fill(
            QVBoxLayout(), heading(tr("Depth model"), self.model), self.model, self.form,
            self.own_size, None, margins=(14, 8, 14, 8), spacing=8,
        )  # fmt: skip
        fill(QVBoxLayout(self), (self.files, 1), (scrolling(lower), 1), self.foot, spacing=4)

    # -- from the user ----------------------------------------------------------------------------

    @Slot(int)
    def _on_model(self, place: int) -> None:
        name = self.model.itemData(place)
        if name == OPEN_MODEL:
            self.refresh()
            self.open_model_wanted.emit()
        else:
            self._model.set(model=name)

    @Slot(str, object)
    def _on_edited(self, name: str, value: object) -> None:
        self._model.set(**{name: value})

    @Slot(bool)
    def _on_own_size(self, on: bool) -> None:
        self._model.set(processing_resolution=OWN_RESOLUTION if on else 0)

    # -- to the user ------------------------------------------------------------------------------

    @Slot()
    def _refresh_models(self) -> None:
        self.model.clear()
        for model in self._model.models:
            self.model.addItem(model.card.title or model.name, model.name)
        chosen = self._model.request.model
        if chosen and self.model.findData(chosen) < 0:
            self.model.addItem(Path(chosen).name, chosen)
        self.model.addItem(tr("Open a model…"), OPEN_MODEL)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the recipe."""
        request = self._model.request
        if request.model and self.model.findData(request.model) < 0:
            self._refresh_models()
            return
        self.model.setCurrentIndex(self.model.findData(request.model))
        self.form.show_settings(request)
        own = request.processing_resolution == OWN_RESOLUTION
        self.own_size.setChecked(own)
        self.form.control("processing_resolution").setEnabled(not own)
