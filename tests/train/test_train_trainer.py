"""The training loop against the same loop written by hand, on a task small enough to do so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import Tensor, nn

from pfstudio.core.card import WEIGHTS_NAME, ModelCard
from pfstudio.core.errors import RunError
from pfstudio.train.config import (
    DataConfig,
    OptimizationConfig,
    ReportConfig,
    SourceConfig,
    TrainingConfig,
)
from pfstudio.train.export import export_model
from pfstudio.train.state import ORDER, STEP, VALIDATION, TrainingProgress, step_generator
from pfstudio.train.task import Figures, StepLoss
from pfstudio.train.trainer import Advance, Trainer, rate_at

STEPS = 12
TRAINING = OptimizationConfig(
    STEPS, learning_rate=0.1, betas=(0.6, 0.8), weight_decay=0.3, warm_up=4, decay_from=0.5,
    clip=0.05, ema=0.7, precision="float32",
)  # fmt: skip
RECIPE = TrainingConfig(
    "autoencoder", "toy", "Toy", DataConfig((SourceConfig("none"),), pixels=16), TRAINING,
    report=ReportConfig(checkpoint_every=5, validate_every=4, log_every=1),
)  # fmt: skip


class Toy:
    """A linear network and a second one that judges it; notes how it is looked at."""

    projector = average = None

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.network: nn.Module = nn.Linear(3, 2)
        self.second: nn.Module | None = nn.Linear(2, 1)
        self.trained: list[bool] = []
        self.validated: list[tuple[bool, Tensor]] = []

    def loss(self, network: nn.Module, step: int, process: int, processes: int) -> StepLoss:
        self.trained.append(network.training)
        x = torch.randn(4, 3, generator=step_generator(1, step, process))
        out = network((step % 5 + 1) * x)  # gradients of several sizes: clipping matters
        total = 3 * (out - 1).square().mean()
        judged = (self.second(out.detach()) - step).square().mean()
        return StepLoss(total, (("error", total),), judged)

    def validate(self, network: nn.Module) -> Figures:
        self.validated.append((network.training, network.weight.detach().clone()))
        return (("sum", network.weight.sum().item()),)

    def grid(self, network: nn.Module) -> np.ndarray:
        return np.zeros((4, 4, 3), np.uint8)

    def card(self, network: nn.Module, progress: TrainingProgress) -> ModelCard:
        return ModelCard("toy", "Toy", "autoencoder-kl", {})


def trainer(folder: Path, recipe: TrainingConfig = RECIPE, **how: object) -> Trainer:
    folder.mkdir(exist_ok=True)
    return Trainer(recipe, Toy(), Accelerator(cpu=True), folder, **how)  # type: ignore[arg-type]


def by_hand(training: OptimizationConfig) -> tuple[Toy, dict[str, Tensor], list[Tensor]]:
    """The trained toy, its averaged weights, and the average's weight after every step."""
    toy, averages = Toy(), []
    optimizers = [
        torch.optim.AdamW(module.parameters(), betas=(0.6, 0.8), weight_decay=0.3)
        for module in (toy.network, toy.second)
    ]
    mean = {name: value.clone() for name, value in toy.network.state_dict().items()}
    for step in range(training.steps):
        loss = toy.loss(toy.network, step, 0, 1)
        for optimizer, one in zip(optimizers, (loss.total, loss.second), strict=True):
            optimizer.param_groups[0]["lr"] = rate_at(step, training)
            optimizer.zero_grad()
            one.backward()
            if one is loss.total:
                norm = nn.utils.clip_grad_norm_(toy.network.parameters(), training.clip)
                assert norm > training.clip
            optimizer.step()
        decay = min(0.7, (2 + step) / (11 + step))
        for name, value in toy.network.state_dict().items():
            mean[name] = decay * mean[name] + (1 - decay) * value
        averages.append(mean["weight"].clone())
    return toy, mean, averages


def test_every_step_is_the_one_written_by_hand(tmp_path: Path) -> None:
    run = trainer(tmp_path / "out")
    run.run()
    toy, mean, _ = by_hand(TRAINING)
    torch.testing.assert_close(run.task.network.state_dict(), toy.network.state_dict())
    torch.testing.assert_close(run.task.second.state_dict(), toy.second.state_dict())
    torch.testing.assert_close(run.ema.tensors, mean)


def test_the_exported_weights_are_the_average(tmp_path: Path) -> None:
    run = trainer(tmp_path / "out")
    run.run()
    _, mean, _ = by_hand(TRAINING)
    exported = load_file(tmp_path / "out" / "model" / WEIGHTS_NAME)
    torch.testing.assert_close(exported, {name: value.half() for name, value in mean.items()})
    away = (exported["weight"].float() - run.task.network.weight).abs()
    assert away.max() > 0.01  # the last weights themselves


