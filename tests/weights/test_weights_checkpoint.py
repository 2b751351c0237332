"""Published checkpoints load and give the stored results; every bad file ends in one sentence."""

from __future__ import annotations

import argparse
import functools
import json
import random
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from patch_forcing_vectors import predict
from PIL import Image
from safetensors.torch import load_file, save_file

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.nn.dit import DiffusionTransformer
from pfstudio.nn.patch_forcing import (
    PatchForcingConfig,
    PatchForcingTransformer,
    infer_sizes,
    likely_heads,
)
from pfstudio.nn.registry import recognise as recognise_tensors
from pfstudio.nn.repa import RepaConfig, RepaPatchForcingTransformer
from pfstudio.weights.build import without_values
from pfstudio.weights.load import LoadedNetwork, load_network

TINY = PatchForcingConfig(4, 8, 2, 16, 1, 2, num_classes=10)


@pytest.fixture
def folder(parity: Path) -> Path:
    return parity / "patch_forcing" / "ckpt"


@pytest.fixture
def compact(folder: Path) -> dict[str, Any]:
    """A fresh, writable tree of the compact checkpoint."""
    return torch.load(folder / "step000010_ema_model.ckpt", weights_only=True)


def compare(loaded: LoadedNetwork, folder: Path, which: str) -> None:
    vectors = load_file(folder / "vectors.safetensors")
    x = vectors["x"]
    with torch.no_grad():
        t = vectors["t"].reshape(len(x), 4, 4)
        v, log_variance = predict(loaded.network, x, t, vectors["y"])
    assert (v - vectors[f"{which}_v"]).abs().max() < 5e-6
    assert (log_variance - vectors[f"{which}_logvar"]).abs().max() < 5e-6


@pytest.mark.parametrize(
    ("file", "weights", "which"),
    [
        ("step000010.ckpt", "ema", "ema"),
        ("step000010.ckpt", "raw", "model"),
        ("step000010_ema_model.ckpt", "ema", "ema"),
    ],
)
def test_published_layouts_give_the_stored_results(
    folder: Path, file: str, weights: str, which: str
) -> None:
    loaded = load_network(folder / file, weights)
    compare(loaded, folder, which)
    assert loaded.card.sizes["num_heads"] == 2
    assert not loaded.network.training


def test_a_file_without_averaged_weights_says_so(
    folder: Path, tmp_path: Path, compact: dict[str, Any]
) -> None:
    state = {f"model.{key}": value for key, value in compact["state_dict"].items()}
    torch.save(
        {"state_dict": state, "hyper_parameters": {"model": compact["config"]}}, tmp_path / "x.ckpt"
    )
    loaded = load_network(tmp_path / "x.ckpt")
    compare(loaded, folder, "ema")
    assert "holds no averaged (EMA) weights" in loaded.notices[0]


def test_a_licence_notice_comes_with_a_published_checkpoint(folder: Path) -> None:
    loaded = load_network(folder / "step000010_ema_model.ckpt")
    assert loaded.card.non_commercial
    assert any("non-commercial" in notice for notice in loaded.notices)


@pytest.mark.parametrize("config", [None, {"target": "other.Net", "params": {"x": 1}}, "odd"])
def test_sizes_come_from_the_shapes_where_the_configuration_is_missing_or_foreign(
    folder: Path, tmp_path: Path, compact: dict[str, Any], config: Any
) -> None:
    torch.save({"state_dict": compact["state_dict"], "config": config}, tmp_path / "x.ckpt")
    loaded = load_network(tmp_path / "x.ckpt", heads=2)
    compare(loaded, folder, "ema")
    assert loaded.network.config == TINY


def test_bare_safetensors_load_by_their_shapes_and_say_what_was_assumed(
    folder: Path, tmp_path: Path, compact: dict[str, Any]
) -> None:
    save_file(compact["state_dict"], tmp_path / "x.safetensors")
    loaded = load_network(tmp_path / "x.safetensors")
    assert any("16 is assumed" in notice for notice in loaded.notices)
    compare(load_network(tmp_path / "x.safetensors", heads=2), folder, "ema")


