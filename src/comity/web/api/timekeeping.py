"""How the node stands in time: its clock, its witnesses and time-stamp authorities; ask for stamps.

Called by way of the table, and by `status`.
"""

from collections.abc import Iterable

from comity.journal.pen import Pen
from comity.model.clock_error import Standing
from comity.model.quantity import SECOND_US, instant_text
from comity.storage.store import Reading, Transaction
from comity.storage.times import AUTHORITY, WITNESS, OnlookerRow
from comity.web.api.time_shapes import (
    ClockSource,
    ClockView,
    OnlookerView,
    StampRequest,
    TimeView,
)
from comity.web.api.views import when
from comity.web.gate import Admitted
from comity.web.node import Node
from comity.web.once import commit, remembered

__all__ = ["clock_view", "shown", "stamped", "witness_views"]

_HEARTBEATS = 3


def shown(call: Admitted) -> TimeView:
    """Clock, witnesses, authorities."""
    return call.read(lambda r: _view(r, call.node, call.now_us))


async def stamped(call: Admitted, _: StampRequest) -> bytes:
    """Have every authority stamp the newest head now; a repetition of the request asks nobody."""
    if call.read(lambda r: remembered(r, call)) is None:
        await call.node.stamp()

    def change(tx: Transaction, _: Pen) -> TimeView:
        return _view(tx, call.node, call.now_us)

    return await commit(call, change)


def _view(reading: Reading, node: Node, now_us: int) -> TimeView:
    rows = reading.times.onlookers(AUTHORITY)
    return TimeView(
        now=instant_text(now_us),
        clock=clock_view(node.scribe.standing()),
        witnesses=witness_views(reading, node, now_us),
        authorities=_views(node.authorities, rows, now_us, None),
    )


def witness_views(reading: Reading, node: Node, now_us: int) -> list[OnlookerView]:
    """Each configured witness, heard or not."""
    names = node.roster.now.witness_names
    fresh_us = _HEARTBEATS * node.heartbeat_us
    return _views(names, reading.times.onlookers(WITNESS), now_us, fresh_us)


def _views(
    names: Iterable[str], rows: Iterable[OnlookerRow], now_us: int, fresh_us: int | None
) -> list[OnlookerView]:
    known = {row.name: row for row in rows}
    blank = OnlookerRow(kind="", name="", size=0, time_s=0)
    return [_one(name, known.get(name, blank), now_us, fresh_us) for name in names]


def _one(name: str, row: OnlookerRow, now_us: int, fresh_us: int | None) -> OnlookerView:
    heard = row.time_s > 0
    age_us = now_us - row.time_s * SECOND_US
    return OnlookerView(
        name=name,
        size=row.size if heard else None,
        time=instant_text(row.time_s * SECOND_US) if heard else None,
        age_s=age_us // SECOND_US if heard else None,
        fresh=heard and (fresh_us is None or age_us <= fresh_us),
        error=row.error,
        error_since=when(row.error_us),
    )


def clock_view(standing: Standing) -> ClockView:
    """Seconds; others' time less ours."""
    return ClockView(
        state=standing.state.value,
        low_s=_seconds(standing.low_us),
        high_s=_seconds(standing.high_us),
        sources=[
            ClockSource(
                by=bound.by, low_s=bound.low_us / SECOND_US, high_s=bound.high_us / SECOND_US
            )
            for bound in standing.sources
        ],
        text=standing.text,
    )


def _seconds(value_us: int | None) -> float | None:
    return None if value_us is None else value_us / SECOND_US
