"""The main window: rail, pages, menus, status bar, notices; what persists; a clean end."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
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

from pfstudio.core.errors import PfstudioError
from pfstudio.core.events import Cancelled, Failed, Finished
from pfstudio.core.models import broken_models, installed_models
from pfstudio.core.paths import config_folder
from pfstudio.core.settings import Settings, read_document, write_document
from pfstudio.ui import icons, theme
from pfstudio.ui.commands import Command, Commands
from pfstudio.ui.files.find import keep_pasted, paths_in
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.navigation import NavigationRail, Page
from pfstudio.ui.notify import WARNING, Notifier
from pfstudio.ui.pages.depth_room import DepthRoom
from pfstudio.ui.pages.generate_commands import add_generate_commands, add_stage_commands
from pfstudio.ui.pages.generate_page import GeneratePage
from pfstudio.ui.pages.generate_tools import GenerateTools
from pfstudio.ui.pages.start_picture import StartPicture
from pfstudio.ui.pages.upscale_tools import UpscaleTools
from pfstudio.ui.queue.popover import QueuePopover
from pfstudio.ui.recipe.presets import Presets
from pfstudio.ui.recipe.stored import load_recipe, save_recipe
from pfstudio.ui.recovery import recover_interrupted
from pfstudio.ui.stage.views import View
from pfstudio.ui.status_bar import StatusBar
from pfstudio.ui.toasts import ToastStack
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.view_models.settings import SettingsModel
from pfstudio.ui.widgets.labels import Line, Surface, label
from pfstudio.ui.window_commands import add_window_commands
from pfstudio.ui.worker import MakeRunner, make_engine_runner

log = logging.getLogger(__name__)

LAYOUT_VERSION = 1
END_WORDS = {Finished: "The run is done.", Cancelled: "The run was stopped.",
             Failed: "The run failed."}  # fmt: skip
MINIMUM = (1100, 700)
FIRST_SIZE = (1600, 1000)


def layout_path() -> Path:
    """Where the window's arrangement is kept, apart from the settings."""
    return config_folder() / "layout.json"


