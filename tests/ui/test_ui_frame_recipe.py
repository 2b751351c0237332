"""The recipe: its model, its panel, its command line."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from drop_down import pick
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from window_bench import CLASSES, Bench, install_models, install_text_model

from pfstudio.cli import generate
from pfstudio.cli.settings_flags import settings_from
from pfstudio.cli.upscale_flags import upscale_from
from pfstudio.core.conditions import Prompt, labels
from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled
from pfstudio.core.execution import Execution, Kernels
from pfstudio.core.guidance import GUIDANCES, ClassifierFree, Interval, NoGuidance
from pfstudio.core.jobs import Estimated
from pfstudio.core.models import installed_models
from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import MAX_SEED, Branch, Compute, GenerateRequest
from pfstudio.core.routes import Route
from pfstudio.core.samplers import SAMPLERS, DualLoop, Euler, LookAhead
from pfstudio.core.upscale_settings import Upscale
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.recipe import model as recipe_model
from pfstudio.ui.recipe.class_field import ClassField
from pfstudio.ui.recipe.command_line import command_line
from pfstudio.ui.recipe.cost import seconds_text
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.recipe.prompt_field import PromptEdit, PromptField
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.segmented import PANEL


@pytest.fixture
def recipe(qapp: object, own_folders: object) -> RecipeModel:
    install_models()
    made = RecipeModel()
    made.set_models([m for m in installed_models() if m.card.sizes])
    made.set_model("little-pft")
    made.set_recipe(made.recipe)
    return made


# -- model ---------------------------------------------------------------------------------------


def test_every_change_can_be_undone_and_redone(recipe: RecipeModel) -> None:
    states = [recipe.recipe]
    recipe.set(seed=5)
    states.append(recipe.recipe)
    recipe.choose_sampler("euler")
    states.append(recipe.recipe)
    recipe.set_budget(20)
    states.append(recipe.recipe)
    for state in reversed(states[:-1]):
        recipe.undo()
        assert recipe.recipe == state
    assert not recipe.can_undo
    for state in states[1:]:
        recipe.redo()
        assert recipe.recipe == state
    assert not recipe.can_redo


def test_dragging_a_slider_is_one_step(
    recipe: RecipeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(recipe_model, "monotonic", lambda: now)
    before = recipe.recipe
    for steps in (13, 14, 15):
        now += 0.1
        recipe.set_sampler_value("steps", steps)
    now += 10
    recipe.set_sampler_value("steps", 30)
    recipe.undo()
    assert recipe.request.sampler.steps == 15
    recipe.undo()
    assert recipe.recipe == before


def test_a_budget_derives_every_samplers_steps(recipe: RecipeModel) -> None:
    recipe.set_budget(60)
    for name in SAMPLERS:
        recipe.choose_sampler(name)
        calls = recipe.request.sampler.nfe
        assert abs(calls - 60) <= 2, name
    recipe.choose_sampler("dual-loop")
    recipe.set_sampler_value("inner_steps", 6)
    assert recipe.request.sampler.steps == 10
    recipe.set_budget(None)
    recipe.set_sampler_value("inner_steps", 2)
    assert recipe.request.sampler.steps == 10


def test_samplers_and_guidance_remember_their_settings(recipe: RecipeModel) -> None:
    recipe.choose_sampler("look-ahead")
    recipe.set_sampler_value("context_ratio", 2.0)
    recipe.choose_sampler("euler")
    recipe.choose_sampler("look-ahead")
    assert recipe.request.sampler == LookAhead(context_ratio=2.0)
    recipe.choose_guidance("interval")
    recipe.set_guidance_value("scale", 7.5)
    recipe.choose_guidance("none")
    recipe.choose_guidance("cfg")
    recipe.set_guidance_value("scale", 2.0)
    recipe.choose_guidance("interval")
    assert recipe.request.guidance == Interval(scale=2.0)


def test_a_budget_that_a_sampler_cannot_spend_is_refused(recipe: RecipeModel) -> None:
    refused: list[InputError] = []
    recipe.refused.connect(refused.append)
    recipe.set(sampler=DualLoop(steps=300))
    recipe.set_budget(recipe.request.sampler.nfe)
    recipe.choose_sampler("euler")
    recipe.set_budget(10_000)
    assert [type(error) for error in refused] == [InputError, InputError]
    assert recipe.request.sampler == DualLoop(steps=300)
    recipe.set_budget(None)
    recipe.set(sampler=LookAhead(steps=1000))
    recipe.set_budget(recipe.request.sampler.nfe)
    assert recipe.request.sampler == LookAhead(steps=1000)


def test_the_model_that_is_chosen_can_be_chosen_again(recipe: RecipeModel) -> None:
    recipe.set_guidance_value("scale", 1.5)
    before = recipe.recipe
    recipe.set_model(recipe.request.model)
    assert recipe.recipe == before


def test_masks_go_with_the_guidance_and_the_model_that_they_are_for(recipe: RecipeModel) -> None:
    for choose in (partial(recipe.choose_guidance, "cfg"), partial(recipe.set_model, "plain-dit")):
        recipe.set(masks_file="run.pftrace")
        choose()
        assert not recipe.request.masks_file
        recipe.undo()
        assert recipe.request.masks_file


def test_a_model_without_the_head_moves_to_a_sampler_that_it_can(recipe: RecipeModel) -> None:
    recipe.set(conditions=labels(4))
    recipe.set_model("plain-dit")
    assert isinstance(recipe.request.sampler, Euler)
    assert recipe.request.guidance.scale == 1.5
    assert recipe.request.conditions == labels(4)
    recipe.undo()
    assert isinstance(recipe.request.sampler, DualLoop)


def test_a_model_that_cannot_be_led_away_from_anything_is_not_guided(recipe: RecipeModel) -> None:
    plain = next(model for model in recipe.models if model.name == "plain-dit")
    card = replace(plain.card, name="faces", condition="none", has_null_condition=False)
    faces = replace(plain, name="faces", card=card)
    recipe.set_models([*recipe.models, faces])
    recipe.set_model("faces")
    assert recipe.request.guidance == NoGuidance()
    assert "null condition" in recipe_model.refusal(ClassifierFree, card)
    assert not recipe_model.refusal(NoGuidance, card)
    recipe.set_model("plain-dit")
    assert recipe.request.guidance == ClassifierFree(1.5)
    first = RecipeModel()
    first.set_models([faces])
    assert first.request.guidance == NoGuidance()


def test_another_model_keeps_the_conditions_that_it_can_follow(recipe: RecipeModel) -> None:
    install_text_model()
    recipe.set_models(installed_models())
    recipe.set(conditions=labels(4, 1))
    recipe.set_model("little-writer")
    assert recipe.request.conditions == (Prompt(),)
    assert (recipe.takes, recipe.title) == ("text", "no prompt")
    recipe.set(conditions=(Prompt("a red\nfox", "sea"),))
    assert recipe.title == "a red fox"
    recipe.set_model("little-pft")
    assert recipe.request.conditions == labels(4, 1)  # as it was before
    recipe.undo()
    assert recipe.request.conditions == (Prompt("a red\nfox", "sea"),)
    recipe.set_model("little-pft")
    recipe.set_model("little-writer")
    assert recipe.request.conditions == (Prompt("a red\nfox", "sea"),)


def test_impossible_values_are_refused_with_a_sentence(recipe: RecipeModel) -> None:
    refused: list[InputError] = []
    recipe.refused.connect(refused.append)
    before = recipe.recipe
    recipe.set(count=0)
    recipe.set(seed=MAX_SEED)
    recipe.choose_guidance("interval")
    recipe.set_guidance_value("t_min", 0.9)
    assert len(refused) == 3
    assert recipe.recipe.request.guidance == Interval(scale=3.0)
    recipe.undo()
    assert recipe.recipe == before


def test_seeds(recipe: RecipeModel) -> None:
    recipe.set(seed=10, count=3, conditions=labels(0, 1))
    recipe.next_seed()
    assert recipe.request.seed == 16
    rolled = set()
    for _ in range(5):
        recipe.roll_seed()
        rolled.add(recipe.request.seed)
    assert len(rolled) == 5


def test_an_estimate_speaks_of_one_request_only(recipe: RecipeModel) -> None:
    recipe.set_estimate(Estimated(recipe.request, 48, 1.0, 1.0, None))
    assert recipe.estimate_is_current
    recipe.set(seed=99)
    assert not recipe.estimate_is_current


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.94, "0.9 s"), (14.2, "14 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_in_words(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


# -- command line --------------------------------------------------------------------------------


def parsed(request: GenerateRequest) -> argparse.Namespace:
    words = shlex.split(command_line(request))
    assert words[0] == "pfstudio"
    parser = argparse.ArgumentParser(allow_abbrev=False)
    generate.add_parser(parser.add_subparsers())
    return parser.parse_args(words[1:])


@pytest.mark.parametrize("kind", SAMPLERS.values())
def test_the_terminal_understands_every_sampler(kind: type) -> None:
    args = parsed(GenerateRequest(model="m", sampler=kind()))
    assert settings_from(args, SAMPLERS[args.sampler], SAMPLERS) == kind()


@pytest.mark.parametrize("kind", GUIDANCES.values())
def test_the_terminal_understands_every_guidance(kind: type) -> None:
    args = parsed(GenerateRequest(model="m", sampler=Euler(), guidance=kind()))
    assert settings_from(args, GUIDANCES[args.guidance], GUIDANCES) == kind()


def test_the_terminal_understands_the_rest() -> None:
    args = parsed(
        GenerateRequest(
            model="my model",
            conditions=labels(1, 4),
            seed=12,
            count=2,
            width=96,
            image_file="/a b.png",
            start_time=0.25,
            branch=Branch("/t.safetensors", 3),
            paint=(0, 0, 1, 3, 3, 3),
            scan="1-3,6-4",
            scan_maps=True,
            upscale=Upscale("up", 4, easy_share=0.123456789, seed=5),
            compute=Compute("cpu", "float32", 2),
        )
    )
    assert (args.model, args.classes, args.seed, args.count) == ("my model", ["1", "4"], 12, 2)
    assert (args.width, args.height, args.image, args.start_time) == (96, 0, "/a b.png", 0.25)
    assert generate._paint(args) == (0, 0, 1, 3, 3, 3)
    assert (args.scan, args.scan_maps, args.word_maps) == ("1-3,6-4", True, False)
    assert upscale_from(args, args.upscale) == Upscale("up", 4, easy_share=0.123456789, seed=5)
    assert (args.branch, args.at) == ("/t.safetensors", 4)
    assert (args.device, args.precision, args.threads) == ("cpu", "float32", 2)


def test_the_terminal_is_told_what_ran() -> None:
    then = Execution("cpu", "bfloat16", 3, Kernels("matmul"))
    args = parsed(GenerateRequest(compute=Compute("auto", "float32", 1, then)))
    assert (args.device, args.precision, args.threads) == ("cpu", "bfloat16", 3)


def test_the_terminal_understands_prompts() -> None:
    several = (Prompt('a fox\'s "den"', "--rain"), Prompt("", "--rain"))
    args = parsed(GenerateRequest(model="m", conditions=several))
    assert (args.classes, args.prompts, args.negative) == ([], [p.text for p in several], "--rain")


def test_the_command_line_goes_to_the_clipboard(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.page.recipe.set(seed=321)
    bench.window.commands.action("edit.copy_command_line").trigger()
    assert "--seed 321" in QGuiApplication.clipboard().text()


# -- panel ---------------------------------------------------------------------------------------


def test_every_parameter_has_a_control(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    panel = bench.window.page("generate").recipe
    for name, kind in SAMPLERS.items():
        panel.sampler.segment(name).click()
        assert bench.page.recipe.request.sampler.name == name
        for about in parameters_of(kind):
            if about.rare and not panel.sampler_form.more.isChecked():
                panel.sampler_form.more.click()
            control = panel.sampler_form.control(about.name)
            bench.until(partial(control.isVisibleTo, panel))
            assert about.help in control.toolTip()
    model = bench.page.recipe
    for name, kind in GUIDANCES.items():
        lacks = kind.needs_routes or kind.needs_attention
        item = panel.guidance.model().item(panel.guidance.findData(name))
        assert item.isEnabled() != lacks
        assert item.toolTip().startswith("This guidance needs" if lacks else kind.about)
    cards = [replace(one.card, routes=(Route(2, 4),), blocks=6) for one in model.models]
    able = [replace(one, card=card) for one, card in zip(model.models, cards, strict=True)]
    model.set_models(tuple(able))
    for name, kind in GUIDANCES.items():
        pick(panel.guidance, name)
        assert bench.page.recipe.request.guidance.name == name
        for about in parameters_of(kind):
            if about.rare and not panel.guidance_form.more.isChecked():
                panel.guidance_form.more.click()
            bench.until(partial(panel.guidance_form.control(about.name).isVisibleTo, panel))


def test_sliders_write_into_the_request(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    panel, qtbot = bench.window.page("generate").recipe, bench.qtbot
    steps = panel.sampler_form.control("steps")
    steps.setFocus()
    qtbot.keyClick(steps, Qt.Key.Key_Right)
    assert bench.page.recipe.request.sampler.steps == 13
    qtbot.keyClicks(steps, "4")
    qtbot.keyClicks(steps._editor, "0")
    qtbot.keyClick(steps._editor, Qt.Key.Key_Return)
    assert bench.page.recipe.request.sampler.steps == 40
    share = panel.sampler_form.control("easy_share")
    bench.page.recipe.set_sampler_value("easy_share", 0.33)
    assert share.text() == "0.33"  # as it runs
    share.setFocus()
    qtbot.keyClick(share, Qt.Key.Key_End)
    assert bench.page.recipe.request.sampler.easy_share == 1.0


def test_without_a_head_the_led_samplers_are_off_and_say_why(
    open_window: Callable[..., Bench],
) -> None:
    bench = open_window()
    panel = bench.window.page("generate").recipe
    panel.model.setCurrentIndex(panel.model.findData("plain-dit"))
    panel.model.activated.emit(panel.model.currentIndex())
    assert bench.page.recipe.request.model == "plain-dit"
    for name, kind in SAMPLERS.items():
        segment = panel.sampler.segment(name)
        assert segment.isEnabled() is not kind.needs_difficulty
        assert bool(segment.toolTip()) is kind.needs_difficulty


def test_a_fixed_budget_locks_the_steps(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    panel = bench.window.page("generate").recipe
    panel.fix_budget.click()
    assert bench.page.recipe.recipe.budget == 48
    assert not panel.sampler_form.control("steps").isEnabled()
    panel.sampler.segment("look-ahead").click()
    assert bench.page.recipe.request.sampler.steps == 25
    assert not panel.sampler_form.control("steps").isEnabled()
    panel.fix_budget.click()
    assert panel.sampler_form.control("steps").isEnabled()


def test_classes_by_name_by_number_and_several(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    field, recipe = bench.window.page("generate").recipe.classes, bench.page.recipe
    for typed, label in (("wolf", 2), ("ROWING", 4), ("3", 3)):
        field.edit.clear()
        bench.qtbot.keyClicks(field.edit, typed)
        field.list.hide()
        bench.qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        assert recipe.request.conditions == labels(label)
        assert field.edit.text() == CLASSES[label]
    for typed in ("zebra", "99"):
        field.edit.setText(typed)
        bench.qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        assert recipe.request.conditions == labels(3)
        assert field.edit.text() == typed  # what is wrong can be mended
        bench.qtbot.keyClick(field.edit, Qt.Key.Key_Escape)
        assert field.edit.text() == "house"
    field._more.click()
    field.list.hide()
    field.edit.setText("tiger")
    bench.qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    assert recipe.request.conditions == labels(3, 1)
    field._remove(3)
    assert recipe.request.conditions == labels(1)


def test_a_text_model_takes_a_prompt_in_place_of_classes(
    open_window: Callable[..., Bench],
) -> None:
    install_text_model()
    bench = open_window()
    panel, recipe, qtbot = bench.window.page("generate").recipe, bench.page.recipe, bench.qtbot
    assert panel.classes.isVisibleTo(panel)
    assert not panel.prompt.isVisibleTo(panel)
    panel.model.setCurrentIndex(panel.model.findData("little-writer"))
    panel.model.activated.emit(panel.model.currentIndex())
    assert panel.prompt.isVisibleTo(panel)
    assert not panel.classes.isVisibleTo(panel)
    before = recipe.request
    text = panel.prompt.text
    qtbot.keyClicks(text, "a fox")
    text.moveCursor(QTextCursor.MoveOperation.WordLeft)
    qtbot.keyClicks(text, "red ")
    assert recipe.request.conditions == (Prompt("a red fox"),)  # without Return
    qtbot.keyClicks(panel.prompt.negative, "rain")
    assert recipe.request.conditions == (Prompt("a red fox", "rain"),)
    bench.generate(steps=2)
    bench.until(lambda: bench.page.run.data is not None and bench.page.run.data.ended)
    assert bench.page.run.title == "a red fox"
    assert "a red fox" in bench.window.title.text()
    while recipe.request.conditions != before.conditions:
        recipe.undo()
    assert (text.toPlainText(), panel.prompt.negative.text()) == ("", "")


def test_the_count_of_tokens_is_that_of_the_text_that_stands_there(
    open_window: Callable[..., Bench],
) -> None:
    install_text_model()
    bench = open_window()
    panel, recipe = bench.window.page("generate").recipe, bench.page.recipe
    recipe.set_model("little-writer")
    bench.qtbot.keyClicks(panel.prompt.text, "a fox")
    told = Estimated(recipe.request, 48, 1.0, 1.0, None, prompt_tokens=90, max_prompt_tokens=64)
    recipe.set_estimate(told)
    assert panel.prompt.tokens.text() == "90 of 64 tokens, the last 26 are not read"
    recipe.set(seed=7)  # no other text
    assert panel.prompt.tokens.text().startswith("90 of 64")
    panel.prompt.text.clear()
    assert panel.prompt.tokens.text() == ""


def test_seed_count_and_lock(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    panel, recipe = bench.window.page("generate").recipe, bench.page.recipe
    panel.seed.setText("41")
    panel.seed.editingFinished.emit()
    panel.count.setText("3")
    panel.count.editingFinished.emit()
    assert (recipe.request.seed, recipe.request.count) == (41, 3)
    assert panel._seeds.text() == "to 43"
    panel.next_seed.click()
    assert panel.seed.text() == "44"
    panel.keep_seed.click()
    assert recipe.recipe.keep_seed
    panel.dice.click()
    assert recipe.request.seed != 44


def test_generate_again_moves_on_unless_the_seed_is_kept(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.page.recipe.set(sampler=Euler(1), seed=7)
    for _ in range(2):
        bench.page.generate()
    bench.page.recipe.set_keep_seed(True)
    bench.page.generate()
    bench.page.recipe.set(guidance=NoGuidance())
    bench.until(lambda: len(bench.runner.finished) == 3)
    assert [request.seed for request in bench.runner.finished] == [7, 8, 8]


def test_the_cost_is_shown_before_the_run(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    lines = bench.window.page("generate").recipe.cost
    bench.page.recipe.set(sampler=Euler(40))
    assert lines.nfe.text() == "40 × 2"
    bench.until(lambda: lines.seconds.text() == "0.4 s")
    assert lines.compute.text() == "9.2 TFLOP"
    assert lines.memory.text() == "120 MB"
    bench.page.recipe.choose_guidance("none")
    assert lines.nfe.text() == "40"
    assert lines.seconds.text() != "0.4 s"
    problem = "This model needs an autoencoder that is not installed."
    estimate = Estimated(bench.page.recipe.request, 0, 0.0, 0.0, None, problem)
    bench.page.recipe.set_estimate(estimate)
    assert lines.problem.text() == problem


def test_the_cost_of_a_branch_is_that_of_the_calls_it_has_left(
    open_window: Callable[..., Bench],
) -> None:
    bench = open_window()
    lines = bench.window.page("generate").recipe.cost
    bench.page.recipe.set(sampler=DualLoop(12))
    bench.page.recipe.set_branch(Branch("/tmp/run.pftrace", 40))
    assert lines.nfe.text() == "…"  # only the worker reads the run
    bench.until(lambda: lines.nfe.text() == "8 × 2")


def test_other_jobs_teach_no_speed(open_window: Callable[..., Bench]) -> None:
    """A scrub on the Features page would otherwise cost an estimate each time."""
    bench = open_window()
    timer = bench.page._estimate_timer
    bench.until(lambda: bench.page.recipe.estimate_is_current and not timer.isActive())
    for request, wanted in ((DepthRequest("a.png"), False), (GenerateRequest(), True)):
        handle = JobHandle(request, lambda handle: None)
        bench.window.jobs.ended.emit(handle, Cancelled(1, None))
        assert timer.isActive() is wanted


def test_a_branch_is_shown_and_can_be_dropped(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    panel = bench.window.page("generate").recipe
    part = panel.start_from
    assert part.isHidden()
    bench.page.recipe.set_branch(Branch("/tmp/trace.safetensors", 11))
    assert not part.isHidden()
    assert part.branch.text.text() == "Call 12 of an earlier run"
    assert part.y() < panel.seed.y()  # in sight, however small the window is
    for fixed in (panel.count, panel.picture_size):  # by the run that it branches from
        assert not fixed.isEnabled()
    part.branch.remove.click()
    assert bench.page.recipe.request.branch is None
    assert part.isHidden()
    assert panel.count.isEnabled()


def test_a_masks_file_is_shown_and_can_be_dropped(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    start = bench.window.page("generate").recipe.start_from
    bench.page.recipe.set(masks_file="/results/run.pftrace")
    assert start.isVisibleTo(bench.window)
    assert start.masks.text.text() == "Masks of run.pftrace"
    start.masks.remove.click()
    assert not bench.page.recipe.request.masks_file
    assert not start.isVisibleTo(bench.window)


def test_only_the_kinds_of_paint_that_there_are_are_counted(
    open_window: Callable[..., Bench],
) -> None:
    bench = open_window()
    bench.page.recipe.paint([1, 1, *[0] * 14], 0)
    assert bench.window.page("generate").recipe.start_from.paint.text.text() == "Painted: 2 fast"


def test_device_settings_travel_with_the_request(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.window.settings.set(device="cpu", threads=1)
    request = bench.page.request()
    assert (request.compute.device, request.compute.threads) == ("cpu", 1)
    assert replace(request, compute=GenerateRequest().compute) == bench.page.recipe.request


def test_the_prompt_finds_its_height_at_every_length(qtbot: QtBot) -> None:
    """A scroll bar that takes width, which makes lines, which make height, may not chase itself."""
    edit = PromptEdit("Prompt")
    qtbot.addWidget(edit)
    edit.setFixedWidth(268)
    edit.show()
    resized = Counter(edit.viewport())
    for words in range(15, 81):
        edit.setPlainText("fox " * words)
        resized.count = 0
        for _ in range(3):
            QApplication.processEvents()
        assert resized.count <= 4, words


class Counter(QObject):
    """Of the times a widget is resized; it stops a chase by itself."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(  # noqa: N802
        self, widget: QObject, event: QEvent
    ) -> bool:
        self.count += event.type() == QEvent.Type.Resize
        return self.count > 100 and event.type() == QEvent.Type.LayoutRequest


def test_a_long_prompts_count_is_no_wider_than_the_panel(qtbot: QtBot) -> None:
    field = PromptField()
    qtbot.addWidget(field)
    field.tokens.setText("68 von 64 Tokens, die letzten 4 werden nicht gelesen")
    assert field.minimumSizeHint().width() <= PANEL


def test_chips_of_classes_are_no_wider_than_the_panel(qtbot: QtBot) -> None:
    field = ClassField()
    qtbot.addWidget(field)
    names = ["a class & a name longer than the panel is wide"] * 2 + ["fox"]
    field.set_model(names, None)
    field.set_labels((0, 1, 2))
    assert field.minimumSizeHint().width() < 296
    chips = [chip for chip in field.findChildren(Button) if chip.isVisibleTo(field)]
    assert [chip.accessibleName() for chip in chips] == [f"Remove {name}" for name in names]
    assert chips[2].text() == "fox"
    heard: list[tuple[int, ...]] = []
    field.chosen.connect(heard.append)
    chips[1].click()
    assert heard == [(0, 2)]
