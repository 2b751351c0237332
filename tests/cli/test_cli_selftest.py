"""`pfstudio selftest`: every task and the window are tried, and what is broken is told."""

from __future__ import annotations

import json
import os
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from pfstudio.cli import selftest as cli
from pfstudio.cli.main import main
from pfstudio.core.errors import InputError
from pfstudio.core.tasks import TASKS
from pfstudio.engine import api, selftest

NAMES = ["imports", "machine", "network", *TASKS, "window"]


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, dict]:
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [check["name"] for check in found] == NAMES
    return {check["name"]: check for check in found}


@pytest.fixture
def quick_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """One module instead of all, and no large package."""
    monkeypatch.setattr(cli, "PARTS", ())
    one = SimpleNamespace(name="pfstudio.version")
    monkeypatch.setattr(cli.pkgutil, "walk_packages", lambda *_: [one])


@pytest.fixture
def nothing_to_do(monkeypatch: pytest.MonkeyPatch, quick_imports: None) -> None:
    """Every check of the engine passes at once, and the window's process ends at once."""
    for name in selftest.CHECKS:
        monkeypatch.setitem(selftest.CHECKS, name, lambda: "done")
    monkeypatch.setattr("pfstudio.drivers.selftest.show_pages", partial(str, "shown"))


@pytest.mark.usefixtures("quick_imports")
def test_everything_works_here(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["selftest", "--json"])
    found = told(capsys)
    assert [check["detail"] for check in found.values() if not check["passed"]] == []
    assert code == 0
    assert "depthfm-s" in found["depth"]["detail"]
    assert "upsampler-s" in found["upscale"]["detail"]
    assert "generate, depth, upscale" in found["window"]["detail"]


@pytest.mark.usefixtures("nothing_to_do")
def test_a_check_that_fails_is_told_and_the_others_are_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> str:
        raise InputError("There is no model.", "Install one.")

    def broken() -> str:
        raise ZeroDivisionError("oh")

    monkeypatch.setitem(selftest.CHECKS, "generate", missing)
    monkeypatch.setitem(selftest.CHECKS, "depth", broken)
    assert main(["selftest", "--json"]) == 1
    found = told(capsys)
    assert [name for name in NAMES if not found[name]["passed"]] == ["generate", "depth"]
    assert found["generate"]["detail"] == "There is no model. Install one."
    assert found["depth"]["detail"] == "ZeroDivisionError: oh"
    assert main(["selftest"]) == 1
    assert "FAILED depth: ZeroDivisionError: oh" in capsys.readouterr().out


@pytest.mark.usefixtures("nothing_to_do")
def test_a_window_whose_process_dies_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pfstudio.drivers.selftest.show_pages", partial(os._exit, 3))
    assert main(["selftest", "--json"]) == 1
    found = told(capsys)
    assert not found["window"]["passed"]
    assert "ended before every page was shown" in found["window"]["detail"]


def test_wrong_results_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    side = selftest._SIDE
    other = np.random.default_rng(0).integers(0, 255, (2 * side, 2 * side, 3), np.uint8)
    flat = np.ones((side, side), np.float32)
    monkeypatch.setattr(api, "upscale", lambda *_, **__: SimpleNamespace(image=other))
    found = SimpleNamespace(log_depth=flat, log_std=flat)
    monkeypatch.setattr(api, "depth", lambda *_, **__: found)
    assert "levels away" in selftest.tried("upscale", selftest.CHECKS["upscale"]).detail
    assert "one depth everywhere" in selftest.tried("depth", selftest.CHECKS["depth"]).detail
    found.log_depth = np.full((side, side), np.nan)
    held = SimpleNamespace(values=np.ones((1, 1, 8, 8, 4), np.float16))
    monkeypatch.setattr(api, "features", lambda *_, **__: SimpleNamespace(layers=(held,)))
    monkeypatch.setattr(selftest, "_drawn", lambda model: np.zeros((64, 64, 3), np.uint8))
    assert "holds nothing" in selftest.tried("features", selftest.CHECKS["features"]).detail
    assert "another class" in selftest.tried("classify", selftest.CHECKS["classify"]).detail
    assert "no depth map" in selftest.tried("depth", selftest.CHECKS["depth"]).detail


def test_what_a_bundle_left_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [SimpleNamespace(name=name) for name in ("pfstudio.version", "pfstudio.gone")]
    monkeypatch.setattr(cli.pkgutil, "walk_packages", lambda *_: names)
    monkeypatch.setattr(cli, "PARTS", ())
    assert "pfstudio.gone" in selftest.tried("imports", cli.imports).detail
    monkeypatch.setattr(cli, "EXTRAS", {"pfstudio.gone"})
    assert cli.imports() == "1 modules, without pfstudio.gone"
    monkeypatch.setattr(cli, "PARTS", (("json", "loads"), ("json", "no_such_part")))
    assert not selftest.tried("imports", cli.imports).passed
