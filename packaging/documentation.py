"""Writes the parts of the user guide that the program knows best: commands, keys, guidance rules.

    python packaging/documentation.py

A test says when `docs/` has fallen behind.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PySide6.QtGui import QKeySequence

from pfstudio.cli.main import parser, verbs
from pfstudio.core.files import write_text
from pfstudio.core.guidance import GUIDANCES
from pfstudio.core.paths import shipped
from pfstudio.drivers.window import own_folders, scripted_window
from pfstudio.ui.commands import MENUS
from pfstudio.ui.window import MainWindow

_NOTE = "<!-- written by `python packaging/documentation.py` -->"


def command_line() -> str:
    """Every verb with its flags, as Markdown."""
    parts = [
        "# Command line", _NOTE,
        "`pfstudio` without a verb opens the window. Every verb prints JSON lines with `--json`. "
        "Exit codes: 0 done, 1 failed, 2 bad usage, 130 interrupted (what was done is kept).",
    ]  # fmt: skip
    for name, (_, text) in verbs().items():
        parts += [f"## pfstudio {name}", f"{text[0].upper()}{text[1:]}."]
        parts += _flags(_inner(parser(name))[name], f"pfstudio {name}")
    return "\n\n".join(parts) + "\n"


def _inner(of: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Parsers of the verbs of a parser."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


def _flags(of: argparse.ArgumentParser, name: str) -> list[str]:
    parts = []
    for inner, verb in _inner(of).items():
        parts.append(f"### {name} {inner}")
        if verb.description:
            parts.append(f"{verb.description[0].upper()}{verb.description[1:]}.")
        parts += _flags(verb, f"{name} {inner}")
    if parts:
        return parts
    rows = [
        f"| {_names(action)} | {_about(action, of)} |"
        for action in of._actions
        if not isinstance(action, argparse._HelpAction) and action.help != argparse.SUPPRESS
    ]
    return ["\n".join(["| | |", "|---|---|", *rows])] if rows else []


def _names(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings) or str(action.metavar or action.dest).upper()
    if action.option_strings and action.nargs != 0:
        name += f" {action.metavar or action.dest.upper()}" if not action.choices else ""
    return f"`{name}`"


def _about(action: argparse.Action, of: argparse.ArgumentParser) -> str:
    text = action.help or ""
    if "%" in text:
        text = text % {**vars(action), "prog": of.prog}
    if action.choices:
        text += f" ({', '.join(f'`{choice}`' for choice in action.choices)})"
    return " ".join(text.split()).replace("|", "\\|")


def guidance() -> str:
    """Every guidance rule, as Markdown."""
    rows = [f"| {rule.label} | `{name}` | {rule.about} |" for name, rule in GUIDANCES.items()]
    return "\n\n".join((
        "# Guidance", _NOTE,
        "Guidance leads the prediction away from a weaker one. Only what the chosen model can do "
        "is offered: a rule may need a class or a prompt, token routing, or a transformer. The tip "
        "of each setting says what it does; the view *Guidance* shows its strength at each patch, "
        "and the sampler lab runs several rules side by side.",
        "\n".join(["| rule | `--guidance` | what it does |", "|---|---|---|", *rows]),
    )) + "\n"  # fmt: skip


def shortcuts(window: MainWindow) -> str:
    """Every command of a window by its menu, as Markdown."""
    for page in window.pages:
        window.open_page(page)
    parts = [
        "# Keyboard shortcuts", _NOTE,
        "`?` shows them in the window, where each can be changed. "
        "On macOS `Ctrl` is the Command key.",
    ]  # fmt: skip
    for menu in MENUS:
        rows = [
            f"| {command.text.removesuffix('…')} | {_keys(command.shortcut)} |"
            for command in sorted(window.commands.all.values(), key=lambda each: each.place)
            if command.menu == menu
        ]
        parts += [f"## {menu}", "\n".join(["| | |", "|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def _keys(shortcut: str) -> str:
    return f"`{QKeySequence(shortcut).toString()}`" if shortcut else ""


def main(folder: Path) -> None:
    """Write the pages."""
    write_text(folder / "command-line.md", command_line())
    write_text(folder / "guidance.md", guidance())
    with own_folders(), scripted_window() as window:
        write_text(folder / "shortcuts.md", shortcuts(window))


if __name__ == "__main__":
    main(shipped("docs"))
