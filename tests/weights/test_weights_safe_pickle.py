"""Files of torch.save are read without ever running them."""

from __future__ import annotations

import io
import pickle
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from pfstudio.core.errors import InputError
from pfstudio.weights.inert import Foreign, plain
from pfstudio.weights.safe_pickle import read_archive

CHECKPOINTS = (
    "patch_forcing/ckpt/step000010.ckpt",
    "patch_forcing/ckpt/step000010_ema_model.ckpt",
    "depthfm/depthfm-tiny.ckpt",
    "fm_boosting/fmboost-tiny.ckpt",
)


class Bomb:
    """An object whose pickle calls something."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = (function, args)

    def __reduce__(self) -> Any:
        return self.call


def with_pickle(path: Path, program: bytes, **members: bytes) -> Path:
    """An archive as torch.save writes it, with any pickle."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("x/data.pkl", program)
        archive.writestr("x/byteorder", "little")
        for name, data in members.items():
            archive.writestr(f"x/data/{name}", data)
    return path


def tensor_pickle(size: Any, stride: Any, offset: int = 0, key: Any = "0") -> bytes:
    """The pickle of one float32 tensor over storage 0."""

    class Rebuild:
        def __reduce__(self) -> Any:
            return torch._utils._rebuild_tensor_v2, (Storage(), offset, size, stride, False, {})

    class Storage:
        pass

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: Any) -> Any:
            if isinstance(value, Storage):
                return ("storage", torch.FloatStorage, key, "cpu", 4)
            return None

    buffer = io.BytesIO()
    Pickler(buffer, protocol=2).dump({"w": Rebuild()})
    return buffer.getvalue()


