"""A kind of task that the package does not know: the sums of a network over rows of numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from pfstudio.core.card import ModelCard
from pfstudio.core.paths import pictures_folder
from pfstudio.core.request_json import read_request, write_request
from pfstudio.core.requests import Compute
from pfstudio.core.tasks import TaskKind
from pfstudio.engine.execution import default_execution
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.engine.memory import SteppingDown
from pfstudio.engine.model_cache import ModelCache, ModelKey
from pfstudio.engine.reporter import Reporter
from pfstudio.engine.saving import Saving

WIDTH = 8


@dataclass(frozen=True)
class SumRequest:
    """Rows of WIDTH numbers, drawn with a seed."""

    rows: int = 3
    seed: int = 0

    def to_json(self) -> str:
        return write_request(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> SumRequest:
        return read_request(text, "sum", lambda data: cls(**data))


@dataclass(frozen=True)
class SumStep:
    """A row was summed."""

    row: int
    value: float


@dataclass(frozen=True)
class Sums:
    """What came out."""

    values: np.ndarray

    def summary(self) -> dict[str, Any]:
        return {"rows": len(self.values)}


SUMS = TaskKind(
    name="sums",
    request=SumRequest,
    result=Sums,
    module=__name__,
    verb="toy_verb",
    help="sum rows",
    activity=lambda request: f"Summing {request.rows} rows",
    title=lambda request: f"{request.rows} rows",
    settings=lambda request: f"sums · seed {request.seed}",
)


class SumModel(LoadedModel):
    """A network whose weights are all 1."""

    def __init__(self) -> None:
        card = ModelCard("adder", "Adder", "sum")
        super().__init__(card, default_execution(Compute("cpu", "float32", 1)))
        self.network = nn.Sequential(nn.Linear(WIDTH, 1, bias=False))
        nn.init.ones_(self.network[0].weight)

    def modules(self) -> Sequence[nn.Module]:
        return (self.network,)


def load(request: SumRequest, cache: ModelCache) -> tuple[SumModel]:
    return (cache.get(ModelKey("adder", (SumModel, "adder"), SumModel)),)


def run(models: tuple[SumModel], request: SumRequest, report: Reporter) -> Sums:
    numbers = torch.randn(request.rows, WIDTH, generator=torch.manual_seed(request.seed))
    memory = SteppingDown(models[0], "rows", report.free)
    report.part(request.rows)
    report.start(memory.model, (request.rows, 1))
    values: list[float] = []

    def add(rows: Sequence[int]) -> None:
        report.checkpoint()
        with torch.inference_mode():
            found = memory.model.network(numbers[rows[0] : rows[-1] + 1])
        report.check_finite(found)
        for row, value in zip(rows, found[:, 0].tolist(), strict=True):
            values.append(value)
            report.progress(SumStep(row, value))

    memory.in_batches(range(request.rows), add, most=1)
    return Sums(np.array(values))


def save(
    result: Sums, request: SumRequest, models: tuple[SumModel], saving: Saving
) -> tuple[str, ...]:
    folder = Path(saving.folder or pictures_folder())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"sums-{request.seed}.json"
    path.write_text(json.dumps(result.values.tolist()))
    return (str(path),)
