"""Keeps the catalogues of `resources/translations` in step with the English texts of the code.

`python -m pfstudio.drivers.translations` adds what is new, unfinished, and takes out what is gone.
"""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pfstudio
from pfstudio.core.depth import SPREAD_LABEL, DepthRequest
from pfstudio.core.depth_measures import QUANTITIES
from pfstudio.core.features import NOISES
from pfstudio.core.guidance import GUIDANCES
from pfstudio.core.parameters import parameters_of
from pfstudio.core.paths import shipped
from pfstudio.core.samplers import SAMPLERS
from pfstudio.core.settings import Settings
from pfstudio.core.upscale_settings import Upscale
from pfstudio.ui.language import CONTEXT, SENTENCES, TRANSLATED
from pfstudio.ui.recipe.form import choice_word

PACKAGE = Path(pfstudio.__file__).parent
_MARKS = ("tr", "QT_TR_NOOP")
_BELOW = ("core", "nn", "flow", "weights", "engine")
_NOT_SHOWN = ("AssertionError", "KeyError", "TypeError")  # errors that no person gets to read
_SENTENCE = re.compile(r"(?:[A-Z][a-z ]|\{).* .*[.!?]", re.DOTALL)
_PHRASE = re.compile(r".*[a-z]{2}.* .*|.* .*[a-z]{2}.*", re.DOTALL)
# Files below the window that word more than errors and whole sentences.
_WORDED = (
    "conditions.py", "execution.py", "file_type.py", "files.py", "load.py", "memory.py",
    "parameters.py", "queue.py", "session.py", "settings.py", "tasks.py",
)  # fmt: skip
_UNSEEN = ("bench_", "selftest", "autotune", "reliability")  # beginnings of files for the CLI only

# Of the window's code: what says something in a terminal, in files (in English), or to Qt.
_OTHER_WORDS = (
    "app.py", "export/caption.py", "export/figure.py", "screen.py", "theme/stylesheet.py",
)  # fmt: skip
_TALK = re.compile(r".*[A-Za-z]{2,},? [a-z]{2,}.*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{3,}[.…:]?")
# Calls that show a text, and which of their arguments it is.
_WORDS_AT = {
    "write": 2, "Button": 0, "Combo": 0, "Field": 0, "IconButton": 1, "Notice": 1, "Switch": 0,
    "addAction": 0, "heading": 0, "label": 0, "say": 0, "setAccessibleDescription": 0,
    "setAccessibleName": 0, "setPlaceholderText": 0, "setText": 0, "setToolTip": 0,
    "setWindowTitle": 0, "set_message": 0, "set_words": 0,
}  # fmt: skip
_UNSHOWN = ("debug", "error", "exception", "info", "setStyleSheet", "warning", "compile")


@dataclass(frozen=True, order=True)
class Message:
    """An English text that the window shows."""

    context: str  # CONTEXT, or SENTENCES: with values filled in below the window
    text: str
    comment: str = ""

    @property
    def plural(self) -> bool:
        """Whether its form depends on a number."""
        return "%n" in self.text


def messages() -> list[Message]:
    """Every English text that the window can show, each once, in order."""
    return sorted({*_of_window(), *_of_settings(), *_of_rooms_below()})