@pytest.mark.parametrize("hidden", [115, 122, 224])
def test_a_feed_forward_may_have_any_width(tmp_path: Path, hidden: int) -> None:
    # In float64 56 * (115 / 56) is a little less than 115.
    network = DiffusionTransformer(PatchForcingConfig(4, 4, 2, 56, 1, 2, hidden / 56, 3))
    state = network.state_dict()
    state |= {
        "blocks.0.mlp.fc1.weight": torch.randn(hidden, 56),
        "blocks.0.mlp.fc1.bias": torch.randn(hidden),
        "blocks.0.mlp.fc2.weight": torch.randn(56, hidden),
    }
    save_file(state, tmp_path / "x.safetensors")
    loaded = load_network(tmp_path / "x.safetensors", heads=2).network.state_dict()
    assert torch.equal(loaded["blocks.0.mlp.fc1.weight"], state["blocks.0.mlp.fc1.weight"])


@pytest.mark.parametrize(
    ("prefix", "weights", "told"),
    [("model.", "ema", False), ("ema_model.", "ema", False), ("ema_model.", "raw", True)],
)
def test_bare_weights_say_only_that_they_are_averages(
    tmp_path: Path, compact: dict[str, Any], prefix: str, weights: str, told: bool
) -> None:
    save_file({prefix + k: v for k, v in compact["state_dict"].items()}, tmp_path / "x.safetensors")
    notices = load_network(tmp_path / "x.safetensors", weights, heads=2).notices
    assert any("holds no raw weights" in notice for notice in notices) is told
    assert not any("averaged" in notice for notice in notices)


def test_a_configuration_of_another_package_does_not_hinder(
    folder: Path, tmp_path: Path, compact: dict[str, Any]
) -> None:
    class Config(dict[str, Any]):
        """Stands for a class that is not installed where the file is read."""

    Config.__module__, Config.__qualname__ = "somebodys_package", "Config"
    import sys
    import types

    package = types.ModuleType("somebodys_package")
    package.Config = Config  # type: ignore[attr-defined]
    sys.modules["somebodys_package"] = package
    try:
        torch.save(
            {"state_dict": compact["state_dict"], "config": Config(a=1)}, tmp_path / "x.ckpt"
        )
    finally:
        del sys.modules["somebodys_package"]
    compare(load_network(tmp_path / "x.ckpt", heads=2), folder, "ema")


def test_the_baseline_and_the_repa_variant_are_recognised(tmp_path: Path) -> None:

    repa = RepaConfig(4, 8, 2, 16, 2, 2, num_classes=10, z_dim=6, encoder_depth=2, projector_dim=12)
    networks = {
        "patch-forcing": PatchForcingTransformer(TINY),
        "dit": DiffusionTransformer(TINY),
        "patch-forcing-repa": RepaPatchForcingTransformer(repa),
    }
    for name, network in networks.items():
        path = tmp_path / f"{name}.ckpt"
        torch.save({"state_dict": network.state_dict(), "config": {"num_heads": 2}}, path)
        loaded = load_network(path)
        assert loaded.card.architecture == name
        assert type(loaded.network) is type(network)
        assert loaded.network.config == network.config


@pytest.mark.parametrize(
    ("width", "heads"), [(768, 12), (1024, 16), (1152, 16), (384, 6), (256, 4), (56, 14), (16, 16)]
)
def test_likely_heads(width: int, heads: int) -> None:
    assert likely_heads(width) == heads
    assert width % heads == 0


def test_official_sizes_are_recognised_with_their_class_names() -> None:
    with without_values():
        state = PatchForcingTransformer(PatchForcingConfig()).state_dict()
    sizes = infer_sizes(state, {}, "pft-b_step400k_ema.ckpt", 0)
    assert PatchForcingConfig(**sizes.values) == PatchForcingConfig()
    assert recognise_tensors(state).name == "patch-forcing"  # type: ignore[union-attr]
    from pfstudio.weights.catalogue import imagenet_classes, recognise

    assert recognise("patch-forcing", sizes.values).name == "pft-b"  # type: ignore[union-attr]
    assert recognise("dit", sizes.values) is None
    names = imagenet_classes()
    assert len(set(names)) == 1000
    assert (names[0], names[207], names[999]) == ("tench", "Golden Retriever", "toilet paper")


