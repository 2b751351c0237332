"""The commands of the Generate page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from PySide6.QtGui import QGuiApplication

from pfstudio.ui.commands import Command, Commands
from pfstudio.ui.jobs import Phase
from pfstudio.ui.notify import Notifier
from pfstudio.ui.player.player import Player
from pfstudio.ui.recipe.command_line import command_line
from pfstudio.ui.recipe.presets import Presets
from pfstudio.ui.stage.stage_view import StageView
from pfstudio.ui.view_models.generate import GeneratePageModel


class RecipeVerbs:
    """What the menu does with the recipe beyond its model's own verbs."""

    def __init__(self, page: GeneratePageModel, notifier: Notifier) -> None:
        self._page = page
        self._notifier = notifier

    def copy_command_line(self) -> None:
        """The recipe as a terminal command, on the clipboard."""
        QGuiApplication.clipboard().setText(command_line(self._page.request()))
        self._notifier.say("Copied the command line.")

    def toggle_keep_seed(self) -> None:
        """Keep the seed, or move on."""
        self._page.recipe.set_keep_seed(not self._page.recipe.recipe.keep_seed)


def recipe_commands(
    page: GeneratePageModel, notifier: Notifier, presets: Presets
) -> tuple[Command, ...]:
    """Undo, seeds, presets."""
    recipe, verbs = page.recipe, RecipeVerbs(page, notifier)
    return (
        Command("edit.undo", "Undo", recipe.undo, "Edit", "Ctrl+Z", lambda: recipe.can_undo),
        Command("edit.redo", "Redo", recipe.redo, "Edit", "Ctrl+Shift+Z", lambda: recipe.can_redo),
        Command("edit.dice", "Random seed", recipe.roll_seed, "Edit", "Ctrl+D", section=True),
        Command("edit.next_seed", "Next seed", recipe.next_seed, "Edit", "Ctrl+Shift+D"),
        Command(
            "edit.keep_seed", "Keep the seed", verbs.toggle_keep_seed, "Edit", "Ctrl+K",
            checked=lambda: recipe.recipe.keep_seed,
        ),
        Command(
            "edit.save_preset", "Save as preset …", presets.ask_and_save, "Edit", "Ctrl+B",
            section=True,
        ),
        Command(
            "edit.copy_command_line", "Copy as command line", verbs.copy_command_line, "Edit",
            "Ctrl+Shift+C",
        ),
    )  # fmt: skip


def run_commands(page: GeneratePageModel) -> tuple[Command, ...]:
    """Generate, hold, stop, queue."""

    only, jobs = ("generate",), page.jobs

    def phase_in(*phases: Phase) -> bool:
        return jobs.phase in phases

    return (
        Command("run.generate", "Generate", page.generate, "Run", "Ctrl+Return", pages=only),
        Command(
            "run.enqueue", "Add to the queue", page.enqueue, "Run", "Ctrl+Shift+Return", pages=only
        ),
        Command(
            "run.pause", "Pause or resume", jobs.toggle_pause, "Run", "F8",
            lambda: phase_in(Phase.RUNNING, Phase.PAUSED), section=True,
        ),
        Command(
            "run.single_step", "Single step", jobs.single_step, "Run", "F10",
            lambda: phase_in(Phase.RUNNING, Phase.PAUSED),
        ),
        Command(
            "run.stop", "Stop after this call", jobs.stop, "Run", "Esc",
            lambda: phase_in(Phase.LOADING, Phase.RUNNING, Phase.PAUSED),
        ),
        Command(
            "run.cancel_others", "Remove all waiting runs", jobs.clear, "Run",
            "Ctrl+Shift+Backspace", lambda: bool(jobs.waiting), section=True,
        ),
        Command(
            "run.branch", "Branch from this call", page.branch_here, "Run", "Ctrl+Shift+B",
            page.can_branch, section=True, pages=only,
        ),
    )  # fmt: skip


def stage_commands(stage: StageView, player: Player) -> tuple[Command, ...]:
    """Layouts, tools and the time cursor. Also active while no view has the focus."""
    layouts = (("single", "Single view"), ("four", "Four views"), ("overlay", "Overlay"),
               ("compare", "Compare"))  # fmt: skip
    tools = (("inspect", "Inspect", "I"), ("fast", "Paint fast", "F"), ("slow", "Paint slow", "S"),
             ("freeze", "Freeze", "X"), ("erase", "Erase paint", "E"))  # fmt: skip
    chosen = [
        Command(
            f"view.{key}", text, lambda key=key: stage.set_layout(key), "View", f"Alt+{i}",
            checked=lambda key=key: stage.layout_name.value == key,
        )
        for i, (key, text) in enumerate(layouts, 1)
    ]  # fmt: skip
    painting = [
        Command(
            f"tool.{key}", text, lambda key=key: stage.set_tool(key), "Tools", keys,
            checked=lambda key=key: stage.tool.value == key,
        )
        for key, text, keys in tools
    ]  # fmt: skip
    return (
        *chosen,
        Command("view.noisy", "Noisy state", stage.toggle_noisy, "View", "N", section=True),
        Command("view.grid", "Patch grid", stage.toggle_grid, "View", "G"),
        Command("view.fit", "Fit the picture", stage.transform.fit, "View", "0"),
        Command("time.play", "Play or pause", player.toggle, "View", "Space", section=True),
        Command("time.next", "Next call", player.next, "View", "Right"),
        Command("time.previous", "Previous call", player.previous, "View", "Left"),
        Command("time.jump_on", "A tenth on", player.jump_on, "View", "Shift+Right"),
        Command("time.jump_back", "A tenth back", player.jump_back, "View", "Shift+Left"),
        Command("time.first", "First call", player.first, "View", "Home"),
        Command("time.last", "Last call", player.last, "View", "End"),
        *painting,
    )


def _here(commands: Iterable[Command]) -> Iterator[Command]:
    """The same, for this page only."""
    return (replace(command, pages=("generate",)) for command in commands)


def add_generate_commands(
    commands: Commands, page: GeneratePageModel, notifier: Notifier, presets: Presets
) -> None:
    """Register what does not need the page's widgets."""
    commands.add(*_here(recipe_commands(page, notifier, presets)), *run_commands(page))


def add_stage_commands(commands: Commands, stage: StageView, player: Player) -> None:
    """Register what the stage does."""
    commands.add(*_here(stage_commands(stage, player)))
    stage.layout_changed.connect(commands.refresh)
    stage.tool_changed.connect(commands.refresh)
