"""The `pfstudio` command: without a verb the window, with one the engine.

A verb's file is imported only when it is called, so that `pfstudio --help` is instant.
"""

from __future__ import annotations

import argparse
import importlib
import io
import multiprocessing
import os
import sys
import traceback
from collections.abc import Sequence

from pfstudio.cli.console import FAILED, INTERRUPTED, say_error
from pfstudio.core.errors import PfstudioError
from pfstudio.core.tasks import TASKS
from pfstudio.version import __version__

# name -> (module with `add_parser(subparsers)` and `run(args) -> int`, help); each task is one more
_OTHER_VERBS = {
    "models": ("pfstudio.cli.models", "list, inspect, import, download, verify and remove models"),
    "recover": ("pfstudio.cli.recover", "save the traces of interrupted runs"),
    "train": ("pfstudio.cli.train", "train a model from a recipe"),
    "evaluate": ("pfstudio.cli.evaluate", "measure a model on held-out images"),
    "data": ("pfstudio.cli.data", "build the data sets that the recipes use"),
    "bench": ("pfstudio.cli.bench", "measure speed on this machine"),
    "selftest": ("pfstudio.cli.selftest", "check that everything works here"),
}


_DESKTOP = {
    "--install-desktop": "put the program into the start menu of this Linux desktop",
    "--uninstall-desktop": "take the program out of the start menu again",
}
_NEW_WINDOW = "--new-window"


def verbs() -> dict[str, tuple[str, str]]:
    """Every verb by its name: its module, and what it does."""
    return {name: (task.verb, task.help) for name, task in TASKS.items()} | _OTHER_VERBS


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 done, 1 failed, 2 bad usage, 130 interrupted."""
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):  # names of files may hold anything
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        if _for_the_window(arguments):
            from pfstudio.ui.app import main as open_window

            return open_window(arguments)
        if arguments[0] in _DESKTOP:
            desktop: int = importlib.import_module("pfstudio.cli.desktop").run(*arguments)
            return desktop
        args = parser(arguments[0]).parse_args(arguments)
        code: int = importlib.import_module(verbs()[args.verb][0]).run(args)
        return code
    except PfstudioError as error:
        say_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        print("pfstudio: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        traceback.print_exc()
        say_error(PfstudioError(f"Something went wrong in the program itself: {error!r}."))
        return FAILED


def _for_the_window(arguments: list[str]) -> bool:
    """No arguments, or the first is a file; a verb or a flag is none, nor is a verb mistyped."""
    if not arguments or arguments[0] == _NEW_WINDOW:
        return True
    first = arguments[0]
    if first.startswith("-") or first in verbs():
        return False
    return os.path.exists(first) or os.path.dirname(first) != "" or "." in first


def parser(verb: str) -> argparse.ArgumentParser:
    """The parser with every verb's name, but only the called verb's own flags."""
    parser = argparse.ArgumentParser(
        prog="pfstudio",
        description="See how a flow model makes an image. Without a verb, the window opens, with "
        "the files that are named.",
        usage="%(prog)s [FILE ...] | %(prog)s VERB ...",
        epilog="exit codes: 0 done, 1 failed, 2 bad usage, 130 interrupted",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"pfstudio {__version__}")
    window = "open another window, which has its own queue"
    for flag, text in {_NEW_WINDOW: window, **_DESKTOP}.items():
        parser.add_argument(flag, action="store_true", help=text)
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True, prog="pfstudio")
    for name, (module, text) in verbs().items():
        if name == verb:
            importlib.import_module(module).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=text, add_help=False)
    return parser


if __name__ == "__main__":
    sys.exit(main())
