"""Two-person release: where it is agreed, a STOP and its like wait here for a second person.

Off unless agreed (`release_persons`), and never for DISTRESS, SAR, offers and line checks. What
waits is not given to anybody; it expires after five minutes, for a stale STOP is none. The other
side sees nothing of it, and nothing that it gives is delayed. Called by the doors and the watcher.
"""

from dataclasses import replace

from comity.agreement.between import Between
from comity.hotline.message import check_sayable, release_ruling, send_message
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.duty import same_name
from comity.model.fault import Refusal, Refused
from comity.model.handover import person
from comity.model.message import Message
from comity.model.party import party_name
from comity.model.quantity import instant_text
from comity.storage.messages import MessageRow
from comity.storage.releases import HeldRow
from comity.storage.store import Reading, Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import id_field, parse_fields, serialise_fields, text_field
from comity.wire.limits import HELD_MAX, RELEASE_WITHIN_US
from comity.wire.message_v1 import fields_of_message, message_from

__all__ = [
    "expire_held",
    "hold_message",
    "next_expiry_us",
    "release_message",
    "shift_held",
    "withdraw_held",
]

_WAITING, _EXPIRED = "waiting_for_release", "not_released"


def hold_message(tx: Transaction, pen: Pen, message: Message, agreed: Between, by: str) -> HeldRow:
    """Keep what the person `by` wants said until another one releases it.

    Raises:
        Malformed: `no_person`, or what the phrasebook does not allow.
        Refused: `no_release_needed`, `too_many_held`, or what `send_message` refuses.
    """
    person(by, "by")
    phrase = check_sayable(tx, pen, message, agreed)
    if release_ruling(phrase, agreed, (pen.origin, agreed.party)) is None:
        raise _no("no_release_needed", f"one person says {phrase.code}", "say it at once")
    if len(tx.releases.waiting()) >= HELD_MAX:
        raise _no("too_many_held", f"{HELD_MAX} messages wait", "release or withdraw some")
    row = HeldRow(
        id=pen.chance(),
        code=message.code,
        receiver=agreed.party,
        content=serialise_fields(fields_of_message(message)),
        by=by,
        at_us=pen.now_us,
        expires_us=pen.now_us + RELEASE_WITHIN_US,
    )
    tx.releases.save_held(row)
    text = f"{_said(row)} waits for a second person until {instant_text(row.expires_us)}"
    raise_warning(tx, pen, _WAITING, row.id, text=text, party=row.receiver)
    return row


def release_message(tx: Transaction, pen: Pen, id_: bytes, agreed: Between, by: str) -> MessageRow:
    """Say it now: `by` is another person than the one who wanted it said.

    Raises:
        Refused: `not_found`, `already_released`, `release_expired`, `same_person`, or what
            `send_message` refuses now.
    """
    row = _open(tx, id_)
    if pen.now_us >= row.expires_us:
        raise _expired()
    if same_name(person(by, "by")) == same_name(row.by):
        raise _no("same_person", f"{row.by} said it first", "let another person release it")
    message = message_from(parse_fields(row.content))
    said = send_message(tx, pen, message, agreed, released=True)
    content = pen.seal(
        (
            text_field("release", row.code),
            id_field("of", said.id),
            text_field("first", row.by),
            text_field("second", by),
        )
    )
    pen.write_content(EntryType.HANDOVER, pen.origin, content, floor=True)
    tx.releases.save_held(replace(_emptied(row, pen.now_us), by_second=by, message=said.id))
    clear_warnings(tx, pen, _WAITING, row.id)
    return said


def withdraw_held(tx: Transaction, pen: Pen, id_: bytes, by: str) -> HeldRow:
    """It is not to be said: one that waits, or one that expired, whose warning ends with it."""
    pen.claim_floor()  # who is not to be told STOP must be able to say so on a full disk too
    row = tx.releases.held(id_)
    if row is None:
        raise _not_found()
    if row.message is not None or row.by_second is not None:
        raise _over()
    over_us = pen.now_us if row.over_us is None else row.over_us
    after = replace(_emptied(row, over_us), by_second=person(by, "by"))
    tx.releases.save_held(after)
    for kind in (_WAITING, _EXPIRED):
        clear_warnings(tx, pen, kind, row.id)
    return after


def next_expiry_us(reading: Reading) -> int | None:
    """When the next one expires."""
    waiting = reading.releases.waiting()
    return waiting[0].expires_us if waiting else None


def expire_held(tx: Transaction, pen: Pen) -> None:
    """What nobody released in time is not said, and a person is told."""
    for row in tx.releases.waiting():
        if row.expires_us <= pen.now_us:
            pen.claim_floor()
            tx.releases.save_held(_emptied(row, pen.now_us))
            clear_warnings(tx, pen, _WAITING, row.id)
            text = f"{_said(row)} was not released and was NOT SAID"
            raise_warning(tx, pen, _EXPIRED, row.id, text=text, party=row.receiver)


def shift_held(tx: Transaction, pen: Pen, back_us: int) -> None:
    """Our clock was set back by so much: what waits came that much earlier, and is over so too."""
    for row in tx.releases.waiting():
        pen.claim_floor()
        moved = replace(row, at_us=row.at_us - back_us, expires_us=row.expires_us - back_us)
        tx.releases.save_held(moved)


def _emptied(row: HeldRow, over_us: int) -> HeldRow:
    """What is over holds no words: where it was said, the message has them, and can be purged."""
    return replace(row, over_us=over_us, content=b"")


def _said(row: HeldRow) -> str:
    return f"{row.code} to {party_name(row.receiver)}, by {row.by} at {instant_text(row.at_us)},"


def _open(reading: Reading, id_: bytes) -> HeldRow:
    row = reading.releases.held(id_)
    if row is None:
        raise _not_found()
    if row.over_us is not None:
        raise _expired() if row.by_second is None else _over()
    return row


def _expired() -> Refused:
    return _no("release_expired", "it was not released in time", "say it again")


def _over() -> Refused:
    return _no("already_released", "it was released or withdrawn before", "list what waits")


def _not_found() -> Refused:
    return _no("not_found", "nothing with that id waits for a release", "list what waits")


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
