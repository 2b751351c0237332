"""Notices in the corner of the window: one plain sentence, what to do, Details, Copy report."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from pfstudio.ui import icons
from pfstudio.ui.errors import report
from pfstudio.ui.notify import ERROR, GOOD, INFO, WARNING, Notice
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import Button, IconButton
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill

SHOWN_MS = {INFO: 6000, GOOD: 4000}  # warnings and errors stay until they are closed
MOST = 4
WIDTH = 380
_ICONS = {
    INFO: ("info", "link"), GOOD: ("done", "good"),
    WARNING: ("warning", "warn"), ERROR: ("error", "danger"),
}  # fmt: skip


def copy_report(notice: Notice) -> None:
    """Put the report on the clipboard; nothing is sent anywhere."""
    QGuiApplication.clipboard().setText(report(notice))


class DetailsDialog(QDialog):
    """The details of a notice, to read and to copy."""

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Details")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 420)
        self._notice = notice
        words = [label(notice.text, "strong", wrap=True)]
        if notice.advice:
            words.append(label(notice.advice, colour="muted", wrap=True))
        text = QPlainTextEdit(report(notice))
        text.setReadOnly(True)
        text.setAccessibleName("Report")
        copy = Button("Copy report", "copy")
        copy.clicked.connect(self._copy)
        close = Button("Close")
        close.clicked.connect(self.accept)
        foot = fill(QHBoxLayout(), None, copy, close, spacing=-1)
        fill(QVBoxLayout(self), *words, (text, 1), foot, margins=(18, 18, 18, 18), spacing=10)

    @Slot()
    def _copy(self) -> None:
        copy_report(self._notice)


class Toast(QFrame):
    """One notice. `closed` when the user or its time ended it."""

    closed = Signal(object)

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setFixedWidth(WIDTH)
        self.setProperty("level", notice.level)
        self.setAccessibleName(notice.text)
        column = fill(QVBoxLayout(self), margins=(42, 11, 10, 12), spacing=3)
        top = QHBoxLayout()
        top.addWidget(label(notice.text, "strong", wrap=True), 1)
        close = IconButton("close", "Dismiss", side=22)
        close.clicked.connect(self.close_now)
        top.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        if notice.advice:
            column.addWidget(label(notice.advice, colour="muted", wrap=True))
        self._add_buttons(column)
        if notice.level in SHOWN_MS and not notice.actions:
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.timeout.connect(self.close_now)
            timer.start(SHOWN_MS[notice.level])

    def _add_buttons(self, column: QVBoxLayout) -> None:
        buttons: list[tuple[str, Callable[[], None]]] = [
            (text, partial(self._act, run)) for text, run in self.notice.actions
        ]
        if self.notice.details:
            buttons.append(("Details", self._details))
        if self.notice.level == ERROR:
            buttons.append(("Copy report", self._copy))
        line = fill(QHBoxLayout(), margins=(0, 7, 0, 0), spacing=6)
        for text, run in buttons:
            button = Button(text, height=26)
            button.clicked.connect(run)
            line.addWidget(button)
        line.addStretch()
        if buttons:
            column.addLayout(line)

    def _act(self, run: Callable[[], None], _: bool = False) -> None:
        self.close_now()
        run()

    @Slot()
    def _details(self) -> None:
        DetailsDialog(self.notice, self.window()).show()

    @Slot()
    def _copy(self) -> None:
        copy_report(self.notice)

    @Slot()
    def close_now(self) -> None:
        """Take it away."""
        self.closed.emit(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        icon, colour = _ICONS[self.notice.level]
        icons.draw(QPainter(self), icon, QRectF(14, 14, 18, 18), getattr(tokens(), colour))


class ToastStack(QObject):
    """Stacks toasts over the lower right corner of a widget, the newest at the bottom."""

    def __init__(self, host: QWidget, bottom: int) -> None:
        super().__init__(host)
        self._host = host
        self._bottom = bottom
        self.toasts: list[Toast] = []
        host.installEventFilter(self)

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Show one more; a sentence that is already there is not repeated."""
        for toast in self.toasts:
            if toast.notice.text == notice.text and toast.notice.details == notice.details:
                self._remove(toast)
                break
        while len(self.toasts) >= MOST:
            self._remove(self.toasts[0])
        toast = Toast(notice, self._host)
        toast.closed.connect(self._remove)
        self.toasts.append(toast)
        toast.show()
        self._place()

    @Slot(object)
    def _remove(self, toast: Toast) -> None:
        if toast in self.toasts:
            self.toasts.remove(toast)
            toast.hide()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        y = self._host.height() - self._bottom - 14
        for toast in reversed(self.toasts):
            height = toast.heightForWidth(WIDTH) if toast.hasHeightForWidth() else 0
            toast.resize(WIDTH, max(height, toast.sizeHint().height()))
            y -= toast.height()
            toast.move(self._host.width() - WIDTH - 14, y)
            toast.raise_()
            y -= 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
