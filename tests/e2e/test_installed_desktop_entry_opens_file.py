"""Promise: once installed, the entry of the start menu opens the file that a desktop gives it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from first_window import first, save_trace, start
from pytestqt.qtbot import QtBot
from window_bench import Bench

from pfstudio.cli.main import main
from pfstudio.core.application import APP_ID, APP_NAME, TRACE_TYPE
from pfstudio.ui import desktop_entry

__all__ = ["first"]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktops of Linux")


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path / "share"


def entry(share: Path) -> ConfigParser:
    read = ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[method-assign,assignment]
    read.read(share / "applications" / f"{APP_ID}.desktop", encoding="utf-8")
    return read


def test_installed_desktop_entry_opens_file(
    first: Bench, qtbot: QtBot, tmp_path: Path, share: Path
) -> None:
    assert main(["--install-desktop"]) == 0
    trace = save_trace(tmp_path / "a run.pftrace")
    words = shlex.split(entry(share)["Desktop Entry"]["Exec"])
    command = [str(trace) if word == "%F" else word for word in words]
    assert str(trace) in command
    assert start(command, tmp_path, qtbot) == 0
    data = first.page.run.data
    assert data is not None
    assert data.request.seed == 4
    assert "seed 4 · " in first.window.windowTitle()
    assert first.window.windowTitle().endswith(f" — {APP_NAME}")


def test_installing_is_valid_and_leaves_nothing_behind(
    share: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (share / "applications").mkdir(parents=True)
    (share / "applications" / "other.desktop").touch()
    assert main(["--install-desktop"]) == 0
    assert "is in the start menu now" in capsys.readouterr().out
    assert all((share / path).stat().st_size for path in desktop_entry.files())
    assert TRACE_TYPE in entry(share)["Desktop Entry"]["MimeType"]
    for tool, *flags, path in (
        ("desktop-file-validate", f"applications/{APP_ID}.desktop"),
        ("appstreamcli", "validate", "--no-net", f"metainfo/{APP_ID}.metainfo.xml"),
    ):
        if shutil.which(tool):
            command = [tool, *flags, str(share / path)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout
    assert main(["--uninstall-desktop"]) == 0
    assert "is no longer in the start menu" in capsys.readouterr().out
    left = [path for path in share.rglob("*") if "patch_forcing" in path.name]
    assert left == []
    assert (share / "applications" / "other.desktop").is_file()
    assert main(["--uninstall-desktop"]) == 0
    assert "was not in the start menu" in capsys.readouterr().out


def test_a_file_manager_knows_traces(share: Path, tmp_path: Path) -> None:
    if shutil.which("xdg-mime") is None or shutil.which("update-mime-database") is None:
        pytest.skip("needs xdg-utils and shared-mime-info")
    assert main(["--install-desktop"]) == 0
    trace = save_trace(tmp_path / "run.pftrace")
    command = ["xdg-mime", "query", "filetype", str(trace)]
    found = subprocess.run(command, env={**os.environ}, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == TRACE_TYPE


def test_paths_with_reserved_characters_are_quoted() -> None:
    assert desktop_entry.exec_line(["/opt/a b/100 %/p$s"]) == '"/opt/a b/100 %%/p\\\\$s"'
    assert desktop_entry.exec_line(["/usr/bin/pfstudio"]) == "/usr/bin/pfstudio"


def test_the_flags_stand_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--install-desktop", "now"]) == 2
    assert "stands alone" in capsys.readouterr().err
