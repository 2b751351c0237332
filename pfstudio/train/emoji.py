"""The nine-style emoji set, rebuilt from npm packages: one concept drawn by up to nine designers.

Nothing is redistributed: the packages come from the npm registry, the SVG is rasterised here, and
the result is a tar pack with a labels file (`train/data.py` reads both). Every picture keeps its
name, tags, group and style. One style of each concept is held out, so "a known concept in a drawing
never seen" can be measured.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from pfstudio.core.documents import LABELS_BYTES, read_json
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.image_io import BROKEN, open_picture
from pfstudio.train.emoji_captions import captions, held_out, may_flip
from pfstudio.train.pack import write_pack

_TONE = re.compile(r"1f3f[b-f]")
_GENDERED = re.compile(r"^(man|woman|men|women|boy|girl|person)\b.*|.*(: | with )(man|woman).*")
_FILL = 15 / 16  # share of the side that the longer edge of a drawing takes
# The three Fluent sets share their shapes: holding out one of them would test nothing.
_INDEPENDENT = frozenset({"noto", "twemoji", "openmoji", "noto-blobs", "emojione", "fxemoji"})
# Drawings whose content is a letter, a flag or a skin tone teach a small model nothing visible.
_LEFT_OUT_GROUPS = frozenset({"component", "symbols", "flags"})


@dataclass(frozen=True)
class Style:
    """One designer's set and where it comes from."""

    name: str
    package: str  # npm name
    version: str
    licence: str
    vector: bool = True  # icons.json of SVG bodies; False: one WebP per emoji in assets/


STYLES = (
    Style("noto", "@iconify-json/noto", "1.2.9", "Apache-2.0"),
    Style("twemoji", "@iconify-json/twemoji", "1.2.5", "CC-BY-4.0"),
    Style("openmoji", "@iconify-json/openmoji", "1.2.29", "CC-BY-SA-4.0"),
    Style("fluent-flat", "@iconify-json/fluent-emoji-flat", "1.2.6", "MIT"),
    Style("fluent-colour", "@iconify-json/fluent-emoji", "1.2.7", "MIT"),
    Style("fluent-3d", "@lobehub/fluent-emoji-3d", "1.1.0", "MIT", vector=False),
    Style("noto-blobs", "@iconify-json/noto-v1", "1.2.5", "Apache-2.0"),
    Style("emojione", "@iconify-json/emojione", "1.2.3", "CC-BY-4.0"),
    Style("fxemoji", "@iconify-json/fxemoji", "1.2.2", "Apache-2.0"),
)
LABELS = Style("labels", "emojibase-data", "17.0.0", "MIT")


@dataclass(frozen=True)
class Concept:
    """One emoji of the standard, without its drawing."""

    code: str  # lower-case hex, joined by "-", variation selectors removed
    label: str
    tags: tuple[str, ...]
    group: str
    subgroup: str


@dataclass(frozen=True)
class Drawing:
    """One picture to rasterise: SVG text or WebP bytes."""

    concept: Concept
    style: str
    source: bytes
    vector: bool

    @property
    def name(self) -> str:
        return f"{self.style}/{self.concept.code}.png"


def fetch_packages(folder: Path) -> None:
    """Get every package that `folder` does not hold yet by `npm pack`, and unpack it.

    Raises:
        RunError: npm is missing, or the registry did not deliver.
    """
    for style in (*STYLES, LABELS):
        target = folder / style.name
        if (target / "package.json").is_file():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        wanted = f"{style.package}@{style.version}"
        try:
            done = subprocess.run(
                ["npm", "pack", "--silent", wanted],
                cwd=folder,
                check=True,
                capture_output=True,
                text=True,
            )
        except FileNotFoundError as error:
            raise RunError("npm is not installed.", "Install Node.js, which brings npm.") from error
        except subprocess.CalledProcessError as error:
            why = (error.stderr.strip() or "no reason given").splitlines()[-1]
            raise RunError(f"npm could not deliver {wanted} ({why}).") from error
        archive = folder / done.stdout.split()[-1]
        with tarfile.open(archive) as tar:
            tar.extractall(folder / f"{style.name}.part", filter="data")
        os.replace(folder / f"{style.name}.part" / "package", target)
        (folder / f"{style.name}.part").rmdir()
        archive.unlink()


