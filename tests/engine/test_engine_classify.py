"""A generator as a classifier, against classes whose velocity is known exactly."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from small_models import CLASSES, install_small_depth_model, install_small_model, small_model
from torch import Tensor

from pfstudio.cli.main import main
from pfstudio.core.classify import Classified, ClassifyRequest, ClassifyStep, Stage
from pfstudio.core.errors import InputError
from pfstudio.core.events import Event, Finished, Progress
from pfstudio.engine.api import run
from pfstudio.engine.classify import times_of
from pfstudio.engine.model import Model
from pfstudio.flow.add_noise import ensemble_noise
from pfstudio.flow.path import interpolate, pool, to_pixels

PICTURE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
RACE = (Stage(2, 3), Stage(4, 2), Stage(7, 1))


@pytest.fixture(scope="module")
def model() -> Model:
    return small_model()


def classified(model: Model, request: ClassifyRequest, events: list[Event]) -> Classified:
    done: Finished = run(request, model, on_event=events.append, picture=PICTURE)
    return done.result


def knows_means(model: Model, means: Tensor, variance: float) -> Any:
    """The velocity of classes that are one latent each, (K,4,8,8), with a constant variance."""

    def velocity(x: Tensor, t: Tensor, given: Any) -> tuple[Tensor, Tensor]:
        own = torch.stack([means[one.index] for one in given])
        at = to_pixels(t, 2)
        return (own - x) / (1 - at), torch.full_like(x[:, :1], math.log(variance))

    return velocity


def test_the_nearest_class_wins_and_patches_tell_why(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = model.encode(PICTURE[None])[0]
    generator = torch.Generator().manual_seed(1)
    away = torch.randn(5, 4, 8, 8, generator=generator)
    means = data + away * torch.tensor([5, 2, 4, 1, 3])[:, None, None, None]
    monkeypatch.setattr(model, "velocity", knows_means(model, means, 0.5))
    events: list[Event] = []
    found = classified(model, ClassifyRequest(stages=RACE), events)
    assert [one.index for one in found.standings] == [3, 1, 4, 2, 0]
    assert [one.samples for one in found.standings] == [7, 7, 4, 2, 2]
    assert found.nfe == 7 + 7 + 4 + 2 + 2
    # v - (x1 - x0) is (mean - x1) / (1 - t): the loss is known without any noise
    factor = np.mean([1 / (1 - t) ** 2 for t in times_of(7)])
    for one, of in zip(found.standings[:2], (3, 1), strict=True):
        expected = float((means[of] - data).square().mean()) * factor / 0.5 + math.log(0.5)
        assert one.loss == pytest.approx(expected, rel=1e-3)
    squared = (means - data).square().mean(dim=1, keepdim=True)
    evidence = pool(squared[1:2] - squared[3:4], 2)[0] * factor / 0.5
    np.testing.assert_allclose(found.evidence[1], evidence, rtol=2e-3, atol=2e-3)
    assert found.evidence.shape == (5, 4, 4)
    assert not found.evidence[0].any()
    steps = [event.detail for event in events if isinstance(event, Progress)]
    assert all(isinstance(step, ClassifyStep) for step in steps)
    assert [step.racing for step in steps] == [5, 5, 3, 3, 2, 2, 2]
    assert events[-1].result is found  # type: ignore[union-attr]
    assert all(len(step.standings) == 5 for step in steps)
    assert steps[-1].standings == found.standings
    np.testing.assert_array_equal(steps[-1].evidence, found.evidence)
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert last.call + 1 == last.nfe == 7


def test_classes_that_are_out_stay_behind_the_one_that_leads_now(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, times = model.encode(PICTURE[None]), times_of(6)
    losses = np.array([  # of each class and sample: the first class leads two samples only
        [0.4, 0.3, 1.0, 1.1, 1.0, 1.2],
        [0.5, 0.6, 0.4, 0.5, 0.4, 0.5],
        [0.9, 0.7, 0.0, 0.0, 0.0, 0.0],
    ])  # fmt: skip

    def velocity(x: Tensor, t: Tensor, given: Any) -> tuple[Tensor, None]:
        sample = int(np.abs(np.array(times) - float(t.flatten()[0])).argmin())
        wrong = torch.tensor([losses[one.index, sample] for one in given]) ** 0.5
        off = wrong.float()[:, None, None, None]
        return (data - x) / (1 - to_pixels(t, 2)) + off, None

    monkeypatch.setattr(model, "velocity", velocity)
    events: list[Event] = []
    stages = (Stage(2, 2), Stage(6, 1))
    found = classified(model, ClassifyRequest(classes=(0, 1, 2), stages=stages), events)
    steps = [event.detail for event in events if isinstance(event, Progress)]
    assert [one.index for one in steps[1].standings] == [0, 1, 2]
    assert [one.index for one in found.standings] == [1, 0, 2]
    gap = losses[2, :2] - losses[1, :2]  # on the two samples that both have
    assert steps[-1].standings == found.standings
    out = found.standings[2]
    assert (out.samples, out.loss) == (2, pytest.approx(0.8, rel=1e-3))
    assert out.behind == pytest.approx(gap.mean(), rel=1e-3)
    assert out.margin == pytest.approx(1.96 * gap.std(ddof=1) / math.sqrt(2), rel=1e-3)
    assert found.evidence[2].mean() == pytest.approx(out.behind, rel=1e-3)


@pytest.mark.parametrize("weighted", [True, False])
def test_all_classes_meet_the_same_noise(model: Model, weighted: bool) -> None:
    request = ClassifyRequest(classes=(4, 1), stages=(Stage(3, 1),), weighted=weighted, seed=6)
    found = classified(model, request, [])
    data = model.encode(PICTURE[None])
    losses: dict[int, list[float]] = {1: [], 4: []}
    for sample, time in enumerate(times_of(3)):
        noise = ensemble_noise(range(1), (4, 8, 8), 6 + sample)
        t = torch.full((1, 4, 4), time)
        for index, own in losses.items():
            velocity, log_variance = model.velocity(interpolate(data, noise, t, 2), t, index)
            wrong = (velocity - data + noise).square().mean(dim=1, keepdim=True)
            if weighted:
                wrong = wrong / log_variance.exp() + log_variance
            own.append(float(wrong.mean()))
    for one in found.standings:
        assert one.loss == pytest.approx(np.mean(losses[one.index]), rel=1e-4)
    gap = np.subtract(*(losses[one.index] for one in reversed(found.standings)))
    second = found.standings[1]
    assert second.behind == pytest.approx(gap.mean(), rel=1e-3)
    assert second.margin == pytest.approx(1.96 * gap.std(ddof=1) / math.sqrt(3), rel=1e-3)


def test_times_are_spread_from_the_first_on() -> None:
    assert sorted(times_of(10)) == pytest.approx([(k + 0.5) / 10 for k in range(10)])
    assert max(times_of(100)[:4]) - min(times_of(100)[:4]) > 0.6


@pytest.mark.parametrize(
    "values",
    [
        {"stages": ()},
        {"stages": (Stage(4, 3), Stage(4, 1))},
        {"stages": (Stage(4, 3), Stage(8, 5))},
        {"classes": (1,)},
        {"classes": (1, 1)},
    ],
)
def test_impossible_races_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        ClassifyRequest(**values)


def test_a_request_survives_json() -> None:
    request = ClassifyRequest("a.png", "m", (3, 1), RACE, False, 9)
    assert ClassifyRequest.from_json(request.to_json()) == request


def test_race_names_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install_small_model()
    Image.fromarray(PICTURE).save(tmp_path / "a.png")
    flags = ["--model", "small", "--stages", "2:3,4:1", "--precision", "float32"]
    (tmp_path / "b.heic").touch()
    assert main(["classify", str(tmp_path), *flags]) == 0
    printed = capsys.readouterr()
    assert "Left out, convert to PNG or JPEG first: b.heic." in printed.err
    lines = printed.out.splitlines()
    assert lines[0] == f"{tmp_path / 'a.png'} (16 evaluations)"
    assert lines[1].split(None, 1)[0] == "1"
    assert lines[1].split(None, 1)[1] in CLASSES
    assert len(lines) == 6
    assert "behind" in lines[2]
    two = ["--class", "dog", "--class", "cat", "--json"]
    assert main(["classify", str(tmp_path / "a.png"), *flags, *two]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {one["index"] for one in last["best"]} == {0, 1}
    once = ["--model", "small", "--stages", "1:2", *two]  # one sample has no interval
    assert main(["classify", str(tmp_path / "a.png"), *once]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [one["margin"] for one in last["best"]][-1] is None
    assert main(["classify", str(tmp_path), *flags, "--class", "unicorn"]) == 2
    assert main(["classify", str(tmp_path), "--model", "small", "--stages", "many"]) == 2
    install_small_depth_model()
    assert main(["classify", str(tmp_path), "--model", "small-depth"]) == 2
