"""How what was measured is used and remembered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from fake_probe import FakeProbe
from patch_forcing_vectors import predict
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution, Kernels
from pfstudio.core.requests import Compute
from pfstudio.engine import autotune, execution
from pfstudio.engine.autotune import Measured, Setting, can_pack
from pfstudio.engine.execution import (
    ExecutionConfig,
    apply,
    choose_execution,
    default_execution,
    prepare_thread,
)
from pfstudio.nn.interface import Backbone, BlockSample, Output
from pfstudio.nn.patch_forcing import PatchForcingConfig, PatchForcingTransformer

CONFIG = PatchForcingConfig(input_size=8, hidden_size=32, depth=2, num_heads=2, num_classes=5)


@pytest.fixture
def network() -> PatchForcingTransformer:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return PatchForcingTransformer(CONFIG).eval()


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on what else this machine does, or on its cores."""
    monkeypatch.setattr(execution, "load_average", lambda: 0.0)
    monkeypatch.setattr(execution, "_MOST_THREADS", 4)
    monkeypatch.setattr(autotune, "can_pack", lambda dtype: True)


# --- choosing and remembering -------------------------------------------------------------------


def faster_bfloat16(setting: Setting) -> float:
    return 0.010 if setting.precision == "bfloat16" else 0.040


