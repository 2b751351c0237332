"""Tiny random text encoders in transformers' layout."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import (
    BertConfig,
    BertModel,
    CLIPConfig,
    CLIPModel,
    PreTrainedTokenizerFast,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)

WORDS = ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "a", "red", "blue", "fox", "apple", "style", ",")


def _write_tokenizer(folder: Path) -> None:
    tokenizer = Tokenizer(WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]"
    ).save_pretrained(folder)


def write_bert(folder: Path, width: int = 16) -> Path:
    """An encoder like MiniLM."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=width, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    _write_tokenizer(folder)
    return folder


def write_qwen(folder: Path, width: int = 16) -> Path:
    """An encoder in the layout of the published text model's."""
    torch.manual_seed(0)
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": len(WORDS), "hidden_size": width, "intermediate_size": 32,
            "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
            "head_dim": 8, "max_position_embeddings": 512,
            "rope_scaling": {"rope_type": "default", "mrope_section": [2, 1, 1]},
        },
        vision_config={
            "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2,
            "out_hidden_size": width, "deepstack_visual_indexes": [0],
        },
    )  # fmt: skip
    Qwen3VLForConditionalGeneration(config).save_pretrained(folder)
    _write_tokenizer(folder)
    return folder


def write_clip(folder: Path, width: int = 16) -> Path:
    """An encoder in the layout of CLIP, with the tower that reads images."""
    torch.manual_seed(0)
    small = {"hidden_size": width, "intermediate_size": 32, "num_hidden_layers": 2,
             "num_attention_heads": 2}  # fmt: skip
    text = {**small, "vocab_size": len(WORDS), "bos_token_id": 1, "eos_token_id": 2}
    config = CLIPConfig(text_config=text, vision_config={**small, "image_size": 8, "patch_size": 4})
    CLIPModel(config).save_pretrained(folder)
    _write_tokenizer(folder)
    return folder
