"""Read files of `torch.save` without ever running what is inside them.

Such a file is a zip archive: one pickle (`data.pkl`) that describes a tree of values, and one
member of raw bytes per tensor. A pickle is a program; here Python's own unpickler walks through it,
but names of classes and functions stay inert text, only the handful in `_RECIPES` means something,
and nothing is ever imported or called by name. Tensors are views of the memory-mapped file, so a
checkpoint costs no memory beyond the pages in use.

Why not `torch.load` with this unpickler as its `pickle_module` (tried with torch 2.13):

- It hands an archive with a member `constants.pkl` to `torch.jit.load`, which runs the file's own
  code before any unpickler is asked. A look at the names beforehand does not help: an archive with
  two directories shows a clean one to `zipfile` and the other one to torch.
- It inflates `data.pkl` before the unpickler sees a byte: 1 MB of file became 2 GB of memory.
- It takes the length of a storage from the pickle, not from the archive's directory.

And why the unpickler is the one written in Python (`pickle._Unpickler`) and not the one in C, of
which only `find_class` can be replaced: there a memo index makes 328 bytes of file fill 4 GB and
more, a key of nested tuples takes for ever to hash or ends in a crash, and attributes that a file
sets on a tensor go through `Tensor.__setstate__`.
"""

from __future__ import annotations

import builtins
import io
import mmap
import pickle
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.weights.file_type import check_readable, damaged, file_type
from pfstudio.weights.inert import Foreign, Name

MAX_PICKLE_BYTES = 64 * 2**20  # published training files with an optimiser stay below 1 MiB
_MOST_READS = 500_000  # by the unpickler; a tensor takes about 60
_MOST_ODD_KEYS = 10_000  # of dictionaries: neither text nor a small number
_MOST_SHARING = 4  # how many times over tensors may show the bytes of the file
# Whatever plain Python operations raise on values of a kind that the opcodes did not promise.
_MALFORMED = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, struct.error),
    *(RuntimeError, OverflowError, MemoryError, pickle.UnpicklingError),
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
    "_codecs dataclasses functools types array numbers ipaddress zoneinfo random abc re logging"
)
_HARMLESS_NAMES = _words("time.struct_time")
# Its classes and constants, and what Python 2, whose protocol torch.save writes, called them.
_HARMLESS_BUILTINS = {
    name for name, value in vars(builtins).items() if not callable(value) or isinstance(value, type)
} | _words("long unicode basestring xrange sorted len min max sum abs round")


@dataclass(frozen=True)
class _Storage:
    data: Tensor  # (bytes,) uint8 view of the mapped file
    dtype: torch.dtype
    spend: Callable[[int], None]  # told the bytes that a tensor shows


@dataclass(frozen=True)
class Archive:
    """What a `torch.save` file holds."""

    tree: Any  # plain containers, tensors, Name and Foreign
    foreign: tuple[str, ...]  # names of the classes that became Foreign, sorted


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
    with path.open("rb") as file:  # copy on write: the file never changes
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    if _member(mapped, members.get(root + "byteorder")) not in (None, b"little"):
        raise InputError(f"{path.name} was saved on a big-endian machine and cannot be read here.")
    program = _member(mapped, members[pickles[0]], MAX_PICKLE_BYTES)
    if program is None:
        raise damaged(path)

    shown = 0

    def spend(count: int) -> None:
        nonlocal shown
        shown += count
        if shown > _MOST_SHARING * len(mapped):
            raise ValueError("its tensors claim more values than the file holds")

    def storage(kind: Any, key: Any) -> _Storage:
        span = _span(mapped, members.get(f"{root}data/{key}")) if isinstance(key, str) else None
        if not isinstance(kind, Name) or kind.name not in _STORAGES or span is None:
            raise ValueError("a tensor's storage is missing or damaged")
        # torch.frombuffer refuses empty buffers, but tensors without elements are legal.
        start, length = span
        data = torch.empty(0, dtype=torch.uint8)
        if length:
            data = torch.frombuffer(mapped, dtype=torch.uint8, count=length, offset=start)
        return _Storage(data, _DTYPES[_STORAGES[kind.name]], spend)

    unpickler = _Unpickler(path, program, storage)
    try:
        tree = unpickler.load()
    except _MALFORMED as error:
        # Only our own words: those of other errors show values of the file, of any length.
        raise damaged(path, str(error) if type(error) is ValueError else "") from error
    return Archive(tree, tuple(sorted(unpickler.foreign)))


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


