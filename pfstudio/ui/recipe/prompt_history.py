"""The prompts of earlier runs, newest first, kept between sessions."""

from __future__ import annotations

import logging
from pathlib import Path

from pfstudio.core.errors import PfstudioError
from pfstudio.core.paths import state_folder
from pfstudio.core.settings import read_document, write_document

log = logging.getLogger(__name__)

VERSION = 1
KEPT = 50


def history_path() -> Path:
    """Where they are kept."""
    return state_folder() / "prompts.json"


def read_history() -> tuple[str, ...]:
    """Prompts of earlier runs; a text of several lines is several prompts."""
    data, notice = read_document(history_path(), VERSION)
    if notice:
        log.info(notice)
    prompts = data.get("prompts")
    return tuple(filter(_is_prompt, prompts))[:KEPT] if isinstance(prompts, list) else ()


def remember_prompt(text: str) -> None:
    """Put a prompt in front; where nothing can be written, it is forgotten."""
    prompts = (text, *(one for one in read_history() if one != text))
    try:
        write_document(history_path(), VERSION, {"prompts": prompts[:KEPT]})
    except PfstudioError as error:
        log.info("the prompt is not remembered: %s", error)


def _is_prompt(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
