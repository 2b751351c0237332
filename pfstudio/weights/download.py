"""Fetch one file over HTTP so that a broken or paused transfer goes on where it stopped."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from pfstudio.core.catalogue import RemoteFile
from pfstudio.core.documents import read_json
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.files import discard, lock
from pfstudio.version import __version__
from pfstudio.weights.disk import check_space, disk_error, sha256_of

Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0: unknown)

_BLOCK = 2**16
_TIMEOUT = 30.0  # seconds without a byte
_HEAD = 60.0  # seconds within which an answer has to begin, redirects and all
_PATIENCE, _SLOWEST = 600.0, 16_384  # seconds, beside the size at so many bytes a second
_SLACK = 16 * 2**20  # bytes beyond twice what is expected
_SHOWN = 120  # characters of what others say
_WATCH = 0.1  # seconds between looks at whether a transfer should end
_SHA256 = re.compile(r'"?([0-9a-f]{64})"?')
_clock = time.monotonic


@dataclass(frozen=True)
class _Begun:
    """What is known of a transfer that was begun, kept beside the partial file."""

    url: str
    validator: str  # ETag or Last-Modified: tells whether the server's file is still the same


@dataclass(frozen=True)
class _Watch:
    """When a transfer has to end before it is whole."""

    file: RemoteFile
    stopped: Callable[[], bool]
    latest: float  # by `_clock`

    def over(self) -> bool:
        return self.stopped() or _clock() > self.latest

    def check(self) -> None:
        """Raise what is to be told, once it is over."""
        if self.stopped():
            raise RunError(
                f"The download of {self.file.name} is paused.",
                "Download it again to go on from here.",
            )
        if _clock() > self.latest:
            minutes = most_seconds(self.file) / 60
            raise _broken(self.file, f"it takes more than {minutes:.0f} minutes")


def download(
    file: RemoteFile,
    folder: Path,
    progress: Progress = lambda done, total: None,
    stopped: Callable[[], bool] = bool,
) -> Path:
    """Fetch `file` into `folder`, continuing what an earlier call left there.

    A connection that breaks is taken up again as long as each one brings at least a block. It ends,
    whatever the server does: an answer has to begin within a minute, at most twice the expected
    bytes and 16 MiB are taken, and one call lasts no longer than ten minutes and what the expected
    bytes take at 16 KiB/s. Proxies are those of the environment or of the system.

    Args:
        progress: called after each block.
        stopped: asked ten times a second, from any thread; true pauses.

    Returns:
        The path of the whole file, its SHA-256 checked if the catalogue or the hub that it comes
        from tells one.

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
            watch = _Watch(file, stopped, _clock() + most_seconds(file))
            sha256 = _fetch(part, output, progress, watch)
        finally:
            if not output.tell():  # nothing came
                discard(output, part)
                _note(part).unlink(missing_ok=True)
    if sha256 and sha256_of(part) != sha256:
        _forget(part)
        raise RunError(
            f"{file.name} arrived damaged: its check sum is wrong.", "Download it again."
        )
    os.replace(part, target)
    _note(part).unlink(missing_ok=True)
    return target


def _fetch(part: Path, output: IO[bytes], progress: Progress, watch: _Watch) -> str:
    """Fill `part`, over as many connections as it takes; returns the check sum, if one is known."""
    while True:
        before = output.tell()
        try:
            total, sha256 = _transfer(part, output, progress, watch)
            size = output.tell()
            if not size:
                raise _broken(watch.file, "the server sent nothing")
            if total and size != total:
                raise _ConnectionError(watch.file, f"it ended after {size:,} of {total:,} bytes")
            return watch.file.sha256 or sha256
        except _ConnectionError:
            watch.check()
            if output.tell() - before < _BLOCK:
                raise


