"""The Upscale page over a runner that makes results up: files, runs, figures, saving."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from depth_scene import install_depth_card
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QScrollBar, QWidget
from scripted_runner import Script
from upscale_bench import UpscaleBench, drop, hang, open_upscale
from upscale_scene import PATCH, events
from window_bench import Bench, open_window

from pfstudio.core.image_io import read_picture
from pfstudio.core.metadata import read_notes
from pfstudio.core.models import InstalledModel, installed_models
from pfstudio.core.upscale import UpscaleRequest
from pfstudio.core.upscale_settings import Upscale
from pfstudio.ui.files.model import FileState
from pfstudio.ui.files.pair import PairMode
from pfstudio.ui.restore import look_at
from pfstudio.ui.upscale.page_model import READY
from pfstudio.ui.upscale.stage import PatchMap, UpscaleView

__all__ = ["open_upscale", "open_window"]
Open = Callable[..., UpscaleBench]


def states(bench: UpscaleBench) -> list[FileState]:
    return [item.state for item in bench.model.files.items]


def test_the_page_needs_an_upsampler(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    def without() -> tuple[InstalledModel, ...]:
        return tuple(m for m in installed_models() if m.card.task != "upscale")

    monkeypatch.setattr("pfstudio.ui.window.installed_models", without)
    window = open_window().window
    assert "upscale" not in window.pages
    assert "file.upscale" not in window.commands.all
    assert window.page("generate").recipe.upscale.isHidden()


def test_an_empty_page_says_what_to_do(open_upscale: Open) -> None:
    bench = open_upscale()
    message = bench.page.stage.pair.left._message
    assert "Drop images" in message
    assert not bench.window.commands.action("run.generate").isEnabled()
    assert bench.window.title.text() == ""


def test_files_are_upscaled_one_after_the_other(open_upscale: Open) -> None:
    bench = open_upscale()
    bench.take(bench.picture("a.png"), bench.picture("b.png", (40, 30)))
    assert bench.window.title.text() == "2 images · Upscale"
    bench.model.recipe.set(factor=4, steps=3)
    words = "24 × 16 px becomes 96 × 64 px; 2 images to do."
    bench.until(lambda: bench.page.panel.becomes.text() == words)
    bench.run()
    assert states(bench) == [FileState.DONE, FileState.DONE]
    asked = [r for r in bench.runner.submitted if isinstance(r, UpscaleRequest)]
    assert [Path(r.image_file).name for r in asked] == ["a.png", "b.png"]
    assert all(r.upscale == Upscale("little-up", 4, 3) for r in asked)
    assert bench.model.shown.pictures.after.shape == (64, 96, 3)
    assert [result.size for result in bench.model.results] == [(96, 64), (160, 120)]
    assert not any(result.in_memory for result in bench.model.results)
    assert "2 images are upscaled." in bench.said()


def test_only_what_is_due_runs_again(open_upscale: Open) -> None:
    bench = open_upscale()
    bench.take(bench.picture("a.png"))
    bench.run()
    start = bench.window.commands.action("run.generate")
    assert not start.isEnabled()
    bench.take(bench.picture("b.png"))
    bench.run()
    assert len(bench.runner.submitted) == 2
    bench.model.recipe.set(steps=5)
    assert len(bench.model.due()) == 2
    bench.window.commands.action("run.enqueue").trigger()  # only the one that is shown
    bench.until(lambda: not bench.model.busy)
    assert len(bench.runner.submitted) == 3
    assert bench.runner.submitted[-1].image_file.endswith("b.png")


def test_a_run_is_shown_while_it_goes(open_upscale: Open) -> None:
    bench = open_upscale(allowed=1)
    bench.take(bench.picture("a.png", (64, 48)))
    bench.model.recipe.set(steps=4, clock="patch-wise")
    bench.window.commands.action("run.generate").trigger()
    bench.until(lambda: bench.model.shown.step is not None)
    page = bench.page
    table = page.figures.run_table
    bench.until(lambda: table.text("Call") == "1 of 4")
    assert table.text("Patches finished") == "96 of 192"
    assert table.text("Elapsed · left") == "1.0 s · 0.5 s"
    assert page.figures.run_table.isVisible()
    bench.until(lambda: bench.model.files.items[0].line == "64 × 48 · 25 % · 0.5 s left")
    assert page.stage.pair.mode is PairMode.OVERLAY
    assert page.panel.stop.isVisible()
    colours = page.stage.pair._layers[1].picture
    finished, begun = (colours.pixelColor(x, 0).lightness() for x in (0, colours.width() - 1))
    assert finished < begun
    bench.runner.allow(9)
    bench.until(lambda: not bench.model.busy)
    assert page.panel.stop.isHidden()


def test_stop_all_ends_the_run_and_empties_the_queue(open_upscale: Open) -> None:
    bench = open_upscale(allowed=1)
    bench.take(bench.picture("a.png"), bench.picture("b.png"))
    bench.window.commands.action("run.generate").trigger()
    bench.until(lambda: bench.model.shown.step is not None)
    assert bench.model.files.items[1].line.endswith("waiting")
    QTest.mouseClick(bench.page.panel.stop_all, Qt.MouseButton.LeftButton)
    bench.until(lambda: not bench.model.busy)
    assert states(bench) == [FileState.CANCELLED, FileState.CANCELLED]
    assert bench.page.stage.pair.heads[0]._words.endswith("not upscaled yet")
    assert len(bench.model.due()) == 2


def test_a_file_can_leave_the_list_while_it_runs(open_upscale: Open) -> None:
    bench = open_upscale(allowed=1)
    items = bench.take(bench.picture("a.png"), bench.picture("b.png"), bench.picture("c.png"))
    bench.window.commands.action("run.generate").trigger()
    bench.until(lambda: bench.model.shown.step is not None)
    bench.model.remove(items[0])
    bench.model.remove(items[1])
    bench.runner.allow(99)
    bench.until(lambda: not bench.model.busy)
    assert states(bench) == [FileState.DONE]
    bench.model.clear()
    assert bench.model.files.items == []
    assert bench.model.shown.item is None


def test_files_taken_out_of_the_queue_are_cancelled(open_upscale: Open) -> None:
    bench = open_upscale(allowed=0)
    bench.take(bench.picture("a.png"), bench.picture("b.png"))
    bench.window.commands.action("run.generate").trigger()
    cancel = bench.window.commands.action("run.cancel_others")
    bench.until(cancel.isEnabled)
    cancel.trigger()
    assert states(bench)[1] is FileState.CANCELLED
    assert len(bench.model.due()) == 1


def test_what_is_no_picture_is_told(open_upscale: Open) -> None:
    bench = open_upscale()
    broken = bench.folder / "broken.png"
    broken.write_bytes(b"nothing")
    bench.take(broken)
    assert "broken.png is not an image" in bench.page.stage.pair.left._message
    bench.window.commands.action("run.generate").trigger()
    bench.until(lambda: states(bench) == [FileState.FAILED])
    assert any("broken.png is not an image" in sentence for sentence in bench.said())
    empty = bench.folder / "empty"
    empty.mkdir()
    bench.model.add_paths([empty])
    bench.until(lambda: "No images found there." in bench.said())


def test_the_end_of_a_batch_is_summed_up(open_upscale: Open) -> None:
    bench = open_upscale()
    for name in ("x.png", "y.png"):
        (bench.folder / name).write_bytes(b"nothing")
    bench.take(bench.picture("a.png"), bench.folder / "x.png", bench.folder / "y.png")
    bench.run()
    assert bench.said()[-1] == "1 of 3 images are upscaled; failed: x.png, y.png."
    assert "y.png is not an image" in bench.notices[-1].details


def test_an_upscaled_photo_holds_no_recipe(open_upscale: Open) -> None:
    """Dropped on Generate, it is a picture to start from like any other."""
    bench = open_upscale()
    bench.take(bench.picture("a.png"))
    bench.run()
    (result,) = bench.model.results
    assert "upscaled" in read_notes(result.kept).pfstudio
    assert look_at(result.kept).recipe is None


def test_the_depth_page_sends_its_picture(open_upscale: Open) -> None:
    bench = open_upscale()
    install_depth_card()
    bench.window.set_models(installed_models())
    bench.window.open_page("depth")
    send = bench.window.commands.action("file.upscale")
    assert not send.isEnabled()
    bench.window.page("depth").model.files.add([bench.picture("a.png")])
    bench.until(send.isEnabled)
    send.trigger()
    assert bench.window.page_key == "upscale"
    bench.until(lambda: [item.path.name for item in bench.model.files.items] == ["a.png"])


def test_dropped_files_can_start_at_once(open_upscale: Open) -> None:
    bench = open_upscale()
    bench.page.panel.at_once.click()
    bench.take(bench.picture("a.png"))
    bench.until(lambda: states(bench) == [FileState.DONE])


def test_figures_of_a_result_and_a_pixel(open_upscale: Open) -> None:
    bench = open_upscale()
    bench.take(bench.picture("a.png", (64, 48)))
    bench.model.recipe.set(steps=4, clock="patch-wise")
    bench.run()
    figures = bench.page.figures
    assert figures.result_table.text("Size") == "128 × 96 px"
    assert figures.result_table.text("Patch evaluations") == "480 of 768"
    assert figures.result_table.text("Compute saved") == "38 %"
    assert figures.bars.accessibleDescription() == "50 % took 1; 50 % took 4"
    bench.page.stage.pair.set_pointer((90, 100))
    values = [figures.point_table.text(name) for name in ("Pixel", "Before", "After", "Patch")]
    assert values == [
        "100, 90",
        "60 60 60",
        "195 195 195",
        f"R {90 // PATCH + 1} · C {100 // PATCH + 1}",
    ]
    assert figures.point_table.text("NFE spent") == "4"
    assert figures.point_table.text("Rank").endswith(" of 192")
    bench.page.stage.pair.set_pointer(None)
    assert figures.point_table.text("Pixel") == "–"


def test_a_pixel_is_of_the_picture_before_while_it_is_upscaled_again(open_upscale: Open) -> None:
    bench = open_upscale(allowed=2)
    bench.take(bench.picture("a.png", (64, 48)))
    bench.run()
    bench.window.commands.action("run.enqueue").trigger()
    bench.until(lambda: bench.model.running is not None)
    table = bench.page.figures.point_table
    bench.page.stage.pair.set_pointer((30, 40))
    assert [table.text(name) for name in ("Pixel", "Before")] == ["40, 30", "60 60 60"]
    assert {table.text(name) for name in ("After", "Patch", "NFE spent", "Rank")} == {"–"}
    bench.runner.allow(9)
    bench.until(lambda: table.text("After") == "55 55 55")  # the pictures are read again first


def test_looks_and_maps(open_upscale: Open) -> None:
    bench = open_upscale()
    bench.take(bench.picture("a.png", (64, 48)))
    bench.run()
    stage, actions = bench.page.stage, bench.window.commands.action
    assert (stage.view, stage.pair.mode) == (UpscaleView.WIPE, PairMode.WIPE)
    actions("view.four").trigger()
    assert (stage.view, stage.pair.mode) == (UpscaleView.SIDE, PairMode.SIDE)
    actions("view.compare").trigger()
    assert stage.view is UpscaleView.DIFFERENCE
    assert "mean" in stage.pair.heads[0]._words
    actions("view.overlay").trigger()
    assert stage.view is UpscaleView.PATCHES
    calls = stage.pair._layers[1].picture
    assert (calls.width(), calls.height()) == (16, 12)
    stage.maps.set_key(PatchMap.DIFFICULTY)
    stage.refresh()
    assert stage.pair._layers[1].picture != calls
    assert "log σ²" in stage.pair.heads[0]._words
    assert actions("view.overlay").isChecked()
    assert not actions("view.four").isChecked()
    actions("view.single").trigger()
    assert stage._before(bench.model.shown.pictures).picture.width() == 128
    actions("view.noisy").trigger()
    before = stage._before(bench.model.shown.pictures)
    assert (before.picture.width(), before.smooth) == (64, False)


def test_results_come_back_from_disk(open_upscale: Open) -> None:
    """Only a few pictures stay in memory; the others are read again when they are looked at."""
    bench = open_upscale()
    items = bench.take(*(bench.picture(f"{i}.png", shade=10 * i) for i in range(6)))
    bench.run()
    for item in items:
        bench.model.files.choose(item)
        bench.until(lambda: bench.model.shown.pictures is not None)
        after = bench.model.shown.pictures.after
        assert after[-1, -1, 0] == 255 - 10 * int(item.path.stem)
    assert len(bench.model._ready) <= READY


def test_unsaved_results_stay_in_memory(open_upscale: Open, tmp_path: Path) -> None:
    bench = open_upscale()
    bench.runner.scripts[UpscaleRequest] = Script(partial(events, saves=False))
    bench.take(bench.picture("a.png"))
    bench.run()
    (result,) = bench.model.results
    assert result.in_memory
    assert bench.page.figures.result_table.text("Saved as") == "not saved yet"
    bench.model.save(tmp_path / "out.png")
    bench.until(lambda: "Saved out.png." in bench.said())
    assert np.array_equal(read_picture(tmp_path / "out.png"), result.upscaled.image)


@pytest.mark.parametrize("saves", [True, False])
def test_transparency_is_shown_over_white(open_upscale: Open, saves: bool) -> None:
    """The network gets colours that run out below what is transparent; nobody wants to see them."""
    bench = open_upscale()
    bench.runner.scripts[UpscaleRequest] = Script(partial(events, saves=saves))
    pixels = np.zeros((16, 24, 4), np.uint8)
    pixels[4:12, 6:18] = (0, 80, 200, 255)
    logo = bench.folder / "logo.png"
    Image.fromarray(pixels).save(logo)
    bench.take(logo)
    bench.run()
    shown = bench.model.shown.pictures
    assert np.array_equal(shown.before, read_picture(logo))
    assert shown.after[0, 0].tolist() == [255, 255, 255]
    assert shown.after[16, 24].tolist() == [255, 175, 55]
    bench.window.commands.action("edit.copy_result").trigger()
    assert QApplication.clipboard().image().pixelColor(0, 0).name() == "#ffffff"


def test_a_result_is_saved_though_its_picture_is_gone(open_upscale: Open, tmp_path: Path) -> None:
    bench = open_upscale()
    bench.runner.scripts[UpscaleRequest] = Script(partial(events, saves=False))
    source = bench.picture("a.png")
    bench.take(source)
    bench.run()
    source.unlink()
    bench.model.save(tmp_path / "out.png")
    bench.until(lambda: bool(bench.said()) and "out.png" in bench.said()[-1])
    assert "Saved out.png." in bench.said()


def test_save_and_save_all_ask_where(
    open_upscale: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = open_upscale()
    assert not bench.page.figures.save.isEnabled()
    bench.take(bench.picture("a.png"), bench.picture("b.png"))
    bench.run()
    asked = []

    def one(parent: QWidget, title: str, start: str, kinds: str) -> tuple[str, str]:
        asked.append(start)
        return str(tmp_path / "chosen"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", one)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "all"))
    bench.page.figures.save.click()
    bench.until(lambda: (tmp_path / "chosen.png").is_file())
    assert asked[0].endswith("a-2x.png")
    bench.page.figures.save.click()  # nobody was asked whether chosen.png may be replaced
    bench.until(lambda: (tmp_path / "chosen-2.png").is_file())
    bench.page.figures.save_all.click()
    bench.until(lambda: "Saved 2 files." in bench.said())
    assert sorted(p.name for p in (tmp_path / "all").iterdir()) == ["a-2x.png", "b-2x.png"]


def test_results_are_copied_and_pictures_pasted(open_upscale: Open) -> None:
    """What was copied comes back as a new file; the copy of a copy is larger still."""
    bench = open_upscale()
    bench.take(bench.picture("a.png"))
    bench.run()
    bench.window.commands.action("edit.copy_result").trigger()
    bench.window.commands.action("edit.paste").trigger()
    bench.until(lambda: len(bench.model.files.items) == 2)
    bench.until(lambda: bench.model.shown.pictures is not None)
    assert bench.model.shown.pictures.before.shape == (32, 48, 3)
    assert "Copied the result." in bench.said()


def test_the_drop_field_lights_up(open_upscale: Open) -> None:
    bench = open_upscale()
    path = bench.picture("a.png")
    dark = bench.page.panel.files.drop.grab().toImage()
    hang(bench.page, path)
    assert bench.page.panel.files.drop.grab().toImage() != dark
    drop(bench.page, path)
    assert bench.page.panel.files.drop.grab().toImage() == dark
    bench.until(lambda: len(bench.model.files.items) == 1)


def test_models_without_a_clock_offer_none(open_upscale: Open) -> None:
    bench = open_upscale()
    panel = bench.page.panel
    clock = panel.form.control("clock")
    assert clock.segment("patch-wise").isEnabled()
    assert panel.form.control("easy_share").isHidden()
    clock.segment("patch-wise").click()
    assert not panel.form.control("easy_share").isHidden()
    assert bench.model.recipe.upscale.clock == "patch-wise"
    panel.model.setCurrentIndex(1)
    panel.model.activated.emit(1)
    assert bench.model.recipe.upscale.model == "plain-up"
    assert bench.model.recipe.upscale.clock == "uniform"
    assert not clock.segment("patch-wise").isEnabled()


def test_settings_return_in_the_next_session(open_upscale: Open) -> None:
    first = open_upscale()
    first.model.recipe.set(factor=4, steps=7, tile=640, seed=12)
    first.window.close()
    second = open_upscale()
    assert second.model.recipe.upscale == Upscale("little-up", 4, 7, tile=640, seed=12)
    assert second.page.panel.tile.currentText() == "640 px"


def test_what_was_left_runs_in_the_next_session(open_upscale: Open) -> None:
    first = open_upscale(allowed=1)
    first.take(first.picture("a.png"), first.picture("b.png"))
    first.window.commands.action("run.generate").trigger()
    first.until(lambda: first.model.shown.step is not None)
    first.window.close()
    second = open_upscale(page="generate")
    second.until(lambda: len(second.window.jobs.restored) == 2)
    second.window.page("generate").model.jobs.run_restored()
    second.until(lambda: states(second) == [FileState.DONE] * 2)
    second.window.open_page("upscale")
    assert [item.path.name for item in second.model.files.items] == ["a.png", "b.png"]
    second.until(lambda: second.page.stage.pair.mode is PairMode.WIPE)


def test_generated_pictures_are_sent_here(open_upscale: Open) -> None:
    """The saved picture of the stage goes into the list; the command is there when it is."""
    bench = open_upscale()
    window = bench.window
    window.open_page("generate")
    assert not window.commands.action("file.upscale").isEnabled()
    window.page("generate").model.show_files((str(bench.picture("image-000.png")),))
    assert window.page("generate").send_button.isEnabled()
    window.commands.action("file.upscale").trigger()
    assert window.page_key == "upscale"
    bench.until(lambda: len(bench.model.files.items) == 1)
    assert bench.model.files.chosen.path.name == "image-000.png"


def test_the_recipe_of_generate_may_upscale(open_upscale: Open) -> None:
    bench = open_upscale()
    section, recipe = (
        bench.window.page("generate").recipe.upscale,
        bench.window.page("generate").model.recipe,
    )
    assert not section.isHidden()
    assert recipe.request.upscale is None
    assert section.steps.isHidden()
    section.factor.segment("4").click()
    assert recipe.request.upscale == Upscale("little-up", 4)
    assert section.result.text() == "256 × 256 px"
    section.steps.edited.emit(3.0)
    section.patch_wise.click()
    assert recipe.request.upscale == Upscale("little-up", 4, 3, clock="patch-wise")
    section.factor.segment("off").click()
    assert recipe.request.upscale is None
    section.factor.segment("2").click()
    assert recipe.request.upscale == Upscale("little-up", 2, 3, clock="patch-wise")


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 720)])
def test_every_control_has_a_name_and_can_be_reached(
    open_upscale: Open, size: tuple[int, int]
) -> None:
    bench = open_upscale()
    window = bench.window
    window.resize(*size)
    bench.take(bench.picture("a.png"))
    bench.run()
    for look in UpscaleView:
        bench.page.stage.set_view(look)
        reachable = [
            w
            for w in bench.page.findChildren(QWidget)
            if w.focusPolicy() & Qt.FocusPolicy.TabFocus
            and w.focusProxy() is None
            and w.isVisibleTo(window)
            and not isinstance(w, QScrollBar)
        ]
        for widget in reachable:
            face = QAccessible.queryAccessibleInterface(widget)
            assert face.text(QAccessible.Text.Name).strip(), widget
    assert len(reachable) > 20
    window.activateWindow()
    panel = bench.page.panel
    panel.files.drop.setFocus()
    order = []
    for _ in range(60):
        order.append(QApplication.focusWidget())
        window.focusNextChild()
    wanted = [panel.files.drop, panel.files.list, panel.model, panel.form.control("steps"),
              panel.seed, bench.page.stage.fit, bench.page.figures.save]  # fmt: skip
    places = [order.index(widget) for widget in wanted]
    assert places == sorted(places)


def test_commands_keep_their_own_shortcuts(open_upscale: Open) -> None:
    commands = open_upscale().window.commands
    keys = [commands.shortcut(name) for name in commands.all if commands.shortcut(name)]
    assert len(keys) == len(set(keys))
