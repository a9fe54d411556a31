"""The outlets of a node: one tailer that puts things in line, and one that sends for each outlet.

An exercise sends nothing to anybody, whatever its home says. Called by `node`.
"""

import secrets
from collections.abc import Callable, Iterator

from comity.config import Home
from comity.exchange.pace import Tailer
from comity.model.outlet import Outlet
from comity.outlets.book import read_outlets
from comity.outlets.lines import SOURCES, transport_of
from comity.outlets.sender import Sender
from comity.outlets.teller import Teller
from comity.web.node import Node

__all__ = ["outlet_tailers", "outlets_of"]

_PARTS = 1_000_000


def outlets_of(home: Home) -> tuple[Outlet, ...]:
    """What a node of this home sends to; raises what `read_outlets` raises."""
    return read_outlets(home.path) if home.exercise is None else ()


def outlet_tailers(home: Home, node: Node) -> Iterator[Tailer]:
    """The tailers of `node.outlets`."""
    yield Teller(node.store, node.scribe, node.outlets, SOURCES)
    for outlet in node.outlets:
        yield Sender(
            outlet=outlet,
            transport=transport_of(home.path, outlet),
            sources={source.name: source for source in SOURCES},
            store=node.store,
            scribe=node.scribe,
            clock=node.clock,
            origin=node.origin,
            chance=_chance(),
        )


def _chance() -> Callable[[], float]:
    return lambda: secrets.randbelow(_PARTS + 1) / _PARTS
