"""Promise: screen readers say what the window shows: names, numbers, choices, lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from page_scenes import SCENES, install_every_model
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QScrollBar,
    QSlider,
    QToolButton,
    QWidget,
)
from shown_texts import painted
from window_bench import Bench

from pfstudio.core.samplers import DualLoop
from pfstudio.ui.depth.histogram import SpreadHistogram
from pfstudio.ui.lab.setup import LabSetup
from pfstudio.ui.stage.colour_bar import ColourBar
from pfstudio.ui.widgets.choice import ChoiceButton, MenuIconButton
from pfstudio.ui.widgets.many_choice import ManyChoice
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider, SlimSlider

TEXT = QAccessible.Text
MENU_BUTTONS = (ChoiceButton, ColourBar, ManyChoice, MenuIconButton)
CONTROLS = (QAbstractSlider, QComboBox, QAbstractButton, QAbstractItemView, QLineEdit)


def face_of(widget: QWidget) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(widget)


def controls(root: QWidget) -> Iterator[QWidget]:
    for widget in root.findChildren(QWidget):
        ours = isinstance(widget, CONTROLS) and not isinstance(widget, QScrollBar)
        if ours and widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            yield widget


def spoken_name(widget: QWidget) -> str:
    """A list is named by the label beside it, everything else by itself."""
    face = face_of(widget)
    if not isinstance(widget, QComboBox):
        return face.text(TEXT.Name)
    labels = [label.text(TEXT.Name) for label, _ in face.relations(QAccessible.RelationFlag.Label)]
    return " ".join(labels)


def wrongly_spoken(widget: QWidget) -> str:
    """What is wrong with a control; empty: nothing."""
    face = face_of(widget)
    if not spoken_name(widget).strip():
        return "has no name"
    value, shown = face.text(TEXT.Value), None
    if isinstance(widget, QAbstractSlider):
        shown = widget.text()
        if isinstance(widget, Slider) and shown not in painted(widget):
            return f"does not show {shown}"
        number = face.valueInterface().currentValue()
        digits = "".join(letter for letter in shown if letter in "0123456789.")
        scale = 100 if "%" in shown else 1
        if digits and float(digits) != pytest.approx(scale * number, abs=5e-4):
            return f"speaks the number {number} where {shown} is shown"
    elif isinstance(widget, QComboBox):
        shown = widget.currentText()
    elif isinstance(widget, QLineEdit):
        shown = widget.text()
    elif isinstance(widget, QAbstractItemView):
        rows = [widget.model().index(row, 0) for row in range(widget.model().rowCount())]
        shown = [str(row.data(Qt.ItemDataRole.DisplayRole)) for row in rows]
        said = [face.child(row).text(TEXT.Name) for row in range(len(rows))]
        # What is painted below a name is said after it.
        value = [text[: len(name)] for text, name in zip(said, shown, strict=True)]
    elif isinstance(widget, MENU_BUTTONS):
        if face.role() is not QAccessible.Role.ButtonMenu or not face.state().hasPopup:
            return f"is called {face.role().name}"
    elif isinstance(widget, QAbstractButton) and widget.isCheckable():
        role = QAccessible.Role.RadioButton if widget.autoExclusive() else QAccessible.Role.CheckBox
        if face.role() is not role:
            return f"is called {face.role().name}"
        shown, value = widget.isChecked(), bool(face.state().checked)
    return "" if shown is None or value == shown else f"says {value!r} where {shown!r} is shown"


def faults(root: QWidget) -> list[str]:
    said = [(widget, wrongly_spoken(widget)) for widget in controls(root)]
    return [f"{type(w).__name__} {spoken_name(w)!r} {wrong}" for w, wrong in said if wrong]


def test_the_walk_finds_what_is_wrong(open_window: Callable[..., Bench]) -> None:
    panel = open_window().window.page("generate").recipe
    nameless, wrong = QSlider(panel), SlimSlider("Place", 1, 9, panel)
    wrong.text = lambda: "3"
    one_of_many = QToolButton(panel, checkable=True, autoExclusive=True, text="Page")
    one_of_many.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    for control in (nameless, wrong, one_of_many):
        control.show()
    assert faults(panel) == [
        "QSlider '' has no name",
        "SlimSlider 'Place' speaks the number 1 where 3 is shown",
        "QToolButton 'Page' is called CheckBox",
    ]


@pytest.mark.parametrize("key", SCENES)
def test_every_page(open_window: Callable[..., Bench], tmp_path: Path, key: str) -> None:
    install_every_model()
    bench = open_window()
    bench.window.open_page(key)
    SCENES[key](bench, tmp_path)
    for more in bench.window.page(key).findChildren(QAbstractButton):
        if more.text() == "More":
            more.setChecked(True)
    bench.qtbot.wait(50)
    assert len(list(controls(bench.window))) > 10
    assert faults(bench.window) == []


def test_steps_and_shares_are_the_shown_ones(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.page.recipe.choose_sampler("dual-loop")
    bench.page.recipe.set_sampler_value("steps", 12)
    form = bench.window.page("generate").recipe.sampler_form
    steps, easy = form.control("steps"), form.control("easy_share")
    assert (face_of(steps).text(TEXT.Value), face_of(easy).text(TEXT.Value)) == ("12", "0.40")
    value = face_of(easy).valueInterface()
    assert (value.minimumValue(), value.maximumValue(), value.minimumStepSize()) == (0, 1, 0.05)
    value.setCurrentValue(0.6)  # as a screen reader does
    assert bench.page.recipe.request.sampler.easy_share == 0.6
    value.setCurrentValue(7.0)
    assert easy.text() == "1.00"


def test_the_threshold_of_the_spread(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    install_every_model()
    bench = open_window()
    bench.window.open_page("depth")
    SCENES["depth"](bench, tmp_path)
    (bars,) = bench.window.page("depth").findChildren(SpreadHistogram)
    value = face_of(bars).valueInterface()
    value.setCurrentValue(value.maximumValue() / 2)
    assert value.currentValue() == pytest.approx(value.maximumValue() / 2)
    assert face_of(bars).text(TEXT.Value) == bars.text() == f"{value.currentValue():.3f}"


def test_the_call_to_compare_with_counts_from_1(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate(steps=5)
    bench.until(lambda: bench.page.run.data is not None and bench.page.run.data.ended)
    bench.window.commands.action("view.compare").trigger()
    compare = bench.window.page("generate").stage.compare
    bench.until(lambda: compare.other_call.maximum() == 5)
    compare.other_call.setValue(3)
    bench.until(lambda: compare.reference.accessibleName().endswith("call 3"))
    assert face_of(compare.other_call).text(TEXT.Value) == "3"
    assert compare.other().call == 2


def test_choices_are_radio_buttons(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    page = bench.window.page("generate")
    bench.window.commands.action("view.lab").trigger()
    bench.until(lambda: any(one.isVisible() for one in page.findChildren(LabSetup)))
    sets = [one for one in bench.window.findChildren(Segmented) if one.isVisible()]
    assert len(sets) >= 3
    for one in sets:
        faces = [face_of(button) for button in one.findChildren(QAbstractButton)]
        assert {face.role() for face in faces} == {QAccessible.Role.RadioButton}
        assert sum(bool(face.state().checked) for face in faces) == 1
        assert (
            sum(
                bool(button.focusPolicy() & Qt.FocusPolicy.TabFocus)
                for button in one.findChildren(QAbstractButton)
            )
            == 1
        )


def test_a_screen_reader_opens_the_menu_of_a_button(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    page = bench.window.page("generate")
    buttons = [one for one in page.findChildren(QAbstractButton) if isinstance(one, MENU_BUTTONS)]
    buttons = [one for one in buttons if one.isVisible() and one.opens_menu]
    assert {type(one) for one in buttons} >= {ChoiceButton, MenuIconButton}
    for button in buttons:
        face = face_of(button)
        show_menu = face.actionInterface().showMenuAction()
        assert show_menu in face.actionInterface().actionNames()
        face.actionInterface().doAction(show_menu)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu), button.accessibleName()
        menu.close()


def test_arrow_keys_choose_and_do_not_scrub(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate(steps=5)
    bench.until(lambda: bench.page.run.data is not None and bench.page.run.data.ended)
    bench.page.run.set_call(2)
    samplers = bench.window.page("generate").recipe.sampler
    assert samplers.key() == "euler"
    bench.window.page("generate").recipe.sampler.segment("euler").setFocus(
        Qt.FocusReason.TabFocusReason
    )
    bench.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert bench.page.recipe.request.sampler == DualLoop()
    assert QApplication.focusWidget() is samplers.segment("dual-loop")
    bench.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() not in samplers.findChildren(QAbstractButton)
    assert bench.page.run.call == 2
    # A click leaves the arrow keys to the time cursor, as everywhere.
    bench.qtbot.mouseClick(samplers.segment("heun"), Qt.MouseButton.LeftButton)
    bench.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert (bench.page.run.call, samplers.key()) == (3, "heun")
