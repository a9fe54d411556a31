"""The one pen's hand: runs works in order, commits them in groups, signs the head that results.

One thread. A group is what waits when the thread is free (at most 64 works). Order of each group:
works and their rows, COMMIT; lock COMMIT; recompute from what was stored; sign; only then answer. A
work that raises is undone alone. After Corrupt the scribe stops for good: the node ends and comes
back through `recover`. Called by assembly; desks run inside works.
"""

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.issued import IssueTimes
from comity.journal.merkle import consistency_proof, root, verify_consistency
from comity.journal.pen import Pen
from comity.journal.recover import recomputed_root, recover
from comity.model.clock_error import SURE, Standing
from comity.model.fault import Corrupt, Fault, Unavailable, must
from comity.storage.store import Reading, Store, Transaction
from comity.trust.identity import Identity
from comity.trust.note import Note, parse_note, sign_note
from comity.wire.entry_v1 import parse_entry
from comity.wire.limits import GROUP_ENTRIES_MAX, QUEUE_WORKS_MAX

__all__ = ["Committed", "Scribe", "SignedHead"]

T = TypeVar("T")
Work = Callable[[Transaction, Pen], T]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """A head of our own tree that we signed."""

    checkpoint: Checkpoint
    note: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed(Generic[T]):
    """What a work returned, and the signed head that covers it. It is durable."""

    value: T
    head: SignedHead


class _Job(Generic[T]):
    """A work that waits, with the future that its caller holds."""

    def __init__(self, work: Work[T], now_us: int) -> None:
        self.future: Future[Committed[T]] = Future()
        self.future.set_running_or_notify_cancel()  # a caller may stop waiting, not undo the work
        self._work = work
        self._now_us = now_us
        self._value: list[T] = []
        self._fault: BaseException | None = None

    def run(self, tx: Transaction, make_pen: Callable[[Transaction, int], Pen]) -> None:
        """Run inside the group's transaction, in a part of its own."""
        self._value.clear()
        self._fault = None
        try:
            with tx.savepoint():
                self._value.append(self._work(tx, make_pen(tx, self._now_us)))
        except Corrupt:
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to the caller, who gets it below
            self._fault = error

    def settle(self, head: SignedHead) -> None:
        """Answer the caller, after the commit."""
        if self._fault is not None:
            self.future.set_exception(self._fault)
        else:
            self.future.set_result(Committed(value=self._value[0], head=head))


class Scribe:
    """See the module docstring. `on_commit` and `on_fatal` are called from the scribe's thread."""

    def __init__(
        self,
        *,
        store: Store,
        identity: Identity,
        seeds: Callable[[], bytes],
        witnesses: Iterable[str],
        on_commit: Callable[[], None],
        on_fatal: Callable[[Fault], None],
        standing: Callable[[], Standing] = lambda: SURE,
    ) -> None:
        """Recover first (Corrupt if the store contradicts itself), then wait for works."""
        self._store = store
        self._identity = identity
        self._seeds = seeds
        self._witnesses = tuple(witnesses)
        self._on_commit = on_commit
        self._on_fatal = on_fatal
        self._jobs: queue.Queue[_Job[object] | None] = queue.Queue(QUEUE_WORKS_MAX)
        self._fatal: Fault | None = None
        self.standing = standing  # how our clock stands: asked once for each work
        checkpoint = recover(store, identity.origin)
        self._times = IssueTimes(store.read(_last_issued_us))
        self._head = self._sign(checkpoint)
        self._thread = threading.Thread(target=self._loop, name="scribe", daemon=True)
        self._thread.start()

    @property
    def head(self) -> SignedHead:
        """The newest signed head."""
        return self._head

    def head_of(self, size: int) -> SignedHead:
        """The head that we signed at an earlier size: Ed25519 gives the same bytes again."""
        must(size <= self._head.checkpoint.size, "only heads that were signed are signed again")
        newest = self._head.checkpoint
        found, proof = self._store.read(lambda r: _earlier(r, size, newest.size))
        held = verify_consistency(size, found, newest.size, newest.root, proof)
        must(held, "only heads that were signed are signed again")
        return self._sign(Checkpoint(origin=self._identity.origin, size=size, root=found))

    def submit(self, work: Work[T], now_us: int) -> "Future[Committed[T]]":
        """Queue a work; the future resolves after its commit. Unavailable when stopped or full."""
        if self._fatal is not None:
            raise Unavailable("the journal has stopped writing", code="journal_stopped")
        job = _Job(work, now_us)
        try:
            self._jobs.put_nowait(job)  # type: ignore[arg-type] # a job knows its own type
        except queue.Full as error:
            raise Unavailable("too much is waiting for the journal", code="busy") from error
        return job.future

    def close(self) -> None:
        """Finish what waits, then stop the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _loop(self) -> None:
        while True:  # bounded by close(), which puts None
            job = self._jobs.get()
            if job is None:
                return
            group, closing = self._gather(job)
            try:
                self._commit(group)
            except BaseException as error:  # noqa: BLE001 - every cause stops the pen
                self._stop(group, error)
                return
            if closing:
                return

    def _gather(self, first: "_Job[object]") -> tuple[list["_Job[object]"], bool]:
        group = [first]
        while len(group) < GROUP_ENTRIES_MAX:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _commit(self, group: list["_Job[object]"]) -> None:
        before = self._head.checkpoint.size

        def all_works(tx: Transaction) -> Checkpoint:
            found = root(before, tx.journal.node)
            must(found == self._head.checkpoint.root, "what was signed is what is stored")
            for job in group:
                job.run(tx, self._pen)
            size = tx.journal.size()
            return Checkpoint(
                origin=self._identity.origin, size=size, root=root(size, tx.journal.node)
            )

        checkpoint = self._store.write(all_works)
        if checkpoint.size != before:
            self._store.lock().write(checkpoint.size, checkpoint.root)
            again = self._store.read(lambda r: recomputed_root(r, before, checkpoint.size))
            must(again == checkpoint.root, "what was stored does not hash to what is to be signed")
            self._head = self._sign(checkpoint)
        for job in group:
            job.settle(self._head)
        self._on_commit()

    def _pen(self, tx: Transaction, now_us: int) -> Pen:
        return Pen(
            tx=tx,
            identity=self._identity,
            now_us=now_us,
            seeds=self._seeds,
            witnesses=self._witnesses,
            standing=self.standing(),
            times=self._times,
        )

    def _sign(self, checkpoint: Checkpoint) -> SignedHead:
        note = sign_note(checkpoint_text(checkpoint), self._identity.log)
        return SignedHead(checkpoint=checkpoint, note=note)

    def _stop(self, group: list["_Job[object]"], error: BaseException) -> None:
        fault = error if isinstance(error, Fault) else Corrupt(f"the journal stopped: {error!r}")
        self._fatal = fault
        waiting = list(group)
        while True:  # bounded by the queue's size
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is not None:
                waiting.append(job)
        for job in waiting:
            if not job.future.done():
                job.future.set_exception(
                    Unavailable("the journal has stopped writing", code="journal_stopped")
                )
        self._on_fatal(fault)


def _last_issued_us(reading: Reading) -> int:
    size = reading.journal.size()
    row = reading.journal.entry(size - 1) if size else None
    return 0 if row is None else parse_entry(parse_note(row.body).text).issued_us


def _earlier(reading: Reading, size: int, newest: int) -> tuple[bytes, tuple[bytes, ...]]:
    """Root of an earlier size, and the proof that the newest head extends it."""
    get = reading.journal.node
    return root(size, get), () if size in (0, newest) else consistency_proof(size, newest, get)
