"""Bugs to plant in the real code, one at a time; the simulation must find each of them.

Each is a mistake that somebody could make in good faith, at the place where it would be made.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

from comity.exchange import courier, receive, send
from comity.exchange.courier import Courier
from comity.exchange.send import deliver
from comity.exchange.witness import Witness
from comity.intake import receive as desk
from comity.intake.near import settle_conflicts
from comity.journal import heads, scribe
from comity.journal.checkpoint import Checkpoint
from comity.journal.merkle import root
from comity.journal.pen import Content, Pen
from comity.storage.rows import Head, OutboxRow
from comity.storage.sqlite import writer
from comity.storage.sqlite.open import open_writer
from comity.storage.sqlite.post import SqlitePost
from comity.storage.store import Store, Transaction
from comity.trust.note import parse_note
from comity.wire.entry_v1 import parse_entry
from comity.wire.fields import parse_fields

__all__ = ["BUGS", "planted"]


def _acknowledge_before_the_disk() -> Any:
    """Answer when the write is asked for, not when it is durable."""
    real = open_writer

    def hasty(path: Any) -> Any:
        connection = real(path)
        connection.execute("PRAGMA synchronous=OFF")
        return connection

    return mock.patch.object(writer, "open_writer", hasty)


def _lock_not_checked() -> Any:
    """Start from whatever the data says."""

    def trusting(held: Store, origin: str) -> Checkpoint:
        size, found = held.read(
            lambda r: (r.journal.size(), root(r.journal.size(), r.journal.node))
        )
        return Checkpoint(origin=origin, size=size, root=found)

    return mock.patch.object(scribe, "recover", trusting)


def _drop_before_take() -> Any:
    """The entry leaves the outbox when it is sent, not when its receipt was verified."""
    real = deliver

    async def hasty(line: Any, roster: Any, indices: list[int]) -> Any:
        def forget(tx: Transaction, _: Pen) -> None:
            for index in indices:
                tx.post.drop_out(line.peer.origin, index)

        await line.commit(forget)
        return await real(line, roster, indices)

    return mock.patch.object(courier, "deliver", hasty)


def _growth_not_checked() -> Any:
    """A newer head is believed, whatever the proof says."""
    return mock.patch.object(heads, "_extends", return_value=True)


def _retry_with_a_new_entry() -> Any:
    """What was not answered is written anew instead of given again."""

    async def again(self: Courier, row: OutboxRow, now_us: int) -> None:
        line = self._line

        def work(tx: Transaction, pen: Pen) -> None:
            held = tx.journal.entry(row.index)
            assert held is not None
            opening = tx.journal.opening(held.leaf)
            assert opening is not None
            entry = parse_entry(parse_note(held.body).text)
            content = Content(
                fields=parse_fields(opening.fields),
                data=opening.fields,
                seed=opening.seed,
                body=entry.body,  # type: ignore[arg-type]
            )
            tx.journal.save_content_index = lambda *_: None  # type: ignore[method-assign]
            try:
                written = pen.write_content(entry.type, row.peer, content)
            finally:
                del tx.journal.save_content_index
            tx.post.drop_out(row.peer, row.index)
            later = replace(row, index=written.index, due_us=now_us + 5_000_000)
            tx.post.put_out(later)

        await line.commit(work)

    return mock.patch.object(Courier, "_defer", again)


def _gap_accepted() -> Any:
    """An entry out of turn is taken."""

    def lenient(*_: object) -> None:
        return None

    stack = contextlib.ExitStack()
    for module in (receive, send):
        stack.enter_context(mock.patch.object(module, "check_chain", lenient))
    return stack


def _forgotten_duplicate() -> Any:
    """Whether an entry is known is looked up by the first bytes of its hash, and never found."""
    real = SqlitePost.received

    def short(self: SqlitePost, leaf: bytes) -> Any:
        return real(self, leaf[:16])

    stack = contextlib.ExitStack()
    stack.enter_context(mock.patch.object(SqlitePost, "received", short))
    return stack


class _Memory:
    """A store of heads that a power cut empties."""

    def __init__(self) -> None:
        self._heads: dict[str, Head] = {}
        self.post = self

    def write(self, work: Callable[[Any], Any]) -> Any:
        return work(self)

    read = write

    def head(self, origin: str) -> Head | None:
        return self._heads.get(origin)

    def save_head(self, head: Head) -> None:
        self._heads[head.origin] = head


def _cosign_before_store() -> Any:
    """The witness answers, and keeps what it saw only in memory."""
    real = Witness.__init__

    def forgetful(self: Witness, **given: Any) -> None:
        real(self, **{**given, "store": _Memory()})

    return mock.patch.object(Witness, "__init__", forgetful)


def _blind_to_others() -> Any:
    """What a peer declares is not compared with what is there."""
    real = settle_conflicts

    def only_own(tx: Transaction, pen: Pen, row: Any, found: Any) -> Any:
        return real(tx, pen, row, found) if row.ours else ()

    return mock.patch.object(desk, "settle_conflicts", only_own)


BUGS: dict[str, Callable[[], Any]] = {
    "acknowledge before the disk has it": _acknowledge_before_the_disk,
    "the lock is not checked": _lock_not_checked,
    "the outbox forgets before the receipt": _drop_before_take,
    "growth is not checked": _growth_not_checked,
    "a retry is a new entry": _retry_with_a_new_entry,
    "a gap is accepted": _gap_accepted,
    "a duplicate is not known again": _forgotten_duplicate,
    "the witness forgets what it cosigned": _cosign_before_store,
    "a peer's declaration is not compared": _blind_to_others,
}


@contextlib.contextmanager
def planted(name: str) -> Iterator[None]:
    """The real code with one bug."""
    with BUGS[name]():
        yield
