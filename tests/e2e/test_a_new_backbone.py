"""A backbone is one line in a registry: training, CLI, Python and the window know it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from real_window import drop, generate, opened
from safetensors.torch import load_file
from small_models import install_small_autoencoder
from text_encoders import write_bert
from toy_backbone import TOY, ToyBackbone, ToyConfig, registered, toy_network
from train_worlds import SIDE, forget_accelerate, toy_recipe, write_caption_world

import pfstudio
from pfstudio.cli.main import main
from pfstudio.core.card import WEIGHTS_NAME, ModelCard
from pfstudio.core.conditions import Prompt
from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.metadata import read_recipe
from pfstudio.core.models import models_folder
from pfstudio.core.samplers import DualLoop, Euler
from pfstudio.core.trace_file import read_trace
from pfstudio.engine.model import Model
from pfstudio.nn.registry import ARCHITECTURES
from pfstudio.ui.restore_dialog import RestoreDialog
from pfstudio.ui.window import MainWindow
from pfstudio.weights.build import sizes_of
from pfstudio.weights.store import save_model

WIDTH = 16  # of the text encoder's tokens
PATCHES = 16


@pytest.fixture(autouse=True)
def toy() -> Iterator[None]:
    with registered():
        yield
    assert "toy" not in ARCHITECTURES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The toy as an installed model, with an autoencoder and a text encoder."""
    install_small_autoencoder()
    network, encoder = toy_network(ToyConfig(text_dim=WIDTH)), write_bert(tmp_path / "encoder")
    card = ModelCard(
        "a-toy", "A toy", "toy", sizes_of(network), "small-ae", pixels=32,
        text_encoder=str(encoder), default_guidance=2.0,
    )  # fmt: skip
    save_model(models_folder() / "a-toy", card, network.state_dict())
    return models_folder() / "a-toy"


@torch.inference_mode()
def by_hand(model: Model, text: str, negative: str, steps: int, seed: int) -> np.ndarray:
    """Euler with classifier-free guidance at the card's scale, one picture, written out."""
    network = toy_network(ToyConfig(text_dim=WIDTH))
    x = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(seed))
    own = model.text_encoder([text]).embeddings
    away = model.text_encoder([negative]).embeddings if negative else network.null_condition(1)
    for step in range(steps):
        t = torch.full((1, 4, 4), step / steps)
        v, null = network(x, t, own).velocity, network(x, t, away).velocity
        x = x + (null + 2.0 * (v - null)) / steps
    return x.numpy()


def test_in_python(folder: Path) -> None:
    model = pfstudio.load("a-toy", device="cpu", precision="float32")
    for negative in ("", "blue"):
        run = pfstudio.generate(
            model, prompts=["a red fox", "apple"], negative=negative, steps=3, seed=5
        )
        request = run.trace.request
        assert request.conditions == (Prompt("a red fox", negative), Prompt("apple", negative))
        assert (request.sampler, request.guidance) == (Euler(3), ClassifierFree(2.0))
        assert run.images.shape == (2, 32, 32, 3)
        assert run.trace.tokens.tolist() == [2 * 2 * PATCHES] * 3
        assert np.isnan(run.trace.difficulty).all()
        for place, text in enumerate(("a red fox", "apple")):
            wanted = by_hand(model, text, negative, 3, 5 + place)
            np.testing.assert_allclose(run.latents[place], wanted[0], rtol=1e-4, atol=1e-5)


def test_on_the_command_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, file = tmp_path / "out", tmp_path / "run.safetensors"
    command = ["generate", "--model", "a-toy", "--precision", "float32", "--seed", "5", "--json"]
    command += ["--steps", "3", "--out", str(out), "--trace", str(file)]
    assert main([*command, "--prompt", "a red fox", "--negative", "blue"]) == 0
    names = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert names.count("progress") == 3
    assert names[-1] == "finished"
    trace = read_trace(file)
    model = pfstudio.load("a-toy", device="cpu", precision="float32")
    wanted = by_hand(model, "a red fox", "blue", 3, 5)
    np.testing.assert_allclose(trace.latents, wanted, rtol=1e-4, atol=1e-5)
    (picture,) = out.iterdir()
    assert read_recipe(picture).request.conditions == (Prompt("a red fox", "blue"),)
    for flags, said in (
        (["--class", "1"], "a-toy takes no classes"),
        ([], "No prompt was given"),
        (["--prompt", "a", "--sampler", "dual-loop"], "a-toy predicts no difficulty"),
    ):
        assert main([*command, "--overwrite", *flags]) == 2
        told = capsys.readouterr()
        assert said in told.out + told.err


