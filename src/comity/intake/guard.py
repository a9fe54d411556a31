"""The recipients' side of the protected register: take an entry, open it by name, let it go.

Nothing of an entry is stored in clear. Who opens one says in which role and why, and the owner gets
that as a signed statement before the answer is given. What is over leaves memory, rows and openings
at once; the entries of the journal stay, and say nothing. Raises Refused, Malformed or Untrusted,
and then nothing happened. Called by move, by the doors, and by the exchange's desks and tailer.
"""

from dataclasses import replace

from comity.agreement.resolve import case_of
from comity.intake.near import settle_conflicts
from comity.intake.permit import in_agreement, may_have_more
from comity.intake.protect import too_long
from comity.intake.receive import check_areas, refuse
from comity.intake.sealed import (
    Keys,
    Presence,
    forget_opened,
    opened,
    over_subject,
    presence_of,
)
from comity.intake.terms import Agreed, agreed
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.fault import Refusal, Refused, Untrusted
from comity.model.notice import Code, SubjectKind, Transition
from comity.model.party import party_name
from comity.model.protected import EntryRead, Protected
from comity.storage.register import LAPSED, LIVE, WITHDRAWN, ProtectedRow, ReadRow
from comity.storage.store import Reading, Transaction
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, id_field, int_field, serialise_fields, text_field
from comity.wire.register_v1 import fields_of_read, read_from, sealed_from
from comity.wire.warning_v1 import fields_of_warning

__all__ = [
    "lapse",
    "note_refusal",
    "open_entry",
    "take_read",
    "take_release",
    "take_sealed",
    "unopenable",
]

_DAY_US = 86_400_000_000
_UNOPENABLE = "register_unopenable"
_OFTEN = "register_read_often"
_REFUSED = "register_refused"


def take_sealed(  # noqa: PLR0917 - the parts of a given entry
    tx: Transaction,
    pen: Pen,
    origin: str,
    leaf: bytes,
    id_: bytes,
    issued_us: int,
    fields: tuple[Field, ...],
) -> None:
    """A peer gives us an entry of its register, or renews one.

    Raises:
        Refused: no agreement, over already, too long, too many, or sealed to a key that is gone.
        Untrusted: sealed to somebody else, or of somebody else (`wrong_audience`, `wrong_sender`).
    """
    entry = opened(sealed_from(fields), pen.entry_keys)
    _check_names(entry, origin, pen.origin)
    check_areas(entry.declaration.volumes, pen.now_us)
    found = agreed(tx, pen.origin, pen.now_us)
    refuse(in_agreement(SubjectKind.PRESENCE, (origin,), found.consents()))
    refuse(_over(entry, pen.now_us) or _lasting(found, entry, origin, issued_us))
    row = _row_for(tx, entry, origin, id_)
    if row is None:
        refuse(may_have_more(tx.register.live_protected_of(origin)))
    elif row.leaf != leaf:
        tx.journal.drop_opening(row.leaf)  # what it replaces is not to be opened any more
    after = ProtectedRow(
        id=id_ if row is None else row.id,
        owner=origin,
        ours=False,
        state=LIVE,
        sealed=serialise_fields(fields),
        leaf=leaf,
        notice=id_,
        issued_us=issued_us if row is None else row.issued_us,
        delivered_us=pen.now_us if row is None else row.delivered_us,
        expires_us=entry.expires_us,
        recipients="",
    )
    tx.register.save_protected(after)
    tx.sky.link_notice(id_, after.id)
    clear_warnings(tx, pen, _UNOPENABLE, after.id)
    presence = presence_of(after, pen.entry_keys)
    if presence is not None:
        settle_conflicts(tx, pen, presence.subject(), agreed(tx, pen.origin, pen.now_us), presence)


def take_release(
    tx: Transaction, pen: Pen, row: ProtectedRow, notice: Transition, id_: bytes
) -> None:
    """Its owner withdraws an entry; also one that has lapsed meanwhile."""
    if notice.code is not Code.RELEASE or row.state == WITHDRAWN:
        reason = f"it is {row.state}: {notice.code} does not apply"
        raise _refused("no_such_move", reason, "look at its state")
    tx.sky.link_notice(id_, row.id)
    _end(tx, pen, replace(row, notice=id_), WITHDRAWN)


def open_entry(tx: Transaction, pen: Pen, id_: bytes, role: str, reason: str) -> Presence:
    """One entry, for a named caller; the owner is told who (party and role), when and why.

    Raises:
        Refused: `not_found`, nothing stands under that id; `too_many_reads`; or its key is gone.
    """
    row = tx.register.protected_of(id_)
    if row is None or row.state != LIVE or row.expires_us <= pen.now_us:
        raise _refused("not_found", "no entry stands under that id", "list the register")
    presence = presence_of(row, pen.entry_keys)
    if presence is None:
        raise _refused(
            "sealed_to_other_key",
            "it is sealed to a key that this node does not have",
            "ask its owner to renew it",
        )
    if row.ours:
        return presence
    read = EntryRead(of=row.id, role=role, reason=reason, at_us=pen.now_us)
    _check_count(tx, pen, presence)
    content = pen.seal(fields_of_read(read))
    written = pen.write_content(EntryType.READ, row.owner, content)
    tx.sky.link_notice(content.id, row.id)
    tx.register.save_read(_read_row(read, row.id, pen.origin, written.leaf, pen.now_us))
    return presence


