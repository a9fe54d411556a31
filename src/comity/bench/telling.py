"""The hotline measured: STOP behind a thousand other entries, and a node full of open messages.

Between two real nodes: while the other one is away, amendments queue up for it; once it is back,
a STOP now and then goes ahead of them. Then one node is started again with a hundred thousand
messages that nobody answered. Called by `comity bench hotline`.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event

import msgspec

from comity.bench.door import Door
from comity.bench.figure import Aim, Bound, Figure, Measured, latencies
from comity.bench.ground import Ground
from comity.bench.pair import Pair, deliver_one, until
from comity.model.fault import Unavailable, must
from comity.model.message import Message
from comity.storage.messages import MessageRow
from comity.storage.store import Transaction
from comity.wire.canonical import Json, sha256
from comity.wire.fields import serialise_fields
from comity.wire.limits import SAFETY_MESSAGES_OPEN_MAX
from comity.wire.message_v1 import fields_of_message

__all__ = ["FULL", "QUICK", "HotlinePlan", "measure_hotline"]

_NS_PER_S = 1_000_000_000
_NS_PER_US = 1_000
_INFORM = "I"
_CLIENTS = 16
_STOP_EVERY_S = 0.05
_SETTLE_TRIES, _SETTLE_PAUSE_S = 600, 0.1
_LOT = 10_000
_NOW_US = 1_767_225_600_000_000  # 2026-01-01
_DUE_US = 4_070_908_800_000_000  # 2099-01-01: nothing is overdue
_KIB, _MIB = 1_024, 1_048_576
_DELIVERED_MS = Aim(bound=Bound.AT_MOST, value=1_000)
_RESTART_S = Aim(bound=Bound.AT_MOST, value=2)
_MEMORY_MB = Aim(bound=Bound.AT_MOST, value=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlinePlan:
    """How much is measured: a STOP counts while `waiting` others wait; `piled` are piled up."""

    rounds: int
    piled: int
    waiting: int
    stops: int
    open_messages: int
    starts: int

    def __post_init__(self) -> None:
        """Hold that the other side takes them all."""
        must(self.rounds * self.stops < SAFETY_MESSAGES_OPEN_MAX, "a party says STOP so often")
        must(self.piled > self.waiting, "more are piled up than have to wait")


QUICK = HotlinePlan(rounds=2, piled=300, waiting=100, stops=10, open_messages=10_000, starts=3)
FULL = HotlinePlan(rounds=3, piled=2_000, waiting=1_000, stops=60, open_messages=100_000, starts=5)


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    id: str


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    at: str
    delivered: str | None


def measure_hotline(ground: Ground, plan: HotlinePlan) -> Measured:
    """All figures of the hotline."""
    ground.progress.begin(2 + plan.rounds + plan.starts)
    with Pair(ground) as pair:
        receipt = deliver_one(pair)
        ground.progress.step("two nodes enrolled, and a first notice delivered")
        delivered: list[list[int]] = []
        queued: list[float] = []
        for number in range(1, plan.rounds + 1):
            waiting, found = _round(plan, pair, receipt.id, number)
            queued.append(waiting)
            delivered.append(found)
            ground.progress.step(f"{len(found)} times STOP, {waiting:.0f} others waiting or more")
    figures = latencies("stop_to_delivered", delivered, {99: _DELIVERED_MS})
    figures["others_waiting"] = Figure(
        unit="entries", rounds=tuple(queued), samples=min(map(len, delivered))
    )
    return Measured(figures=figures | _open_messages(ground, plan, pair), peers={})


def _round(plan: HotlinePlan, pair: Pair, notice: str, number: int) -> tuple[float, list[int]]:
    """How many others waited at least, and nanoseconds from each STOP's saying to its receipt."""
    pair.stop("bravo")
    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(
            pool.map(
                lambda at: _amend(pair.alpha, notice, number * plan.piled + at), range(plan.piled)
            )
        )
    must(_waiting(pair) >= plan.piled, "amendments wait for a node that is away")
    pair.start("bravo")
    until(lambda: _waiting(pair) < plan.piled, "the other node does not come back")
    least = float("inf")
    said: list[str] = []
    while len(said) < plan.stops and (now := _waiting(pair)) >= plan.waiting:
        least = min(least, now)
        said.append(pair.alpha.post("messages", _stop(pair.bravo_origin), _Named).id)
        Event().wait(_STOP_EVERY_S)
    if not said:
        raise Unavailable("the queue was gone before anything was said; pile up more")
    _settled(lambda: _waiting(pair) == 0)
    return least, [_delivered_ns(pair.alpha, each) for each in said]


