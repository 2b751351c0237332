"""The training loop: any number of processes and devices (accelerate), exact resume, reports."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import RunError
from pfstudio.train.config import OptimizationConfig, TrainingConfig
from pfstudio.train.export import export_model
from pfstudio.train.report import RunReport
from pfstudio.train.state import Ema, TrainingProgress, load_state, save_state
from pfstudio.train.task import Figures, StepLoss, TrainingTask

STATE = "state.safetensors"
_EXTRA = {"second": "discriminator", "projector": "projector"}  # what else trains, in words


def rate_at(step: int, recipe: OptimizationConfig) -> float:
    """Learning rate of a step (from 0): linear warm-up, constant, cosine fall at the end."""
    warm = min(1.0, (step + 1) / max(1, recipe.warm_up))
    begin = recipe.decay_from * recipe.steps
    if step < begin or recipe.decay_from >= 1:
        return recipe.learning_rate * warm
    along = (step - begin) / max(1.0, recipe.steps - begin)
    share = recipe.final_rate + (1 - recipe.final_rate) * 0.5 * (1 + math.cos(math.pi * along))
    return recipe.learning_rate * warm * share


def _check_number(value: Tensor, what: str, step: int) -> None:
    """Stop before a step (from 0) ruins the weights.

    Raises:
        RunError: the value is infinite or no number.
    """
    if not bool(torch.isfinite(value)):
        raise RunError(
            f"Training failed at step {step + 1}: the {what} is no longer a number.",
            "Lower training.learning_rate; the last state and its pictures are kept.",
        )


@dataclass(frozen=True)
class Advance:
    """How far a run is, for a progress bar."""

    step: int
    steps: int
    eta: float
    figures: Figures


@contextmanager
def _interrupt_later() -> Iterator[Callable[[], bool]]:
    """Collect Ctrl-C, so that no step is left half done; yields "was there one?".

    Only the main thread may do so; elsewhere nothing is collected.
    """
    asked: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: asked.append(number))
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass
class Trainer:
    """One run of one task into one folder."""

    recipe: TrainingConfig
    task: TrainingTask
    accelerator: Accelerator
    folder: Path
    on_advance: Callable[[Advance], None] = lambda advance: None
    tensorboard: bool = False
    progress: TrainingProgress = field(default_factory=TrainingProgress, init=False)

    def __post_init__(self) -> None:
        training = self.recipe.training
        self.network = self.task.network.to(self.accelerator.device).train()
        device = self.accelerator.device
        average = None if self.task.average is None else self.task.average.to(device)
        self.ema = Ema(self.network, training.ema, average)
        self.optimizers = {"network": self._optimizer(self.network)}
        self.extra = {
            name: module.to(device)
            for name, module in (("second", self.task.second), ("projector", self.task.projector))
            if module is not None
        }
        self.optimizers |= {name: self._optimizer(module) for name, module in self.extra.items()}
        self.state = self.folder / STATE
        if self.state.is_file():
            self.progress = load_state(
                self.state, self.network, self.ema, self.optimizers, self.extra
            )

    def run(self) -> ModelCard | None:
        """Train to the last step and export; the card, or None on processes other than the first.

        A run that was killed goes on from its last state. Interrupting it stores the state.

        Raises:
            RunError: the loss or a gradient is no longer a number.
        """
        network, optimizer = self.accelerator.prepare(self.network, self.optimizers["network"])
        first = self.accelerator.is_main_process
        report = RunReport(self.folder, self.progress.step, self.tensorboard) if first else None
        begun, before = time.monotonic(), self.progress
        total = self.recipe.training.steps
        try:
            if report is not None and not before.step and self.recipe.training.start_from:
                self._validate(report)  # what later rows are to be compared with
            with _interrupt_later() as interrupted:
                for step in range(before.step, total):
                    if self._anywhere(interrupted()):
                        self._save_and_stop()
                    loss = self._step(network, optimizer, step)
                    spent = time.monotonic() - begun
                    self.progress = TrainingProgress(
                        step + 1, before.seconds + spent, self.accelerator.num_processes
                    )
                    if report is not None:
                        left = spent / (step + 1 - before.step) * (total - step - 1)
                        self._report(report, loss, left)
        finally:
            if report is not None:
                report.close()
        return self._finish() if first else None

    def save(self) -> None:
        """Store the state, from which a later run goes on."""
        save_state(self.state, self.network, self.ema, self.optimizers, self.progress, self.extra)

    def _anywhere(self, asked: bool) -> bool:
        """Whether any of the processes was interrupted: all of them stop at the same step."""
        if self.accelerator.num_processes == 1:
            return asked
        told = torch.tensor(int(asked), device=self.accelerator.device)
        return bool(self.accelerator.reduce(told, "sum") > 0)

    def _save_and_stop(self) -> NoReturn:
        if self.accelerator.is_main_process:
            self.save()
        self.accelerator.wait_for_everyone()  # who ends first lets the launcher end the others
        raise KeyboardInterrupt

    def _optimizer(self, network: nn.Module) -> torch.optim.AdamW:
        recipe = self.recipe.training
        return torch.optim.AdamW(
            [p for p in network.parameters() if p.requires_grad],
            recipe.learning_rate,
            betas=recipe.betas,
            weight_decay=recipe.weight_decay,
            fused=True,  # a quarter of the time on a processor
        )

    def _step(self, network: nn.Module, optimizer: Any, step: int) -> StepLoss:
        accelerator, recipe = self.accelerator, self.recipe.training
        for each in self.optimizers.values():
            for group in each.param_groups:
                group["lr"] = rate_at(step, recipe)
        with accelerator.autocast():
            loss = self.task.loss(
                network, step, accelerator.process_index, accelerator.num_processes
            )
        _check_number(loss.total, "loss", step)
        accelerator.backward(loss.total)
        norm = accelerator.clip_grad_norm_(network.parameters(), recipe.clip)
        _check_number(norm, "gradient", step)
        optimizer.step()
        optimizer.zero_grad()
        if "projector" in self.extra:
            self._extra_step("projector", step)
        if loss.second is not None:
            loss.second.backward()
            self._extra_step("second", step)
        self.ema.update(self.network, step + 1)
        return loss

    def _extra_step(self, name: str, step: int) -> None:
        """One step of another module, its gradient averaged over the processes by hand."""
        optimizer, module = self.optimizers[name], self.extra[name]
        for parameter in module.parameters():
            parameter.grad = self.accelerator.reduce(parameter.grad, "mean")
        gradients = [p.grad for p in module.parameters() if p.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        _check_number(norm, f"gradient of the {_EXTRA[name]}", step)
        optimizer.step()
        optimizer.zero_grad()

    def _report(self, report: RunReport, loss: StepLoss, left: float) -> None:
        step, every = self.progress.step, self.recipe.report
        if step % every.log_every == 0 or step == self.recipe.training.steps:
            figures = (
                ("loss", loss.total.item()),
                *((name, value.item()) for name, value in loss.figures),
                ("rate", rate_at(step - 1, self.recipe.training)),
                ("seconds", self.progress.seconds),
            )
            report.log(step, figures)
            self.on_advance(Advance(step, self.recipe.training.steps, left, figures))
        if step % every.validate_every == 0:
            self._validate(report)
        if step % every.checkpoint_every == 0:  # last: a run that goes on from it lacks no row
            self.save()

    def _validate(self, report: RunReport) -> None:
        with self._averaged() as network:
            report.validation(self.progress.step, self.task.validate(network))
            report.samples(self.progress.step, self.task.grid(network))

    def _finish(self) -> ModelCard:
        self.save()
        with self._averaged() as network:
            card = self.task.card(network, self.progress)
        return export_model(self.ema.tensors, card, self.folder / "model")

    @contextmanager
    def _averaged(self) -> Iterator[nn.Module]:
        """The network with its averaged weights, in evaluation mode, for the length of a block."""
        own = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.network.load_state_dict(self.ema.tensors)
        self.network.eval()
        try:
            yield self.network
        finally:
            self.network.load_state_dict(own)
            self.network.train()
