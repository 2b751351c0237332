"""Downloads over a loopback server: pause, resume, verify, and every way they fail."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import math
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from loopback import listening

from pfstudio.cli.main import main
from pfstudio.core.catalogue import CatalogueEntry, RemoteFile
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.models import find_model
from pfstudio.core.paths import cache_folder
from pfstudio.core.settings import Settings, save_settings
from pfstudio.weights import download as module
from pfstudio.weights import store
from pfstudio.weights.catalogue import CATALOGUE
from pfstudio.weights.download import download
from pfstudio.weights.load import load_autoencoder, load_network
from pfstudio.weights.store import discard_download, download_model, fetched_bytes

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass
class Site:
    """What the server serves and how it behaves; `asked` are the ranges that were asked for."""

    files: dict[str, bytes] = field(default_factory=dict)
    tag: str = '"v1"'
    ranges: bool = True
    status: int = 200
    content_type: str = "application/octet-stream"
    stop_after: int = 0  # close the connection after so many bytes
    stall_after: int = 0  # send no more after so many bytes, until `released`
    released: threading.Event = field(default_factory=threading.Event)
    stalled_at: float = math.inf  # by the clock of the system
    gave_up: bool = False  # nobody released it for long
    headers: dict[str, str] = field(default_factory=dict)  # sent instead of its own
    ignores_validator: bool = False
    redirect: str = ""
    asked: list[str] = field(default_factory=list)
    root: str = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        data = self.files.get(request.path.removeprefix("/"))
        asked = request.headers.get("Range", "")
        self.asked.append(asked)
        if self.redirect:
            request.send_response(302)
            for name, value in ({"Location": self.redirect} | self.headers).items():
                request.send_header(name, value)
            self.redirect, self.headers = "", {}
            return request.end_headers()
        if data is None or self.status != 200:
            return request.send_error(self.status if data is not None else 404)
        start = 0
        same = self.ignores_validator or request.headers.get("If-Range") == self.tag
        if asked and self.ranges and same:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(data):
                request.send_response(416)
                request.send_header("Content-Range", f"bytes */{len(data)}")
                request.send_header("Content-Length", "0")
                return request.end_headers()
        request.send_response(206 if start else 200)
        own = {
            "Content-Length": str(len(data) - start),
            "Content-Type": self.content_type,
            "ETag": self.tag,
        }
        if start:
            own["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        for name, value in (own | self.headers).items():
            request.send_header(name, value)
        request.end_headers()
        end = start + self.stop_after if self.stop_after else len(data)
        if self.stall_after:
            request.wfile.write(data[start : start + self.stall_after])
            self.stalled_at = time.monotonic()
            self.gave_up = not self.released.wait(5)
            return None
        request.wfile.write(data[start:end])
        return None


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()
    with listening(served.answer) as served.root:
        yield served
        served.released.set()


@pytest.fixture
def data() -> bytes:
    return bytes(range(256)) * 1000  # 256 kB


@pytest.fixture
def file(site: Site, data: bytes, monkeypatch: pytest.MonkeyPatch) -> RemoteFile:
    """A file that arrives in 64 kB blocks."""
    monkeypatch.setattr(module, "_BLOCK", 65536)
    site.files["x.bin"] = data
    return RemoteFile(site.root + "x.bin", "x.bin", len(data), hashlib.sha256(data).hexdigest())


class Stop:
    """Pauses after so many blocks."""

    def __init__(self, blocks: int) -> None:
        self.left = blocks

    def progress(self, done: int, total: int) -> None:
        self.left -= 1

    def stopped(self) -> bool:
        return self.left <= 0

    @property
    def both(self) -> tuple[Any, Any]:
        return self.progress, self.stopped


def test_a_file_arrives_whole(file: RemoteFile, data: bytes, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = download(file, tmp_path / "new" / "folder", lambda *now: seen.append(now))
    assert path.read_bytes() == data
    assert seen[-1] == (len(data), len(data))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert [p.name for p in path.parent.iterdir()] == ["x.bin"]


def test_pause_and_go_on(file: RemoteFile, data: bytes, tmp_path: Path, site: Site) -> None:
    with pytest.raises(RunError, match="paused"):
        download(file, tmp_path, *Stop(2).both)
    assert (tmp_path / "x.bin.part").stat().st_size == 131072
    assert not (tmp_path / "x.bin").exists()
    seen: list[int] = []
    path = download(file, tmp_path, lambda done, _: seen.append(done))
    assert site.asked == ["", "bytes=131072-"]
    assert seen[0] > 131072
    assert path.read_bytes() == data


def test_a_broken_connection_is_taken_up_again(
    file: RemoteFile, data: bytes, tmp_path: Path, site: Site
) -> None:
    site.stop_after = 100_000
    assert download(file, tmp_path).read_bytes() == data
    assert site.asked == ["", "bytes=100000-", "bytes=200000-"]


def test_a_connection_that_brings_next_to_nothing_is_told_and_goes_on_later(
    file: RemoteFile, data: bytes, tmp_path: Path, site: Site
) -> None:
    site.stop_after = 10_000
    with pytest.raises(RunError, match="could not be fetched") as caught:
        download(file, tmp_path)
    assert "goes on where it stopped" in caught.value.advice
    assert len(site.asked) == 1
    site.stop_after = 0
    assert download(file, tmp_path).read_bytes() == data
    assert site.asked[-1] == "bytes=10000-"


def test_a_server_that_stalls_is_left_at_once_when_paused(
    file: RemoteFile, data: bytes, tmp_path: Path, site: Site
) -> None:
    site.stall_after = 100_000
    with pytest.raises(RunError, match="paused"):  # while it waits for more
        download(file, tmp_path, stopped=lambda: time.monotonic() > site.stalled_at + 0.3)
    assert not site.gave_up  # it was not the server that ended it
    assert not (tmp_path / "x.bin").exists()
    site.stall_after = 0
    assert download(file, tmp_path).read_bytes() == data
    assert site.asked[-1] == "bytes=65536-"


def test_a_server_that_stalls_ends_by_itself(
    file: RemoteFile, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TIMEOUT", 0.1)
    site.stall_after = 10_000
    with pytest.raises(RunError, match=r"could not be fetched: timed out"):
        download(file, tmp_path)
    assert not (tmp_path / "x.bin").exists()


@pytest.mark.parametrize("said", [256_001, 10**6])
def test_a_length_that_is_too_large_is_found_out_by_asking_for_the_rest(
    file: RemoteFile, data: bytes, tmp_path: Path, site: Site, said: int
) -> None:
    site.headers = {"Content-Length": str(said)}
    assert download(file, tmp_path).read_bytes() == data
    assert site.asked == ["", "bytes=256000-"]


def test_a_length_that_is_too_small_is_found_by_the_check_sum(
    file: RemoteFile, tmp_path: Path, site: Site
) -> None:
    site.headers = {"Content-Length": "255999"}
    with pytest.raises(RunError, match="check sum is wrong"):
        download(file, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_check_sum_that_the_hub_tells_where_it_redirects_is_held_against_the_file(
    file: RemoteFile, data: bytes, tmp_path: Path, site: Site
) -> None:
    unknown = replace(file, sha256="")
    site.redirect, site.headers = file.url, {"X-Linked-Etag": f'"{"0" * 64}"'}
    with pytest.raises(RunError, match="check sum is wrong"):
        download(unknown, tmp_path)
    assert list(tmp_path.iterdir()) == []
    site.redirect, site.headers = file.url, {"X-Linked-Etag": f'"{file.sha256}"'}
    assert download(unknown, tmp_path).read_bytes() == data


def test_a_proxy_is_asked(
    site: Site, file: RemoteFile, data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", site.root)
    address = "http://models.invalid/x.bin"
    site.files[address] = data
    assert download(replace(file, url=address), tmp_path).read_bytes() == data


@pytest.mark.parametrize("change", ["another version", "no ranges", "no tag"])
def test_it_starts_afresh_where_going_on_would_mix_files(
    file: RemoteFile, data: bytes, tmp_path: Path, site: Site, change: str
) -> None:
    if change == "no tag":
        site.tag = 'W/"weak"'
    with pytest.raises(RunError, match="paused"):
        download(file, tmp_path, *Stop(1).both)
    if change == "another version":
        data = data[::-1]
        site.files["x.bin"], site.tag = data, '"v2"'
        file = replace(file, sha256=hashlib.sha256(data).hexdigest())
    site.ranges = change != "no ranges"
    assert download(file, tmp_path).read_bytes() == data


def test_a_transfer_that_was_complete_but_not_renamed_is_finished(
    file: RemoteFile, data: bytes, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="paused"):
        download(file, tmp_path, *Stop(4).both)
    assert (tmp_path / "x.bin.part").stat().st_size == len(data)
    assert download(file, tmp_path).read_bytes() == data


def test_a_whole_file_is_not_fetched_again(file: RemoteFile, tmp_path: Path, site: Site) -> None:
    download(file, tmp_path)
    download(file, tmp_path)
    assert len(site.asked) == 1


def test_a_wrong_check_sum_is_told_and_not_kept(file: RemoteFile, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="check sum is wrong"):
        download(replace(file, sha256="0" * 64), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_server_errors_are_told(file: RemoteFile, tmp_path: Path, site: Site, status: int) -> None:
    site.status = status
    with pytest.raises(RunError, match=f"the server answered {status}"):
        download(file, tmp_path)


def test_a_web_page_is_not_taken_for_the_file(file: RemoteFile, tmp_path: Path, site: Site) -> None:
    site.content_type = "text/html; charset=utf-8"
    with pytest.raises(RunError, match="web page"):
        download(file, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_connection_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="could not be fetched"):
        download(RemoteFile("http://127.0.0.1:9/x.bin", "x.bin", 1), tmp_path)


def test_only_addresses_of_the_web_are_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises(InputError, match="not an address of the web"):
        download(RemoteFile((tmp_path / "secret").as_uri(), "x.bin", 1), tmp_path)


def test_a_full_disk_is_told(
    file: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(done: int, total: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(RunError, match="is full"):
        download(file, tmp_path, full)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 100))
    with pytest.raises(RunError, match="only 0 MB are free"):
        download(file, tmp_path)
    assert not (tmp_path / "x.bin").exists()


# --- catalogue --------------------------------------------------------------------------------


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user allows the network, and accepted a licence."""
    monkeypatch.delenv("HF_HUB_OFFLINE")
    save_settings(Settings().accepting("only for looking"))