def test_in_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built: list[dict[str, torch.Tensor]] = []

    def build(config: ToyConfig) -> ToyBackbone:
        network = ToyBackbone(config)
        built.append({name: weights.clone() for name, weights in network.state_dict().items()})
        return network

    ARCHITECTURES["toy"] = replace(TOY, network=build)
    write_caption_world(tmp_path, write_bert)
    recipe, out = toy_recipe(tmp_path), tmp_path / "out"
    try:
        command = ["train", str(recipe), "--data", str(tmp_path), "--out", str(out)]
        assert main([*command, "--device", "cpu"]) == 0
    finally:
        forget_accelerate()
    assert "is trained" in capsys.readouterr().out
    card = ModelCard.read(out / "model")
    assert (card.architecture, card.task, card.condition, card.time) == (
        "toy", "generate", "text", "uniform",
    )  # fmt: skip
    assert (card.sizes["depth"], card.sizes["text_dim"], card.pixels) == (3, WIDTH, SIDE)
    with Image.open(out / "samples" / "00000006.png") as grid:
        assert grid.size == (2 * SIDE, SIDE)

    trained = load_file(out / "model" / WEIGHTS_NAME)
    assert trained.keys() == built[0].keys()
    for name, weights in built[0].items():
        moved = (trained[name] - weights).abs().max()
        assert 0 < moved < 0.1, name

    model = pfstudio.load(out / "model", "cpu", "float32")
    assert isinstance(model.network, ToyBackbone)
    run = pfstudio.generate(model, prompts=["a red fox", "a blue apple"], steps=2)
    assert run.images.shape == (2, SIDE, SIDE, 3)
    command = ["generate", "--model", str(out / "model"), "--prompt", "a red fox"]
    command += ["--precision", "float32", "--steps", "2", "--out", str(tmp_path / "pictures")]
    assert main(command) == 0
    (picture,) = (tmp_path / "pictures").iterdir()
    with Image.open(picture) as image:
        assert image.size == (SIDE, SIDE)


@pytest.fixture
def window(folder: Path, qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    yield from opened(qtbot, qapp)


def test_in_the_window(window: MainWindow, qtbot: QtBot) -> None:
    """The toy is the only model that is installed."""
    page, panel = window.page("generate").model, window.page("generate").recipe
    assert panel.model.currentText() == "A toy"
    assert panel.prompt.isVisibleTo(panel)
    assert not panel.classes.isVisibleTo(panel)
    assert not panel.sampler.segment(DualLoop.name).isEnabled()
    assert isinstance(page.recipe.request.sampler, Euler)
    qtbot.keyClicks(panel.prompt.text, "a red fox")
    qtbot.keyClicks(panel.prompt.negative, "blue")
    page.recipe.set(sampler=Euler(4), seed=5)
    page.recipe.set_keep_seed(True)
    qtbot.waitUntil(lambda: page.recipe.estimate_is_current, timeout=20_000)
    assert page.recipe.estimate.nfe == 4
    assert page.recipe.estimate.tflop == pytest.approx(4 * 2 * 18 * PATCHES * 2 * 16 / 1e12)

    picture = generate(page, qtbot)
    data = page.run.data
    assert data is not None
    assert (data.done, data.tokens_computed) == (4, 2 * 4 * PATCHES)
    assert not data.has_difficulty()
    assert page.run.title == "a red fox"
    made = page.recipe.request

    panel.prompt.text.clear()
    qtbot.keyClicks(panel.prompt.text, "apple")
    assert page.recipe.request.conditions == (Prompt("apple", "blue"),)
    other = generate(page, qtbot)
    drop(window, picture)
    (dialog,) = [d for d in window.findChildren(RestoreDialog) if d.isVisible()]
    dialog.restore.click()
    assert page.recipe.request.conditions == made.conditions == (Prompt("a red fox", "blue"),)
    assert panel.prompt.text.toPlainText() == "a red fox"
    again = generate(page, qtbot)
    pixels = [np.asarray(Image.open(path)) for path in (picture, other, again)]
    assert np.array_equal(pixels[0], pixels[2])
    assert not np.array_equal(pixels[0], pixels[1])
