"""Purge contents: seeds and values go, entries, proofs and receipts stay and still verify.

What goes: of subjects that are over, all that says what they were, wherever this node has a copy:
openings (ours, received, and those of what was said about them), the subject itself, answers,
units, calls, requests, messages, reports, warnings, remembered replies. A subject that is live, or
that a peer has not taken yet, is refused by name. What peers and backups hold is out of reach. Two
people decide; the doors see to that. Called by the doors.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from comity.agreement.resolve import case_of
from comity.intake.subject import declaration_of
from comity.intake.terms import Agreed, agreed
from comity.journal.pen import Pen
from comity.model.fault import Refusal, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.quantity import SECOND_US, instant_text
from comity.storage.register import LIVE
from comity.storage.rows import PurgeRow, SubjectRow
from comity.storage.store import Reading, Transaction
from comity.trust.note import parse_note
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import ContentBody, Entry, EntryType, parse_entry
from comity.wire.fields import FieldType, id_field, int_field, parse_fields, text_field
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = ["Doomed", "doomed", "purge"]

_UNANSWERED_US = 86_400 * SECOND_US  # so long past its deadline a STOP may still be answered
_PURGED = frozenset(
    {
        EntryType.NOTICE,
        EntryType.SAFETY,
        EntryType.ANSWER,
        EntryType.ATTESTATION,
        EntryType.CALL,
        EntryType.CONFLICT,
        EntryType.REQUEST,
        EntryType.REPLY,
        EntryType.REGISTER,
        EntryType.READ,
        EntryType.REPORT,
        EntryType.MESSAGE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """What a purge would take: subjects, what is about them, calls; and the subjects it leaves."""

    subjects: tuple[bytes, ...]
    notices: frozenset[bytes]
    requests: tuple[bytes, ...]
    reports: tuple[bytes, ...]
    messages: tuple[bytes, ...]
    calls: tuple[bytes, ...]
    kept: tuple[bytes, ...]

    @property
    def ids(self) -> frozenset[bytes]:
        """Every id under which a content may stand."""
        return self.notices.union(
            self.subjects, self.requests, self.reports, self.messages, self.calls
        )


def doomed(reading: Reading, row: PurgeRow, found: Agreed, now_us: int) -> Doomed:
    """What `row` asks for, as things stand at `now_us`.

    Raises:
        Refused: its one notice is unknown (`not_found`), live (`still_live`), not yet taken by a
            peer (`still_waiting`), with a safety message that waits for its answer
            (`still_unanswered`), or to be kept as agreed (`retained`). Of many, such subjects are
            left and named.
    """
    check = _Kept(frozenset(_waiting(reading)), found, now_us)
    if row.notice is not None:
        return _one(reading, row.notice, check)
    before_us = row.before_us or 0
    gone: list[bytes] = []
    kept: list[bytes] = []
    for subject in _subjects(reading):
        if subject.box.end_us < before_us:
            why = check.why(reading, subject)
            (gone if why is None else kept).append(subject.id)
    for entry in reading.register.over_before(before_us):
        why = check.wait(reading, entry.id)
        (gone if why is None else kept).append(entry.id)
    calls = tuple(call.id for call in reading.people.calls() if call.filed_us < before_us)
    strays = reading.reports.strays_before(before_us)
    said = _with_words(reading, tuple(gone))
    old = tuple(m for m in reading.messages.settled_before(before_us) if m not in said.messages)
    return replace(
        said,
        reports=(*said.reports, *strays),
        messages=(*said.messages, *(m for m in old if check.wait_of_message(reading, m) is None)),
        calls=calls,
        kept=tuple(kept),
    )


def _with_words(reading: Reading, subjects: tuple[bytes, ...]) -> Doomed:
    """The subjects, with the notices, requests, reports and messages that are about them."""
    notices = frozenset(n for each in subjects for n in reading.sky.notices_of(each))
    return Doomed(
        subjects=subjects,
        notices=notices,
        messages=tuple(sorted(_messages(reading, {*subjects, *notices}))),
        requests=tuple(r.id for each in subjects for r in reading.requests.requests_about(each)),
        reports=tuple(r.id for each in subjects for r in reading.reports.reports_of(each)),
        calls=(),
        kept=(),
    )


def _messages(reading: Reading, ids: Iterable[bytes]) -> set[bytes]:
    """Messages that name one of `ids`, and those that name these in turn."""
    found: set[bytes] = set()
    left = list(ids)
    while left:  # bounded: each message is reached once
        for row in reading.messages.messages_about(left.pop()):
            if row.id not in found:
                found.add(row.id)
                left.append(row.id)
    return found


def _one(reading: Reading, notice: bytes, check: "_Kept") -> Doomed:
    """The subject, or the entry of the register, that a notice is about."""
    subject, entry = reading.sky.subject_of_notice(notice), reading.register.protected_of(notice)
    if subject is not None:
        id_, why = subject.id, check.why(reading, subject)
    elif entry is None:
        raise _refused("not_found", "no notice has that id", "list the notices")
    elif entry.state == LIVE:
        id_ = entry.id
        why = _refused("still_live", f"{id_.hex()[:12]} is not over", "withdraw it first")
    else:
        id_, why = entry.id, check.wait(reading, entry.id)
    if why is not None:
        raise why
    return _with_words(reading, (id_,))


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """Why a subject must stay: what waits to be taken, what is agreed, and the time."""

    waiting: frozenset[bytes]
    found: Agreed
    now_us: int

    def why(self, reading: Reading, subject: SubjectRow) -> Refused | None:
        """The refusal, if it must."""
        name = subject.id.hex()[:12]
        if is_live(LifeState(subject.state)):
            return _refused("still_live", f"{name} is {subject.state}, not ended", "end it first")
        return (
            self.wait(reading, subject.id)
            or self._unanswered(reading, subject.id)
            or self._retained(subject)
        )

    def wait(self, reading: Reading, id_: bytes) -> Refused | None:
        """The refusal, if something about it waits to be taken."""
        if not self.waiting.intersection(_said_about(reading, id_)):
            return None
        name = id_.hex()[:12]
        return _refused("still_waiting", f"a peer has not taken {name} yet", "wait for the line")

    def _unanswered(self, reading: Reading, id_: bytes) -> Refused | None:
        """The refusal, if a STOP or its like about it waits for an answer that may still come."""
        about = _messages(reading, {id_, *reading.sky.notices_of(id_)})
        rows = [
            row for row in map(reading.messages.message, about) if row is not None and row.floor
        ]
        dues = [row.due_us for row in rows if row.due_us is not None]
        if not any(due_us + _UNANSWERED_US > self.now_us for due_us in dues):
            return None
        reason = f"a safety message about {id_.hex()[:12]} waits for its answer"
        return _refused("still_unanswered", reason, "answer it, or wait a day")

    def wait_of_message(self, reading: Reading, id_: bytes) -> Refused | None:
        """The same for a message that is about no subject."""
        if not self.waiting.intersection(_said_by_message(reading, id_)):
            return None
        return _refused("still_waiting", "a peer has not taken it yet", "wait for the line")

    def _retained(self, subject: SubjectRow) -> Refused | None:
        """What an agreement keeps for longer than this; the longest counts."""
        own, declared = self.found.own, declaration_of(subject)
        peers = subject.recipients.split() if subject.ours else [subject.owner]
        rulings = [
            self.found.with_party(peer).ruling(
                "retention_us", case_of(declared, subject.owner, peer if subject.ours else own)
            )
            for peer in peers
        ]
        longest = max(rulings, key=lambda ruling: ruling.value, default=None)
        if longest is None or longest.value == 0:
            return None  # nothing is agreed: what ended before its window may go at once
        if subject.box.end_us + longest.value <= self.now_us:
            return None
        until = instant_text(subject.box.end_us + longest.value)
        return Refused(
            Refusal(
                code="retained",
                reason=f"{subject.id.hex()[:12]} is kept until {until}: {longest.sentence}",
                what_to_do="purge it then, or amend the agreement",
                basis=longest.basis,
            )
        )


def _said_about(reading: Reading, subject: bytes) -> Iterator[bytes]:
    """The contents that are about a subject and go to others by an id of their own."""
    yield from reading.sky.notices_of(subject)
    for request in reading.requests.requests_about(subject):
        yield request.id
        yield from (reply.id for reply in reading.requests.replies(request.id))
    yield from (report.id for report in reading.reports.reports_of(subject))
    for message in _messages(reading, {subject, *reading.sky.notices_of(subject)}):
        yield from _said_by_message(reading, message)


def _said_by_message(reading: Reading, message: bytes) -> Iterator[bytes]:
    yield message
    yield from (answer.id for answer in reading.messages.answers(message))


def purge(tx: Transaction, pen: Pen, row: PurgeRow, by: tuple[str, str]) -> Doomed:
    """Delete, and write into the journal that it was done, by whom and of how much."""
    found = doomed(tx, row, agreed(tx, pen.origin, pen.now_us), pen.now_us)
    if not found.ids:
        raise _refused("nothing_to_purge", "nothing is that old and over", "choose a later date")
    conflicts = [
        each.id for each in tx.sky.conflicts() if {each.a, each.b}.intersection(found.subjects)
    ]
    leaves = tuple(_leaves(tx, found.ids))
    for leaf in leaves:
        tx.journal.drop_opening(leaf)
    for subject in found.subjects:
        tx.sky.forget(subject, (*found.notices, *found.requests, *found.messages, *conflicts))
        tx.accords.forget_told(subject)
    for message in found.messages:
        tx.sky.forget(message, ())  # warnings about it
    tx.requests.forget(found.requests)
    answers = [answer.id for each in found.messages for answer in tx.messages.answers(each)]
    tx.messages.forget(found.messages)
    tx.duty.forget((*found.ids, *answers))
    tx.register.forget_protected(found.subjects)
    tx.reports.forget((*found.reports, *found.subjects))
    tx.relay.forget(found.ids)
    tx.people.forget((*found.ids, *conflicts))
    tx.dispatches.forget((*found.ids, *conflicts))
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
