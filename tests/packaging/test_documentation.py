"""The guide agrees with the program, and every link in it leads somewhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from window_bench import Bench, open_window

from pfstudio.core.paths import shipped

__all__ = ["open_window"]
DOCS = shipped("docs")
sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))
from documentation import command_line, guidance, shortcuts  # noqa: E402

ADVICE = "run python packaging/documentation.py"


def test_the_command_line_is_described_as_it_is() -> None:
    assert (DOCS / "command-line.md").read_text(encoding="utf-8") == command_line(), ADVICE


def test_the_guidance_rules_are_described_as_they_are() -> None:
    assert (DOCS / "guidance.md").read_text(encoding="utf-8") == guidance(), ADVICE


def test_the_shortcuts_are_described_as_they_are(open_window: Callable[..., Bench]) -> None:
    written = (DOCS / "shortcuts.md").read_text(encoding="utf-8")
    keys = re.compile(r"\| (.+?) \| `(.+?)` \|")
    told = set(keys.findall(written))
    assert set(keys.findall(shortcuts(open_window().window))) <= told, ADVICE


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda path: path.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).is_file(), target
