"""Captions as training data: every caption embedded once, one of each picture's drawn each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pfstudio.core.documents import LABELS_BYTES, read_json, texts
from pfstudio.core.errors import InputError
from pfstudio.core.files import replacing
from pfstudio.nn.condition import TextEmbeddings
from pfstudio.train.config import SourceConfig
from pfstudio.train.data import (
    PictureSet,
    TrainingData,
    check_present,
    decode,
    plain_name,
    read_files,
)

_AT_ONCE = 2048
Embed = Callable[[list[str]], TextEmbeddings]


@dataclass(frozen=True)
class CaptionedPictures:
    """The `pictures` of a labels file; picture i has captions[i], the plainest first."""

    names: tuple[str, ...]
    captions: tuple[tuple[str, ...], ...]
    flip: Tensor  # (N,) bool: its mirror image says the same
    held_out: Tensor  # (N,) bool
    concepts: tuple[str, ...]  # what is drawn; where the file is silent, the plainest caption
    styles: tuple[str, ...]  # how it is drawn; where the file is silent, all alike


def read_captions(path: Path) -> CaptionedPictures:
    """The captions in a labels file.

    Raises:
        InputError: unreadable, or without captions.
    """
    try:
        pictures = read_json(path, LABELS_BYTES)["pictures"]
        return CaptionedPictures(
            tuple(map(plain_name, pictures)),
            tuple(texts(about["captions"]) for about in pictures.values()),
            torch.tensor([_truth(about["flip"]) for about in pictures.values()]),
            torch.tensor([_truth(about["held_out"]) for about in pictures.values()]),
            tuple(str(about.get("concept", about["captions"][0])) for about in pictures.values()),
            tuple(str(about.get("style", "")) for about in pictures.values()),
        )
    except OSError as error:
        raise InputError(f"The labels file {path} cannot be read ({error.strerror}).") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} has no captions ({error}).",
            "It needs pictures, each with captions, flip and held_out.",
        ) from error


def has_captions(path: Path) -> bool:
    """Whether a labels file lists images with captions: others belong to no text model."""
    return "pictures" in read_json(path, LABELS_BYTES)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{str(value)[:60]!r} is neither true nor false")
    return value


def load_captioned(source: SourceConfig, folder: Path, pictures: CaptionedPictures) -> TrainingData:
    """Every captioned picture of a source, decoded; its label is its number in `pictures`.

    Raises:
        InputError: missing or broken pictures, or all of them are held out.
    """
    if pictures.held_out.all():
        raise InputError(f"No picture of {source.path} is left to train on.")
    files, tested = read_files(source, folder)
    files |= tested
    check_present(source, pictures.names, files)

    def load(mask: Tensor) -> PictureSet:
        index = mask.nonzero()[:, 0]
        names = tuple(pictures.names[i] for i in index.tolist())
        return PictureSet(names, tuple(decode(name, files[name]) for name in names), index)

    return TrainingData(pictures.names, load(~pictures.held_out), load(pictures.held_out))


def kept_from_captions(data: TrainingData, pictures: CaptionedPictures) -> TrainingData:
    """Pictures of classes, tested only on those that a model of captions never saw either.

    Raises:
        InputError: there are none.
    """
    kept = {pictures.names[i] for i in pictures.held_out.nonzero()[:, 0].tolist()}
    test = data.test
    chosen = [i for i, name in enumerate(test.names) if name in kept]
    if not chosen:
        raise InputError(
            "The labels list no image under test that is held out from captions, too.",
            "Set held_out of some of them, and train the model without these.",
        )
    names, shown = tuple(test.names[i] for i in chosen), tuple(test.pictures[i] for i in chosen)
    return replace(data, test=PictureSet(names, shown, test.labels[chosen]))


@dataclass(frozen=True)
class CaptionEmbeddings:
    """Embeddings of all captions, one after the other; caption 0 is the empty text."""

    tokens: Tensor  # (T,D) float16
    starts: Tensor  # (K+1,) int64: caption k has tokens[starts[k]:starts[k+1]]
    captions: Tensor  # (M,) int64: captions of all pictures, one after the other
    first: Tensor  # (N+1,) int64: picture i has captions[first[i]:first[i+1]]

    def draw(self, pictures: Tensor, dropout: float, generator: torch.Generator) -> TextEmbeddings:
        """One caption of each picture (B,), or with probability `dropout` the empty text."""
        count = self.first[pictures + 1] - self.first[pictures]
        place = (torch.rand(len(pictures), generator=generator) * count).long()
        chosen = self.captions[self.first[pictures] + place.minimum(count - 1)]
        kept = torch.rand(len(pictures), generator=generator) >= dropout
        return self._gather(chosen * kept)

    def plainest(self, pictures: Tensor) -> TextEmbeddings:
        """The first caption of each picture (B,)."""
        return self._gather(self.captions[self.first[pictures]])

    def empty(self, count: int) -> TextEmbeddings:
        """The empty text, for each of so many pictures."""
        return self._gather(torch.zeros(count, dtype=torch.long))

    def _gather(self, captions: Tensor) -> TextEmbeddings:
        begin, length = self.starts[captions], self.starts[captions + 1] - self.starts[captions]
        place = torch.arange(int(length.max()))
        mask = place < length[:, None]
        rows = (begin[:, None] + place).clamp(max=len(self.tokens) - 1)
        return TextEmbeddings(self.tokens[rows].float() * mask[..., None], mask)


def embed_captions(pictures: CaptionedPictures, embed: Embed) -> CaptionEmbeddings:
    """Every distinct caption embedded, alike lengths together."""
    every = dict.fromkeys(caption for own in pictures.captions for caption in own)
    texts = ["", *sorted(every, key=len)]
    number = {text: k for k, text in enumerate(texts)}
    parts, lengths = [], []
    for first in range(0, len(texts), _AT_ONCE):
        part = embed(texts[first : first + _AT_ONCE])
        parts.append(part.tokens[part.mask].half())
        lengths.append(part.mask.sum(dim=1))
    ends = torch.cat(lengths).cumsum(0)
    counts = torch.tensor([len(own) for own in pictures.captions])
    return CaptionEmbeddings(
        torch.cat(parts),
        torch.cat([ends.new_zeros(1), ends]),
        torch.tensor([number[caption] for own in pictures.captions for caption in own]),
        torch.cat([counts.new_zeros(1), counts.cumsum(0)]),
    )


def save_embeddings(path: Path, embeddings: CaptionEmbeddings) -> None:
    with replacing(path) as temporary:
        save_file({name: getattr(embeddings, name).clone() for name in _TENSORS}, temporary)


def load_embeddings(path: Path) -> CaptionEmbeddings | None:
    """What `save_embeddings` kept; None if it is missing or damaged, so that it is made again."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            return CaptionEmbeddings(*(file.get_tensor(name) for name in _TENSORS))
    except (SafetensorError, OSError):
        return None


_TENSORS = ("tokens", "starts", "captions", "first")
