"""Fetch one file over HTTP so that a broken or paused transfer goes on where it stopped."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pfstudio.core.documents import read_json
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.files import lock
from pfstudio.version import __version__
from pfstudio.weights.catalogue import HubFile, RemoteFile
from pfstudio.weights.disk import check_space, disk_error, sha256_of

Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0: unknown)

_BLOCK = 2**20
_TIMEOUT = 30.0  # seconds without a byte
_HEAD = 60.0  # seconds within which an answer has to begin, redirects and all
_PATIENCE, _SLOWEST = 600.0, 16_384  # seconds, beside the size at so many bytes a second
_SLACK = 16 * 2**20  # bytes beyond twice what is expected
_SHOWN = 120  # characters of what others say
_clock = time.monotonic


@dataclass(frozen=True)
class _Begun:
    """What is known of a transfer that was begun, kept beside the partial file."""

    url: str
    validator: str  # ETag or Last-Modified: tells whether the server's file is still the same


def download(
    file: RemoteFile,
    folder: Path,
    progress: Progress = lambda done, total: None,
    stopped: Callable[[], bool] = bool,
) -> Path:
    """Fetch `file` into `folder`, continuing what an earlier call left there.

    It ends, whatever the server does: an answer has to begin within a minute, at most twice the
    expected bytes and 16 MiB are taken, and one call lasts no longer than ten minutes and what the
    expected bytes take at 16 KiB/s.

    Args:
        progress: called after each block.
        stopped: asked before each block; true pauses.

    Returns:
        The path of the whole file, its SHA-256 checked if the catalogue knows it.

    Raises:
        RunError: network or disk failed, the check sum is wrong, or the transfer was paused.
    """
    target = folder / file.name
    if target.is_file():
        return target
    part = folder / f"{file.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, folder) from error
    try:
        output = part.open("ab")
    except OSError as error:
        raise disk_error(error, folder) from error
    with output:
        if not lock(output.fileno()):
            raise RunError(f"{file.name} is being fetched already.", "Wait for the other one.")
        try:
            total = _transfer(file, part, output, progress, stopped)
        finally:
            if not (size := output.tell()):  # nothing came
                _forget(part)
    if not size:
        raise _broken(file, "the server sent nothing")
    if total and size != total:
        raise _broken(file, f"it ended after {size:,} of {total:,} bytes")
    if file.sha256 and sha256_of(part) != file.sha256:
        _forget(part)
        raise RunError(
            f"{file.name} arrived damaged: its check sum is wrong.", "Download it again."
        )
    os.replace(part, target)
    _note(part).unlink(missing_ok=True)
    return target


class _WebOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to another address of the web, and never to an unencrypted one."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        before, then = (urllib.parse.urlsplit(url).scheme for url in (req.full_url, newurl))
        if then not in ("http", "https") or (before, then) == ("https", "http"):
            raise http.client.HTTPException(f"it redirects to {newurl[:80]}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(sockets: list[socket.socket]) -> urllib.request.OpenerDirector:
    """Its connections' sockets are added to `sockets`."""

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    class Secure(http.client.HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    class OpenPlain(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, req)

    class OpenSecure(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Secure, req)

    return urllib.request.build_opener(_WebOnly, OpenPlain, OpenSecure)


@contextlib.contextmanager
def _closing_after(seconds: float, sockets: Sequence[socket.socket]) -> Iterator[None]:
    """Ends what reads from `sockets`: their own timeout begins anew with every byte."""

    def close() -> None:
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, close)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _transfer(
    file: RemoteFile,
    part: Path,
    output: IO[bytes],
    progress: Progress,
    stopped: Callable[[], bool],
) -> int:
    """Append to `part` until the server has no more; returns the size it gave (0: none)."""
    if urllib.parse.urlsplit(file.url).scheme not in ("http", "https"):
        raise InputError(f"{file.url} is not an address of the web.")
    begun = _read_note(part)
    have = part.stat().st_size if part.is_file() and begun and begun.url == file.url else 0
    headers = {"User-Agent": f"pfstudio/{__version__}"}
    if have and begun is not None:
        headers |= {"Range": f"bytes={have}-", "If-Range": begun.validator}
    try:
        request = urllib.request.Request(file.url, headers=headers)
        sockets: list[socket.socket] = []
        with _closing_after(_HEAD, sockets):
            response = _opener(sockets).open(request, timeout=_TIMEOUT)
        with response, _closing_after(most_seconds(file), sockets):
            if response.headers.get_content_type() == "text/html":
                raise _broken(file, "the server answered with a web page")
            if not (response.chunked or response.headers.get("Content-Length", "").strip(" 0")):
                raise _broken(file, "the server does not say how large it is")
            if response.status == 206 and not _goes_on(response.headers, begun, have):
                _begin_anew(part, output)
                raise _broken(file, "the server sent another part, or of another file")
            have = have if response.status == 206 else 0
            total = have + _length(response.headers)
            if total > most_bytes(file):
                raise _broken(file, f"it has {total:,} bytes, far more than expected")
            check_space(part.parent, total - have)
            _append(response, file, part, output, have, total, progress, stopped)
            return total
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416 and error.headers.get("Content-Range") == f"bytes */{have}":
                return have  # everything had already arrived
            if error.code == 416:
                _begin_anew(part, output)
            raise _broken(file, f"the server answered {error.code} {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _broken(file, str(getattr(error, "reason", error))[:_SHOWN]) from error


def _goes_on(headers: Any, begun: _Begun | None, have: int) -> bool:
    """Whether a partial answer is the rest of the very file that was begun."""
    validator = _validator(headers)
    place = headers.get("Content-Range", "")
    same = begun is not None and validator in (None, begun.validator)
    return same and place.startswith(f"bytes {have}-")


def _validator(headers: Any) -> str | None:
    return headers.get("ETag") or headers.get("Last-Modified")


def _length(headers: Any) -> int:
    """Bytes that are announced; 0: none. ValueError if that is no number."""
    length = int(headers.get("Content-Length") or 0)
    if length < 0:
        raise ValueError(f"it announces {length} bytes")
    return length


def most_bytes(file: RemoteFile | HubFile) -> int:
    """More than this is not the file that is expected."""
    return 2 * file.about_bytes + _SLACK


def most_seconds(file: RemoteFile | HubFile) -> float:
    """A transfer that takes longer is as good as none."""
    return _PATIENCE + file.about_bytes / _SLOWEST


def _append(
    response: Any,
    file: RemoteFile,
    part: Path,
    output: IO[bytes],
    have: int,
    total: int,
    progress: Progress,
    stopped: Callable[[], bool],
) -> None:
    latest = _clock() + most_seconds(file)

    def check_time() -> None:
        if _clock() > latest:
            raise _broken(file, f"it takes more than {most_seconds(file) / 60:.0f} minutes")

    try:
        output.truncate(have)
        _write_note(part, file.url, _validator(response.headers))
        while True:
            if stopped():
                raise RunError(
                    f"The download of {file.name} is paused.",
                    "Download it again to go on from here.",
                )
            block = _read(response, check_time)
            if not block:
                return
            output.write(block)
            output.flush()
            have += len(block)
            if have > most_bytes(file):
                raise _broken(file, "far more arrives than expected")
            progress(have, total)
    except _NetworkError as error:
        raise error.cause from error
    except OSError as error:
        raise disk_error(error, part.parent) from error


class _NetworkError(Exception):
    """Keeps an error of the connection apart from one of the disk, which has the same type."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _read(response: Any, check: Callable[[], None]) -> bytes:
    """A whole block, or the last bytes; `check` is called whenever some came."""
    block = bytearray()
    try:
        while len(block) < _BLOCK and (piece := response.read1(_BLOCK - len(block))):
            block += piece
            check()
        return bytes(block)
    except (OSError, http.client.HTTPException) as error:
        raise _NetworkError(error) from error


def _broken(file: RemoteFile, why: str) -> RunError:
    return RunError(
        f"{file.name} could not be fetched: {why}.",
        "Check the connection and download it again; it goes on where it stopped.",
    )


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _write_note(part: Path, url: str, validator: str | None) -> None:
    if validator and not validator.startswith("W/"):  # a weak one may not be used to go on
        _note(part).write_text(json.dumps([url, validator]), encoding="utf-8")
    else:
        _note(part).unlink(missing_ok=True)


def _read_note(part: Path) -> _Begun | None:
    try:
        url, validator = map(str, read_json(_note(part)))
        return _Begun(url, validator)
    except (OSError, ValueError, TypeError):
        return None  # nothing to go on from


def _begin_anew(part: Path, output: IO[bytes]) -> None:
    output.truncate(0)
    output.seek(0)
    _note(part).unlink(missing_ok=True)


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)
