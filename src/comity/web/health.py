"""Is the node well? Every reason why not, from whoever knows one; each has a code and words.

`ok` without a reason, `stopped` if one of them stops writing, else `degraded`. Reading goes on in
every case. More reasons come from `Node.conditions` (disk). Called by the status and metrics
routes.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from comity.model.clock_error import ClockState
from comity.storage.store import Reading
from comity.web.api.parties import line_states
from comity.web.api.timekeeping import witness_views
from comity.web.node import Condition, Node

__all__ = ["DISK_FULL", "conditions", "verdict_on"]

Word = Literal["ok", "degraded", "stopped"]

DISK_FULL = "the disk is full: only the safety floor is written; reading goes on"


def conditions(node: Node, reading: Reading, now_us: int) -> tuple[Condition, ...]:
    """Everything that is not well now, what stops writing first."""
    found = [*_pen(node), *_clock(node)]
    found += [*_lines(reading, node.origin, now_us), *_witnesses(node, reading, now_us)]
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


def _lines(reading: Reading, own: str, now_us: int) -> Iterator[Condition]:
    for origin, state in line_states(reading, own, now_us).items():
        if state == "silent":
            yield Condition(code="line_silent", text=f"nothing was heard from {origin} for long")
        elif state == "forked":
            yield Condition(code="line_forked", text=f"{origin} showed a head that does not fit")


def _clock(node: Node) -> Iterator[Condition]:
    standing = node.scribe.standing()
    if standing.state is not ClockState.SURE:
        yield Condition(code=f"clock_{standing.state.value}", text=standing.text)


def _witnesses(node: Node, reading: Reading, now_us: int) -> Iterator[Condition]:
    """In an exercise an old cosignature will do, if it is over what there is."""
    size = node.scribe.checkpoint.size
    for view in witness_views(reading, node, now_us):
        seen = not size or (node.exercise is not None and view.size == size)
        if not view.fresh and not seen:
            since = "never" if view.age_s is None else f"{view.age_s} s ago"
            yield Condition(code="witness_stale", text=f"{view.name} cosigned last {since}")
