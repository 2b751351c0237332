"""Lab, export, open recent and dropping files, through the window as a person meets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QScrollBar, QWidget
from window_bench import Bench

from pfstudio.core.conditions import labels
from pfstudio.core.execution import Execution
from pfstudio.core.jobs import Estimated
from pfstudio.core.metadata import picture_notes, save_picture
from pfstudio.core.requests import Branch, Compute, GenerateRequest
from pfstudio.core.results import save_result
from pfstudio.core.samplers import Euler
from pfstudio.ui.export.dialog import ExportDialog
from pfstudio.ui.lab.plan import Compared
from pfstudio.ui.lab.run import State
from pfstudio.ui.recent import RecentDialog
from pfstudio.ui.restore_dialog import RestoreDialog

Open = Callable[..., Bench]
PIXELS = np.full((64, 64, 3), 120, np.uint8)
HERE = Execution("cpu", "float32", 1, torch="2.9", machine="this one")


def drop(bench: Bench, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(bench.window, QDragEnterEvent(QPoint(9, 9), copy, mime, buttons, none))
    QApplication.sendEvent(bench.window, QDropEvent(QPointF(9, 9), copy, mime, buttons, none))


def dialog(bench: Bench, kind: type[QDialog]) -> QDialog:
    found = [child for child in bench.window.findChildren(kind) if child.isVisible()]
    assert len(found) == 1
    return found[0]


def test_the_lab_takes_the_stage_and_gives_it_back(open_window: Open) -> None:
    bench = open_window()
    tools, stage = bench.window.page("generate"), bench.window.page("generate").stage
    bench.window.commands.action("view.lab").trigger()
    assert tools.lab_panel.isVisible()
    assert not stage.isVisible()
    tools.lab_panel.setup.back.click()
    assert stage.isVisible()
    assert not tools.lab_panel.isVisible()


def test_compare_fills_columns_and_table(open_window: Open) -> None:
    bench = open_window()
    tools = bench.window.page("generate")
    tools.show_lab(True)
    panel = tools.lab_panel
    panel.setup.nfe.set_number(8)
    panel.setup.compare.click()
    bench.until(lambda: len(tools.lab_panel.model.runs) == 3 and not tools.lab_panel.model.busy)
    assert [run.state for run in tools.lab_panel.model.runs] == [State.DONE] * 3
    assert [column.head.text() for column in panel.columns] == ["Euler", "Dual-loop", "Look-ahead"]
    bench.until(lambda: panel.table.item(2, 1).text() != "–")
    assert [panel.table.item(row, 1).text() for row in range(3)] == ["8", "8", "7"]
    assert panel.table.item(0, 0).text() == "Euler (reference)"
    assert "steps 8" in panel.columns[0].head.toolTip()
    panel.columns[0].head.click()
    assert tools.lab_panel.model.selected == 0
    assert bench.page.run.data.request.sampler.name == "euler"


def test_one_sampler_is_not_a_comparison(open_window: Open) -> None:
    bench = open_window()
    setup = bench.window.page("generate").lab_panel.setup
    menu = setup.variants.menu_of_entries()
    for action in menu.actions():
        if action.data() in ("dual-loop", "look-ahead"):
            action.trigger()
    assert setup.variants.keys() == ("euler",)
    assert not setup.compare.isEnabled()


def test_a_branch_cannot_be_compared_and_says_why(open_window: Open, tmp_path: Path) -> None:
    bench = open_window()
    from pfstudio.core.requests import Branch

    bench.page.recipe.set(branch=Branch(str(tmp_path / "t.safetensors"), 2))
    lab = bench.window.page("generate").lab_panel.model
    lab.compare_recipe(Compared.SAMPLER, ("euler", "heun"), 4)
    assert "no common noise" in bench.said()[-1]


def test_export_is_offered_once_a_run_has_ended(open_window: Open) -> None:
    bench = open_window()
    action = bench.window.commands.action("file.export")
    assert not action.isEnabled()
    bench.generate()
    bench.until(lambda: bench.page.run.data is not None and bench.page.run.data.ended)
    assert action.isEnabled()
    button = bench.window.page("generate").inspector.export
    bench.until(button.isEnabled)
    button.click()
    dialog(bench, ExportDialog).reject()


def test_dropping_our_picture_shows_what_would_change_first(
    open_window: Open, tmp_path: Path
) -> None:
    bench = open_window()
    before = bench.page.recipe.request
    theirs = GenerateRequest(model="little-pft", conditions=labels(2), seed=42, sampler=Euler(9))
    save_picture(tmp_path / "ours.png", PIXELS, picture_notes(theirs, 0, (64, 64)))
    drop(bench, tmp_path / "ours.png")
    asks = dialog(bench, RestoreDialog)
    assert bench.page.recipe.request == before
    asks.restore.click()
    now = bench.page.recipe.request
    assert (now.conditions, now.seed, now.sampler) == (labels(2), 42, Euler(9))
    bench.page.recipe.undo()
    assert bench.page.recipe.request == before


def test_exactly_as_then_sets_the_compute_until_it_is_released(
    open_window: Open, tmp_path: Path
) -> None:
    bench = open_window()
    bench.page.recipe.set_estimate(Estimated(bench.page.request(), 1, 1.0, 1.0, None, "", HERE))
    theirs = GenerateRequest(model="little-pft", seed=42)
    then = replace(HERE, dtype="bfloat16")
    notes = picture_notes(theirs, 0, (64, 64), execution=then)
    save_picture(tmp_path / "ours.png", PIXELS, notes)
    drop(bench, tmp_path / "ours.png")
    dialog(bench, RestoreDialog).exact.click()
    assert bench.page.request().compute == Compute(execution=then)
    assert bench.page.request().seed == 42
    cost = bench.window.page("generate").recipe.cost
    assert cost.release.isVisible()
    assert cost.exactly.text() == "cpu, bfloat16, 1 thread"
    bench.page.recipe.set(seed=1)
    assert bench.page.request().compute.execution == then
    cost.release.click()
    assert bench.page.request().compute == bench.window.settings.settings.compute
    assert not cost.release.isVisible()
    bench.page.recipe.undo()
    assert bench.page.request().compute.execution == then
    bench.page.recipe.set(height=96, width=96)  # kernels that were right for another size
    assert bench.page.request().compute.execution is None


def test_another_machine_cannot_compute_exactly_as_then(open_window: Open, tmp_path: Path) -> None:
    bench = open_window()
    bench.page.recipe.set_estimate(Estimated(bench.page.request(), 1, 1.0, 1.0, None, "", HERE))
    theirs = GenerateRequest(model="little-pft", seed=42)
    notes = picture_notes(theirs, 0, (64, 64), execution=replace(HERE, machine="another"))
    save_picture(tmp_path / "ours.png", PIXELS, notes)
    drop(bench, tmp_path / "ours.png")
    asks = dialog(bench, RestoreDialog)
    assert asks.exact.isVisible()
    assert not asks.exact.isEnabled()
    assert any("It ran on another" in text.text() for text in asks.findChildren(QLabel))
    asks.restore.click()
    assert bench.page.recipe.request.seed == 42
    assert bench.page.request().compute.execution is None


def test_cancelling_changes_nothing(open_window: Open, tmp_path: Path) -> None:
    bench = open_window()
    before = bench.page.recipe.request
    save_picture(
        tmp_path / "ours.png", PIXELS, picture_notes(GenerateRequest(seed=42), 0, (64, 64))
    )
    drop(bench, tmp_path / "ours.png")
    dialog(bench, RestoreDialog).cancel.click()
    assert bench.page.recipe.request == before


def test_a_foreign_picture_can_start_a_run(open_window: Open, tmp_path: Path) -> None:
    bench = open_window()
    Image.fromarray(PIXELS).save(tmp_path / "photo.png")
    drop(bench, tmp_path / "photo.png")
    asks = dialog(bench, RestoreDialog)
    assert not asks.restore.isVisible()
    asks.start.click()
    assert bench.page.recipe.request.image_file == str(tmp_path / "photo.png")


def test_return_restores(open_window: Open, tmp_path: Path) -> None:
    bench = open_window()
    theirs = GenerateRequest(model="little-pft", seed=42)
    save_picture(tmp_path / "ours.png", PIXELS, picture_notes(theirs, 0, (64, 64)))
    drop(bench, tmp_path / "ours.png")
    bench.qtbot.keyClick(dialog(bench, RestoreDialog), Qt.Key.Key_Return)
    assert bench.page.recipe.request.seed == 42


def nameless(root: QWidget) -> list[str]:
    """Visible controls that the keyboard reaches and a screen reader cannot name."""
    found = []
    for widget in root.findChildren(QWidget):
        reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(root)
        if reached and widget.focusProxy() is None and not isinstance(widget, QScrollBar):
            face = QAccessible.queryAccessibleInterface(widget)
            if face is None or not face.text(QAccessible.Text.Name).strip():
                found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


def test_every_control_has_a_name(open_window: Open, saved: Path, tmp_path: Path) -> None:
    bench = open_window()
    tools = bench.window.page("generate")
    tools.show_lab(True)
    tools.lab_panel.model.compare_recipe(Compared.SAMPLER, ("euler", "heun"), 4)
    bench.until(lambda: bool(tools.lab_panel.model.runs) and not tools.lab_panel.model.busy)
    assert nameless(tools.lab_panel) == []
    tools.open_export()
    export = dialog(bench, ExportDialog)
    for kind in export.kinds:
        export.choose(kind)
        assert nameless(export) == []
    export.reject()
    bench.window.commands.action("file.recent").trigger()
    recent = dialog(bench, RecentDialog)
    assert nameless(recent) == []
    recent.reject()
    save_picture(
        tmp_path / "ours.png", PIXELS, picture_notes(GenerateRequest(seed=42), 0, (64, 64))
    )
    drop(bench, tmp_path / "ours.png")
    assert nameless(dialog(bench, RestoreDialog)) == []


def test_the_lab_follows_the_theme(open_window: Open) -> None:
    bench = open_window()
    bench.window.page("generate").show_lab(True)
    panel = bench.window.page("generate").lab_panel
    seen = set()
    for theme in ("dark", "light", "high-contrast"):
        bench.window.settings.set(theme=theme)
        seen.add(panel.grab().toImage().pixelColor(4, 4).name())
    assert len(seen) == 3


def test_a_damaged_file_is_told(open_window: Open, tmp_path: Path) -> None:
    bench = open_window()
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    drop(bench, tmp_path / "bad.safetensors")
    assert "bad.safetensors" in bench.said()[-1]


@pytest.fixture
def saved(own_folders: Path) -> Path:
    from scripted_runner import make_images, make_trace

    request = GenerateRequest(model="little-pft", conditions=labels(1), seed=3, sampler=Euler(5))
    result = save_result(make_images(request), make_trace(request, 5))
    assert result.trace is not None
    return result.trace


def test_dropping_a_trace_opens_it_with_its_pictures(open_window: Open, saved: Path) -> None:
    bench = open_window()
    drop(bench, saved)
    data = bench.page.run.data
    assert data is not None
    assert (data.done, data.final is not None) == (5, True)
    assert bench.page.run.title == "tiger cat"
    assert bench.page.can_branch()


def test_a_trace_beside_another_result_is_not_taken_for_it(open_window: Open, saved: Path) -> None:
    bench = open_window()
    mine = saved.with_name("run.pftrace")
    mine.write_bytes(saved.read_bytes())
    drop(bench, mine)
    page = bench.page
    assert (page.files, page.run.data.final) == ((str(mine),), None)
    page.branch_at(3)
    assert page.recipe.request.branch == Branch(str(mine), 3)
    saved.rename(mine)  # and one that was renamed keeps its images
    drop(bench, mine)
    assert page.files[-1] == page.trace_file() == str(mine)
    assert page.run.data.final is not None


def test_a_new_run_is_not_taken_for_the_files_of_the_old_one(
    open_window: Open, saved: Path
) -> None:
    bench = open_window()
    drop(bench, saved)
    page, told = bench.page, []
    assert str(saved) in page.files
    page.result_changed.connect(lambda: told.append((page.run.is_live, page.files)))
    bench.window.commands.action("run.generate").trigger()
    bench.until(lambda: bool(told))
    assert told[0] == (True, ())


def test_open_recent_lists_what_is_on_disk(open_window: Open, saved: Path) -> None:
    bench = open_window()
    bench.window.commands.action("file.recent").trigger()
    asks = dialog(bench, RecentDialog)
    assert asks.list.count() == 1
    assert "Euler · seed 3" in asks.list.item(0).text()
    asks.open_button.click()
    assert bench.page.run.data.done == 5


def test_nothing_recent_is_said(open_window: Open) -> None:
    bench = open_window()
    bench.window.commands.action("file.recent").trigger()
    asks = dialog(bench, RecentDialog)
    assert not asks.open_button.isEnabled()
