"""Controls made from a settings dataclass: whatever declares a parameter gets a control."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pfstudio.core.models import installed_models
from pfstudio.core.parameters import Parameter, parameters_of
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.widgets.buttons import GHOST, Button, Switch
from pfstudio.ui.widgets.fields import Combo
from pfstudio.ui.widgets.labels import label_of
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import clear
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider

_WORDS = {
    "blue-noise": QT_TR_NOOP("Blue noise"),
    "cpu": "CPU",
    "cuda": "CUDA",
    "de": "Deutsch",
    "en": "English",
    "half-cosine": QT_TR_NOOP("Half cosine"),
    "high-contrast": QT_TR_NOOP("Contrast"),
    "mps": "MPS",
    "patch-wise": QT_TR_NOOP("Per patch"),
    "rk4": "RK4",
}
_MOST_IN_A_ROW = 4
_AS_WRITTEN = ("float", "bfloat")  # number formats keep their names


def choice_word(choice: str) -> str:
    """A choice as people write it."""
    if choice.startswith(_AS_WRITTEN):
        return choice
    return tr(_WORDS.get(choice) or choice.capitalize())


class ParameterForm(QWidget):
    """One control per parameter; `edited(name, value)` when the user changes one."""

    edited = Signal(str, object)

    def __init__(
        self, spacing: int = 7, names: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        """Make a form; `names`: only of these parameters (none: of all)."""
        super().__init__(parent)
        self._names = names
        self.more: Button | None = None  # shows the rare ones
        self._column = fill(QVBoxLayout(self), spacing=spacing)
        self._kind: type | None = None
        self._controls: dict[str, QWidget] = {}
        self._rare: list[QWidget] = []  # behind "More"

    def control(self, name: str) -> QWidget:
        """The control of a parameter."""
        return self._controls[name]

    def show_settings(self, settings: Any) -> None:
        """Show these values; controls are made anew only for another kind of settings."""
        if type(settings) is not self._kind:
            self._kind = type(settings)
            self._rebuild(settings)
        for about in self._parameters(settings):
            control, value = self._controls[about.name], getattr(settings, about.name)
            if isinstance(control, Slider):
                control.set_number(value)
            elif isinstance(control, Segmented):
                control.set_key(value)
            elif isinstance(control, Switch):
                control.setChecked(value)
            elif isinstance(control, Combo):
                if control.findText(value) < 0:
                    control.addItem(value)
                control.setCurrentText(value)

    def _parameters(self, settings: Any) -> tuple[Parameter, ...]:
        every = parameters_of(settings)
        return tuple(about for about in every if about.name in (self._names or (about.name,)))

    def _rebuild(self, settings: Any) -> None:
        clear(self._column)
        self._controls = {}
        all_of_them = self._parameters(settings)
        for about in all_of_them:
            if not about.rare:
                self._controls[about.name] = self._make(about)
        if any(about.rare for about in all_of_them):
            self.more = more = Button(tr("More"), "chevron-down", kind=GHOST, height=26)
            more.setCheckable(True)
            more.setStyleSheet("padding: 0")  # in line with what is above
            more.toggled.connect(self._show_rare)
            self._column.addWidget(more)
        first = self._column.count()
        for about in all_of_them:
            if about.rare:
                self._controls[about.name] = self._make(about)
        items = [self._column.itemAt(place) for place in range(first, self._column.count())]
        self._rare = [w for item in items if item and (w := item.widget()) is not None]
        self._show_rare(False)
        self.setVisible(bool(self._controls))

    def _show_rare(self, shown: bool) -> None:
        for widget in self._rare:
            widget.setVisible(shown)

    def _make(self, about: Parameter) -> QWidget:
        if about.choices:
            columns = 3 if len(about.choices) > _MOST_IN_A_ROW else 0
            names = [(choice, choice_word(choice)) for choice in about.choices]
            choices = Segmented(tr(about.label), names, columns=columns)
            choices.setToolTip(tr(about.help))
            choices.chosen.connect(partial(self.edited.emit, about.name))
            self._column.addWidget(label_of(choices))
            self._column.addWidget(choices)
            return choices
        if about.task:
            models = Combo(tr(about.label))
            models.setToolTip(tr(about.help))
            models.addItems(["", *(model.name for model in installed_models(about.task))])
            models.textActivated.connect(partial(self.edited.emit, about.name))
            self._column.addWidget(label_of(models))
            self._column.addWidget(models)
            return models
        if about.kind is bool:
            switch = Switch(tr(about.label), tr(about.help))
            switch.clicked.connect(partial(self._switched, about.name, switch))
            self._column.addWidget(switch)
            return switch
        low, high = float(about.minimum or 0), float(about.maximum or 0)
        step = about.step or (1.0 if about.kind is int else (high - low) / 100)
        slider = Slider(
            tr(about.label), low, high, step, tr(about.help), about.zero and tr(about.zero),
            percent=about.percent, good=about.good,
            typed=(about.limits or (low, high)) if about.kind is float else None,
        )  # fmt: skip
        slider.edited.connect(partial(self._number, about))
        self._column.addWidget(slider)
        return slider

    def _switched(self, name: str, switch: Switch) -> None:
        self.edited.emit(name, switch.isChecked())

    def _number(self, about: Parameter, value: float) -> None:
        self.edited.emit(about.name, int(value) if about.kind is int else value)
