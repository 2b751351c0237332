"""Read files of `torch.save` without ever running what is inside them.

Such a file is a zip archive: one pickle (`data.pkl`) that describes a tree of values, and one
member of raw bytes per tensor. A pickle is a program, and `pickle.load` would run it. Here a small
machine of our own walks through the opcodes instead: names of classes and functions stay inert
text, only the handful in `_RECIPES` means something, and nothing is ever imported or called by
name. Tensors are views of the memory-mapped file, so a checkpoint costs no memory beyond the pages
in use.
"""

from __future__ import annotations

import pickletools
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.weights.file_type import check_readable, damaged, file_type

MAX_PICKLE_BYTES = 64 * 2**20  # published training files with an optimiser stay below 1 MiB
_MAX_DEPTH = 64
# Whatever plain Python operations raise on values of a kind that the opcodes did not promise.
_MALFORMED = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(RuntimeError, OverflowError, MemoryError),
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DTYPES = {
    name: getattr(torch, name)
    for name in _words(
        "float64 float32 float16 bfloat16 float8_e4m3fn float8_e5m2 int64 int32 int16 int8 "
        "uint8 uint16 uint32 uint64 bool complex64 complex128"
    )
}
_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "uint8",
}
# Standard-library names that real checkpoints hold (as inert text here). A name from any other
# standard module is what an attack looks like, and the file is refused.
_HARMLESS_MODULES = _words(
    "collections typing pathlib datetime enum fractions decimal uuid argparse copyreg copy_reg "
    "_codecs dataclasses functools types"
)
_HARMLESS_BUILTINS = _words(
    "dict list set frozenset tuple int long float complex str unicode bool bytes bytearray slice "
    "range object type"
)