def test_the_average_validates_and_the_own_weights_train(tmp_path: Path) -> None:
    run = trainer(tmp_path / "out")
    run.run()
    _, _, averages = by_hand(TRAINING)
    assert [training for training, _ in run.task.validated] == [False] * 3
    for (_, weight), step in zip(run.task.validated, (4, 8, 12), strict=True):
        torch.testing.assert_close(weight, averages[step - 1])
    assert run.task.trained == [True] * STEPS


def test_a_killed_run_goes_on_with_both_networks_and_optimizers(tmp_path: Path) -> None:
    whole = trainer(tmp_path / "whole")
    whole.run()

    def kill(advance: Advance) -> None:
        if advance.step == 7:  # the state of step 5 is stored
            raise SystemExit

    with pytest.raises(SystemExit):
        trainer(tmp_path / "killed", on_advance=kill).run()
    again = trainer(tmp_path / "killed")
    assert again.progress.step == 5
    again.progress = replace(again.progress, seconds=1000.0)
    again.run()
    assert 1000 < again.progress.seconds < 1100
    states = [load_file(run.state) for run in (whole, again)]
    assert states[0].keys() == states[1].keys()
    assert {name.split(".")[0] for name in states[0]} == {"network", "ema", "optimizer", "extra"}
    for name, values in states[0].items():
        assert torch.equal(values, states[1][name]), name


def test_a_kill_while_validating_loses_no_row(tmp_path: Path) -> None:
    report = replace(RECIPE.report, checkpoint_every=4)
    recipe = replace(RECIPE, report=report)
    run = trainer(tmp_path / "out", recipe)

    def kill(network: nn.Module) -> Figures:
        raise SystemExit

    run.task.validate = kill
    with pytest.raises(SystemExit):
        run.run()
    trainer(tmp_path / "out", recipe).run()
    table = (tmp_path / "out" / "validation.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[0] for row in table] == ["step", "4", "8", "12"]
    pictures = sorted(path.stem for path in (tmp_path / "out" / "samples").iterdir())
    assert pictures == ["00000004", "00000008", "00000012"]


@pytest.mark.parametrize(
    ("part", "sentence"),
    [("network", "the gradient is no"), ("second", "the gradient of the discriminator is no")],
)
def test_a_gradient_that_is_no_number_stops_the_run_before_it_is_taken(
    tmp_path: Path, part: str, sentence: str
) -> None:
    """A finite loss may have one: here the root of 0."""
    run = trainer(tmp_path / "out")
    loss_of, kept = run.task.loss, {}

    def loss(network: nn.Module, step: int, process: int, processes: int) -> StepLoss:
        loss = loss_of(network, step, process, processes)
        if step < STEPS - 1:
            return loss
        modules = {"network": network, "second": run.task.second}
        kept.update({k: v.clone() for k, v in modules[part].state_dict().items()})
        root = (0 * modules[part].weight).square().sum().sqrt()
        if part == "second":
            return replace(loss, second=loss.second + root)
        return replace(loss, total=loss.total + root)

    run.task.loss = loss
    with pytest.raises(RunError, match=f"at step {STEPS}: {sentence} longer a number"):
        run.run()
    torch.testing.assert_close(getattr(run.task, part).state_dict(), kept, rtol=0, atol=0)
    assert not (tmp_path / "out" / "model").exists()
    assert trainer(tmp_path / "out").progress.step == 10  # the last one that was stored before


def test_the_time_that_was_spent_is_kept(tmp_path: Path) -> None:
    run = trainer(tmp_path / "out", replace(RECIPE, training=replace(TRAINING, steps=2)))
    run.progress = TrainingProgress(1, 500.0)
    run.save()
    assert trainer(tmp_path / "out").progress == TrainingProgress(1, 500.0)


def test_no_two_purposes_share_random_numbers() -> None:
    drawn = {
        float(torch.rand((), generator=step_generator(seed, step, process, purpose)))
        for seed in (0, 1, 2025)
        for step in range(5)
        for process in range(3)
        for purpose in (STEP, ORDER, VALIDATION)
    }
    assert len(drawn) == 3 * 5 * 3 * 3


def test_tables_are_exported_exactly_and_weights_in_half_precision(tmp_path: Path) -> None:
    tensors = {"pos_embed": torch.rand(1, 4, 8), "layer.weight": torch.rand(3, 3)}
    export_model(tensors, ModelCard("toy", "Toy", "patch-forcing", {}), tmp_path)
    stored = load_file(tmp_path / WEIGHTS_NAME)
    assert torch.equal(stored["pos_embed"], tensors["pos_embed"])
    assert torch.equal(stored["layer.weight"], tensors["layer.weight"].half())