def take_read(
    tx: Transaction, pen: Pen, origin: str, leaf: bytes, fields: tuple[Field, ...]
) -> None:
    """A recipient says that it opened an entry of ours; of any other the receipt says `not_found`.

    More of them in a day than agreed are a person's to see.
    """
    read = read_from(fields)
    row = tx.register.protected_of(read.of)
    known = () if row is None or not row.ours else tx.register.given(row.id)
    if row is None or (origin, read.of) not in {(each.audience, each.declared) for each in known}:
        raise _refused("not_found", "no entry of ours was given to it under that id", "nothing")
    tx.register.save_read(_read_row(read, row.id, origin, leaf, pen.now_us))
    since_us = pen.now_us - _DAY_US
    rules = agreed(tx, pen.origin, pen.now_us).with_party(origin)
    ruling = rules.ruling("register_reads_max")
    if tx.register.reads_since(origin, pen.origin, since_us) > ruling.value:
        text = f"{party_name(origin)} opens more entries in a day than agreed: {ruling.sentence}"
        raise_warning(tx, pen, _OFTEN, sha256(origin.encode()), text=text, party=origin)


def lapse(tx: Transaction, pen: Pen) -> int:
    """Let go of what has expired; of others' entries also the sealed text. How many.

    That it was done stands in the journal, as a purge does.
    """
    rows = tx.register.expired_protected(pen.now_us)
    for row in rows:
        _end(tx, pen, row, LAPSED)
    theirs = sorted(row.id for row in rows if not row.ours)
    if theirs:
        content = pen.seal(
            (
                text_field("scope", "expired entries of the register"),
                int_field("subjects", len(theirs)),
                int_field("contents", len(theirs)),
                id_field("ids", sha256(b"".join(theirs))),
            )
        )
        pen.write_content(EntryType.PURGE, pen.origin, content)
    return len(rows)


def note_refusal(tx: Transaction, pen: Pen, who: str, code: str, count: int) -> None:
    """Someone asked here for what is protected, and was refused: it is recorded, and shown."""
    often = "" if count == 1 else f", {count} times since the last record"
    text = f"{who} asked for the protected register and was refused ({code}){often}"
    fields = fields_of_warning(kind=_REFUSED, party=pen.origin, text=text)
    pen.write_content(EntryType.WARNING, pen.origin, pen.seal(fields))
    raise_warning(tx, pen, _REFUSED, sha256(f"{who}\0{code}".encode()), text=text)


def unopenable(reading: Reading, keys: Keys, now_us: int) -> tuple[ProtectedRow, ...]:
    """Entries that stand and that none of our keys opens: they count in no conflict."""
    rows = reading.register.live_protected(now_us)
    return tuple(row for row in rows if presence_of(row, keys) is None)


def _end(tx: Transaction, pen: Pen, row: ProtectedRow, state: str) -> None:
    """It is over: nothing opens it here any more, and what it was in conflict with is not."""
    after = replace(row, state=state, sealed=b"")
    tx.register.save_protected(after)
    if not row.ours:
        tx.journal.drop_opening(row.leaf)
    settle_conflicts(tx, pen, over_subject(after), agreed(tx, pen.origin, pen.now_us))
    clear_warnings(tx, pen, _UNOPENABLE, row.id)
    forget_opened()


def _check_names(entry: Protected, origin: str, own: str) -> None:
    """What is inside says whose it is and for whom: a box by itself says neither."""
    if entry.owner != origin:
        raise Untrusted("the sealed text is another party's", code="wrong_sender")
    if entry.to != own:
        raise Untrusted("the sealed text is for somebody else", code="wrong_audience")


def _over(entry: Protected, now_us: int) -> Refusal | None:
    if entry.expires_us > now_us:
        return None
    return Refusal(
        code="expired", reason="all of it is over already", what_to_do="give what is to come"
    )


def _lasting(found: Agreed, entry: Protected, origin: str, issued_us: int) -> Refusal | None:
    case = case_of(entry.declaration, origin, found.own)
    ruling = found.with_party(origin).ruling("register_expiry_max_us", case)
    return too_long(ruling, entry.expires_us, issued_us)


def _row_for(tx: Transaction, entry: Protected, origin: str, id_: bytes) -> ProtectedRow | None:
    """The entry that this one renews; None for a new one."""
    if entry.of is None:
        if tx.register.protected(id_) is not None:
            raise _refused("already_declared", "an entry with that content is known", "nothing")
        return None
    row = tx.register.protected(entry.of)
    if row is None or row.owner != origin:
        raise _refused("not_found", "no entry of that owner has this id", "give it anew")
    if row.state == WITHDRAWN:
        raise _refused("no_such_move", "it is withdrawn", "give it anew")
    return row


def _check_count(tx: Transaction, pen: Pen, presence: Presence) -> None:
    owner = presence.row.owner
    rules = agreed(tx, pen.origin, pen.now_us).with_party(owner)
    ruling = rules.ruling("register_reads_max", case_of(presence.declaration, owner, pen.origin))
    if tx.register.reads_since(pen.origin, owner, pen.now_us - _DAY_US) < ruling.value:
        return
    raise Refused(
        Refusal(
            code="too_many_reads",
            reason=f"no more entries of {party_name(owner)} today: {ruling.sentence}",
            what_to_do="wait until some were opened more than a day ago; conflicts are found "
            "without opening any",
            basis=ruling.basis,
        )
    )


def _read_row(read: EntryRead, id_: bytes, party: str, leaf: bytes, known_us: int) -> ReadRow:
    return ReadRow(
        leaf=leaf,
        of=id_,
        party=party,
        role=read.role,
        reason=read.reason,
        at_us=read.at_us,
        known_us=known_us,
    )


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do, field="id"))
