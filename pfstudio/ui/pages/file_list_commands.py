"""What the shared keys do on every page with a list of files."""

from __future__ import annotations

from functools import partial

from pfstudio.ui.commands import Command
from pfstudio.ui.files.page_model import FilesPageModel


def file_list_commands(model: FilesPageModel, start_all: str, start_one: str) -> list[Command]:
    """Starting (with the page's own words), stopping all, and walking through the list."""
    return [
        Command("run.generate", start_all, model.start_all, enabled=model.has_due),
        Command("run.enqueue", start_one, model.start_chosen, enabled=model.can_start_chosen),
        Command("run.stop_all", "", model.stop_all, enabled=lambda: model.busy),
        Command("edit.next_file", "", partial(model.files.step, 1)),
        Command("edit.previous_file", "", partial(model.files.step, -1)),
    ]
