"""Shows our newest head to one neutral witness and keeps its cosignatures. A tailer.

Speaks C2SP tlog-witness (`add-checkpoint`) as any log does, so any conforming witness will do. A
head is shown when it is new and the last one is at least a second old; an unchanged one again
after `refresh_us`, so that the newest evidence of time is never old. A line is wanted by each key
that is configured; what came is kept, and what did not is an error. Called by the pacer.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace

from comity.clock import Clock
from comity.exchange.client import Answered, Wire
from comity.exchange.clock_watch import ClockWatch
from comity.exchange.standing import checked_cosignature, cosignature_row
from comity.journal.pen import Pen
from comity.journal.prove import prove_growth
from comity.journal.scribe import Scribe, SignedHead
from comity.model.fault import Fault, Malformed, Unavailable
from comity.storage.rows import CosignatureRow
from comity.storage.store import Store, Transaction
from comity.storage.times import COSIGNATURE, WITNESS, EvidenceRow, OnlookerRow
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, Signature, parse_note, serialise, signature_by
from comity.wire.canonical import b64, decimal, sha256
from comity.wire.limits import RETRY_US_FIRST, RETRY_US_MAX

__all__ = ["ADD_CHECKPOINT_PATH", "Feeder", "lines_from"]

ADD_CHECKPOINT_PATH = "/add-checkpoint"
_LOG = logging.getLogger("comity.exchange")
_PAUSE_US = 1_000_000
_OK, _CONFLICT = 200, 409
_SIZE_RETRIES = 3
_ERROR_CHARS_MAX = 200
_SAID = {
    400: "400: it cannot read what we show",
    403: "403: it has another key for our journal",
    404: "404: it does not know our journal; have it configured there",
    422: "422: it holds another history of our journal. Compare before anything else is done",
}


class Feeder:
    """See the module docstring."""

    def __init__(
        self,
        *,
        keys: tuple[VerifierKey, ...],
        wire: Wire,
        store: Store,
        scribe: Scribe,
        clock: Clock,
        refresh_us: int | None = None,
        watch: ClockWatch | None = None,
    ) -> None:
        """Serve the witness of these keys, which have one name.

        It tells us what it knows (409) if we do not know it.
        """
        self._keys = keys
        self._name = keys[0].name
        self._wire = wire
        self._store = store
        self._scribe = scribe
        self._clock = clock
        self._refresh_us = refresh_us
        self._watch = watch
        self._shown_size = 0
        self._next_us = 0
        self._fresh_until_us = 0
        self._failures = 0
        self._error: str | None = None

    async def tick(self, now_us: int) -> int:
        """Show the head if it is new, or its cosignature old, and the pause is over."""
        due = self.next_due(now_us)
        if due is None or due > now_us:
            return 0
        head = self._scribe.head
        self._next_us = now_us + _PAUSE_US
        try:
            await self._show(self._scribe.published(head, now_us))
        except Fault as fault:
            self._failures += 1
            self._next_us = now_us + min(RETRY_US_MAX, RETRY_US_FIRST << min(self._failures, 10))
            _LOG.warning("witness %s: %s", self._name, fault.reason)
            await self._note_error(fault.reason)
            return 0
        self._failures = 0
        if self._refresh_us is not None:
            self._fresh_until_us = now_us + self._refresh_us
        return 1

    def next_due(self, now_us: int) -> int | None:
        """When the head may be shown (again)."""
        size = self._scribe.head.checkpoint.size
        due = self._next_us
        if size == self._shown_size:
            if self._refresh_us is None or size == 0:
                return None
            due = max(due, self._fresh_until_us)
        # A time further away than any wait was set under another clock.
        farthest = max(RETRY_US_MAX, self._refresh_us or 0)
        return now_us if due > now_us + farthest else max(due, now_us)

    async def _show(self, head: SignedHead) -> None:
        for _ in range(_SIZE_RETRIES):
            began_us = self._clock.now_us()
            answered = await self._wire.post(ADD_CHECKPOINT_PATH, self._request(head))
            if answered.status == _OK:
                await self._keep(head, answered, began_us)
                self._shown_size = head.checkpoint.size
                return
            if answered.status != _CONFLICT:
                said = _SAID.get(answered.status, f"it answered {answered.status}")
                raise Unavailable(said, code="witness_refused")
            self._shown_size = _size_from(answered, head)
        raise Unavailable("it keeps naming another size", code="witness_refused")

    def _request(self, head: SignedHead) -> bytes:
        """`old N`, the proof, an empty line, the signed checkpoint."""
        hashes = self._store.read(lambda r: prove_growth(r, self._shown_size, head))
        lines = [f"old {self._shown_size}", *(b64(value) for value in hashes), ""]
        return "\n".join(lines).encode() + b"\n" + serialise(head.note)

    async def _keep(self, head: SignedHead, answered: Answered, began_us: int) -> None:
        text = head.note.text
        lines = lines_from(text, answered.body, self._keys)
        row = self._row(text, lines, began_us)
        whole = len(lines) == len(self._keys)

        def work(tx: Transaction, _: Pen) -> None:
            if any(each.signer == row.signer for each in tx.journal.cosignatures(row.size)):
                tx.times.save_evidence(_evidence(row))
            else:
                tx.journal.save_cosignature(row)
            if whole:
                tx.times.save_onlooker(
                    OnlookerRow(kind=WITNESS, name=row.signer, size=row.size, time_s=row.time_s)
                )

        await asyncio.wrap_future(self._scribe.submit(work, self._clock.now_us()))
        if not whole:
            types = ", ".join(key.key_type.name for key in self._keys if key not in lines)
            raise Unavailable(f"its answer holds no line of type {types}", code="witness_refused")
        self._error = None

    def _row(
        self, text: str, lines: Mapping[VerifierKey, Signature], began_us: int
    ) -> CosignatureRow:
        """The first line's row, with a note that holds all of them; each is verified."""
        now_us = self._clock.now_us()
        rows = []
        for key, line in lines.items():
            time_s = checked_cosignature(text, line, key)
            if self._watch is not None:  # before the time is judged: it may be ours that is wrong
                self._watch.heard_second(self._name, time_s, began_us, now_us)
            at_us = now_us + self._scribe.standing().cosigning_correction_us
            rows.append(cosignature_row(text, line, key, at_us))
        note = Note(text=text, signatures=tuple(lines.values()))
        return replace(rows[0], note=serialise(note))

    async def _note_error(self, reason: str) -> None:
        """Keep what went wrong, once, for those who look at the status."""
        error = reason[:_ERROR_CHARS_MAX]
        if error == self._error:
            return

        def work(tx: Transaction, pen: Pen) -> None:
            blank = OnlookerRow(kind=WITNESS, name=self._name, size=0, time_s=0)
            rows = {row.name: row for row in tx.times.onlookers(WITNESS)}
            row = rows.get(self._name, blank)
            tx.times.save_onlooker(replace(row, error=error, error_us=pen.now_us))

        await asyncio.wrap_future(self._scribe.submit(work, self._clock.now_us()))
        self._error = error


