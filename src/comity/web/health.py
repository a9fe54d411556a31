"""Is the node well? Every reason why not, from whoever knows one; each has a code and words.

`ok` without a reason, `stopped` if one of them stops writing, else `degraded`. Reading goes on in
every case. More reasons come from `Node.conditions` (disk, clock). Called by the status and metrics
routes.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from comity.storage.store import Reading
from comity.web.api.parties import line_states
from comity.web.node import Condition, Node

__all__ = ["DISK_FULL", "conditions", "verdict_on", "witness_ages"]

Word = Literal["ok", "degraded", "stopped"]

DISK_FULL = "the disk is full: only the safety floor is written; reading goes on"
_WITNESS_STALE_S = 300  # a node shows its head a second after it is new; witnesses answer at once
_SECOND_US = 1_000_000


def conditions(node: Node, reading: Reading, now_us: int) -> tuple[Condition, ...]:
    """Everything that is not well now, what stops writing first."""
    found = [*_pen(node), *_lines(reading, now_us), *_witnesses(node, reading, now_us)]
    for source in node.conditions:
        found += source(now_us)
    return tuple(sorted(found, key=lambda each: not each.stops))


def verdict_on(found: Iterable[Condition]) -> Word:
    """One word for all of them."""
    stops = [each.stops for each in found]
    if not stops:
        return "ok"
    return "stopped" if any(stops) else "degraded"


def _pen(node: Node) -> Iterator[Condition]:
    held = node.scribe.held
    if held is not None:
        yield Condition(code=held.refusal.code, text=held.refusal.reason, stops=True)
    elif node.scribe.floor_only:
        yield Condition(code="disk_full", text=DISK_FULL)
    elif not node.scribe.is_alive:
        text = "the journal has stopped writing; the diagnostics say why"
        yield Condition(code="journal_stopped", text=text, stops=True)


def _lines(reading: Reading, now_us: int) -> Iterator[Condition]:
    for origin, state in line_states(reading, now_us).items():
        if state == "silent":
            yield Condition(code="line_silent", text=f"nothing was heard from {origin} for long")
        elif state == "forked":
            yield Condition(code="line_forked", text=f"{origin} showed a head that does not fit")


def _witnesses(node: Node, reading: Reading, now_us: int) -> Iterator[Condition]:
    size = node.scribe.checkpoint.size
    for name, (cosigned, age_s) in witness_ages(node, reading, now_us).items():
        if cosigned < size and (age_s is None or age_s > _WITNESS_STALE_S):
            since = "never" if age_s is None else f"{age_s} s ago"
            yield Condition(code="witness_stale", text=f"{name} cosigned last {since}")


def witness_ages(node: Node, reading: Reading, now_us: int) -> dict[str, tuple[int, int | None]]:
    """Of each witness the size it cosigned last, and how many seconds ago; (0, None) for never."""
    found: dict[str, tuple[int, int | None]] = {}
    for key in node.roster.now.witnesses:
        row = reading.journal.newest_cosignature((key.name,), 0)
        age = None if row is None else max(0, now_us // _SECOND_US - row.time_s)
        found[key.name] = (0 if row is None else row.size, age)
    return found
