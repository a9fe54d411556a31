"""Two live nodes on loopback, alpha and bravo: made, started, enrolled, and ended whatever happens.

Real processes with live clocks; their keys are drawn anew, since they listen. Called by the
measurements of the exchange and of the verifier.
"""

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event
from types import TracebackType
from typing import Self

import msgspec

from comity.bench.door import Door
from comity.bench.ground import Ground, Serving
from comity.clock import SystemClock
from comity.config import Home, load_identity, read_admin_key, read_certificate
from comity.home import create_home
from comity.model.fault import Unavailable
from comity.trust.card import card_note, fingerprint
from comity.trust.keys import SEED_BYTES
from comity.wire.canonical import Json

__all__ = ["Pair", "Receipt", "deliver_one", "notice_body", "until", "wait_delivered"]

_NAMES = ("alpha", "bravo")
_PAUSE_S = 0.05
_TRIES_MAX = 600  # with the pause: 30 s, for what takes well under one


class _Delivery(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    delivered: str | None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a declaration."""

    id: str
    entries: list[_Delivery]


class _Notice(msgspec.Struct, frozen=True, kw_only=True):
    deliveries: list[_Delivery]


class _Agreement(msgspec.Struct, frozen=True, kw_only=True):
    in_force_since: str | None


class _Party(msgspec.Struct, frozen=True, kw_only=True):
    agreement: _Agreement | None


class _Status(msgspec.Struct, frozen=True, kw_only=True):
    parties: list[_Party]


class _Anything(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of which nothing is read."""


class Pair:
    """See the module docstring; runs within a `with`."""

    def __init__(self, ground: Ground) -> None:
        """Plan the two nodes in folders of the ground."""
        self._ground = ground
        self._exits = ExitStack()
        self._services: dict[str, Serving] = {}
        self.homes: dict[str, Home] = {}
        self.doors: dict[str, Door] = {}
        self.cards: dict[str, bytes] = {}

    @property
    def alpha(self) -> Door:
        """The node that gives."""
        return self.doors["alpha"]

    @property
    def bravo_origin(self) -> str:
        """The party that takes."""
        return self.homes["bravo"].origin

    def __enter__(self) -> Self:
        """Start both and see their agreement in force; if one part fails, end the others."""
        try:
            self._start()
            self._enrol()
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End everything that was started."""
        self._exits.close()

    def _start(self) -> None:
        for name, port in zip(_NAMES, self._ground.ports, strict=True):
            home = self._make_home(name, f"http://127.0.0.1:{port}")
            self.homes[name] = home
            self._serve(name)
            card = card_note(load_identity(home), home.address, read_certificate(home))
            self.cards[name] = card
            self.doors[name] = Door(name, home.address, read_admin_key(home))
            self._exits.callback(self.doors[name].close)
        for service in self._services.values():
            service.wait_ready()

    def stop(self, name: str) -> None:
        """End one of the two; its home stays."""
        self._services.pop(name).stop()

    def start(self, name: str) -> None:
        """Start one again that was ended; returns when it serves."""
        self._serve(name)
        self._services[name].wait_ready()

    def _serve(self, name: str) -> None:
        words = ["serve", "--home", str(self.homes[name].path)]
        service = self._ground.serve(name, words, self._ground.folder / f"{name}.log")
        self._exits.callback(service.stop)
        self._services[name] = service

    def _make_home(self, name: str, address: str) -> Home:
        return create_home(
            self._ground.folder / name,
            name=name,
            origin=f"{name}.example/comity/2026",
            address=address,
            exercise=None,
            seeds=lambda: secrets.token_bytes(SEED_BYTES),
            now_us=SystemClock().now_us(),
        )

    def _enrol(self) -> None:
        """Two people read the fingerprints to each other; here one program is both of them."""
        for ours, theirs in (_NAMES, _NAMES[::-1]):
            card = self.cards[theirs]
            body: Json = {"card": card.decode(), "fingerprint": fingerprint(card)}
            self.doors[ours].post("parties", body, _Anything)
        until(lambda: all(map(_agreed, self.doors.values())), "the agreement is not in force")


def _agreed(door: Door) -> bool:
    parties = door.get("status", _Status).parties
    found = [party.agreement for party in parties]
    return bool(found) and all(each and each.in_force_since is not None for each in found)


def until(holds: Callable[[], bool], otherwise: str) -> None:
    """Ask now and then until `holds`; Unavailable (`otherwise`) after 30 s."""
    for _ in range(_TRIES_MAX):
        if holds():
            return
        Event().wait(_PAUSE_S)
    raise Unavailable(otherwise)


def deliver_one(pair: Pair) -> Receipt:
    """Give one notice to bravo; return when it and all that was given before are taken."""
    receipt = pair.alpha.post("notices", notice_body(0, pair.bravo_origin), Receipt)
    wait_delivered(pair, receipt)
    return receipt


def wait_delivered(pair: Pair, receipt: Receipt) -> None:
    """Wait until bravo's TAKE of a notice is recorded at alpha."""

    def delivered() -> bool:
        found = pair.alpha.get(f"notices/{receipt.id}", _Notice)
        return found.deliveries[0].delivered is not None

    until(delivered, "a notice does not arrive")


def notice_body(number: int, to: str | None) -> Json:
    """A plain operation as POST /notices takes it: a circle and an hour, each number another one.

    `to` nobody stays at home.
    """
    return {
        "kind": "operation",
        "to": [] if to is None else [to],
        "volumes": [
            {
                "footprint": {"centre": [35.5, 35.7], "radius_m": 20_000},
                "lower_m": 0,
                "upper_m": 9_000,
                "start": f"2099-01-{number % 28 + 1:02}T00:00:00Z",
                "end": f"2099-01-{number % 28 + 1:02}T01:00:00Z",
            }
        ],
        "purpose": "training",
        "craft": "combat",
    }