# --- bad input --------------------------------------------------------------------------------

Change = Callable[[Path, dict[str, Any]], None]


def _resave(change: Callable[[dict[str, torch.Tensor]], None]) -> Change:
    def make(path: Path, tree: dict[str, Any]) -> None:
        change(tree["state_dict"])
        torch.save(tree, path)

    return make


def _cut(share: float) -> Change:
    def make(path: Path, tree: dict[str, Any]) -> None:
        torch.save(tree, path)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])

    return make


def _set(key: str, value: Any) -> Change:
    return _resave(lambda state: state.__setitem__(key, value))


def _without(key: str) -> Change:
    return _resave(lambda state: state.__delitem__(key))


def _poison(value: float) -> Change:
    def change(state: dict[str, torch.Tensor]) -> None:
        state["blocks.0.attn.qkv.weight"][3, 5] = value

    return _resave(change)


def _legacy(path: Path, tree: dict[str, Any]) -> None:
    torch.save(tree, path, _use_new_zipfile_serialization=False)


def _as_safetensors(path: Path, tree: dict[str, Any]) -> None:
    save_file(tree["state_dict"], path.with_suffix(".safetensors"))
    data = path.with_suffix(".safetensors").read_bytes()
    path.write_bytes(data[:5000])


def _picture(path: Path, tree: dict[str, Any]) -> None:
    Image.new("RGB", (8, 8)).save(path, format="PNG")


def _page(path: Path, tree: dict[str, Any]) -> None:
    path.write_text("<!DOCTYPE html><html><body>404 Not Found</body></html>")


