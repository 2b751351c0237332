"""Models are installed whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from pfstudio.cli.main import main
from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.models import find_model, models_folder
from pfstudio.core.paths import shipped
from pfstudio.weights import disk, store
from pfstudio.weights.disk import sha256_of
from pfstudio.weights.load import load_network
from pfstudio.weights.store import import_model, save_model, verify_model


@pytest.fixture
def checkpoint(parity: Path) -> Path:
    return parity / "patch_forcing" / "ckpt" / "step000010.ckpt"


def leftovers() -> list[str]:
    """Everything in the models folder, hidden files too."""
    return sorted(os.listdir(models_folder())) if models_folder().is_dir() else []


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    pairs = zip(a.state_dict().items(), b.state_dict().items(), strict=True)
    return all(k == m and torch.equal(v, w) for (k, v), (m, w) in pairs)


@pytest.mark.parametrize("weights", ["ema", "raw"])
def test_import_and_verify(checkpoint: Path, weights: str) -> None:
    made = import_model(checkpoint, "tiny", weights)
    assert leftovers() == ["tiny"]
    card = made.model.card
    assert (card.name, card.architecture, card.sizes["num_heads"]) == ("tiny", "patch-forcing", 2)
    assert card.non_commercial
    assert any("non-commercial" in notice for notice in made.found.notices)
    installed = load_network("tiny")
    assert same(installed.network, load_network(checkpoint, weights).network)
    assert installed.card == card
    assert any("non-commercial" in notice for notice in installed.notices)
    assert verify_model("tiny").card.sha256 == card.sha256 != ""


def test_whoever_may_read_the_card_may_read_the_weights(checkpoint: Path) -> None:
    folder = import_model(checkpoint, "tiny").model.folder
    modes = {(folder / name).stat().st_mode for name in (WEIGHTS_NAME, CARD_NAME)}
    assert len(modes) == 1


def test_the_files_name_is_the_default(checkpoint: Path, tmp_path: Path) -> None:
    shutil.copy(checkpoint, tmp_path / "My model (v 2).ckpt")
    assert import_model(tmp_path / "My model (v 2).ckpt").model.name == "My-model-v-2"


def test_our_own_folder_can_be_imported_under_another_name(checkpoint: Path) -> None:
    first = import_model(checkpoint, "one").model
    second = import_model(first.folder, "two").model
    assert (second.name, second.card.sha256) == ("two", first.card.sha256)
    assert same(load_network("one").network, load_network("two").network)


@pytest.mark.parametrize("name", ["../evil", "a/b", ".hidden", "a b", "x" * 101, "-"])
def test_unusable_names_are_refused(checkpoint: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be the name"):
        import_model(checkpoint, name)
    assert leftovers() == []


def test_a_taken_name_is_refused_and_nothing_changes(checkpoint: Path) -> None:
    import_model(checkpoint, "tiny", "ema")
    with pytest.raises(InputError, match="already is a model named tiny"):
        import_model(checkpoint, "tiny", "raw")
    assert same(load_network("tiny").network, load_network(checkpoint, "ema").network)


def test_a_bad_file_leaves_nothing(tmp_path: Path, checkpoint: Path) -> None:
    (tmp_path / "cut.ckpt").write_bytes(checkpoint.read_bytes()[:50_000])
    with pytest.raises(InputError, match="cut short"):
        import_model(tmp_path / "cut.ckpt")
    assert leftovers() == []


FULL = OSError(errno.ENOSPC, "No space left on device")
DISK_ERRORS: dict[str, tuple[Exception, str]] = {
    "full": (FULL, "disk that holds .* is full"),
    "full, as safetensors tells it": (
        SafetensorError("I/O error: No space left on device (os error 28)"),
        "disk that holds .* is full",
    ),
    "read-only": (PermissionError(errno.EACCES, "Permission denied"), "is read-only"),
    "read-only file system": (OSError(errno.EROFS, "Read-only file system"), "is read-only"),
    "failing": (OSError(errno.EIO, "Input/output error"), "cannot be written"),
}


@pytest.mark.parametrize("case", DISK_ERRORS)
def test_a_disk_that_refuses_leaves_nothing(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    error, sentence = DISK_ERRORS[case]

    def fail(tensors: Any, path: Path, **_: Any) -> None:
        path.write_bytes(b"the first half")
        raise error

    monkeypatch.setattr(store, "save_file", fail)
    with pytest.raises(RunError, match=sentence) as caught:
        import_model(checkpoint, "tiny")
    assert caught.value.exit_code == 1
    assert leftovers() == []
    monkeypatch.undo()


def test_a_disk_that_fills_up_with_the_card_leaves_nothing(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, *_: Any, **__: Any) -> None:
        raise FULL

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(RunError, match="is full"):
        import_model(checkpoint, "tiny")
    assert leftovers() == []


def test_a_disk_without_enough_room_is_told_before_writing(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 100))
    with pytest.raises(RunError, match="needs 0 MB, but only 0 MB are free"):
        import_model(checkpoint, "tiny")
    assert leftovers() == []


def test_a_models_folder_that_cannot_be_made_is_told(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PFSTUDIO_DATA", str(tmp_path / "file"))
    with pytest.raises(RunError, match="cannot be written"):
        import_model(checkpoint, "tiny")


def test_an_interrupted_import_leaves_nothing(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(tensors: Any, path: Path, **_: Any) -> None:
        path.write_bytes(b"the first half")
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "save_file", interrupt)
    with pytest.raises(KeyboardInterrupt):
        import_model(checkpoint, "tiny")
    assert leftovers() == []


def test_what_a_killed_import_left_is_swept_away(checkpoint: Path) -> None:
    stale = models_folder() / ".pfstudio-4194305-0.part"  # no system has this process
    stale.mkdir(parents=True)
    (stale / WEIGHTS_NAME).write_bytes(b"half")
    os.utime(stale, (0, 0))
    assert find_model("tiny") is None
    import_model(checkpoint, "tiny")
    assert leftovers() == ["tiny"]


def test_altered_weights_are_found(checkpoint: Path) -> None:
    model = import_model(checkpoint, "tiny").model
    path = model.folder / WEIGHTS_NAME
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(RunError, match="do not match the check sum"):
        verify_model("tiny")


def test_only_an_installed_model_is_verified() -> None:
    with pytest.raises(InputError, match="no installed model named 'nothing'"):
        verify_model("nothing")


def test_shipped_models_cannot_be_removed(
    checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = import_model(checkpoint, "tiny").model
    shutil.copytree(model.folder, tmp_path / "models" / "came-along")
    monkeypatch.setattr(
        "pfstudio.core.models.shipped",
        lambda *parts: tmp_path.joinpath(*parts) if parts == ("models",) else shipped(*parts),
    )
    assert load_network("came-along").card.name == "tiny"
    assert main(["models", "remove", "came-along"]) == 2
    assert "shipped with the program" in capsys.readouterr().err
    assert (tmp_path / "models" / "came-along" / WEIGHTS_NAME).is_file()


def test_save_model_replaces_at_once_and_accepts_views(tmp_path: Path) -> None:
    card = ModelCard("m", "M", "patch-forcing")
    shared = torch.arange(12.0)
    save_model(tmp_path / "m", card, {"a": shared[:6], "b": shared[6:].reshape(2, 3).T})
    card = save_model(tmp_path / "m", card, {"a": shared[6:]})
    assert torch.equal(load_file(tmp_path / "m" / WEIGHTS_NAME)["a"], shared[6:])
    assert ModelCard.read(tmp_path / "m") == card
    assert os.listdir(tmp_path) == ["m"]


def test_save_model_keeps_what_else_lies_there(tmp_path: Path) -> None:
    card = ModelCard("m", "M", "patch-forcing")
    save_model(tmp_path / "m", card, {"a": torch.zeros(1)})
    (tmp_path / "m" / "classes.webp").write_bytes(b"pictures")
    save_model(tmp_path / "m", card, {"a": torch.ones(1)})
    assert (tmp_path / "m" / "classes.webp").read_bytes() == b"pictures"
    assert load_file(tmp_path / "m" / WEIGHTS_NAME)["a"] == 1


@pytest.mark.parametrize("at_once", [True, False])
def test_a_whole_model_is_there_at_every_moment_of_its_replacement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """Looked at after each renaming; `at_once` only where the system can exchange two folders."""
    card, moments = ModelCard("m", "M", "patch-forcing"), []

    def look() -> None:
        names = sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".")
        moments.append(names)
        for name in names:
            now = ModelCard.read(tmp_path / name)
            assert now.sha256 == sha256_of(tmp_path / name / WEIGHTS_NAME)

    def seen(rename: Callable[..., Any]) -> Callable[..., Any]:
        def renamed(*paths: Path) -> Any:
            done = rename(*paths)
            look()
            return done

        return renamed

    save_model(tmp_path / "m", card, {"a": torch.zeros(1)})
    if not at_once:
        monkeypatch.setattr(disk, "exchange", lambda one, other: False)
    monkeypatch.setattr(disk, "exchange", seen(disk.exchange))
    monkeypatch.setattr(os, "replace", seen(os.replace))
    save_model(tmp_path / "m", card, {"a": torch.ones(1)})
    look()
    assert moments == [["m"]] * 2 if at_once else [["m"], ["m.old"], ["m", "m.old"], ["m"], ["m"]]
    assert load_file(tmp_path / "m" / WEIGHTS_NAME)["a"] == 1
    assert os.listdir(tmp_path) == ["m"]