class MainWindow(QMainWindow):
    """Owns view-models and worker. `start()` once it is visible; closing ends everything."""

    painted = Signal()  # for the first time: the window is on the screen

    def __init__(
        self,
        make_runner: MakeRunner = make_engine_runner,
        notifier: Notifier | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._painted = False
        self.setWindowTitle("Patch Forcing Studio")
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(*MINIMUM)
        self.setAcceptDrops(True)
        self.notifier = notifier or Notifier(self)
        self.settings = SettingsModel(self.notifier, self)
        self.jobs = Jobs(self.notifier, make_runner, self)
        self.generate = GeneratePageModel(self.jobs, self.settings, self.notifier, self)
        self.toasts = ToastStack(self, StatusBar.HEIGHT)
        self.notifier.posted.connect(self.toasts.show_notice)
        self.settings.changed.connect(self._on_settings)
        self.commands = Commands(self, self.settings)
        self.presets = Presets(self.generate.recipe, self.notifier, self)
        add_generate_commands(self.commands, self.generate, self.notifier, self.presets)
        self._build()
        page = self.generate_page
        add_stage_commands(self.commands, page.stage, page.player)
        add_window_commands(self)
        self.tools = GenerateTools(self)
        self.depth = DepthRoom(self)
        self.upscale = UpscaleTools(self)
        self._fill_menus()
        self.commands.changed.connect(self._fill_menus)
        self.start_picture = StartPicture(self.generate, page.stage, self.notifier, self)
        self._tray: QSystemTrayIcon | None = None
        self._listen()
        self._restore()

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.rail = NavigationRail()
        self.stack = QStackedWidget()
        self.pages: dict[str, Page] = {}
        self._opened: dict[str, QWidget] = {}
        self.page_key = ""
        self.status = StatusBar(self.jobs)
        self.title = label("", "body", "muted")
        self.menus = QMenuBar()
        top = Surface("base")
        bar = QHBoxLayout(top)
        bar.setContentsMargins(14, 0, 14, 0)
        bar.setSpacing(8)
        for part in (label("Patch Forcing Studio", "strong"), self.menus, self.title):
            bar.addWidget(part, int(part is self.menus))
        self.setMenuWidget(top)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for part in (self.rail, Line(vertical=True)):
            line.addWidget(part)
        line.addWidget(self.stack, 1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        column.addLayout(line, 1)
        column.addWidget(Line())
        column.addWidget(self.status)
        self.setCentralWidget(content)
        self.queue_popover = QueuePopover(self.jobs, self)
        self.generate_page = GeneratePage(self.generate, self.commands)
        self.add_page(Page("generate", "Generate", "generate", self._make_generate, "Ctrl+1"))
        self.open_page("generate")

    def _make_generate(self) -> QWidget:
        return self.generate_page

    def add_page(self, page: Page) -> None:
        """Show one more page in the rail; its widget is made when it is first opened."""
        self.pages[page.key] = page
        self.rail.add(page)
        go, keys = partial(self.open_page, page.key), page.shortcut
        self.commands.add(Command(f"page.{page.key}", f"{page.text} page", go, "View", keys,
                                  section=len(self.pages) == 1))  # fmt: skip

    def open_page(self, key: str) -> None:
        """Go to a page."""
        if key not in self._opened:
            self._opened[key] = self.pages[key].make()
            self.stack.addWidget(self._opened[key])
        self.stack.setCurrentWidget(self._opened[key])
        self.rail.set_current(key)
        self.page_key = key
        self.commands.set_page(key)
        self.show_title()

    def _fill_menus(self) -> None:
        self.commands.fill(self.menus)

    def _listen(self) -> None:
        page = self.generate
        QApplication.styleHints().colorSchemeChanged.connect(self._on_desktop_scheme)
        self.rail.chosen.connect(self.open_page)
        self.rail.settings_asked.connect(self.commands.action("edit.settings").trigger)
        self.status.queue.clicked.connect(self.open_queue)
        self.generate_page.presets.clicked.connect(self._open_presets)
        self.jobs.phase_changed.connect(self.commands.refresh)
        self.jobs.changed.connect(self.commands.refresh)
        page.recipe.changed.connect(self.commands.refresh)
        page.run.run_changed.connect(self.show_title)
        page.run.run_changed.connect(self.commands.refresh)
        page.result_changed.connect(self._on_result)
        page.ended.connect(self._tell_end)

    # -- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """What can wait until the window is visible: worker, memory figure, interrupted runs."""
        self.jobs.engine.start()
        self.status.start()
        recover_interrupted(self.notifier, self.open_path)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.painted.emit()

    def quit(self) -> None:
        """Close the window, which ends everything."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing can be lost, so nothing is asked: the worker keeps the run's calls and queue."""
        self._store()
        self.status.stop()
        self.generate_page.player.stop()
        self.tools.export.wait()
        self.depth.close()
        self.upscale.close()
        self.jobs.engine.stop()
        super().closeEvent(event)

    # -- what persists ---------------------------------------------------------------------------

    def _restore(self) -> None:
        """Settings, models, last recipe and layout, each as far as it can be read."""
        self.settings.load()
        recipe, notice = load_recipe()
        if notice:
            self.notifier.say(notice, level=WARNING)
        if recipe is not None:
            self.generate.recipe.set_recipe(recipe)
        models = installed_models()
        self.generate.recipe.set_models(models)
        self.depth.set_models(models)
        self.upscale.set_models(models)
        for folder, sentence in broken_models():
            log.warning("model folder %s: %s", folder, sentence)
            self.notifier.say(sentence, level=WARNING)
        state, notice = read_document(layout_path(), LAYOUT_VERSION)
        if notice:
            self.notifier.say(notice, level=WARNING)
        geometry = state.get("geometry")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "replace")))
        else:
            self.resize(QSize(*FIRST_SIZE).boundedTo(self.screen().availableSize()))
        self.generate_page.restore_layout(state)
        self.depth.restore_layout(state.get("depth"))

    def _store(self) -> None:
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        layout = {"geometry": geometry, "depth": self.depth.layout_state(),
                  **self.generate_page.layout_state()}  # fmt: skip
        try:
            save_recipe(self.generate.recipe.recipe)
            write_document(layout_path(), LAYOUT_VERSION, layout)
        except PfstudioError as error:
            log.error("the session is not kept: %s", error)

    # -- what the user meets ---------------------------------------------------------------------

    @Slot(object)
    def _on_settings(self, settings: Settings) -> None:
        self.jobs.set_live_budget(settings.preview_share)
        theme.follow(QApplication.instance(), settings.theme)
        colours = self.generate_page.stage.colours
        colours.set(View.DIFFICULTY, colormap=settings.difficulty_colours)
        colours.set(View.TIME, colormap=settings.time_colours)

    @Slot()
    def _on_desktop_scheme(self) -> None:
        """The desktop went dark or light."""
        if self.settings.settings.theme == "system":
            theme.follow(QApplication.instance(), "system")

    @Slot()
    def open_queue(self) -> None:
        """Show the queue over its button."""
        self.queue_popover.refresh()
        self.queue_popover.open_above(self.status.queue)

    @Slot()
    def _open_presets(self) -> None:
        anchor = self.generate_page.presets
        self.presets.menu().popup(anchor.mapToGlobal(anchor.rect().bottomLeft()))

    @Slot()
    def _on_result(self) -> None:
        self.status.show_files(self.generate.files)
        self.show_title()

    @Slot()
    def show_title(self) -> None:
        """Say at the top right what is looked at."""
        run = self.generate.run
        if (words := self.pages[self.page_key].title) is not None:
            self.title.setText(words())
            return
        if run.data is None:
            self.title.setText("")
            return
        request = run.data.request
        saved = "saved" if self.generate.files else "running" if run.is_live else "unsaved"
        branch = f"branched from call {request.branch.call + 1}" if request.branch else ""
        words = (run.title, f"seed {request.seed}", request.sampler.name, branch)
        self.title.setText(f"{' · '.join(word for word in words if word)} — {saved}")

    @Slot(object)
    def _tell_end(self, event: object) -> None:
        self.tell_desktop(END_WORDS[type(event)])

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
            self._tray.showMessage("Patch Forcing Studio", sentence)

    # -- files dropped on the window -------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.take_paths(paths_in(event.mimeData()))
        event.acceptProposedAction()

    def take_paths(self, paths: list[Path]) -> None:
        """Give files to the open page."""
        take = self.pages[self.page_key].take
        if take is not None and paths:
            take(paths)
        else:
            for path in paths:
                self.open_path(path)

    def paste(self) -> None:
        """Give the files or the picture on the clipboard to the open page."""
        data = QApplication.clipboard().mimeData()
        paths = paths_in(data)
        try:
            if not paths and data.hasImage():
                paths = [keep_pasted(QApplication.clipboard().image())]
        except PfstudioError as error:
            self.notifier.error(error)
            return
        if paths:
            self.take_paths(paths)
        else:
            self.notifier.say("There is no picture on the clipboard.", level=WARNING)

    def open_path(self, path: Path) -> None:
        """Open one of our pictures or traces, or take a picture to start from."""
        self.open_page("generate")
        self.tools.open_path(path)
