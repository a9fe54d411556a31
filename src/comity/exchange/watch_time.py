"""Raises and clears the warnings about time: witnesses silent, our own clock wrong. A tailer.

`witness_stale`: no quorum of witnesses cosigned within three heartbeats. `clock_unsure` and
`clock_untrusted`: our clock against others'. Writes only when something changed. Live nodes only.
Called by the pacer.
"""

import asyncio
from collections.abc import Collection

from comity.exchange.clock_watch import ClockWatch
from comity.journal.pen import Pen
from comity.journal.quorum import Quorum
from comity.journal.scribe import Scribe
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.clock_error import ClockState
from comity.model.quantity import instant_text
from comity.storage.store import Reading, Store, Transaction
from comity.storage.times import WITNESS
from comity.trust.keys import VerifierKey
from comity.wire.canonical import sha256

__all__ = ["TimeWarner", "fresh_witnesses", "newest_quorum_s"]

_SECOND_US = 1_000_000
_HEARTBEATS = 3
_CLOCK_WARNINGS = {ClockState.UNSURE: "clock_unsure", ClockState.UNTRUSTED: "clock_untrusted"}
_STALE = "witness_stale"


def fresh_witnesses(
    reading: Reading, keys: Collection[VerifierKey], since_s: int
) -> frozenset[VerifierKey]:
    """The witnesses whose newest cosignature over a head of ours is not before `since_s`."""
    fresh = {row.name for row in reading.times.onlookers(WITNESS) if row.time_s >= since_s}
    return frozenset(key for key in keys if key.name in fresh)


def newest_quorum_s(reading: Reading, quorum: Quorum) -> int | None:
    """The latest time since which a whole quorum has cosigned; None if none ever has."""
    times = sorted((row.time_s for row in reading.times.onlookers(WITNESS)), reverse=True)
    keys = [key for voter in quorum.voters for key in voter.keys]
    return next(
        (
            time_s
            for time_s in times
            if time_s and quorum.met(fresh_witnesses(reading, keys, time_s))
        ),
        None,
    )


class TimeWarner:
    """See the module docstring."""

    def __init__(
        self,
        *,
        store: Store,
        scribe: Scribe,
        quorum: Quorum,
        watch: ClockWatch,
        heartbeat_us: int,
        now_us: int,
    ) -> None:
        """Begin; witnesses have three heartbeats from now on before they are missed."""
        self._store = store
        self._scribe = scribe
        self._quorum = quorum
        self._watch = watch
        self._heartbeat_us = heartbeat_us
        self._began_us = now_us
        self._due_us = 0

    async def tick(self, now_us: int) -> int:
        """Look once a second, which costs two small reads; the number of warnings changed."""
        if self.next_due(now_us) > now_us:
            return 0
        self._due_us = now_us + _SECOND_US
        wanted = self._wanted(now_us)
        changed = self._store.read(lambda r: _changed(r, self._about, wanted))
        if not changed:
            return 0
        await asyncio.wrap_future(
            self._scribe.submit(lambda tx, pen: self._write(tx, pen, wanted), now_us)
        )
        return 1

    def next_due(self, now_us: int) -> int:
        """Every second; at once if the clock went back."""
        return now_us if self._due_us > now_us + _SECOND_US else max(self._due_us, now_us)

    @property
    def _about(self) -> bytes:
        return sha256(self._scribe.head.checkpoint.origin.encode())

    def _wanted(self, now_us: int) -> dict[str, str | None]:
        """Each kind of warning: its text if it is to be open, None if not."""
        clock = self._watch.standing()
        state = _CLOCK_WARNINGS.get(clock.state)
        found = {kind: clock.text if kind == state else None for kind in _CLOCK_WARNINGS.values()}
        return found | {_STALE: self._store.read(lambda r: self._stale(r, now_us))}

    def _stale(self, reading: Reading, now_us: int) -> str | None:
        limit_us = _HEARTBEATS * self._heartbeat_us
        if self._quorum.root is None or now_us < self._began_us + limit_us:
            return None
        newest = newest_quorum_s(reading, self._quorum)
        if newest is None:
            return "no quorum of witnesses has cosigned our journal yet"
        if newest * _SECOND_US >= now_us - limit_us:
            return None
        since = instant_text(newest * _SECOND_US)
        return f"no quorum of witnesses has cosigned our journal since {since}"

    def _write(self, tx: Transaction, pen: Pen, wanted: dict[str, str | None]) -> None:
        for kind, text in wanted.items():
            if text is None:
                clear_warnings(tx, pen, kind, self._about)
            else:
                raise_warning(tx, pen, kind, self._about, text=text)


def _changed(reading: Reading, about: bytes, wanted: dict[str, str | None]) -> bool:
    """Whether a warning is to be raised that is not open, or cleared that is."""
    there = {row.kind for row in reading.sky.open_warnings(about)}
    return there & set(wanted) != {kind for kind, text in wanted.items() if text is not None}
