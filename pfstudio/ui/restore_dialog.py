"""Shows what restoring a dropped file would change, before it changes anything."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from pfstudio.ui.files.find import thumbnail
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.restore import Change, Dropped, Restored
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import PRIMARY, Button
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.labels import heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import box, painter_of

THUMBNAIL = 200


class _Thumbnail(QWidget):
    """The dropped picture, small."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._image, _ = thumbnail(path, 2 * THUMBNAIL)
        self.setFixedSize(THUMBNAIL, THUMBNAIL)
        self.setAccessibleName(tr("The dropped image"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        box(painter, QRectF(self.rect()), tokens().base, tokens().border, tokens().radius)
        if self._image is None:
            return
        place = QRectF(self.rect()).adjusted(6, 6, -6, -6)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)


class RestoreDialog(Dialog):
    """Asks whether to restore a recipe, or to start from the picture instead."""

    restore_wanted = Signal()
    exact_wanted = Signal()  # restore, and compute exactly as then
    start_wanted = Signal()  # use the picture as a start picture

    def __init__(
        self,
        dropped: Dropped,
        changes: tuple[Change, ...],
        back: Restored | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(dropped.path.name, parent)
        self.setModal(True)
        self.setMinimumWidth(620 if dropped.recipe else 460)
        ours = dropped.recipe is not None
        words = fill(
            QVBoxLayout(), label(_title(dropped, len(changes)), "strong", wrap=True), spacing=10
        )
        notices = (*back.notices, back.refusal) if back else ()
        for notice in filter(None, notices):
            words.addWidget(label(notice, "small", "warn", wrap=True))
        if changes:
            words.addWidget(_table(changes), 1)
        if not ours:
            text = tr(
                "Frozen patches keep their part of it; a start time above 0 keeps some of it all."
            )
            words.addWidget(label(text, "small", "muted", wrap=True))
        words.addStretch(0 if changes else 1)
        upper = QHBoxLayout()
        upper.setSpacing(16)
        if dropped.is_picture:
            upper.addWidget(_Thumbnail(dropped.path), 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(words, 1)
        fill(
            QVBoxLayout(self), (upper, 1), self._buttons(dropped, back, ours and bool(changes)),
            margins=(18, 16, 18, 16), spacing=14,
        )  # fmt: skip

    def _buttons(self, dropped: Dropped, back: Restored | None, can_restore: bool) -> QHBoxLayout:
        kind = "plain" if can_restore else PRIMARY
        self.start = Button(tr("Use as start image"), "image", kind=kind)
        self.restore = Button(tr("Restore the recipe"), "check", kind=PRIMARY)
        self.exact = Button(tr("Reproduce exactly"))
        self.cancel = Button(tr("Cancel"))
        exact, refusal = (back.exact, back.refusal) if back else (None, "")
        self.exact.setVisible(exact is not None or bool(refusal))
        self.exact.setEnabled(exact is not None)
        then = exact and exact.compute.execution
        words = (
            tr("Also computes as that run did: {sentence}", sentence=tr_sentence(then.sentence))
            if then
            else refusal
        )
        self.exact.setToolTip(words)
        self.exact.setAccessibleDescription(words)
        self.start.setVisible(dropped.is_picture)
        self.restore.setVisible(can_restore)
        self.start.clicked.connect(self._start)
        self.restore.clicked.connect(self._restore)
        self.exact.clicked.connect(self._exactly)
        self.cancel.clicked.connect(self.reject)
        foot = fill(
            QHBoxLayout(), (None, 1), self.cancel, self.start, self.exact, self.restore, spacing=8
        )
        self._primary = self.restore if can_restore else self.start
        self._primary.setFocus()
        return foot

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._primary.isVisible():
            self._primary.click()
        else:
            super().keyPressEvent(event)

    def _start(self) -> None:
        self.start_wanted.emit()
        self.accept()

    def _exactly(self) -> None:
        self.exact_wanted.emit()
        self.accept()

    def _restore(self) -> None:
        self.restore_wanted.emit()
        self.accept()


def _title(dropped: Dropped, changes: int) -> str:
    name = dropped.path.name
    if dropped.recipe is None:
        return tr("{name} contains no generation settings. Start from this image?", name=name)
    if not changes:
        return tr("The recipe of {name} is the one that is set already.", name=name)
    return tr(
        "Restore the recipe of {name}? It changes %n settings; Undo brings back yours.",
        "",
        changes,
        name=name,
    )


def _table(changes: tuple[Change, ...]) -> QScrollArea:
    content = QWidget()
    grid = QGridLayout(content)
    grid.setContentsMargins(12, 10, 12, 10)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(7)
    for column, words in enumerate((tr("Setting"), tr("Now"), tr("Then"))):
        grid.addWidget(heading(words), 0, column)
    for row, change in enumerate(changes, 1):
        colours = (("small", "muted"), ("small", "muted"), ("small", "text"))
        texts = (change.label, change.now, change.then)
        for column, (text, (role, colour)) in enumerate(zip(texts, colours, strict=True)):
            cell = label(text, role, colour, wrap=column > 0)
            grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignTop)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(2, 1)
    grid.setRowStretch(len(changes) + 1, 1)
    area = QScrollArea()
    area.setAccessibleName(tr("What would change"))
    area.setWidgetResizable(True)
    area.setWidget(content)
    area.setMinimumHeight(min(60 + 26 * len(changes), 320))
    return area