def _delivered_ns(door: Door, message: str) -> int:
    found = door.get(f"messages/{message}", _Said)
    if found.delivered is None:
        raise Unavailable("a STOP was not delivered")
    spent = datetime.fromisoformat(found.delivered) - datetime.fromisoformat(found.at)
    return round(spent.total_seconds() * _NS_PER_S)


def _waiting(pair: Pair) -> float:
    return pair.alpha.metric("comity_outbox_entries", party=pair.bravo_origin)


def _settled(holds: Callable[[], bool]) -> None:
    for _ in range(_SETTLE_TRIES):
        if holds():
            return
        Event().wait(_SETTLE_PAUSE_S)
    raise Unavailable("the outbox does not become empty")


def _amend(door: Door, notice: str, number: int) -> None:
    """Each amendment another height, so that no two are one content."""
    volume: Json = {
        "footprint": {"centre": [35.5, 35.7], "radius_m": 20_000},
        "lower_m": 0,
        "upper_m": 5_000 + number % 4_000,
        "start": "2099-01-01T00:00:00Z",
        "end": "2099-01-01T01:00:00Z",
    }
    door.post(f"notices/{notice}/moves", {"move": "amend", "volumes": [volume]}, _Anything)


class _Anything(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of which nothing is read."""


def _stop(to: str) -> Json:
    return {
        "code": "X",
        "to": to,
        "role": "duty-officer",
        "values": {"danger-to": "our-people", "where": [35.5, 35.7], "radius": 20_000},
    }


def _open_messages(ground: Ground, plan: HotlinePlan, pair: Pair) -> dict[str, Figure]:
    """Alpha started without and with open messages: how long it takes, and what it takes up."""
    home = pair.homes["alpha"].path
    empty = _started(ground, home)
    _fill(ground, home / "data", plan.open_messages)
    ground.progress.step(f"{plan.open_messages} open messages in a node")
    spent: list[float] = []
    taken: list[float] = []
    for number in range(1, plan.starts + 1):
        start = _started(ground, home)
        spent.append(start.seconds)
        taken.append((start.resident_bytes - empty.resident_bytes) / _MIB)
        ground.progress.step(f"start {number}")
    return {
        "start_with_open_messages": Figure(
            unit="s", rounds=tuple(spent), samples=plan.open_messages, aim=_RESTART_S
        ),
        "start_without": Figure(unit="s", rounds=(empty.seconds,), samples=1),
        "open_messages_take": Figure(
            unit="MB", rounds=tuple(taken), samples=plan.open_messages, aim=_MEMORY_MB
        ),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """From the process's start to its ready line, and its memory then."""

    seconds: float
    resident_bytes: int


def _started(ground: Ground, home: Path) -> _Start:
    began_ns = time.perf_counter_ns()
    service = ground.serve("alpha", ["serve", "--home", str(home)], ground.folder / "again.log")
    try:
        service.wait_ready()
        seconds = (time.perf_counter_ns() - began_ns) / _NS_PER_S
        Event().wait(1)  # what is due looks at its deadlines once
        return _Start(seconds=seconds, resident_bytes=_resident_bytes(service.pid))
    finally:
        service.stop()


def _resident_bytes(pid: int) -> int:
    """What a process holds in memory, as Linux says it; Unavailable elsewhere."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError as error:
        raise Unavailable("this machine does not say what a process takes up") from error
    line = next(each for each in text.splitlines() if each.startswith("VmRSS:"))
    return int(line.split()[1]) * _KIB


def _fill(ground: Ground, folder: Path, count: int) -> None:
    """Rows as the desk writes them, of parties that are not enrolled: no door takes so many."""
    store = ground.open_store(folder)
    try:
        for first in range(0, count, _LOT):
            store.write(partial(_add, numbers=range(first, min(first + _LOT, count))))
    finally:
        store.close()


def _add(tx: Transaction, numbers: range) -> None:
    said = Message(code=_INFORM, role="duty-officer", words="nothing new")
    content = serialise_fields(fields_of_message(said))
    for number in numbers:
        row = MessageRow(
            id=sha256(b"bench/open-message" + number.to_bytes(8)),
            code=_INFORM,
            sender=f"party{number % 1_000:03}.example/comity/2026",
            receiver="alpha.example/comity/2026",
            about=None,
            content=content,
            at_us=_NOW_US + number,
            due_us=_DUE_US + number,
            ground="by clause block of terms, version 1, message_answer_us is 5 min",
            floor=False,
        )
        tx.messages.save_message(row)
