"""The main window: rail, pages, menus, status bar, notices; what persists; a clean end."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMenuBar,
    QStackedWidget,
    QSystemTrayIcon,
    QVBoxLayout,
    QWidget,
)

from pfstudio.core.application import APP_NAME
from pfstudio.core.models import InstalledModel, broken_models, installed_models
from pfstudio.core.paths import config_folder
from pfstudio.core.settings import Settings, read_document
from pfstudio.core.tasks import kind_of
from pfstudio.ui import icons, language, theme
from pfstudio.ui.commands import Command, Commands
from pfstudio.ui.context import AppContext
from pfstudio.ui.debounce import Debouncer
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.keeper import Keeper
from pfstudio.ui.language import tr
from pfstudio.ui.model_opener import ModelOpener
from pfstudio.ui.navigation import NavigationRail
from pfstudio.ui.notice_bar import NoticeBar
from pfstudio.ui.notify import WARNING, Notice, Notifier
from pfstudio.ui.pages.page import Page, PageSpec
from pfstudio.ui.pages.registry import PAGES
from pfstudio.ui.recovery import recover_interrupted
from pfstudio.ui.status_bar import StatusBar
from pfstudio.ui.view_models.settings import SettingsModel
from pfstudio.ui.view_picture import view_commands
from pfstudio.ui.widgets.dialog import FRAME, fitting
from pfstudio.ui.widgets.labels import Elided, Line, Surface, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.reading_order import ReadingOrder
from pfstudio.ui.window_commands import window_commands
from pfstudio.ui.worker import MakeRunner, make_engine_runner

if TYPE_CHECKING:  # the window starts without it
    from pfstudio.ui.queue.popover import QueuePopover

log = logging.getLogger(__name__)

LAYOUT_VERSION = 1
FIRST_SIZE = QSize(1600, 1000)
MINIMUM = QSize(1000, 600) - FRAME  # fits the smallest screen with its frame
KEEP_MS = 3000


def layout_path() -> Path:
    """Where the arrangement of window and pages is kept, apart from the settings."""
    return config_folder() / "layout.json"


class MainWindow(ReadingOrder, QMainWindow):
    """Owns jobs and pages. `start()` once it is visible; closing ends everything."""

    painted = Signal()  # for the first time: the window is on the screen

    def __init__(
        self,
        make_runner: MakeRunner = make_engine_runner,
        notifier: Notifier | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._painted = self._leaving = False
        self.setWindowTitle(APP_NAME)
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(MINIMUM)
        self.setAcceptDrops(True)
        self.notifier = notifier or Notifier(self)
        self.settings = SettingsModel(self.notifier, self)
        language.use(self.settings.settings.language)  # before anything shows words
        self.jobs = Jobs(self.notifier, make_runner, self)
        self.commands = Commands(self, self.settings)
        self.models = ModelOpener(self.notifier, self._on_model, self)
        self.context = AppContext(
            self.jobs, self.settings, self.notifier, self.commands, self.open_page,
            self.open_path, self.open_run, self.models.open, self.send_files, self.find_models,
            self.tell_desktop,
        )  # fmt: skip
        self.pages: dict[str, PageSpec] = {}  # in the rail
        self.page_key = ""
        self._made: dict[str, Page] = {}
        self._models: tuple[InstalledModel, ...] = ()
        self._layout: dict[str, Any] = {}
        self._tray: QSystemTrayIcon | None = None
        self._keeper = Keeper()
        self._keeping = QTimer(self, interval=KEEP_MS)
        self._keeping.timeout.connect(self._keep)
        self._closing = QTimer(self, interval=100)
        self._closing.timeout.connect(self._close_if_idle)
        self._build()
        self.notifier.posted.connect(self._on_notice)
        self._listen()
        self.settings.announce()
        self._restore_layout()
        self.commands.add(
            *window_commands(self.context, self, paste=self.paste, open_queue=self.open_queue),
            *view_commands(self, self.notifier, self._view),
        )
        self.set_models(installed_models())
        for folder, sentence in broken_models():
            log.warning("model folder %s: %s", folder, sentence)
            self.notifier.say(sentence, level=WARNING)
        self.open_page(PAGES[0].key)
        self._menus_debouncer.flush()  # menus that come later would move the page

    def _build(self) -> None:
        self.rail = NavigationRail()
        self.stack = QStackedWidget()
        self.notices = NoticeBar()
        self.status = StatusBar(self.jobs)
        self.title = Elided("body")
        self.title.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.menus = QMenuBar()
        top = Surface("base")
        name = label(APP_NAME, "strong")
        fill(QHBoxLayout(top), name, self.menus, (self.title, 1), margins=(14, 0, 14, 0), spacing=8)
        self.setMenuWidget(top)
        line = fill(QHBoxLayout(), self.rail, Line(vertical=True), (self.stack, 1))
        content = QWidget()
        fill(QVBoxLayout(content), Line(), (line, 1), self.notices, Line(), self.status)
        self.setCentralWidget(content)

    def _listen(self) -> None:
        jobs = self.jobs
        QApplication.styleHints().colorSchemeChanged.connect(self._on_desktop_scheme)
        self.settings.changed.connect(self._on_settings)
        self.rail.chosen.connect(self.open_page)
        self.rail.settings_asked.connect(self._open_settings)
        self.status.queue.clicked.connect(self.open_queue)
        self._menus_debouncer = Debouncer(self)
        self.commands.changed.connect(self._menus_debouncer.ask)
        self._menus_debouncer.due.connect(partial(self.commands.fill, self.menus))
        jobs.phase_changed.connect(self.commands.refresh_soon)
        jobs.changed.connect(self.commands.refresh_soon)
        jobs.adopted.connect(self._on_adopted)

    # -- pages -----------------------------------------------------------------------------------

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        """Tell which models are installed: pages that need one appear with it."""
        self._models = tuple(models)
        tasks = {model.card.task for model in models}
        fresh = [
            spec for spec in PAGES
            if spec.key not in self.pages and (not spec.needs or spec.needs in tasks)
        ]  # fmt: skip
        for spec in fresh:
            self.pages[spec.key] = spec
            self.rail.add(spec.key, tr(spec.text), spec.icon)
        self.commands.add(
            *(
                Command(f"page.{spec.key}", tr("{page} page", page=tr(spec.text)),
                        partial(self.open_page, spec.key), "View", spec.shortcut, place=-1)
                for spec in fresh
            ),
            *(replace(one, text=tr(one.text)) for spec in fresh for one in spec.commands),
        )  # fmt: skip
        for page in self._made.values():
            page.set_models(self._models)

    @Slot()
    def find_models(self) -> None:
        """Look again at what is installed; checkpoints that were opened stay."""
        opened = [model for model in self._models if model.name != model.folder.name]
        self.set_models([*installed_models(), *opened])

    def _view(self) -> QWidget | None:
        page = self._made.get(self.page_key)
        return page.view_widget() if page is not None else None

    def page(self, key: str) -> Any:  # each page has parts of its own
        """A page, made now if need be."""
        if key not in self._made:
            spec = next(spec for spec in PAGES if spec.key == key)
            self._made[key] = page = spec.make(
                replace(self.context, notifier=self.notifier.of_page(key))
            )
            self.stack.addWidget(page)
            self.commands.add_page(key, page.commands())
            page.set_models(self._models)
            state = self._layout.get(key)
            page.restore_state(state if isinstance(state, dict) else {})
            page.set_room(self.width())
            page.changed.connect(self.commands.refresh)
            page.changed.connect(self.show_title)
        return self._made[key]

    @Slot(str)
    def open_page(self, key: str, state: Mapping[str, Any] | None = None) -> None:
        """Go to a page, arranged as its `restore_state` is told."""
        self.stack.setCurrentWidget(self.page(key))
        self.rail.set_current(key)
        self.page_key = key
        self.commands.set_page(key)
        self.notices.set_page(key)
        if state:
            self.page(key).restore_state(dict(state))
        self.show_title()

    @Slot(object)
    def _on_adopted(self, handle: JobHandle) -> None:
        """A job of an earlier session begins: the pages that show its kind must know of it."""
        kind = kind_of(handle.request).name
        for spec in PAGES:
            if kind in spec.tasks:
                self.page(spec.key).adopt(handle)

    @Slot()
    def show_title(self) -> None:
        """Say what is looked at, and whether it is saved."""
        page = self._made.get(self.page_key)
        if page is not None:
            title = page.title()
            self.title.say(title)
            self.setWindowTitle(" — ".join(filter(None, (title, APP_NAME))))
            self.status.show_files(page.saved_files())

    # -- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """What can wait until the window is visible: worker, memory figure, interrupted runs."""
        self.jobs.engine.start()
        self.status.start()
        self._keeping.start()
        recover_interrupted(self.notifier, self.open_path)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for page in self._made.values():
            page.set_room(self.width())
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The worker keeps the run's calls and the queue; only what a page says would be lost."""
        reasons = [reason for page in self._made.values() if (reason := page.busy_reason())]
        if reasons and not self._leaving:
            event.ignore()
            leave = (
                (tr("Close when finished"), self._closing.start),
                (tr("Close anyway"), self._leave),
            )
            self.notifier.post(Notice(WARNING, " ".join(reasons), actions=leave))
            return
        self._keeping.stop()
        self._closing.stop()
        self._keep()
        self.status.stop()
        self.models.stop()
        for page in self._made.values():
            page.shut_down()
        self.jobs.engine.stop()
        super().closeEvent(event)

    @Slot()
    def _close_if_idle(self) -> None:
        if not any(page.busy_reason() for page in self._made.values()):
            self.close()

    def _leave(self) -> None:
        self._leaving = True
        self.close()

    # -- what persists ---------------------------------------------------------------------------

    def _restore_layout(self) -> None:
        self._layout, notice = read_document(layout_path(), LAYOUT_VERSION)
        if notice:
            self.notifier.say(notice, level=WARNING)
        geometry = self._layout.get("window")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "replace")))
        else:
            self.resize(fitting(FIRST_SIZE, self))

    @Slot()
    def _keep(self) -> None:
        """Store the layout and what the pages keep, where it changed since the last time."""
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        states = {key: page.state() for key, page in self._made.items()}
        layout = {**self._layout, **states, "window": geometry}
        self._keeper.keep(layout_path(), LAYOUT_VERSION, layout)
        for page in self._made.values():
            for path, version, data in page.kept():
                self._keeper.keep(path, version, data)

    # -- what the user meets ---------------------------------------------------------------------

    @Slot(object)
    def _on_settings(self, settings: Settings) -> None:
        self.jobs.set_live_budget(settings.preview_share)
        theme.follow(settings.theme)

    @Slot(object)
    def _on_notice(self, notice: Notice) -> None:
        (self.notices.add if notice.needs_answer else self.status.say)(notice)

    @Slot()
    def _on_desktop_scheme(self) -> None:
        """The desktop went dark or light."""
        if self.settings.settings.theme == "system":
            theme.follow("system")

    @Slot()
    def _open_settings(self) -> None:
        self.commands.action("edit.settings").trigger()

    @cached_property
    def queue_popover(self) -> QueuePopover:
        """The queue, made when it is first opened."""
        from pfstudio.ui.queue.popover import QueuePopover

        return QueuePopover(self.jobs, self)

    @Slot()
    def open_queue(self) -> None:
        """Show the queue over its button."""
        self.queue_popover.refresh()
        self.queue_popover.open_above(self.status.queue)

    @Slot(str)
    def tell_desktop(self, sentence: str) -> None:
        """A message on the desktop, if the user asked for it and looks elsewhere."""
        if not self.settings.settings.notify_finished or self.isActiveWindow():
            return
        QApplication.alert(self)
        if self._tray is None and QSystemTrayIcon.isSystemTrayAvailable():
            self._tray = QSystemTrayIcon(self.windowIcon(), self)
        if self._tray is not None:
            self._tray.show()
            self._tray.showMessage(APP_NAME, sentence)

    # -- files -----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.page(self.page_key).take(event.mimeData())
        event.acceptProposedAction()

    def paste(self) -> None:
        """Give the files or the picture on the clipboard to the open page."""
        self.page(self.page_key).take(QApplication.clipboard().mimeData())

    def _on_model(self, model: InstalledModel) -> None:
        """A checkpoint was opened: choose it on the page that it is for."""
        others = [known for known in self._models if known.name != model.name]
        self.set_models([*others, model])
        key = next((s.key for s in PAGES if (s.needs or s.key) == model.card.task), "")
        if not key:
            name = Path(model.name).name
            if model.card.task == "video":
                text = tr("{name} makes videos, and can be used from Python only.", name=name)
            else:
                text = tr(
                    "{name} turns latents into images; choose it with a model that needs it.",
                    name=name,
                )
            self.notifier.say(text, level=WARNING)
            return
        self.open_page(key)
        self.page(key).choose_model(model.name)

    def send_files(self, key: str, paths: Sequence[Path]) -> None:
        """Open a page with these files."""
        self.open_page(key)
        self.page(key).accept(paths)

    @Slot(object)
    def open_path(self, path: Path) -> None:
        """Open one of our pictures or traces, or take a picture to start from."""
        self.send_files(PAGES[0].key, [path])

    def open_run(self, path: Path, image: int) -> None:
        """Show a run from its trace, at one of its images."""
        self.open_page(PAGES[0].key)
        self.page(PAGES[0].key).open_run(path, image)
