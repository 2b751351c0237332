"""Alignment in training: each loss by hand, what it trains, what it leaves alone, and the log."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from test_train_objectives import task_of
from torch import Tensor, nn
from train_worlds import autoencoder_recipe, generator_recipe, write_world

from pfstudio.core.cknna import cknna
from pfstudio.core.errors import InputError
from pfstudio.core.probes import pooled
from pfstudio.flow.path import interpolate
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.interface import Output
from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.train import feature_log, session
from pfstudio.train.alignment.method import AlignedStep, negative_cosine
from pfstudio.train.alignment.repa import Repa
from pfstudio.train.alignment.self_flow import SelfFlow
from pfstudio.train.alignment.sra import SelfRepresentation
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.feature_log import TIME, feature_figures
from pfstudio.train.latents import LatentData, LatentSet
from pfstudio.train.mobilenet import feature_maps
from pfstudio.train.session import run_session
from pfstudio.train.state import VALIDATION, step_generator
from pfstudio.train.trainer import Advance
from pfstudio.weights.load import load_network

METHODS = {
    "repa": 'method = "repa"\nlayer = 1',
    "sra": 'method = "sra"\nlayer = 1\noptions = { teacher_layer = 2 }',
    "self-flow": 'method = "self-flow"\nlayer = 1\noptions = { teacher_layer = 2 }',
}


@pytest.fixture(autouse=True)
def _colours_as_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder without downloaded weights: the colours of the four quarters."""
    monkeypatch.setattr(session, "load_mobilenet", lambda head: None)
    monkeypatch.setattr(session, "feature_maps", lambda _, pictures: F.avg_pool2d(pictures, 8))


@pytest.fixture
def world(tmp_path: Path) -> Path:
    write_world(tmp_path)
    return tmp_path


def aligned(recipe: Path, method: str, weight: float = 0.5, more: str = "") -> Path:
    path = recipe.with_name(f"{method}.toml")
    text = f"[alignment]\n{METHODS[method]}\nweight = {weight}\nprojector_width = 8\n\n[report]"
    old = recipe.read_text(encoding="utf-8")
    path.write_text(old.replace("[report]", text + more), encoding="utf-8")
    return path


def run(recipe: Path, out: str, *hooks: Any, steps: int = 0) -> Path:
    folder = recipe.parent / out
    run_session(TrainingSession(recipe, recipe.parent, folder, device="cpu", steps=steps), *hooks)
    return folder


class Average(nn.Module):
    """Keeps what it was asked, and answers with known tokens."""

    def __init__(self, tokens: Tensor) -> None:
        super().__init__()
        self.tokens = tokens

    def forward(self, x: Tensor, t: Tensor, condition: Any, capture: tuple[int, ...]) -> Output:
        self.given = (x, t)
        return Output(x, hidden={capture[0]: self.tokens})


def step(maps: Tensor | None = None) -> tuple[AlignedStep, Average]:
    generator = torch.Generator().manual_seed(3)
    data, noise = torch.randn(2, 2, 4, 4, 4, generator=generator)
    t = torch.tensor([[[0.1, 0.7], [0.3, 0.2]], [[0.9, 0.95], [0.2, 0.6]]])
    average = Average(torch.randn(2, 4, 5, generator=generator))
    told = AlignedStep(
        data, noise, t, ClassLabels(torch.tensor([0, 1])), 2, average, maps,
        torch.Generator().manual_seed(8),
    )  # fmt: skip
    return told, average


def test_the_cosine_is_the_mean_over_all_tokens() -> None:
    a = torch.tensor([[[1.0, 0.0], [3.0, 4.0]]])
    b = torch.tensor([[[2.0, 2.0], [0.0, 5.0]]])
    expected = -(1 / math.sqrt(2) + 0.8) / 2
    assert float(negative_cosine(a, b)) == pytest.approx(expected)


def test_repa_wants_the_map_patch_by_patch() -> None:
    maps = torch.arange(24.0).view(2, 3, 2, 2)
    target = Repa().target(step(maps)[0])
    for picture in range(2):
        for row in range(2):
            for column in range(2):
                wanted = maps[picture, :, row, column]
                assert torch.equal(target[picture, 2 * row + column], wanted)
    fine = maps.repeat_interleave(2, 2).repeat_interleave(2, 3)  # a finer map is averaged
    torch.testing.assert_close(Repa().target(step(fine)[0]), target)


