"""What the bundle's libraries lose, and that nothing asks for it."""

from __future__ import annotations

import ctypes
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Functions of OpenCV that solve no equations: the bundle has no OpenBLAS for those that do.
SOLVE_NOTHING = {
    "GaussianBlur", "VideoCapture", "VideoWriter", "absdiff", "applyColorMap", "calcHist",
    "convertScaleAbs", "cvtColor", "getRotationMatrix2D", "imdecode", "imencode", "imread", "remap",
    "resize", "transform", "warpAffine",
}  # fmt: skip
needs_compiler = pytest.mark.skipif(
    sys.platform != "linux" or not all(map(shutil.which, ("cc", "nm", "strip"))),
    reason="needs a C compiler",
)


@pytest.fixture(autouse=True)
def packaging_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))


def archive(entries: dict[str, bytes]) -> bytes:
    """Such entries as ICU keeps them, with bytes of a library around."""
    header = struct.pack("<HBB", 32, 0xDA, 0x27) + bytes(8) + b"CmnD" + bytes(16)
    at = 4 + 8 * len(entries)
    names = b"".join(name.encode() + b"\0" for name in entries)
    data = at + len(names) + -(at + len(names)) % 16
    toc, body = struct.pack("<I", len(entries)), b""
    for name, content in entries.items():
        toc += struct.pack("<II", at, data + len(body))
        at += len(name) + 1
        body += content.ljust(16, b".")
    return b"\x7fELF" + bytes(28) + header + (toc + names).ljust(data, b"\0") + body


def test_icu_keeps_what_qt_asks_for() -> None:
    import thin

    kept = {"icudt73l/coll/de.res": b"order", "icudt73l/root.res": b"root"}
    others = {"icudt73l/coll/ja.res": b"x", "icudt73l/ibm.cnv": b"x", "icudt73l/unit/de.res": b"x"}
    entries = dict(sorted({**kept, **others}.items()))
    assert thin.icu_archive(archive(entries)) == archive(kept)[32:]


@needs_compiler
def test_icu_is_a_library_again(tmp_path: Path) -> None:
    import thin

    library = tmp_path / "libicudata.so.73"
    source = 'char icudt73_dat[] __attribute__((visibility("default"))) = {%s};'
    entries = archive({"icudt73l/ibm.cnv": b"gone", "icudt73l/root.res": b"kept"})[32:]
    signed = struct.unpack(f"{len(entries)}b", entries)
    thin.compile_c(source % ",".join(map(str, signed)), library)
    thin.thin_icu(library)
    wanted = archive({"icudt73l/root.res": b"kept"})[32:]
    held = (ctypes.c_char * len(wanted)).in_dll(ctypes.CDLL(str(library)), "icudt73_dat")
    assert held.raw == wanted


@needs_compiler
def test_what_is_left_out_says_so(tmp_path: Path) -> None:
    import thin

    library, user = tmp_path / "libblas.so", tmp_path / "user.so"
    thin.compile_c("int gemm(void) { return 1; } int other(void) { return 1; }", library)
    thin.compile_c("int gemm(void); int solve(void) { return gemm(); }", user)
    thin.leave_out(library, [user])
    assert thin.symbols(library, "--defined-only") >= {"gemm"}
    assert "other" not in thin.symbols(library, "--defined-only")
    call = (
        "import ctypes, sys\nctypes.CDLL(sys.argv[1], ctypes.RTLD_GLOBAL)\n"
        "ctypes.CDLL(sys.argv[2]).solve()"
    )
    command = [sys.executable, "-c", call, library, user]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode < 0
    assert done.stderr.startswith("libblas.so is not in this bundle.\n")


def test_the_program_has_opencv_solve_nothing() -> None:
    sources = (path.read_text("utf-8") for path in (ROOT / "pfstudio").rglob("*.py"))
    used = {name for source in sources for name in re.findall(r"\bcv2\.(\w+)\(", source)}
    assert used <= SOLVE_NOTHING
    assert "resize" in used


def test_nothing_imports_what_is_excluded() -> None:
    """Imports inside functions are of extras, and say so where they are not there."""
    import contents

    for path in (ROOT / "pfstudio").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if module in contents.EXCLUDED:
            continue
        for name in re.findall(r"^(?:from|import) ([\w.]+)", path.read_text("utf-8"), re.MULTILINE):
            parts = name.split(".")
            prefixes = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
            assert not prefixes & set(contents.EXCLUDED), f"{module} imports {name}"
