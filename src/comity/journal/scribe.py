"""The one pen's hand: runs works in order, commits them in groups, signs the head that results.

One thread, or none: with `later` the caller's own loop runs the groups. A group is what waits when
the pen is free (at most 64 works). Order of each group: works and their rows, COMMIT; lock COMMIT;
recompute from what was stored; sign; only then answer. A work that raises is undone alone. Without
room the ballast is given up, and only the safety floor passes. While it is held (`journal.hold`) it
commits and signs nothing. After Corrupt the scribe stops for good: the node ends and comes back
through `recover`. Called by assembly; desks run inside works.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from comity.journal.checkpoint import Checkpoint
from comity.journal.hold import Hold
from comity.journal.issued import IssueTimes
from comity.journal.merkle import consistency_proof, root, verify_consistency
from comity.journal.pen import NotOfFloor, NotRecorded, Pen
from comity.journal.publish import Publisher, sign_head
from comity.journal.recover import recomputed_root, recover
from comity.model.clock_error import SURE, Standing
from comity.model.fault import Corrupt, Fault, Full, Unavailable, must
from comity.model.line import Span
from comity.storage.ballast import Ballast
from comity.storage.rows import NotStored
from comity.storage.store import Reading, Store, Transaction
from comity.trust.identity import Identity
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, parse_note
from comity.wire.entry_v1 import parse_entry
from comity.wire.limits import GROUP_ENTRIES_MAX, QUEUE_WORKS_MAX

__all__ = ["Committed", "Group", "Later", "Scribe", "SignedHead"]

_NS_PER_S = 1_000_000_000

T = TypeVar("T")
Later = Callable[[Callable[[], None]], object]
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


class _NothingDone(Exception):  # noqa: N818 - no error: it undoes an empty transaction
    """All works of a group were undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One commit, for whoever counts: works in it, entries that it added, real seconds it took."""

    works: int
    entries: int
    seconds: float


class _Job(Generic[T]):
    """A work that waits, with the future that its caller holds."""

    def __init__(self, work: Work[T], now_us: int) -> None:
        self.future: Future[Committed[T]] = Future()
        self.future.set_running_or_notify_cancel()  # a caller may stop waiting, not undo the work
        self._work = work
        self._now_us = now_us
        self._value: list[T] = []
        self._fault: BaseException | None = None
        self._pen: Pen | None = None

    def run(self, tx: Transaction, make_pen: Callable[[Transaction, int], Pen]) -> None:
        """Run inside the group's transaction, in a part of its own."""
        self._value.clear()
        self._fault = None
        try:
            with tx.savepoint():
                self._pen = make_pen(tx, self._now_us)
                self._value.append(self._work(tx, self._pen))
                self._pen.check_room()
        except NotOfFloor as no:
            self._fault = no
        except (Corrupt, Full):
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to the caller, who gets it below
            self._fault = error

    @property
    def failed(self) -> bool:
        """Whether it was undone."""
        return self._fault is not None

    def settle(self, head: SignedHead) -> None:
        """Answer the caller, after the commit."""
        if self._fault is not None:
            self.future.set_exception(self._fault)
        else:
            self.future.set_result(Committed(value=self._value[0], head=head))

    def refuse(self, fault: Fault) -> None:
        """Nothing happened: there was no room for it, or it was not begun."""
        pen = self._pen
        if isinstance(fault, Full) and pen is not None and pen.of_floor:
            fault = NotRecorded(tuple(pen.unsaid))
        self.future.set_exception(fault)


