"""A bundle has no Python to start: the program starts itself only by `program_command`."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "pfstudio"


def test_nothing_starts_python_by_itself() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "sys.executable" in path.read_text("utf-8")
    }
    assert users == {"core/application.py", "drivers/start_time.py"}
