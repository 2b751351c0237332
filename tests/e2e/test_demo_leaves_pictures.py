"""Promise: on a machine without a screen, the demo leaves pictures of the window and a video."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from small_models import install_small_model

from pfstudio.core.trace_file import read_trace
from pfstudio.drivers import demo, tour


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, own_folders: Path) -> None:
    """The demo sets folders for its process; take that back afterwards."""
    for name in ("CONFIG", "STATE", "PICTURES"):
        monkeypatch.setenv(f"PFSTUDIO_{name}", str(own_folders / name.lower()))
    for name in ("OMP_WAIT_POLICY", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, {"OMP_WAIT_POLICY": "PASSIVE"}.get(name, "1"))


def test_demo_leaves_pictures(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    install_small_model()
    monkeypatch.setattr("pfstudio.core.models.DEFAULT_MODELS", ("small",))
    monkeypatch.setattr(tour, "CALLS", 8)
    assert demo.main([str(tmp_path / "out")]) == 0
    printed = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert all(path.is_file() for path in printed)
    names = {path.name.partition("-")[2] for path in printed}
    assert {"first-start.png", "generating.png", "finished.png", "hardest-patch.png",
            "overlay.png", "sampler-lab.png", "compare.png", "in-painting.png",
            "light-theme.png", "small-window.png", "upscale.png", "upscale-patches.png",
            "depth.png", "depth-slider.png", "point-cloud.png"} <= names  # fmt: skip
    pictures = {path.stem[3:]: path for path in printed if path.name[:2].isdigit()}
    for path in pictures.values():
        with Image.open(path) as image:
            small = path is pictures["small-window"]
            assert image.size == ((984, 552) if small else (1600, 1000))
            assert len(image.convert("RGB").getcolors(2**24)) > 100
    assert read_trace(tmp_path / "out" / "run.pftrace").nfe == 8
    assert (tmp_path / "out" / "video.mp4").stat().st_size > 1000


def test_without_a_folder_it_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_an_unusable_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert demo.main([str(tmp_path / "file" / "out")]) == 1
    assert "cannot be written" in capsys.readouterr().err
