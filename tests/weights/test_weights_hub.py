"""Files of the hub, fetched by its own client from a stand-in on this machine."""

from __future__ import annotations

import errno
import hashlib
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import constants

from pfstudio.core.errors import RunError
from pfstudio.core.paths import cache_folder
from pfstudio.weights import store
from pfstudio.weights.catalogue import CATALOGUE, CatalogueEntry, HubFile
from pfstudio.weights.hub import download_from_hub
from pfstudio.weights.load import load_autoencoder
from pfstudio.weights.store import download_model

BLOCK = 65536


@dataclass
class Hub:
    """What the stand-in serves and how; `asked` are method, path and range of each question."""

    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    stop_after: int = 0  # closes the first transfer after so many bytes
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range", "")
        self.asked.append((request.command, request.path, asked))
        self.agents.append(f"{request.headers['User-Agent']}, {request.headers['Authorization']}")
        data = self.files.get(request.path)
        if data is None or self.status != 200:
            return request.send_error(self.status if data is not None else 404)
        start = int(asked.removeprefix("bytes=").removesuffix("-") or 0)
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(data) - start))
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        request.send_header("X-Repo-Commit", "0123456789" * 4)
        request.end_headers()
        if request.command == "GET":
            end = self.stop_after or len(data)
            self.stop_after = 0
            request.wfile.write(data[start:end])
        return None


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    served = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    root = f"http://127.0.0.1:{server.server_port}"
    template = root + "/{repo_id}/resolve/{revision}/{filename}"
    for name, value in {
        "ENDPOINT": root,
        "HUGGINGFACE_CO_URL_TEMPLATE": template,
        "HF_HUB_OFFLINE": False,
        "HF_HUB_CACHE": str(tmp_path / "cache of the client"),
        "DOWNLOAD_CHUNK_SIZE": BLOCK,
    }.items():
        monkeypatch.setattr(constants, name, value)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # between the client's attempts
    yield served
    server.shutdown()
    server.server_close()
    thread.join()
    huggingface_hub.close_session()


@pytest.fixture
def data() -> bytes:
    return bytes(range(256)) * 1000  # 256 kB


@pytest.fixture
def file(hub: Hub, data: bytes) -> HubFile:
    hub.files["/someone/thing/resolve/main/x.bin"] = data
    return HubFile("someone/thing", "x.bin", len(data))


def test_a_file_arrives_whole(file: HubFile, hub: Hub, data: bytes, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = download_from_hub(file, tmp_path / "new", lambda *now: seen.append(now))
    assert path == tmp_path / "new" / "x.bin"
    assert path.read_bytes() == data
    assert [done for done, _ in seen] == [BLOCK, 2 * BLOCK, 3 * BLOCK, len(data)]
    assert {total for _, total in seen} == {len(data)}
    count = len(hub.asked)
    download_from_hub(file, tmp_path / "new")
    assert len(hub.asked) == count  # what is there is not asked for again


def test_who_asks_is_told_without_a_token(
    file: HubFile, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    download_from_hub(file, tmp_path)
    assert not any("torch/" in agent for agent in hub.agents)
    assert all(agent.startswith("pfstudio/") for agent in hub.agents)
    assert all(agent.endswith(", None") for agent in hub.agents)


def test_a_file_in_the_cache_of_the_client_is_copied(
    file: HubFile, hub: Hub, data: bytes, tmp_path: Path
) -> None:
    huggingface_hub.hf_hub_download(file.repository, file.name, token=False)
    hub.asked.clear()
    assert download_from_hub(file, tmp_path).read_bytes() == data
    assert [method for method, _, _ in hub.asked] == ["HEAD"]


def test_stopping_leaves_no_file(file: HubFile, data: bytes, tmp_path: Path) -> None:
    answers = [False, False, True]
    seen: list[int] = []
    with pytest.raises(RunError, match=r"The download of x\.bin was stopped"):
        download_from_hub(file, tmp_path, lambda now, _: seen.append(now), lambda: answers.pop(0))
    assert seen == [BLOCK, 2 * BLOCK]
    assert not (tmp_path / "x.bin").exists()
    assert download_from_hub(file, tmp_path).read_bytes() == data


def test_a_break_of_the_connection_is_bridged(
    file: HubFile, hub: Hub, data: bytes, tmp_path: Path
) -> None:
    hub.stop_after = 2 * BLOCK
    seen: list[int] = []
    path = download_from_hub(file, tmp_path, lambda now, _: seen.append(now))
    assert path.read_bytes() == data
    assert seen[-1] == len(data)
    ranges = [asked for method, _, asked in hub.asked if method == "GET"]
    assert ranges == ["", f"bytes={2 * BLOCK}-"]


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_errors_of_the_hub_are_one_sentence(
    file: HubFile, hub: Hub, tmp_path: Path, status: int
) -> None:
    hub.status = status
    with pytest.raises(RunError) as caught:
        download_from_hub(file, tmp_path)
    assert str(caught.value) == (
        f"x.bin of someone/thing could not be fetched: the hub answered {status}."
    )


def test_no_connection_is_one_sentence(
    file: HubFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", nobody)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(RunError, match=r"could not be fetched: .*refused\.$") as caught:
        download_from_hub(file, tmp_path)
    assert "\n" not in str(caught.value)
    assert "Check the connection" in caught.value.advice


def test_a_client_that_is_switched_off_says_by_what(
    file: HubFile, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    huggingface_hub.close_session()
    with pytest.raises(RunError, match=r"switched off by HF_HUB_OFFLINE\.$") as caught:
        download_from_hub(file, tmp_path)
    assert caught.value.advice.startswith("Unset it")
    assert not hub.asked


def test_a_full_disk_is_told(
    file: HubFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(done: int, total: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(RunError, match="is full"):
        download_from_hub(file, tmp_path, full)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 100))
    with pytest.raises(RunError, match="only 0 MB are free"):
        download_from_hub(file, tmp_path)


def test_a_model_of_the_hub_is_installed(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import AutoencoderKL

    AutoencoderKL(block_out_channels=(32,), layers_per_block=1).save_pretrained(tmp_path / "vae")
    names = ("config.json", "diffusion_pytorch_model.safetensors")
    for name in names:
        hub.files[f"/someone/vae/resolve/main/{name}"] = (tmp_path / "vae" / name).read_bytes()
    files = tuple(HubFile("someone/vae", name, 100) for name in names)
    entry = CatalogueEntry("vae", "Tiny autoencoder", files, "autoencoder-diffusers", "MIT")
    monkeypatch.setattr("pfstudio.weights.catalogue.CATALOGUE", (entry,))
    monkeypatch.setattr(store, "CATALOGUE", (entry,))
    seen: list[tuple[int, int]] = []
    made = download_model("vae", lambda *now: seen.append(now))
    assert made.model.card.title == "Tiny autoencoder"
    assert load_autoencoder("vae").factor == 1
    assert seen[-1][0] == seen[-1][1] == sum(map(len, hub.files.values()))
    assert not (cache_folder() / "downloads" / "vae").exists()


def test_the_catalogue_names_three_repositories_of_the_hub() -> None:
    found = {
        file.repository for entry in CATALOGUE for file in entry.files if isinstance(file, HubFile)
    }
    assert found == {"stabilityai/sd-vae-ft-ema", "madebyollin/taesd", "taohu/zigma"}
