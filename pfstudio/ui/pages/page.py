"""What a page of the window is. The ones that there are stand in `registry.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from pfstudio.core.errors import PfstudioError
from pfstudio.core.models import InstalledModel
from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.files.drop_zone import DropZone
from pfstudio.ui.files.find import paths_in
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.model_opener import is_checkpoint
from pfstudio.ui.player.player import Player

ROOMY = 1280  # width of a window with room for all panels side by side

Document = tuple[Path, int, dict[str, Any]]  # where it is stored, its version, plain JSON


class Page(QWidget):
    """A page, made when it is first opened or one of its jobs begins."""

    narrow = False  # there is room for a view and what belongs to it, not for every panel

    changed = Signal()  # its title, its files, or what its commands can do

    drop_zone: DropZone | None = None  # lit while files hang over the page

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.setAcceptDrops(True)

    def commands(self) -> Iterable[Command]:
        """What it adds to the menus, and what commands of others do while it is open."""
        return ()

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        """Tell which models are installed; comes before anything is shown."""

    def accept(self, paths: Sequence[Path]) -> None:
        """Files were dropped, pasted, or sent by another page."""
        for path in paths:
            self.context.open_path(path)

    def open_run(self, path: Path, image: int) -> bool:
        """Show a saved run at one of its images; False: it is not shown."""
        return False

    def take(self, data: QMimeData) -> None:
        """Something was dropped or pasted: checkpoints open where they belong, the rest here."""
        try:
            paths = paths_in(data)
        except PfstudioError as error:
            self.context.notifier.error(error)
            return
        checkpoints = [path for path in paths if is_checkpoint(path)]
        for path in checkpoints:
            self.context.open_model(path)
        if others := [path for path in paths if path not in checkpoints]:
            self.accept(others)

    def choose_model(self, name: str) -> None:
        """Take one of the models of `set_models`."""

    def adopt(self, handle: JobHandle) -> None:
        """The turn of a job has come that an earlier session left."""

    def title(self) -> str:
        """Words for the top right of the window."""
        return ""

    def saved_files(self) -> tuple[str, ...]:
        """What is looked at is saved in these files."""
        return ()

    def view_widget(self) -> QWidget | None:
        """What is looked at, for a picture of it."""
        return None

    def state(self) -> dict[str, Any]:
        """What the user arranged, as plain JSON."""
        return {}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Arrange as stored; what is unusable is passed over."""

    def kept(self) -> Iterable[Document]:
        """What is to be there again in the next session; asked for every few seconds."""
        return ()

    def busy_reason(self) -> str:
        """A sentence on what closing now would lose; "" if nothing."""
        return ""

    def shut_down(self) -> None:
        """The window closes: end what works beside it."""

    def fit(self) -> None:
        """`narrow` has changed."""

    def set_room(self, width: int) -> None:
        """Tell how wide the window is; also a page that is not open must fit into it."""
        if (width < ROOMY) is not self.narrow:
            self.narrow = not self.narrow
            self.fit()

    # -- files over the page -----------------------------------------------------------------------

    def _light(self, on: bool) -> None:
        if self.drop_zone is not None:
            self.drop_zone.set_waiting(on)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            self._light(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._light(False)
        self.take(event.mimeData())
        event.acceptProposedAction()


@dataclass(frozen=True)
class PageSpec:
    """A page as data."""

    key: str  # also of its commands and its stored state
    text: str
    icon: str
    make: Callable[[AppContext], Page]  # imports the page only now
    shortcut: str = ""
    tasks: tuple[str, ...] = ()  # names in `TASKS`: it shows their jobs
    needs: str = ""  # shown once a model for this task is installed; "": always
    commands: tuple[Command, ...] = ()  # that exist as soon as it is shown


def panel_command(command_id: str, panel: QWidget) -> Command:
    """Show a panel that is hidden, and hide one that is shown."""
    return Command(
        command_id, "", lambda: panel.setVisible(panel.isHidden()),
        checked=lambda: not panel.isHidden(),
    )  # fmt: skip


def time_commands(player: Player) -> tuple[Command, ...]:
    """Playing, and moving through what is shown."""
    return (
        Command("time.play", "", player.toggle),
        Command("time.next", "", player.next),
        Command("time.previous", "", player.previous),
        Command("time.jump_on", "", player.jump_on),
        Command("time.jump_back", "", player.jump_back),
        Command("time.first", "", player.first),
        Command("time.last", "", player.last),
    )
