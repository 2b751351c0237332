"""One window for each user: a second start hands its files to the first, which raises its window.

The holder of the `WindowLock` listens on a local socket in the state folder (a named pipe on
Windows). Where it does not answer, the second start opens a window of its own.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from pfstudio.core.documents import parse_json
from pfstudio.core.paths import state_folder

log = logging.getLogger(__name__)

SOCKET_NAME = "window.socket"
PATIENCE_S = 10.0  # the first window may still be starting
_ANSWER = b"\n"
_MOST_BYTES = 2**20
_RETRY_S = 0.1


def hand_over(paths: Sequence[Path], patience: float = PATIENCE_S) -> bool:
    """Give files to the window that is open, and have it raised; False if it does not answer."""
    # A desktop gives the process that it starts the right to raise a window, by this token.
    token = os.environ.get("XDG_ACTIVATION_TOKEN", "")
    message = json.dumps({"files": [str(path.absolute()) for path in paths], "token": token})
    end = time.monotonic() + patience
    while (left := end - time.monotonic()) > 0:
        socket = QLocalSocket()
        socket.connectToServer(_address())
        if not socket.waitForConnected(int(1000 * left)):
            time.sleep(_RETRY_S)
            continue
        socket.write(message.encode() + _ANSWER)
        return socket.waitForReadyRead(int(1000 * left)) and socket.read(1) == _ANSWER
    return False


class LaterStarts(QObject):
    """Listens for `hand_over`; `opened` gets what files there are, and "" or a Wayland token."""

    def __init__(self, opened: Callable[[list[Path], str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._opened = opened
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def listen(self) -> None:
        """Begin; for the holder of the `WindowLock`, so what a crash left there can go."""
        QLocalServer.removeServer(_address())
        if not self._server.listen(_address()):
            reason = self._server.errorString()
            log.warning("later starts open windows of their own: %s", reason)

    def stop(self) -> None:
        """End; the socket's file goes too."""
        self._server.close()

    @Slot()
    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(self._on_data)

    @Slot()
    def _on_data(self) -> None:
        socket = self.sender()
        assert isinstance(socket, QLocalSocket)
        if socket.bytesAvailable() > _MOST_BYTES:
            socket.abort()
        if not socket.canReadLine():
            return
        try:
            message = parse_json(bytes(socket.readLine().data()))
            files, token = [Path(name) for name in message["files"]], str(message["token"])
        except (ValueError, TypeError, KeyError) as error:
            log.warning("a later start was not understood: %s", error)
            socket.abort()
            return
        socket.write(_ANSWER)
        socket.flush()
        self._opened(files, token)


def _address() -> str:
    """A file's path; on Windows, where these are names, one for each state folder."""
    if sys.platform != "win32":
        return str(state_folder() / SOCKET_NAME)
    return f"pfstudio-{hashlib.sha256(os.fsencode(state_folder())).hexdigest()[:16]}"
