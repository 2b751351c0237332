"""The window's words in the user's language: every English text that is shown goes through `tr`.

Texts that come as data from below the window (labels, help, sentences of errors) are given to `tr`
or `tr_sentence` where they are shown; texts that are data of the window are marked by `QT_TR_NOOP`.
The words are in `resources/translations/pfstudio_LANGUAGE.ts`, Qt's own format, and read as they
are. English has a file too: the plural forms.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Real

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from pfstudio.core.paths import shipped

CONTEXT = "pfstudio"
SENTENCES = "sentences"  # of texts from below the window, with `{1}`, `{2}` ... for values
TRANSLATED = ("de",)  # beside English
_HOLE = re.compile(r"\{\d+\}")
_DECIMALS = re.compile(r"[-\d., ]*\d\.\d[-\d., ]*")  # a number, or a list of numbers
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")


def tr(text: str, comment: str = "", n: int = -1, /, **values: object) -> str:
    """An English text in the user's language.

    Args:
        text: as it is in the code, with `{name}` where values go, and `%n` where a number goes.
        comment: tells apart texts that are the same in English only.
        n: number that `%n` stands for and that chooses the plural form.
        values: what fills the names, as by `str.format`, but numbers as by `number`.
    """
    shown = QCoreApplication.translate(CONTEXT, text, comment, n)
    return _filled(shown, values) if values else shown


def number(value: float, form: str = ".2f") -> str:
    """A number as people write it in the window's language: 0.40, in German 0,40.

    It has a true minus sign; a dash stands for what is not known (NaN).

    Args:
        value: the number.
        form: as for Python's `format`.
    """
    if value != value:
        return "–"
    shown = format(value, form)
    if shown.startswith("-"):
        shown = ("−" if re.search("[1-9]", shown) else "") + shown[1:]
    return shown.translate(_separators(_language()))


@cache
def _separators(language: str) -> dict[int, str]:
    """What stands in a language for the point and the commas of a number."""
    locale = QLocale(language)
    return {ord("."): locale.decimalPoint(), ord(","): locale.groupSeparator()}


class _Filler(string.Formatter):
    """Fills values into texts."""

    def format_field(self, value: object, form: str) -> str:
        return number(value, form) if isinstance(value, Real) else format(value, form)  # type: ignore[arg-type]


def _filled(text: str, values: Mapping[str, object]) -> str:
    return _Filler().vformat(text, (), values)


def tr_inside(text: str) -> str:
    """A title inside a sentence: in small letters, but for German, whose nouns keep theirs."""
    return tr(text) if _language() == "de" else tr(text).lower()


def parts_around(name: str, text: str, **values: object) -> tuple[str, str, str]:
    """A translated text with its values filled in, cut before and after the value `name`."""
    before, after = (_filled(part, values) for part in text.split(f"{{{name}}}"))
    return before, str(values[name]), after


def QT_TR_NOOP(text: str) -> str:
    """Mark a text of the window that `tr` gets later."""
    return text


@dataclass(frozen=True)
class _Template:
    """A sentence from below the window, and what recognises it with its values filled in."""

    source: str
    whole: re.Pattern[str]

    @classmethod
    def of(cls, source: str) -> _Template:
        pattern = "(.*?)".join(map(re.escape, _HOLE.split(source)))
        return cls(source, re.compile(pattern, re.DOTALL))

    @property
    def literal(self) -> int:
        """Characters that are no values: the more, the surer."""
        return len(_HOLE.sub("", self.source))


def tr_sentence(said: object) -> str:
    """What was said below the window, in the user's language; unknown words stay as they are.

    Values were filled in down there, so the sentence is compared with the templates of the
    catalogue; what stood for a name is translated too (the label of a parameter, a reason).

    Args:
        said: a text, or an error whose sentence is meant.
    """
    text = str(said)
    if _language() == "en":
        return text
    if _DECIMALS.fullmatch(text):
        point = _separators(_language())[ord(".")]
        return re.sub(r"(?<=\d)\.(?=\d)", point, text)
    if _GROUPED.fullmatch(text):
        return text.translate(_separators(_language()))
    same = QCoreApplication.translate(CONTEXT, text)
    if same != text:
        return same
    for template in _templates():
        found = template.whole.fullmatch(text)
        if found:
            values = map(tr_sentence, found.groups())
            return QCoreApplication.translate(SENTENCES, template.source).format("", *values)
    return text


class Catalogue(QTranslator):
    """The words of one language, read from its .ts file."""

    def __init__(self, language: str, parent: QCoreApplication) -> None:
        super().__init__(parent)
        self._forms = read(language)

    def isEmpty(self) -> bool:
        return False  # else Qt does not ask

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:  # type: ignore[override]  # None: another translator is asked
        forms = self._forms.get((context, text, disambiguation or ""))
        if forms is None:
            return None
        return forms[min(len(forms) - 1, int(n != 1))]  # English and German: one, and others


@cache
def read(language: str) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """The forms of every finished text of a language, by context, English text and comment."""
    from xml.etree import ElementTree  # late: an English window needs none

    path = shipped("resources", "translations", f"pfstudio_{language}.ts")
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for context in ElementTree.parse(path).iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            shown = message.find("translation")
            if shown is not None and shown.get("type") is None:
                forms = [one.text or "" for one in shown.iter("numerusform")]
                text = message.findtext("source", "")
                found[name, text, message.findtext("comment", "")] = tuple(forms) or (
                    shown.text or "",
                )
    return found


@cache
def _templates() -> tuple[_Template, ...]:
    sources = {
        text
        for language in TRANSLATED
        for context, text, _ in read(language)
        if context == SENTENCES
    }
    return tuple(sorted(map(_Template.of, sources), key=lambda one: (-one.literal, one.source)))


_used: list[tuple[str, QTranslator]] = []  # language and its words, the window's last


def _language() -> str:
    """The code of the window's language."""
    return _used[-1][0] if _used else "en"


def use(setting: str) -> str:
    """Show what is made from now on in a language; returns its code.

    Args:
        setting: "system", or the code of a language.
    """
    app = QCoreApplication.instance()
    assert app is not None
    wanted = QLocale.system().uiLanguages() if setting == "system" else [setting]
    language = next((one[:2] for one in wanted if one[:2] in ("en", *TRANSLATED)), "en")
    if _used and _used[-1][0] == language:
        return language
    while _used:
        QCoreApplication.removeTranslator(_used.pop()[1])
    if language != "en":
        qt = QTranslator(app)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if qt.load(f"qtbase_{language}", folder):
            _used.append((language, qt))
    _used.append((language, Catalogue(language, app)))
    for _, words in _used:
        QCoreApplication.installTranslator(words)
    return language