def _plain(code: str) -> str:
    return "-".join(part for part in code.lower().split("-") if part != "fe0f")


def _slug(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower().replace("’", "").replace("'", "")).strip("-")


def _read_json(path: Path) -> Any:
    try:
        return read_json(path, LABELS_BYTES)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read ({error}).", "Delete its folder; it is fetched again."
        ) from error


def concepts(packages: Path) -> dict[str, Concept]:
    """Every labelled emoji by its code; skin tones are left out."""
    groups = _read_json(packages / LABELS.name / "meta" / "groups.json")
    found = {}
    for item in _read_json(packages / LABELS.name / "en" / "data.json"):
        code = _plain(item["hexcode"])
        if "group" not in item or _TONE.search(code):
            continue
        found[code] = Concept(
            code,
            item["label"],
            tuple(item.get("tags", ())),
            groups["groups"][str(item["group"])],
            groups["subgroups"][str(item["subgroup"])],
        )
    return found


def _names_to_codes(packages: Path, known: dict[str, Concept]) -> dict[str, str]:
    """Icon name -> code, gathered from the labels and from every set that ships a table."""
    names = {_slug(concept.label): code for code, concept in known.items()}
    for style in STYLES:
        if style.vector:
            for code, name in _read_json(packages / style.name / "chars.json").items():
                names.setdefault(name, _plain(code))
    return names


def _svg(icon: dict[str, Any], whole: dict[str, Any]) -> bytes:
    width, height = (icon.get(k, whole.get(k, 16)) for k in ("width", "height"))
    left, top = icon.get("left", 0), icon.get("top", 0)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left} {top} {width} {height}">{icon["body"]}</svg>'
    ).encode()


def _vector_drawings(
    folder: Path, style: Style, known: dict[str, Concept], names: dict[str, str]
) -> Iterator[Drawing]:
    whole = _read_json(folder / "icons.json")
    own = {name: _plain(code) for code, name in _read_json(folder / "chars.json").items()}
    aliases: dict[str, list[str]] = {}
    for alias, entry in whole.get("aliases", {}).items():
        if set(entry) == {"parent"}:  # a flipped or turned alias is another drawing
            aliases.setdefault(entry["parent"], []).append(alias)
    taken = set()
    for name, icon in whole["icons"].items():
        codes = (own.get(n) or names.get(n) for n in (name, *aliases.get(name, ())))
        code = next((c for c in codes if c in known and c not in taken), None)
        if code is not None:
            taken.add(code)
            yield Drawing(known[code], style.name, _svg(icon, whole), True)


def drawings(packages: Path) -> Iterator[Drawing]:
    """Every drawing of every style that belongs to a labelled emoji."""
    known = concepts(packages)
    names = _names_to_codes(packages, known)
    for style in STYLES:
        folder = packages / style.name
        if style.vector:
            yield from _vector_drawings(folder, style, known, names)
        else:
            for path in sorted((folder / "assets").glob("*.webp")):
                concept = known.get(_plain(path.stem))
                if concept is not None:
                    yield Drawing(concept, style.name, path.read_bytes(), False)