@contextmanager
def little_memory() -> Iterator[None]:
    """Python may not use a megabyte at any time inside."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_the_tensors_are_those_that_torch_reads(parity: Path, name: str) -> None:
    ours = read_archive(parity / name).tree["state_dict"]
    if name.startswith("patch_forcing"):
        theirs = torch.load(parity / name, weights_only=True)["state_dict"]
    else:  # torch refuses foreign classes in the rest of the file
        theirs = {key: value.clone() for key, value in ours.items()}
        assert len(theirs) > 60
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        assert ours[key].dtype == value.dtype
        assert torch.equal(ours[key], value)


def test_every_dtype_and_layout_survives(tmp_path: Path) -> None:
    dtypes = "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool uint16 complex64"
    tree = {name: torch.arange(6).to(getattr(torch, name)) for name in dtypes.split()}
    tree["float8"] = torch.arange(6).float().to(torch.float8_e4m3fn)
    tree["transposed"] = torch.arange(6.0).reshape(2, 3).T
    tree["slice"] = torch.arange(10.0)[3:7]
    tree["empty"] = torch.empty(0, 3)
    tree["scalar"] = torch.tensor(2.5)
    tree["parameter"] = torch.nn.Parameter(torch.ones(2))
    torch.save(tree, tmp_path / "all.ckpt")
    read = read_archive(tmp_path / "all.ckpt").tree
    for key, value in tree.items():
        assert read[key].dtype == value.dtype
        assert read[key].shape == value.shape
        assert torch.equal(read[key].to(torch.complex64), value.detach().to(torch.complex64)), key


def test_foreign_configurations_are_read_without_their_package(parity: Path) -> None:
    archive = read_archive(parity / "fm_boosting/fmboost-tiny.ckpt")
    assert "omegaconf.dictconfig.DictConfig" in archive.foreign
    config = plain(archive.tree["hyper_parameters"])
    assert config["fm_cfg"]["params"]["net_cfg"]["params"]["dim_head"] == 10
    assert config["fm_cfg"]["params"]["net_cfg"]["params"]["channel_mult"] == [1]


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("where", ["state_dict", "config", "extra"])
def test_a_pickle_bomb_is_refused_and_does_not_go_off(
    tmp_path: Path, protocol: int, where: str
) -> None:
    import os

    victim = tmp_path / "written-by-the-bomb"
    tree = {"state_dict": {"w": torch.ones(1)}, "config": {}, where: Bomb(os.system, f"> {victim}")}
    torch.save(tree, tmp_path / "bomb.ckpt", pickle_protocol=protocol)
    with pytest.raises(InputError, match=r"bomb.ckpt asks to run (posix|nt).system"):
        read_archive(tmp_path / "bomb.ckpt")
    assert not victim.exists()


@pytest.mark.parametrize(
    "function",
    [eval, exec, getattr, open, __import__, pickle.loads, breakpoint],
    ids=lambda function: function.__name__,
)
def test_functions_of_the_standard_library_are_refused(tmp_path: Path, function: Any) -> None:
    program = pickle.dumps({"state_dict": Bomb(function, "x")}, protocol=2)
    with pytest.raises(InputError, match="nothing was run"):
        read_archive(with_pickle(tmp_path / "bomb.ckpt", program))


def test_a_function_of_another_package_stays_an_inert_name(tmp_path: Path) -> None:
    victim = tmp_path / "saved-by-the-bomb"
    program = pickle.dumps(Bomb(torch.save, {}, str(victim)), protocol=2)
    tree = read_archive(with_pickle(tmp_path / "x.ckpt", program)).tree
    assert isinstance(tree, Foreign)
    assert str(tree.name) == "torch.serialization.save"
    assert not victim.exists()


@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [
        ((10**12,), (0,), 0),  # one value expanded to terabytes
        ((4,), (1,), 1),  # beyond the end
        ((4,), (2,), 0),
        ((2,), (1,), -1),
        ((-1,), (1,), 0),
    ],
)
def test_tensors_outside_their_storage_are_refused(
    tmp_path: Path, size: tuple[int, ...], stride: tuple[int, ...], offset: int
) -> None:
    path = tmp_path / "x.ckpt"
    with_pickle(path, tensor_pickle(size, stride, offset), **{"0": struct.pack("4f", 1, 2, 3, 4)})
    with pytest.raises(InputError, match="damaged"):
        read_archive(path)


NESTED = b"K\x01" + b"q\x01h\x01\x86" * 20  # pairs of the pair before: a million numbers


@pytest.mark.parametrize(
    "program",
    [
        b"\x80\x02}" + NESTED + b"K\x01s.",
        b"\x80\x02}(" + NESTED + b"K\x01u.",
        b"\x80\x02(" + NESTED + b"K\x01d.",
        b"\x80\x02ccollections\nOrderedDict\n]" + NESTED + b"K\x01\x86a\x85R.",
        b"\x80\x02}K\x01" + b"\x85" * 200_000 + b"K\x01s.",
    ],
    ids=["item", "items", "dict", "ordered", "deep"],
)
def test_keys_that_take_for_ever_to_hash_are_refused(tmp_path: Path, program: bytes) -> None:
    with pytest.raises(InputError, match="a key is nested"):
        read_archive(with_pickle(tmp_path / "x.ckpt", program))


def test_names_of_storages_that_take_for_ever_to_write_are_refused(tmp_path: Path) -> None:
    key: Any = ()
    for _ in range(20):
        key = (key, key)
    path = with_pickle(tmp_path / "x.ckpt", tensor_pickle((4,), (1,), key=key))
    with little_memory(), pytest.raises(InputError, match="storage is missing"):
        read_archive(path)


@pytest.mark.parametrize("size", [("a", 10**10), ([0], 10**10), 4, "4"])
def test_sizes_that_are_no_sizes_are_refused(tmp_path: Path, size: Any) -> None:
    path = tmp_path / "x.ckpt"
    with_pickle(path, tensor_pickle(size, (1,)), **{"0": struct.pack("4f", 1, 2, 3, 4)})
    with pytest.raises(InputError, match="damaged"):
        read_archive(path)


def test_a_large_memo_index_takes_no_memory(tmp_path: Path) -> None:
    path = with_pickle(tmp_path / "x.ckpt", b"\x80\x02K\x07r\xff\xff\xff\x00.")
    with little_memory():
        assert read_archive(path).tree == 7


def test_an_archive_that_calls_itself_torchscript_is_read_as_data(tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    torch.save({"w": torch.ones(2)}, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x/constants.pkl", b"\x80\x02).")
        archive.writestr("x/code/__torch__.py", "this is no program")
    assert read_archive(path).tree["w"].tolist() == [1, 1]


def test_a_good_hand_made_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    with_pickle(path, tensor_pickle((2, 2), (1, 2)), **{"0": struct.pack("4f", 1, 2, 3, 4)})
    assert read_archive(path).tree["w"].tolist() == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    "program",
    [
        b"",
        b"\x80\x02.",  # stops with an empty stack
        b"\x80\x02K\x01r\xff\xff\xff\x7fq",  # ends in the middle of an opcode
        b"\x80\x02}h\x07s.",  # asks for a memo that was never made
        b"\x80\x02K\x01K\x02R.",  # calls a number
        b"\x80\x02(K\x01K\x02u.",
        b"\x80\x02]}b.",  # sets attributes of a list
        b"\x80\x02ctorch\nSize\n]X\x01\x00\x00\x00xa\x85R.",  # a size out of letters
        b"\x80\x02\x82\x01.",  # extension registry
    ],
)
def test_broken_programs_end_in_a_sentence(tmp_path: Path, program: bytes) -> None:
    with pytest.raises(InputError, match="damaged"):
        read_archive(with_pickle(tmp_path / "x.ckpt", program))


def test_a_compressed_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "zip-bomb.ckpt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", b"\x80\x02N." + b"\0" * 10_000_000)
    with pytest.raises(InputError, match="damaged"):
        read_archive(path)


def test_a_configuration_that_holds_itself_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    with pytest.raises(ValueError, match="too deeply"):
        plain(endless)


def test_reading_never_changes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    torch.save({"w": torch.ones(100)}, path)
    before = path.read_bytes()
    read_archive(path).tree["w"].zero_()
    assert path.read_bytes() == before


def bound(path: Path, program: bytes, **members: bytes) -> None:
    """Refused, within 2 seconds of work and little memory."""
    archive = with_pickle(path, program, **members)
    begun = time.process_time()
    with pytest.raises(InputError):
        read_archive(archive)
    assert time.process_time() - begun < 4  # 2 on a quiet machine


def test_a_long_pickle_is_refused(tmp_path: Path) -> None:
    bound(tmp_path / "x.ckpt", b"\x80\x02" + b"]" * (60 * 2**20) + b".")


def test_tensors_that_share_their_values_many_times_are_refused(tmp_path: Path) -> None:
    one = tensor_pickle((1000,), (1,))
    call = one[one.index(b"ctorch._utils") : one.index(b"s.")]
    program = b"\x80\x02}(" + b"".join(
        b"X\x05\x00\x00\x00" + f"{n:05d}".encode() + call for n in range(50)
    )
    bound(tmp_path / "x.ckpt", program + b"u.", **{"0": bytes(4000)})


def test_keys_that_share_their_place_are_refused(tmp_path: Path) -> None:
    keys = b"".join(
        b"\x8a\x0c" + (n * (2**61 - 1)).to_bytes(12, "little") + b"N" for n in range(1, 40_000)
    )
    bound(tmp_path / "x.ckpt", b"\x80\x02}(" + keys + b"u.")


def test_a_configuration_that_refers_to_itself_many_times_is_refused() -> None:
    value: Any = 1
    for _ in range(30):
        value = [value] * 10
    with pytest.raises(ValueError, match="nested"):
        plain(value)
