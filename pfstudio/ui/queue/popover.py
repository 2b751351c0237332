"""The queue as a list: what runs, what waits; order, remove, cancel this or all others."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.tasks import kind_of
from pfstudio.ui.jobs import JobHandle, Jobs
from pfstudio.ui.widgets.buttons import DANGER, Button, IconButton
from pfstudio.ui.widgets.labels import Line, heading, label
from pfstudio.ui.widgets.popover import Popover
from pfstudio.ui.widgets.scroll import scrolling

WIDTH = 400


class QueuePopover(Popover):
    """Shows what waits and runs."""

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        super().__init__("Queue", parent)
        self._jobs = jobs
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 14)
        column.setSpacing(8)
        column.addWidget(heading("Queue"))
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 6, 0)
        self._rows.setSpacing(2)
        self._scroll = scrolling(self._rows)
        column.addWidget(self._scroll)
        column.addWidget(Line())
        line = QHBoxLayout()
        self.resume = Button("Run what was left")
        self.resume.clicked.connect(jobs.run_restored)
        self.clear = Button("Remove all waiting", "trash")
        self.clear.clicked.connect(jobs.clear)
        self.stop = Button("Stop the run", "stop", kind=DANGER)
        self.stop.clicked.connect(jobs.stop)
        for button in (self.resume, self.clear, self.stop):
            line.addWidget(button)
        line.addStretch()
        column.addLayout(line)
        jobs.changed.connect(self._on_changed)
        jobs.phase_changed.connect(self._on_changed)
        self.refresh()

    @Slot()
    def _on_changed(self) -> None:
        if self.isVisible():  # whoever opens it refreshes it
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Write the list anew."""
        while (item := self._rows.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()
        running, waiting = self._jobs.running, self._jobs.waiting
        if running is not None:
            self._rows.addWidget(self._row(running, "running"))
        for place, handle in enumerate(waiting):
            state = "from the last session" if handle.restored else "next" if place == 0 else ""
            self._rows.addWidget(self._row(handle, state))
        if running is None and not waiting:
            self._rows.addWidget(label("Nothing runs and nothing waits.", ink="muted"))
        self._rows.addStretch()
        self.resume.setVisible(bool(self._jobs.restored))
        self.clear.setEnabled(bool(waiting))
        self.stop.setEnabled(running is not None)
        rows = max(1, len(waiting) + (running is not None))
        self._scroll.setFixedHeight(min(rows, 7) * 46 + 4)

    def _row(self, handle: JobHandle, state: str) -> QWidget:
        task = kind_of(handle.request)
        what, how = task.title(handle.request), task.settings(handle.request)
        row = QWidget()
        row.setFixedHeight(44)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(f"{what} · {state}" if state else what))
        words.addWidget(label(how, "small", "muted"))
        line.addLayout(words, 1)
        if handle is not self._jobs.running:
            for icon, name, by in (("arrow-up", "Earlier", -1), ("arrow-down", "Later", 1)):
                button = IconButton(icon, f"{name}: {what}")
                button.clicked.connect(partial(self._move, handle, by))
                line.addWidget(button)
            remove = IconButton("close", f"Remove: {what}")
            remove.clicked.connect(partial(self._remove, handle))
            line.addWidget(remove)
        return row

    def _move(self, handle: JobHandle, by: int, _: bool = False) -> None:
        self._jobs.move(handle, self._jobs.waiting.index(handle) + by)

    def _remove(self, handle: JobHandle, _: bool = False) -> None:
        handle.cancel()
