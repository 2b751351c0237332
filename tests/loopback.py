"""A server on this machine whose files arrive as slowly as a test wants."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
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
def serving() -> Iterator[Loopback]:
    """Run one."""
    served, ended = Loopback(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(OSError):  # whoever asked has gone
                served.answer(self, ended)

        def log_message(self, *args: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    served.root = f"http://127.0.0.1:{server.server_port}/"
    yield served
    ended.set()
    server.shutdown()
    server.server_close()
    thread.join()