class Scribe:
    """See the module docstring. `on_commit` and `on_fatal` are called from the scribe's thread.

        `later` takes a function and calls it soon, in the caller's thread (an event loop's
    `call_soon`): then there is no other thread, and the same calls give the same journal.
    """

    def __init__(
        self,
        *,
        store: Store,
        identity: Identity,
        seeds: Callable[[], bytes],
        witnesses: Iterable[str],
        on_commit: Callable[[], None],
        on_fatal: Callable[[Fault], None],
        ballast: Ballast | None = None,
        later: Later | None = None,
        on_group: Callable[[Group], None] | None = None,
        held: Hold | None = None,
        standing: Callable[[], Standing] = lambda: SURE,
        began_us: int | None = None,
    ) -> None:
        """Recover first (Corrupt if the store contradicts itself), then wait for works.

        A scribe that is made `held` signs not even the head that it finds, until `release`.
        """
        self._store = store
        self._identity = identity
        self._seeds = seeds
        self._witnesses = tuple(witnesses)
        self._on_commit = on_commit
        self._on_fatal = on_fatal
        self._ballast = ballast
        self._on_group = on_group
        self._held = held
        self._jobs: queue.Queue[_Job[object] | None] = queue.Queue(QUEUE_WORKS_MAX)
        self._fatal: Fault | None = None
        self.standing = standing  # how our clock stands: asked once for each work
        self._publisher = Publisher(identity)
        self._checkpoint = recover(store, identity.origin)
        last_us = store.read(_last_issued_us)
        self._times = IssueTimes(last_us)
        self.asleep = _asleep(last_us, began_us)
        self._head = None if held else self._sign(self._checkpoint)
        self._later = later
        self._thread = threading.Thread(target=self._loop, name="scribe", daemon=True)
        if later is None:
            self._thread.start()

    @property
    def head(self) -> SignedHead:
        """The newest signed head; the hold's fault if the scribe was held before it signed one."""
        if self._head is None:
            raise self._hold_fault()
        return self._head

    @property
    def floor_only(self) -> bool:
        """Whether the disk is full: nothing but the safety floor is written."""
        return self._ballast is not None and not self._ballast.held

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """By which others know our heads: the present one, and those that sign beside it."""
        keys = (self._identity.log, *self._identity.logs_before)
        return tuple(key.verifier() for key in keys)

    @property
    def checkpoint(self) -> Checkpoint:
        """Size and root of what is stored; unlike `head` it is there without a signature."""
        return self._checkpoint

    @property
    def held(self) -> Hold | None:
        """Why nothing is committed or signed now, if so."""
        return self._held

    @property
    def waiting(self) -> int:
        """Works that wait for the pen."""
        return self._jobs.qsize()

    @property
    def is_alive(self) -> bool:
        """Whether the pen stands ready; it may be held."""
        return self._fatal is None and (self._later is not None or self._thread.is_alive())

    def hold(self, hold: Hold) -> None:
        """From now on commit and sign nothing; what is being committed is finished."""
        self._held = hold

    def release(self) -> None:
        """Write again; sign the head if that was not done."""
        self._held = None
        if self._head is None:
            self._head = self._sign(self._checkpoint)

    def _hold_fault(self) -> Fault:
        if self._held is None:
            return Unavailable("the journal is not open yet", code="journal_stopped")
        return self._held.fault()

    def head_of(self, size: int) -> SignedHead:
        """The head that we signed at an earlier size: Ed25519 gives the same bytes again."""
        newest = self.head.checkpoint
        must(size <= newest.size, "only heads that were signed are signed again")
        found, proof = self._store.read(lambda r: _earlier(r, size, newest.size))
        held = verify_consistency(size, found, newest.size, newest.root, proof)
        must(held, "only heads that were signed are signed again")
        return self._sign(Checkpoint(origin=self._identity.origin, size=size, root=found))

    def published(self, head: SignedHead, now_us: int) -> SignedHead:
        """The head with the ML-DSA line that only heads carry which leave this node.

        Signing takes most of a millisecond, so the pen does not do it; of one head it is done once.
        """
        note = self._publisher.published(head.checkpoint, head.note, now_us)
        return SignedHead(checkpoint=head.checkpoint, note=note)

    def submit(self, work: Work[T], now_us: int) -> "Future[Committed[T]]":
        """Queue a work; the future resolves after its commit. Unavailable when stopped or full."""
        if self._fatal is not None:
            raise Unavailable("the journal has stopped writing", code="journal_stopped")
        if self._held is not None:
            raise self._held.fault()
        job = _Job(work, now_us)
        try:
            self._jobs.put_nowait(job)  # type: ignore[arg-type] # a job knows its own type
        except queue.Full as error:
            raise Unavailable("too much is waiting for the journal", code="busy") from error
        if self._later is not None:
            self._later(self._drain)
        return job.future

    def close(self) -> None:
        """Finish what waits, then stop the thread."""
        self._jobs.put(None)
        if self._later is None:
            self._thread.join()
        else:
            self._drain()

    def _loop(self) -> None:
        while self._step(self._jobs.get()):
            pass  # bounded by close(), which puts None

    def _drain(self) -> None:
        """What waits, and nothing more: the pen without a thread."""
        while not self._jobs.empty() and self._step(self._jobs.get_nowait()):
            pass

    def _step(self, first: "_Job[object] | None") -> bool:
        """Commit one group; False when the pen is to stop."""
        if first is None:
            return False
        group, closing = self._gather(first)
        try:
            self._attempt(group)
        except BaseException as error:  # noqa: BLE001 - every cause stops the pen
            self._stop(group, error)
            return False
        return not closing

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

    def _attempt(self, group: list["_Job[object]"]) -> None:
        """Commit; without room once more with the ballast's, then each work by itself."""
        if (held := self._held) is not None:
            _refuse_all(group, held.fault())
            return
        if self.floor_only and len(group) > 1:  # what is refused leaves no trace, in no commit
            self._one_by_one(group)
            return
        try:
            self._commit(group)
        except _NothingDone:
            for job in group:
                job.settle(self.head)
        except Full as full:
            self._without_room(group, full)
        except NotStored as no:
            self._to_blame(group, no)

    def _to_blame(self, group: list["_Job[object]"], no: NotStored) -> None:
        """Only the work whose row cannot be stored is refused."""
        if len(group) == 1:
            group[0].future.set_exception(no)
        else:
            self._one_by_one(group)

    def _one_by_one(self, group: list["_Job[object]"]) -> None:
        for job in group:
            self._attempt([job])

    def _without_room(self, group: list["_Job[object]"], full: Full) -> None:
        if self._ballast is not None and self._ballast.release():
            self._attempt(group)
        elif len(group) == 1:
            group[0].refuse(full)
        else:
            self._one_by_one(group)

    def _commit(self, group: list["_Job[object]"]) -> None:
        began_ns = time.perf_counter_ns()
        head = self.head
        before = head.checkpoint.size

        def all_works(tx: Transaction) -> Checkpoint:
            found = root(before, tx.journal.node)
            must(found == head.checkpoint.root, "what was signed is what is stored")
            must(tx.journal.size() == before, "nobody else writes in this journal")
            for job in group:
                self._run(job, tx)
            if all(job.failed for job in group):
                raise _NothingDone  # a commit would write the pages that were undone
            size = tx.journal.size()
            return Checkpoint(
                origin=self._identity.origin, size=size, root=root(size, tx.journal.node)
            )

        keys = self._identity.standing()
        try:
            checkpoint = self._store.write(all_works)
        except BaseException:
            self._identity.restore(keys)
            raise
        if checkpoint.size != before:
            self._store.lock().write(checkpoint.size, checkpoint.root)
            again = self._store.read(lambda r: recomputed_root(r, before, checkpoint.size))
            must(again == checkpoint.root, "what was stored does not hash to what is to be signed")
            head = self._sign(checkpoint)
            self._checkpoint, self._head = checkpoint, head
        for job in group:
            job.settle(head)
        self._on_commit()
        self._count(len(group), checkpoint.size - before, time.perf_counter_ns() - began_ns)

    def _run(self, job: "_Job[object]", tx: Transaction) -> None:
        """A work that is undone has not changed our keys either."""
        keys = self._identity.standing()
        job.run(tx, self._pen)
        if job.failed:
            self._identity.restore(keys)

    def _count(self, works: int, entries: int, spent_ns: int) -> None:
        if self._on_group is not None:
            self._on_group(Group(works=works, entries=entries, seconds=spent_ns / _NS_PER_S))

    def _pen(self, tx: Transaction, now_us: int) -> Pen:
        return Pen(
            tx=tx,
            identity=self._identity,
            now_us=now_us,
            seeds=self._seeds,
            witnesses=self._witnesses,
            floor_only=self.floor_only,
            standing=self.standing(),
            times=self._times,
            asleep=self.asleep,
        )

    def _sign(self, checkpoint: Checkpoint) -> SignedHead:
        return SignedHead(checkpoint=checkpoint, note=sign_head(checkpoint, self._identity))

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
                job.refuse(Unavailable("the journal has stopped writing", code="journal_stopped"))
        self._on_fatal(fault)


def _refuse_all(group: list[_Job[object]], fault: Fault) -> None:
    for job in group:
        job.refuse(fault)


def _last_issued_us(reading: Reading) -> int:
    size = reading.journal.size()
    row = reading.journal.entry(size - 1) if size else None
    return 0 if row is None else parse_entry(parse_note(row.body).text).issued_us


def _asleep(last_us: int, began_us: int | None) -> Span | None:
    """In which time this node may not have run: from its last entry to the start of this process.

    None where there is no entry, or where nobody says when that was.
    """
    if not last_us or began_us is None or began_us < last_us:
        return None
    return Span(from_us=last_us, until_us=began_us)


def _earlier(reading: Reading, size: int, newest: int) -> tuple[bytes, tuple[bytes, ...]]:
    """Root of an earlier size, and the proof that the newest head extends it."""
    get = reading.journal.node
    return root(size, get), () if size in (0, newest) else consistency_proof(size, newest, get)