def _span(mapped: mmap.mmap, info: zipfile.ZipInfo | None) -> tuple[int, int] | None:
    """First byte and length of a member in the file; None if absent, compressed or out of bounds.

    torch.save never compresses, so a member that claims to be is a decompression bomb or damage.
    """
    if info is None or info.compress_type != zipfile.ZIP_STORED or info.header_offset < 0:
        return None
    header = mapped[info.header_offset : info.header_offset + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        return None
    name_length, extra_length = struct.unpack_from("<HH", header, 26)
    start, length = info.header_offset + 30 + name_length + extra_length, info.file_size
    fits = length == info.compress_size and start + length <= len(mapped)
    return (start, length) if fits else None


def _member(mapped: mmap.mmap, info: zipfile.ZipInfo | None, limit: int = 64) -> bytes | None:
    span = _span(mapped, info)
    if span is None or span[1] > limit:
        return None
    return mapped[span[0] : span[0] + span[1]]


# --- the unpickler ---------------------------------------------------------------------------

_OPCODES = _words(
    "PROTO STOP MARK POP NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG LONG1 LONG4 "
    "FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE "
    "BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 EMPTY_DICT EMPTY_LIST EMPTY_TUPLE TUPLE TUPLE1 "
    "TUPLE2 TUPLE3 LIST PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET GLOBAL STACK_GLOBAL "
    "BINPERSID"
)


class _Program(io.BytesIO):
    """A pickle that may be read only so many times: each read costs time and memory."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > _MOST_READS:
            raise ValueError("it is far longer than a description of weights")
        return super().read(size)


class _Unpickler(pickle._Unpickler):
    """Python's unpickler, without the ability to import or call anything."""

    stack: list[Any]  # since the latest mark
    append: Callable[[Any], None]  # to it
    pop_mark: Callable[[], list[Any]]  # everything since the latest mark

    def __init__(self, path: Path, program: bytes, storage: Callable[[Any, Any], _Storage]) -> None:
        super().__init__(_Program(program), encoding="latin1")
        self.path = path
        self.odd_keys = 0
        self.storage = storage
        self.foreign: set[str] = set()

    def find_class(self, module: str, name: str) -> Name:
        top = module.split(".")[0]
        builtin = top in ("builtins", "__builtin__") and name in _HARMLESS_BUILTINS
        known = builtin or top in _HARMLESS_MODULES or f"{module}.{name}" in _HARMLESS_NAMES
        if not known and (top in sys.stdlib_module_names or top == "__builtin__"):
            raise InputError(
                f"{self.path.name} asks to run {module}.{name}, which no checkpoint needs; "
                "it was refused and nothing was run.",
                "Do not use this file, and tell whoever gave it to you.",
            )
        return Name(module, name)

    def persistent_load(self, pid: Any) -> _Storage:
        if not isinstance(pid, tuple) or pid[0] != "storage":
            raise ValueError("an outside object is not a tensor storage")
        return self.storage(pid[1], pid[2])

    def make(self) -> None:
        args, maker = self.stack.pop(), self.stack.pop()
        if not isinstance(maker, Name) or not isinstance(args, tuple):
            raise ValueError("the pickle calls something that is not a name")
        recipe = _RECIPES.get(str(maker))
        if recipe is None:
            self.foreign.add(str(maker))
            self.append(Foreign(maker, args))
        else:
            self.append(recipe(*args))

    def set_state(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, Foreign):
            target.state = state
        elif not isinstance(target, (dict, Tensor)):  # their attributes are of no use here
            raise ValueError("the pickle sets attributes of plain data")

    def extend(self, values: list[Any]) -> None:
        target = self.stack[-1]
        (target.items if isinstance(target, Foreign) else target).extend(values)

    def update(self, values: list[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, Foreign):
            target.items.extend(_pairs(values))
        else:
            target.update(self.pairs(values))

    def pairs(self, values: list[Any]) -> Iterator[tuple[Any, Any]]:
        """As `_pairs`, with few keys of which many could be made to share a place in the table."""
        for key, value in _pairs(values):
            self.odd_keys += not (isinstance(key, str) or (isinstance(key, int) and key < 2**31))
            if self.odd_keys > _MOST_ODD_KEYS:
                raise ValueError("its dictionaries have too many keys that are no names")
            yield key, value


def _pairs(values: list[Any]) -> Iterator[tuple[Any, Any]]:
    for key, value in zip(values[::2], values[1::2], strict=True):
        # Nested tuples as keys could take for ever to hash, or more than the stack.
        if isinstance(key, tuple) and any(isinstance(part, tuple) for part in key):
            raise ValueError("a key is nested")
        yield key, value


def _code(name: str) -> int:
    code: bytes = getattr(pickle, name)
    return code[0]


_READING: dict[int, Any] = pickle._Unpickler.dispatch
_BUILDING: dict[str, Callable[[Any], None]] = {
    "EMPTY_SET": _READING[_code("EMPTY_LIST")],
    "FROZENSET": _READING[_code("LIST")],
    "APPEND": lambda u: u.extend([u.stack.pop()]),
    "APPENDS": lambda u: u.extend(u.pop_mark()),
    "ADDITEMS": lambda u: u.extend(u.pop_mark()),
    "DICT": lambda u: u.append(dict(u.pairs(u.pop_mark()))),
    "SETITEM": lambda u: u.update([u.stack.pop(-2), u.stack.pop()]),
    "SETITEMS": lambda u: u.update(u.pop_mark()),
    "REDUCE": _Unpickler.make,
    "NEWOBJ": _Unpickler.make,
    "BUILD": _Unpickler.set_state,
    "FRAME": lambda u: u.read(8),  # its length is of no use: everything is here
}
_Unpickler.dispatch = {_code(name): _READING[_code(name)] for name in _OPCODES}
_Unpickler.dispatch |= {_code(name): action for name, action in _BUILDING.items()}


def _tensor(storage: _Storage, offset: int, size: Any, stride: Any, *_: Any) -> Tensor:
    itemsize = storage.dtype.itemsize
    values = storage.data[: len(storage.data) // itemsize * itemsize].view(storage.dtype)
    size, numel = _integers(size), 1
    for length in size:
        numel *= length
        if numel > values.numel():  # an expanded tensor would grow without bound when copied
            raise ValueError("a tensor claims more values than the file holds")
    storage.spend(numel * itemsize)
    return values.as_strided(size, _integers(stride), offset)


def _tensor_with_dtype(
    storage: _Storage, offset: int, size: Any, stride: Any, grad: Any, hooks: Any, dtype: Name
) -> Tensor:
    return _tensor(replace(storage, dtype=_DTYPES[dtype.name]), offset, size, stride)


def _integers(values: Any = ()) -> tuple[int, ...]:
    """A size or stride of a tensor."""
    if not isinstance(values, (list, tuple)) or not all(type(value) is int for value in values):
        raise ValueError("a tensor's size is damaged")
    return tuple(values)


def _ordered(items: Any = ()) -> dict[Any, Any]:
    if not isinstance(items, (list, tuple)) or not all(isinstance(i, (list, tuple)) for i in items):
        raise ValueError("a dictionary is damaged")
    pairs = [part for pair in items for part in pair]
    if len(pairs) > _MOST_ODD_KEYS:
        raise ValueError("a dictionary is damaged")
    return dict(_pairs(pairs))


_RECIPES: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": lambda *args: _tensor_with_dtype(*args[:7]),
    "torch._utils._rebuild_parameter": lambda data, *_: data,
    "torch._utils._rebuild_parameter_with_state": lambda data, *_: data,
    "torch.Size": _integers,
    "collections.OrderedDict": _ordered,
    "collections.defaultdict": lambda *_: {},
}