def rasterise(drawing: Drawing, size: int) -> bytes | None:
    """PNG bytes (size x size RGB on white), centred and filling the frame; None if it is empty."""
    source = drawing.source
    if drawing.vector:
        import resvg_py

        source = bytes(resvg_py.svg_to_bytes(source.decode(), width=2 * size, height=2 * size))
    with open_picture(io.BytesIO(source)) as opened:
        picture = opened.convert("RGBA")
    box = picture.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox()
    if box is None:
        return None
    picture = picture.crop(box)
    scale = size * _FILL / max(picture.size)
    shape = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    smooth = picture.convert("RGBa").resize(shape, Image.Resampling.LANCZOS).convert("RGBA")
    canvas = Image.new("RGBA", (size, size), "white")
    canvas.alpha_composite(smooth, ((size - shape[0]) // 2, (size - shape[1]) // 2))
    out = io.BytesIO()
    canvas.convert("RGB").save(out, "PNG", optimize=True)
    return out.getvalue()


def _rasterise_safely(job: tuple[Drawing, int]) -> bytes | None:
    drawing = job[0]
    try:
        return rasterise(*job)
    except (*BROKEN, Image.DecompressionBombError) as error:
        if drawing.vector and isinstance(error, ValueError):
            return None  # resvg refuses a handful of bodies; the pack is complete without them
        raise InputError(
            f"The drawing {drawing.concept.code} of {drawing.style} is broken ({error}).",
            f"Delete the folder {drawing.style} of the packages; it is fetched again.",
        ) from error


def _rasterised(
    wanted: list[Drawing], size: int, workers: int
) -> Iterator[tuple[Drawing, bytes | None]]:
    jobs = ((drawing, size) for drawing in wanted)
    if workers <= 1:
        yield from zip(wanted, map(_rasterise_safely, jobs), strict=True)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from zip(wanted, pool.map(_rasterise_safely, jobs, chunksize=32), strict=True)


def _rank(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def choose_classes(made: dict[str, list[Drawing]], min_styles: int) -> list[list[Drawing]]:
    """The concepts worth a class: visible things drawn in many styles, without near-duplicates."""
    chosen = []
    for found in made.values():
        concept = found[0].concept
        if len(found) < min_styles or concept.group in _LEFT_OUT_GROUPS:
            continue
        if not any(drawing.style in _INDEPENDENT for drawing in found):  # none can be held out
            continue
        if concept.group == "people-body" and (
            "-200d-" in concept.code or _GENDERED.match(concept.label)
        ):
            continue
        if concept.subgroup == "time":  # 24 clock faces that differ by the hands only
            continue
        chosen.append(found)
    return sorted(chosen, key=lambda found: found[0].concept.label)


def _described(made: dict[str, list[Drawing]]) -> dict[str, dict[str, Any]]:
    """File name -> what is known of the picture."""
    styles = {code: [drawing.style for drawing in found] for code, found in made.items()}
    kept = held_out(styles, _INDEPENDENT)
    pictures = {}
    for drawing in (drawing for found in made.values() for drawing in found):
        concept = drawing.concept
        pictures[drawing.name] = {
            "concept": concept.label,
            "style": drawing.style,
            "tags": list(concept.tags),
            "group": concept.group,
            "subgroup": concept.subgroup,
            "captions": captions(concept.label, concept.tags, drawing.style, drawing.name),
            "flip": may_flip(concept.label, concept.group, concept.subgroup),
            "held_out": f"{drawing.style}/{concept.code}" in kept,
        }
    return pictures


def build_emoji_pack(
    packages: Path,
    out: Path,
    *,
    size: int = 64,
    min_styles: int = 7,
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Path, Path]:
    """Rasterise everything into `emojiSIZE.tar` and `emojiSIZE-labels.json` in `out`.

    The labels file holds `classes` (concept names), `train` and `test` ([[file, class index], ...];
    one style of each concept is held out) and `pictures` (file -> concept, style, tags, group,
    captions, whether it may be mirrored, and whether a text model keeps it for validation).
    """
    wanted = sorted(drawings(packages), key=lambda drawing: drawing.name)
    files: dict[str, bytes] = {}
    made: dict[str, list[Drawing]] = {}
    for done, (drawing, data) in enumerate(_rasterised(wanted, size, workers)):
        if data is not None:
            files[drawing.name] = data
            made.setdefault(drawing.concept.code, []).append(drawing)
        progress(done + 1, len(wanted))
    chosen = choose_classes(made, min_styles)
    train: list[list[str | int]] = []
    test: list[list[str | int]] = []
    for index, found in enumerate(chosen):
        tested = min(
            (drawing for drawing in found if drawing.style in _INDEPENDENT),
            key=lambda drawing: _rank(drawing.name),
        )
        for drawing in found:
            (test if drawing is tested else train).append([drawing.name, index])
    labels = {
        "classes": [found[0].concept.label for found in chosen],
        "train": train,
        "test": test,
        "pictures": _described(made),
    }
    out.mkdir(parents=True, exist_ok=True)
    pack, described = out / f"emoji{size}.tar", out / f"emoji{size}-labels.json"
    write_pack(pack, files.items(), described, labels)
    return pack, described
