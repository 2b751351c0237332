"""What the shared keys do on every page with a list of files."""

from __future__ import annotations

from functools import partial

from pfstudio.ui.commands import Command
from pfstudio.ui.files.page_model import FilesPageModel
from pfstudio.ui.jobs import Jobs


def file_list_commands(
    model: FilesPageModel, jobs: Jobs, start_all: str, start_one: str
) -> list[Command]:
    """Starting (with the page's own words), stopping all, and walking through the list."""

    def stop_all() -> None:
        (model if model.busy else jobs).stop_all()

    def can_stop_all() -> bool:
        return model.busy or jobs.can_stop_all

    return [
        Command("run.generate", start_all, model.start_all, enabled=model.has_due),
        Command("run.enqueue", start_one, model.start_chosen, enabled=model.can_start_chosen),
        Command("run.stop_all", "", stop_all, enabled=can_stop_all),
        Command("edit.next_file", "", partial(model.files.step, 1)),
        Command("edit.previous_file", "", partial(model.files.step, -1)),
    ]
