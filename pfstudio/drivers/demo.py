"""The window on a machine without a screen: a scripted tour that leaves pictures and a video.

    python -m pfstudio.drivers.demo FOLDER

It is the very same window as `pfstudio` opens, driven through its own models and commands.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from pfstudio.core.errors import PfstudioError
from pfstudio.drivers.tour import Tour
from pfstudio.drivers.window import own_folders, scripted_window

SIZE = (1600, 1000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tour; returns the exit code."""
    names = sys.argv[1:] if arguments is None else list(arguments)
    if len(names) != 1 or names[0].startswith("-"):
        print("usage: python -m pfstudio.drivers.demo FOLDER", file=sys.stderr)
        return 2
    folder = Path(names[0]).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with own_folders(folder / "results"), scripted_window() as window:
            window.resize(*SIZE)
            window.show()
            Tour(window, folder).run()
    except OSError as error:
        print(f"pfstudio: {folder} cannot be written ({error.strerror}).", file=sys.stderr)
        return 1
    except PfstudioError as error:
        print(f"pfstudio: {error} {error.advice}".rstrip(), file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
