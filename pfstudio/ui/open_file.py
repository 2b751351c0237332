"""What opening or dropping a file on the window does."""

from __future__ import annotations

from pathlib import Path

from pfstudio.core.results import result_of
from pfstudio.ui.notify import WARNING, Notifier
from pfstudio.ui.restore import changes, look_at, restored
from pfstudio.ui.view_models.generate import GeneratePageModel


def open_dropped(page: GeneratePageModel, notifier: Notifier, path: Path) -> None:
    """Show a trace, restore a recipe (one undo step), or start from a picture.

    Raises:
        InputError: the file is none of these, or damaged.
    """
    dropped = look_at(path)
    if dropped.trace is not None:
        trace = dropped.trace
        page.run.set_trace(trace, None, page.title_of(trace.request))
        saved = result_of(path)
        page.show_files(saved.files if saved else (str(path),))
    elif dropped.recipe is not None:
        back = restored(dropped, page.request(), [model.name for model in page.recipe.models])
        count = len(changes(page.request(), back.request))
        page.recipe.set_request(back.request)
        for notice in back.notices:
            notifier.say(notice, level=WARNING)
        what = "nothing" if not count else "one setting" if count == 1 else f"{count} settings"
        notifier.say(f"{path.name} changed {what} of the recipe.", advice="Undo takes it back.")
    else:
        page.recipe.set_picture(path)
        notifier.say(f"The recipe starts from {path.name}.", advice="Paint what it should keep.")