BAD: dict[str, tuple[Change, str]] = {
    "empty": (lambda path, _: path.touch(), r"empty \(0 bytes\)"),
    "truncated": (_cut(0.6), "cut short"),
    "truncated at once": (_cut(0.001), "cut short"),
    "renamed image": (_picture, "not a checkpoint: it is a PNG image"),
    "web page": (_page, "it is a web page"),
    "random bytes": (lambda path, _: path.write_bytes(b"\x07" * 999), "a file of an unknown kind"),
    "truncated safetensors called .ckpt": (_as_safetensors, "damaged"),
    "format of 2019": (_legacy, "bare pickle"),
    "another archive": (
        lambda path, _: __import__("zipfile").ZipFile(path, "w").writestr("a.txt", "a"),
        "zip archive, but not a checkpoint",
    ),
    "no weights": (lambda path, _: torch.save({"epoch": 3}, path), "holds no weights"),
    "a number": (lambda path, _: torch.save(3, path), "holds no weights"),
    "other network": (
        lambda path, _: torch.save({"state_dict": {"conv.weight": torch.ones(2)}}, path),
        "of no known architecture",
    ),
    "wrong shape": (_set("blocks.0.attn.proj.weight", torch.ones(16, 17)), "1 of its tensors does"),
    "wrong rank": (
        _set("x_embedder.proj.weight", torch.ones(16)),
        "not a whole checkpoint of patch-forcing",
    ),
    "missing tensor": (_without("blocks.0.attn.qkv.bias"), "does not fit"),
    "unexpected tensor": (_set("blocks.0.extra", torch.ones(3)), "does not fit"),
    "odd final rows": (_set("final_layer.linear.weight", torch.ones(17, 16)), "17 rows"),
    "impossible depth": (
        _set("blocks.999999999.attn.qkv.weight", torch.ones(3)),
        "impossible number of layers",
    ),
    "NaN": (_poison(float("nan")), "attn.qkv.weight holds values that are not numbers"),
    "infinity": (_poison(float("inf")), "not numbers"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_end_in_one_sentence(tmp_path: Path, compact: dict[str, Any], case: str) -> None:
    make, expected = BAD[case]
    path = tmp_path / "bad.ckpt"
    make(path, compact)
    with pytest.raises(InputError, match=expected) as caught:
        load_network(path)
    message = str(caught.value)
    assert "bad.ckpt" in message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 300
    assert caught.value.exit_code == 2


@pytest.mark.filterwarnings("ignore:invalid escape")  # of pickletools, about damaged names
@pytest.mark.parametrize("suffix", [".ckpt", ".safetensors"])
def test_any_damage_ends_in_a_sentence_or_loads(
    folder: Path, tmp_path: Path, compact: dict[str, Any], suffix: str
) -> None:
    path = tmp_path / f"bad{suffix}"
    good = (folder / "step000010_ema_model.ckpt").read_bytes()
    if suffix == ".safetensors":
        save_file(compact["state_dict"], path)
        good = path.read_bytes()
    chance = random.Random(1)
    told = 0
    for _ in range(60):
        data = bytearray(good)
        for _ in range(chance.choice([1, 3, 10])):
            data[chance.randrange(2600)] = chance.randrange(256)
        path.write_bytes(data)
        try:
            load_network(path)
        except InputError:
            told += 1
    assert 30 < told <= 60


def test_the_difference_report_names_tensors_and_shapes(
    tmp_path: Path, compact: dict[str, Any]
) -> None:
    state = compact["state_dict"]
    state["blocks.0.attn.proj.bias"] = torch.ones(9)
    del state["t_embedder.mlp.2.bias"]
    torch.save(compact, tmp_path / "x.ckpt")
    with pytest.raises(InputError, match="2 of its tensors do not fit") as caught:
        load_network(tmp_path / "x.ckpt")
    assert "missing t_embedder.mlp.2.bias (16,)" in caught.value.advice
    assert "blocks.0.attn.proj.bias is (9,) instead of (16,)" in caught.value.advice


def test_unusual_but_finite_weights_are_accepted(tmp_path: Path, compact: dict[str, Any]) -> None:
    compact["state_dict"]["blocks.0.attn.qkv.weight"].fill_(3e38)  # their sum is infinite
    torch.save(compact, tmp_path / "x.ckpt")
    load_network(tmp_path / "x.ckpt")


def test_safetensors_renamed_to_ckpt_still_load(tmp_path: Path, compact: dict[str, Any]) -> None:
    save_file(compact["state_dict"], tmp_path / "x.safetensors")
    (tmp_path / "x.safetensors").rename(tmp_path / "x.ckpt")
    assert load_network(tmp_path / "x.ckpt", heads=2).network.config == TINY


def test_a_ckpt_renamed_to_safetensors_is_told(tmp_path: Path, compact: dict[str, Any]) -> None:
    torch.save(compact, tmp_path / "x.safetensors")
    with pytest.raises(InputError, match="zip archive") as caught:
        load_network(tmp_path / "x.safetensors")
    assert "Rename it to .ckpt" in caught.value.advice


@pytest.mark.parametrize("name", ["no-such-model", "no/such/file.ckpt", ""])
def test_unknown_names_are_told(name: str) -> None:
    with pytest.raises(InputError, match="no model or file"):
        load_network(name)


def test_a_known_model_that_is_not_installed_says_how_to_fetch_it() -> None:
    with pytest.raises(InputError, match="not installed") as caught:
        load_network("pft-xl")
    assert caught.value.advice.endswith("pfstudio models download pft-xl")


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder without a model"):
        load_network(tmp_path)


def test_half_precision_becomes_float32(tmp_path: Path, compact: dict[str, Any]) -> None:
    halves = {key: value.bfloat16() for key, value in compact["state_dict"].items()}
    torch.save({"state_dict": halves, "config": compact["config"]}, tmp_path / "x.ckpt")
    network = load_network(tmp_path / "x.ckpt").network
    assert {p.dtype for p in network.parameters()} == {torch.float32}


def test_float32_weights_are_not_copied(folder: Path) -> None:
    """The parameters lie in the mapped file, not in memory of their own."""
    maps = Path("/proc/self/maps")
    if not maps.exists():  # only Linux tells where an address belongs
        return
    network = load_network(folder / "step000010_ema_model.ckpt").network
    spans = [
        tuple(int(side, 16) for side in line.split()[0].split("-"))
        for line in maps.read_text().splitlines()
        if line.endswith("step000010_ema_model.ckpt")
    ]
    for parameter in network.parameters():
        assert any(start <= parameter.data_ptr() < end for start, end in spans)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda sd: {"state_dict": {f"module.{k}": v for k, v in sd.items()}},
        lambda sd: {f"_orig_mod.module.{k}": v for k, v in sd.items()},
        lambda sd: {"model": {f"module._orig_mod.{k}": v for k, v in sd.items()}},
        lambda sd: {"state_dict": {f"ema_model._orig_mod.{k}": v for k, v in sd.items()}},
        lambda sd: {
            "model": {f"module.{k}": v + 1 for k, v in sd.items()},
            "ema": sd,
            "opt": {"state": {0: {"exp_avg": torch.zeros(3)}}},
            "args": argparse.Namespace(model="x"),
            "range": range(3),
            "dots": ...,
            "when": time.struct_time((2026, 1, 1, 0, 0, 0, 0, 0, 0)),
            "part": functools.partial(sorted, reverse=True),
        },
    ],
)
@pytest.mark.parametrize("kind", ["pickle", "safetensors"])
def test_names_that_trainers_wrapped(
    folder: Path, tmp_path: Path, compact: dict[str, Any], wrap: Any, kind: str
) -> None:
    tree = wrap(compact["state_dict"])
    path = tmp_path / "x.pt"
    if kind == "pickle":
        torch.save(tree, path)
    else:
        path = tmp_path / "x.safetensors"
        flat = {}
        for key, value in tree.items():
            if isinstance(value, torch.Tensor):
                flat[key] = value
            elif isinstance(value, dict) and key != "opt":
                flat |= {f"{key}.{k}": v for k, v in value.items()}
        save_file({k: v.clone() for k, v in flat.items()}, path)
    compare(load_network(path, heads=2), folder, "ema")


