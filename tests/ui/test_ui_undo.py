"""One list of undo steps for the recipe and the paint on its patches."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from window_bench import Bench

from pfstudio.core.paint import Paint
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.ui.recipe import model as recipe_model
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.view_models.paint import PaintModel

GRID = (3, 4)
PICTURE = "picture.png"
CODES = st.sampled_from(list(Paint))
PATCHES = st.tuples(st.integers(0, GRID[0] - 1), st.integers(0, GRID[1] - 1))
STROKES = st.tuples(st.lists(PATCHES, min_size=1, max_size=4), CODES, st.integers(1, 3))
PAINTED = st.lists(CODES, min_size=12, max_size=12).map(tuple)
CHANGES = st.one_of(
    st.tuples(st.just("set"), st.fixed_dictionaries({"seed": st.integers(0, 3)})),
    st.tuples(st.just("set"), st.fixed_dictionaries({"paint": PAINTED})),
    st.tuples(st.just("set_picture"), st.sampled_from([None, PICTURE])),
    st.tuples(st.just("set_sampler_value"), st.just("steps"), st.integers(2, 5)),
    st.tuples(st.just("set_budget"), st.sampled_from([None, 8, 12])),
    st.tuples(st.just("set_keep_seed"), st.booleans()),
    st.tuples(st.just("restore"), PAINTED),
    st.tuples(st.just("stroke"), STROKES),
    st.tuples(st.just("clear")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
)


def models() -> tuple[RecipeModel, PaintModel]:
    recipe = RecipeModel()
    paint = PaintModel(recipe)
    paint.set_grid(*GRID)
    return recipe, paint


def stroke(paint: PaintModel, patches: list[tuple[int, int]], code: int, brush: int = 1) -> None:
    paint.begin_stroke()
    for row, column in patches:
        paint.paint(row, column, code, brush)
    paint.end_stroke()


def change(recipe: RecipeModel, paint: PaintModel, what: str, *values: Any) -> None:
    if what == "set":
        recipe.set(**values[0])
    elif what == "restore":
        request = GenerateRequest(seed=9, sampler=Euler(7), image_file=PICTURE, paint=values[0])
        recipe.set_request(request)
    elif what == "stroke":
        stroke(paint, *values[0])
    elif what == "clear":
        paint.clear()
    else:
        getattr(recipe, what)(*values)


@settings(deadline=None)
@given(st.lists(CHANGES, max_size=25))
def test_undo_goes_back_to_the_state_before(qapp: object, changes: list[tuple[Any, ...]]) -> None:
    """And redo forward again; recipe and paint together, a stroke or another change at a time."""
    recipe, paint = models()

    def state() -> tuple[Any, bytes]:
        return recipe.recipe, paint.codes.tobytes()

    past: list[tuple[Any, bytes]] = []
    future: list[tuple[Any, bytes]] = []
    with pytest.MonkeyPatch.context() as patch:
        seconds = count(step=10)
        patch.setattr(recipe_model, "monotonic", lambda: float(next(seconds)))
        for what, *values in changes:
            before = state()
            expected = None
            if what == "undo" and past:
                expected = past.pop()
                future.append(before)
            elif what == "redo" and future:
                expected = future.pop()
                past.append(before)
            change(recipe, paint, what, *values)
            if what in ("undo", "redo"):
                assert state() == (expected or before)
            elif state() != before:
                past.append(before)
                future.clear()
            assert (recipe.can_undo, recipe.can_redo) == (bool(past), bool(future))
            shown = tuple(int(code) for code in paint.codes.ravel())
            assert (recipe.recipe.painted or (Paint.FREE,) * paint.codes.size) == shown
            assert recipe.lacks_picture == (Paint.FIXED in shown and not recipe.request.image_file)


def test_a_slow_stroke_is_one_step_and_two_quick_ones_are_two(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, paint = models()
    now = 0.0
    monkeypatch.setattr(recipe_model, "monotonic", lambda: now)
    paint.begin_stroke()
    for column in range(3):
        now += 60
        paint.paint(1, column, Paint.FAST)
    paint.end_stroke()
    stroke(paint, [(0, 0)], Paint.SLOW)
    stroke(paint, [(0, 0)], Paint.SLOW)  # changes nothing, so it leaves no step
    recipe.undo()
    assert np.argwhere(paint.codes).tolist() == [[1, 0], [1, 1], [1, 2]]
    recipe.undo()
    assert paint.is_empty
    assert not recipe.can_undo


def test_the_button_of_the_stage_takes_back_paint_only(qapp: object) -> None:
    recipe, paint = models()
    assert not paint.can_undo
    stroke(paint, [(0, 0)], Paint.FAST)
    assert paint.can_undo
    recipe.set(seed=3)
    assert not paint.can_undo
    recipe.undo()
    paint.undo()
    assert paint.is_empty
    recipe.redo()
    assert paint.can_undo


def test_fixed_patches_wait_for_a_picture(qapp: object) -> None:
    recipe, paint = models()
    asked: list[bool] = []
    paint.picture_needed.connect(lambda: asked.append(True))
    stroke(paint, [(0, 0)], Paint.FAST)
    assert not asked
    stroke(paint, [(0, 1), (0, 2)], Paint.FIXED)
    assert asked == [True]
    assert paint.codes[0].tolist() == [Paint.FAST, Paint.FIXED, Paint.FIXED, Paint.FREE]
    assert recipe.request.paint[:4] == (Paint.FAST, 0, 0, 0)
    recipe.set_picture(PICTURE)
    assert recipe.request.paint[:4] == (Paint.FAST, Paint.FIXED, Paint.FIXED, Paint.FREE)
    recipe.undo()
    assert recipe.lacks_picture
    assert paint.codes[0, 1] == Paint.FIXED


def test_a_wide_brush_stays_inside(qapp: object) -> None:
    _, paint = models()
    stroke(paint, [(0, 0)], Paint.FAST, brush=3)
    assert paint.codes.sum() == 4 * Paint.FAST
    stroke(paint, [(1, 2)], Paint.FIXED, brush=2)
    assert (paint.codes[1:, 2:] == Paint.FIXED).all()


def test_paint_comes_back_with_the_size_it_was_made_for(
    open_window: Callable[..., Bench],
) -> None:
    page = open_window().page
    stroke(page.paint, [(3, 3)], Paint.FAST)
    page.recipe.set(height=128, width=128, paint=())
    assert page.paint.codes.shape == (8, 8)
    assert page.paint.is_empty
    page.recipe.undo()
    assert np.argwhere(page.paint.codes).tolist() == [[3, 3]]
    assert page.paint.codes.shape == (4, 4)
