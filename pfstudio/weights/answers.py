"""What a file of weights does not say of itself: asked once, and kept beside it as NAME.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pfstudio.core.documents import read_json
from pfstudio.core.errors import InputError
from pfstudio.core.files import write_text
from pfstudio.core.parameters import CheckedSettings
from pfstudio.core.routes import Route

SUFFIX = ".json"


class UnansweredError(InputError):
    """A file does not say in which direction its time runs, and nobody was asked yet."""

    def __init__(self, name: str, blocks: int) -> None:
        super().__init__(
            f"{name} does not say in which direction its time runs.",
            "Say it once: pfstudio models import --time-runs image-to-noise (as TREAD trains), or "
            "noise-to-image.",
        )
        self.blocks = blocks  # of the network


@dataclass(frozen=True)
class Answers(CheckedSettings):
    """How a transformer was trained, as far as its weights do not tell."""

    reversed_time: bool = False  # its time runs from the image (0) to noise (1)
    routes: tuple[Route, ...] = ()  # that it was trained with

    @property
    def sentence(self) -> str:
        """What was answered, to be shown."""
        time = "from the image to noise" if self.reversed_time else "from noise to the image"
        routes = "; ".join(map(str, self.routes)) or "no patch skips a block"
        return f"As was said of it, its time runs {time}, and {routes}."


def read_answers(path: Path) -> Answers | None:
    """What was answered for a file; None: it was not asked about.

    Raises:
        InputError: the file of answers cannot be read.
    """
    beside = path.with_name(path.name + SUFFIX)
    try:
        return Answers.from_data(read_json(beside))
    except FileNotFoundError:
        return None
    except InputError as error:
        raise InputError(f"{beside.name} cannot be used: {error}", error.advice) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"{beside.name} does not say how {path.name} was trained.",
            "Delete it, and answer again.",
        ) from error


def write_answers(path: Path, answers: Answers) -> None:
    """Keep the answers for a file.

    Raises:
        InputError: its folder cannot be written to.
        RunError: the disk is full.
    """
    write_text(path.with_name(path.name + SUFFIX), json.dumps(asdict(answers), indent=1) + "\n")
