from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from small_models import install_small_model, small_model

import pfstudio
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.events import Progress
from pfstudio.core.guidance import ClassifierFree, Interval, NoGuidance
from pfstudio.core.samplers import DualLoop, Euler, LookAhead
from pfstudio.engine import api, model_cache
from pfstudio.engine.control import Control
from pfstudio.engine.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return small_model()


def test_importing_the_package_imports_no_torch_and_tames_openmp() -> None:
    code = (
        "import os, sys; os.environ.pop('OMP_WAIT_POLICY', None); import pfstudio;"
        "print('torch' in sys.modules, 'numpy' in sys.modules, os.environ['OMP_WAIT_POLICY'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "PASSIVE"]


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'paint'"):
        pfstudio.paint  # noqa: B018


def test_load_and_generate() -> None:
    install_small_model()
    loaded = pfstudio.load("small", device="cpu", precision="float32")
    run = pfstudio.generate(loaded, ["cat", 3], seed=2, steps=2, inner_steps=2, easy_share=0.3)
    assert run.images.shape == (2, 32, 32, 3)
    assert run.images.dtype == np.uint8
    assert run.latents.shape == (2, 4, 8, 8)
    assert run.trace.request.sampler == DualLoop(2, 2, 0.3)
    assert run.trace.request.guidance == ClassifierFree(2.0)
    np.testing.assert_array_equal(loaded.decode(run.latents), run.images)
    with pytest.raises(InputError, match="no model"):
        pfstudio.load("nothing of this name")


def test_settings_find_their_place(model: Model) -> None:
    seen: list[Any] = []
    run = pfstudio.generate(
        model, 1, sampler="look-ahead", nfe=7, guidance="interval", t_min=0.2, scale=3.0,
        on_event=seen.append,
    )  # fmt: skip
    assert run.trace.request.sampler == LookAhead(4)
    assert run.trace.request.guidance == Interval(3.0, 0.2)
    assert sum(isinstance(event, Progress) for event in seen) == run.trace.nfe == 7
    plain = pfstudio.generate(model, sampler=Euler(2), guidance=NoGuidance())
    assert plain.trace.request.sampler == Euler(2)
    assert pfstudio.generate(small_model(difficulty=False)).trace.request.sampler == Euler()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"sampler": "warp"}, "'warp'"),
        ({"sampler": "euler", "easy_share": 0.5}, "easy_share"),
        ({"classes": "wolf"}, "wolf"),
        ({"steps": 0}, "between 1 and 1000"),
        ({"noise_file": "none"}, "none cannot be read"),
    ],
)
def test_what_does_not_fit_raises(model: Model, settings: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        pfstudio.generate(model, **settings)


def test_cancel_raises(model: Model) -> None:
    control = Control()
    control.cancel()
    with pytest.raises(RunError, match="cancelled"):
        pfstudio.generate(model, control=control)


def test_velocity_takes_times_in_every_shape(model: Model) -> None:
    x = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    velocity, log_variance = model.velocity(x, 0.25, [0, 1])
    assert log_variance is not None
    assert (velocity.shape, log_variance.shape) == ((2, 4, 8, 8), (2, 1, 8, 8))
    for t in (torch.full((2,), 0.25), torch.full((2, 16), 0.25), torch.full((2, 4, 4), 0.25)):
        torch.testing.assert_close(model.velocity(x, t, torch.tensor([0, 1]))[0], velocity)
    one_class, _ = model.velocity(x, 0.25, 1)
    torch.testing.assert_close(one_class[1], velocity[1])
    none, _ = model.velocity(x, 0.25)
    assert not torch.allclose(none, velocity)
    with pytest.raises(InputError, match="times"):
        model.velocity(x, torch.zeros(2, 3), 0)
    with pytest.raises(InputError, match="no class 9"):
        model.velocity(x, 0.25, 9)


def test_numbers_of_numpy_are_numbers(model: Model) -> None:
    x = torch.zeros(2, 4, 8, 8)
    plain, _ = model.velocity(x, 0.5, 3)
    torch.testing.assert_close(model.velocity(x, 0.5, [np.int64(3)] * 2)[0], plain)
    run = pfstudio.generate(
        model, np.int64(3), seed=np.int64(5), count=np.int32(1), sampler="euler", steps=np.int64(2),
        scale=np.float32(2),
    )  # fmt: skip
    assert (run.trace.request.seed, run.trace.request.sampler) == (5, Euler(2))


@pytest.mark.parametrize(("given", "told"), [("cat", "takes classes"), (1.5, "1.5 is no class")])
def test_what_a_velocity_is_asked_for_must_be_a_condition(
    model: Model, given: Any, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        model.velocity(torch.zeros(2, 4, 8, 8), 0.5, given)


def test_a_weak_model_is_loaded_once(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    install_small_model()
    loads = []
    monkeypatch.setattr(model_cache, "load", lambda *args: loads.append(args) or small_model())
    monkeypatch.setattr(api, "_others", api._Others())
    for _ in range(2):
        pfstudio.generate(model, 1, sampler="euler", steps=2, guidance="auto", weak_model="small")
    assert len(loads) == 1


def test_pictures_and_latents(model: Model) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    latents = model.encode(pixels)
    assert latents.shape == (2, 4, 8, 8)
    assert model.decode(latents).shape == model.preview(latents).shape == pixels.shape
    assert (model.grid, model.patch_size, model.has_difficulty) == ((4, 4), 2, True)
    assert model.card.classes[0] == "cat"
