"""The generators at hand in figures: what a call costs, computed and measured on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from pfstudio.core.card import ModelCard
from pfstudio.core.conditions import DEFAULT_CONDITIONS
from pfstudio.core.guidance import NoGuidance
from pfstudio.core.jobs import Estimated
from pfstudio.core.models import InstalledModel
from pfstudio.core.probes import BEST_LAYER
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill

HEADINGS = (
    (QT_TR_NOOP("Model"), ""),
    (QT_TR_NOOP("Network"), QT_TR_NOOP("Its kind, as cards name it")),
    (QT_TR_NOOP("Times"), QT_TR_NOOP("Whether each patch may have a time of its own")),
    (QT_TR_NOOP("Pixels"), QT_TR_NOOP("Side of its images")),
    (QT_TR_NOOP("Parameters"), QT_TR_NOOP("Numbers in its weights, millions")),
    ("GFLOP", QT_TR_NOOP("Operations of a network call, two per multiply-add")),
    (QT_TR_NOOP("ms per call"), QT_TR_NOOP("Measured on this machine, for one image")),
    (
        QT_TR_NOOP("Best probe layer"),
        QT_TR_NOOP("Where classes are told best, by the figures of the model's card"),
    ),
)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CALLS = 8
_FIRST_NUMBER, _FIRST_MEASURED = 3, 5  # columns


class BackbonesView(QWidget):
    """A row a generator; the button asks the engine for what is not known yet."""

    def __init__(self, jobs: Jobs, models: Sequence[InstalledModel]) -> None:
        super().__init__()
        self._jobs = jobs
        self.models = tuple(model for model in models if model.card.task == "generate")
        self._asked: list[GenerateRequest] = []  # the first one is being answered
        self.table = QTableWidget(len(self.models), len(HEADINGS))
        self.table.setAccessibleName(tr("Backbones"))
        self.measure = Button(tr("Measure on this machine"), "play")
        self.measure.clicked.connect(self.ask)
        self._build()
        words = label(
            tr("What the networks of the installed generators cost. Seconds are measured here."),
            "small", "muted", wrap=True,
        )  # fmt: skip
        bar = fill(QHBoxLayout(), (words, 1), self.measure, spacing=16)
        fill(QVBoxLayout(self), bar, (self.table, 1), spacing=10)
        jobs.estimated.connect(self._on_estimated)

    def _build(self) -> None:
        table = self.table
        for column, (words, tip) in enumerate(HEADINGS):
            item = QTableWidgetItem(tr(words))
            item.setToolTip(tr(tip) if tip else "")
            item.setTextAlignment(_RIGHT if column >= _FIRST_NUMBER else Qt.AlignmentFlag.AlignLeft)
            table.setHorizontalHeaderItem(column, item)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setTabKeyNavigation(False)
        for row, model in enumerate(self.models):
            card = model.card
            times = tr("one per patch") if card.time == "per patch" else tr("one per image")
            millions = number(model.parameters / 1e6, ".1f") if model.parameters else "–"
            cells = (
                card.title or model.name, card.architecture, times, str(card.pixels or "–"),
                millions, "–", "–", _best_layer(card),
            )  # fmt: skip
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                if column >= _FIRST_NUMBER:
                    item.setTextAlignment(_RIGHT)
                table.setItem(row, column, item)

    @Slot()
    def ask(self) -> None:
        """Ask what a call of each costs, one after the other."""
        self._asked = [
            GenerateRequest(
                model=model.name,
                conditions=(DEFAULT_CONDITIONS[model.card.condition],),
                sampler=Euler(_CALLS),
                guidance=NoGuidance(),
            )
            for model in self.models
        ]
        self._next()

    def _next(self) -> None:
        self.measure.setEnabled(not self._asked)
        self.measure.setText(tr("Measuring…") if self._asked else tr("Measure on this machine"))
        if self._asked:
            self._jobs.estimate(self._asked[0], timed=True)

    @Slot(object)
    def _on_estimated(self, answer: Estimated) -> None:
        if not self._asked or answer.request != self._asked[0] or not answer.timed:
            return
        names = [model.name for model in self.models]
        self._show(names.index(answer.request.model), answer)
        self._asked.pop(0)
        self._next()

    def _show(self, row: int, answer: Estimated) -> None:
        known = not answer.problem and answer.nfe > 0
        words = "–", "–"
        if known:
            seconds = answer.seconds
            per_call = "–" if seconds is None else number(1000 * seconds / answer.nfe, ".1f")
            words = number(1000 * answer.tflop / answer.nfe, ".3g"), per_call
        for column, text in enumerate(words, _FIRST_MEASURED):
            item = self.table.item(row, column)
            if item is not None:
                item.setText(text)
                item.setToolTip(answer.problem or text)


def _best_layer(card: ModelCard) -> str:
    """What the card says of it, e.g. "layer 4, time 0.7"."""
    told = (str(value) for name, value in card.quality.items() if name.startswith(BEST_LAYER))
    return next(told, "–")
