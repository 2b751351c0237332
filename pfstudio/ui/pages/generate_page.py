"""The Generate page: recipe left, stage or lab in the middle, inspector right, time below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Failed, Finished
from pfstudio.core.models import InstalledModel
from pfstudio.core.settings import Settings
from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.export.model import ExportModel
from pfstudio.ui.inspector.inspector_view import InspectorView
from pfstudio.ui.jobs import BUSY, Phase
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.notify import WARNING
from pfstudio.ui.pages.first_run import FirstRun
from pfstudio.ui.pages.generate_commands import recipe_commands, stage_commands
from pfstudio.ui.pages.generate_files import GenerateFiles
from pfstudio.ui.pages.page import Document, Page, panel_command
from pfstudio.ui.pages.start_picture import StartPicture
from pfstudio.ui.player.player import Player
from pfstudio.ui.recipe.panel import RecipePanel
from pfstudio.ui.recipe.presets import Presets
from pfstudio.ui.recipe.stored import load_recipe, stored_recipe
from pfstudio.ui.results_strip import Entry, ResultsStrip
from pfstudio.ui.stage.stage_view import StageLayout, StageView
from pfstudio.ui.stage.views import View
from pfstudio.ui.timeline.timeline_view import TimelineView
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.widgets.buttons import DANGER, PRIMARY, Button, IconButton
from pfstudio.ui.widgets.choice import MenuIconButton
from pfstudio.ui.widgets.labels import Line
from pfstudio.ui.widgets.layouts import fill

if TYPE_CHECKING:  # the window starts without it
    from pfstudio.ui.lab.panel import LabPanel

RECIPE_ACTIONS = (
    ("edit.undo", "undo", QT_TR_NOOP("Undo")),
    ("edit.redo", "redo", QT_TR_NOOP("Redo")),
    ("edit.copy_command_line", "terminal", QT_TR_NOOP("Copy as command line")),
)
END_WORDS = {
    Finished: QT_TR_NOOP("The run is finished."),
    Cancelled: QT_TR_NOOP("The run was stopped."),
    Failed: QT_TR_NOOP("The run failed."),
}


class GeneratePage(Page):
    """Generates, shows how, compares samplers and guidance, and opens what was generated."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        notifier = context.notifier
        self.model = model = GeneratePageModel(context.jobs, context.settings, notifier, self)
        self.player = Player(model.run, self)
        self.recipe = RecipePanel(model.recipe)
        self.stage = StageView(model.run, model.paint, model.scan_path, self.player)
        self.inspector = InspectorView(model.run, self.player)
        self.timeline = TimelineView(model.run, self.player, self.stage.colours)
        self.export = ExportModel(model, self.stage.colours, notifier, self)
        self.presets = Presets(model.recipe, notifier, self)
        self.start_picture = StartPicture(model, self.stage, notifier, self)
        self.files = GenerateFiles(model, context, self)
        self.first_run = FirstRun(model, self.files)
        self.results = ResultsStrip(self.files.verbs)
        self.results.hide()  # until there are any
        self._results_wanted = True
        self._roomy: dict[str, Any] = {}  # of `state`, while the page is narrow
        self._make_buttons()
        self._lay_out()
        self._bind()
        self._listen()
        self._load_recipe()
        self._on_settings(context.settings.settings)
        self._on_phase(context.jobs.phase)

    def _make_buttons(self) -> None:
        self.presets_button = MenuIconButton("bookmark", tr("Presets"), self.presets.menu)
        self.stop = Button(tr("Stop"), "stop", kind=DANGER, height=38)
        self.pause = Button("", "pause", tip=tr("Pause"), height=38)
        self.single_step = Button("", "single-step", tip=tr("Single step"), height=38)
        self.generate = Button(tr("Generate"), kind=PRIMARY, height=38)
        self.enqueue = Button("", "queue", tip=tr("Add to queue"), height=38)
        self.lab_button = Button(
            tr("Lab"), "lab", tip=tr("Compare samplers or guidance rules side by side"), height=30
        )
        self.parent_button = Button(tr("Compare with parent"), "compare", height=34)
        self.send_button = Button(tr("Send to Upscale"), "upscale", height=34)

    def _lay_out(self) -> None:
        hold = fill(QHBoxLayout(), (self.stop, 1), self.pause, self.single_step, spacing=6)
        go = fill(QHBoxLayout(), (self.generate, 1), self.enqueue, spacing=6)
        self.recipe.foot.addLayout(hold)
        self.recipe.foot.addLayout(go)
        bar = self.stage.bar
        bar.row.insertWidget(len(bar.layouts), self.lab_button)
        self.inspector.add_button(self.parent_button)
        self.inspector.add_button(self.send_button)
        self.middle = QStackedWidget()
        self.middle.addWidget(self.stage)
        self.upper = QSplitter(Qt.Orientation.Horizontal)
        self.upper.addWidget(self.middle)
        self.upper.addWidget(self.inspector)
        self.upper.setSizes([940, 290])
        self.right = QSplitter(Qt.Orientation.Vertical)
        self.right.addWidget(self.upper)
        self.right.addWidget(self.timeline)
        self.right.setSizes([700, 230])
        for splitter in (self.upper, self.right):
            splitter.setStretchFactor(0, 1)
            splitter.setStretchFactor(1, 0)
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        beside = fill(QVBoxLayout(), self.first_run, (self.right, 1), self.results)
        fill(QHBoxLayout(self), self.recipe, Line(vertical=True), (beside, 1))

    def _bind(self) -> None:
        commands = self.context.commands
        for command_id, icon, name in RECIPE_ACTIONS:
            button = IconButton(icon, tr(name))
            commands.bind(button, command_id)
            self.recipe.add_action(button)
        self.recipe.add_action(self.presets_button)
        commands.bind(self.stop, "run.stop", hint=True)
        commands.bind(self.pause, "run.pause")
        commands.bind(self.single_step, "run.single_step")
        commands.bind(self.generate, "run.generate", hint=True)
        commands.bind(self.enqueue, "run.enqueue")
        commands.bind(self.lab_button, "view.lab")
        open_model = commands.action("file.open_model").trigger
        self.recipe.open_model_wanted.connect(open_model)
        commands.bind(self.send_button, "file.upscale", hint=True)
        commands.bind(self.parent_button, "run.compare_parent")

    def _listen(self) -> None:
        model, run = self.model, self.model.run
        self.context.jobs.phase_changed.connect(self._on_phase)
        self.context.settings.changed.connect(self._on_settings)
        self.inspector.branch_requested.connect(model.branch_at)
        self.inspector.export_requested.connect(self.open_export)
        self.recipe.start_from.parent_wanted.connect(self.files.open)
        for field in (self.recipe.classes, self.recipe.prompt):
            field.run_wanted.connect(self.generate.click)
        model.commit = self.recipe.commit
        model.submitted.connect(self.recipe.prompt.remember)
        self.results.filled.connect(self._show_results)
        self.results.filled.connect(lambda: self.files.open_last(self.results.newest()))
        self.results.wanted.connect(self.open_result)
        self.results.large_wanted.connect(self.open_large)
        for signal in (run.run_changed, self.context.commands.changed):  # binding shows it
            signal.connect(self._show_parent_button)
        model.ended.connect(self._tell_end)
        self.stage.layout_changed.connect(self._forget_layout)
        for signal in (
            model.recipe.changed, model.result_changed, run.run_changed, self.export.busy_changed,
            self.stage.layout_changed, self.stage.tool_changed,
        ):  # fmt: skip
            signal.connect(self.changed)

    # -- as a page -------------------------------------------------------------------------------

    def commands(self) -> Iterable[Command]:
        return (
            *recipe_commands(self.model, self.context.notifier, self.presets),
            *stage_commands(self.stage, self.player, self.show_layout),
            panel_command("view.recipe", self.recipe),
            panel_command("view.inspector", self.inspector),
            panel_command("view.timeline", self.timeline),
            Command("view.results", tr("Results panel"), self.toggle_results, "View", "F7",
                    checked=lambda: self._results_wanted),
            Command("run.compare_parent", tr("Compare with parent"),
                    self.compare_with_parent, "Run", "Ctrl+Alt+P",
                    lambda: self.files.parent_trace() is not None),
            Command("view.lab", tr("Sampler lab"), self.toggle_lab, "View", "Alt+5",
                    checked=self.lab_is_shown),
            Command("file.save", tr("Save image…"), self.open_export, enabled=self.export.ready),
            Command("file.export", "", self.open_export, enabled=self.export.ready),
            Command("file.upscale", "", self.send_shown, enabled=self._can_send),
        )  # fmt: skip

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        self.model.recipe.set_models(models)
        self.recipe.upscale.set_models([m for m in models if m.card.task == "upscale"])
        self.first_run.offer()

    def choose_model(self, name: str) -> None:
        self.model.recipe.set_model(name)

    def accept(self, paths: Sequence[Path]) -> None:
        if len(paths) == 1 and not paths[0].is_dir():
            self.files.open(paths[0])
        else:
            self.files.ask_where(paths)

    def open_run(self, path: Path, image: int) -> bool:
        self.show_lab(False)
        return self.files.open(path, image)

    def title(self) -> str:
        run = self.model.run
        if run.data is None:
            return ""
        request = run.data.request
        saved = tr("saved") if self.model.files else tr("running") if run.is_live else tr("unsaved")
        branch = (
            tr("branched from call {call}", call=request.branch.call + 1) if request.branch else ""
        )
        words = (
            run.title,
            tr("seed {seed}", seed=request.seed),
            tr(request.sampler.label),
            branch,
        )
        return f"{' · '.join(word for word in words if word)} — {saved}"

    def view_widget(self) -> QWidget | None:
        return self.lab_panel if self.lab_is_shown() else self.stage.views()

    def saved_files(self) -> tuple[str, ...]:
        return self.model.files

    def state(self) -> dict[str, Any]:
        return {
            "upper": self.upper.sizes(),
            "right": self.right.sizes(),
            "stage": self.stage.layout_name.value,
            "recipe": self.recipe.isVisibleTo(self),
            "inspector": self.inspector.isVisibleTo(self),
            "timeline": self.timeline.isVisibleTo(self),
            "results": self._results_wanted,
            **self._roomy,
        }

    def toggle_results(self) -> None:
        """Show the strip of results, or hide it."""
        self._results_wanted = not self._results_wanted
        self._show_results()

    @Slot()
    def _show_results(self) -> None:
        self.results.setVisible(self._results_wanted and self.results.count() > 0)

    def fit(self) -> None:
        """Where there is little room, one view without the inspector, until there is more."""
        if self.narrow:
            four = self.stage.layout_name is StageLayout.FOUR
            self._roomy = {
                "inspector": self.inspector.isVisibleTo(self),
                "upper": self.upper.sizes(),
            }
            if four:
                self.stage.set_layout(StageLayout.SINGLE.value)
                self._roomy["stage"] = StageLayout.FOUR.value
            self.inspector.hide()
        else:
            self.inspector.setVisible(self._roomy.get("inspector", True))
            self.stage.set_layout(self._roomy.get("stage", self.stage.layout_name.value))
            self._roomy = {}
        self.changed.emit()

    @Slot()
    def _forget_layout(self) -> None:
        """Another one was chosen: it stays where there is more room."""
        self._roomy.pop("stage", None)

    def restore_state(self, state: dict[str, Any]) -> None:
        for splitter, key in ((self.upper, "upper"), (self.right, "right")):
            sizes = state.get(key)
            if isinstance(sizes, list) and len(sizes) == 2 and all(type(s) is int for s in sizes):
                splitter.setSizes(sizes)
        for part, key in (
            (self.recipe, "recipe"), (self.inspector, "inspector"), (self.timeline, "timeline"),
        ):  # fmt: skip
            part.setVisible(state.get(key, True) is not False)
        self._results_wanted = state.get("results", True) is not False
        if state.get("stage") in {layout.value for layout in type(self.stage.layout_name)}:
            self.stage.set_layout(str(state["stage"]))

    def busy_reason(self) -> str:
        return tr("An export is being written.") if self.export.busy else ""

    def kept(self) -> Iterable[Document]:
        return (stored_recipe(self.model.recipe.recipe),)

    def shut_down(self) -> None:
        self.player.stop()
        self.results.stop()
        self.export.wait()

    def _load_recipe(self) -> None:
        recipe, notice = load_recipe()
        if notice:
            self.context.notifier.say(notice, level=WARNING)
        if recipe is not None:
            self.model.recipe.set_recipe(recipe)

    # -- what it shows ---------------------------------------------------------------------------

    @Slot(object)
    def _on_phase(self, phase: Phase) -> None:
        busy = phase in BUSY
        if phase is Phase.IDLE:
            self.results.look()
        for button in (self.stop, self.pause, self.single_step):
            button.setVisible(busy)
        paused = phase is Phase.PAUSED
        self.pause.setAccessibleName(tr("Resume") if paused else tr("Pause"))
        self.pause.set_icon("play" if paused else "pause")
        self.stop.setText(tr("Stopping…") if phase is Phase.STOPPING else tr("Stop"))
        self.generate.setText(tr("Generate next") if busy else tr("Generate"))

    @Slot(object)
    def _on_settings(self, settings: Settings) -> None:
        colours = self.stage.colours
        colours.set(View.DIFFICULTY, colormap=settings.difficulty_colours)
        colours.set(View.TIME, colormap=settings.time_colours)

    @Slot(object)
    def _tell_end(self, event: object) -> None:
        self.context.tell_desktop(tr(END_WORDS[type(event)]))
        self.results.look()

    @Slot()
    def _show_parent_button(self) -> None:
        data = self.model.run.data
        self.parent_button.setVisible(data is not None and data.request.branch is not None)

    def compare_with_parent(self) -> None:
        """Lay the shown run against the one that it branched from."""
        if self.files.pin_parent():
            self.show_layout(StageLayout.COMPARE.value)

    def show_layout(self, name: str) -> None:
        """Show the stage in a layout, also from the lab."""
        self.show_lab(False)
        self.stage.set_layout(name)

    # -- the strip of results --------------------------------------------------------------------

    @Slot(object)
    def open_result(self, entry: Entry) -> bool:
        """Show the run of a result, and the image of it; False: another run stays."""
        return entry.opens is not None and self.open_run(entry.opens, entry.index)

    @Slot(object)
    def open_large(self, entry: Entry) -> None:
        """Show only the finished image."""
        if self.open_result(entry):
            self.stage.set_layout(StageLayout.SINGLE.value)
            self.stage.single.set_view(View.PREDICTION)
            self.player.last()

    # -- the user's verbs ------------------------------------------------------------------------

    @cached_property
    def lab_panel(self) -> LabPanel:
        """The lab, made when it is first opened."""
        from pfstudio.ui.lab.model import LabModel
        from pfstudio.ui.lab.panel import LabPanel

        model = LabModel(self.model, self)
        model.trouble.connect(self.context.notifier.error)
        panel = LabPanel(model, self.model.recipe, self.stage.colours)
        panel.setMinimumWidth(400)  # the lab must not widen the window for the stage
        self.middle.addWidget(panel)
        self.context.commands.bind(panel.setup.back, "view.lab")
        return panel

    def lab_is_shown(self) -> bool:
        """Whether the lab stands where the stage was."""
        return self.middle.currentWidget() is not self.stage

    def show_lab(self, shown: bool) -> None:
        """Show the lab, or the stage again."""
        self.middle.setCurrentWidget(self.lab_panel if shown else self.stage)
        self.changed.emit()

    def toggle_lab(self) -> None:
        """From the stage to the lab and back."""
        self.show_lab(not self.lab_is_shown())

    @Slot()
    def open_export(self) -> None:
        """Show the export dialog for the shown run."""
        from pfstudio.ui.export.dialog import ExportDialog  # late: the window starts without it

        try:
            ExportDialog(self.export, self.export.shown(), self.window()).open()
        except InputError as error:
            self.context.notifier.say(str(error), level=WARNING, advice=error.advice)

    def _can_send(self) -> bool:
        return bool(self.start_picture.shown_file())

    def send_shown(self) -> None:
        """Send the finished picture on the stage; its metadata travel in the file."""
        if name := self.start_picture.shown_file():
            self.context.send_files("upscale", [Path(name)])
