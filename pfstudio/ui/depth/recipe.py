"""The left side of the Depth page: the files, the model and its settings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.depth import OWN_RESOLUTION
from pfstudio.ui.files.drop_zone import DropZone
from pfstudio.ui.files.list_view import ROW, FileListView
from pfstudio.ui.recipe.form import ParameterForm
from pfstudio.ui.recipe.panel import WIDTH
from pfstudio.ui.view_models.depth import DepthPageModel
from pfstudio.ui.widgets.buttons import IconButton, Switch
from pfstudio.ui.widgets.fields import Combo
from pfstudio.ui.widgets.labels import Surface, heading
from pfstudio.ui.widgets.scroll import scrolling

_OTHER = ""  # data of the entry that opens a checkpoint


class DepthRecipePanel(Surface):
    """Shows the list and the recipe of a DepthPageModel."""

    browse_wanted = Signal()

    def __init__(self, model: DepthPageModel, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent=parent)
        self._model = model
        self.setFixedWidth(WIDTH)
        self.drop = DropZone("Drop images or a folder here")
        self.drop.browsed.connect(self.browse_wanted)
        self.list = FileListView(model.files, "Images")
        self.list.remove_wanted.connect(model.remove)
        self.clear = IconButton("trash", "Empty the list")
        self.clear.clicked.connect(model.clear)
        self.model = Combo("Depth model")
        self.model.activated.connect(self._on_model)
        self.form = ParameterForm()
        self.form.edited.connect(self._on_edited)
        self.own_size = Switch("At the picture's own size", "Large pictures are worked on in tiles")
        self.own_size.clicked.connect(self._on_own_size)
        self.foot = QVBoxLayout()  # the page puts Stop and Estimate here
        self._lay_out()
        model.recipe_changed.connect(self.refresh)
        model.models_changed.connect(self._refresh_models)
        model.files_changed.connect(self._refresh_files)
        self._refresh_models()
        self._refresh_files()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(heading("Images"))
        top.addStretch()
        top.addWidget(self.clear)
        upper = QVBoxLayout()
        upper.setContentsMargins(14, 6, 8, 0)
        upper.setSpacing(8)
        upper.addLayout(top)
        inset = QVBoxLayout()
        inset.setContentsMargins(0, 0, 6, 0)
        inset.setSpacing(8)
        inset.addWidget(self.drop)
        inset.addWidget(self.list, 1)
        upper.addLayout(inset, 1)
        lower = QVBoxLayout()
        lower.setContentsMargins(14, 8, 14, 8)
        lower.setSpacing(8)
        for part in (heading("Depth model"), self.model, self.form, self.own_size):
            lower.addWidget(part)
        lower.addStretch()
        self.foot.setContentsMargins(14, 8, 14, 14)
        self.foot.setSpacing(10)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(upper, 1)
        column.addWidget(scrolling(lower), 1)
        column.addLayout(self.foot)

    # -- from the user ----------------------------------------------------------------------------

    @Slot(int)
    def _on_model(self, place: int) -> None:
        name = self.model.itemData(place)
        if name == _OTHER:
            name, _ = QFileDialog.getOpenFileName(
                self, "Open a depth model", "", "Checkpoints (*.ckpt *.safetensors)"
            )
        if name:
            self._model.set(model=name)
        self._refresh_models()

    @Slot(str, object)
    def _on_edited(self, name: str, value: object) -> None:
        self._model.set(**{name: value})

    @Slot(bool)
    def _on_own_size(self, on: bool) -> None:
        self._model.set(processing_resolution=OWN_RESOLUTION if on else 0)

    # -- to the user ------------------------------------------------------------------------------

    @Slot()
    def _refresh_files(self) -> None:
        rows = len(self._model.files.items)
        self.clear.setEnabled(rows > 0)
        self.list.setVisible(rows > 0)
        # As high as its rows, so that a short list leaves the room to the settings.
        self.list.setMinimumHeight(min(rows, 2) * ROW)
        self.list.setMaximumHeight(rows * ROW + 2)

    @Slot()
    def _refresh_models(self) -> None:
        self.model.clear()
        for model in self._model.models:
            self.model.addItem(model.card.title or model.name, model.name)
        chosen = self._model.request.model
        if chosen and self.model.findData(chosen) < 0:
            self.model.addItem(Path(chosen).name, chosen)
        self.model.addItem("Open a checkpoint …", _OTHER)
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
