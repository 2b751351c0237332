"""What is known of the chosen model, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pfstudio.core.card import ModelCard
from pfstudio.ui.language import tr
from pfstudio.ui.models.items import HERE, MOVING, TASKS, ModelItem, State, size_text
from pfstudio.ui.recipe.cost import seconds_text
from pfstudio.ui.widgets.buttons import DANGER, PRIMARY, Button
from pfstudio.ui.widgets.labels import Line, Surface, heading, label, set_colour, shortened
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.progress import ThinBar
from pfstudio.ui.widgets.scroll import clear, scrolling

WIDTH = 348
_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse


class ModelDetails(Surface):
    """The right side of the page."""

    download_wanted = Signal()
    pause_wanted = Signal()
    discard_wanted = Signal()
    verify_wanted = Signal()
    reveal_wanted = Signal()
    trash_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self._shown: tuple[object, ...] = ()
        self.title = label("", "title", wrap=True)
        self.about = label("", "body", "muted", wrap=True)
        self.leave = label("", "small", "warn", wrap=True)  # licence, or why nothing is fetched
        self.download = Button("", "download", kind=PRIMARY, centred=True)
        self.pause = Button(tr("Pause"), "pause", centred=True)
        self.discard = Button(tr("Cancel"), "close", kind=DANGER, centred=True)
        self.bar = ThinBar(tr("Progress of the download"), WIDTH - 36)
        self.speed = label("", "small", "muted")
        self.verify = Button(tr("Verify"), "check", centred=True)
        self.reveal = Button(tr("Show in folder"), "folder", centred=True)
        self.trash = Button(tr("Move to trash"), "trash")
        self.facts = QVBoxLayout()
        self.facts.setSpacing(3)
        for button, signal in (
            (self.download, self.download_wanted), (self.pause, self.pause_wanted),
            (self.discard, self.discard_wanted), (self.verify, self.verify_wanted),
            (self.reveal, self.reveal_wanted), (self.trash, self.trash_wanted),
        ):  # fmt: skip
            button.clicked.connect(signal)
        transfer = fill(
            QHBoxLayout(), (self.download, 1), (self.pause, 1), (self.discard, 1), spacing=8
        )
        here = fill(QHBoxLayout(), (self.verify, 1), (self.reveal, 1), spacing=8)
        inside = fill(
            QVBoxLayout(), self.title, self.about, 4, self.leave, transfer, self.bar, self.speed,
            here, 6, Line(), 6, self.facts, 10, self.trash, None,
            margins=(18, 18, 18, 18), spacing=8,
        )  # fmt: skip
        fill(QVBoxLayout(self), (scrolling(inside), 1))

    def show_item(self, item: ModelItem | None, leave: str, may_fetch: bool, memory: int) -> None:
        """Show a model.

        Args:
            item: None hides everything.
            leave: a sentence on its licence, or on why nothing can be fetched now.
            may_fetch: whether the network may be used.
            memory: bytes that it takes of the memory now; 0: it is not loaded.
        """
        self.setEnabled(item is not None)
        if item is None:
            return
        moving, here = item.state in MOVING, item.state in HERE
        accept = bool(leave) and may_fetch
        self.title.setText(shortened(item.title))
        self.about.setText(item.problem or _about(item))
        set_colour(self.about, "danger" if item.problem else "muted")
        self.leave.setText(leave)
        self.leave.setVisible(bool(leave) and not here)
        going_on = tr("Resume") if item.state is State.PAUSED else tr("Download")
        self.download.setText(tr("Accept and download") if accept else going_on)
        self.download.setAccessibleName(self.download.text())
        self.download.setEnabled(may_fetch)
        self.download.setVisible(not moving and not here)
        self.pause.setVisible(moving)
        self.pause.setEnabled(item.state is not State.INSTALLING)
        self.discard.setVisible(moving or item.state is State.PAUSED)
        self.discard.setEnabled(item.state is not State.INSTALLING)
        self.bar.setVisible(moving or item.done > 0)
        self.bar.show_progress(round(1000 * item.share), 1000)
        self.speed.setText(_speed(item))
        self.speed.setVisible(bool(self.speed.text()))
        set_colour(self.speed, "danger" if item.error else "muted")
        self.speed.setWordWrap(bool(item.error))
        self.verify.setVisible(item.model is not None)
        self.reveal.setVisible(here)
        self.trash.setVisible(item.state in (State.INSTALLED, State.BROKEN))
        self._show_facts([*_facts(item, memory)])

    def _show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        if self._shown == tuple(facts):
            return
        self._shown = tuple(facts)
        clear(self.facts)
        for name, value in facts:
            self.facts.addWidget(heading(name))
            words = label(shortened(value), "small", wrap=True)
            words.setTextInteractionFlags(_SELECTABLE)
            words.setToolTip(value if shortened(value) != value else "")
            words.setContentsMargins(0, 0, 0, 8)
            self.facts.addWidget(words)


def _about(item: ModelItem) -> str:
    if item.model is not None:
        return tr(TASKS.get(item.model.card.task, ""))
    return item.entry.note[:1].upper() + item.entry.note[1:] + "." if item.entry else ""


def _speed(item: ModelItem) -> str:
    """How a download goes, in words."""
    if item.error:
        return item.error
    if item.state is State.INSTALLING:
        return tr("Checking and converting…")
    if item.state is State.WAITING:
        return tr("Waiting for the download before it.")
    if item.state not in (State.FETCHING, State.PAUSED):
        return ""
    words = tr("{done} of {total}", done=size_text(item.done), total=size_text(item.total))
    if item.speed > 0:
        rest = seconds_text((item.total - item.done) / item.speed)
        words += " · " + tr("{speed}/s", speed=size_text(round(item.speed)))
        words += " · " + tr("{time} left", time=rest)
    return words


def _facts(item: ModelItem, memory: int) -> Iterator[tuple[str, str]]:
    """Names and values, as far as they are known."""
    if item.model is not None:
        yield tr("Size"), size_text(item.model.bytes)
        yield tr("In memory"), size_text(memory) if memory else tr("not loaded")
    elif item.entry is not None:
        entry = item.entry
        about = tr("about {size}", size=size_text(entry.about_bytes))
        yield tr("Size"), about
        yield tr("Licence"), entry.licence
        yield tr("From"), "\n".join(file.url for file in entry.files)
        sums = [file.sha256 for file in entry.files if file.sha256]
        yield tr("Check sum"), "\n".join(sums) or tr("not published")
        if entry.paper:
            yield tr("Paper"), entry.paper
    if item.folder is not None:
        yield tr("Folder"), str(item.folder).replace(str(Path.home()), "~", 1)
    if item.model is not None:
        yield from _of_card(item.model.card)


def _of_card(card: ModelCard) -> Iterator[tuple[str, str]]:
    yield tr("Network"), card.architecture
    if card.pixels:
        yield tr("Images"), tr("{side} px", side=card.pixels)
    if card.classes:
        names = ", ".join(card.classes[:3])
        yield tr("Classes"), tr("{count}: {names}, …", count=len(card.classes), names=names)
    known = (
        (tr("Licence"), card.licence), (tr("Trained on"), card.data),
        (tr("Training"), card.training), (tr("Limits"), card.limits), (tr("Paper"), card.paper),
        (tr("Check sum"), card.sha256),
    )  # fmt: skip
    for name, value in known:
        if value:
            yield name, value
