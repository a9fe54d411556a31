"""Has our newest head stamped by time-stamp authorities (RFC 3161), and records it. A tailer.

All authorities are asked about one head, at an interval and when a person wants it. What holds is
kept with an `evidence` entry, and can be the beacon of what is written next. An authority's answer
is signed, so the line to it proves nothing. Called by the pacer, and by the door through the node.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from comity.clock import Clock
from comity.exchange.client import Wire
from comity.exchange.clock_watch import ClockWatch
from comity.journal.cosignature import COSIGNATURE_AHEAD_S_MAX
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe, SignedHead
from comity.journal.timestamp import Authority, check_stamp, question
from comity.model.fault import Fault, Unavailable, Untrusted
from comity.model.quantity import SECOND_US
from comity.storage.store import Transaction
from comity.storage.times import AUTHORITY, RFC3161, EvidenceRow, OnlookerRow
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType, EvidenceBody
from comity.wire.limits import RETRY_US_MAX

__all__ = ["AuthorityLine", "Stamper"]

_LOG = logging.getLogger("comity.exchange")
_OK = 200
_HEADERS = {"content-type": "application/timestamp-query"}
_ERROR_CHARS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityLine:
    """One authority: its address, whose stamps are believed of it, and how it is reached."""

    url: str
    path: str
    authority: Authority
    wire: Wire


class Stamper:
    """See the module docstring."""

    def __init__(
        self,
        *,
        authorities: Sequence[AuthorityLine],
        scribe: Scribe,
        clock: Clock,
        every_us: int,
        watch: ClockWatch | None = None,
    ) -> None:
        """The first stamps are due at once."""
        self._authorities = tuple(authorities)
        self._scribe = scribe
        self._clock = clock
        self._every_us = every_us
        self._watch = watch
        self._due_us = 0
        self._asking = asyncio.Lock()

    async def tick(self, now_us: int) -> int:
        """Ask if it is time."""
        if self.next_due(now_us) > now_us:
            return 0
        self._due_us = now_us + self._every_us
        stamped = await self.stamp()
        if stamped < len(self._authorities):
            self._due_us = now_us + min(self._every_us, RETRY_US_MAX)
        return stamped

    def next_due(self, now_us: int) -> int:
        """A time further away than the interval was set under another clock."""
        return now_us if self._due_us > now_us + self._every_us else max(self._due_us, now_us)

    async def stamp(self) -> int:
        """Ask every authority about the newest head; how many stamped it."""
        async with self._asking:
            head = self._scribe.head
            if not head.checkpoint.size:
                return 0
            asked = [self._one(line, head) for line in self._authorities]
            found = await asyncio.gather(*asked)
            await self._keep(head, found)
        return sum(isinstance(each, EvidenceRow) for each in found)

    async def _one(self, line: AuthorityLine, head: SignedHead) -> EvidenceRow | OnlookerRow:
        """The stamp, or what went wrong."""
        try:
            return await self._ask(line, head)
        except Fault as fault:
            _LOG.warning("authority %s: %s", line.url, fault.reason)
            error = fault.reason[:_ERROR_CHARS_MAX]
            return OnlookerRow(kind=AUTHORITY, name=line.url, size=0, time_s=0, error=error)

    async def _ask(self, line: AuthorityLine, head: SignedHead) -> EvidenceRow:
        text = head.note.text.encode()
        asked, asked_us = question(text), self._clock.now_us()
        answered = await line.wire.post(line.path, asked.data, _HEADERS)
        if answered.status != _OK:
            raise Unavailable(f"it answered {answered.status}", code="authority_refused")
        stamp = check_stamp(answered.body, text, [line.authority], asked.nonce)
        now_us = self._clock.now_us()
        if self._watch is not None:  # before the time is judged: it may be ours that is wrong
            low_us, high_us = stamp.low_s * SECOND_US, (stamp.high_s + 1) * SECOND_US
            self._watch.heard_between(line.url, (low_us, high_us), asked_us, now_us)
        line_us = now_us + self._scribe.standing().correction_us
        if stamp.low_s > line_us // SECOND_US + COSIGNATURE_AHEAD_S_MAX:
            raise Untrusted("it stamped a time in the future", code="bad_stamp")
        return EvidenceRow(
            hash=sha256(answered.body),
            kind=RFC3161,
            signer=line.url,
            size=head.checkpoint.size,
            time_s=stamp.low_s,
            body=answered.body,
        )

    async def _keep(self, head: SignedHead, found: Sequence[EvidenceRow | OnlookerRow]) -> None:
        def work(tx: Transaction, pen: Pen) -> None:
            there = {row.name: row for row in tx.times.onlookers(AUTHORITY)}
            for row in found:
                if isinstance(row, EvidenceRow):
                    _record(tx, pen, head, row)
                else:
                    _blame(tx, pen, there.get(row.name, row), row.error)

        await asyncio.wrap_future(self._scribe.submit(work, self._clock.now_us()))


def _record(tx: Transaction, pen: Pen, head: SignedHead, row: EvidenceRow) -> None:
    tx.times.save_evidence(row)
    tx.times.save_onlooker(
        OnlookerRow(kind=AUTHORITY, name=row.signer, size=row.size, time_s=row.time_s)
    )
    body = EvidenceBody(
        kind=row.kind,
        sha256=row.hash,
        length=len(row.body),
        size=head.checkpoint.size,
        root=head.checkpoint.root,
    )
    pen.write(EntryType.EVIDENCE, pen.origin, body)


def _blame(tx: Transaction, pen: Pen, row: OnlookerRow, error: str | None) -> None:
    """The first moment of an error stays."""
    if row.error != error or row.error_us is None:
        tx.times.save_onlooker(replace(row, error=error, error_us=pen.now_us))
