"""Words become pictures: typed, in batches, in styles, read back from a picture."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from real_window import drop, opened
from small_models import install_small_model, install_small_text_model

from pfstudio.cli.main import main
from pfstudio.core.conditions import Prompt
from pfstudio.core.metadata import read_notes, read_recipe
from pfstudio.core.models import models_folder
from pfstudio.core.samplers import Euler
from pfstudio.ui.notify import Notice
from pfstudio.ui.recipe.panel import RecipePanel
from pfstudio.ui.restore_dialog import RestoreDialog
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.window import MainWindow


def install_text_model() -> None:
    """A tiny text model with styles and an example."""
    styles, examples = ("Noto style", "Fluent 3D style"), ("a red fox, Noto style",)
    install_small_text_model(prompt_styles=styles, prompt_examples=examples)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    """A tiny text model is the only one."""
    install_text_model()
    yield from opened(qtbot, qapp)


def run(window: MainWindow, qtbot: QtBot) -> list[Path]:
    """Press Return in the prompt; the pictures that were saved."""
    page = window.page("generate").model
    page.recipe.set(sampler=Euler(2))
    with qtbot.waitSignal(page.ended, timeout=60_000):
        qtbot.keyClick(window.page("generate").recipe.prompt.text, Qt.Key.Key_Return)
    return [Path(name) for name in page.files if name.endswith(".png")]


def button(panel: RecipePanel, name: str) -> Button:
    (found,) = [b for b in panel.prompt.findChildren(Button) if b.accessibleName() == name]
    return found


def test_prompt_makes_picture(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.page("generate").recipe
    qtbot.keyClicks(panel.prompt.text, "a fox")
    qtbot.keyClicks(panel.prompt.negative, "rain")
    qtbot.mouseClick(button(panel, "Noto style"), Qt.MouseButton.LeftButton)
    recipe = window.page("generate").model.recipe
    qtbot.waitUntil(lambda: recipe.estimate_is_current, timeout=60_000)
    assert panel.prompt.tokens.text().endswith(" of 64 tokens")
    (picture,) = run(window, qtbot)
    assert read_recipe(picture).request.conditions == (Prompt("a fox, Noto style", "rain"),)


def test_batch_of_prompts(window: MainWindow, qtbot: QtBot) -> None:
    panel, recipe = window.page("generate").recipe, window.page("generate").model.recipe
    text = panel.prompt.text
    qtbot.keyClicks(text, "a fox")
    qtbot.keyClick(text, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(text, "a cat ")
    assert recipe.request.conditions == (Prompt("a fox"), Prompt("a cat"))
    assert text.toPlainText() == "a fox\na cat "  # the cursor was not disturbed
    qtbot.mouseClick(button(panel, "Fluent 3D style"), Qt.MouseButton.LeftButton)
    prompts = tuple(Prompt(f"{what}, Fluent 3D style") for what in ("a fox", "a cat"))
    assert recipe.request.conditions == prompts
    pictures = run(window, qtbot)
    assert {read_recipe(one).request.conditions for one in pictures} == {(p,) for p in prompts}
    assert len(pictures) == 2
    qtbot.mouseClick(button(panel, "Fluent 3D style"), Qt.MouseButton.LeftButton)
    assert recipe.request.conditions == (Prompt("a fox"), Prompt("a cat"))


def test_prompt_restored_from_png(window: MainWindow, qtbot: QtBot) -> None:
    panel, recipe = window.page("generate").recipe, window.page("generate").model.recipe
    qtbot.keyClicks(panel.prompt.text, "a fox: red")
    qtbot.keyClicks(panel.prompt.negative, "rain, fog")
    (picture,) = run(window, qtbot)
    assert read_notes(picture).parameters.startswith("a fox: red\nNegative prompt: rain, fog\n")
    panel.prompt.text.selectAll()
    qtbot.keyClicks(panel.prompt.text, "nothing else")
    drop(window, picture)
    (dialog,) = [d for d in window.findChildren(RestoreDialog) if d.isVisible()]
    dialog.restore.click()
    assert recipe.request.conditions == (Prompt("a fox: red", "rain, fog"),)
    assert panel.prompt.text.toPlainText() == "a fox: red"
    assert panel.prompt.negative.text() == "rain, fog"


def test_earlier_prompts_and_examples_are_at_hand(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.page("generate").recipe
    example = button(panel, "a red fox, Noto style")
    assert example.isVisibleTo(panel)
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert panel.prompt.text.toPlainText() == "a red fox, Noto style"
    assert not example.isVisibleTo(panel)
    run(window, qtbot)
    panel.prompt.text.clear()
    qtbot.mouseClick(panel.prompt.history, Qt.MouseButton.LeftButton)
    menu = panel.prompt.findChild(QMenu)
    (action,) = menu.actions()
    action.trigger()
    menu.close()
    assert panel.prompt.text.toPlainText() == "a red fox, Noto style"


def test_pasted_parameters_go_where_they_belong(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("generate")
    text = "a red fox,\nin snow\nNegative prompt: rain\nSteps: 8, Sampler: Euler a, CFG scale: 7"
    QApplication.clipboard().setText(text)
    qtbot.keyClick(page.recipe.prompt.text, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert page.model.recipe.request.conditions == (Prompt("a red fox, in snow", "rain"),)
    assert page.recipe.prompt.negative.text() == "rain"


def test_pasted_parameters_keep_what_they_do_not_replace(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("generate")
    field = page.recipe.prompt.text

    def paste(text: str) -> None:
        QApplication.clipboard().setText(text)
        qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    paste("Negative prompt: rain\nSteps: 8, Sampler: Euler a, CFG scale: 7")
    assert page.model.recipe.request.conditions == (Prompt("", "rain"),)
    page.recipe.prompt.negative.clear()
    field.setPlainText("a red fox\n")
    field.moveCursor(QTextCursor.MoveOperation.End)
    paste("Steps: 8, Sampler: Euler, CFG scale: 7, Class: 4")
    texts = [one.text for one in page.model.recipe.request.conditions]
    assert texts == ["a red fox", "Steps: 8, Sampler: Euler, CFG scale: 7, Class: 4"]


def test_the_lab_does_not_run_an_empty_prompt(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("generate")
    window.commands.action("view.lab").trigger()
    qtbot.mouseClick(page.lab_panel.setup.compare, Qt.MouseButton.LeftButton)
    (told,) = window.context.notifier.notices
    assert told.text == "The prompt is empty."
    assert not window.jobs.busy


def test_an_empty_prompt_is_told_and_not_run(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("generate")
    qtbot.keyClicks(page.recipe.prompt.text, "  ")
    qtbot.keyClick(page.recipe.prompt.text, Qt.Key.Key_Return)
    (told,) = window.context.notifier.notices
    assert (told.text, told.advice) == ("The prompt is empty.", "Describe what the image shows.")
    assert not window.jobs.busy
    assert page.model.run.data is None


def test_words_that_are_not_read_are_told(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("generate")
    page.recipe.prompt.text.setPlainText("fox " * 2000)
    recipe = page.model.recipe
    qtbot.waitUntil(lambda: recipe.estimate_is_current, timeout=60_000)
    told = "2002 of 64 tokens, the last 1938 are not read"
    assert page.recipe.prompt.tokens.text() == told
    said: list[Notice] = []
    window.notifier.posted.connect(said.append)
    assert len(run(window, qtbot)) == 1
    assert said[-1].text.startswith("Done in ")  # and a short run still says what it was told
    assert "only the first 64 are read." in said[-1].advice


def test_a_missing_encoder_is_told(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("generate")
    shutil.rmtree(models_folder() / "small-bert")
    qtbot.keyClicks(page.recipe.prompt.text, "a fox")
    told = "There is no text encoder 'small-bert'."
    qtbot.waitUntil(lambda: page.recipe.cost.problem.text() == told, timeout=60_000)
    assert run(window, qtbot) == []
    assert told in [notice.text for notice in window.context.notifier.notices]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--prompt", " "], "The prompt is empty. Describe what the image shows."),
        (["--model", "small", "--prompt", "a fox"], "small takes no text. Give a class: "),
        (["--prompt", "a fox"], "There is no text encoder 'small-bert'. Give the folder"),
    ],
)
def test_bad_prompts_are_one_sentence_on_the_command_line(
    flags: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    install_text_model()
    shutil.rmtree(models_folder() / "small-bert")
    install_small_model()
    capsys.readouterr()  # what writing the encoder says
    assert main(["generate", "--model", "small-text", "--steps", "2", *flags]) == 2
    out, error = capsys.readouterr()
    assert told in error
    assert len(error.strip().splitlines()) == 1
    assert out == ""


def test_words_that_are_not_read_are_told_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install_text_model()
    text, steps = " ".join(["fox"] * 2000), ["--sampler", "euler", "--steps", "1"]
    prompt = ["--prompt", text, "--negative", "rain"]
    assert main(["generate", "--model", "small-text", *prompt, *steps, "--out", str(tmp_path)]) == 0
    assert "The prompt has 2,002 tokens: only the first 64 are read." in capsys.readouterr().err
