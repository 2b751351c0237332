"""Check the wheel and the source package before anybody gets them.

    python packaging/check_packages.py FILE.whl FILE.tar.gz

Their metadata must be valid, and models, resources and licences must be inside.
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

from packaging.metadata import Metadata

WHEEL = ("pfstudio/__init__.py", "pfstudio/_data/models/ae-f4/card.json")
SOURCE = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "models/ae-f4/card.json")
BOTH = ("resources/icons/app.svg", "resources/desktop/entry.desktop")


def main() -> int:
    """Check the files that are named; returns the exit code."""
    for path in map(Path, sys.argv[1:]):
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                names = wheel.namelist()
                text = wheel.read(next(name for name in names if name.endswith("/METADATA")))
            wanted = (*WHEEL, *(f"pfstudio/_data/{name}" for name in BOTH))
        else:
            with tarfile.open(path) as source:
                names = [name.partition("/")[2] for name in source.getnames()]
                told = source.extractfile(f"{path.name.removesuffix('.tar.gz')}/PKG-INFO")
                text = told.read() if told else b""
            wanted = (*SOURCE, *BOTH)
        found = Metadata.from_email(text, validate=True)
        missing = [name for name in wanted if name not in names]
        if missing or not found.description or not found.project_urls:
            print(f"{path.name} lacks {', '.join(missing) or 'a description or addresses'}.")
            return 1
        print(f"{path.name}: {found.name} {found.version}, {len(names)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