def _trees(room: str) -> Iterator[ast.Module]:
    for path in sorted((PACKAGE / room).rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _constant(node: ast.expr) -> str:
    """The text that is written there; "" where there is something else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _of_window() -> Iterator[Message]:
    """The texts in the marks of the window."""
    for tree in _trees("ui"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node) in _MARKS:
                text, comment, *_ = (*map(_constant, node.args), "", "")
                if text:
                    yield Message(CONTEXT, text, comment)


def unmarked() -> list[str]:
    """Texts in the code of the window that look like words for a person, but are in no mark."""
    known = {message.text for message in messages()}  # marked elsewhere: these are keys
    found = []
    for path in sorted((PACKAGE / "ui").rglob("*.py")):
        name = path.relative_to(PACKAGE / "ui").as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = () if name in _OTHER_WORDS else _unmarked(tree)
        found += [f"{name}: {text}" for text in texts if text not in known]
    return found


def _unmarked(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, (ast.Assert, ast.arguments)) or getattr(node, "annotation", None):
        node = getattr(node, "value", None) or ast.Pass()
    if isinstance(node, ast.Call):
        name = _name(node)
        if name in (*_MARKS, *_NOT_SHOWN, *_UNSHOWN):
            return
        place = _WORDS_AT.get(name, len(node.args))
        for argument in node.args[place : place + 1]:
            if _WORD.fullmatch(_constant(argument)):
                yield _constant(argument)
    if isinstance(node, (ast.Constant, ast.JoinedStr)):
        text = _template(node)
        if _TALK.fullmatch(text):
            yield text
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
            yield from _unmarked(child)


def _of_settings() -> Iterator[Message]:
    """Labels, help and choices that controls are made of."""
    kinds = (*SAMPLERS.values(), *GUIDANCES.values())
    texts = {SPREAD_LABEL, "Upscale", "Depth", *(kind.label for kind in kinds)}
    texts |= {kind.about for kind in GUIDANCES.values()}
    texts |= {name.capitalize() for name in (*QUANTITIES, *NOISES)}
    for kind in (*kinds, Settings, DepthRequest, Upscale):
        for about in parameters_of(kind):
            texts |= {about.label, about.help, about.zero}
            texts |= {choice_word(choice) for choice in about.choices}
    return (Message(CONTEXT, text) for text in texts if text)


def _of_rooms_below() -> Iterator[Message]:
    """Sentences of errors and notices; `{1}`, `{2}` ... stand for their values."""
    for room in _BELOW:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            if not path.name.startswith(_UNSEEN):
                tree = ast.parse(path.read_text(encoding="utf-8"))
                for text in _worded(tree, everything=path.name in _WORDED):
                    yield Message(SENTENCES if "{1}" in text else CONTEXT, text)


def _worded(node: ast.AST, *, everything: bool, of_error: bool = False) -> Iterator[str]:
    """The texts in a piece of code that may reach a person.

    Args:
        everything: phrases too that are no whole sentences.
        of_error: it is what an error is given.
    """
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Call):
        name = _name(node)
        if name in _NOT_SHOWN or name in ("warning", "info", "debug", "parameter", "compile"):
            return
        of_error = name.endswith("Error")
    if isinstance(node, (ast.Constant, ast.JoinedStr)):
        text = _template(node)
        shown = of_error or _SENTENCE.fullmatch(text) or everything
        if shown and _PHRASE.fullmatch(text):
            yield text
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant):
            continue  # a piece of the text
        inside = isinstance(node, (ast.JoinedStr, ast.FormattedValue, ast.IfExp, ast.Call))
        yield from _worded(child, everything=everything, of_error=of_error and inside)


def _template(node: ast.Constant | ast.JoinedStr) -> str:
    """The text of a string, with `{1}`, `{2}` ... for the values in it."""
    if isinstance(node, ast.Constant):
        return _constant(node)
    text, values = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            values += 1
            text += f"{{{values}}}"
    return text


def update(language: str, wanted: Iterable[Message]) -> tuple[int, int]:
    """Bring a catalogue in step; returns how many texts came and went.

    English has entries for the plural forms only.
    """
    path = shipped("resources", "translations", f"pfstudio_{language}.ts")
    known = {message_of(one, context): one for context, one in entries(path)}
    wanted = [one for one in wanted if language != "en" or one.plural]
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    for name in sorted({one.context for one in wanted}):
        context = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(context, "name").text = name
        context.extend(known.get(one) or _unfinished(one) for one in wanted if one.context == name)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{text}\n', "utf-8")
    return len(set(wanted) - set(known)), len(set(known) - set(wanted))


def entries(path: Path) -> Iterator[tuple[str, ElementTree.Element]]:
    """Name of the context and message, of every message of a .ts file."""
    if path.is_file():
        for context in ElementTree.parse(path).iter("context"):
            for one in context.iter("message"):
                yield context.findtext("name", ""), one


def message_of(entry: ElementTree.Element, context: str) -> Message:
    """What an entry of a .ts file translates."""
    return Message(context, entry.findtext("source", ""), entry.findtext("comment", ""))


def _unfinished(message: Message) -> ElementTree.Element:
    entry = ElementTree.Element("message", {"numerus": "yes"} if message.plural else {})
    ElementTree.SubElement(entry, "source").text = message.text
    if message.comment:
        ElementTree.SubElement(entry, "comment").text = message.comment
    shown = ElementTree.SubElement(entry, "translation", type="unfinished")
    if message.plural:
        for _ in range(2):
            ElementTree.SubElement(shown, "numerusform")
    return entry


def main() -> None:
    """Bring every catalogue in step, and say what changed."""
    wanted = messages()
    for language in ("en", *TRANSLATED):
        came, went = update(language, wanted)
        print(f"{language}: {came} new, {went} gone")
    for text in unmarked():
        print(f"not marked for translation: {text}")


if __name__ == "__main__":
    main()
