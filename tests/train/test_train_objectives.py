"""What each task asks of its network: terms of the loss, what the network is shown, the data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from test_train_depth import depth_recipe, write_depth_world
from test_train_upsampler import write_recipe as upsampler_recipe
from torch import Tensor, nn
from train_worlds import autoencoder_recipe, generator_recipe, png, write_pack, write_world

from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.train import autoencoder, depth, generator, session, upsampler
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.autoencoder import hinge_loss
from pfstudio.train.data import PictureSet, TrainingData, to_unit
from pfstudio.train.latents import encode_data, mirrorable
from pfstudio.train.state import TrainingProgress
from pfstudio.train.task import batch_indices
from pfstudio.weights.load import load_autoencoder

Change = tuple[str, str]


@pytest.fixture(autouse=True)
def _random_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """Perceptual distances of a network without downloaded weights."""
    for module in (autoencoder, upsampler):
        monkeypatch.setattr(module, "load_mobilenet", MobileNetV2)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    write_depth_world(tmp_path)
    write_world(tmp_path)
    return tmp_path


def task_of(recipe: Path, *changes: Change) -> Any:
    """The task that `pfstudio train` would train, its network no longer at its zero beginning."""
    text = recipe.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    recipe.write_text(text, encoding="utf-8")
    caught: list[Any] = []

    class Trainer:
        progress = TrainingProgress()

        def __init__(self, _: object, task: object, *rest: object, **how: object) -> None:
            caught.append(task)

        def run(self) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "Trainer", Trainer)
        out = recipe.parent / "out"
        session.run_session(TrainingSession(recipe, recipe.parent, out, device="cpu"))
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in caught[0].network.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=random)
    return caught[0]


class Spy(nn.Module):
    """Passes everything on and keeps what the network was given last."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *given: Any, **named: Any) -> Any:
        self.given = given
        return self.network(*given, **named)


def shown(task: Any, step: int = 0, process: int = 0, processes: int = 1) -> tuple[Any, ...]:
    """What the network is given in a step."""
    spy = Spy(task.network)
    task.loss(spy, step, process, processes)
    return spy.given


# Losses


@pytest.mark.parametrize(
    ("write", "changes", "weights"),
    [
        (generator_recipe, [("[generator]", "[generator]\nnll_weight = 0.5")],
         {"flow": 1, "nll": 0.5}),
        (autoencoder_recipe, [("perceptual = 0.0", "perceptual = 0.7\nkl = 0.3")],
         {"l1": 1, "preview": 1, "kl": 0.3, "perceptual": 0.7}),
        (upsampler_recipe,
         [("perceptual = 0.0", "perceptual = 0.7\npixel = 0.4\nnll_weight = 0.3")],
         {"flow": 1, "nll": 0.3, "pixel": 0.4, "perceptual": 0.7}),
        (depth_recipe, [("[depth]", "[depth]\nnormal_weight = 0.6")],
         {"flow": 1, "normals": 0.6}),
    ],
    ids=["generator", "autoencoder", "upsampler", "depth"],
)  # fmt: skip
def test_a_loss_is_the_weighted_sum_of_its_figures(
    world: Path,
    write: Callable[[Path], Path],
    changes: list[Change],
    weights: dict[str, float],
) -> None:
    task = task_of(write(world), *changes)
    loss = task.loss(task.network, 1, 0, 1)
    figures = {name: float(value.detach()) for name, value in loss.figures}
    assert figures.keys() == weights.keys()
    assert all(abs(value) > 1e-4 for value in figures.values())
    total = sum(weight * figures[name] for name, weight in weights.items())
    assert float(loss.total.detach()) == pytest.approx(total, rel=1e-5)


