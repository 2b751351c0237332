"""A server on this machine whose files arrive as slowly as a test wants."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Loopback:
    """What it serves; after `allowed` bytes of an answer it waits until there is leave for more."""

    files: dict[str, bytes] = field(default_factory=dict)
    allowed: int = 2**62
    asked: list[str] = field(default_factory=list)  # the ranges
    root: str = ""

    def answer(self, request: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        data = self.files[request.path.removeprefix("/")]
        asked = request.headers.get("Range", "")
        self.asked.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-") or 0)
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(data) - start))
        request.send_header("ETag", '"v1"')
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.end_headers()
        while start < len(data) and not ended.is_set():
            end = min(len(data), self.allowed)
            request.wfile.write(data[start:end])
            start = max(start, end)
            ended.wait(0.01)


@contextlib.contextmanager
def listening(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server that lets `answer` do its work; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *args: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def serving() -> Iterator[Loopback]:
    """Run one."""
    served, ended = Loopback(), threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        with contextlib.suppress(OSError):  # whoever asked has gone
            served.answer(request, ended)

    with listening(answer) as served.root:
        yield served
        ended.set()
