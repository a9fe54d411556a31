"""The processes of one variant: a node for each party and one witness, enrolled, in step.

Homes are made, cards passed on with their fingerprints, agreements countersigned, clocks
connected; and everything that was started is ended, whatever happens. With a stick, the cards name
addresses at which nobody is. Nothing is known here of steps or verdicts. Called by play.
"""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from comity.clock import SystemClock
from comity.config import Home, load_cosigners, load_identity, read_certificate
from comity.exercise.agreement import parameters
from comity.exercise.answers import PartyLine
from comity.exercise.clocks import ClockLine, Lockstep
from comity.exercise.node import Node
from comity.exercise.process import Ports, ServingProcess, stop_all
from comity.exercise.scenario import Scenario
from comity.exercise.stick import Stick
from comity.exercise.wires import Wires
from comity.home import create_home, create_witness_home
from comity.model.fault import Unavailable
from comity.model.party import Card
from comity.trust.card import card_note, fingerprint, open_card
from comity.trust.keyfile import read_secret
from comity.trust.keys import SEED_BYTES
from comity.wire.canonical import Json

__all__ = ["WITNESS", "Fleet", "origin_of"]

WITNESS = "witness"
_HEARTBEATS_MAX = 4  # within which both parties of a link have signed the agreement
_WORKERS = 4
_SECRET_BYTES_MAX = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where one process lives and listens."""

    home: Path
    address: str


def origin_of(scenario: Scenario, party: str) -> str:
    """The live origin from which a party's exercise origin is made, before `/exercise/ID`."""
    return f"{party}.example/comity/{scenario.time.date[:4]}"