def test_the_discriminator_joins_late_and_the_two_do_not_train_each_other(world: Path) -> None:
    change = ("adversarial_from = 1", "adversarial_from = 3\nkl = 0.0")
    task = task_of(autoencoder_recipe(world, 0.5), change)
    for step, weight in ((2, 0.0), (3, 0.5)):
        loss = task.loss(task.network, step, 0, 1)
        figures = {name: float(value.detach()) for name, value in loss.figures}
        total = figures["l1"] + figures["preview"] + weight * figures["adversarial"]
        assert float(loss.total.detach()) == pytest.approx(total, rel=1e-5)
        assert float(loss.second.detach()) == figures["discriminator"]
    loss.total.backward()
    assert all(parameter.grad is None for parameter in task.second.parameters())
    task.network.zero_grad()
    loss.second.backward()
    assert all(parameter.grad is not None for parameter in task.second.parameters())
    assert all(parameter.grad is None for parameter in task.network.parameters())


def test_the_autoencoder_wants_to_be_believed_and_the_discriminator_to_tell(world: Path) -> None:
    task = task_of(autoencoder_recipe(world, 0.5))
    nn.init.zeros_(task.second.out.weight)
    nn.init.constant_(task.second.out.bias, 5.0)  # believes everything
    loss = task.loss(task.network, 1, 0, 1)
    assert dict(loss.figures)["adversarial"].item() == -5.0
    assert loss.second.item() == pytest.approx(0.5 * (0 + 6))
    yes, no = torch.tensor([2.0]), torch.tensor([-2.0])
    assert float(hinge_loss(yes, no)) == 0
    assert float(hinge_loss(no, yes)) == 3


# What the network is shown


def test_processes_share_a_batch_and_draw_noise_of_their_own(world: Path) -> None:
    task = task_of(generator_recipe(world))
    rows = {}
    for time in (0.0, 1.0):  # all noise, all data
        task.times = lambda batch, grid, _, time=time: torch.full((batch, *grid), time)
        rows[time] = [shown(task, 0, p, n)[0] for p, n in ((0, 1), (0, 2), (1, 2))]
    whole, first, second = rows[1.0]
    assert (len(whole), len(first), len(second)) == (4, 2, 2)
    shared = torch.cat([first, second])
    assert sorted(shared.flatten(1).tolist()) == sorted(whole.flatten(1).tolist())
    assert not torch.equal(rows[0.0][1], rows[0.0][2])
    assert abs(float(torch.cat(rows[0.0]).std()) - 1) < 0.2


@pytest.mark.parametrize(("loc", "low", "high"), [(-30.0, 0.0, 1e-6), (30.0, 0.5, 0.9)])
def test_times_are_drawn_as_the_recipe_says(
    world: Path, loc: float, low: float, high: float
) -> None:
    """The ceiling of LTG lies at sigmoid(loc): 0 or 1."""
    change = ("[generator]", f"[generator]\ntime_options = {{ loc = {loc} }}")
    times = shown(task_of(generator_recipe(world), change))[1]
    assert low <= float(times.mean()) <= high
    assert times.shape == (4, 2, 2)


def test_the_samples_that_a_report_shows_are_guided(world: Path) -> None:
    task = task_of(generator_recipe(world))
    task.network.eval()
    guided = task.grid(task.network)
    assert np.array_equal(guided, task.grid(task.network))
    task.recipe = replace(task.recipe, report=replace(task.recipe.report, grid_guidance=1.0))
    assert not np.array_equal(guided, task.grid(task.network))


