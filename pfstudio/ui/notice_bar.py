"""Problems and choices above the status bar: one sentence, what to do, Details, Copy report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from pfstudio.ui import icons
from pfstudio.ui.errors import report
from pfstudio.ui.language import tr
from pfstudio.ui.notify import ERROR, GOOD, INFO, WARNING, Notice
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import Button, IconButton
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.labels import label, shortened
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import clear

MOST = 20  # notices that are kept
_ICONS = {
    INFO: ("info", "link"), GOOD: ("done", "good"),
    WARNING: ("warning", "warn"), ERROR: ("error", "danger"),
}  # fmt: skip


def copy_report(notice: Notice) -> None:
    """Put the report on the clipboard; nothing is sent anywhere."""
    QGuiApplication.clipboard().setText(report(notice))


class DetailsDialog(Dialog):
    """The details of a notice, to read and to copy."""

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(tr("Details"), parent, (680, 420))
        self._notice = notice
        words = [label(notice.text, "strong", wrap=True)]
        if notice.advice:
            words.append(label(notice.advice, colour="muted", wrap=True))
        text = QPlainTextEdit(report(notice))
        text.setReadOnly(True)
        text.setAccessibleName(tr("Report"))
        copy = Button(tr("Copy report"), "copy")
        copy.clicked.connect(self._copy)
        close = Button(tr("Close"))
        close.clicked.connect(self.accept)
        foot = fill(QHBoxLayout(), None, copy, close, spacing=-1)
        fill(QVBoxLayout(self), *words, (text, 1), foot, margins=(18, 18, 18, 18), spacing=10)

    @Slot()
    def _copy(self) -> None:
        copy_report(self._notice)


class NoticeBar(QFrame):
    """The newest notice that concerns the open page; the others wait behind it.

    It takes room of its own above the status bar, so it never lies over a control, and a click on
    it leaves the keyboard's focus where it is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notices: list[Notice] = []
        self._page = ""
        self._text = label("", "strong", wrap=True)
        self._advice = label("", colour="muted", wrap=True)
        self._more = label("", "small", "muted")
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        self.all = Button(tr("Dismiss all"), height=26)
        self.close_one = IconButton("close", tr("Dismiss"), side=24)
        for button in (self.all, self.close_one):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.all.clicked.connect(self.dismiss_all)
        self.close_one.clicked.connect(self.dismiss)
        words = fill(QVBoxLayout(), self._text, self._advice, spacing=1)
        fill(
            QHBoxLayout(self), (words, 1), self._buttons, self._more, self.all, self.close_one,
            margins=(42, 7, 10, 7), spacing=8,
        )  # fmt: skip
        self.hide()

    def shown(self) -> tuple[Notice, ...]:
        """What concerns the open page, the newest last."""
        return tuple(notice for notice in self.notices if notice.page in ("", self._page))

    @Slot(object)
    def add(self, notice: Notice) -> None:
        """Show one more; a sentence that is already there is not repeated."""
        same = (notice.text, notice.details, notice.page)
        others = [n for n in self.notices if (n.text, n.details, n.page) != same]
        self.notices = [*others, notice][-MOST:]
        self.refresh()

    def set_page(self, page: str) -> None:
        """Tell which page is open: notices of others wait until theirs is."""
        self._page = page
        self.refresh()

    @Slot()
    def dismiss(self) -> None:
        """Take away the one that is shown."""
        if shown := self.shown():
            self._drop(shown[-1:])

    @Slot()
    def dismiss_all(self) -> None:
        """Take away all that concern the open page."""
        self._drop(self.shown())

    def _drop(self, gone: Sequence[Notice]) -> None:
        self.notices = [notice for notice in self.notices if notice not in gone]
        self.refresh()

    def act(self, run: Callable[[], object], _: bool = False) -> None:
        """Do what a button of the shown notice offers."""
        self.dismiss()
        run()

    def refresh(self) -> None:
        """Show the newest of those that concern the open page."""
        clear(self._buttons)
        shown = self.shown()
        self.setVisible(bool(shown))
        if not shown:
            return
        notice = shown[-1]
        for words, text in ((self._text, notice.text), (self._advice, notice.advice)):
            words.setText(shortened(text))
            words.setToolTip(text if shortened(text) != text else "")
            words.setVisible(bool(text))
        self.setAccessibleName(notice.text)
        self.setProperty("level", notice.level)
        self.style().polish(self)
        for text, run in self._offers(notice):
            button = Button(text, height=26)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(run)
            self._buttons.addWidget(button)
        self._more.setText(tr("1 of {count}", count=len(shown)))
        self._more.setVisible(len(shown) > 1)
        self.all.setVisible(len(shown) > 1)
        self.update()

    def _offers(self, notice: Notice) -> list[tuple[str, Callable[[], object]]]:
        offers: list[tuple[str, Callable[[], object]]] = [
            (text, partial(self.act, run)) for text, run in notice.actions
        ]
        if notice.details:
            offers.append((tr("Details"), self.open_details))
        if notice.level == ERROR or notice.details:
            offers.append((tr("Copy report"), self._copy))
        return offers

    @Slot()
    def _copy(self) -> None:
        copy_report(self.shown()[-1])

    @Slot()
    def open_details(self) -> None:
        """Show the report of the notice."""
        DetailsDialog(self.shown()[-1], self.window()).show()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if shown := self.shown():
            icon, colour = _ICONS[shown[-1].level]
            place = QRectF(14, (self.height() - 18) / 2, 18, 18)
            icons.draw(QPainter(self), icon, place, getattr(tokens(), colour))
