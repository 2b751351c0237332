"""Promise: the window is German throughout, and long words of a language fit into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from page_scenes import SCENES, install_every_model
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QComboBox
from shown_texts import cut, narrow, overlapping, painted, shown
from window_bench import Bench

from pfstudio.core.colour import DEPTH_TABLES
from pfstudio.core.conditions import Prompt
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.settings import Settings, save_settings
from pfstudio.drivers.translations import Message, messages, unmarked
from pfstudio.ui import language, theme
from pfstudio.ui.language import CONTEXT, SENTENCES, read, tr
from pfstudio.ui.queue.popover import title_and_settings
from pfstudio.ui.stage.colour_bar import WIDTH
from pfstudio.ui.stage.views import VIEWS
from pfstudio.ui.theme import font
from pfstudio.ui.view_models.run import ROLE_WORDS
from pfstudio.ui.window import MINIMUM

MESSAGES = messages()
# A decimal number with a point; in a version or a number of arXiv it is none.
POINT = re.compile(r"(?<![\w.])(?!\d{1,3}(?:\.\d{3})+(?!\d))\d+\.\d{1,4}(?![\w.])")
HOLES = re.compile(r"\{[^}]*\}|%n")
PARTS = re.compile(" · | — ")


@pytest.fixture(autouse=True)
def english_again(qapp: QApplication) -> Iterator[None]:
    yield
    language.use("en")


def forms(name: str, message: Message) -> tuple[str, ...]:
    return read(name).get((message.context, message.text, message.comment), ())


def test_every_text_has_a_german_one() -> None:
    assert len(MESSAGES) > 1000
    assert set(read("de")) == {(m.context, m.text, m.comment) for m in MESSAGES}
    for message in MESSAGES:
        for form in forms("de", message):
            assert sorted(HOLES.findall(form)) == sorted(HOLES.findall(message.text)), form
            assert form.strip() == form or message.text.strip() != message.text, form


@pytest.mark.parametrize("name", ["en", "de"])
def test_words_of_bars_and_legends_fit_beside_the_canvas(name: str, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    language.use(name)
    ends = [(kind.low, kind.high) for kind in VIEWS.values()]
    words = {tr(word) for pair in ends for word in pair} | {tr("equal"), tr("different")}
    words |= {tr(word) for word in ROLE_WORDS.values()}
    metrics = QFontMetrics(font("tiny"))
    assert [word for word in words if metrics.horizontalAdvance(word) > WIDTH] == []


def test_every_text_of_the_window_is_marked() -> None:
    assert unmarked() == []


def test_words_of_the_user_stay_as_they_are_in_the_queue(qapp: QApplication) -> None:
    language.use("de")
    for text in ("class room", "noise", "Depth of field", "Class of 1999"):
        request = GenerateRequest(model="pft-emoji-text-128", conditions=(Prompt(text),))
        assert title_and_settings(request)[0] == text
    request = GenerateRequest(model="pft-emoji-text-128", conditions=(Prompt(""),))
    assert title_and_settings(request)[0] == "kein Prompt"


def test_what_is_said_of_long_prompts_is_german(qapp: QApplication) -> None:
    language.use("de")
    told = language.tr_sentence("The negative prompt has 2,002 tokens: only the first 64 are read.")
    assert told == "Der negative Prompt hat 2.002 Tokens: nur die ersten 64 werden gelesen."
    told = language.tr_sentence("little-pft takes classes, not text.")
    assert told == "little-pft nimmt Klassen, keinen Text."


def test_names_and_nouns_keep_their_capitals_inside_german_sentences(qapp: QApplication) -> None:
    language.use("de")
    assert language.tr_inside("Euler") == "Euler"
    language.use("en")
    assert language.tr_inside("Easy share") == "easy share"


def test_numbers_choose_the_form_in_both_languages() -> None:
    plural = [message for message in MESSAGES if message.plural]
    assert set(read("en")) == {(m.context, m.text, m.comment) for m in plural}
    for message in plural:
        for name in ("en", "de"):
            one, many = forms(name, message)
            assert all((one, many)), message.text


def test_errors_are_told_in_german(qapp: QApplication) -> None:
    language.use("de")
    told = language.tr_sentence("Easy share (easy-share) is 3, but must lie between 0 and 1.")
    assert told == "Easy share (easy-share) ist 3, muss aber zwischen 0 und 1 liegen."
    assert language.tr_sentence("Loading little-pft") == "Lädt little-pft"
    assert language.tr_sentence("a name of the user") == "a name of the user"
    assert (language.tr("%n files", "", 1), language.tr("%n files", "", 2)) == (
        "1 Datei",
        "2 Dateien",
    )


def test_numbers_are_written_as_in_the_language(qapp: QApplication) -> None:
    written = (0.4, ".2f"), (-1234.5, ",.1f"), (-0.001, ".2f"), (float("nan"), ".2f"), (7, ",")
    assert [language.number(*one) for one in written] == ["0.40", "−1,234.5", "0.00", "–", "7"]
    assert language.tr("{share:.1f} % took {calls}", share=0.5, calls=3) == "0.5 % took 3"
    language.use("de")
    assert [language.number(*one) for one in written] == ["0,40", "−1.234,5", "0,00", "–", "7"]
    told = language.tr_sentence("Easy share (easy-share) is 1.5, but must lie between 0 and 1.")
    assert told == "Easy share (easy-share) ist 1,5, muss aber zwischen 0 und 1 liegen."
    assert language.tr_sentence("photo 1.5.png") == "photo 1.5.png"


@pytest.mark.parametrize("typed", ["0.55", "0,55"])
def test_a_point_and_a_comma_are_understood(open_window: Callable[..., Bench], typed: str) -> None:
    bench = open_german(open_window)
    bench.page.recipe.choose_sampler("dual-loop")
    easy = bench.window.page("generate").recipe.sampler_form.control("easy_share")
    easy.setFocus()
    bench.qtbot.keyClick(easy, Qt.Key.Key_Return)
    bench.qtbot.keyClicks(QApplication.focusWidget(), typed)
    bench.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert bench.page.recipe.request.sampler.easy_share == 0.55
    assert easy.text() == "0,55"


def open_german(open_window: Callable[..., Bench]) -> Bench:
    save_settings(Settings(language="de"))
    install_every_model()
    return open_window()


@pytest.mark.parametrize("key", SCENES)
def test_no_page_shows_english(open_window: Callable[..., Bench], tmp_path: Path, key: str) -> None:
    bench = open_german(open_window)
    bench.window.resize(1600, 1000)
    bench.window.open_page(key)
    english = {
        text
        for message in MESSAGES
        if message.context == CONTEXT and message.text not in forms("de", message)
        for text in (message.text, message.text.upper())
    } - {form for message in MESSAGES for form in forms("de", message)}
    english -= set(DEPTH_TABLES)  # colour maps keep their names
    before = set(shown(bench.window))
    SCENES[key](bench, tmp_path)
    bench.qtbot.wait(400)
    texts = before | set(shown(bench.window))
    texts |= {part for text in texts for part in PARTS.split(text)}
    assert len(texts) > 100
    assert {"Datei", "Einstellungen"} <= texts
    assert sorted(texts & english) == []
    assert [text for text in texts if POINT.search(text)] == []
    assert cut(bench.window) == []
    bench.window.resize(MINIMUM)
    bench.qtbot.wait(200)
    assert cut(bench.window) == []


def test_no_dialog_shows_english(open_window: Callable[..., Bench]) -> None:
    bench = open_german(open_window)
    english = {m.text for m in MESSAGES if m.text not in forms("de", m)}
    for command in ("edit.settings", "help.shortcuts"):
        bench.window.commands.action(command).trigger()
    dialogs = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not bench.window]
    assert len(dialogs) == 2
    for dialog in dialogs:
        assert sorted(set(shown(dialog)) & english) == []
        dialog.close()


class Pseudo(QTranslator):
    """A language with longer words (+40 %) in brackets, and no letter of English in them."""

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        if context not in (CONTEXT, SENTENCES):
            return None
        more = "~" * (2 * len(HOLES.sub("", text)) // 5)
        if " " in text:
            more = re.sub("(~{8})(?=~)", r"\1 ", more)  # words that can be wrapped
        return f"[{text}{more}]"


@pytest.mark.parametrize("key", SCENES)
def test_long_words_are_not_cut(
    open_window: Callable[..., Bench], tmp_path: Path, qapp: QApplication, key: str
) -> None:
    language.use("en")
    pseudo = Pseudo()
    QCoreApplication.installTranslator(pseudo)
    try:
        install_every_model()
        bench = open_window()
        bench.window.resize(1600, 1000)
        bench.window.open_page(key)
        SCENES[key](bench, tmp_path)
        bench.qtbot.wait(400)
        texts, too_narrow = painted(bench.window), narrow(bench.window)
        lists = [one.currentText() for one in bench.window.findChildren(QComboBox)]
        bench.window.resize(MINIMUM)
        bench.qtbot.wait(200)
        small, overlaps = cut(bench.window), overlapping(bench.window)
    finally:
        QCoreApplication.removeTranslator(pseudo)
    assert sum(text.startswith("[") for text in texts) > 30
    words = [text for text in texts if text.startswith("[") and not re.search(r"\d", text)]
    shortened = [text for text in words if "…" in text and "]" not in text]
    # A list that is open shows all of what it cuts while it is closed.
    assert [text for text in shortened if not any(one.startswith(text[:-1]) for one in lists)] == []
    assert too_narrow == []
    assert small == []
    assert overlaps == []