@dataclass(frozen=True)
class Name:
    """The name of a class or function that a file mentions; never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Foreign:
    """An object of a class we do not know: what the file stored for it, without its behaviour."""

    name: Name
    args: tuple[Any, ...] = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)  # appended values, or (key, value) pairs


@dataclass(frozen=True)
class _Storage:
    data: Tensor  # (bytes,) uint8 view of the mapped file
    dtype: torch.dtype


@dataclass(frozen=True)
class Archive:
    """What a `torch.save` file holds."""

    tree: Any  # plain containers, tensors, Name and Foreign
    foreign: tuple[str, ...]  # names of the classes that became Foreign, sorted


class _Mark:
    pass


def read_archive(path: Path) -> Archive:
    """Read a `torch.save` file (zip layout, PyTorch 1.6 and later), memory-mapped.

    Raises:
        InputError: missing, empty, cut short, not such a file, or one that asks to run code.
    """
    check_readable(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise _not_an_archive(path) from error
    pickles = [name for name in members if name == "data.pkl" or name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise InputError(
            f"{path.name} is a zip archive, but not a checkpoint of torch.save.",
            "Choose the .ckpt file itself.",
        )
    root = pickles[0].removesuffix("data.pkl")
    mapped = np.memmap(path, dtype=np.uint8, mode="c")  # copy on write: the file never changes
    if _member(mapped, members.get(root + "byteorder")) not in (None, b"little"):
        raise InputError(f"{path.name} was saved on a big-endian machine and cannot be read here.")
    program = _member(mapped, members[pickles[0]], MAX_PICKLE_BYTES)
    if program is None:
        raise damaged(path)

    def storage(kind: Any, key: Any) -> _Storage:
        span = _span(mapped, members.get(f"{root}data/{key}"))
        if not isinstance(kind, Name) or kind.name not in _STORAGES or span is None:
            raise ValueError(f"storage {key!r} of type {kind} is missing or damaged")
        # torch.frombuffer refuses empty buffers, but tensors without elements are legal.
        view = mapped[span[0] : span[1]]
        data = torch.frombuffer(view, dtype=torch.uint8) if len(view) else torch.empty(0).byte()
        return _Storage(data, _DTYPES[_STORAGES[kind.name]])

    machine = _Machine(path, storage)
    try:
        tree = machine.run(program)
    except _MALFORMED as error:
        raise damaged(path, str(error)) from error
    return Archive(tree, tuple(sorted(machine.foreign)))


def plain(value: Any, depth: int = 0) -> Any:
    """A configuration as plain dicts, lists and scalars, also out of (inert) OmegaConf nodes.

    Unknown objects become None. Tensors are kept.

    Raises:
        ValueError: nested deeper than any real configuration.
    """
    if depth > _MAX_DEPTH:
        raise ValueError("a configuration is nested too deeply")
    if isinstance(value, Foreign) and isinstance(value.state, dict):
        inner = value.state.get("_content", value.state.get("_val"))
        return plain(inner, depth + 1)
    if isinstance(value, dict):
        return {key: plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    known = (str, int, float, bool, bytes, Tensor, type(None))
    return value if isinstance(value, known) else None


def _not_an_archive(path: Path) -> InputError:
    kind = file_type(path)
    if kind == "zip":
        return InputError(
            f"{path.name} is cut short: the end of the file is missing.",
            "Download or copy it again.",
        )
    if kind == "pickle":
        return InputError(
            f"{path.name} is a bare pickle, which is a program and not data; it was not run.",
            "Save it again with torch.save of PyTorch 1.6 or later, or as .safetensors.",
        )
    return InputError(
        f"{path.name} is not a checkpoint: it is {kind}.", "Choose a .ckpt or .safetensors file."
    )


def _span(mapped: np.memmap[Any, Any], info: zipfile.ZipInfo | None) -> tuple[int, int] | None:
    """First and last byte of a member in the file; None if absent, compressed or out of bounds.

    torch.save never compresses, so a member that claims to be is a decompression bomb or damage.
    """
    if info is None or info.compress_type != zipfile.ZIP_STORED:
        return None
    header = bytes(mapped[info.header_offset : info.header_offset + 30])
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        return None
    name_length, extra_length = struct.unpack_from("<HH", header, 26)
    start = info.header_offset + 30 + name_length + extra_length
    end = start + info.file_size
    return (start, end) if info.file_size == info.compress_size and end <= len(mapped) else None


def _member(
    mapped: np.memmap[Any, Any], info: zipfile.ZipInfo | None, limit: int = 64
) -> bytes | None:
    span = _span(mapped, info)
    if span is None or span[1] - span[0] > limit:
        return None
    return bytes(mapped[span[0] : span[1]])


# --- the machine -----------------------------------------------------------------------------

_LITERALS = _words(
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING "
    "UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8"
)
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": list,
    "MARK": _Mark,
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class _Machine:
    """A pickle virtual machine without the ability to import or call anything."""

    def __init__(self, path: Path, storage: Callable[[Any, Any], _Storage]) -> None:
        self.path = path
        self.storage = storage
        self.foreign: set[str] = set()
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, program: bytes) -> Any:
        for opcode, argument, _ in pickletools.genops(program):
            if opcode.name == "STOP":
                return self.stack.pop()
            self.step(opcode.name, argument)
        raise ValueError("the pickle has no end")

    def step(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in _LITERALS:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name]())
        elif name in _TUPLES:
            count = _TUPLES[name]
            stack[-count:] = [tuple(stack[-count:])]
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(self.memo[argument])
        elif name not in ("PROTO", "FRAME"):
            action = _ACTIONS.get(name)
            if action is None:
                raise ValueError(f"opcode {name} never occurs in a checkpoint")
            action(self, argument)

    def since_mark(self) -> list[Any]:
        """Everything pushed after the latest mark, popped."""
        for index in range(len(self.stack) - 1, -1, -1):
            if isinstance(self.stack[index], _Mark):
                values = self.stack[index + 1 :]
                del self.stack[index:]
                return values
        raise ValueError("a mark is missing")

    def named(self, module: str, name: str) -> None:
        top = module.split(".")[0]
        builtin = top in ("builtins", "__builtin__") and name in _HARMLESS_BUILTINS
        known = builtin or top in _HARMLESS_MODULES
        if not known and (top in sys.stdlib_module_names or top == "__builtin__"):
            raise InputError(
                f"{self.path.name} asks to run {module}.{name}, which no checkpoint needs; "
                "it was refused and nothing was run.",
                "Do not use this file, and tell whoever gave it to you.",
            )
        self.stack.append(Name(module, name))

    def reduce(self) -> None:
        args, maker = self.stack.pop(), self.stack.pop()
        if not isinstance(maker, Name) or not isinstance(args, tuple):
            raise ValueError("the pickle calls something that is not a name")
        recipe = _RECIPES.get(str(maker))
        if recipe is None:
            self.foreign.add(str(maker))
            self.stack.append(Foreign(maker, args))
        else:
            self.stack.append(recipe(*args))

    def build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, Foreign):
            target.state = state
        elif not isinstance(target, (dict, Tensor)):  # their attributes are of no use here
            raise ValueError("the pickle sets attributes of plain data")

    def extend(self, values: list[Any]) -> None:
        target = self.stack[-1]
        (target.items if isinstance(target, Foreign) else target).extend(values)

    def update(self, values: list[Any]) -> None:
        pairs = list(_pairs(values))
        target = self.stack[-1]
        if isinstance(target, Foreign):
            target.items.extend(pairs)
        else:
            target.update(pairs)

    def persistent(self) -> None:
        kind, storage_type, key, *_ = self.stack.pop()
        if kind != "storage":
            raise ValueError("an outside object is not a tensor storage")
        self.stack.append(self.storage(storage_type, key))


def _pairs(values: list[Any]) -> Iterator[tuple[Any, Any]]:
    for key, value in zip(values[::2], values[1::2], strict=True):
        # Nested tuples as keys could take for ever to hash.
        if isinstance(key, tuple) and any(isinstance(part, tuple) for part in key):
            raise ValueError("a key is nested")
        yield key, value


_ACTIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "TUPLE": lambda m, _: m.stack.append(tuple(m.since_mark())),
    "LIST": lambda m, _: m.stack.append(m.since_mark()),
    "FROZENSET": lambda m, _: m.stack.append(m.since_mark()),
    "DICT": lambda m, _: m.stack.append(dict(_pairs(m.since_mark()))),
    "APPEND": lambda m, _: m.extend([m.stack.pop()]),
    "APPENDS": lambda m, _: m.extend(m.since_mark()),
    "ADDITEMS": lambda m, _: m.extend(m.since_mark()),
    "SETITEM": lambda m, _: m.update([m.stack.pop(-2), m.stack.pop()]),
    "SETITEMS": lambda m, _: m.update(m.since_mark()),
    "GLOBAL": lambda m, text: m.named(*text.split(" ", 1)),
    "STACK_GLOBAL": lambda m, _: m.named(m.stack.pop(-2), m.stack.pop()),
    "REDUCE": lambda m, _: m.reduce(),
    "NEWOBJ": lambda m, _: m.reduce(),
    "BUILD": lambda m, _: m.build(),
    "BINPERSID": lambda m, _: m.persistent(),
    "POP": lambda m, _: m.stack.pop(),
}


def _tensor(
    storage: _Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any
) -> Tensor:
    values = storage.data[: len(storage.data) // storage.dtype.itemsize * storage.dtype.itemsize]
    values = values.view(storage.dtype)
    numel = 1
    for length in size:
        numel *= length
    if numel > values.numel():  # an expanded tensor would grow without bound when copied
        raise ValueError("a tensor claims more values than the file holds")
    return values.as_strided(tuple(size), tuple(stride), offset)


def _tensor_with_dtype(
    storage: _Storage, offset: int, size: Any, stride: Any, grad: Any, hooks: Any, dtype: Name
) -> Tensor:
    return _tensor(_Storage(storage.data, _DTYPES[dtype.name]), offset, size, stride)


_RECIPES: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": lambda *args: _tensor_with_dtype(*args[:7]),
    "torch._utils._rebuild_parameter": lambda data, *_: data,
    "torch._utils._rebuild_parameter_with_state": lambda data, *_: data,
    "torch.Size": lambda values=(): tuple(values),
    "collections.OrderedDict": lambda items=(): dict(_pairs([x for pair in items for x in pair])),
    "collections.defaultdict": lambda *_: {},
}