@dataclass
class _WebOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to another address of the web, and never to an unencrypted one.

    The Hugging Face hub tells the SHA-256 of a large file where it redirects to its store.
    """

    sha256: str = ""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        before, then = (urllib.parse.urlsplit(url).scheme for url in (req.full_url, newurl))
        if then not in ("http", "https") or (before, then) == ("https", "http"):
            raise http.client.HTTPException(f"it redirects to {newurl[:80]}")
        if found := _SHA256.fullmatch(headers.get("X-Linked-Etag", "")):
            self.sha256 = found[1]
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(redirects: _WebOnly, sockets: list[socket.socket]) -> urllib.request.OpenerDirector:
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

    return urllib.request.build_opener(redirects, OpenPlain, OpenSecure)


@contextlib.contextmanager
def _closing_when(over: Callable[[], bool], sockets: Sequence[socket.socket]) -> Iterator[None]:
    """Ends what reads from `sockets` once `over`: their own timeout begins anew with every byte."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH):
            for one in sockets if over() else ():
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=watch, name="download watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _transfer(part: Path, output: IO[bytes], progress: Progress, watch: _Watch) -> tuple[int, str]:
    """Append to `part` until the server has no more.

    Returns:
        The size that it gave (0: none), and the check sum ("": none).
    """
    file = watch.file
    if urllib.parse.urlsplit(file.url).scheme not in ("http", "https"):
        raise InputError(f"{file.url} is not an address of the web.")
    begun = _read_note(part)
    have = part.stat().st_size if part.is_file() and begun and begun.url == file.url else 0
    headers = {"User-Agent": f"pfstudio/{__version__}"}
    if have and begun is not None:
        headers |= {"Range": f"bytes={have}-", "If-Range": begun.validator}
    sockets: list[socket.socket] = []
    redirects = _WebOnly()
    head = replace(watch, latest=min(watch.latest, _clock() + _HEAD))
    try:
        request = urllib.request.Request(file.url, headers=headers)
        with _closing_when(head.over, sockets):
            response = _opener(redirects, sockets).open(request, timeout=_TIMEOUT)
        with response, _closing_when(watch.over, sockets):
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
            _append(response, part, output, have, total, progress, watch)
            return total, redirects.sha256
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416 and error.headers.get("Content-Range") == f"bytes */{have}":
                return have, redirects.sha256  # everything had already arrived
            if error.code == 416:
                _begin_anew(part, output)
            raise _broken(file, f"the server answered {error.code} {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        watch.check()
        raise _ConnectionError(file, str(getattr(error, "reason", error))[:_SHOWN]) from error


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


def most_bytes(file: RemoteFile) -> int:
    """More than this is not the file that is expected."""
    return 2 * file.about_bytes + _SLACK


def most_seconds(file: RemoteFile) -> float:
    """A transfer that takes longer is as good as none."""
    return _PATIENCE + file.about_bytes / _SLOWEST


def _append(
    response: Any,
    part: Path,
    output: IO[bytes],
    have: int,
    total: int,
    progress: Progress,
    watch: _Watch,
) -> None:
    file = watch.file
    try:
        output.truncate(have)
        output.seek(have)
        _write_note(part, file.url, _validator(response.headers))
        while block := _read(response, watch.check):
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
    """A whole block, or the last bytes; `check` is called before each wait for some."""
    block = bytearray()
    try:
        check()
        while len(block) < _BLOCK and (piece := response.read1(_BLOCK - len(block))):
            block += piece
            check()
        check()  # what ends it also ends the connection
        return bytes(block)
    except (OSError, http.client.HTTPException) as error:
        raise _NetworkError(error) from error


def _broken(file: RemoteFile, why: str) -> RunError:
    return RunError(
        f"{file.name} could not be fetched: {why}.",
        "Check the connection and download it again; it goes on where it stopped.",
    )


class _ConnectionError(RunError):
    """The connection ended too early: another one may go on."""

    def __init__(self, file: RemoteFile, why: str) -> None:
        same = _broken(file, why)
        super().__init__(str(same), same.advice)


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
