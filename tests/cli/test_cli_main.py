from __future__ import annotations

import argparse
import importlib
import io
import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from pfstudio.cli import main as module
from pfstudio.cli.console import ProgressBar, duration, event_json, print_json
from pfstudio.cli.main import main, verbs
from pfstudio.cli.settings_flags import add_flags, settings_from
from pfstudio.core.class_names import find_class
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.events import Failed, Progress, Queued
from pfstudio.core.generation import GenerateStep
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import SAMPLERS

Capture = pytest.CaptureFixture[str]


def test_help_is_fast_because_it_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pfstudio.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([n for n in ('torch', 'PySide6', 'cv2', 'PIL', 'pfstudio.cli.generate')"
        " if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")
    for verb in verbs():
        assert verb in done.stdout


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_explains_itself(verb: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([verb, "--help"])
    assert stopped.value.code == 0
    assert f"usage: pfstudio {verb}" in capsys.readouterr().out


def test_unknown_verbs_are_exit_2(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["paint"])
    assert stopped.value.code == 2
    assert "generate" in capsys.readouterr().err


def test_version(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.startswith("pfstudio ")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("Not this.", "Take that."), 2, "pfstudio: Not this. Take that.\n"),
        (RunError("It broke."), 1, "pfstudio: It broke.\n"),
        (KeyboardInterrupt(), 130, "pfstudio: interrupted\n"),
        (ZeroDivisionError("oh"), 1, "Something went wrong in the program itself"),
    ],
)
def test_errors_become_sentences_and_exit_codes(
    error: BaseException, code: int, said: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(args: argparse.Namespace) -> int:
        raise error

    verb = importlib.import_module("pfstudio.cli.selftest")
    monkeypatch.setattr(verb, "run", run)
    assert main(["selftest"]) == code
    assert said in capsys.readouterr().err


def test_without_arguments_the_window_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    app = types.ModuleType("pfstudio.ui.app")
    app.main = lambda arguments: 7  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pfstudio.ui.app", app)
    assert main([]) == 7
    monkeypatch.setattr(sys, "argv", ["pfstudio"])
    assert module.main() == 7


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_shows_share_and_time_left() -> None:
    screen = Terminal()
    bar = ProgressBar(screen)
    bar.show("call", 3, 12, 65.0)
    assert "call 3/12" in screen.getvalue()
    assert "25%  1 min 05 s left" in screen.getvalue()
    bar.clear()
    assert screen.getvalue().endswith("\r\x1b[K")
    quiet = io.StringIO()
    ProgressBar(quiet).show("call", 3, 12, 1.0)
    assert quiet.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"), (9.96, "10.0 s"), (42.4, "42 s"), (125, "2 min 05 s"),
        (7800, "2 h 10 min"), (math.inf, "?"), (-1, "?"),
    ],
)  # fmt: skip
def test_durations_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_events_are_json_even_with_nan(capsys: Capture) -> None:
    maps = np.full((2, 4, 4), np.nan, np.float32)
    role = np.zeros((2, 4, 4), np.uint8)
    step = GenerateStep(maps * 0 + 1, maps, role, maps, 32)
    data = json.loads(event_json(Progress(1, 0, 4, 0.5, math.inf, step)))
    assert data["difficulty"] == [None, None]
    assert data["role"]["together"] == 32
    assert data["eta"] is None
    print_json({"a": math.nan, "b": [{"c": (math.inf, 1.0)}]})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [{"c": [None, 1.0]}]}
    queued = json.loads(event_json(Queued(1, GenerateRequest(seed=3), 0)))
    assert queued["request"]["seed"] == 3
    failed = json.loads(event_json(Failed(1, "It broke.", details="Traceback")))
    assert failed == {
        "event": "failed", "job": 1, "message": "It broke.", "advice": "", "exit_code": 1,
    }  # fmt: skip


def test_every_parameter_of_every_sampler_is_a_flag() -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser, "sampler", SAMPLERS)
    for kind in SAMPLERS.values():
        assert settings_from(parser.parse_args([]), kind, SAMPLERS) == kind()
    args: Any = parser.parse_args(["--steps", "3", "--inner-steps", "2", "--easy-share", "0.25"])
    assert settings_from(args, SAMPLERS["dual-loop"], SAMPLERS).nfe == 6
    with pytest.raises(InputError, match="euler has no --easy-share"):
        settings_from(args, SAMPLERS["euler"], SAMPLERS)
    args = parser.parse_args(["--easy-share", "1.5"])
    with pytest.raises(InputError, match="between 0 and 1"):
        settings_from(args, SAMPLERS["dual-loop"], SAMPLERS)


NAMES = ("tench, Tinca tinca", "goldfish", "great white shark", "tiger shark")


@pytest.mark.parametrize(
    ("text", "number"),
    [("2", 2), ("goldfish", 1), ("TENCH", 0), ("tinca  tinca", 0), ("white", 2), ("tiger", 3)],
)
def test_classes_by_number_or_name(text: str, number: int) -> None:
    assert find_class(text, NAMES) == number


def test_class_names_that_do_not_fit() -> None:
    for text, sentence in (("shark", "several"), ("4", "no class 4"), ("golfish", "'golfish'")):
        with pytest.raises(InputError, match=sentence):
            find_class(text, NAMES)
    with pytest.raises(InputError) as error:
        find_class("golfish", NAMES)
    assert error.value.advice == "Did you mean: 1 goldfish?"
    with pytest.raises(InputError) as error:
        find_class("x", (), 10)
    assert "0 to 9" in error.value.advice


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        (["a.png"], True), (["/tmp/x"], True), (["--new-window"], True), (["."], True),
        (["depth"], False), (["--version"], False), (["genrate"], False),
    ],
)  # fmt: skip
def test_files_open_in_the_window(arguments: list[str], window: bool) -> None:
    assert module._for_the_window(arguments) == window