@pytest.fixture
def catalogue(
    site: Site, parity: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, online: None
) -> Site:
    """Two entries: a generator in one file and an autoencoder in two."""
    from diffusers import AutoencoderKL

    checkpoint = parity / "patch_forcing" / "ckpt" / "step000010_ema_model.ckpt"
    site.files["tiny.ckpt"] = checkpoint.read_bytes()
    network = AutoencoderKL(block_out_channels=(32,), layers_per_block=1)
    network.save_pretrained(tmp_path / "vae")
    for name in ("config.json", "diffusion_pytorch_model.safetensors"):
        site.files[name] = (tmp_path / "vae" / name).read_bytes()
    entries = (
        CatalogueEntry(
            "tiny",
            "Tiny published model",
            (RemoteFile(site.root + "tiny.ckpt", "tiny.ckpt", 50_000),),
            "patch-forcing",
            "only for looking",
            non_commercial=True,
        ),
        CatalogueEntry(
            "vae",
            "Tiny autoencoder",
            tuple(
                RemoteFile(site.root + name, name, 100)
                for name in ("config.json", "diffusion_pytorch_model.safetensors")
            ),
            "autoencoder-diffusers",
            "MIT",
        ),
    )
    monkeypatch.setattr("pfstudio.weights.catalogue.CATALOGUE", entries)
    monkeypatch.setattr(store, "CATALOGUE", entries)
    return site


