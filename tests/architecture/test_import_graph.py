"""The house plan, checked: arrows point down, no Qt below ui, no torch when ui is imported."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pfstudio"

# Which rooms a room may import at all (also inside functions).
MAY_IMPORT = {
    "core": set(),
    "nn": {"core"},
    "flow": {"nn", "core"},
    "weights": {"nn", "core"},
    "engine": {"weights", "flow", "nn", "core"},
    "train": {"engine", "weights", "flow", "nn", "core"},
    "ui": {"core", "engine"},
    "drivers": {"ui", "core"},
    "cli": {"train", "engine", "weights", "flow", "nn", "core", "ui", "drivers"},
}
WINDOW = ("ui", "drivers")
QT = {"PySide6", "shiboken6", "pyqtgraph"}
HEAVY = {"torch", "diffusers", "transformers", "accelerate", "matplotlib"}


@cache
def imports(path: Path, *, top_level_only: bool = False, typing: bool = False) -> frozenset[str]:
    """Full names of what a file imports; TYPE_CHECKING blocks, which do not run, if `typing`."""
    found: set[str] = set()

    def visit(node: ast.AST, inside_function: bool) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not typing:
            return
        if isinstance(node, ast.Import) and not (top_level_only and inside_function):
            found.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and not (top_level_only and inside_function):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if is_module(name) else node.module or "")
        inside = inside_function or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(path.read_text(encoding="utf-8")), False)
    return frozenset(found)


def is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in MAY_IMPORT else ""


def modules_of(room: str) -> list[str]:
    found = [name for name in MODULES if room_of(name) == room]
    assert found, f"no modules in {room}"
    return found


@cache
def top_level_closure(start: str) -> frozenset[str]:
    """Every module (ours and foreign) that importing `start` brings in through our own files."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        parent = name.rpartition(".")[0]
        if name in MODULES:
            todo += imports(MODULES[name], top_level_only=True)
            if parent:
                todo.append(parent)
    return frozenset(seen)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_arrows_point_down(room: str) -> None:
    allowed = MAY_IMPORT[room] | {"", room}
    for name in modules_of(room):
        rooms = {room_of(i) for i in imports(MODULES[name]) if i.startswith("pfstudio.")}
        assert rooms <= allowed, f"{name} imports {sorted(rooms - allowed)}"


@pytest.mark.parametrize("room", [room for room in MAY_IMPORT if room not in WINDOW])
def test_no_qt_below_the_window(room: str) -> None:
    for name in modules_of(room):
        assert not {i.split(".")[0] for i in imports(MODULES[name])} & QT, name


@pytest.mark.parametrize("room", [*WINDOW, "core"])
def test_importing_the_window_never_imports_torch(room: str) -> None:
    for name in modules_of(room):
        assert not {i.split(".")[0] for i in top_level_closure(name)} & HEAVY, name


def circles(edges: dict[str, set[str]]) -> list[str]:
    """Modules that import each other, by one way round for each knot of them."""
    found: list[str] = []
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            found.append(" -> ".join([*path[path.index(name) :], name]))
        elif name not in done:
            for other in sorted(edges[name]):
                walk(other, (*path, name))
            done.add(name)

    for name in sorted(edges):
        walk(name, ())
    return found


def test_circles_are_found() -> None:
    edges = {"a": {"b", "c"}, "b": {"c"}, "c": {"d"}, "d": {"b"}, "e": {"e", "a"}}
    assert circles(edges) == ["b -> c -> d -> b", "e -> e"]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def edges_between(group: Callable[[str], str]) -> dict[str, set[str]]:
    """Arrows between groups of modules. Imports inside functions and for types only count too."""
    edges: dict[str, set[str]] = {group(name): set() for name in MODULES}
    for name, path in MODULES.items():
        others = {group(i) for i in imports(path, typing=True) if i in MODULES}
        edges[group(name)] |= others - {group(name)}
    return edges


def folder_in_ui(name: str) -> str:
    """The folder of a module of the window; other modules are their own group."""
    parts = name.split(".")
    return ".".join(parts[:3]) if parts[1:2] == ["ui"] else name


def test_no_circle_between_modules() -> None:
    assert circles(edges_between(lambda name: name)) == []


def test_no_circle_between_the_folders_of_the_window() -> None:
    assert circles(edges_between(folder_in_ui)) == []


@pytest.mark.parametrize(
    ("call", "home"), [("Image.open", "core/image_io.py"), ("json.loads", "core/documents.py")]
)
def test_files_of_strangers_have_one_way_in(call: str, home: str) -> None:
    """Pillow opens formats that start other programs; JSON may be nested without an end."""
    for path in PACKAGE.rglob("*.py"):
        own = "ui" in path.parts or path == PACKAGE / "engine/queue.py"  # written by this program
        if path == PACKAGE / home or (call == "json.loads" and own):
            continue
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        strange = [
            node
            for node in nodes
            if isinstance(node, ast.Call)
            and ast.unparse(node.func) == call
            and not any("to_json()" in ast.unparse(a) for a in node.args)  # ours, just written
        ]
        assert not strange, f"{path} does not go through {home}"


def test_qt_opens_no_pictures() -> None:
    """Its readers, which choose by content, are many more than those of `core/image_io.py`."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                named = [ast.unparse(one) for one in node.args[:1]]
                of_a_file = name in ("QImage", "QPixmap", "QIcon") and any(
                    one.startswith(("str(", "f'", "'")) or "path" in one for one in named
                )
                assert not of_a_file, f"{path}: {name}"
                assert name not in ("QImageReader", "QMovie"), f"{path}: {name}"
