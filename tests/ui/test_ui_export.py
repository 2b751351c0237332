"""Exporting a finished run: every kind, its file, and what happens when it cannot be written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from full_disk import FullDisk, full_disk
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot
from running_page import running_page
from scripted_runner import GRID, ScriptedRunner, make_images, make_trace

from pfstudio.core.colour import apply, lookup
from pfstudio.core.conditions import ClassLabel, NoCondition, PictureCondition, Prompt, labels
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.metadata import read_notes, read_recipe
from pfstudio.core.paths import pictures_folder, shipped
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.result_files import TRACE_NAME
from pfstudio.core.results import save_result
from pfstudio.core.samplers import DualLoop
from pfstudio.core.trace_file import read_trace, write_trace
from pfstudio.ui.export.caption import caption, condition_words
from pfstudio.ui.export.dialog import ExportDialog
from pfstudio.ui.export.figure import LABELS, build_figure, chosen_calls
from pfstudio.ui.export.frames import VideoLook, video_frames
from pfstudio.ui.export.model import ExportModel
from pfstudio.ui.export.plan import (
    Export,
    MapsExport,
    PictureExport,
    SheetExport,
    TraceExport,
    VideoExport,
)
from pfstudio.ui.export.sheet import number, sheet_image, write_sheet
from pfstudio.ui.notify import ERROR, Notice, Notifier
from pfstudio.ui.stage.colours import ColourModel, RangeMode
from pfstudio.ui.stage.views import View
from pfstudio.ui.theme import tokens
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.view_models.run_data import RunData

__all__ = ["full_disk"]

REQUEST = GenerateRequest(
    model="m",
    conditions=labels(3, 4),
    seed=7,
    sampler=DualLoop(steps=3),
    guidance=ClassifierFree(2.0),
)
CALLS = REQUEST.sampler.nfe
COLOURS = ColourModel().all()


@dataclass
class Bench:
    model: ExportModel
    page: GeneratePageModel
    runner: list[ScriptedRunner]
    notices: list[Notice]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    notices: list[Notice] = []
    notifier = Notifier()
    notifier.posted.connect(notices.append)
    with running_page(qtbot, notifier) as (page, runners):
        model = ExportModel(page, ColourModel(), notifier)
        trace, images = make_trace(REQUEST, CALLS), make_images(REQUEST)
        saved = save_result(images, trace, root=tmp_path / "results")
        page.run.set_trace(trace, images, "cat")
        page.show_files(saved.files)
        yield Bench(model, page, runners, notices)
        model.wait()


def export(bench: Bench, qtbot: QtBot, plan: Export) -> tuple[Path, ...]:
    written: list[tuple[Path, ...]] = []
    bench.model.written.connect(written.append)
    bench.model.start(plan, bench.model.shown())
    qtbot.waitUntil(lambda: not bench.model.busy, timeout=20_000)
    assert written, bench.notices[-1]
    return written[0]


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg"])
def test_a_picture_keeps_its_recipe(
    bench: Bench, qtbot: QtBot, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    assert export(bench, qtbot, PictureExport(path, image=1)) == (path,)
    recipe = read_recipe(path).request
    assert (recipe.seed, recipe.conditions, recipe.sampler) == (8, labels(4), REQUEST.sampler)
    if suffix == ".png":
        assert np.array_equal(np.asarray(Image.open(path)), make_images(REQUEST)[1])


def test_metadata_can_be_left_out(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    export(bench, qtbot, PictureExport(tmp_path / "out.png", metadata=False))
    notes = read_notes(tmp_path / "out.png")
    assert (notes.parameters, notes.pfstudio) == ("", "")


def test_all_pictures_are_numbered(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    paths = export(bench, qtbot, PictureExport(tmp_path / "out.png", image=None))
    assert [path.name for path in paths] == ["out-000.png", "out-001.png"]


def test_the_trace_is_copied_whole(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    export(bench, qtbot, TraceExport(tmp_path / "t.pftrace"))
    assert read_trace(tmp_path / "t.pftrace").request == REQUEST


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".csv"])
def test_maps_are_written(bench: Bench, qtbot: QtBot, tmp_path: Path, suffix: str) -> None:
    paths = export(bench, qtbot, MapsExport(tmp_path / f"maps{suffix}"))
    assert paths
    assert all(path.stat().st_size > 0 and path.suffix == suffix for path in paths)


@pytest.mark.parametrize("suffix", [".mp4", ".gif", ".png"])
def test_a_video_shows_every_call(bench: Bench, qtbot: QtBot, tmp_path: Path, suffix: str) -> None:
    views = (View.PREDICTION, View.DIFFICULTY)
    path = tmp_path / f"video{suffix}"
    export(bench, qtbot, VideoExport(path, views=views, fps=6, side=64, hold=0.5))
    assert path.stat().st_size > 1000
    if suffix != ".mp4":
        with Image.open(path) as video:
            assert video.n_frames >= CALLS
    assert bench.page.run.data.prediction(0, 0).source.name == "LINEAR"  # nothing mixed in


def test_a_figure_is_vectors_and_text(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    views = (View.PREDICTION, View.DIFFICULTY, View.ROLE)
    plan = SheetExport(tmp_path / "f.pdf", views=views, calls=(0, 5, 11))
    export(bench, qtbot, plan)
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF-")
    export(bench, qtbot, SheetExport(tmp_path / "f.svg", views=views, calls=(0, 5, 11)))
    text = (tmp_path / "f.svg").read_text(encoding="utf-8")
    assert text.count("<image") == 9
    assert "<text" not in text  # outlines: the typeface need not be there
    assert QSvgRenderer(str(tmp_path / "f.svg")).isValid()
    assert "seed 7" in re.search(r"<desc>(.*?)</desc>", text, re.S)[1]


@pytest.mark.parametrize("suffix", [".pdf", ".svg"])
def test_a_figure_on_a_full_disk_leaves_the_one_before(
    data: RunData, tmp_path: Path, full_disk: FullDisk, suffix: str
) -> None:
    path = tmp_path / f"f{suffix}"
    figure = build_figure(data, 0, (0, 5), (View.TIME,), decoded={}, colours=COLOURS)
    write_sheet(figure, path)
    before = path.read_bytes()
    with full_disk(len(before) // 3), pytest.raises(RunError, match="could not be written"):
        write_sheet(figure, path)
    assert path.read_bytes() == before


def test_figures_and_words_of_a_pdf_can_be_copied(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    plan = SheetExport(tmp_path / "f.pdf", views=(View.DIFFICULTY, View.TIME), calls=(0, 5, 11))
    export(bench, qtbot, plan)
    copied = pdf_characters(tmp_path / "f.pdf")
    assert set("01234.,()−") <= copied
    assert all(one.isprintable() or one == "\t" for one in copied)
    assert b"/DCTDecode" not in (tmp_path / "f.pdf").read_bytes()  # maps keep their colours


def pdf_characters(path: Path) -> set[str]:
    """What the glyphs of a PDF are copied as, by the tables of its fonts."""
    tables = re.findall(rb"\[((?:<[0-9A-F]{4}> ?)+)\]", path.read_bytes())
    return {chr(int(code, 16)) for codes in tables for code in re.findall(rb"\w{4}", codes)}


@pytest.mark.parametrize("mode", [RangeMode.CALL, RangeMode.LOCKED])
def test_exports_have_the_colours_of_the_stage(
    bench: Bench, qtbot: QtBot, tmp_path: Path, mode: RangeMode
) -> None:
    """Colour map and range that were chosen there, in videos and figures, with a bar."""
    side = 160
    data = bench.page.run.data
    bench.model.colours.set(View.DIFFICULTY, colormap="viridis", mode=mode, locked=(-9.0, 9.0))
    export(bench, qtbot, VideoExport(tmp_path / "v.png", views=(View.DIFFICULTY,), side=side))
    logs = np.stack([data.log_difficulty(call, 0) for call in range(CALLS)])
    low, high = (-9.0, 9.0) if mode is RangeMode.LOCKED else (logs.min(), logs.max())
    with Image.open(tmp_path / "v.png") as video:
        video.seek(4)
        shown = np.asarray(video.convert("RGB"))
    top, left = 26 + side // GRID[0] // 2, 8 + side // GRID[1] // 2
    expected = apply(logs[4, :1, :1], low, high, "viridis")[0, 0]
    assert np.abs(shown[top, left].astype(int) - expected).max() <= 1
    bar = shown[26 + side : 26 + side + 22]
    assert (np.abs(bar.astype(int) - lookup("viridis")[128]).max(axis=2) < 8).any()
    figure = build_figure(data, 0, (0, 11), (View.DIFFICULTY,), decoded={},
                          colours=bench.model.colours.all())  # fmt: skip
    assert figure.rows[0].scale.colormap == "viridis"
    if mode is RangeMode.LOCKED:
        assert figure.rows[0].scale.limits == (-9.0, 9.0)


def test_a_failed_export_is_told_and_leaves_nothing(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    plan = TraceExport(tmp_path / "file" / "t.pftrace")
    with qtbot.waitSignal(bench.model.busy_changed):
        bench.model.start(plan, bench.model.shown())
    qtbot.waitUntil(lambda: not bench.model.busy)
    assert bench.notices[-1].level == ERROR
    assert "cannot be written" in bench.notices[-1].text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "results"]


@pytest.mark.parametrize("name", ["run.safetensors", "RUN.PFTRACE"])
def test_a_trace_is_exported_from_whatever_name_it_was_opened(
    bench: Bench, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    opened = tmp_path / name
    write_trace(make_trace(REQUEST, CALLS), opened)
    bench.page.show_files((str(opened),))
    assert export(bench, qtbot, TraceExport(tmp_path / "t.pftrace")) == (tmp_path / "t.pftrace",)
    assert (tmp_path / "t.pftrace").read_bytes() == opened.read_bytes()


def test_an_unsaved_trace_is_told(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    bench.page.show_files(())
    bench.model.start(TraceExport(tmp_path / "t.pftrace"), bench.model.shown())
    qtbot.waitUntil(lambda: not bench.model.busy)
    assert "not on disk" in bench.notices[-1].text


def test_stopping_leaves_no_file(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    bench.model.start(VideoExport(tmp_path / "video.gif", side=64), bench.model.shown())
    bench.model.stop()
    qtbot.waitUntil(lambda: not bench.model.busy)
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_nothing_to_export_is_refused(bench: Bench) -> None:
    bench.page.run.clear()
    with pytest.raises(InputError, match="no finished run"):
        bench.model.shown()


@pytest.mark.parametrize("name", ["x.bmp", "x"])
def test_other_endings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="does not end"):
        PictureExport(tmp_path / name)


def test_relative_paths_are_refused() -> None:
    with pytest.raises(InputError, match="full path"):
        TraceExport(Path("t.pftrace"))


# -- the figure's parts ---------------------------------------------------------------------------


@pytest.fixture
def data(qapp: object) -> RunData:
    return RunData.opened(make_trace(REQUEST, CALLS), make_images(REQUEST))


def test_columns_spread_over_the_run() -> None:
    assert chosen_calls(48, 6) == (0, 9, 19, 28, 38, 47)
    assert chosen_calls(3, 6) == (0, 1, 2)
    assert chosen_calls(5, 1) == (4,)


def test_a_row_has_one_range_for_all_columns(data: RunData) -> None:
    figure = build_figure(
        data, 0, (0, 11), (View.DIFFICULTY, View.TIME), decoded={}, colours=COLOURS
    )
    difficulty, time = figure.rows
    logs = np.stack([data.log_difficulty(0, 0), data.log_difficulty(11, 0)])
    assert difficulty.scale.limits == pytest.approx((logs.min(), logs.max()))
    assert time.scale.limits == (0, 1)
    assert difficulty.pictures[0].shape == (*GRID, 3)


def test_decoded_pictures_win_over_linear_ones(data: RunData) -> None:
    decoded = {0: np.full((8, 8, 3), 9, np.uint8)}
    figure = build_figure(data, 0, (0, 11), (View.PREDICTION,), decoded=decoded, colours=COLOURS)
    assert figure.rows[0].pictures[0] is decoded[0]
    assert np.array_equal(figure.rows[0].pictures[1], data.final[0])


def test_the_caption_says_how_it_was_made(data: RunData) -> None:
    names = ("a", "b", "c", "cat", "dog")
    title, body = caption(data, 1, (0, 11), (View.TIME,), model_title="Emoji 64 px", classes=names)
    assert title == "Dual-loop sampling of Emoji 64 px."
    assert "Class “dog” (4), seed 8." in body
    assert "steps 3, inner steps 4, easy share 0.4" in body
    assert "CFG (scale 2)" in body
    assert f"{data.tokens_computed:,} tokens" in body


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (ClassLabel(9), "class 9, seed 7"),
        (Prompt("a red fox", "rain"), "prompt “a red fox”, negative prompt “rain”, seed 7"),
        (Prompt("a red fox"), "prompt “a red fox”, seed 7"),
        (NoCondition(), "unconditional, seed 7"),
    ],
)
def test_every_kind_of_condition_has_words(one: PictureCondition, words: str) -> None:
    assert condition_words(GenerateRequest(conditions=(one,), seed=7), 0, ("cat",)) == words


def test_the_sheet_is_drawn_on_paper(data: RunData) -> None:
    figure = build_figure(data, 0, (0, 5, 11), tuple(LABELS), decoded={}, colours=COLOURS)
    image = sheet_image(figure, 600)
    assert image.width() == 600
    assert image.pixelColor(2, 2).name() == "#ffffff"
    dark = sum(image.pixelColor(x, 60).lightness() < 200 for x in range(600))
    assert dark > 50


def test_numbers_on_bars_are_short() -> None:
    values = [number(v) for v in (0.0, -0.00012, -1.234, 48.0)]
    assert values == ["0", "−0.0001", "−1.23", "48"]


def test_frames_are_even_and_follow_the_calls(data: RunData) -> None:
    look = VideoLook((View.TIME, View.ROLE, View.SPENT), 0, 63, tokens(), COLOURS)
    frames = list(video_frames(data, {}, look))
    assert len(frames) == CALLS
    assert all(side % 2 == 0 for side in frames[0].shape[:2])
    assert not np.array_equal(frames[0], frames[-1])


# -- the dialog -----------------------------------------------------------------------------------


def test_the_dialog_exports_what_it_shows(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ExportDialog(bench.model, bench.model.shown())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.choose("figure")
    suggested = Path(dialog.path.text())
    assert suggested.suffix == ".pdf"
    assert suggested.parent == bench.model.shown().trace.parent
    dialog.path.setText(str(tmp_path / "mine.pdf"))
    with qtbot.waitSignal(bench.model.written, timeout=20_000):
        dialog.export.click()
    assert (tmp_path / "mine.pdf").exists()
    assert not dialog.isVisible()


def test_the_dialog_knows_the_files_of_all_images(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = ExportDialog(bench.model, bench.model.shown())
    qtbot.addWidget(dialog)
    dialog.options["picture"].which.set_key("all")
    dialog.path.setText(str(tmp_path / "fox.png"))
    dialog.refresh()
    assert dialog.says.text() == ""
    for index in (0, 1):
        (tmp_path / f"fox-00{index}.png").touch()
    dialog.refresh()
    assert dialog.says.text() == "2 files exist and will be replaced."

    dialog.path.clear()
    dialog.choose("picture")
    name = Path(dialog.path.text())
    name.with_name(f"{name.stem}-001.png").touch()
    dialog.choose("picture")
    assert dialog.path.text() == str(name.with_name(f"{name.stem}-2.png"))


def test_the_dialog_says_what_is_missing(bench: Bench, qtbot: QtBot) -> None:
    dialog = ExportDialog(bench.model, bench.model.shown())
    qtbot.addWidget(dialog)
    dialog.choose("video")
    for button in dialog.options["video"].views.buttons.values():
        button.setChecked(False)
    dialog.refresh()
    assert not dialog.export.isEnabled()
    dialog.choose("picture")
    assert dialog.export.isEnabled()


def open_dialog(bench: Bench, qtbot: QtBot) -> ExportDialog:
    dialog = ExportDialog(bench.model, bench.model.shown())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_the_run_that_the_dialog_was_opened_for_is_exported(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = open_dialog(bench, qtbot)
    dialog.path.setText(str(tmp_path / "mine.png"))
    other = replace(REQUEST, seed=99)  # a job of the queue begins and ends meanwhile
    bench.page.run.set_trace(make_trace(other, CALLS), make_images(other), "dog")
    bench.page.show_files(())
    dialog.refresh()
    with qtbot.waitSignal(bench.model.written, timeout=20_000):
        dialog.export.click()
    assert read_recipe(tmp_path / "mine.png").request.seed == REQUEST.seed


def test_the_dialog_says_why_an_export_failed(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    dialog = open_dialog(bench, qtbot)
    dialog.choose("trace")
    dialog.path.setText(str(tmp_path / "file" / "t.pftrace"))
    with qtbot.waitSignal(bench.model.failed):
        dialog.export.click()
    assert "cannot be written" in dialog.says.text()
    assert dialog.isVisible()


def test_a_run_without_a_final_image_cannot_be_exported_as_an_image(
    bench: Bench, qtbot: QtBot
) -> None:
    bench.page.run.set_trace(make_trace(REQUEST, CALLS), None, "cat")
    dialog = open_dialog(bench, qtbot)
    assert not dialog.export.isEnabled()
    dialog.choose("video")
    assert dialog.export.isEnabled()


def test_a_typed_name_stays_with_another_kind(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = open_dialog(bench, qtbot)
    dialog.path.setText(str(tmp_path / "fox.png"))
    dialog.choose("video")
    assert Path(dialog.path.text()) == (tmp_path / "fox").with_suffix(".mp4")
    dialog.path.setText("~/fox.mp4")
    dialog.choose("figure")
    assert Path(dialog.path.text()) == Path.home() / "fox.pdf"


def test_an_example_of_ours_is_exported_to_where_results_go(bench: Bench, qtbot: QtBot) -> None:
    bench.page.show_files((str(shipped("resources", "samples", "first-run", TRACE_NAME)),))
    assert Path(open_dialog(bench, qtbot).path.text()).parent == pictures_folder()
