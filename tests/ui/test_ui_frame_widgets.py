"""The window's own controls: what they show, and what keys and pointer do to them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from pfstudio.core.parameters import parameters_of
from pfstudio.core.settings import Settings
from pfstudio.ui import icons, theme
from pfstudio.ui.recipe.form import ParameterForm
from pfstudio.ui.widgets.buttons import Button, Switch
from pfstudio.ui.widgets.fields import Combo, Field
from pfstudio.ui.widgets.fitting_bar import FittingBar
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import FocusRing
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")


@pytest.fixture
def share(qtbot: QtBot) -> Slider:
    slider = Slider("Easy share", 0.0, 1.0, 0.05, "Share of the easy patches")
    qtbot.addWidget(slider)
    slider.resize(260, 37)
    slider.show()
    return slider


def edits(slider: Slider) -> list[float]:
    heard: list[float] = []
    slider.edited.connect(heard.append)
    return heard


def test_setting_is_silent_and_editing_is_heard(share: Slider, qtbot: QtBot) -> None:
    heard = edits(share)
    share.set_number(0.4)
    assert (share.number(), share.text(), heard) == (0.4, "0.40", [])
    qtbot.keyClick(share, Qt.Key.Key_Right)
    qtbot.keyClick(share, Qt.Key.Key_PageDown)
    qtbot.keyClick(share, Qt.Key.Key_Home)
    qtbot.keyClick(share, Qt.Key.Key_Left)
    assert heard == [0.45, 0.35, 0.0]


def test_the_pointer_drags_the_knob(share: Slider, qtbot: QtBot) -> None:
    heard = edits(share)
    qtbot.mousePress(share, Qt.MouseButton.LeftButton, pos=QPoint(6, 27))
    qtbot.mouseMove(share, QPoint(130, 27))
    qtbot.mouseMove(share, QPoint(400, 27))
    qtbot.mouseRelease(share, Qt.MouseButton.LeftButton, pos=QPoint(400, 27))
    assert heard == [0.5, 1.0]


@pytest.mark.parametrize(
    ("typed", "number"), [("0.3", 0.3), ("0,7", 0.7), ("9e30", 1.0), ("x", 0.5)]
)
def test_a_number_can_be_typed(share: Slider, qtbot: QtBot, typed: str, number: float) -> None:
    share.set_number(0.5)
    share.setFocus()
    qtbot.keyClick(share, Qt.Key.Key_Return)
    share._editor.setText(typed)
    qtbot.keyClick(share._editor, Qt.Key.Key_Return)
    assert share.number() == number
    assert share._editor is None


def test_a_number_between_the_steps_or_beyond_the_track_is_shown_as_it_is(qtbot: QtBot) -> None:
    weight = Slider("Weight", 0.0, 10.0, 0.1, typed=(0.0, 100.0))
    qtbot.addWidget(weight)
    weight.resize(260, 37)
    weight.show()
    heard = edits(weight)
    for number, text in ((2.25, "2.25"), (20.0, "20"), (2.3, "2.3")):
        weight.set_number(number)
        assert (weight.number(), weight.text(), heard) == (number, text, [])
    for typed, number in (("2.25", 2.25), ("50", 50.0), ("1e3", 100.0), ("nan", 100.0)):
        weight.type_value(typed)
        qtbot.keyClick(weight._editor, Qt.Key.Key_Return)
        assert weight.number() == number
    qtbot.mouseClick(weight, Qt.MouseButton.LeftButton, pos=QPoint(254, 27))  # it stands there
    qtbot.keyClick(weight, Qt.Key.Key_Left)
    assert heard == [2.25, 50.0, 100.0, 10.0, 9.9]


def test_a_share_between_the_steps_is_shown_in_percent(qtbot: QtBot) -> None:
    share = Slider("Share", 0.0, 1.0, 0.05, percent=True, typed=(0.0, 1.0))
    qtbot.addWidget(share)
    for number, text in ((0.95, "95 %"), (0.97, "97 %"), (0.975, "97.5 %")):
        share.set_number(number)
        assert share.text() == text


def test_escape_leaves_the_number_as_it_was(share: Slider, qtbot: QtBot) -> None:
    share.set_number(0.5)
    share.type_value("0.9")
    assert overridden(share._editor, Qt.Key.Key_Escape)
    qtbot.keyClick(share._editor, Qt.Key.Key_Escape)
    assert share.number() == 0.5
    assert share._editor is None


def test_wide_ranges_run_on_a_logarithmic_track(qtbot: QtBot) -> None:
    steps = Slider("Steps", 1, 1000)
    qtbot.addWidget(steps)
    steps.resize(260, 37)
    for number, x in ((1, 6), (1000, 254)):
        steps.set_number(2)
        qtbot.mouseClick(steps, Qt.MouseButton.LeftButton, pos=QPoint(x, 27))
        assert steps.number() == number
    steps.set_number(32)
    assert 0.45 < steps._share() < 0.55
    assert steps.text() == "32"


def wheel(notches: int) -> QWheelEvent:
    nothing, buttons = QPointF(20, 20), Qt.MouseButton.NoButton
    held, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    turn = QPoint(0, 120 * notches)
    return QWheelEvent(nothing, nothing, QPoint(), turn, buttons, held, phase, False)


def test_scrolling_past_does_not_change_numbers(share: Slider) -> None:
    heard = edits(share)
    share.clearFocus()
    event = wheel(1)
    share.wheelEvent(event)
    assert heard == []
    assert not event.isAccepted()
    share.setFocus()
    share.wheelEvent(wheel(1))
    assert heard == [0.05]
    combo = Combo("Model")
    combo.addItems(["a", "b"])
    combo.wheelEvent(wheel(-1))
    assert combo.currentText() == "a"


def overridden(widget: object, key: Qt.Key, text: str = "") -> bool:
    held = Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, held, text)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def wants(widget: FocusRing, key: Qt.Key, text: str = "") -> bool:
    held = Qt.KeyboardModifier.NoModifier
    return widget.wants_key(QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, held, text))


def test_controls_keep_their_keys_from_the_windows_shortcuts(share: Slider, qtbot: QtBot) -> None:
    button = Button("Go")
    qtbot.addWidget(button)
    assert wants(share, Qt.Key.Key_Right)
    assert wants(share, Qt.Key.Key_Home)
    assert wants(share, Qt.Key.Key_5, "5")
    assert wants(share, Qt.Key.Key_Space, " ")
    assert not wants(share, Qt.Key.Key_F8)
    assert wants(button, Qt.Key.Key_Space, " ")
    assert not wants(button, Qt.Key.Key_Right)


def test_one_segment_is_on_and_clicks_are_heard(qtbot: QtBot) -> None:
    choice = Segmented("Guidance", [("none", "None"), ("cfg", "CFG"), ("interval", "Interval")])
    qtbot.addWidget(choice)
    heard: list[str] = []
    choice.chosen.connect(heard.append)
    choice.set_key("cfg")
    assert (choice.key(), heard) == ("cfg", [])
    choice.segment("interval").click()
    assert (choice.key(), heard) == ("interval", ["interval"])
    choice.set_usable("none", False, "Not for this model")
    choice.segment("none").click()
    assert choice.key() == "interval"
    assert choice.segment("none").toolTip() == "Not for this model"


def test_a_form_has_a_control_for_every_declared_setting(qtbot: QtBot) -> None:
    form = ParameterForm()
    qtbot.addWidget(form)
    form.show_settings(Settings(theme="light", notify_finished=True, threads=3))
    for about in parameters_of(Settings):
        assert form.control(about.name) is not None
    assert form.control("theme").key() == "light"
    assert form.control("threads").number() == 3
    switch = form.control("notify_finished")
    assert isinstance(switch, Switch)
    assert switch.isChecked()
    heard: list[tuple[str, object]] = []
    form.edited.connect(lambda name, value: heard.append((name, value)))
    switch.click()
    form.control("device").segment("cpu").click()
    form.control("threads").setValue(5)
    assert heard == [("notify_finished", False), ("device", "cpu"), ("threads", 5)]
    assert type(heard[-1][1]) is int


def test_drawings_take_the_themes_colours(qtbot: QtBot, qapp: QApplication) -> None:
    """A button is drawn anew for each theme, and paler while it cannot be pressed."""
    button = Button("", "generate")
    qtbot.addWidget(button)

    def colours() -> set[str]:
        image = button.grab().toImage()
        middle = range(image.height() // 4, image.height() * 3 // 4)
        return {image.pixelColor(x, y).name() for y in middle for x in range(image.width())}

    for name, t in theme.THEMES.items():
        theme.apply(qapp, name)
        assert t.text in colours()
        button.setEnabled(False)
        assert t.faint in colours()
        assert t.text not in colours()
        button.setEnabled(True)


def test_images_in_lists_keep_their_colours_where_they_are_chosen(qapp: QApplication) -> None:
    image = QImage(4, 4, QImage.Format.Format_RGB888)
    image.fill("#ff8000")
    shown = icons.of_image(image)
    plain, chosen = (
        shown.pixmap(4, 4, mode).toImage() for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected)
    )
    assert plain == chosen
    assert plain.pixelColor(1, 1).name() == "#ff8000"


def test_a_stopped_run_has_a_sign_in_the_themes_colours(qapp: QApplication) -> None:
    shown = icons.of_image(None)
    for name, t in theme.THEMES.items():
        theme.apply(qapp, name)
        image = shown.pixmap(44, 44).toImage()
        assert image.pixelColor(22, 22).name() == t.muted


def test_a_field_ends_where_its_buttons_begin(qtbot: QtBot) -> None:
    field = Field("Seed")
    qtbot.addWidget(field)
    field.resize(160, 34)
    dice = field.add_button("dice", "Random seed")
    field.add_button("next", "Next seed")
    field.setText("1234567890" * 4)
    field.end(False)
    field.grab()  # scrolls to the cursor
    assert field.cursorRect().right() <= dice.x()


def test_a_tool_bar_gives_way_where_something_in_it_grows(qtbot: QtBot) -> None:
    bar = FittingBar()
    qtbot.addWidget(bar)
    first = bar.add_toggle("Side by side", "compare", "Two images")
    zoom = QLabel("1 %")
    bar.row.addWidget(zoom)
    bar.resize(bar.row.minimumSize().width(), 42)
    bar.show()
    assert first.text() == "Side by side"
    zoom.setText("1000 per cent")
    qtbot.waitUntil(lambda: first.text() == "")
    assert first.accessibleName() == "Side by side"


def test_parts_stand_where_a_row_says(qtbot: QtBot) -> None:
    """Gaps in pixels, room in shares, margins round them all, and layouts inside."""
    area, left, wide, end, below = (QWidget() for _ in range(5))
    qtbot.addWidget(area)
    left.setFixedWidth(20)
    end.setFixedWidth(20)
    row = fill(QHBoxLayout(), left, 10, (wide, 3), (None, 1), end, spacing=5)
    fill(QVBoxLayout(area), (row, 1), below, margins=(4, 6, 8, 10))
    below.setFixedHeight(30)
    area.resize(212, 146)
    area.show()
    assert [part.x() for part in (left, wide, end)] == [4, 39, 184]
    assert wide.width() == 105
    assert (left.y(), left.height()) == (6, 100)
    assert (below.x(), below.y(), below.width()) == (4, 106, 200)
