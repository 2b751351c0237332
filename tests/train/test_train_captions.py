"""Captions: how they are made, drawn and embedded, and a whole small training on them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from text_encoders import write_bert
from train_worlds import SIDE, caption_recipe, write_caption_world

from pfstudio.core.errors import InputError
from pfstudio.nn.condition import TextEmbeddings
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.captions import (
    CaptionedPictures,
    CaptionEmbeddings,
    embed_captions,
    kept_from_captions,
    load_captioned,
    load_embeddings,
    read_captions,
    save_embeddings,
)
from pfstudio.train.conditions import CaptionConditions
from pfstudio.train.config import SourceConfig
from pfstudio.train.data import PictureSet, TrainingData
from pfstudio.train.emoji_captions import STYLE_WORDS, captions, held_out, may_flip
from pfstudio.train.session import run_session
from pfstudio.train.trainer import Advance


def test_captions_name_concept_style_and_tags() -> None:
    said = captions("red apple", ("apple", "fruit", "health"), "fluent-3d", "a.png")
    assert said[:4] == (
        "red apple, Fluent 3D style", "a red apple, Fluent 3D style", "Fluent 3D red apple",
        "red apple",
    )  # fmt: skip
    assert "apple, " not in said[-1].replace("red apple, ", "")  # says nothing new
    assert {"fruit", "health"} == set(said[-1].split(", ")[:2])
    assert captions("owl", (), "noto", "x")[1] == "an owl, Noto style"
    assert captions("flag: Chad", (), "noto", "x")[1] == "emoji of flag: Chad, Noto style"


@pytest.mark.parametrize(
    ("concept", "flips"),
    [
        (("fox", "animals-nature", "animal-mammal"), True),
        (("automobile", "travel-places", "transport-ground"), True),
        (("flag: Chad", "flags", "country-flag"), False),
        (("three o’clock", "travel-places", "time"), False),
        (("thumbs up", "people-body", "hand-fingers-closed"), False),
        (("magnifying glass tilted left", "objects", "light-video"), False),
        (("man walking: facing right", "people-body", "person-activity"), False),
        (("A button (blood type)", "symbols", "alphanum"), False),
        (("crescent moon", "travel-places", "sky-weather"), False),
        (("bright button", "objects", "x"), True),  # "right" inside a word means nothing
    ],
)
def test_only_what_keeps_its_meaning_is_mirrored(
    concept: tuple[str, str, str], flips: bool
) -> None:
    assert may_flip(*concept) == flips


def test_whole_pairs_are_held_out_of_concepts_that_other_styles_show() -> None:
    drawn = {f"concept {i}": ["noto", "openmoji", "fluent-3d", "twemoji"] for i in range(200)}
    drawn |= {"rare": ["noto", "openmoji", "twemoji"], "alike": ["fluent-3d", "fluent-flat"] * 2}
    independent = frozenset({"noto", "openmoji", "twemoji"})
    kept = held_out(drawn, independent)
    assert kept == held_out(drawn, independent)
    assert kept != held_out(drawn, independent, seed=1)
    concepts = [pair.split("/")[1] for pair in kept]
    assert len(set(concepts)) == len(concepts)  # one style of a concept
    assert 70 < len(concepts) < 130
    assert not {"rare", "alike"} & set(concepts)
    assert {pair.split("/")[0] for pair in kept} == independent


def test_every_style_has_words() -> None:
    from pfstudio.train.emoji import STYLES

    assert set(STYLE_WORDS) == {style.name for style in STYLES}


def spelled(texts: list[str]) -> TextEmbeddings:
    """One token of width 1 for each letter, and a 0 at the end."""
    length = max(map(len, texts)) + 1
    tokens = torch.zeros(len(texts), length, 1)
    mask = torch.zeros(len(texts), length, dtype=torch.bool)
    for row, text in enumerate(texts):
        tokens[row, : len(text), 0] = torch.tensor([float(ord(letter)) for letter in text])
        mask[row, : len(text) + 1] = True
    return TextEmbeddings(tokens, mask)


def read_back(text: TextEmbeddings) -> list[str]:
    rows = zip(text.tokens[..., 0], text.mask, strict=True)
    return ["".join(chr(int(code)) for code in row[mask][:-1]) for row, mask in rows]


PICTURES = CaptionedPictures(
    ("a", "b", "c"), (("fox", "red fox", "dog"), ("cat",), ("owl", "fox")),
    torch.tensor([True, False, True]), torch.tensor([False, False, True]),
    ("fox", "cat", "owl"), ("", "", ""),
)  # fmt: skip


def test_a_model_of_captions_is_tested_on_what_it_never_saw() -> None:
    def part(*names: str) -> PictureSet:
        shown = tuple(torch.zeros(3, 4, 4, dtype=torch.uint8) for _ in names)
        return PictureSet(names, shown, torch.arange(len(names)))

    data = TrainingData(("fox", "owl"), part("b"), part("a", "c"))  # a was trained on
    kept = kept_from_captions(data, PICTURES)
    assert (kept.test.names, kept.test.labels.tolist()) == (("c",), [1])
    with pytest.raises(InputError, match="no image under test"):
        kept_from_captions(replace(data, test=part("a")), PICTURES)


def test_every_caption_of_a_picture_is_drawn_and_some_become_empty() -> None:
    embeddings = embed_captions(PICTURES, spelled)
    assert len(embeddings.starts) == 1 + 6  # the empty text and five distinct captions
    generator = torch.Generator().manual_seed(0)
    pictures = torch.arange(3).repeat(2000)
    drawn = read_back(embeddings.draw(pictures, 0.1, generator))
    assert 500 < drawn.count("") < 700
    for picture, own in enumerate(PICTURES.captions):
        mine = [text for text in drawn[picture::3] if text]
        assert set(mine) == set(own)
        for caption in own:
            assert mine.count(caption) / len(mine) == pytest.approx(1 / len(own), abs=0.05)
    assert read_back(embeddings.plainest(torch.tensor([2, 0, 1]))) == ["owl", "fox", "cat"]
    assert "" not in read_back(embeddings.draw(pictures, 0.0, generator))
    assert read_back(CaptionConditions(embeddings, {}, 0.1).null(2, torch.device("cpu"))) == [
        "",
        "",
    ]


def test_embeddings_are_kept_and_made_again_when_damaged(tmp_path: Path) -> None:
    path = tmp_path / "captions.safetensors"
    assert load_embeddings(path) is None
    made = embed_captions(PICTURES, spelled)
    save_embeddings(path, made)
    kept = load_embeddings(path)
    assert isinstance(kept, CaptionEmbeddings)
    assert kept.tokens.dtype == torch.float16
    assert read_back(kept.plainest(torch.arange(3))) == ["fox", "cat", "owl"]
    path.write_bytes(path.read_bytes()[:-9])
    assert load_embeddings(path) is None


def test_labels_without_captions_or_pictures_are_refused(tmp_path: Path) -> None:
    labels = tmp_path / "labels.json"
    with pytest.raises(InputError, match="cannot be read"):
        read_captions(labels)
    labels.write_text(json.dumps({"classes": [], "train": [], "test": []}))
    with pytest.raises(InputError, match="has no captions"):
        read_captions(labels)
    for change, sentence in (
        ({"captions": "a fox"}, "'a fox' is no list of texts"),
        ({"held_out": "no"}, "'no' is neither true nor false"),
        ({"flip": 1}, "'1' is neither true nor false"),
    ):
        about = {"captions": ["a fox"], "flip": True, "held_out": False} | change
        labels.write_text(json.dumps({"pictures": {"a.png": about}}))
        with pytest.raises(InputError, match=sentence):
            read_captions(labels)
    write_caption_world(tmp_path, write_bert)
    pictures = read_captions(labels)
    none = replace(pictures, held_out=torch.ones_like(pictures.held_out))
    with pytest.raises(InputError, match=r"No picture of pack\.tar is left to train on"):
        load_captioned(SourceConfig("pack.tar", labels="labels.json"), tmp_path, none)
    few = SourceConfig("few", labels="labels.json")
    (tmp_path / "few").mkdir()
    with pytest.raises(InputError, match="no images in"):
        load_captioned(few, tmp_path, pictures)
    Image.new("RGB", (4, 4)).save(tmp_path / "few" / pictures.names[0])
    with pytest.raises(InputError, match=r"19 images of labels\.json are not in few"):
        load_captioned(few, tmp_path, pictures)
    (tmp_path / "few" / pictures.names[0]).rename(tmp_path / "few" / "spare.png")
    both = SourceConfig("few", "pack.tar", "labels.json")
    assert len(load_captioned(both, tmp_path, pictures).train.names) > 0


def test_sample_pictures_show_the_first_captions_where_the_recipe_names_none(
    tmp_path: Path,
) -> None:
    write_caption_world(tmp_path, write_bert)
    recipe = caption_recipe(tmp_path)
    named = 'grid_classes = ["a fox", "apple"]'
    text = recipe.read_text(encoding="utf-8")
    assert named in text
    recipe.write_text(text.replace(named, ""), encoding="utf-8")
    run_session(TrainingSession(recipe, tmp_path, tmp_path / "out", device="cpu", steps=3))
    with Image.open(tmp_path / "out" / "samples" / "00000003.png") as grid:
        assert grid.width == 2 * grid.height  # the pictures have two


def test_a_killed_text_training_goes_on_exactly_through_both_sizes(tmp_path: Path) -> None:
    write_caption_world(tmp_path, write_bert)
    recipe = caption_recipe(tmp_path)

    def session(out: str) -> TrainingSession:
        return TrainingSession(recipe, tmp_path, tmp_path / out, device="cpu")

    notes: list[str] = []
    card = run_session(session("whole"), on_note=notes.append)
    assert notes == [
        "Training on cpu in float32.",
        f"Encoding the images once, at {SIDE} px.",
        f"Encoding the images once, at {SIDE // 2} px.",
        "Embedding the captions once.",
    ]
    assert card is not None
    assert card.architecture == "text-patch-forcing"
    assert card.sizes["text_dim"] == 16
    assert card.pixels == SIDE
    assert card.text_encoder == str(tmp_path / "encoder")

    def stop(advance: Advance) -> None:
        if advance.step == 5:
            raise SystemExit

    with pytest.raises(SystemExit):
        run_session(session("killed"), stop)
    notes.clear()
    run_session(session("killed"), on_note=notes.append)
    assert notes[1:] == ["Going on after step 3 of 6."]
    for name in ("log.csv", "validation.csv"):
        whole, killed = ((tmp_path / out / name).read_text() for out in ("whole", "killed"))
        assert _without_seconds(whole) == _without_seconds(killed)
    weights = [tmp_path / out / "model" / "model.safetensors" for out in ("whole", "killed")]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    sizes = set()
    for path in (tmp_path / "whole").glob("latents-*.safetensors"):
        with safe_open(path, "pt") as file:
            train, labels = file.get_tensor("train.latents"), file.get_tensor("train.labels")
            sizes.add(train.shape[-1])
            assert len(train) == len(labels) == 16 + 8  # mirrored: every second one may be
            assert labels[16:].tolist() == [i for i in labels[:16].tolist() if i % 2 == 0]
    assert sizes == {SIDE // 4, SIDE // 8}
    for step, side in ((3, SIDE // 2), (6, SIDE)):
        with Image.open(tmp_path / "whole" / "samples" / f"{step:08d}.png") as grid:
            assert grid.size == (2 * side, side)


def _without_seconds(table: str) -> list[list[str]]:
    rows = [line.split(",") for line in table.splitlines()]
    column = rows[0].index("seconds") if "seconds" in rows[0] else len(rows[0])
    return [row[:column] for row in rows]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("text_encoder", "# text_encoder", "text_encoder belongs to"),
        ('kind = "text-patch-forcing"', 'kind = "patch-forcing"', "text_encoder belongs to"),
        ('kind = "text-patch-forcing"', 'kind = "text-dit"', "needs generator.time"),
    ],
)
def test_recipes_that_mix_up_classes_and_captions_are_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    recipe = caption_recipe(tmp_path)
    recipe.write_text(recipe.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        run_session(TrainingSession(recipe, tmp_path, tmp_path / "out", device="cpu"))