def lines_from(
    text: str, body: bytes, keys: Iterable[VerifierKey]
) -> Mapping[VerifierKey, Signature]:
    """The lines by these keys in a witness's answer over a head's text; none is verified yet.

    Raises:
        Malformed: no signature lines. Untrusted: two lines by one key.
        Unavailable: lines, and none by any of the keys (`witness_refused`).
    """
    note = parse_note(text.encode() + b"\n" + body)
    lines = {key: line for key in keys if (line := signature_by(note, key)) is not None}
    if not lines:
        raise Unavailable("its answer holds no cosignature of its own", code="witness_refused")
    return lines


def _evidence(row: CosignatureRow) -> EvidenceRow:
    return EvidenceRow(
        hash=sha256(row.note),
        kind=COSIGNATURE,
        signer=row.signer,
        size=row.size,
        time_s=row.time_s,
        body=row.note,
    )


def _size_from(answered: Answered, head: SignedHead) -> int:
    """The size that the witness knows; never above ours (C2SP: do not move forward on its word)."""
    try:
        size = decimal(answered.body.decode("ascii").removesuffix("\n"))
    except (Malformed, UnicodeDecodeError) as error:
        raise Unavailable("its 409 names no size", code="witness_refused") from error
    if size > head.checkpoint.size:
        raise Unavailable(f"it knows a head of ours of size {size}", code="rollback_suspected")
    return size