class Makes:
    """Hands out one fake probe and counts how often a measurement begins."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, sample: BlockSample) -> FakeProbe:
        self.times += 1
        self.tokens = sample.inputs[0].shape[1]
        return FakeProbe(faster_bfloat16)


def test_a_measurement_is_remembered(network: PatchForcingTransformer, tmp_path: Path) -> None:
    makes = Makes()
    first = choose_execution(Compute("cpu"), network, folder=tmp_path, make_probe=makes)
    again = choose_execution(Compute("cpu"), network, folder=tmp_path, make_probe=makes)
    assert makes.times == 1
    assert first == again
    assert first.dtype == torch.bfloat16
    assert first.seconds == pytest.approx(0.020)  # two blocks
    assert first.record().sentence == "cpu, bfloat16, 1 thread"
    choose_execution(Compute("cpu", "float32"), network, folder=tmp_path, make_probe=makes)
    assert makes.times == 2  # another wish is another measurement


def test_every_size_is_measured_for_itself(
    network: PatchForcingTransformer, tmp_path: Path
) -> None:
    makes = Makes()
    for tokens, measured in ((0, 16), (16, 16), (64, 64), (64, 64), (16, 64)):
        choose_execution(Compute("cpu"), network, tokens, folder=tmp_path, make_probe=makes)
        assert makes.tokens == measured
    assert makes.times == 2


def test_several_images_at_once_may_be_worth_more_threads(
    network: PatchForcingTransformer, tmp_path: Path
) -> None:
    """Kernels are those of one image; as many images are measured as fit, a power of two."""
    seen: list[tuple[int, Setting]] = []

    class Timed(FakeProbe):
        def __init__(self, sample: BlockSample) -> None:
            super().__init__(faster_bfloat16)
            self.images = len(sample.inputs[0])

        def block(self, setting: Setting) -> Measured:
            seen.append((self.images, setting))
            found = super().block(setting)
            parts = min(setting.threads, self.images)  # one image is not divided
            return replace(found, seconds=self.images * found.seconds / parts)

    def chosen(images: int, tokens: int = 16, threads: int = 0) -> ExecutionConfig:
        seen.clear()
        return choose_execution(
            Compute("cpu", threads=threads), network, tokens, images, folder=tmp_path,
            make_probe=Timed,
        )  # fmt: skip

    assert (chosen(1).threads, {images for images, _ in seen}) == (1, {1})
    three = chosen(3)
    assert (three.threads, {images for images, _ in seen}) == (2, {2})
    assert three.dtype == torch.bfloat16
    assert three.seconds == pytest.approx(0.010)  # of one image: two blocks, 5 ms each
    assert any(line.startswith("2 images, block, bfloat16") for line in three.measured)
    eight = chosen(8)
    assert (eight.threads, {setting.precision for _, setting in seen}) == (4, {"bfloat16"})
    assert chosen(8) == eight
    assert seen == []  # remembered
    assert chosen(8, threads=1).threads == 1
    assert all(images == 1 for images, _ in seen)
    assert chosen(8, tokens=4096).threads == 1  # each is as large as a measurement may be


def test_explicit_attention_only_where_its_scores_are_small(
    network: PatchForcingTransformer, tmp_path: Path
) -> None:
    """32 channels in 2 heads: 64 tokens double what a block holds, 65 would be more."""

    def cost(setting: Setting) -> float:
        return 0.5 if setting.kernels.attention == "matmul" else 1.0

    def chosen(tokens: int) -> str:
        found = choose_execution(
            Compute("cpu", "float32"), network, tokens, folder=tmp_path,
            make_probe=lambda sample: FakeProbe(cost),
        )  # fmt: skip
        return found.kernels.attention

    assert [chosen(tokens) for tokens in (16, 64, 65, 256)] == ["matmul", "matmul", "sdpa", "sdpa"]


class Other(Backbone):
    """A network of another kind, with nothing to measure, or with one product as a block."""

    def __init__(self, sampled: bool) -> None:
        super().__init__()
        self.config = CONFIG
        self.sampled = sampled
        self.body = Product(8, 8)

    def forward(self, *inputs: Tensor, **named: object) -> Output:
        raise NotImplementedError

    def block_sample(self, tokens: int, images: int = 1) -> BlockSample | None:
        inputs = (torch.ones(images, tokens, 8),)
        return BlockSample(self.body, inputs, 3, 0, "width 8") if self.sampled else None


class Product(torch.nn.Linear):
    def forward(self, h: Tensor, kernels: Kernels) -> Tensor:
        return h + super().forward(h)


def test_a_network_without_a_block_to_measure_runs_by_the_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "cpu_flags", lambda: ("amx_bf16",))
    wishes, makes = Compute("cpu", threads=3), Makes()
    chosen = choose_execution(wishes, Other(False), folder=tmp_path, make_probe=makes)
    assert chosen == ExecutionConfig("cpu", torch.bfloat16, 3, compute=wishes)
    assert makes.times == 0


def test_any_network_can_offer_a_block(tmp_path: Path) -> None:
    chosen = choose_execution(Compute("cpu", "float32", 1), Other(True), 9, folder=tmp_path)
    assert chosen.kernels.attention == "sdpa"  # it has none: the other is not even tried
    assert not any("matmul" in line for line in chosen.measured)
    assert "width 8, 9 tokens" in (tmp_path / execution.AUTOTUNE_FILE).read_text()


def test_exactly_as_then_takes_everything_over(
    network: PatchForcingTransformer, tmp_path: Path
) -> None:
    here = choose_execution(Compute("cpu"), network, folder=tmp_path, make_probe=Makes()).record()
    then = replace(
        here, dtype="float32", threads=3, kernels=Kernels("matmul"), float32_matmul="medium"
    )
    makes, wishes = Makes(), Compute("cpu", "bfloat16", 1, then)
    for chosen in (
        choose_execution(wishes, network, 64, folder=tmp_path, make_probe=makes),
        default_execution(wishes),
    ):
        assert chosen.record() == then
        assert chosen.notes == ()
    assert makes.times == 0


def test_exactly_as_on_another_machine_says_so_or_refuses(
    network: PatchForcingTransformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = Execution("cpu", "float32", 1, torch="0.4", machine="another")
    (note,) = choose_execution(Compute(execution=then), network).notes
    assert "another" in note
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(InputError, match="mps"):
        choose_execution(Compute(execution=replace(then, device="mps")), network)
    monkeypatch.setattr(execution, "can_pack", lambda dtype: False)
    packed = replace(then, kernels=Kernels(linear="packed"))
    with pytest.raises(InputError, match="cannot compute exactly"):
        choose_execution(Compute(execution=packed), network)


def test_the_record_is_what_torch_will_do(network: PatchForcingTransformer) -> None:
    record = ExecutionConfig("cpu", torch.bfloat16, 0).record()
    assert record.threads == torch.get_num_threads()
    assert record.torch == torch.__version__
    assert execution.machine() in record.machine


def test_the_file_lies_in_the_cache_folder_and_is_readable(
    network: PatchForcingTransformer, own_folders: Path
) -> None:
    choose_execution(Compute("cpu"), network, make_probe=Makes())
    data = json.loads((own_folders / "cache" / execution.AUTOTUNE_FILE).read_text())
    ((key, entry),) = data["machines"].items()
    assert torch.__version__ in key
    assert "width 32" in key
    assert any("bfloat16" in line for line in entry["lines"])


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 1}', '{"version": 1, "machines": {"x": {"busy": false}}}', "\x00"],
)
def test_a_corrupt_file_is_set_aside(
    network: PatchForcingTransformer, tmp_path: Path, text: str
) -> None:
    (tmp_path / execution.AUTOTUNE_FILE).write_text(text)
    makes = Makes()
    choose_execution(Compute("cpu"), network, folder=tmp_path, make_probe=makes)
    choose_execution(Compute("cpu"), network, folder=tmp_path, make_probe=makes)
    assert makes.times == 1
    (aside,) = tmp_path.glob("autotune.*.broken.json")
    assert aside.read_text() == text


def test_another_version_is_measured_again(
    network: PatchForcingTransformer, tmp_path: Path
) -> None:
    (tmp_path / execution.AUTOTUNE_FILE).write_text('{"version": 0, "machines": {}}')
    makes = Makes()
    choose_execution(Compute("cpu"), network, folder=tmp_path, make_probe=makes)
    assert makes.times == 1


def test_a_folder_that_cannot_be_written_does_no_harm(
    network: PatchForcingTransformer, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    chosen = choose_execution(Compute("cpu"), network, folder=tmp_path / "file", make_probe=Makes())
    assert chosen.dtype == torch.bfloat16


def test_what_was_measured_while_busy_is_measured_again_when_quiet(
    network: PatchForcingTransformer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makes = Makes()
    monkeypatch.setattr(execution, "load_average", lambda: 99.0)
    for _ in range(2):
        chosen = choose_execution(Compute("cpu"), network, folder=tmp_path, make_probe=makes)
        assert chosen.threads == 1  # threads would wait for the other programs
    assert makes.times == 1
    monkeypatch.setattr(execution, "load_average", lambda: 0.0)
    choose_execution(Compute("cpu"), network, folder=tmp_path, make_probe=makes)
    choose_execution(Compute("cpu"), network, folder=tmp_path, make_probe=makes)
    assert makes.times == 2


def test_float16_on_a_processor_becomes_bfloat16_and_says_so(
    network: PatchForcingTransformer, tmp_path: Path
) -> None:
    chosen = choose_execution(
        Compute("cpu", "float16"), network, folder=tmp_path, make_probe=Makes()
    )
    assert chosen.dtype == torch.bfloat16
    assert "float16" in chosen.notes[0]


@pytest.mark.parametrize("device", ["cuda", "cuda:99", "cuda:x", "mps"])
def test_a_missing_device_is_named(
    network: PatchForcingTransformer, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: device != "cuda")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(InputError, match=device):
        choose_execution(Compute(device), network)


def test_graphics_cards_come_first(
    network: PatchForcingTransformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    native = True
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: native)
    assert choose_execution(Compute(), network) == ExecutionConfig(
        "cuda", torch.bfloat16, 0, compute=Compute()
    )
    assert choose_execution(Compute(precision="float16"), network).dtype == torch.float16
    assert choose_execution(Compute(precision="float32"), network).precision == "float32"
    native = False
    assert choose_execution(Compute(), network).dtype == torch.float32


def test_negative_threads_are_refused(network: PatchForcingTransformer) -> None:
    with pytest.raises(InputError, match="Threads is -1"):
        choose_execution(Compute("cpu", threads=-1), network)


# --- the real machine ---------------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_what_is_chosen_here_agrees_with_the_plain_way(
    network: PatchForcingTransformer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    precision: str,
) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.08)
        x, t = torch.randn(2, 4, 8, 8), torch.rand(2, 4, 4)
    y = torch.tensor([0, 3])
    with torch.inference_mode():
        expected, _ = predict(network, x, t, y)
        monkeypatch.setattr(autotune, "can_pack", can_pack)  # what is measured here is real
        chosen = choose_execution(Compute("cpu", precision, 1), network, folder=tmp_path)
        apply(chosen, network)
        prepare_thread(chosen)
        velocity, _ = predict(network, x, t, y)
    torch.set_float32_matmul_precision("highest")
    assert network.kernels == chosen.kernels
    assert next(network.parameters()).dtype == chosen.dtype
    error = float((velocity - expected).norm() / expected.norm())
    assert error < (1e-5 if precision == "float32" else 3e-2)


@pytest.mark.parametrize(
    ("dtype", "flags", "pays"),
    [
        (torch.float32, (), True),
        (torch.bfloat16, ("avx512_bf16",), False),
        (torch.bfloat16, ("avx512_bf16", "amx_bf16"), True),
    ],
)
def test_bfloat16_is_packed_only_for_matrix_units(monkeypatch, dtype, flags, pays) -> None:
    monkeypatch.setattr(execution, "can_pack", lambda dtype: True)
    monkeypatch.setattr(execution, "cpu_flags", lambda: flags)
    assert execution.packing_pays(dtype) is pays


def test_the_flags_are_those_that_the_system_tells() -> None:
    """Linux lists them; torch, which is asked, knows them on other systems too."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return
    told = set(cpuinfo.read_text().split())
    ours = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
    assert execution.cpu_flags() == tuple(flag for flag in ours if flag in told)


def test_flags_need_no_file_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    for question in ("_is_avx2_supported", "_is_avx512_bf16_supported"):
        monkeypatch.setattr(torch.cpu, question, lambda: True)
    for question in ("_is_avx512_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, question, lambda: False)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("a file was read"))
    assert execution.cpu_flags() == ("avx2", "avx512_bf16")
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported")  # as in another version of torch
    assert execution.cpu_flags() == ("avx2",)


def test_the_processor_has_a_name_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert execution.machine()

    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    monkeypatch.setattr(execution.platform, "processor", lambda: "Intel64 Family 6 Model 143")
    assert execution.machine() == "Intel64 Family 6 Model 143"


def test_the_load_is_that_of_the_last_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(execution.psutil, "getloadavg", lambda: (1.5, 2.5, 3.5))
    assert execution.load_average() == 1.5