def test_sra_asks_the_average_at_a_cleaner_time_with_the_same_noise() -> None:
    seen, average = step()
    method = SelfRepresentation(2, ahead=0.2)
    target = method.target(seen)
    x, t = average.given
    ahead = t - seen.t
    drawn = torch.rand(2, 1, 1, generator=torch.Generator().manual_seed(8))
    torch.testing.assert_close(t, (seen.t + 0.2 * drawn).clamp(max=1))
    assert 0 < float(ahead.max()) <= 0.2
    assert torch.equal(x, interpolate(seen.data, seen.noise, t, 2))
    assert target is average.tokens
    a, b = torch.tensor([[[0.0, 3.0]]]), torch.tensor([[[0.5, 0.0]]])
    assert float(method.distance(a, b)) == pytest.approx((0.5 * 0.25 + 2.5) / 2)


def test_self_flow_asks_the_average_at_the_time_of_the_cleanest_patch() -> None:
    seen, average = step()
    target = SelfFlow(2).target(seen)
    x, t = average.given
    assert torch.equal(t, torch.tensor([0.7, 0.95]).view(2, 1, 1).expand(2, 2, 2))
    assert torch.equal(x, interpolate(seen.data, seen.noise, t, 2))
    assert target is average.tokens
    a, b = torch.tensor([[[0.0, 3.0]]]), torch.tensor([[[4.0, 4.0]]])
    assert float(SelfFlow(2).distance(a, b)) == pytest.approx(-1 / math.sqrt(2))


@pytest.mark.parametrize("method", METHODS)
def test_the_loss_is_weighted_and_trains_network_and_projector(world: Path, method: str) -> None:
    task = task_of(aligned(generator_recipe(world), method, 0.3))
    loss = task.loss(task.network, 1, 0, 1)
    figures = {name: float(value.detach()) for name, value in loss.figures}
    total = figures["flow"] + 0.01 * figures["nll"] + 0.3 * figures["alignment"]
    assert float(loss.total.detach()) == pytest.approx(total, rel=1e-5)
    dict(loss.figures)["alignment"].backward()
    first = task.network.blocks[0].attn.qkv.weight.grad
    assert float(first.abs().max()) > 1e-6
    assert task.network.blocks[1].attn.qkv.weight.grad is None  # after the aligned layer
    assert all(float(p.grad.abs().max()) > 0 for p in task.projector.parameters())
    if task.average is not None:
        assert all(p.grad is None for p in task.average.parameters())


def test_with_weight_0_training_is_as_without(world: Path) -> None:
    def weights(recipe: Path, out: str) -> bytes:
        return (run(recipe, out, steps=3) / "model" / "model.safetensors").read_bytes()

    recipe = generator_recipe(world)
    plain = weights(recipe, "plain")
    for method in METHODS:
        assert weights(aligned(recipe, method, 0.0), method) == plain
    assert weights(aligned(recipe, "sra", 1.0), "one") != plain


@pytest.mark.parametrize("method", ["repa", "sra"])
def test_a_killed_run_goes_on_with_projector_and_average(world: Path, method: str) -> None:
    recipe = aligned(generator_recipe(world), method)
    whole = run(recipe, "whole")

    def stop(advance: Advance) -> None:
        if advance.step == 5:  # the state of step 3 is stored
            raise SystemExit

    with pytest.raises(SystemExit):
        run(recipe, "killed", stop)
    killed = run(recipe, "killed")
    states = [load_file(folder / "state.safetensors") for folder in (whole, killed)]
    assert states[0].keys() == states[1].keys()
    assert "extra.projector.0.weight" in states[0]
    for name, values in states[0].items():
        assert torch.equal(values, states[1][name]), name
    exported = load_file(whole / "model" / "model.safetensors")
    assert not [name for name in exported if "projector" in name]
    assert load_network(whole / "model").card.architecture == "patch-forcing"


def test_the_average_that_teaches_is_the_one_that_is_exported(world: Path) -> None:
    caught: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        kind = session.GeneratorTask

        def made(*given: Any) -> Any:
            caught.append(kind(*given))
            return caught[0]

        patch.setattr(session, "GeneratorTask", made)
        folder = run(aligned(generator_recipe(world), "sra"), "out")
    exported = load_file(folder / "model" / "model.safetensors")
    own = caught[0].average.state_dict()
    for name, values in exported.items():
        torch.testing.assert_close(values.float(), own[name], rtol=1e-3, atol=1e-6)
    assert not caught[0].average.training
    last = caught[0].network.state_dict()["final_layer.linear.weight"]
    assert not torch.equal(last, own["final_layer.linear.weight"])


