"""Text encoders: from a prompt to the embeddings that a text-conditional network attends to.

Every encoder is a folder in transformers' layout, recognised by the `model_type` of its
config.json. transformers is imported when the first one is loaded, never before, and never asks
the network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from torch import Tensor

from pfstudio.core.documents import read_json
from pfstudio.core.errors import InputError
from pfstudio.core.models import models_folder
from pfstudio.core.paths import shipped
from pfstudio.nn.condition import TextEmbeddings

_REMEMBERED = 4096  # texts whose embeddings are kept
_AT_ONCE = 64


@dataclass(frozen=True)
class EncoderKind:
    """How the encoders of one layout are used."""

    max_tokens: int  # longer texts are cut
    # As published: every text is padded to max_tokens, and the padding is attended like words.
    attend_padding: bool
    dtype: torch.dtype
    transformer: Callable[[Any], Any]  # the part of the loaded model that reads text
    options: dict[str, Any] = field(default_factory=dict)  # of the model's class


# Where encoders are published that models name but do not bring.
ADDRESSES = {
    "clip-vit-large-patch14": "https://huggingface.co/openai/clip-vit-large-patch14",
}


def _without_mask(model: Any) -> Any:
    """CLIP's text tower as ZigMa's authors used it: padding is read like words."""
    return lambda input_ids, attention_mask: model.text_model(input_ids=input_ids)


ENCODER_KINDS = {  # by model_type
    "bert": EncoderKind(
        64, False, torch.float32, lambda model: model, {"add_pooling_layer": False}
    ),
    "clip": EncoderKind(77, True, torch.float32, _without_mask),
    "qwen3_vl": EncoderKind(256, True, torch.bfloat16, lambda model: model.language_model),
}


@dataclass(frozen=True)
class EncodedTexts:
    """Texts as a network reads them.

    Attributes:
        embeddings: of all texts, padded to one length.
        offsets: characters (start, end) of each token that is attended in its text; (0, 0) of one
            that stands for none.
    """

    embeddings: TextEmbeddings
    offsets: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class _Encoded:
    """One text: tokens (L,D) with their places in it."""

    tokens: Tensor
    offsets: tuple[tuple[int, int], ...]


class ReadsTexts(Protocol):
    """What a text encoder does; see `TextEncoder`."""

    @property
    def max_tokens(self) -> int: ...

    def __call__(self, texts: Sequence[str]) -> EncodedTexts: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...

    def unknown(self, texts: Sequence[str]) -> tuple[str, ...]: ...


class TextEncoder:
    """A transformer that reads text; what it has read before it remembers."""

    def __init__(self, name: str, kind: EncoderKind, tokenizer: Any, model: Any) -> None:
        self.name = name
        self.kind = kind
        self.width: int = model.config.get_text_config().hidden_size
        self._tokenizer = tokenizer
        self._transformer = kind.transformer(model)
        self._known: dict[str, _Encoded] = {}

    def __call__(self, texts: Sequence[str]) -> EncodedTexts:
        """Embeddings (B,L,D) in float32; "" is the null text.

        Each text is computed by itself, so that its embedding is the same in any company, to the
        last bit.
        """
        return _padded(self._encode(texts), self.width)

    def together(self, texts: Sequence[str]) -> EncodedTexts:
        """The same for very many texts, of alike lengths: quicker, and nothing is remembered."""
        parts = [texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE)]
        return _padded([one for part in parts for one in self._compute(list(part))], self.width)

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text are read."""
        return self.kind.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, with those that mark its ends; may exceed `max_tokens`."""
        if not texts:
            return []
        found = self._tokenizer(list(texts), verbose=False)  # it warns of what is not true here
        return [len(ids) for ids in found["input_ids"]]

    def unknown(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Parts of the texts that are all one to the encoder, such as emoji; each once."""
        found: dict[str, None] = {}
        for text in texts:
            read = self._tokenizer(text, verbose=False, return_offsets_mapping=True)
            for token, (start, end) in zip(read["input_ids"], read["offset_mapping"], strict=True):
                if token == self._tokenizer.unk_token_id and start < end:
                    found[text[start:end]] = None
        return tuple(found)

    def _encode(self, texts: Sequence[str]) -> list[_Encoded]:
        new = {text for text in texts if text not in self._known}
        if len(self._known) + len(new) > _REMEMBERED:
            new = set(texts)
            self._known.clear()
        for text in new:
            (self._known[text],) = self._compute([text])
        return [self._known[text] for text in texts]

    @torch.inference_mode()
    def _compute(self, texts: list[str]) -> list[_Encoded]:
        inputs = self._tokenizer(
            texts,
            padding="max_length" if self.kind.attend_padding else True,
            max_length=self.max_tokens,
            truncation=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        hidden = self._transformer(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
        ).last_hidden_state.float()
        own = inputs["attention_mask"].bool()
        kept = torch.ones_like(own) if self.kind.attend_padding else own
        encoded = []
        for row, places in enumerate(inputs["offset_mapping"]):
            offsets = tuple((start, end) for start, end in places[kept[row]].tolist())
            encoded.append(_Encoded(hidden[row][kept[row]].clone(), offsets))
        return encoded


def _padded(found: list[_Encoded], width: int) -> EncodedTexts:
    length = max((len(one.tokens) for one in found), default=0)
    tokens = torch.zeros(len(found), length, width)
    mask = torch.zeros(len(found), length, dtype=torch.bool)
    for row, one in enumerate(found):
        tokens[row, : len(one.tokens)] = one.tokens
        mask[row, : len(one.tokens)] = True
    return EncodedTexts(TextEmbeddings(tokens, mask), tuple(one.offsets for one in found))


def load_text_encoder(name_or_path: str) -> TextEncoder:
    """The encoder in a folder, or the shipped or downloaded one of this name, e.g. "minilm-l6".

    Raises:
        InputError: it is not there, damaged, or of a layout that is not known.
    """
    folder = _locate(name_or_path)
    try:
        model_type = read_json(folder / "config.json")["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder} is no text encoder: its config.json cannot be read ({error}).",
            "Give a folder in the layout of the library transformers.",
        ) from error
    kind = ENCODER_KINDS.get(model_type)
    if kind is None:
        raise InputError(
            f"Text encoders of type {model_type!r} are not known.",
            f"Known types: {', '.join(ENCODER_KINDS)}.",
        )
    from huggingface_hub import constants
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    # What the user does with both libraries goes on as it was.
    offline, bars = constants.HF_HUB_OFFLINE, logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    constants.HF_HUB_OFFLINE = True  # else transformers asks the hub even about local files
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model, report = AutoModel.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,  # never a pickle
            dtype=kind.dtype,
            output_loading_info=True,
            **kind.options,
        )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise InputError(f"The text encoder {folder} cannot be loaded ({error}).") from error
    finally:
        constants.HF_HUB_OFFLINE = offline
        if bars:
            logging.enable_progress_bar()
    if report["missing_keys"]:
        raise InputError(
            f"The text encoder {folder} is incomplete: {sorted(report['missing_keys'])[0]} and "
            f"{len(report['missing_keys']) - 1} more tensors are missing."
        )
    return TextEncoder(folder.name, kind, tokenizer, model.eval().requires_grad_(False))


def _locate(name_or_path: str) -> Path:
    for folder in (models_folder() / name_or_path, shipped("models") / name_or_path):
        if name_or_path and folder.is_dir():
            return folder
    if name_or_path and Path(name_or_path).is_dir():
        return Path(name_or_path)
    advice = "Give the folder that holds its config.json, tokenizer and weights."
    if name_or_path in ADDRESSES:
        advice = (
            f"Download config.json, model.safetensors and the tokenizer's files from "
            f"{ADDRESSES[name_or_path]} into {models_folder() / name_or_path}."
        )
    raise InputError(f"There is no text encoder {name_or_path!r}.", advice)
