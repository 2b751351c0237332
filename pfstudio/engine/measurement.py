"""A short measurement of the machine, to be told in words: what "auto" chooses, and why."""

from __future__ import annotations

from pfstudio.core.execution import MachineSpeed
from pfstudio.core.paths import cache_folder
from pfstudio.core.requests import Compute
from pfstudio.engine.execution import AUTOTUNE_FILE, busy, choose_execution
from pfstudio.engine.model_cache import default_model
from pfstudio.nn.interface import Backbone
from pfstudio.weights.load import load_network

PRECISIONS = ("float32", "bfloat16")


def measure_machine() -> MachineSpeed:
    """Time a block of the default generator anew, for about a second per precision.

    What was remembered of this and other models is forgotten: their next runs measure again.

    Raises:
        InputError: no generator is installed.
    """
    name = default_model()
    network = load_network(name).network
    assert isinstance(network, Backbone)
    (cache_folder() / AUTOTUNE_FILE).unlink(missing_ok=True)
    timed = [
        (p, choose_execution(Compute("cpu", p), network).seconds) for p in PRECISIONS
    ]  # in this order, so that "auto" below is decided on a warm machine
    return MachineSpeed(
        model=name,
        auto=choose_execution(Compute(), network).record(),
        seconds=tuple((p, seconds) for p, seconds in timed if seconds is not None),
        busy=busy(),
    )
