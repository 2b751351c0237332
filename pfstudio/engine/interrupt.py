"""Stopping a run in the middle of a network call, where one call takes long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from pfstudio.engine.control import Control


class Stopped(Exception):  # noqa: N818 - not an error: the user stopped the run
    """Ends a run that was cancelled."""


@contextmanager
def stoppable(control: Control, *networks: nn.Module) -> Iterator[None]:
    """While inside, a cancel raises Stopped before the next layer of any of these networks."""

    def check(module: nn.Module, inputs: Any) -> None:
        if control.cancelled:
            raise Stopped

    modules = [module for network in networks for module in network.modules()]
    handles = [module.register_forward_pre_hook(check) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
