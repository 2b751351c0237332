"""What a synthetic room holds: furniture, surfaces, lights and cameras, drawn from a seed.

Furniture comes from Sweet Home 3D libraries (`*.sh3f`: a zip of OBJ models and their real sizes);
each room takes its pieces from one library, so whole libraries can be held out. Metres; x to the
right, y into the room, z up; the room's floor spans (0,0) to (width,depth).
"""

from __future__ import annotations

import colorsys
import math
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pfstudio.core.errors import InputError

PATTERNS = ("plain", "noise", "brick", "wave", "voronoi", "checker")
WORLDS = ("interior", "courtyard", "city", "forest", "studio", "sunrise", "sunset")
VIEWS = 8  # cameras tried in each room
_CATALOGUE = "PluginFurnitureCatalog.properties"
# What zipfile raises of archives that are damaged, or packed in a way that it does not know.
_BROKEN = (zipfile.BadZipFile, RuntimeError, EOFError, zlib.error)
_OPEN_SHARE = 0.3  # of the rooms that stand under the sky
_EYE = (0.5, 1.9)  # height of a camera
_CLEAR = 0.4  # from a camera to a wall or a piece
_FIELD_OF_VIEW = (45.0, 80.0)  # degrees
_LOOK = (1.2, 1.0)  # least distance to what is looked at, and how high that is at most
_THING = (0.12, 0.8)  # longest side that a piece is scaled to in a still life
_STILL_FIELD_OF_VIEW = (22.0, 50.0)  # degrees
_FINE = 4.0  # how much finer the patterns of a still life are than those of a room

Point = tuple[float, float, float]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Piece:
    """One model of a library."""

    library: str
    archive: Path
    member: str  # path of its OBJ file inside the archive
    width: float
    depth: float
    height: float
    elevation: float  # of its lowest point


