"""Shows our newest head to one neutral witness and keeps its cosignature. A tailer.

Speaks C2SP tlog-witness (`add-checkpoint`) as any log does, so any conforming witness will do. A
head is shown when it is new and the last one is at least a second old. Called by the pacer.
"""

import asyncio
import logging

from comity.clock import Clock
from comity.exchange.client import Answered, Wire
from comity.exchange.standing import cosignature_row
from comity.journal.pen import Pen
from comity.journal.prove import prove_growth
from comity.journal.scribe import Scribe, SignedHead
from comity.model.fault import Fault, Malformed, Unavailable
from comity.storage.rows import CosignatureRow
from comity.storage.store import Store, Transaction
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, parse_note, serialise
from comity.wire.canonical import b64, decimal
from comity.wire.limits import RETRY_US_FIRST, RETRY_US_MAX

__all__ = ["ADD_CHECKPOINT_PATH", "Feeder"]

ADD_CHECKPOINT_PATH = "/add-checkpoint"
_LOG = logging.getLogger("comity.exchange")
_PAUSE_US = 1_000_000
_OK, _CONFLICT = 200, 409
_SIZE_RETRIES = 3


class Feeder:
    """See the module docstring."""

    def __init__(
        self, *, key: VerifierKey, wire: Wire, store: Store, scribe: Scribe, clock: Clock
    ) -> None:
        """Serve one witness; it tells us what it knows (409) if we do not know it."""
        self._key = key
        self._wire = wire
        self._store = store
        self._scribe = scribe
        self._clock = clock
        self._shown_size = 0
        self._next_us = 0
        self._failures = 0

    async def tick(self, now_us: int) -> int:
        """Show the head if it is new and the pause is over."""
        head = self._scribe.head
        if head.checkpoint.size == self._shown_size or now_us < self._next_us:
            return 0
        self._next_us = now_us + _PAUSE_US
        try:
            await self._show(self._scribe.published(head, now_us))
        except Fault as fault:
            self._failures += 1
            self._next_us = now_us + min(RETRY_US_MAX, RETRY_US_FIRST << min(self._failures, 10))
            _LOG.warning("witness %s: %s", self._key.name, fault.reason)
            return 0
        self._failures = 0
        return 1

    def next_due(self, now_us: int) -> int | None:
        """When a new head may be shown."""
        if self._scribe.head.checkpoint.size == self._shown_size:
            return None
        return max(self._next_us, now_us)

    async def _show(self, head: SignedHead) -> None:
        for _ in range(_SIZE_RETRIES):
            answered = await self._wire.post(ADD_CHECKPOINT_PATH, self._request(head))
            if answered.status == _OK:
                await self._keep(head, answered)
                self._shown_size = head.checkpoint.size
                return
            if answered.status != _CONFLICT:
                raise Unavailable(f"it answered {answered.status}", code="witness_refused")
            self._shown_size = _size_from(answered, head)
        raise Unavailable("it keeps naming another size", code="witness_refused")

    def _request(self, head: SignedHead) -> bytes:
        """`old N`, the proof, an empty line, the signed checkpoint."""
        hashes = self._store.read(lambda r: prove_growth(r, self._shown_size, head))
        lines = [f"old {self._shown_size}", *(b64(value) for value in hashes), ""]
        return "\n".join(lines).encode() + b"\n" + serialise(head.note)

    async def _keep(self, head: SignedHead, answered: Answered) -> None:
        note = parse_note(head.note.text.encode() + b"\n" + answered.body)
        row = self._row(note)

        def work(tx: Transaction, _: Pen) -> None:
            tx.journal.save_cosignature(row)

        await asyncio.wrap_future(self._scribe.submit(work, self._clock.now_us()))

    def _row(self, note: Note) -> CosignatureRow:
        for signature in note.signatures:
            if (signature.name, signature.key_id) == (self._key.name, self._key.key_id):
                return cosignature_row(note.text, signature, self._key, self._clock.now_us())
        raise Unavailable("its answer holds no cosignature of its own", code="witness_refused")


def _size_from(answered: Answered, head: SignedHead) -> int:
    """The size that the witness knows; never above ours (C2SP: do not move forward on its word)."""
    try:
        size = decimal(answered.body.decode("ascii").removesuffix("\n"))
    except (Malformed, UnicodeDecodeError) as error:
        raise Unavailable("its 409 names no size", code="witness_refused") from error
    if size > head.checkpoint.size:
        raise Unavailable(f"it knows a head of ours of size {size}", code="rollback_suspected")
    return size
