"""The class that explains a picture best: a generator as a classifier.

Li et al., "Your Diffusion Model is Secretly a Zero-Shot Classifier" (ICCV 2023): the loss of the
noised picture under each class, the same noises and times for all classes, and after each stage
only the best classes go on (their algorithm 2). With a difficulty head, the loss of a patch is the
negative log-likelihood of its velocity under the variance that the model predicts for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core.classify import (
    MOST_EVIDENCE,
    Classified,
    ClassifyRequest,
    ClassifyStep,
    Standing,
)
from pfstudio.core.conditions import labels
from pfstudio.core.errors import InputError
from pfstudio.core.image_io import read_filling
from pfstudio.engine.feature_source import pixels_of
from pfstudio.engine.memory import SteppingDown
from pfstudio.engine.model import Model
from pfstudio.engine.model_cache import ModelCache, generator
from pfstudio.engine.reporter import Reporter
from pfstudio.engine.saving import Saving
from pfstudio.flow.add_noise import ensemble_noise
from pfstudio.flow.path import interpolate, pool, target_velocity

Models = tuple[Model]
Bytes = npt.NDArray[np.uint8]
_AT_ONCE = 32  # classes of one call
_Z = 1.96


def load(request: ClassifyRequest, cache: ModelCache) -> Models:
    """The generator of a request."""
    return (cache.get(generator(request.model, request.compute, "class")),)


def run(
    models: Models, request: ClassifyRequest, report: Reporter, *, picture: Bytes | None = None
) -> Classified:
    """Find the class.

    Args:
        picture: (H,W,3) RGB of the model's own size instead of the request's file.

    Raises:
        Stopped: the job was cancelled.
        InputError: the picture cannot be read, or the model has no classes to choose from.
    """
    (model,) = models
    if model.classes < 2:
        raise InputError(f"{model.name} takes no classes.", "Choose a model that does.")
    side = pixels_of(model)
    pixels = read_filling(request.image_file, (side, side)) if picture is None else picture
    return _Race(model, replace(request, model=model.name), report, pixels).run()


def save(
    result: Classified, request: ClassifyRequest, models: Models, saving: Saving
) -> tuple[str, ...]:
    """Nothing: the answer is looked at."""
    return ()


def times_of(samples: int) -> tuple[float, ...]:
    """Middles of equal parts of 0..1, so ordered that the first few are spread over all of it."""
    golden = (math.sqrt(5) - 1) / 2
    order = np.argsort([(k * golden) % 1 for k in range(samples)], kind="stable")
    rank = np.empty(samples, np.intp)
    rank[order] = np.arange(samples)
    return tuple(float((r + 0.5) / samples) for r in rank)


class _Race:
    """The state of one run."""

    def __init__(
        self, model: Model, request: ClassifyRequest, report: Reporter, picture: Bytes
    ) -> None:
        self.request, self.report, self.picture = request, report, picture
        self.memory = SteppingDown(model, "classes", report.free, self._restart)
        self.data = model.encode(picture[None])
        self.grid = tuple(side // model.patch_size for side in self.data.shape[2:])
        self.times = times_of(request.stages[-1].samples)
        every = request.classes or tuple(range(model.classes))
        self.racing = list(every)
        self.out: tuple[Standing, ...] = ()  # classes that have left the race, the best first
        self.leader = -1  # the class that those are compared with
        self.losses: dict[int, list[float]] = {index: [] for index in every}
        self.maps: dict[int, list[Tensor]] = {index: [] for index in every}  # (n,m) of each sample
        self.batch_began = 0

    def run(self) -> Classified:
        self.report.part(self._calls(len(self.racing), 0))
        self._start()
        for number, stage in enumerate(self.request.stages):
            for sample in range(len(self.losses[self.racing[0]]), stage.samples):
                self._sample(sample)
            standings = self._all_standings()
            if number < len(self.request.stages) - 1:
                self.out = standings[stage.keep :]
                self.racing = [one.index for one in standings[: stage.keep]]
            self.report.plan(self.report.done + self._calls(len(self.racing), number + 1))
        return Classified(
            self.request, self.memory.model.name, standings, self.picture,
            self._evidence(standings), sum(map(len, self.losses.values())), self.memory.execution,
        )  # fmt: skip

    @torch.inference_mode()
    def _sample(self, sample: int) -> None:
        """One noise and one time, the same for all classes in the race."""
        noise = ensemble_noise(range(1), tuple(self.data.shape[1:]), self.request.seed + sample)
        time = torch.full((1, *self.grid), self.times[sample])

        def some(classes: Sequence[int]) -> None:
            self.batch_began = self.report.done
            self.report.checkpoint()
            found = self._loss(noise, time, classes)
            self.report.check_finite(found)
            for index, values in zip(classes, found, strict=True):
                self.losses[index].append(float(values.mean()))
                self.maps[index].append(values)
            standings = self._all_standings()
            evidence = self._evidence(standings)
            self.report.progress(ClassifyStep(sample, len(self.racing), standings, evidence))

        self.memory.in_batches(list(self.racing), some, _AT_ONCE)

    def _loss(self, noise: Tensor, time: Tensor, classes: Sequence[int]) -> Tensor:
        """Loss of every patch under each class, (len(classes),n,m)."""
        model, count = self.memory.model, len(classes)
        x = interpolate(self.data, noise, time, model.patch_size).expand(count, -1, -1, -1)
        given = labels(*classes)
        velocity, log_variance = model.velocity(x, time.expand(count, -1, -1), given)
        wrong = (velocity - target_velocity(self.data, noise)).square().mean(dim=1, keepdim=True)
        if log_variance is not None and self.request.weighted:
            wrong = wrong * torch.exp(-log_variance) + log_variance
        return pool(wrong, model.patch_size)

    def _all_standings(self) -> tuple[Standing, ...]:
        """The classes in the race, then the others, all against the one that leads now."""
        racing = self._standings()
        leader = racing[0].index
        if leader != self.leader:  # else theirs are the same: there can be a thousand
            self.leader = leader
            self.out = tuple(self._standing(one.index, leader, one.samples) for one in self.out)
        return (*racing, *self.out)

    def _standings(self) -> tuple[Standing, ...]:
        """The classes in the race on the samples that all have, the best first."""
        every = [index for index in self.racing if self.losses[index]]
        samples = min(len(self.losses[index]) for index in every)
        every.sort(key=lambda index: (np.mean(self.losses[index][:samples]), index))
        return tuple(self._standing(index, every[0], samples) for index in every)

    def _standing(self, index: int, leader: int, samples: int) -> Standing:
        """A class against the leader on the first samples."""
        own, best = (np.array(self.losses[one][:samples]) for one in (index, leader))
        gap = own - best
        spread = float(gap.std(ddof=1)) / math.sqrt(samples) if samples > 1 else math.nan
        return Standing(index, samples, float(own.mean()), float(gap.mean()), _Z * spread)

    def _evidence(self, standings: Sequence[Standing]) -> npt.NDArray[np.float32]:
        """Each class against the first, on the samples that both have."""
        first = torch.stack(self.maps[standings[0].index])
        gaps = []
        for one in standings[:MOST_EVIDENCE]:
            own = torch.stack(self.maps[one.index][: one.samples])
            gaps.append((own - first[: one.samples]).mean(dim=0))
        return torch.stack(gaps).numpy()

    def _start(self) -> None:
        model = self.memory.model
        grid = (self.grid[0], self.grid[1])
        self.report.start(model, grid, notices=model.notices + self.memory.notices)

    def _restart(self) -> None:
        self.report.take_back(self.report.done - self.batch_began)
        self._start()

    def _calls(self, racing: int, stage: int) -> int:
        """Calls from the beginning of a stage on."""
        calls, before = 0, self.request.stages[stage - 1].samples if stage else 0
        for one in self.request.stages[stage:]:
            calls += (one.samples - before) * -(-racing // min(_AT_ONCE, self.memory.most))
            racing, before = min(racing, one.keep), one.samples
        return calls
