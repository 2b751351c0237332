"""Write a data set: a tar of pictures, and beside it what is known of them as JSON."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pfstudio.core.files import replacing_pair


def write_pack(
    pack: Path, files: Iterable[tuple[str, bytes]], labels: Path, about: Mapping[str, Any]
) -> None:
    """Write both, whole or not at all; labels never lie beside a pack that they do not describe.

    Args:
        files: name in the tar, and content.

    Raises:
        InputError: the folder may not be written to.
        RunError: the disk is full or failing.
    """
    with replacing_pair(pack, labels) as (first, second):
        with tarfile.open(first, "w") as tar:
            for name, data in files:
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
        second.write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
