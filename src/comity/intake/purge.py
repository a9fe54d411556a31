"""Purge contents: seeds and values go, entries, proofs and receipts stay and still verify.

What goes: of subjects that are over, everything that says what they were, wherever this node has a
copy: openings (ours, received, and those of answers, attestations and conflicts about them), the
subject itself, answers, units, calls, warnings, remembered replies. A subject that is live, or that
a peer has not taken yet, is refused by name. What peers and backups hold is out of reach. Two
people decide; the doors see to that. Called by the doors.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comity.journal.pen import Pen
from comity.model.fault import Refusal, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.quantity import instant_text
from comity.storage.register import LIVE
from comity.storage.rows import PurgeRow, SubjectRow
from comity.storage.store import Reading, Transaction
from comity.trust.note import parse_note
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import ContentBody, Entry, EntryType, parse_entry
from comity.wire.fields import FieldType, id_field, int_field, parse_fields, text_field
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = ["Doomed", "doomed", "purge"]

_PURGED = frozenset(
    {
        EntryType.NOTICE,
        EntryType.SAFETY,
        EntryType.ANSWER,
        EntryType.ATTESTATION,
        EntryType.CALL,
        EntryType.CONFLICT,
        EntryType.REGISTER,
        EntryType.READ,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """What a purge would take: subjects, the notices about them, calls; and subjects it leaves."""

    subjects: tuple[bytes, ...]
    notices: frozenset[bytes]
    calls: tuple[bytes, ...]
    kept: tuple[bytes, ...]

    @property
    def ids(self) -> frozenset[bytes]:
        """Every id under which a content may stand."""
        return self.notices | frozenset(self.subjects) | frozenset(self.calls)


def doomed(reading: Reading, row: PurgeRow) -> Doomed:
    """What `row` asks for, as things stand.

    Raises:
        Refused: its one notice is unknown (`not_found`), live (`still_live`), or not yet taken by
            a peer (`still_waiting`). Of many, such subjects are left and named.
    """
    waiting = frozenset(_waiting(reading))
    if row.notice is not None:
        return _one(reading, row.notice, waiting)
    before_us = row.before_us or 0
    gone: list[bytes] = []
    kept: list[bytes] = []
    for subject in _subjects(reading):
        if subject.box.end_us < before_us:
            why = _reason_to_keep(reading, subject, waiting)
            (gone if why is None else kept).append(subject.id)
    for entry in reading.register.over_before(before_us):
        why = _reason_to_wait(reading, entry.id, waiting)
        (gone if why is None else kept).append(entry.id)
    about = [notice for each in gone for notice in reading.sky.notices_of(each)]
    calls = tuple(call.id for call in reading.people.calls() if call.filed_us < before_us)
    return Doomed(subjects=tuple(gone), notices=frozenset(about), calls=calls, kept=tuple(kept))


def _one(reading: Reading, notice: bytes, waiting: frozenset[bytes]) -> Doomed:
    """The subject, or the entry of the register, that a notice is about."""
    subject, entry = reading.sky.subject_of_notice(notice), reading.register.protected_of(notice)
    if subject is not None:
        id_, why = subject.id, _reason_to_keep(reading, subject, waiting)
    elif entry is None:
        raise _refused("not_found", "no notice has that id", "list the notices")
    elif entry.state == LIVE:
        id_ = entry.id
        why = _refused("still_live", f"{id_.hex()[:12]} is not over", "withdraw it first")
    else:
        id_, why = entry.id, _reason_to_wait(reading, entry.id, waiting)
    if why is not None:
        raise why
    notices = frozenset(reading.sky.notices_of(id_))
    return Doomed(subjects=(id_,), notices=notices, calls=(), kept=())


def _subjects(reading: Reading) -> Iterator[SubjectRow]:
    after = b""
    while True:  # bounded by the number of subjects: each page starts after the last
        rows = reading.sky.subjects(None, None, after, PAGE_ROWS_MAX)
        yield from rows
        if len(rows) < PAGE_ROWS_MAX:
            return
        after = rows[-1].id


def _waiting(reading: Reading) -> Iterator[bytes]:
    """The contents of entries that some peer has not taken yet."""
    for peer in reading.post.peers():
        count = reading.post.outbox_count(peer.origin)
        for waiting in reading.post.outbox(peer.origin, count):
            row = reading.journal.entry(waiting.index)
            if row is not None:
                body = parse_entry(parse_note(row.body).text).body
                if isinstance(body, ContentBody):
                    yield body.root


def _reason_to_keep(
    reading: Reading, subject: SubjectRow, waiting: frozenset[bytes]
) -> Refused | None:
    name = subject.id.hex()[:12]
    if is_live(LifeState(subject.state)):
        return _refused("still_live", f"{name} is {subject.state}, not ended", "end it first")
    return _reason_to_wait(reading, subject.id, waiting)


def _reason_to_wait(reading: Reading, id_: bytes, waiting: frozenset[bytes]) -> Refused | None:
    if not waiting.intersection(reading.sky.notices_of(id_)):
        return None
    name = id_.hex()[:12]
    return _refused("still_waiting", f"a peer has not taken {name} yet", "wait for the line")


def purge(tx: Transaction, pen: Pen, row: PurgeRow, by: tuple[str, str]) -> Doomed:
    """Delete, and write into the journal that it was done, by whom and of how much."""
    found = doomed(tx, row)
    if not found.ids:
        raise _refused("nothing_to_purge", "nothing is that old and over", "choose a later date")
    conflicts = [
        each.id for each in tx.sky.conflicts() if {each.a, each.b}.intersection(found.subjects)
    ]
    leaves = tuple(_leaves(tx, found.ids))
    for leaf in leaves:
        tx.journal.drop_opening(leaf)
    for subject in found.subjects:
        tx.sky.forget(subject, (*found.notices, *conflicts))
        tx.accords.forget_told(subject)
    tx.register.forget_protected(found.subjects)
    tx.people.forget((*found.ids, *conflicts))
    scope = (
        f"notice {row.notice.hex()}"
        if row.notice is not None
        else f"before {instant_text(row.before_us or 0)}"
    )
    content = pen.seal(
        (
            text_field("scope", scope),
            int_field("subjects", len(found.subjects)),
            int_field("contents", len(leaves)),
            id_field("ids", sha256(b"".join(sorted(found.ids)))),
            text_field("proposed-by", by[0]),
            text_field("confirmed-by", by[1]),
        )
    )
    pen.write_content(EntryType.PURGE, pen.origin, content)
    return found


def _leaves(reading: Reading, ids: frozenset[bytes]) -> Iterator[bytes]:
    """The openings that are, or speak of, one of `ids`."""
    for opening in reading.journal.openings():
        entry = _entry(reading, opening.leaf)
        if entry is None or entry.type not in _PURGED or not isinstance(entry.body, ContentBody):
            continue
        named = _named(opening.fields)
        if entry.body.root in ids or ids.intersection(named):
            yield opening.leaf


def _named(fields: bytes) -> Iterable[bytes]:
    return [each.value for each in parse_fields(fields) if each.type is FieldType.ID]


def _entry(reading: Reading, leaf: bytes) -> Entry | None:
    index = reading.journal.index_of(leaf)
    own = None if index is None else reading.journal.entry(index)
    received = reading.post.received(leaf)
    body = own.body if own is not None else None if received is None else received.body
    return None if body is None else parse_entry(parse_note(body).text)


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
