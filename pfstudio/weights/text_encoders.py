"""Text encoders: from a prompt to the embeddings that a text-conditional network attends to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pfstudio.core.errors import InputError
from pfstudio.nn.condition import TextEmbeddings


@dataclass(frozen=True)
class EncodedTexts:
    """Texts as a network reads them: embeddings of all, padded to one length."""

    embeddings: TextEmbeddings


class TextEncoder(Protocol):
    """Reads texts; what it has read before it remembers. "" is the null text."""

    def __call__(self, texts: Sequence[str]) -> EncodedTexts: ...


TEXT_ENCODERS: dict[str, Callable[[], TextEncoder]] = {}  # by the name that cards give


def load_text_encoder(name: str) -> TextEncoder:
    """The encoder of this name.

    Raises:
        InputError: it is not there.
    """
    if name not in TEXT_ENCODERS:
        known = ", ".join(TEXT_ENCODERS)
        raise InputError(
            f"There is no text encoder {name!r}.", f"Known are: {known}." if known else ""
        )
    return TEXT_ENCODERS[name]()