def test_a_generator_is_measured_on_held_out_pictures_of_every_place(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pack may be sorted by what it shows."""
    task = task_of(generator_recipe(world), ("[report]", "[report]\nvalidation_pictures = 2"))
    given: list[Tensor] = []
    monkeypatch.setattr(
        generator, "validation_losses", lambda _, data, *rest: given.append(data) or torch.zeros(8)
    )
    task.validate(task.network)
    held = task.latents.test.latents
    assert len(held) == 4
    assert torch.equal(given[0], held[[0, 3]])


def test_an_autoencoder_decodes_noisy_latents(world: Path) -> None:
    task = task_of(autoencoder_recipe(world))
    noises = [shown(task, step)[1] for step in range(4)]
    assert float(torch.stack(noises).std()) == pytest.approx(1, abs=0.15)
    assert not torch.equal(noises[0], noises[1])


def upsampled(world: Path, *lines: str) -> Any:
    """An upsampler's task that always starts at time 0, without noise unless it is asked for."""
    names = {line.split(" =")[0] for line in lines}
    more = [line for line in ("noising_step = 0", "zero_share = 1.0") if line[:4] not in
            {name[:4] for name in names}]  # fmt: skip
    return task_of(upsampler_recipe(world, extra="\n".join([*more, *lines])))


def test_an_upsampler_starts_at_its_noised_condition(world: Path) -> None:
    x, t, condition = shown(upsampled(world, "decoded_share = 0.0"))
    assert not t.any()
    torch.testing.assert_close(x, condition, atol=1e-3, rtol=0)  # hardly any noise
    assert float(condition.std()) > 0
    task = upsampled(world, "decoded_share = 0.0", "noising_step = 400")
    x, t, condition = shown(task)
    assert 0.5 < task.alpha_bar < 0.9
    noise = (x - task.alpha_bar**0.5 * condition) / (1 - task.alpha_bar) ** 0.5
    assert float(noise.std()) == pytest.approx(1, abs=0.1)


def test_some_small_pictures_went_through_the_autoencoder(world: Path) -> None:
    plain, decoded = (
        shown(upsampled(world, f"decoded_share = {share}"))[2] for share in ("0.0", "1.0")
    )
    assert plain.shape == decoded.shape
    assert not torch.allclose(plain, decoded, atol=1e-3)


def test_only_a_share_of_the_pictures_is_looked_at(world: Path) -> None:
    counts = []
    for share in ("0.5", "1.0"):
        task = task_of(
            upsampler_recipe(world), ("looked_share = 1.0", f"looked_share = {share}\ndraws = 1")
        )
        picture = task.autoencoder.picture
        task.autoencoder.picture = lambda x, picture=picture: (counts.append(len(x)), picture(x))[1]
        task.loss(task.network, 0, 0, 1)
    assert counts == [2, 4]


def test_an_upsampler_leaves_its_autoencoder_alone(world: Path) -> None:
    task = task_of(upsampler_recipe(world))
    task.loss(task.network, 0, 0, 1).total.backward()
    assert all(parameter.grad is None for parameter in task.autoencoder.parameters())
    assert any(parameter.grad is not None for parameter in task.network.parameters())


# Data


def asymmetric(count: int = 4) -> TrainingData:
    """White pictures whose left half is black; classes 0, 1, 0, 1, ..."""
    picture = torch.full((3, 4, 4), 255, dtype=torch.uint8)
    picture[:, :, :2] = 0
    names = tuple(map(str, range(count)))
    pictures = PictureSet(names, (picture,) * count, torch.arange(count) % 2)
    return TrainingData(("turned Left", "cat"), pictures, pictures)


def test_mirrored_copies_keep_their_class_and_directional_classes_have_none() -> None:
    data = asymmetric()
    may_flip = mirrorable(data.train.labels, data.classes, ("left",))
    found = encode_data(data, 4, may_flip, lambda pictures: pictures)
    assert found.train.labels.tolist() == [0, 1, 0, 1, 1, 1]
    whole = found.train.latents
    assert torch.equal(whole[4:], whole[[1, 3]].flip(-1))
    assert not torch.equal(whole[4], whole[1])
    assert len(found.test) == 4
    never = torch.zeros(4, dtype=torch.bool)
    assert len(encode_data(data, 4, never, lambda pictures: pictures).train) == 4


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ([], 16 + 8),
        ([('directional = ["left"]', "")], 16 + 16),
        ([('directional = ["left"]', "flip = false")], 16),
    ],
)
def test_a_recipe_decides_what_is_mirrored(world: Path, changes: list[Change], count: int) -> None:
    assert len(task_of(generator_recipe(world), *changes).latents.train) == count


