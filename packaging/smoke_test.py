"""Try what was built, as a stranger's machine would: an empty home and environment, no PYTHONPATH.

    python3 packaging/smoke_test.py [PROGRAM]      without it, dist/pfstudio/pfstudio

Exit code 1 if a check of `pfstudio selftest` inside it fails, or the bundle is too large.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

BUNDLE = Path(__file__).resolve().parents[1] / "dist" / "pfstudio"
LARGEST_MB = 900
KEPT = ("SYSTEMROOT", "TEMP", "LANG")  # Windows does not start a program without the first


def main() -> int:
    """Run the checks; returns the exit code."""
    program = Path(sys.argv[1]) if len(sys.argv) > 1 else BUNDLE / "pfstudio"
    program = program if os.name != "nt" else program.with_name("pfstudio-cli.exe")
    program = program.resolve()  # a command in /usr/bin is a link into the bundle
    if not program.exists():
        print(f"{program} is not there: build it with python3 packaging/build.py")
        return 1
    size = megabytes(program.parent)
    print(f"{program.parent}: {size:.0f} MB")
    with tempfile.TemporaryDirectory(prefix="pfstudio-smoke-") as home:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"HOME": home, "USERPROFILE": home, "PATH": os.defpath}
        command = [str(program), "selftest"]
        code = subprocess.run(command, cwd=home, env=environment, stdin=subprocess.DEVNULL)
    return 1 if code.returncode or size > LARGEST_MB else 0


def megabytes(folder: Path) -> float:
    """Of its files; a link takes no place."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


if __name__ == "__main__":
    sys.exit(main())