class Fleet:
    """Running nodes by party name, their cards, their clocks; they run within a `with`."""

    def __init__(
        self,
        scenario: Scenario,
        exercise: str,
        homes: Path,
        stick: Stick | None = None,
        *,
        can_be_cut: bool = False,
    ) -> None:
        """Plan the fleet of exercise id `exercise` in the folder `homes`, which must not exist.

        With a `stick` no node can reach another, and everything goes by it. With `can_be_cut` the
        lines between the nodes are `wires`.
        """
        self._scenario = scenario
        self._exercise = exercise
        self._homes = homes
        self._stick = stick
        self._nowhere = Ports()
        self.wires = Wires() if can_be_cut and stick is None else None
        self._exits = ExitStack()
        self._texts: dict[str, str] = {}
        self._made: dict[str, Home] = {}
        self.clocks: dict[str, ClockLine] = {}
        self.nodes: dict[str, Node] = {}
        self.cards = _opened({})
        self.witness_keys: tuple[str, ...] = ()
        self.pids: dict[str, int] = {}
        self.time = Lockstep({}, lambda _: None)

    def __enter__(self) -> Self:
        """Start everything; if one part fails, end the others and raise."""
        try:
            self._start()
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

    def begin(self, at_us: int, on_tick: Callable[[int], None]) -> None:
        """Set the clocks to `at_us`, enrol the linked parties and see their agreements in force.

        `on_tick` is called with each virtual instant that is over, from now on.
        """
        self.time = Lockstep(self.clocks, on_tick, self._carry)
        self.time.begin(at_us)
        for a, b in self._scenario.links:
            self._enrol(a, b)
            self._enrol(b, a)
        self.time.settle()
        block = parameters(self._scenario.agreement)
        beat_us = block.get("heartbeat_us", 30_000_000)
        for _ in range(_HEARTBEATS_MAX):
            if not self._unsigned():
                return
            self.time.run_to(self.time.now_us + beat_us)
        raise Unavailable(f"no agreement in force: {', '.join(self._unsigned())}")

    def bind(self) -> None:
        """After the last step: what goes by hand goes once more, so that all receipts are bound."""
        if self._stick is not None:
            self._stick.bind()
            self.time.settle()

    def _carry(self) -> int:
        return 0 if self._stick is None else self._stick.carry(self.nodes)

    def _start(self) -> None:
        ports = Ports()
        self._exits.callback(ports.release)
        self._exits.callback(self._nowhere.release)
        if self.wires is not None:
            self._exits.callback(self.wires.close)
        self._homes.mkdir(parents=True)
        names = [WITNESS, *(party.id for party in self._scenario.parties)]
        places = {
            name: _Place(home=self._homes / name, address=f"http://127.0.0.1:{ports.take()}")
            for name in names
        }
        with ThreadPoolExecutor(_WORKERS) as pool:
            texts = list(pool.map(lambda name: self._make_home(name, places[name]), names))
        made = dict(zip(names, texts, strict=True))
        self.witness_keys = tuple(made.pop(WITNESS).split())
        self._texts = made
        self.cards = _opened(made)
        self._serve(places)
        ports.release()
        for name, place in places.items():
            self.clocks[name] = ClockLine(name, place.home)
            self._exits.callback(self.clocks[name].close)

    def _make_home(self, name: str, place: _Place) -> str:
        """Make a home as `comity init` does; the witness's keys or the party's card as text."""
        now_us = SystemClock().now_us()
        if name == WITNESS:
            witness = create_witness_home(
                place.home,
                name=f"witness.example/{self._exercise}",
                address=place.address,
                seeds=_seed,
                now_us=now_us,
            )
            return " ".join(key.verifier().text() for key in load_cosigners(witness))
        home = create_home(
            place.home,
            name=name,
            origin=origin_of(self._scenario, name),
            address=place.address,
            exercise=self._exercise,
            seeds=_seed,
            now_us=now_us,
        )
        self._made[name] = home
        address = place.address
        if self._stick is not None:
            address = f"http://127.0.0.1:{self._nowhere.take()}"  # held, so nobody listens there
        return card_note(load_identity(home), address, read_certificate(home)).decode()

    def _serve(self, places: dict[str, _Place]) -> None:
        exercise = ["--exercise", self._exercise]
        logs = [part for card in self.cards.values() for part in ("--log", card.log_key)]
        witness = places[WITNESS]
        arguments = {WITNESS: ["witness", "serve", "--home", str(witness.home), *exercise, *logs]}
        for name in self.cards:
            texts = (f"{key}@{witness.address}" for key in self.witness_keys)
            known = [word for text in texts for word in ("--witness", text)]
            arguments[name] = ["serve", "--home", str(places[name].home), *exercise, *known]
        services: list[ServingProcess] = []
        self._exits.callback(stop_all, services)
        for name, words in arguments.items():
            service = ServingProcess(name, words, self._homes / f"{name}.log")
            self.pids[name] = service.pid
            services.append(service)
        for service in services:
            service.wait_ready()
        for name in self.cards:
            secret = read_secret(places[name].home / "keys" / "admin.key", _SECRET_BYTES_MAX)
            self.nodes[name] = Node(name, places[name].address, secret.decode().strip())
            self._exits.callback(self.nodes[name].close)

    def _enrol(self, ours: str, theirs: str) -> None:
        """Two people read the fingerprint to each other; here the referee is both of them."""
        body = _enrolment(self._card_for(ours, theirs), self._scenario)
        self.nodes[ours].post("parties", body, PartyLine, f"enrol-{ours}-{theirs}")

    def _card_for(self, ours: str, theirs: str) -> str:
        """The card that one party is handed by the other; with wires it names the wire's end."""
        if self.wires is None:
            return self._texts[theirs]
        home, address = self._made[theirs], self.cards[theirs].address
        at = self.wires.lay(ours, theirs, address)
        return card_note(load_identity(home), at, read_certificate(home)).decode()

    def _unsigned(self) -> list[str]:
        """The links whose agreement is not in force, as `alpha with bravo`."""
        return [
            f"{name} with {line.name}"
            for name, node in self.nodes.items()
            for line in node.status().parties
            if line.agreement is None or line.agreement.in_force_since is None
        ]


def _enrolment(card: str, scenario: Scenario) -> dict[str, Json]:
    """PartyRequest: the card, what two people read to each other, and the agreement's numbers."""
    return {
        "card": card,
        "fingerprint": fingerprint(card.encode()),
        "parameters": dict(parameters(scenario.agreement)),
    }


def _opened(texts: dict[str, str]) -> dict[str, Card]:
    """Cards as nouns."""
    return {name: open_card(text.encode()) for name, text in texts.items()}


def _seed() -> bytes:
    return secrets.token_bytes(SEED_BYTES)