def test_download_installs_a_model_ready_to_load(catalogue: Site, parity: Path) -> None:
    seen: list[tuple[int, int]] = []
    made = download_model("tiny", lambda *now: seen.append(now))
    assert made.model.card.title == "Tiny published model"
    assert (made.found.layout, made.found.dtypes) == ("compact", ("float32",))
    assert any("only for looking" in n for n in load_network("tiny").notices)
    assert seen[-1][0] == seen[-1][1]
    assert not (cache_folder() / "downloads" / "tiny").exists()
    with pytest.raises(InputError, match="already is a model"):
        download_model("tiny")


def test_download_installs_an_autoencoder(catalogue: Site) -> None:
    made = download_model("vae")
    assert (made.model.card.licence, made.model.card.task) == ("MIT", "autoencode")
    assert load_autoencoder("vae").factor == 1


def test_a_paused_download_installs_nothing_and_goes_on(
    catalogue: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 10_000)
    with pytest.raises(RunError, match="paused"):
        download_model("tiny", *Stop(2).both)
    assert find_model("tiny") is None
    download_model("tiny")
    assert catalogue.asked == ["", "bytes=20000-"]
    assert find_model("tiny") is not None


def test_a_file_that_is_no_model_is_told_and_fetched_afresh(catalogue: Site) -> None:
    good = catalogue.files["tiny.ckpt"]
    catalogue.files["tiny.ckpt"] = good[:1000]
    with pytest.raises(InputError, match="cut short"):
        download_model("tiny")
    catalogue.files["tiny.ckpt"] = good
    download_model("tiny")


