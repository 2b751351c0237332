"""Asks how a checkpoint was trained that does not say it: its direction of time, and its route."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from pfstudio.core.routes import Route
from pfstudio.ui.language import tr
from pfstudio.ui.widgets.buttons import PRIMARY, Button, Switch
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider

FROM_IMAGE, FROM_NOISE = "image", "noise"
FIRST, BEFORE_END, SHARE = 3, 3, 50  # TREAD's rule of thumb: blocks 3 to the fourth last, 50 %


class DirectionDialog(Dialog):
    """One question with two answers, and what follows from each."""

    answered = Signal(bool, tuple)  # time runs from the image to noise; routes

    def __init__(self, path: Path, blocks: int, parent: QWidget) -> None:
        super().__init__(path.name, parent)
        self.setModal(True)
        self.setMinimumWidth(520)
        question = label(tr("Which way does its time run?"), "strong", wrap=True)
        why = tr(
            "{name} fits either direction and does not say which is its own. Read the wrong way it "
            "makes nothing but noise. The answer is kept beside it, as {kept}, so that you are "
            "asked only once.",
            name=path.name, kept=f"{path.name}.json",
        )  # fmt: skip
        answers = (
            (FROM_IMAGE, tr("From the image to noise")),
            (FROM_NOISE, tr("From noise to the image")),
        )
        self.direction = Segmented(question.text(), answers, room=math.inf)
        self.direction.set_key(FROM_IMAGE)
        follows = (
            tr("Image to noise, as TREAD trains: its times and its velocity are turned round."),
            tr("Noise to image, as Patch Forcing and SiT train: it is used as it is."),
        )
        self.routed = Switch(tr("Patches skipped blocks in its training (TREAD)"))
        sparse = tr(
            "On, Sparse Guidance can be used with it. If you do not know, leave it off: everything "
            "else works."
        )
        end = max(1, blocks - BEFORE_END)
        self.start = _number(tr("From block"), 1, blocks, min(FIRST, end))
        self.end = _number(tr("To block"), 1, blocks, end)
        self.share = _number(tr("Share that skips them, %"), 5, 95, SHARE)
        for choice in (self.start, self.end, self.share):
            choice.hide()
            self.routed.toggled.connect(choice.setVisible)
        self.routed.toggled.connect(self._check)
        self.start.edited.connect(self._check)
        self.end.edited.connect(self._check)
        self.cancel = Button(tr("Cancel"))
        self.accept_button = Button(tr("Open"), "check", kind=PRIMARY)
        self.cancel.clicked.connect(self.reject)
        self.accept_button.clicked.connect(self._answer)
        self.accept_button.setDefault(True)
        foot = fill(QHBoxLayout(), (None, 1), self.cancel, self.accept_button, spacing=8)
        fill(
            QVBoxLayout(self), question, _small(why), self.direction, *map(_small, follows), 6,
            self.routed, _small(sparse), self.start, self.end, self.share, (None, 1), 8, foot,
            margins=(18, 16, 18, 16), spacing=10,
        )  # fmt: skip

    def _check(self) -> None:
        """A route ends after it begins."""
        right = not self.routed.isChecked() or self.start.number() <= self.end.number()
        self.accept_button.setEnabled(right)
        why = "" if right else tr("Let the first block come before the last.")
        self.accept_button.setToolTip(why)

    def _answer(self) -> None:
        routes: tuple[Route, ...] = ()
        if self.routed.isChecked():
            start, end, share = (
                round(choice.number()) for choice in (self.start, self.end, self.share)
            )
            routes = (Route(start, end, share / 100),)
        self.answered.emit(self.direction.key() == FROM_IMAGE, routes)
        self.accept()


def _small(words: str) -> QLabel:
    return label(words, "small", "muted", wrap=True)


def _number(name: str, low: int, high: int, value: int) -> Slider:
    slider = Slider(name, low, high, 1)
    slider.set_number(value)
    return slider