@pytest.mark.parametrize(
    ("method", "change", "sentence"),
    [
        ("repa", ('"repa"', '"repo"'), "there is no alignment 'repo'"),
        ("repa", ("layer = 1", "layer = 3"), "repa cannot align layer 3; the layers are 1 to 2"),
        ("sra", ("teacher_layer = 2", "teacher_layer = 2.5"), "sra cannot align layer 2.5"),
        ("sra", ("teacher_layer", "teacher"), "sra: "),
        ("repa", ("weight = 0.5", "weight = -1"), "alignment.weight must not be below 0"),
    ],
)
def test_alignments_that_cannot_be_used_are_named(
    world: Path, method: str, change: tuple[str, str], sentence: str
) -> None:
    recipe = aligned(generator_recipe(world), method)
    recipe.write_text(recipe.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(sentence)):
        run(recipe, "out")


def test_alignment_asks_for_a_network_that_can(world: Path) -> None:
    with pytest.raises(InputError, match="self-flow needs a network with a time per patch"):
        run(aligned(generator_recipe(world, kind="dit"), "self-flow"), "out")
    with pytest.raises(InputError, match="belong to a generator"):
        run(aligned(autoencoder_recipe(world), "repa"), "out")
    one_time = generator_recipe(world, kind="dit")  # of a whole picture: enough for this one
    run(aligned(one_time, "sra"), "dit", steps=1)


def test_the_log_tells_a_probe_and_the_alignment_of_every_layer(world: Path) -> None:
    write_world(world, count=60)  # 12 held out
    folder = run(aligned(generator_recipe(world), "repa", 0.5, "\nfeatures = true"), "out")
    with (folder / "validation.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["3", "6"]
    for row in rows:
        for layer in (1, 2):
            assert 0 <= float(row[f"probe {layer}"]) <= 1
            assert -1 <= float(row[f"cknna {layer}"]) <= 1


def test_the_figures_are_those_of_the_held_out_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_log, "_KNOWN", 15)  # of 60: each must keep its own label
    generator = torch.Generator().manual_seed(0)

    class Network(nn.Module):
        """Layer 1 tells the class of a picture, layer 2 nothing."""

        def forward(self, x: Tensor, t: Tensor, condition: Any, capture: range) -> Output:
            assert bool((t == TIME).all())
            self.seen = x
            tokens = x.mean(dim=(2, 3))[:, None].expand(-1, 4, -1)
            same = torch.rand(tokens.shape, generator=generator)
            return Output(x, hidden={1: tokens, 2: same})

    def held(count: int) -> LatentSet:
        labels = torch.arange(count) % 2
        latents = torch.randn(count, 2, 4, 4, generator=generator)
        latents[labels == 1, 0] += 30
        latents[labels == 0, 1] += 30
        return LatentSet(latents, labels)

    latents = LatentData(held(60), held(16))
    parts = (latents.train, latents.test)
    maps = LatentData(*(LatentSet(part.latents[:, :1], part.labels) for part in parts))
    network = Network()
    figures = dict(
        feature_figures(
            network, latents, maps, lambda n: ClassLabels(torch.zeros(n)), 2,
            labelled=True, pictures=12, patch=2, device=torch.device("cpu"),
        )
    )  # fmt: skip
    assert figures["probe 1"] == 1
    assert figures["probe 2"] < 1
    assert figures.keys() == {"probe 1", "probe 2", "cknna 1", "cknna 2"}
    chosen = torch.linspace(0, 15, 12).long()
    noise = torch.randn(12, 2, 4, 4, generator=step_generator(0, 0, 0, VALIDATION))
    x = TIME * latents.test.latents[chosen] + (1 - TIME) * noise
    mine = pooled(x.mean(dim=(2, 3))[:, None, None].expand(-1, 4, 1, -1).numpy())
    theirs = latents.test.latents[chosen, :1].mean(dim=(2, 3)).numpy()
    assert figures["cknna 1"] == pytest.approx(cknna(mine, theirs), abs=1e-4)


def test_without_a_null_class_features_would_be_told_the_answer(world: Path) -> None:
    recipe = aligned(generator_recipe(world), "sra", 0.5, "\nfeatures = true")
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace("[model]", "[model]\nclass_dropout_prob = 0.0"))
    with pytest.raises(InputError, match=r"report\.features needs a network that also learns"):
        run(recipe, "out")


def test_maps_of_mobilenet_have_eight_by_eight_places() -> None:
    torch.manual_seed(0)
    network = MobileNetV2(head=False)
    picture = torch.rand(1, 3, 16, 16) * 2 - 1
    maps = feature_maps(network, picture)
    assert maps.shape == (1, 320, 8, 8)
    large = F.interpolate(
        picture, (256, 256), mode="bicubic", antialias=True, align_corners=False
    ).clamp(-1, 1)
    np.testing.assert_allclose(maps.numpy(), network.maps(large, (17,))[0].numpy(), atol=1e-5)
