"""Upscale page, parts without a window: pictures, maps of patches, settings and their cost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from upscale_bench import install_upsamplers

from pfstudio.core.errors import InputError
from pfstudio.core.events import Progress
from pfstudio.core.image_io import read_picture
from pfstudio.core.metadata import read_notes
from pfstudio.core.models import installed_models
from pfstudio.core.settings import write_document
from pfstudio.core.upscale import Upscaled, UpscaleStep
from pfstudio.core.upscale_settings import SOLVERS, Upscale
from pfstudio.flow.ode import TABLEAUS
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.upscale.figures import (
    POINT_ROWS,
    RESULT_ROWS,
    RUN_ROWS,
    point_texts,
    result_texts,
    run_texts,
)
from pfstudio.ui.upscale.pictures import Pictures, Reading, map_over, patch_side
from pfstudio.ui.upscale.recipe import UpscaleRecipe, evaluations, stored_path, work
from pfstudio.ui.upscale.saving import Result


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_difference_is_against_the_bicubic_enlargement() -> None:
    before = noise(12, 20)
    plain = Pictures(before, noise(24, 40))
    same = Pictures(before, plain.enlarged)
    assert same.difference.mean == 0
    brighter = np.clip(plain.enlarged.astype(int) - 7, 0, 255).astype(np.uint8)
    brighter[plain.enlarged < 7] = plain.enlarged[plain.enlarged < 7]
    apart = Pictures(before, brighter).difference
    assert 5 < apart.mean <= 7
    assert apart.high == 7


@pytest.mark.parametrize("size", [(64, 96), (100, 130), (17, 5), (64, 65)])
@pytest.mark.parametrize("side", [8, 16])
def test_patches_are_found_on_the_result(size: tuple[int, int], side: int) -> None:
    grid = (-(-size[0] // side), -(-size[1] // side))
    found = patch_side(size, grid)
    assert (-(-size[0] // found), -(-size[1] // found)) == grid
    if max(size) > side:
        assert found == side


def test_maps_reach_over_the_edge() -> None:
    """A map of 3 x 4 patches of 8 pixels over 20 x 30 pixels: the last ones are cut."""
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    image = map_over(values, ColourScale("grey", (0.0, 11.0)), (20, 30))
    assert image.height() * 30 == image.width() * 20
    unit = 20 // image.height()
    for row, column in ((0, 0), (7, 8), (19, 29), (16, 24)):
        shade = image.pixelColor(column // unit, row // unit).red()
        assert shade == round(values[row // 8, column // 8] * 255 / 11)


def test_reading_pairs_a_file_with_its_result(tmp_path: Path) -> None:
    before, after = noise(10, 12), noise(40, 48)
    for name, pixels in (("a.png", before), ("b.png", after), ("c.png", noise(41, 48))):
        Image.fromarray(pixels).save(tmp_path / name)
    found = Reading(tmp_path / "a.png", tmp_path / "b.png")()
    assert (found.factor, found.size) == (4, (40, 48))
    assert np.array_equal(found.after, after)
    alone = Reading(tmp_path / "a.png", tmp_path / "c.png")()
    assert alone.after is None
    (tmp_path / "d.png").write_bytes(b"no image")
    with pytest.raises(InputError):
        Reading(tmp_path / "d.png")()


def test_figures_fill_rows_that_exist() -> None:
    time = np.array([[1, 0.5]], np.float32)
    step = Progress(0, 0, 2, 1.0, 0.5, UpscaleStep(0, 1, 1, 1, time))
    assert set(run_texts(step)) == set(RUN_ROWS)
    picture, patches = noise(8, 8), np.ones((2, 2), np.float32)
    done = Upscaled(Upscale(), "m", picture, noise(16, 16), patches.astype(np.int32), patches)
    result = Result(Path("a.png"), done, 1.0, (16, 16))
    assert set(result_texts(result)) == set(RESULT_ROWS)
    assert set(point_texts(Pictures(picture, done.image), result, (3, 9))) == set(POINT_ROWS)


def test_the_page_counts_evaluations_as_the_flow_does() -> None:
    for solver, tableau in TABLEAUS.items():
        assert evaluations(Upscale(steps=3, solver=solver)) == 3 * len(tableau.nodes)
    assert set(TABLEAUS) | {"dopri5"} == set(SOLVERS)


def test_work_grows_with_size_passes_and_steps() -> None:
    one = work(Upscale(steps=1), 500_000)
    assert one == pytest.approx(2.0)  # 2000 x 1000 pixels, once
    assert work(Upscale(steps=1, factor=4), 500_000) == pytest.approx(5 * one)
    assert work(Upscale(steps=4), 500_000) == pytest.approx(4 * one)
    wise = Upscale(steps=5, clock="patch-wise", easy_share=0.75)
    assert work(wise, 500_000) == pytest.approx(2 * one)


def test_expected_seconds_are_a_mean_weighted_by_work() -> None:
    install_upsamplers()
    recipe = UpscaleRecipe()
    recipe.set_models(installed_models())
    assert recipe.upscale.model == "little-up"
    assert recipe.expected(10_000) is None
    recipe.remember(recipe.upscale, 10_000, 3.0)
    assert recipe.expected(20_000) == pytest.approx(6.0)
    recipe.set(model="plain-up")
    assert recipe.expected(10_000) is None


def test_expected_seconds_stay_steady_over_mixed_lists() -> None:
    """An icon takes far longer for its pixels than a photo: it does not change what is expected."""
    install_upsamplers()
    recipe = UpscaleRecipe()
    recipe.set_models(installed_models())
    photo, icon = (2_000_000, 16.0), (1_000, 0.2)
    told = []
    for pixels, seconds in (photo, icon, photo, icon, icon, photo):
        recipe.remember(recipe.upscale, pixels, seconds)
        told.append(recipe.expected(2_000_000))
    assert told == [pytest.approx(16.0, rel=0.03)] * 6
    for _ in range(40):  # the machine is slower now: what was before fades
        recipe.remember(recipe.upscale, photo[0], 32.0)
    assert recipe.expected(2_000_000) == pytest.approx(32.0, rel=0.02)


def test_what_cannot_be_together_gives_way() -> None:
    install_upsamplers()
    recipe, refused = UpscaleRecipe(), []
    recipe.refused.connect(refused.append)
    recipe.set_models(installed_models())
    recipe.set(clock="patch-wise")
    recipe.set(solver="heun")
    assert (recipe.upscale.clock, recipe.upscale.solver) == ("uniform", "heun")
    recipe.set(clock="patch-wise")
    assert (recipe.upscale.clock, recipe.upscale.solver) == ("patch-wise", "euler")
    recipe.set(model="plain-up")
    assert recipe.upscale.clock == "uniform"
    recipe.set(clock="patch-wise")
    assert recipe.upscale.clock == "uniform"
    assert refused == []
    recipe.set(steps=0)
    assert recipe.upscale.steps == 2
    assert len(refused) == 1


def test_settings_persist_and_damage_is_told() -> None:
    recipe = UpscaleRecipe()
    recipe.set(factor=4, steps=3, consistency=0.5)
    recipe.set_at_once(True)
    recipe.remember(recipe.upscale, 100, 1.0)
    write_document(*recipe.stored())
    again = UpscaleRecipe()
    assert again.load() == ""
    assert (again.upscale, again.at_once) == (recipe.upscale, True)
    assert again.expected(100) == pytest.approx(1.0)
    text = stored_path().read_text(encoding="utf-8")
    stored_path().write_text(text.replace('"factor": 4', '"factor": 3'), encoding="utf-8")
    third = UpscaleRecipe()
    assert "cannot be used" in third.load()
    assert third.upscale == Upscale()


def result_of(folder: Path, *, kept: bool) -> Result:
    before, after = noise(4, 6), noise(8, 12)
    source = folder / "cat.png"
    Image.fromarray(before).save(source)
    done = Upscaled(Upscale(), "up", before, after, np.ones((1, 2), np.int32), None, 2, 2)
    result = Result(source, done, 1.0, (12, 8))
    if not kept:
        return result
    path = folder / "kept.png"
    result.write(path)
    return Result(source, done, 1.0, (12, 8), path).light()


@pytest.mark.parametrize("kept", [False, True])
def test_results_are_saved_from_memory_and_from_disk(tmp_path: Path, kept: bool) -> None:
    result = result_of(tmp_path, kept=kept)
    assert result.in_memory is not kept
    after = noise(8, 12)
    for name in ("out.png", "out.webp"):
        assert result.write(tmp_path / name) == (tmp_path / name,)
    assert np.array_equal(read_picture(tmp_path / "out.png"), after)
    assert read_picture(tmp_path / "out.webp").shape == after.shape
    for name in ("out.png", "out.webp"):
        assert "upscaled" in read_notes(tmp_path / name).pfstudio
    result.write(tmp_path / "bare.png", metadata=False)
    assert read_notes(tmp_path / "bare.png").pfstudio == ""


def test_saving_all_overwrites_nothing(tmp_path: Path) -> None:
    result = result_of(tmp_path, kept=False)
    names = [result.write_into(tmp_path / "all")[0].name for _ in range(3)]
    assert names == ["cat-2x.png", "cat-2x-2.png", "cat-2x-3.png"]
    assert {path.name for path in (tmp_path / "all").iterdir()} == set(names)
