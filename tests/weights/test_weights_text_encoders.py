"""Text encoders: both layouts from a folder, the memory, cut texts, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from text_encoders import write_bert, write_clip, write_qwen
from transformers import AutoModel
from transformers.utils import logging

from pfstudio.core.errors import InputError
from pfstudio.weights.text_encoders import EncodedTexts, TextEncoder, load_text_encoder


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> TextEncoder:
    return load_text_encoder(str(write_bert(tmp_path_factory.mktemp("bert"))))


def words(read: EncodedTexts, row: int, text: str) -> list[str]:
    """What each token of a text stands for."""
    return [text[start:end] for start, end in read.offsets[row]]


def test_a_text_becomes_one_embedding_for_each_token(bert: TextEncoder) -> None:
    read = bert(["a red fox", "", "apple"])
    assert bert.width == 16
    assert read.embeddings.tokens.shape == (3, 5, 16)
    assert read.embeddings.mask.sum(dim=1).tolist() == [5, 2, 3]
    assert words(read, 0, "a red fox") == ["", "a", "red", "fox", ""]
    assert words(read, 1, "") == ["", ""]
    assert bert.count_tokens(["a red fox", "", "apple"]) == [5, 2, 3]
    assert not read.embeddings.tokens[1, 2:].any()


def test_a_text_is_read_alike_in_any_company(bert: TextEncoder, tmp_path: Path) -> None:
    other = load_text_encoder(str(write_bert(tmp_path)))
    texts = ["apple", "a red fox , a blue fox"]
    alone = other(["apple"]).embeddings
    assert torch.equal(bert(texts).embeddings.tokens[0, :3], alone.tokens[0])
    together = bert.together(texts)
    torch.testing.assert_close(together.embeddings.tokens, bert(texts).embeddings.tokens)
    assert together.offsets == bert(texts).offsets


def test_the_shipped_encoder_reads_a_prompt_alike_in_any_company() -> None:
    """To the last bit: a stored run is to come back exactly, whatever was read before it."""
    prompt, longer = "a red fox, Noto style", "a very long and winding sentence about a blue owl"
    alone = load_text_encoder("minilm-l6")([prompt]).embeddings
    beside = load_text_encoder("minilm-l6")([prompt, longer]).embeddings
    assert torch.equal(beside.tokens[0][beside.mask[0]], alone.tokens[0])


def test_its_library_is_kept_from_asking_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)  # as where no variable says otherwise
    offline, read = [], AutoModel.from_pretrained

    def look(*args: Any, **options: Any) -> Any:
        offline.append(huggingface_hub.is_offline_mode())
        return read(*args, **options)

    monkeypatch.setattr(AutoModel, "from_pretrained", look)
    load_text_encoder(str(write_bert(tmp_path)))
    assert offline == [True]


def test_the_transformer_reads_each_text_once(
    bert: TextEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bert(["a blue apple", "a blue apple"])

    def refuse(**inputs: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(bert, "_transformer", refuse)
    again = bert(["a blue apple"])
    assert torch.equal(again.embeddings.tokens[0], first.embeddings.tokens[1])
    with pytest.raises(AssertionError, match="read again"):
        bert(["a blue fox"])


def test_a_long_text_is_cut_and_says_so(bert: TextEncoder) -> None:
    texts = ["fox " * 2000, "fox " * 62, "fox " * 63]
    read = bert(texts)
    assert [count > bert.max_tokens for count in bert.count_tokens(texts)] == [True, False, True]
    assert words(read, 0, texts[0]) == ["", *["fox"] * 62, ""]


def test_the_published_layout_attends_its_padding(tmp_path: Path) -> None:
    encoder = load_text_encoder(str(write_qwen(tmp_path)))
    read = encoder(["a red fox", ""])
    assert read.embeddings.tokens.shape == (2, 256, 16)
    assert bool(read.embeddings.mask.all())
    assert encoder.count_tokens(["a red fox", ""]) == [5, 2]
    assert not torch.equal(read.embeddings.tokens[0], read.embeddings.tokens[1])


def test_the_shipped_encoder_tells_meanings_apart() -> None:
    encoder = load_text_encoder("minilm-l6")
    assert encoder.width == 384

    def sentence(text: str) -> torch.Tensor:
        return torch.nn.functional.normalize(encoder([text]).embeddings.tokens[0].mean(0), dim=0)

    fox, wolf, apple = (sentence(t) for t in ("a red fox", "a grey wolf", "an invoice from a bank"))
    assert float(fox @ wolf) > float(fox @ apple) + 0.2


def test_the_shipped_encoder_says_what_is_all_one_to_it() -> None:
    encoder = load_text_encoder("minilm-l6")
    assert encoder.unknown(["🦊 in snow", "a naïve fox", "", "🐱🐱 and 🦊"]) == ("🦊", "🐱🐱")


def test_folders_that_are_no_encoder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no text encoder 'nowhere'"):
        load_text_encoder("nowhere")
    with pytest.raises(InputError, match="cannot be read"):
        load_text_encoder(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "whisper"}))
    with pytest.raises(InputError, match="'whisper' are not known"):
        load_text_encoder(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(InputError, match="cannot be loaded"):
        load_text_encoder(str(tmp_path))


def test_the_users_own_downloads_go_on_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    logging.enable_progress_bar()
    load_text_encoder(str(write_bert(tmp_path)))
    assert not constants.HF_HUB_OFFLINE
    assert logging.is_progress_bar_enabled()
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(InputError, match="cannot be loaded"):
        load_text_encoder(str(tmp_path))
    assert not constants.HF_HUB_OFFLINE


def test_damaged_weights_of_an_encoder_are_refused(tmp_path: Path) -> None:
    write_bert(tmp_path)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(InputError, match="cannot be loaded"):
        load_text_encoder(str(tmp_path))


def test_clip_reads_77_tokens_and_padding_like_words(tmp_path: Path) -> None:
    encoder = load_text_encoder(str(write_clip(tmp_path)))
    read = encoder(["a red fox", "apple"]).embeddings
    assert (read.tokens.shape, encoder.width) == ((2, 77, 16), 16)
    assert read.mask.all()
    from transformers import CLIPModel

    ids = torch.zeros(1, 77, dtype=torch.long)  # padding
    ids[0, :3] = torch.tensor([1, 8, 2])
    with torch.inference_mode():
        tower = CLIPModel.from_pretrained(tmp_path).text_model
        expected = tower(input_ids=ids).last_hidden_state
    torch.testing.assert_close(read.tokens[1:], expected)


def test_an_encoder_that_a_model_needs_is_told_where_to_find() -> None:
    with pytest.raises(InputError, match="no text encoder") as caught:
        load_text_encoder("clip-vit-large-patch14")
    assert "huggingface.co/openai/clip-vit-large-patch14" in caught.value.advice


def test_an_encoder_without_all_its_tensors_is_refused(tmp_path: Path) -> None:
    write_bert(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(InputError, match=r"incomplete: encoder\.layer\.1\.output\.dense\.weight"):
        load_text_encoder(str(tmp_path))
