"""`pfstudio bench backbones`: what it measures, prints and draws."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pfstudio.cli.main import main
from pfstudio.engine.bench_backbones import BackboneCost, bench_backbones, crossing

FEW = ["bench", "backbones", "--tokens", "4", "16", "64", "--width", "64", "--repeats", "1"]


def test_it_prints_times_growth_and_crossing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*FEW, "--svg", str(tmp_path / "times.svg")]) == 0
    out = capsys.readouterr().out
    for words in ("zigzag Mamba", "transformer", "MiB", "Growth", "Parameters in layers"):
        assert words in out
    assert "crossing" in out or "faster from" in out
    root = ElementTree.parse(tmp_path / "times.svg").getroot()
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [3, 3]


def test_it_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*FEW, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tokens"] == [4, 16, 64]
    mamba, transformer = told["backbones"]
    assert all(s > 0 for s in mamba["seconds"] + transformer["seconds"])
    assert all(a < b for a, b in zip(mamba["memory"], mamba["memory"][1:], strict=False))
    assert mamba["parameters"] == pytest.approx(transformer["parameters"], rel=0.25)


def test_the_crossing_lies_between_the_sizes() -> None:
    assert crossing([100, 400], [2.0, 4.0], [1.0, 8.0]) == pytest.approx(200)
    assert crossing([100, 400], [1.0, 2.0], [2.0, 4.0]) is None
    assert crossing([100, 400], [2.0, 9.0], [1.0, 8.0]) is None
    assert BackboneCost("x", 1, (1.0, 16.0), (1, 4)).growth([100, 400]) == pytest.approx(2.0)


@pytest.mark.parametrize(
    "flags", [["--tokens", "256"], ["--tokens", "4", "15"], ["--width", "100"], ["--threads", "0"]],
    ids=" ".join,
)  # fmt: skip
def test_impossible_sizes_are_refused(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "backbones", *flags]) == 2
    assert capsys.readouterr().err


def test_the_first_run_is_told_to_warm_up() -> None:
    said: list[str] = []
    bench_backbones([4, 16], 64, 1, 1, said.append)
    assert said[:2] == ["4 tokens: run 0 of 1 (warming up)", "4 tokens: run 1 of 1"]


def test_the_place_of_the_figure_is_proved_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "pfstudio.engine.bench_backbones.bench_backbones", lambda *_: pytest.fail("it measured")
    )
    (tmp_path / "file").touch()
    assert main([*FEW, "--svg", str(tmp_path / "file" / "times.svg")]) == 2
    assert "cannot be written" in capsys.readouterr().err
