"""A guidance rule is two lines in registries: CLI, Python, evaluation and the window know it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from drop_down import pick
from PIL import Image
from pytestqt.qtbot import QtBot
from real_window import drop, generate, real_window
from small_models import install_small_model, small_model
from toy_guidance import PASSES, ToyGuidance, guidance_registered

import pfstudio
from pfstudio.cli.main import main
from pfstudio.core.conditions import labels
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import GUIDANCES, NoGuidance
from pfstudio.core.metadata import read_notes, read_recipe
from pfstudio.core.parameter_text import read_parameters
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import DualLoop, Euler
from pfstudio.core.trace_file import read_trace
from pfstudio.engine.estimate import estimate
from pfstudio.engine.model import Model
from pfstudio.flow.guidance import GUIDES
from pfstudio.train.sample_quality import make_latents
from pfstudio.ui.restore_dialog import RestoreDialog
from pfstudio.ui.stage.views import VIEWS, View, map_values
from pfstudio.ui.window import MainWindow

__all__ = ["real_window"]

PATCHES = 16  # of the small model's picture


@pytest.fixture(autouse=True)
def toy() -> Iterator[None]:
    with guidance_registered():
        yield
    assert "toy" not in {**GUIDANCES, **GUIDES}


@torch.inference_mode()
def by_hand(model: Model, index: int, pull: float, steps: int, x: torch.Tensor) -> np.ndarray:
    """Euler with the rule, one picture, written out."""
    network, own = model.network, model.encode_conditions(labels(index))[0]
    for step in range(steps):
        t = torch.full((1, 4, 4), step / steps)
        v = network(x, t, own).velocity
        null = network(x, t, network.null_condition(1)).velocity
        early = network(x, t / 2, own).velocity
        x = x + (v + pull * (2 * v - null - early)) / steps
    return x.numpy()


def noise(seed: int) -> torch.Tensor:
    return torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(seed))


def test_in_python() -> None:
    model, asked = small_model(), list[int]()
    model.network.register_forward_hook(lambda module, inputs, out: asked.append(len(inputs[0])))
    run = pfstudio.generate(
        model, [1, 2], guidance="toy", pull=0.75, sampler="euler", steps=4, seed=7
    )
    assert run.trace.request.guidance == ToyGuidance(0.75)
    assert asked == [2] * PASSES * 4
    assert run.trace.nfe == 4
    assert run.trace.tokens.tolist() == [PASSES * 2 * PATCHES] * 4
    for place, index in enumerate((1, 2)):
        wanted = by_hand(small_model(), index, 0.75, 4, noise(7 + place))
        np.testing.assert_allclose(run.latents[place], wanted[0], rtol=1e-4, atol=1e-5)


def test_samplers_of_difficulty_are_guided_by_it() -> None:
    run = pfstudio.generate(small_model(), 1, guidance="toy", steps=2, inner_steps=2)
    assert isinstance(run.trace.request.sampler, DualLoop)
    assert run.trace.tokens.tolist() == [PASSES * PATCHES] * run.trace.nfe
    plain = pfstudio.generate(small_model(), 1, guidance="none", steps=2, inner_steps=2)
    assert not np.array_equal(run.latents, plain.latents)


def test_what_it_costs() -> None:
    model = small_model()
    request = GenerateRequest(conditions=labels(1), sampler=Euler(4), guidance=ToyGuidance())
    told, plain = estimate(model, request), estimate(model, replace(request, guidance=NoGuidance()))
    assert (told.nfe, plain.nfe) == (4, 4)
    assert told.tflop == pytest.approx(PASSES * plain.tflop)


def test_a_model_without_a_null_condition_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_model()
    monkeypatch.setattr(model.network, "null_condition", lambda batch: None)
    with pytest.raises(InputError, match="without a null condition"):
        pfstudio.generate(model, 1, guidance="toy", steps=2)


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install_small_model()
    out, file = tmp_path / "out", tmp_path / "run.safetensors"
    flags = ["--class", "1", "--seed", "7", "--sampler", "euler", "--steps", "4", "--json"]
    flags += ["--precision", "float32", "--out", str(out), "--trace", str(file)]
    command = ["generate", "--model", "small", *flags, "--guidance", "toy"]
    assert main([*command, "--pull", "0.75"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    calls = [line["tokens"] for line in lines if line["event"] == "progress"]
    assert calls == [PASSES * PATCHES] * 4
    assert next(line for line in lines if line["event"] == "started")["nfe"] == 4
    trace = read_trace(file)
    assert (trace.nfe, trace.request.guidance) == (4, ToyGuidance(0.75))
    wanted = by_hand(small_model(), 1, 0.75, 4, noise(7))
    np.testing.assert_allclose(trace.latents, wanted, rtol=1e-4, atol=1e-5)

    (picture,) = out.iterdir()
    assert read_recipe(picture).request.guidance == ToyGuidance(0.75)
    text = read_notes(picture).parameters
    assert "Guidance: toy, Pull: 0.75" in text
    assert read_parameters(text).request.guidance == ToyGuidance(0.75)
    command += ["--overwrite"]
    assert main(command) == 0  # its own default, and nothing of the model's
    assert read_trace(file).request.guidance == ToyGuidance()
    assert main([*command, "--scale", "3"]) == 2
    assert "toy has no --scale" in capsys.readouterr().err
    assert main([*command, "--pull", "9"]) == 2
    assert "Pull is 9" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["generate", "--help"])
    assert "How far it leads away (toy 0.5)" in " ".join(capsys.readouterr().out.split())


def test_in_an_evaluation() -> None:
    made = make_latents(small_model(), labels(1, 2), Euler(4), ToyGuidance(0.75), seed=3)
    both = torch.randn((2, 4, 8, 8), generator=torch.Generator().manual_seed(3))
    for place, index in enumerate((1, 2)):
        wanted = by_hand(small_model(), index, 0.75, 4, both[place : place + 1])
        np.testing.assert_allclose(made[place], wanted[0], rtol=1e-4, atol=1e-5)


def test_in_the_window(real_window: MainWindow, qtbot: QtBot) -> None:
    page, panel = real_window.page("generate").model, real_window.page("generate").recipe
    page.recipe.set(sampler=Euler(4), conditions=labels(1), seed=7)
    pick(panel.guidance, "toy")
    assert page.recipe.request.guidance == ToyGuidance()
    assert panel.guidance.key() == "toy"
    panel.guidance_form.control("pull").edited.emit(1.5)
    assert page.recipe.request.guidance == ToyGuidance(1.5)
    assert panel.cost.nfe.text() == f"4 × {PASSES}"
    page.recipe.set_model("small")  # whose card knows a scale, but no pull
    assert page.recipe.request.guidance == ToyGuidance(1.5)

    picture = generate(page, qtbot)
    data = page.run.data
    assert data is not None
    assert data.request.guidance == ToyGuidance(1.5)
    assert (data.done, data.tokens_computed) == (4, PASSES * 4 * PATCHES)
    assert data.share_computed() == pytest.approx(1.0)
    assert (map_values(data, View.GUIDANCE, 2, 0) == 2.5).all()
    assert VIEWS[View.GUIDANCE].limits(data) == (0.0, 2.5)

    pick(panel.guidance, "cfg")
    page.recipe.set(seed=1, sampler=Euler(2))
    page.recipe.set_keep_seed(True)
    drop(real_window, picture)
    (dialog,) = [d for d in real_window.findChildren(RestoreDialog) if d.isVisible()]
    dialog.restore.click()
    assert panel.guidance.key() == "toy"
    request = page.recipe.request
    assert (request.guidance, request.seed, request.sampler) == (ToyGuidance(1.5), 7, Euler(4))
    again = generate(page, qtbot)
    assert again != picture
    assert np.array_equal(np.asarray(Image.open(again)), np.asarray(Image.open(picture)))
