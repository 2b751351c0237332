"""`pfstudio bench`: what it prints, and how it refuses."""

from __future__ import annotations

import json
import sys
import types

import pytest

from pfstudio.cli import bench
from pfstudio.cli.main import main
from pfstudio.nn.patch_forcing import PatchForcingConfig

TINY = PatchForcingConfig(input_size=8, hidden_size=32, depth=2, num_heads=2, num_classes=5)


@pytest.fixture(autouse=True)
def tiny_network(monkeypatch: pytest.MonkeyPatch) -> None:
    from pfstudio.engine.bench_sampling import random_network

    monkeypatch.setattr(bench, "_network", lambda name: random_network("patch-forcing", TINY))


def test_sampling_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "sampling", "--model", "pft-b", "--nfe", "4", "--repeats", "1"]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    for words in ("PFT-B size, random weights", "4 NFE", "published way", "fast path, float32",
                  "fast path, bfloat16", "of peak", "load average"):  # fmt: skip
        assert words in out


def test_sampling_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "sampling", "--model", "x", "--nfe", "4", "--repeats", "1", "--json"]
    assert main(arguments) == 0
    machine, model = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert machine["machine"]["threads"] == 1
    assert model["model"]["nfe"] == 4
    assert model["model"]["ways"][0]["name"] == "published way"


def test_a_busy_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from pfstudio.engine.bench_sampling import MachineState

    state = MachineState("cpu", (), 2, 1, 0.3, "3", "2")
    quiet = bench.machine_lines(state)
    busy = bench.machine_lines(MachineState("cpu", (), 2, 1, 5.0, "3", "2"))
    assert len(busy) == len(quiet) + 1
    assert "busy" in busy[-1]


@pytest.mark.parametrize(
    "flags", [["--repeats", "0"], ["--threads", "0"], ["--nfe", "0"]], ids=lambda f: f[0]
)
def test_impossible_numbers_are_refused(
    flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "sampling", *flags]) == 2
    assert "1 or more" in capsys.readouterr().err


def test_other_benches_are_called_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("made_up_bench")
    module.run = lambda args: args.repeats  # type: ignore[attr-defined]
    module.__spec__ = types.SimpleNamespace(name="made_up_bench")  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "made_up_bench", module)
    monkeypatch.setitem(bench.BENCHES, "ui", ("made_up_bench", ""))
    assert main(["bench", "ui", "--repeats", "7"]) == 7


def test_a_bench_that_is_not_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(bench.BENCHES, "ui", ("pfstudio.no_such_bench", ""))
    assert main(["bench", "ui"]) == 2
    assert "no bench 'ui'" in capsys.readouterr().err
