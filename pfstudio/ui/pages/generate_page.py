"""The Generate page: recipe left, stage in the middle, inspector right, time below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from pfstudio.ui.commands import Commands
from pfstudio.ui.inspector.inspector_view import InspectorView
from pfstudio.ui.jobs import BUSY, Phase
from pfstudio.ui.player.player import Player
from pfstudio.ui.recipe.panel import RecipePanel
from pfstudio.ui.stage.stage_view import StageView
from pfstudio.ui.timeline.timeline_view import TimelineView
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.widgets.buttons import DANGER, PRIMARY, Button, IconButton
from pfstudio.ui.widgets.labels import Line

RECIPE_ACTIONS = (
    ("edit.undo", "undo", "Undo"),
    ("edit.redo", "redo", "Redo"),
    ("edit.copy_command_line", "terminal", "Copy as command line"),
)


class GeneratePage(QWidget):
    """Shows a GeneratePageModel. `commands` must hold the page's commands already."""

    def __init__(
        self, model: GeneratePageModel, commands: Commands, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.model = model
        self.player = Player(model.run, self)
        self.recipe = RecipePanel(model.recipe)
        self.stage = StageView(model.run, model.paint, self.player)
        self.inspector = InspectorView(model.run, self.player)
        self.timeline = TimelineView(model.run, self.player, self.stage.colours)
        self._add_recipe_actions(commands)
        self._add_run_buttons(commands)
        self._lay_out()
        self.inspector.branch_requested.connect(model.branch_at)
        model.jobs.phase_changed.connect(self._on_phase)
        self._on_phase(model.jobs.phase)

    def _add_recipe_actions(self, commands: Commands) -> None:
        for command_id, icon, name in RECIPE_ACTIONS:
            button = IconButton(icon, name)
            commands.bind(button, command_id)
            self.recipe.add_action(button)
        self.presets = IconButton("bookmark", "Presets")
        self.recipe.add_action(self.presets)

    def _add_run_buttons(self, commands: Commands) -> None:
        self.stop = Button("Stop after this call", "stop", kind=DANGER, height=38)
        self.pause = Button("", "pause", tip="Pause", height=38)
        self.single_step = Button("", "single-step", tip="Single step", height=38)
        self.generate = Button("Generate", kind=PRIMARY, height=38)
        self.enqueue = Button("", "queue", tip="Add to the queue", height=38)
        hold = QHBoxLayout()
        hold.setSpacing(6)
        hold.addWidget(self.stop, 1)
        hold.addWidget(self.pause)
        hold.addWidget(self.single_step)
        go = QHBoxLayout()
        go.setSpacing(6)
        go.addWidget(self.generate, 1)
        go.addWidget(self.enqueue)
        self.recipe.foot.addLayout(hold)
        self.recipe.foot.addLayout(go)
        commands.bind(self.stop, "run.stop", hint=True)
        commands.bind(self.pause, "run.pause")
        commands.bind(self.single_step, "run.single_step")
        commands.bind(self.generate, "run.generate", hint=True)
        commands.bind(self.enqueue, "run.enqueue")

    def _lay_out(self) -> None:
        self.upper = QSplitter(Qt.Orientation.Horizontal)
        self.upper.addWidget(self.stage)
        self.upper.addWidget(self.inspector)
        self.upper.setStretchFactor(0, 1)
        self.upper.setStretchFactor(1, 0)
        self.upper.setSizes([940, 290])
        self.right = QSplitter(Qt.Orientation.Vertical)
        self.right.addWidget(self.upper)
        self.right.addWidget(self.timeline)
        self.right.setStretchFactor(0, 1)
        self.right.setStretchFactor(1, 0)
        self.right.setSizes([700, 230])
        for splitter in (self.upper, self.right):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.recipe)
        line.addWidget(Line(vertical=True))
        line.addWidget(self.right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)

    @Slot(object)
    def _on_phase(self, phase: Phase) -> None:
        busy = phase in BUSY
        for button in (self.stop, self.pause, self.single_step):
            button.setVisible(busy)
        paused = phase is Phase.PAUSED
        self.pause.setAccessibleName("Resume" if paused else "Pause")
        self.pause.set_icon("play" if paused else "pause")
        self.stop.setText("Stopping …" if phase is Phase.STOPPING else "Stop after this call")
        self.generate.setText("Generate next" if busy else "Generate")

    # -- layout that persists --------------------------------------------------------------------

    def layout_state(self) -> dict[str, object]:
        """What the user arranged, for the layout file."""
        return {
            "upper": self.upper.sizes(),
            "right": self.right.sizes(),
            "stage": self.stage.layout_name.value,
            "recipe": self.recipe.isVisibleTo(self),
            "inspector": self.inspector.isVisibleTo(self),
            "timeline": self.timeline.isVisibleTo(self),
        }

    def restore_layout(self, state: dict[str, object]) -> None:
        """Arrange as stored; anything unusable is passed over."""
        for splitter, key in ((self.upper, "upper"), (self.right, "right")):
            sizes = state.get(key)
            if isinstance(sizes, list) and len(sizes) == 2 and all(type(s) is int for s in sizes):
                splitter.setSizes(sizes)
        for part, key in (
            (self.recipe, "recipe"), (self.inspector, "inspector"), (self.timeline, "timeline"),
        ):  # fmt: skip
            part.setVisible(state.get(key, True) is not False)
        layouts = {layout.value for layout in type(self.stage.layout_name)}
        if state.get("stage") in layouts:
            self.stage.set_layout(str(state["stage"]))
