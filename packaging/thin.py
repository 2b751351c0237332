"""The libraries of the bundle made smaller (Linux), with the tools of a C compiler.

From 1018 MB on, symbols are 23 MB, OpenBLAS is 42 MB and the data of ICU 26 MB.
"""

from __future__ import annotations

import re
import struct
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

TOOLS = ("cc", "nm", "strip")

# Of ICU's data (names of places, money, units and rules in 700 locales), Qt asks for the order of
# letters and the names of time zones; all else that it says of a locale is its own. The languages
# are those of the program; the pool holds words that they share.
_ICU_KEPT = re.compile(
    r"[^/]+/((coll|zone)/(root|pool|ucadata|res_index|tzdbNames|de|en)[^/]*|[^/]+(?<!\.cnv))$"
)


def thin(internal: Path) -> None:
    """Make the libraries in the folder `internal` of a bundle smaller.

    Raises:
        subprocess.CalledProcessError: one of the tools failed; it said why.
    """
    strip(internal)
    for data in internal.glob("PySide6/Qt/lib/libicudata.so.*"):
        thin_icu(data)
    # OpenCV solves equations with OpenBLAS; the program has none solved (the tests look).
    for blas in internal.glob("opencv_python_headless.libs/libopenblas*"):
        leave_out(blas, internal.glob("cv2/cv2*.so"))
        for fortran in [*blas.parent.glob("libgfortran*"), *blas.parent.glob("libquadmath*")]:
            fortran.unlink()
            (internal / fortran.name).unlink(missing_ok=True)  # a link to it


def strip(internal: Path) -> None:
    """Take out symbols that only a debugger reads."""
    for path in internal.rglob("*.so*"):
        # The makers of the wheel of numpy changed its libraries in a way that strip would break.
        if path.is_file() and not path.is_symlink() and path.parent.name != "numpy.libs":
            subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)


def leave_out(library: Path, users: Iterable[Path]) -> None:
    """Put a library in the place of `library` that ends the program where `users` call it."""
    wanted = {name for user in users for name in symbols(user, "--undefined-only")}
    names = sorted(wanted & symbols(library, "--defined-only"))
    message = f"{library.name} is not in this bundle.\\n"
    compile_c(
        "#include <stdio.h>\n#include <stdlib.h>\n"
        f'static void absent(void) {{ fputs("{message}", stderr); abort(); }}\n'
        + "".join(f"void {name}(void) {{ absent(); }}\n" for name in names),
        library,
    )


def thin_icu(library: Path) -> None:
    """Keep of the data in `library` (libicudata.so) what Qt asks for."""
    (name,) = (name for name in symbols(library, "--defined-only") if name.endswith("_dat"))
    with tempfile.NamedTemporaryFile(suffix=".dat") as data:
        data.write(icu_archive(library.read_bytes()))
        data.flush()
        compile_c(
            f'__asm__(".section .rodata\\n.balign 16\\n.globl {name}\\n.type {name},%object\\n'
            f'{name}:\\n.incbin \\"{data.name}\\"\\n.size {name},.-{name}\\n");\n',
            library,
        )


def icu_archive(library: bytes) -> bytes:
    """ICU's "CmnD" archive in the file `library`, with the entries that are kept.

    A header that says its length in its first two bytes; a count; for each entry, where its name
    and its data start, from the count on; names that end in a null; data at multiples of 16.
    """
    start = library.index(b"CmnD") - 12
    (header,) = struct.unpack_from("<H", library, start)
    archive = library[start + header :]
    (count,) = struct.unpack_from("<I", archive)
    table = [*struct.iter_unpack("<II", archive[4 : 4 + 8 * count])]
    ends = [*(begin for _, begin in table[1:]), len(archive)]
    kept: dict[bytes, bytes] = {}
    for (at, begin), end in zip(table, ends, strict=True):
        name = archive[at : archive.index(b"\0", at)]
        if _ICU_KEPT.match(name.decode()):
            kept[name] = archive[begin:end]
    names, at_name = b"".join(name + b"\0" for name in kept), 4 + 8 * len(kept)
    at_data = at_name + len(names) + -(at_name + len(names)) % 16
    toc, body = struct.pack("<I", len(kept)), b""
    for name, data in kept.items():
        toc += struct.pack("<II", at_name, at_data + len(body))
        at_name += len(name) + 1
        body += data + bytes(-len(data) % 16)
    return library[start : start + header] + (toc + names).ljust(at_data, b"\0") + body


def symbols(library: Path, which: str) -> set[str]:
    """Names of the dynamic symbols that `nm` lists by the option `which`."""
    command = ["nm", "-D", "--format=posix", which, str(library)]
    lines = subprocess.check_output(command, text=True).splitlines()
    return {line.split()[0].split("@")[0] for line in lines}


def compile_c(source: str, library: Path) -> None:
    """Replace `library` by one of the same name that is made of `source`, in C."""
    subprocess.run(
        [
            "cc", "-shared", "-fPIC", "-s", f"-Wl,-soname,{library.name}", "-x", "c", "-",
            "-o", str(library),
        ],
        input=source, text=True, check=True,
    )  # fmt: skip
