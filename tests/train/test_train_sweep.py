"""A sweep: what a file asks for, equal costs, and going on where it was stopped."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_models import small_model

from pfstudio.core.errors import InputError
from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.paths import shipped
from pfstudio.core.samplers import SAMPLERS, DualLoop, Euler, Heun
from pfstudio.core.sparse_guidance import Sparse
from pfstudio.train.sample_quality import SampleQuality
from pfstudio.train.sweep import (
    Sweep,
    SweepRun,
    SweepSubject,
    read_sweep,
    run_sweep,
    runs_of,
)

RUNS = tuple(SweepRun(ClassifierFree(scale), Euler(4)) for scale in (1.0, 2.0, 3.0))
SUBJECT = SweepSubject("toy", "abc", "pack.tar", 8, 0)


def written(folder: Path, text: str) -> Path:
    path = folder / "sweep.toml"
    path.write_text(text, "utf-8")
    return path


def quality(run: SweepRun) -> SampleQuality:
    scale = getattr(run.rule, "scale", 0.0)
    return SampleQuality(
        samples=8, gflop=1 + scale, seconds=0.5, fd_mobilenet=10 - scale, fd_mobilenet_floor=1.0,
        kid=0.1, kid_floor=0.0, precision=0.5, precision_floor=0.9, recall=0.4, recall_floor=0.8,
        concept_accuracy=0.3, concept_ceiling=0.6,
    )  # fmt: skip


def test_lists_stand_for_each_of_their_values(tmp_path: Path) -> None:
    text = 'equal = ["calls"]\n[[rules]]\nrule = "none"\n[[rules]]\nrule = "sparse"\n'
    sweep = read_sweep(written(tmp_path, f"{text}weight = [1.3, 1.5]\nweak = [0.6, 0.8]"))
    sparse = tuple(Sparse(weight, weak=weak) for weight in (1.3, 1.5) for weak in (0.6, 0.8))
    assert sweep == Sweep((NoGuidance(), *sparse), equal=("calls",))
    for path in shipped("resources", "sweeps").glob("*.toml"):
        shipped_sweep = read_sweep(path)
        assert len(shipped_sweep.rules) * len(shipped_sweep.samplers) >= len(SAMPLERS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules = 3", "no rules"),
        ("rule = 3", "rule is unknown"),
        ('[[rules]]\nrule = "best"', "rules needs a name"),
        ('samplers = []\n[[rules]]\nrule = "none"', "no samplers"),
        ('[[rules]]\nrule = "none"\n[[samplers]]\nrule = "euler"', "samplers needs a name"),
        ('[[rules]]\nrule = "none"\n[[samplers]]\nsampler = "heun"\nnfe = 2', "heun has no nfe"),
        ('[[rules]]\nrule = "cfg"\nweight = 2', "cfg has no weight"),
        ('[[rules]]\nrule = "cfg"\nscale = "2"', "must be a number"),
        ('[[rules]]\nrule = "cfg"\nscale = []', "scale of cfg lists no value"),
        ('equal = ["seconds"]\n[[rules]]\nrule = "none"', "calls, flops"),
        (f'[[rules]]\nrule = "cfg"\nscale = {list(range(1001))}', "more than 1,000"),
        ("a = [", "not TOML"),
    ],
)
def test_what_is_wrong_with_a_sweep_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_sweep(written(tmp_path, text))


def test_equal_flops_are_those_of_two_whole_passes() -> None:
    model = small_model()
    rules = (NoGuidance(), ClassifierFree(2.0))
    assert runs_of(Sweep(rules), model, 6) == (
        SweepRun(rules[0], Euler(6)),
        SweepRun(rules[0], Euler(12)),
        SweepRun(rules[1], Euler(6)),  # twice the same
    )


def test_samplers_make_equal_calls(tmp_path: Path) -> None:
    text = '[[rules]]\nrule = "none"\n[[rules]]\nrule = "cfg"\n'
    text += '[[samplers]]\nsampler = "dual-loop"\neasy_share = [0.2, 0.6]\n'
    text += '[[samplers]]\nsampler = "heun"\n'
    sweep = read_sweep(written(tmp_path, f'equal = ["calls"]\n{text}'))
    runs = runs_of(sweep, small_model(), 16)
    assert [run.rule.name for run in runs] == ["none"] * 3 + ["cfg"] * 3
    samplers = (DualLoop(4, easy_share=0.2), DualLoop(4, easy_share=0.6), Heun(8))
    assert tuple(run.sampler for run in runs[3:]) == samplers
    assert {run.sampler.nfe for run in runs} == {16}
    rows = run_sweep(runs, SUBJECT, tmp_path, quality)
    with (tmp_path / "sweep.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [row["calls"] for row in table] == ["16"] * 6
    assert table[0]["sampler"].startswith("Dual-loop, steps 4, inner steps 4, easy share 0.2")
    assert run_sweep(runs, SUBJECT, tmp_path, lambda run: pytest.fail("measured twice")) == rows


def test_a_stopped_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    done: list[SweepRun] = []

    def measure(run: SweepRun) -> SampleQuality:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(run)
        return quality(run)

    with pytest.raises(KeyboardInterrupt):
        run_sweep(RUNS, SUBJECT, tmp_path, measure)
    assert done == list(RUNS[:2])
    done.clear()
    rows = run_sweep(RUNS, SUBJECT, tmp_path, measure)
    assert done == [RUNS[2]]
    assert [row.run for row in rows] == list(RUNS)
    assert [row.quality for row in rows] == [quality(run) for run in RUNS]
    with (tmp_path / "sweep.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [row["guidance"] for row in table] == [f"CFG, scale {n}" for n in (1, 2, 3)]
    assert [row["fd_mobilenet"] for row in table] == ["9", "8", "7"]
    with Image.open(tmp_path / "sweep.png") as picture:
        pixels = np.asarray(picture)
    orange = (pixels == (230, 159, 0)).all(axis=2).sum()
    assert orange > 4 * 60  # three points and one in the legend

    other = SweepSubject("toy", "abc", "pack.tar", 9, 0)
    with pytest.raises(InputError, match="another model, data, seed or number"):
        run_sweep(RUNS, other, tmp_path, quality)
    (tmp_path / "sweep.json").write_text(json.dumps({"rows": 3}), "utf-8")
    with pytest.raises(InputError, match="no table of a sweep"):
        run_sweep(RUNS, SUBJECT, tmp_path, quality)
