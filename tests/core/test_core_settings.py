"""Settings: sparse, typed, in one piece, and never overwritten when they cannot be read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pfstudio.core.errors import InputError
from pfstudio.core.settings import (
    Settings,
    load_settings,
    read_document,
    save_settings,
    settings_path,
    write_document,
)


def test_only_what_differs_is_stored() -> None:
    settings = replace(Settings(), theme="light", shortcuts=(("run.stop", "F2"),))
    save_settings(settings)
    stored = json.loads(settings_path().read_text())
    assert stored == {"version": 1, "theme": "light", "shortcuts": [["run.stop", "F2"]]}
    assert load_settings() == (settings, "")


def test_no_file_means_the_defaults() -> None:
    assert load_settings() == (Settings(), "")


@pytest.mark.parametrize("text", ["{", "[]", '{"theme": "dark"}', '{"version": "x"}', "\x00\xff"])
def test_a_damaged_file_is_kept_aside(text: str) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text(text, encoding="latin-1")
    settings, notice = load_settings()
    assert settings == Settings()
    aside = list(settings_path().parent.glob("settings.*.broken.json"))
    assert [path.read_text(encoding="latin-1") for path in aside] == [text]
    assert aside[0].name in notice
    assert not settings_path().exists()


def test_a_newer_file_is_kept_aside() -> None:
    write_document(settings_path(), 99, {"theme": "dark"})
    settings, notice = load_settings()
    assert settings == Settings()
    assert "newer" in notice


def test_one_unusable_value_costs_only_itself() -> None:
    values = {"theme": "light", "threads": -3, "preview_share": "much", "from_the_future": 1}
    write_document(settings_path(), 1, values)
    settings, notice = load_settings()
    assert settings == replace(Settings(), theme="light")
    assert "threads" in notice
    assert "preview share" in notice


@pytest.mark.parametrize(
    "values", [{"theme": "pink"}, {"threads": 1.5}, {"preview_share": 2.0}, {"notify_finished": 1}]
)
def test_values_are_checked(values: dict[str, object]) -> None:
    with pytest.raises(InputError):
        replace(Settings(), **values)


def test_compute_travels_into_requests() -> None:
    settings = replace(Settings(), device="cpu", precision="float32", threads=2)
    compute = settings.compute
    assert (compute.device, compute.precision, compute.threads) == ("cpu", "float32", 2)


def test_a_document_comes_back_without_its_version() -> None:
    path = settings_path().with_name("other.json")
    write_document(path, 3, {"a": [1, 2]})
    assert read_document(path, 3) == ({"a": [1, 2]}, "")
