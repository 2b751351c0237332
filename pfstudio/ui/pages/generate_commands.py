"""The commands of the Generate page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication

from pfstudio.ui.commands import Command
from pfstudio.ui.language import tr
from pfstudio.ui.notify import Notifier
from pfstudio.ui.pages.page import time_commands
from pfstudio.ui.player.player import Player
from pfstudio.ui.recipe.command_line import command_line
from pfstudio.ui.recipe.presets import Presets
from pfstudio.ui.stage.stage_view import StageView
from pfstudio.ui.view_models.generate import GeneratePageModel


def recipe_commands(
    page: GeneratePageModel, notifier: Notifier, presets: Presets
) -> tuple[Command, ...]:
    """Generating, undo, seeds, presets."""
    recipe = page.recipe

    def copy_command_line() -> None:
        QGuiApplication.clipboard().setText(command_line(page.request()))
        notifier.say(tr("Command line copied."))

    def toggle_keep_seed() -> None:
        recipe.set_keep_seed(not recipe.recipe.keep_seed)

    return (
        Command("run.generate", tr("Generate"), page.generate),
        Command("run.enqueue", tr("Add to queue"), page.enqueue),
        Command(
            "run.branch", tr("Branch from this call"), page.branch_here, "Run", "Ctrl+Shift+B",
            page.can_branch, section=True,
        ),
        Command("file.new", "", recipe.start_anew),
        Command("edit.undo", "", recipe.undo, enabled=lambda: recipe.can_undo),
        Command("edit.redo", "", recipe.redo, enabled=lambda: recipe.can_redo),
        Command("edit.dice", tr("Random seed"), recipe.roll_seed, "Edit", "Ctrl+D", section=True),
        Command("edit.next_seed", tr("Next seed"), recipe.next_seed, "Edit", "Ctrl+Shift+D"),
        Command(
            "edit.keep_seed", tr("Lock seed"), toggle_keep_seed, "Edit", "Ctrl+K",
            checked=lambda: recipe.recipe.keep_seed,
        ),
        Command(
            "edit.save_preset", tr("Save as preset…"), presets.ask_and_save, "Edit", "Ctrl+B",
            section=True,
        ),
        Command(
            "edit.copy_command_line", tr("Copy as command line"), copy_command_line, "Edit",
            "Ctrl+Shift+C",
        ),
    )  # fmt: skip


def stage_commands(
    stage: StageView, player: Player, show_layout: Callable[[str], None]
) -> tuple[Command, ...]:
    """Layouts, tools and the time cursor. Also active while no view has the focus."""
    painting = (
        ("fast", tr("Paint fast"), "F"),
        ("slow", tr("Paint slow"), "S"),
        ("freeze", tr("Freeze"), "X"),
        ("erase", tr("Erase paint"), "E"),
    )

    def tool(key: str, text: str = "", menu: str = "", keys: str = "") -> Command:
        return Command(
            f"tool.{key}", text, lambda: stage.set_tool(key), menu, keys,
            checked=lambda: stage.tool.value == key,
        )  # fmt: skip

    def layout(key: str) -> Command:
        return Command(
            f"view.{key}", "", lambda: show_layout(key),
            checked=lambda: stage.layout_name.value == key,
        )  # fmt: skip

    return (
        *map(layout, ("single", "four", "overlay", "compare")),
        Command("view.noisy", tr("Noisy state"), stage.toggle_noisy, "View", "N", section=True),
        Command("view.grid", tr("Patch grid"), stage.toggle_grid, "View", "G"),
        Command(
            "view.marks",
            tr("Paint marks"),
            stage.toggle_marks,
            "View",
            "H",
            checked=lambda: stage.marks,
        ),
        Command("view.fit", "", stage.transform.fit),
        *time_commands(player),
        tool("inspect"),
        *(tool(key, text, "Tools", keys) for key, text, keys in painting),
        Command(
            "tool.path",
            tr("Draw scan path"),
            lambda: stage.set_tool("path"),
            "Tools",
            "P",
            lambda: stage.scan_path.available,
            checked=lambda: stage.tool.value == "path",
        ),
    )
