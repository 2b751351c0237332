from __future__ import annotations

import json
from typing import Any

import pytest
from core_strategies import conditions
from hypothesis import given

from pfstudio.core.card import ModelCard
from pfstudio.core.class_names import conditions_from_words
from pfstudio.core.conditions import (
    CONDITION_KINDS,
    DEFAULT_CONDITIONS,
    ClassLabel,
    NoCondition,
    PictureCondition,
    Prompt,
    check_conditions,
    condition_from_json,
    condition_json,
    condition_name,
    conditions_title,
    labels,
)
from pfstudio.core.errors import InputError
from pfstudio.core.requests import GenerateRequest

NAMES = ("tabby cat", "dog")
CARDS = {
    "class": ModelCard("emoji", "Emoji", "patch-forcing", condition="class", classes=NAMES),
    "text": ModelCard("writer", "Writer", "patch-forcing", condition="text"),
    "none": ModelCard("dreamer", "Dreamer", "patch-forcing", condition="none"),
}


@given(several=conditions())
def test_conditions_survive_json(several: tuple[PictureCondition, ...]) -> None:
    for one in several:
        assert condition_from_json(json.loads(json.dumps(condition_json(one)))) == one


def test_every_kind_has_a_default_of_its_own_kind() -> None:
    assert DEFAULT_CONDITIONS.keys() == CONDITION_KINDS.keys()
    assert all(one.kind == kind for kind, one in DEFAULT_CONDITIONS.items())
    assert GenerateRequest().conditions == (DEFAULT_CONDITIONS["class"],)


@pytest.mark.parametrize(
    "data", [{"kind": "smell"}, {"kind": "class", "index": -1}, {"kind": "text", "text": 3}, {}, 7]
)
def test_what_is_no_condition_is_refused_in_a_recipe(data: Any) -> None:
    recipe = json.loads(GenerateRequest().to_json())
    recipe["conditions"] = [data]
    with pytest.raises(InputError):
        GenerateRequest.from_json(json.dumps(recipe))


@pytest.mark.parametrize("index", [-1, 1.5, True, "3"])
def test_a_class_is_a_whole_number_from_0(index: Any) -> None:
    with pytest.raises(InputError, match="Index is"):
        ClassLabel(index)


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (ClassLabel(1), "dog"),
        (ClassLabel(7), "class 7"),
        (Prompt("a red\nfox ", "blue"), "a red fox"),
        (Prompt(), "no prompt"),
        (NoCondition(), "unconditional"),
    ],
)
def test_names_on_screen(one: PictureCondition, name: str) -> None:
    assert condition_name(one, NAMES) == name


def test_a_title_is_short() -> None:
    assert conditions_title(labels(0, 1, 2, 3), NAMES) == "tabby cat, dog, class 2"
    title = conditions_title((Prompt("a very long story " * 40),))
    assert title.startswith("a very long story")
    assert title.endswith("…")
    assert len(title) <= 48


def test_a_request_holds_one_kind_and_repeats_it() -> None:
    request = GenerateRequest(conditions=labels(4, 7), count=2)
    assert request.images == 4
    assert request.per_image == labels(4, 7, 4, 7)
    with pytest.raises(InputError, match="cannot be mixed"):
        GenerateRequest(conditions=(ClassLabel(1), Prompt("a fox")))
    with pytest.raises(InputError, match="Nothing was said"):
        GenerateRequest(conditions=())


@pytest.mark.parametrize("takes", CARDS)
@pytest.mark.parametrize("given_kind", CARDS)
def test_a_model_follows_its_own_kind_only(takes: str, given_kind: str) -> None:
    several = [DEFAULT_CONDITIONS[given_kind]]
    if takes == given_kind:
        check_conditions(several, takes, "m", 1)
    else:
        with pytest.raises(InputError, match="m takes"):
            check_conditions(several, takes, "m", 1)


def test_a_class_that_the_model_lacks_is_named() -> None:
    check_conditions(labels(0, 4), "class", "m", 5)
    with pytest.raises(InputError, match="m has no class 5"):
        check_conditions(labels(0, 5), "class", "m", 5)


def test_words_become_conditions() -> None:
    assert conditions_from_words(["dog", "0"], [], "", CARDS["class"], 2) == labels(1, 0)
    assert conditions_from_words([], ["a", "b"], "c", CARDS["text"], 0) == (
        Prompt("a", "c"),
        Prompt("b", "c"),
    )
    assert conditions_from_words([], [], "", CARDS["none"], 0) == (NoCondition(),)


@pytest.mark.parametrize(
    ("classes", "prompts", "negative", "kind", "sentence"),
    [
        (["0"], ["a"], "", "class", "cannot be mixed"),
        ([], ["a"], "", "class", "emoji takes no text"),
        ([], [], "a", "class", "emoji takes no text"),
        (["0"], [], "a", "class", "emoji takes no text"),
        ([], ["a"], "", "none", "dreamer takes no text"),
        (["0"], [], "", "text", "writer takes no classes"),
        (["0"], [], "", "none", "dreamer takes no classes"),
        ([], [], "", "text", "No prompt was given"),
        ([], [" "], "", "text", "The prompt is empty"),
        ([], [], "a", "text", "No prompt was given"),
        (["fox"], [], "", "class", "no class named 'fox'"),
    ],
)
def test_words_that_do_not_fit_the_model(
    classes: list[str], prompts: list[str], negative: str, kind: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        conditions_from_words(classes, prompts, negative, CARDS[kind], 2)


@pytest.mark.parametrize(
    ("text", "problem"), [("a \ud800 cat", "Letter 3"), ("a" * 100_001, "100,001 letters")]
)
def test_a_prompt_is_text_of_some_length(text: str, problem: str) -> None:
    for condition in ({"text": text}, {"text": "a cat", "negative": text}):
        with pytest.raises(InputError, match=problem):
            Prompt(**condition)


def test_the_prompt_of_a_request_is_that_of_its_first_images() -> None:
    assert GenerateRequest(conditions=(Prompt("a cat"), Prompt("a dog"))).prompt == "a cat"
    assert GenerateRequest(conditions=labels(1)).prompt == ""