def test_without_leave_nothing_is_asked(catalogue: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(Settings())
    with pytest.raises(InputError, match="non-commercial use only"):
        download_model("tiny")
    save_settings(Settings(offline=True))
    with pytest.raises(RunError, match="set to work offline"):
        download_model("vae")
    save_settings(Settings())
    monkeypatch.setenv("HF_HUB_OFFLINE", "YES")
    with pytest.raises(RunError, match="HF_HUB_OFFLINE is set"):
        download_model("vae")
    assert not catalogue.asked


def test_the_command_line_accepts_a_licence_once(
    catalogue: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    save_settings(Settings())
    assert main(["models", "download", "tiny"]) == 2
    assert "--accept-licence" in capsys.readouterr().err
    assert main(["models", "download", "tiny", "--accept-licence"]) == 0
    assert "Recognised as patch-forcing (compact layout)" in capsys.readouterr().out
    assert main(["models", "remove", "tiny"]) == 0
    assert main(["models", "download", "tiny"]) == 0


def test_what_was_fetched_is_known_and_can_be_discarded(
    catalogue: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 10_000)
    entry = store.CATALOGUE[0]
    assert fetched_bytes(entry) == 0
    with pytest.raises(RunError, match="paused"):
        download_model("tiny", *Stop(1).both)
    assert fetched_bytes(entry) == 10_000
    discard_download("tiny")
    assert fetched_bytes(entry) == 0
    assert find_model("tiny") is None


def test_unknown_names_are_told(online: None) -> None:
    with pytest.raises(InputError, match="nothing to download named 'x'") as caught:
        download_model("x")
    assert "pft-b" in caught.value.advice


def test_the_catalogue_holds_secure_addresses_and_unique_names() -> None:
    assert len({entry.name for entry in CATALOGUE}) == len(CATALOGUE)
    for entry in CATALOGUE:
        assert entry.about_bytes > 0
        assert all(file.url.startswith("https://") for file in entry.files)
    assert {entry.name for entry in CATALOGUE if entry.non_commercial} == {"pft-b", "pft-xl"}


@pytest.mark.parametrize(
    "changes",
    [{"headers": {"Content-Range": "bytes 7-255999/256000"}}, {"tag": '"v2"'}],
    ids=["another part", "another file"],
)
def test_the_rest_of_something_else_is_never_appended(
    site: Site, file: RemoteFile, data: bytes, tmp_path: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(RunError, match="paused"):
        download(file, tmp_path, *Stop(2).both)
    for name, value in {"ignores_validator": True, **changes}.items():
        setattr(site, name, value)
    with pytest.raises(RunError, match="another part"):
        download(file, tmp_path)
    site.headers = {}
    assert download(file, tmp_path).read_bytes() == data


@pytest.mark.parametrize("length", ["many", "-5", "1" * 5000])
def test_bad_headers_are_told(site: Site, file: RemoteFile, tmp_path: Path, length: str) -> None:
    site.headers = {"Content-Length": length}
    with pytest.raises(RunError, match="could not be fetched"):
        download(file, tmp_path)


def test_far_more_than_expected_is_not_kept(
    site: Site, file: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SLACK", 0)
    with pytest.raises(RunError, match="far more"):
        download(replace(file, about_bytes=100_000), tmp_path)


def test_two_downloads_never_share_a_part(file: RemoteFile, tmp_path: Path) -> None:
    def again(done: int, total: int) -> None:
        with pytest.raises(RunError, match="being fetched already"):
            download(file, tmp_path)

    assert download(file, tmp_path, again).is_file()


def test_a_file_system_without_locks_can_be_written_to(
    file: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    assert download(file, tmp_path).is_file()


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/x.bin", "file:///etc/passwd"])
def test_a_redirect_stays_in_the_web(
    site: Site, file: RemoteFile, tmp_path: Path, address: str
) -> None:
    site.redirect = address
    with pytest.raises(RunError, match="could not be fetched"):
        download(file, tmp_path)


def test_a_byte_a_second_ends(
    file: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(0, 10**9, 10**6))
    monkeypatch.setattr(module, "_clock", lambda: next(seconds))
    with pytest.raises(RunError, match="takes more than 10 minutes"):
        download(file, tmp_path)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\nhalf of it", CHUNKED + b"0\r\n\r\n"])
def test_an_answer_that_may_be_cut_or_is_empty_is_not_the_file(
    answer: bytes, file: RemoteFile, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def give() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(2**16)
                connection.sendall(answer)

        thread = threading.Thread(target=give, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.bin"
        with pytest.raises(RunError, match="could not be fetched"):
            download(replace(file, url=url), tmp_path)
        thread.join()
    assert not (tmp_path / file.name).exists()


def test_the_time_of_a_download_grows_with_its_size(file: RemoteFile) -> None:
    assert module.most_seconds(replace(file, about_bytes=0)) == 600
    assert module.most_seconds(replace(file, about_bytes=2**30)) == 600 + 65_536


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-Long: ", CHUNKED + b"1;"])
def test_an_answer_without_end_ends(
    head: bytes, file: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no byte of the file ever comes: a byte now and then of its head, or of a chunk's."""
    monkeypatch.setattr(module, "_HEAD", 0.3)
    monkeypatch.setattr(module, "_PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(head)
                while True:
                    connection.sendall(b"x")
                    ended.wait(0.02)

        ended = threading.Event()
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.bin"
        with pytest.raises(RunError, match="could not be fetched"):
            download(replace(file, url=url, about_bytes=0), tmp_path)
        thread.join()
    assert not (tmp_path / file.name).exists()
