"""What raises inside a method that Qt calls is reported, and the window goes on."""

# ruff: noqa: N802

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView, QStyledItemDelegate, QWidget

import pfstudio.ui  # noqa: F401  # guards the classes below


class Mixed:
    """A mixin that is no class of Qt's, as `FocusRing`."""

    def focusInEvent(self, event: QEvent) -> None:
        1 / 0  # noqa: B018


class Broken(Mixed, QWidget):
    """Fails wherever it is asked."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WhatsThis:
            1 / 0  # noqa: B018
        return super().event(event)

    def sizeHint(self) -> QSize:
        return QSize(int(1 / 0), 1)

    def paintEvent(self, event: QEvent) -> None:
        painter = QPainter(self)
        painter.drawText(0, 0, str(1 / 0))

    def keyPressEvent(self, event: QEvent) -> None:
        {}["no such key"]


class BrokenFilter(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return event.type() == QEvent.Type.WhatsThis and bool(1 / 0)


class BrokenModel(QAbstractListModel):
    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 2

    def data(self, index: QModelIndex, role: int = 0) -> object:
        return 1 / 0 if role == Qt.ItemDataRole.DisplayRole else None


class BrokenDelegate(QStyledItemDelegate):
    def paint(self, *arguments: object) -> None:
        1 / 0  # noqa: B018


class BrokenEngine(QIconEngine):
    def paint(self, *arguments: object) -> None:
        1 / 0  # noqa: B018


@pytest.fixture
def caught(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What came to the exception hook."""
    errors: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, where: errors.append(error))
    return errors


def kinds(caught: list[BaseException]) -> set[type]:
    found = {type(error) for error in caught}
    caught.clear()
    return found


def test_a_widget_that_fails(qapp: QApplication, caught: list[BaseException]) -> None:
    widget = Broken()
    widget.adjustSize()
    assert kinds(caught) == {ZeroDivisionError}  # sizeHint
    widget.resize(20, 20)
    widget.grab()
    assert kinds(caught) == {ZeroDivisionError}  # paintEvent
    QTest.keyClick(widget, Qt.Key.Key_A)
    assert kinds(caught) == {KeyError}
    qapp.sendEvent(widget, QEvent(QEvent.Type.FocusIn))
    qapp.sendEvent(widget, QEvent(QEvent.Type.WhatsThis))
    assert len(caught) >= 1
    assert kinds(caught) == {ZeroDivisionError}


def test_an_event_filter_that_fails(qapp: QApplication, caught: list[BaseException]) -> None:
    watched, filter_ = QObject(), BrokenFilter()
    watched.installEventFilter(filter_)
    assert not qapp.sendEvent(watched, QEvent(QEvent.Type.WhatsThis))
    assert kinds(caught) == {ZeroDivisionError}


@pytest.mark.parametrize("delegate", [QStyledItemDelegate, BrokenDelegate])
def test_a_model_and_a_delegate_that_fail(
    qapp: QApplication, caught: list[BaseException], delegate: type
) -> None:
    view, model = QListView(), BrokenModel()
    view.setModel(model)
    view.setItemDelegate(delegate(view))
    view.grab()
    assert kinds(caught) == {ZeroDivisionError}


def test_an_icon_that_fails(qapp: QApplication, caught: list[BaseException]) -> None:
    QIcon(BrokenEngine()).pixmap(20, 20)
    assert kinds(caught) == {ZeroDivisionError}