def test_a_generator_learns_scaled_latents(world: Path) -> None:
    own = load_autoencoder(str(world / "ae"))
    write_pack(world / "pack.tar", {"a.png": png((9, 200, 40)), "b.png": png((0, 0, 0))})
    labels = {"classes": ["a"], "train": [["a.png", 0]], "test": [["b.png", 0]]}
    (world / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    picture = torch.tensor([9, 200, 40])[:, None, None].repeat(1, 16, 16)
    picture[:, :8, :8] //= 2
    with torch.no_grad():
        wanted = own.encode(to_unit(picture[None]))
    found = task_of(generator_recipe(world)).latents.train.latents[:1]
    torch.testing.assert_close(found, wanted, atol=2e-3, rtol=2e-3)


def test_every_epoch_has_an_order_of_its_own() -> None:
    orders = [batch_indices(epoch, 20, 20, seed=1).tolist() for epoch in range(4)]
    assert len(set(map(tuple, orders))) == 4
    assert orders[0] != batch_indices(0, 20, 20, seed=2).tolist()


def crops(task: Any, count: int = 64) -> Tensor:
    """Random crops of an autoencoder's task, (count,3,side,side)."""
    return torch.cat([shown(task, step)[0] for step in range(count // 4)])


def test_sources_are_drawn_by_their_shares_and_mirrored(world: Path) -> None:
    write_pack(world / "other.tar", {f"{i}.png": png((255, 255, 255)) for i in range(3)})
    source = 'sources = [{ path = "pack.tar", labels = "labels.json", unlisted = true }]'
    for share in (1e-6, 1e6):
        both = f'sources = [{{ path = "pack.tar" }}, {{ path = "other.tar", share = {share:g} }}]'
        seen = crops(task_of(autoencoder_recipe(world), (source, both)))
        white = (seen.amax(dim=(1, 2, 3)) == 1).float().mean()
        assert float(white) == (1.0 if share > 1 else 0.0)
    left, right = seen[..., :6].mean(dim=(1, 2, 3)), seen[..., -6:].mean(dim=(1, 2, 3))
    assert 0.25 < float((left > right).float().mean()) < 0.75  # the corner is dark on either side


def test_exported_latents_are_standardised(world: Path) -> None:
    recipe = autoencoder_recipe(world)
    session.run_session(TrainingSession(recipe, world, world / "out", device="cpu"))
    own = load_autoencoder(str(world / "out" / "model"))
    task = task_of(recipe)
    pictures = torch.stack(list(task.data[0].train.pictures))
    with torch.no_grad():
        latents = own.encode(to_unit(pictures))
    assert float(latents.mean()) == pytest.approx(0, abs=0.02)
    assert float(latents.std()) == pytest.approx(1, abs=0.02)


def test_depth_pictures_are_disturbed_mirrored_and_cut_anew(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(depth_recipe(world))
    image = shown(task)[2]
    flips, draws, disturbed = [], [], []
    cut, degrade = depth.cut_pair, depth.augment

    def cut_pair(picture: Any, inverse: Any, size: Any, random: Any, flip: bool) -> Any:
        flips.append(flip)
        draws.append(random.bit_generator.state["state"]["state"])
        return cut(picture, inverse, size, random, flip)

    def disturb(picture: Any, random: Any) -> Any:
        disturbed.append(degrade(picture, random))
        return disturbed[-1]

    monkeypatch.setattr(depth, "cut_pair", cut_pair)
    monkeypatch.setattr(depth, "augment", disturb)
    again = shown(task)[2]
    assert torch.equal(again, image)
    assert flips == [True] * 4
    pictures = np.stack(disturbed)
    with torch.no_grad():
        wanted = task.autoencoder.encode(to_unit(torch.from_numpy(pictures).permute(0, 3, 1, 2)))
    torch.testing.assert_close(again, wanted)
    shown(task, 1)
    assert len(set(draws)) == 8  # each pair and step its own
