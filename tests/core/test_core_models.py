"""Models are found by their cards, without torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.core import models
from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard


def add(root: Path, name: str, task: str = "generate", title: str = "") -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    card = ModelCard(name, title or name, "some", {"depth": 2}, task=task, classes=("cat", "dog"))
    (folder / CARD_NAME).write_text(card.to_json(), encoding="utf-8")
    (folder / WEIGHTS_NAME).write_bytes(b"12345")
    return folder


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The user's folder and the shipped one, both empty."""
    monkeypatch.setattr(models, "shipped", lambda *parts: tmp_path.joinpath("shipped", *parts))
    return models.models_folder(), tmp_path / "shipped" / "models"


def test_nothing_installed(roots: tuple[Path, Path]) -> None:
    assert models.installed_models() == ()
    assert models.broken_models() == ()
    assert models.find_model("x") is None


def test_shipped_and_own_models_are_listed_by_name(roots: tuple[Path, Path]) -> None:
    own, shipped = roots
    add(shipped, "b-shipped")
    add(shipped, "ae", "autoencode")
    add(own, "a-own")
    found = models.installed_models()
    assert [(m.name, m.shipped, m.card.task) for m in found] == [
        ("a-own", False, "generate"),
        ("ae", True, "autoencode"),
        ("b-shipped", True, "generate"),
    ]
    assert [m.name for m in models.installed_models("generate")] == ["a-own", "b-shipped"]
    assert found[0].bytes == 5
    assert found[0].card.classes == ("cat", "dog")
    assert models.find_model("a-own") == found[0]


def test_the_users_models_come_first_and_then_the_default_ones_in_order(
    roots: tuple[Path, Path],
) -> None:
    own, shipped = roots
    for name in ("a-shipped", *reversed(models.DEFAULT_MODELS)):
        add(shipped, name)
    add(own, "z-own")
    names = [model.name for model in models.installed_models("generate")]
    assert names == ["z-own", *models.DEFAULT_MODELS, "a-shipped"]


def test_the_users_model_hides_a_shipped_one_of_the_same_name(roots: tuple[Path, Path]) -> None:
    own, shipped = roots
    add(shipped, "same", title="shipped")
    add(own, "same", title="own")
    (only,) = models.installed_models()
    assert (only.card.title, only.shipped) == ("own", False)
    assert models.find_model("same") == only
    (own / "same" / WEIGHTS_NAME).unlink()  # what cannot be loaded hides nothing
    (only,) = models.installed_models()
    assert (only.card.title, only.shipped) == ("shipped", True)
    assert models.find_model("same") == only


def test_a_model_is_found_without_reading_the_others(
    roots: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    original = ModelCard.read

    def note(folder: Path) -> ModelCard:
        read.append(folder.name)
        return original(folder)

    for name in "abc":
        add(roots[0], name)
    monkeypatch.setattr(ModelCard, "read", note)
    assert models.find_model("b") is not None
    assert read == ["b"]


def test_broken_folders_are_told_and_do_not_hide_the_others(roots: tuple[Path, Path]) -> None:
    own, _ = roots
    add(own, "good")
    (add(own, "torn") / CARD_NAME).write_text('{"name": "to', encoding="utf-8")
    (add(own, "aimless", task="") / CARD_NAME).write_text('{"name": "a", "title": "A"}')
    (add(own, "hollow") / WEIGHTS_NAME).unlink()
    (own / "unrelated").mkdir()
    (own / "notes.txt").write_text("hello")
    add(own, ".unfinished.123.part")
    assert [m.name for m in models.installed_models()] == ["good"]
    broken = {folder.name: why for folder, why in models.broken_models()}
    assert broken.keys() == {"torn", "hollow", "aimless"}
    assert "not a model card" in broken["torn"]
    assert "names no task" in broken["aimless"]
    assert WEIGHTS_NAME in broken["hollow"]


def test_a_card_is_read_once_until_it_changes(
    roots: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = add(roots[0], "mine", title="First")
    reads = []
    read = ModelCard.read
    monkeypatch.setattr(ModelCard, "read", lambda path: reads.append(path) or read(path))
    for _ in range(2):
        found = models.find_model("mine")
        assert found is not None
        assert found.card.title == "First"
    assert reads == [folder]
    card = ModelCard("mine", "A longer one", "some", task="generate")
    (folder / CARD_NAME).write_text(card.to_json(), encoding="utf-8")
    found = models.find_model("mine")
    assert found is not None
    assert found.card.title == "A longer one"


def test_figures_that_are_not_known_leave_the_card_readable() -> None:
    quality = {"rank correlation": float("nan"), "loss in segments": [0.5, float("inf")]}
    card = ModelCard("m", "M", "some", task="generate", quality=quality)
    read = ModelCard.from_json(card.to_json())
    assert read.quality == {"rank correlation": None, "loss in segments": [0.5, None]}
