"""Requests as JSON with a schema number, the same way for every kind of request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError

SCHEMA_VERSION = 1
Kind = TypeVar("Kind")


class Request(Protocol):
    """What every kind of request is: frozen plain data that can be stored."""

    def to_json(self) -> str:
        """What `from_json` of its class reads."""


def write_request(fields: Mapping[str, Any]) -> str:
    """JSON of a request's fields."""
    return json.dumps({"schema": SCHEMA_VERSION, **fields})


def read_request(text: str, what: str, build: Callable[[dict[str, Any]], Kind]) -> Kind:
    """Build a request from what `write_request` wrote; unknown fields are an error of `build`.

    Args:
        what: names the request in sentences, e.g. "depth recipe".

    Raises:
        InputError: not our JSON, or a schema that is newer than this program.
    """
    try:
        data: dict[str, Any] = parse_json(text)
        schema = data.pop("schema")
        if schema != SCHEMA_VERSION:
            raise InputError(
                f"This {what} has schema {schema}, but this program reads {SCHEMA_VERSION}.",
                "Use a newer version of Patch Forcing Studio.",
            )
        return build(data)
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise InputError(f"This is not a {what} of Patch Forcing Studio ({error}).") from error
