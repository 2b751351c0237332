"""A flag that an evaluation does not read is refused before anything is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.cli.main import main

GENERATOR, UPSAMPLER, DEPTH = "pft-ti-emoji-64", "upsampler-s", "depthfm-s"


@pytest.mark.parametrize(
    ("model", "flags", "told", "advice"),
    [
        (
            GENERATOR,
            "--members 3",
            "--members has no say in the evaluation of a generator",
            "depth",
        ),
        (GENERATOR, "--out a", "--out has no say in the evaluation of a generator", "a sweep"),
        (GENERATOR, "--features --guidance 3", "--guidance has no say", "of a generator"),
        (GENERATOR, "--features --scale 3", "--scale has no say in the evaluation of features", ""),
        (GENERATOR, "--sweep a.toml --out a --write-card", "--write-card has no say", ""),
        (GENERATOR, "--sweep a.toml --out a --strong 0.2", "--strong has no say", ""),
        (DEPTH, "--samples 3", "--samples has no say in the evaluation of a depth model", "sweep"),
        (DEPTH, "--sweep a.toml --out a", "has no say in the evaluation of a depth model", ""),
        (UPSAMPLER, "--steps 3", "--steps has no say in the evaluation of an upsampler", "depth"),
        (UPSAMPLER, "--features --jpeg 50", "--jpeg has no say", "of an upsampler"),
    ],
)
def test_a_flag_of_another_evaluation_is_refused(
    model: str,
    flags: str,
    told: str,
    advice: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing = str(tmp_path / "none.tar")  # would be told next
    assert main(["evaluate", model, "--data", missing, *flags.split()]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert advice in error


@pytest.mark.parametrize(
    ("model", "flags"),
    [
        (GENERATOR, "--samples 8 --rule cfg --scale 2 --steps 4 --sheet a.png"),
        (GENERATOR, "--members 5"),  # the default
        (DEPTH, "--members 3 --steps 1 --solver heun --flip-augmentation"),
        (UPSAMPLER, "--samples 3 --factor 4 --jpeg 50 --side 128"),
        (UPSAMPLER, "--features"),
    ],
)
def test_its_own_flags_are_read(
    model: str, flags: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", model, "--data", str(tmp_path / "none.tar"), *flags.split()]) == 2
    error = capsys.readouterr().err
    assert "none.tar" in error
    assert "has no say" not in error
