"""Guidance rules, samplers and settings side by side: the same conditions, noise and real pictures.

Every run is measured as `pfstudio evaluate` does and kept at once, so that a sweep that was
stopped goes on where it was.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from pfstudio.core.documents import read_json, read_text
from pfstudio.core.errors import InputError
from pfstudio.core.files import write_text
from pfstudio.core.guidance import GUIDANCES, Guidance
from pfstudio.core.metadata import save_picture
from pfstudio.core.parameters import settings_words
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import SAMPLERS, Euler, Sampler
from pfstudio.engine.estimate import flops_of_image
from pfstudio.engine.model import Model
from pfstudio.train.sample_quality import SampleQuality
from pfstudio.train.sweep_figure import Point, scatter

EQUAL = ("calls", "flops")
MOST_RUNS = 1000
Kind = TypeVar("Kind", Guidance, Sampler)
TABLE, SHEET, FIGURE = "sweep.json", "sweep.csv", "sweep.png"


@dataclass(frozen=True)
class Sweep:
    """What is compared, and at equal what."""

    rules: tuple[Guidance, ...]
    samplers: tuple[Sampler, ...] = (Euler(),)
    equal: tuple[str, ...] = EQUAL


@dataclass(frozen=True)
class SweepRun:
    """One rule with one sampler."""

    rule: Guidance
    sampler: Sampler


@dataclass(frozen=True)
class SweepRow:
    """What was measured of a run."""

    run: SweepRun
    quality: SampleQuality


@dataclass(frozen=True)
class SweepSubject:
    """What all rows of a table share."""

    model: str
    sha256: str  # of its weights
    data: str  # name of the pack
    samples: int
    seed: int


def read_sweep(path: Path) -> Sweep:
    """A sweep in a TOML file: `equal`, and tables [[rules]] and [[samplers]] whose lists stand for
    each of theirs. Without samplers: Euler.

    Raises:
        InputError: unreadable, not TOML, or a rule, sampler or setting that there is not.
    """
    try:
        table = tomllib.loads(read_text(path))
    except RecursionError as error:
        raise InputError(f"The sweep {path} is nested too deeply.") from error
    except OSError as error:
        raise InputError(f"The sweep {path} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise InputError(f"The sweep {path} is not TOML ({error}).") from error
    known = ("equal", "rules", "samplers")
    unknown = next((name for name in table if name not in known), None)
    if unknown is not None:
        raise InputError(
            f"The sweep cannot be used: {unknown} is unknown.", f"Use {', '.join(known)}."
        )
    equal = table.get("equal", list(EQUAL))
    if not isinstance(equal, list) or not equal or any(one not in EQUAL for one in equal):
        raise InputError(f"The sweep cannot be used: equal must list some of {', '.join(EQUAL)}.")
    rules = _every(table.get("rules", []), "rule", GUIDANCES)
    samplers = _every(table.get("samplers", [{"sampler": Euler.name}]), "sampler", SAMPLERS)
    return Sweep(rules, samplers, tuple(equal))


def _every(tables: Any, what: str, kinds: Mapping[str, type[Kind]]) -> tuple[Kind, ...]:
    """Every kind that tables name, with every combination of its listed settings."""
    if not isinstance(tables, list) or not tables:
        raise InputError(
            f"The sweep has no {what}s.", f"Add a table [[{what}s]] with {what} = NAME."
        )
    return tuple(dict.fromkeys(one for table in tables for one in _each(table, what, kinds)))


def _each(table: Any, what: str, kinds: Mapping[str, type[Kind]]) -> list[Kind]:
    if not isinstance(table, dict) or table.get(what) not in list(kinds):
        raise InputError(
            f"The sweep cannot be used: each of its {what}s needs a name.",
            f"Write {what} = and one of: {', '.join(kinds)}.",
        )
    kind = kinds[table[what]]
    known = [field.name for field in fields(kind)]
    settings = {name: value for name, value in table.items() if name != what}
    for name in settings:
        if name not in known:
            raise InputError(
                f"The sweep cannot be used: {kind.name} has no {name}.",
                f"It knows {', '.join(known) or 'no settings'}.",
            )
        if settings[name] == []:
            raise InputError(
                f"The sweep cannot be used: {name} of {kind.name} lists no value.",
                "Give one, or leave it out.",
            )
    each = [value if isinstance(value, list) else [value] for value in settings.values()]
    if np.prod([len(values) for values in each]) > MOST_RUNS:
        raise InputError(f"The sweep of {kind.name} has more than {MOST_RUNS:,} runs.")
    combinations = itertools.product(*each)
    return [kind(**dict(zip(settings, one, strict=True))) for one in combinations]


def runs_of(sweep: Sweep, model: Model, calls: int) -> tuple[SweepRun, ...]:
    """Every rule and sampler with `calls` network calls (or as near below as the sampler comes),
    and with as many as cost what two whole passes in each do."""
    runs = []
    for rule, sampler in itertools.product(sweep.rules, sweep.samplers):
        if "calls" in sweep.equal:
            runs.append(SweepRun(rule, sampler.for_nfe(calls)))
        if "flops" in sweep.equal:
            request = GenerateRequest(sampler=Euler(calls), guidance=rule)
            tokens = model.grid[0] * model.grid[1]
            whole = 2 * calls * model.architecture.flops(model.network.config, tokens)
            share = whole / flops_of_image(model, request, tokens)
            runs.append(SweepRun(rule, sampler.for_nfe(max(1, round(calls * share)))))
    return tuple(dict.fromkeys(runs))


def run_sweep(
    runs: Sequence[SweepRun],
    subject: SweepSubject,
    folder: Path,
    measure: Callable[[SweepRun], SampleQuality],
) -> tuple[SweepRow, ...]:
    """Measure what the folder does not hold yet, and write its table, sheet and figure each time.

    Raises:
        InputError: the folder holds a sweep of something else.
    """
    found = {row.run: row for row in _read_rows(folder / TABLE, subject)}
    for run in runs:
        if run not in found:
            found[run] = SweepRow(run, measure(run))
            _write(folder, subject, list(found.values()))
    return tuple(found[run] for run in runs)


def _read_rows(path: Path, subject: SweepSubject) -> list[SweepRow]:
    try:
        data = read_json(path)
        if data["of"] != asdict(subject):
            raise InputError(
                f"{path} is a sweep of another model, data, seed or number of samples.",
                "Choose another folder.",
            )
        return [
            SweepRow(
                SweepRun(
                    GUIDANCES[row["rule"]].from_data(row["settings"]),
                    SAMPLERS[row["sampler"]].from_data(row["sampler_settings"]),
                ),
                SampleQuality(**row["quality"]),
            )
            for row in data["rows"]
        ]
    except FileNotFoundError:
        return []
    except InputError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path} is no table of a sweep.", "Choose another folder.") from error


def _write(folder: Path, subject: SweepSubject, rows: list[SweepRow]) -> None:
    plain = [
        {
            "rule": row.run.rule.name,
            "settings": asdict(row.run.rule),
            "sampler": row.run.sampler.name,
            "sampler_settings": asdict(row.run.sampler),
            "quality": asdict(row.quality),
        }
        for row in rows
    ]
    write_text(folder / TABLE, json.dumps({"of": asdict(subject), "rows": plain}, indent=1) + "\n")
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(
        ["guidance", "sampler", "calls", *(field.name for field in fields(SampleQuality))]
    )
    for row in rows:
        values = (f"{value:.6g}" for value in asdict(row.quality).values())
        sampler = row.run.sampler
        writer.writerow([row.run.rule.words, settings_words(sampler), sampler.nfe, *values])
    write_text(folder / SHEET, sheet.getvalue())
    save_picture(folder / FIGURE, figure(subject, rows))


def figure(subject: SweepSubject, rows: Sequence[SweepRow]) -> npt.NDArray[np.uint8]:
    """Cost against quality, (H,W,3)."""
    rules = {row.run.rule.name for row in rows}
    samplers = {row.run.sampler.name for row in rows}
    points = []
    for row in rows:
        rule, sampler = row.run.rule, row.run.sampler
        kinds = [rule.label] if len(samplers) == 1 or len(rules) > 1 else []
        kinds += [sampler.label] if len(samplers) > 1 else []
        settings = settings_words(sampler) if len(rules) == 1 and len(samplers) > 1 else rule.words
        about = settings.partition(", ")[2]
        quality = row.quality
        points.append(Point(", ".join(kinds), about, quality.gflop, quality.fd_mobilenet))
    title = f"{subject.model}, {subject.samples:,} images"
    floor = rows[0].quality.fd_mobilenet_floor
    return scatter(points, title, "GFLOP per image", "FD-MobileNetV2", floor, "real against real")