def test_weights_in_several_files(folder: Path, tmp_path: Path, compact: dict[str, Any]) -> None:
    names = sorted(compact["state_dict"])
    placed = {}
    for number, part in enumerate((names[::2], names[1::2])):
        file = f"model-{number}.safetensors"
        save_file({f"model.{k}": compact["state_dict"][k] for k in part}, tmp_path / file)
        placed |= {f"model.{k}": file for k in part}
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": placed}))
    compare(load_network(tmp_path, heads=2), folder, "ema")
    compare(load_network(index, heads=2), folder, "ema")
    (tmp_path / "model-1.safetensors").unlink()
    with pytest.raises(InputError, match="model-1"):
        load_network(tmp_path)
    index.write_text(json.dumps({"weight_map": {"a": "../../x.safetensors"}}))
    with pytest.raises(InputError, match="elsewhere"):
        load_network(tmp_path)


def test_a_header_that_looks_like_a_pickle(
    folder: Path, tmp_path: Path, compact: dict[str, Any]
) -> None:
    save_file(compact["state_dict"], tmp_path / "x.safetensors")
    raw = (tmp_path / "x.safetensors").read_bytes()
    length = int.from_bytes(raw[:8], "little")
    longer = (length // 65536 + 1) * 65536 + 0x0280
    padded = longer.to_bytes(8, "little") + raw[8 : 8 + length] + b" " * (longer - length)
    (tmp_path / "x.safetensors").write_bytes(padded + raw[8 + length :])
    compare(load_network(tmp_path / "x.safetensors", heads=2), folder, "ema")


@pytest.mark.parametrize(
    "sizes",
    [{"depth": 10**20}, {"depth": 10**6}, {"input_size": 2 * 10**6}, {"hidden_size": 10**9}],
)
def test_a_card_that_asks_for_a_giant_is_refused_at_once(tmp_path: Path, sizes: Any) -> None:
    card = ModelCard("x", "X", "patch-forcing", sizes={**asdict(TINY), **sizes}, task="generate")
    save_file(PatchForcingTransformer(TINY).state_dict(), tmp_path / "model.safetensors")
    (tmp_path / "card.json").write_text(card.to_json())
    with pytest.raises(InputError):
        load_network(tmp_path)
