"""A sampler is two lines in registries: CLI, Python and the window know it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pytestqt.qtbot import QtBot
from real_window import drop, generate, real_window
from small_models import install_small_model, small_model
from toy_sampler import ToySampler, bent_grid, sampler_registered

import pfstudio
from pfstudio.cli.main import main
from pfstudio.core.conditions import labels
from pfstudio.core.guidance import NoGuidance
from pfstudio.core.metadata import read_recipe
from pfstudio.core.samplers import SAMPLERS, Euler
from pfstudio.flow.precompute import times_of_run
from pfstudio.flow.samplers import FUNCTIONS
from pfstudio.ui.restore_dialog import RestoreDialog
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]


@pytest.fixture(autouse=True)
def toy() -> Iterator[None]:
    with sampler_registered():
        yield
    assert "toy" not in SAMPLERS
    assert ToySampler not in FUNCTIONS


@torch.inference_mode()
def by_hand(steps: int, bend: float) -> np.ndarray:
    """The sampler written out, for class 1 and seed 7."""
    model = small_model()
    own = model.encode_conditions(labels(1))[0]
    x = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(7))
    for now, then in pairwise(bent_grid(ToySampler(steps, bend)).tolist()):
        x = x + (then - now) * model.network(x, torch.full((1, 4, 4), now), own).velocity
    return x.numpy()


def test_in_python() -> None:
    run = pfstudio.generate(
        small_model(), 1, guidance="none", sampler="toy", steps=5, bend=3.0, seed=7
    )
    assert run.trace.request.sampler == ToySampler(5, 3.0)
    assert run.trace.nfe == 5
    np.testing.assert_allclose(run.latents, by_hand(5, 3.0), rtol=1e-4, atol=1e-5)


def test_its_times_are_computed_once_for_the_run() -> None:
    settings = ToySampler(3, 2.0)
    assert torch.equal(times_of_run(settings, torch.zeros(1)), bent_grid(settings)[:-1])


def test_in_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install_small_model()
    command = ["generate", "--class", "1", "--sampler", "toy", "--bend", "3", "--nfe", "5"]
    assert main([*command, "--guidance", "none", "--seed", "7", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    (picture,) = tmp_path.rglob("*.png")
    assert read_recipe(picture).request.sampler == ToySampler(5, 3.0)


def test_in_the_window(real_window: MainWindow, qtbot: QtBot) -> None:
    page, panel = real_window.page("generate").model, real_window.page("generate").recipe
    page.recipe.set(conditions=labels(1), guidance=NoGuidance(), seed=7)
    panel.sampler.segment("toy").click()
    panel.sampler_form.control("bend").edited.emit(3.0)
    sampler = page.recipe.request.sampler
    assert isinstance(sampler, ToySampler)
    assert sampler.bend == 3.0
    picture = generate(page, qtbot)
    assert page.run.data is not None
    assert page.run.data.done == sampler.nfe

    page.recipe.set(sampler=Euler(2), seed=1)
    page.recipe.set_keep_seed(True)
    drop(real_window, picture)
    (dialog,) = [d for d in real_window.findChildren(RestoreDialog) if d.isVisible()]
    dialog.restore.click()
    assert page.recipe.request.sampler == sampler
    again = generate(page, qtbot)
    assert again != picture
    assert np.array_equal(np.asarray(Image.open(again)), np.asarray(Image.open(picture)))
