"""The emoji builder on a made-up package folder: joining, held-out styles, packing."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pfstudio.cli.main import main
from pfstudio.core.errors import InputError, RunError
from pfstudio.train import emoji
from pfstudio.train.config import SourceConfig
from pfstudio.train.data import load_source

CAT, DOG, LEFT, TONE = "1f408", "1f415", "1f448", "1f44b-1f3fb"


def square(colour: str) -> str:
    return f'<rect x="4" y="4" width="8" height="8" fill="{colour}"/>'


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Every style draws a cat; most draw a dog; one also a waving hand with a skin tone."""
    folder = tmp_path / "packages"

    def entry(code: str, label: str, group: int) -> dict[str, object]:
        return {
            "hexcode": code.upper(),
            "label": label,
            "tags": [label],
            "group": group,
            "subgroup": 0,
        }

    write_json(
        folder / "labels" / "en" / "data.json",
        [
            entry(CAT, "cat", 3),
            entry(DOG, "dog", 3),
            entry(LEFT, "flag", 9),
            entry(TONE, "waving hand: light skin tone", 1),
            {"hexcode": "1F1E6", "label": "regional indicator A"},
        ],
    )
    groups = {"3": "animals-nature", "9": "flags", "1": "people-body"}
    write_json(
        folder / "labels" / "meta" / "groups.json", {"groups": groups, "subgroups": {"0": "things"}}
    )
    for style in emoji.STYLES:
        if not style.vector:
            out = io.BytesIO()
            Image.new("RGBA", (32, 16), (255, 0, 0, 255)).save(out, "WEBP", lossless=True)
            for code in (CAT, DOG, TONE):
                target = folder / style.name / "assets" / f"{code}.webp"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(out.getvalue())
            continue
        icons = {"kitty": {"body": square("blue")}, "nonsense": {"body": square("red")}}
        if style.name != "fxemoji":
            icons["dog"] = {"body": square("green")}
        icons["waving-hand-light-skin-tone"] = {"body": square("tan")}
        aliases = {"cat": {"parent": "kitty"}, "taco": {"parent": "nonsense", "hFlip": True}}
        write_json(
            folder / style.name / "icons.json",
            {"icons": icons, "aliases": aliases, "width": 16, "height": 16},
        )
        chars = {f"{CAT}-fe0f": "kitty"} if style.name == "twemoji" else {}
        write_json(folder / style.name / "chars.json", chars)
        write_json(folder / style.name / "package.json", {})
    return folder


def test_drawings_join_by_table_name_and_alias_without_skin_tones(packages: Path) -> None:
    found = list(emoji.drawings(packages))
    cats = {d.style for d in found if d.concept.label == "cat"}
    dogs = {d.style for d in found if d.concept.label == "dog"}
    assert cats == {style.name for style in emoji.STYLES}
    assert dogs == cats - {"fxemoji"}
    assert {d.concept.code for d in found} == {CAT, DOG}
    cat = next(d for d in found if d.style == "twemoji" and d.concept.code == CAT)
    assert b'viewBox="0 0 16 16"' in cat.source
    assert b"blue" in cat.source
    assert (cat.concept.group, cat.concept.subgroup, cat.concept.tags) == (
        "animals-nature", "things", ("cat",),
    )  # fmt: skip


def test_a_pack_holds_out_one_independent_style_of_each_class(
    packages: Path, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    pack, labels = emoji.build_emoji_pack(
        packages,
        tmp_path / "out",
        size=16,
        workers=1,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (17, 17)
    described = json.loads(labels.read_text(encoding="utf-8"))
    assert described["classes"] == ["cat", "dog"]
    assert len(described["train"]) == 15
    assert len(described["test"]) == 2
    assert not any(name.startswith("fluent") for name, _ in described["test"])
    about = described["pictures"][f"noto/{CAT}.png"]
    assert about["concept"] == "cat"
    assert about["style"] == "noto"
    assert about["captions"][:2] == ["cat, Noto style", "a cat, Noto style"]
    assert about["flip"] is True
    kept = [name for name, picture in described["pictures"].items() if picture["held_out"]]
    assert len({described["pictures"][name]["concept"] for name in kept}) == len(kept) > 0
    assert not any(name.startswith("fluent") for name in kept)
    data = load_source(SourceConfig(pack.name, labels=labels.name), pack.parent)
    assert data.classes == ("cat", "dog")
    picture = data.train.pictures[0]
    assert picture.shape == (3, 16, 16)
    assert picture.dtype.itemsize == 1


def test_a_drawing_fills_the_frame_centred_on_white(packages: Path) -> None:
    wide = next(d for d in emoji.drawings(packages) if d.style == "fluent-3d")
    data = emoji.rasterise(wide, 32)
    assert data is not None
    with Image.open(io.BytesIO(data)) as opened:
        pixels = np.array(opened)
    assert (pixels[16, 2:30] == (255, 0, 0)).all()
    assert (pixels[:7] == 255).all()
    assert (pixels[-7:] == 255).all()


def test_an_empty_drawing_makes_no_picture(packages: Path) -> None:
    one = next(d for d in emoji.drawings(packages) if d.style == "fluent-3d")
    out = io.BytesIO()
    Image.new("RGBA", (8, 8)).save(out, "PNG")
    empty = emoji.Drawing(one.concept, one.style, out.getvalue(), False)
    assert emoji.rasterise(empty, 16) is None


def test_a_damaged_package_is_named(packages: Path) -> None:
    (packages / "noto" / "icons.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"icons\.json cannot be read"):
        list(emoji.drawings(packages))


def test_a_broken_drawing_is_named(packages: Path, tmp_path: Path) -> None:
    (packages / "fluent-3d" / "assets" / f"{CAT}.webp").write_bytes(b"RIFF no picture")
    with pytest.raises(InputError, match=f"drawing {CAT} of fluent-3d is broken"):
        emoji.build_emoji_pack(packages, tmp_path / "out", size=16, workers=1)


def test_a_class_needs_a_drawing_that_can_be_held_out(packages: Path) -> None:
    made: dict[str, list[emoji.Drawing]] = {}
    for drawing in emoji.drawings(packages):
        if drawing.concept.label == "cat" or drawing.style.startswith("fluent"):
            made.setdefault(drawing.concept.code, []).append(drawing)
    chosen = emoji.choose_classes(made, 3)
    assert [found[0].concept.label for found in chosen] == ["cat"]


def test_the_verb_refuses_what_it_cannot_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["data", "emoji", "--out", str(tmp_path / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert main(["data", "emoji", "--out", str(tmp_path), "--min-styles", "1"]) == 2
    assert "Give 2 to 9" in capsys.readouterr().err


def test_a_package_may_be_as_large_as_the_real_ones(packages: Path) -> None:
    """Noto's icons are 25 MB."""
    file = packages / "noto" / "icons.json"
    icons = json.loads(file.read_text(encoding="utf-8"))
    write_json(file, icons | {"suffixes": "x" * 25_000_000})
    assert "noto" in {drawing.style for drawing in emoji.drawings(packages)}


def test_npm_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunError, match="npm is not installed"):
        emoji.fetch_packages(tmp_path / "packages")