@dataclass(frozen=True)
class Placed:
    """A piece with the middle of its footprint and its turn about the vertical, in radians."""

    piece: Piece
    x: float
    y: float
    angle: float

    @property
    def reach(self) -> tuple[float, float]:
        """Half sides of the box around its footprint, along x and y."""
        w, d = self.piece.width / 2, self.piece.depth / 2
        c, s = abs(math.cos(self.angle)), abs(math.sin(self.angle))
        return w * c + d * s, w * s + d * c

    def near(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Whether a point lies over the box, or within `margin` of it."""
        reach = self.reach
        return abs(x - self.x) < reach[0] + margin and abs(y - self.y) < reach[1] + margin


@dataclass(frozen=True)
class RoomSurface:
    """Two colours mixed by a pattern."""

    pattern: str
    colours: tuple[Colour, Colour]
    scale: float  # repeats a metre
    roughness: float


@dataclass(frozen=True)
class Light:
    """A square area light that looks down."""

    at: Point
    side: float
    watts: float
    colour: Colour


@dataclass(frozen=True)
class Camera:
    """Where it stands, what is in its middle, and its field of view in degrees."""

    at: Point
    target: Point
    field_of_view: float


@dataclass(frozen=True)
class Room:
    """Everything to draw."""

    scene: str
    width: float
    depth: float
    height: float
    is_open: bool  # no ceiling and no front wall: the sky lights it
    surfaces: tuple[RoomSurface, RoomSurface, RoomSurface]  # floor, walls, ceiling
    world: str
    sky: float  # strength
    turn: float  # of the sky, radians
    lights: tuple[Light, ...]
    placed: tuple[Placed, ...]
    cameras: tuple[Camera, ...]


def read_furniture(folder: Path) -> tuple[Piece, ...]:
    """All pieces of the libraries in a folder, doors and windows left out.

    Raises:
        InputError: no library there, or one that is damaged.
    """
    pieces: list[Piece] = []
    for archive in sorted(folder.glob("*.sh3f")):
        try:
            with zipfile.ZipFile(archive) as file:
                text = file.read(_CATALOGUE).decode("latin-1")
                pieces += _pieces(archive, text, frozenset(file.namelist()))
        except (*_BROKEN, OSError, KeyError, ValueError) as error:
            raise InputError(f"{archive} cannot be read ({error}).") from error
    if not pieces:
        raise InputError(
            f"There is no furniture in {folder}.",
            "Install Debian's sweethome3d-furniture, or name the folder of its *.sh3f files with "
            "--furniture.",
        )
    return tuple(pieces)


def _pieces(archive: Path, text: str, members: frozenset[str]) -> list[Piece]:
    told: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        name, _, number = key.strip().partition("#")
        if equals and number.isdecimal():
            told.setdefault(number, {})[name] = value.strip()
    found = []
    for one in told.values():
        member = one.get("model", "").lstrip("/")
        turned = "modelRotation" in one  # its axes would have to be turned as well
        if member not in members or one.get("doorOrWindow") == "true" or turned:
            continue
        names = ("width", "depth", "height")
        width, depth, height = (float(one[name]) / 100 for name in names)
        elevation = float(one.get("elevation", 0)) / 100
        found.append(Piece(archive.stem, archive, member, width, depth, height, elevation))
    return found


def plan_room(furniture: tuple[Piece, ...], seed: int, number: int) -> Room:
    """Room `number` of a set; the same for the same seed and furniture."""
    random = np.random.default_rng([seed, number])
    library, pieces = _one_library(furniture, random)
    space = _space((3.0, 8.0), (2.3, 3.4), random)
    placed = _place(pieces, space, random)
    views = [_camera(space, placed, random) for _ in range(VIEWS)]
    surfaces = _surface(random, 0.6), _surface(random, 0.8), _surface(random, 1.0)
    return _room(f"{library}-{seed}-{number:05d}", space, placed, surfaces, views, random)


def plan_still_life(furniture: tuple[Piece, ...], seed: int, number: int) -> Room:
    """Close-ups: a few pieces of one library, made small, together before patterned walls."""
    random = np.random.default_rng([seed, number, 1])
    library, pieces = _one_library(furniture, random)
    space = _space((1.6, 3.5), (1.6, 2.6), random)
    placed = _gather(pieces, space, random)
    fine = _surface(random, 0.8, _FINE), _surface(random, 0.9, _FINE), _surface(random, 1.0, _FINE)
    views = (_close_up(space, placed, random) for _ in range(2 * VIEWS))
    return _room(f"{library}-still-{seed}-{number:05d}", space, placed, fine, views, random)


@dataclass(frozen=True)
class _Space:
    """What the walls enclose."""

    width: float
    depth: float
    height: float
    is_open: bool


def _one_library(
    furniture: tuple[Piece, ...], random: np.random.Generator
) -> tuple[str, list[Piece]]:
    """A library and its pieces; large ones come more often."""
    library = furniture[int(random.integers(len(furniture)))].library
    return library, [piece for piece in furniture if piece.library == library]


def _space(
    sides: tuple[float, float], heights: tuple[float, float], random: np.random.Generator
) -> _Space:
    width, depth, height = (float(random.uniform(*span)) for span in (sides, sides, heights))
    return _Space(width, depth, height, bool(random.random() < _OPEN_SHARE))


def _room(
    scene: str,
    space: _Space,
    placed: tuple[Placed, ...],
    surfaces: tuple[RoomSurface, RoomSurface, RoomSurface],
    views: Iterable[Camera | None],
    random: np.random.Generator,
) -> Room:
    """With its light; views that are a generator draw theirs after it."""
    return Room(
        scene,
        space.width,
        space.depth,
        space.height,
        space.is_open,
        surfaces,
        str(random.choice(WORLDS)),
        float(np.exp(random.uniform(-0.4, 0.5))) * (1.0 if space.is_open else 0.3),
        float(random.uniform(0, 2 * math.pi)),
        () if space.is_open else _lights(space, random),
        placed,
        tuple(view for view in views if view is not None),
    )


def _gather(pieces: list[Piece], space: _Space, random: np.random.Generator) -> tuple[Placed, ...]:
    """Small pieces on the floor around one place, turned in any way, not overlapping."""
    middle = (
        float(random.uniform(0.35, 0.65)) * space.width,
        float(random.uniform(0.35, 0.7)) * space.depth,
    )
    spread = float(random.uniform(0.2, 0.6))
    placed: list[Placed] = []
    for _ in range(int(random.integers(8, 32))):
        piece = pieces[int(random.integers(len(pieces)))]
        longest = max(piece.width, piece.depth, piece.height)
        k = math.exp(float(random.uniform(*np.log(_THING)))) / longest
        small = replace(
            piece, width=piece.width * k, depth=piece.depth * k, height=piece.height * k,
            elevation=0.0,
        )  # fmt: skip
        x, y = (float(random.normal(at, spread)) for at in middle)
        one = Placed(small, x, y, float(random.uniform(0, 2 * math.pi)))
        w, d = one.reach
        inside = w < x < space.width - w and d < y < space.depth - d
        if inside and not any(_overlap(one, other) for other in placed):
            placed.append(one)
    return tuple(placed)


def _close_up(
    space: _Space, placed: tuple[Placed, ...], random: np.random.Generator
) -> Camera | None:
    """A view of one of the pieces from nearby; None where no free place was found."""
    for _ in range(30):
        if not placed:
            return None
        one = placed[int(random.integers(len(placed)))]
        far, angle = float(random.uniform(0.5, 2.0)), float(random.uniform(0, 2 * math.pi))
        x, y = one.x + far * math.cos(angle), one.y + far * math.sin(angle)
        if not (0.1 < x < space.width - 0.1 and 0.1 < y < space.depth - 0.1):
            continue
        eye = float(random.uniform(0.1, min(1.3, space.height - 0.2)))
        if any(other.near(x, y, 0.15) and eye < other.piece.height + 0.15 for other in placed):
            continue
        target = (one.x, one.y, float(random.uniform(0.2, 0.8)) * one.piece.height)
        return Camera((x, y, eye), target, float(random.uniform(*_STILL_FIELD_OF_VIEW)))
    return None


def _place(pieces: list[Piece], space: _Space, random: np.random.Generator) -> tuple[Placed, ...]:
    """Pieces that do not overlap, most of them with their back to a wall."""
    sizes = np.array([piece.width * piece.depth * piece.height for piece in pieces])
    weights = np.clip(np.cbrt(sizes), 0.15, 1.0)  # small things would fill every room otherwise
    placed: list[Placed] = []
    for _ in range(int(random.integers(20, 60))):
        piece = pieces[int(random.choice(len(pieces), p=weights / weights.sum()))]
        if (
            piece.elevation + piece.height > space.height - 0.1
            or max(piece.width, piece.depth) > 3.5
        ):
            continue
        side = int(random.integers(4))
        angle = side * math.pi / 2 + float(random.normal(0, 0.15))
        one = Placed(piece, 0, 0, angle)
        w, d = one.reach
        if 2 * w > space.width - 0.1 or 2 * d > space.depth - 0.1:
            continue
        right, back = space.width - w, space.depth - d
        x, y = float(random.uniform(w, right)), float(random.uniform(d, back))
        if random.random() < 0.55:  # a piece's back is at +y before it is turned
            x, y = ((x, back), (w, y), (x, d), (right, y))[side]
        one = Placed(piece, x, y, angle)
        if not any(_overlap(one, other) for other in placed):
            placed.append(one)
    return tuple(placed)


def _overlap(a: Placed, b: Placed) -> bool:
    if a.piece.elevation >= b.piece.elevation + b.piece.height:
        return False
    if b.piece.elevation >= a.piece.elevation + a.piece.height:
        return False
    w, d = a.reach
    reach = b.reach
    return abs(a.x - b.x) < w + reach[0] and abs(a.y - b.y) < d + reach[1]


def _camera(
    space: _Space, placed: tuple[Placed, ...], random: np.random.Generator
) -> Camera | None:
    """A person's view of a piece or a place in the room; None where no free place was found."""
    for _ in range(30):
        x, y = (float(random.uniform(_CLEAR, side - _CLEAR)) for side in (space.width, space.depth))
        if any(one.near(x, y, _CLEAR) for one in placed):
            continue
        to = (float(random.uniform(0, space.width)), float(random.uniform(0, space.depth)))
        if placed and random.random() < 0.8:
            piece = placed[int(random.integers(len(placed)))]
            to = (piece.x, piece.y)
        if math.dist((x, y), to) < _LOOK[0]:
            continue
        eye = float(random.uniform(_EYE[0], min(_EYE[1], space.height - _CLEAR)))
        target = (*to, float(random.uniform(0.1, _LOOK[1])))
        return Camera((x, y, eye), target, float(random.uniform(*_FIELD_OF_VIEW)))
    return None


def _lights(space: _Space, random: np.random.Generator) -> tuple[Light, ...]:
    total = space.width * space.depth * float(np.exp(random.uniform(1.9, 3.0)))
    count = int(random.integers(1, 4))
    return tuple(
        Light(
            (
                float(random.uniform(0.15, 0.85)) * space.width,
                float(random.uniform(0.15, 0.85)) * space.depth,
                space.height - 0.05,
            ),
            float(random.uniform(0.2, 1.2)),
            total / count,
            (1.0, float(random.uniform(0.75, 1.0)), float(random.uniform(0.5, 1.0))),
        )
        for _ in range(count)
    )


def _surface(random: np.random.Generator, lightness: float, finer: float = 1.0) -> RoomSurface:
    """A pattern of two tones of one muted colour, as floors and walls are."""
    hue, saturation = float(random.random()), float(random.beta(1.2, 3.0))
    value = float(random.uniform(0.25, 1.0)) * lightness
    tones = []
    for _ in range(2):
        near = (hue + float(random.normal(0, 0.03))) % 1.0
        tones.append(colorsys.hsv_to_rgb(near, saturation, value))
        value *= float(random.uniform(0.4, 0.95))
    pattern = str(random.choice(PATTERNS))
    scale = float(np.exp(random.uniform(0.0, 1.8))) * finer
    return RoomSurface(pattern, (tones[0], tones[1]), scale, float(random.uniform(0.25, 1.0)))


ROOMS = "rooms"
PLANS: dict[str, Callable[[tuple[Piece, ...], int, int], Room]] = {
    ROOMS: plan_room,
    "still-lifes": plan_still_life,
}
