"""Coded messages to another party, and the answers to them: both signed, both on record.

What the phrasebook does not allow is refused by name. Codes of the safety floor go ahead of all
else, as `safety` entries, and so do the answers to them: they pass whatever the agreement's state,
on a full disk, by any clock and on a forked line. A deadline that passes without an answer that
settles the message is a warning at both sides. Called by the doors, and through assembly.
"""

from dataclasses import dataclass, replace

from comity.agreement.between import Between
from comity.agreement.resolve import Case, Ruling, case_of
from comity.hotline.about import about_between
from comity.hotline.duty import check_on_duty, clear_refused_answer
from comity.hotline.line_check import LINE_CHECK, checked
from comity.hotline.message_warnings import settled_by, warn_of_answer
from comity.hotline.phrases import phrasebook
from comity.hotline.watch import heard_from, settle, watch_message
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.fault import Corrupt, Refusal, Refused, must
from comity.model.message import (
    STANDBY,
    UNABLE,
    WILCO,
    Message,
    MessageAnswer,
    checked_answer,
    checked_message,
    is_final,
)
from comity.model.party import party_name
from comity.model.phrasebook import Phrase
from comity.model.quantity import SECOND_US, instant_text
from comity.storage.lines import CheckRow
from comity.storage.messages import MessageAnswerRow, MessageRow
from comity.storage.store import Reading, Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, parse_fields, serialise_fields
from comity.wire.limits import (
    LAST_ANSWERS_MAX,
    MESSAGE_ANSWERS_MAX,
    MESSAGES_OPEN_MAX,
    SAFETY_MESSAGES_OPEN_MAX,
)
from comity.wire.message_v1 import (
    fields_of_message,
    fields_of_message_answer,
    message_answer_from,
    message_from,
)

__all__ = [
    "answer_message",
    "check_sayable",
    "newest_answer",
    "next_message_due_us",
    "release_ruling",
    "send_message",
    "take_message",
    "take_message_answer",
    "warn_unanswered_messages",
]

_WARNING = "message_unanswered"
_MINUTE_US = 60 * SECOND_US
# What asks others to act. Who is in distress, offers help or tests the line waits for nobody.
_RELEASED = frozenset({"X", "KC", "C"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What a message is about, as the other side names it, and the case that agreements ask for."""

    about: bytes | None
    case: Case


def send_message(
    tx: Transaction, pen: Pen, message: Message, agreed: Between, *, released: bool = False
) -> MessageRow:
    """Say something to a party: `message.about` may be any id that is known here.

    `released`: a second person has released it, where that is agreed.

    Raises:
        Malformed: the phrasebook does not allow it.
        Refused: `unknown_party`, `not_known_there`, `too_many_messages`, `needs_release`, or the
            code for which ordinary words do not pass.
    """
    phrase, said, context = _sayable(tx, pen, message, agreed)
    parties = (pen.origin, agreed.party)
    ruling = release_ruling(phrase, agreed, parties)
    if ruling is not None and not released:
        raise Refused(
            Refusal(
                code="needs_release",
                reason=f"two persons say {phrase.code}: {ruling.sentence}",
                what_to_do="name who says it, and let another person release it",
                basis=ruling.basis,
            )
        )
    content = pen.seal(fields_of_message(said))
    pen.write_content(_lane(phrase.floor), agreed.party, content)
    return _kept(tx, pen, content.id, said, phrase, context=context, agreed=agreed, parties=parties)


def check_sayable(tx: Transaction, pen: Pen, message: Message, agreed: Between) -> Phrase:
    """What `send_message` would check, and nothing said; its phrase."""
    phrase, _, _ = _sayable(tx, pen, message, agreed)
    return phrase


def release_ruling(phrase: Phrase, agreed: Between, parties: tuple[str, str]) -> Ruling | None:
    """What asks for a second person's release of this phrase; None if it is said at once."""
    if phrase.code not in _RELEASED:
        return None
    ruling = agreed.rules.ruling("release_persons", Case(by=parties[0], to=parties[1]))
    return ruling if ruling.value > 1 else None


def _sayable(
    tx: Transaction, pen: Pen, message: Message, agreed: Between
) -> tuple[Phrase, Message, _Context]:
    """The message as the other side is to get it."""
    phrase = checked_message(phrasebook(), message)
    parties = (pen.origin, agreed.party)
    _check_passes(tx, pen, phrase, agreed, parties)
    context = _context(tx, message, agreed.party, parties)
    if context is None:
        raise _no("not_known_there", "that party holds no such notice", "say where it is")
    return phrase, replace(message, about=context.about), context


def take_message(  # noqa: PLR0917 - what a desk is given
    tx: Transaction,
    pen: Pen,
    id_: bytes,
    kind: EntryType,
    fields: tuple[Field, ...],
    agreed: Between,
) -> None:
    """Keep what a party says to us.

    What it names must be known to both, but for the safety floor's: a person is told of it whatever
    was purged here meanwhile.
    """
    message = message_from(fields)
    phrase = checked_message(phrasebook(), message)
    _check_lane(kind, phrase.floor)
    if tx.messages.message(id_) is not None:
        raise _no("already_said", "it was said before", "nothing: it stands as it was said")
    parties = (agreed.party, pen.origin)
    _check_passes(tx, pen, phrase, agreed, parties)
    context = _context(tx, message, agreed.party, parties)
    if context is None and not phrase.floor:
        raise _not_found()
    if context is None:
        context = _Context(about=message.about, case=Case(by=parties[0], to=parties[1]))
    _kept(tx, pen, id_, message, phrase, context=context, agreed=agreed, parties=parties)


def answer_message(
    tx: Transaction, pen: Pen, answer: MessageAnswer, person: str = ""
) -> MessageRow:
    """Answer a message that was said to us, as who holds the role; `person` may say who that is.

    Raises:
        Malformed: the phrasebook does not allow this answer.
        Refused: `not_found`, `already_answered`, `too_many_answers`; `not_on_duty` where the roster
            says that nobody holds the role.
    """
    row = tx.messages.message(answer.of)
    if row is None or row.receiver != pen.origin:
        raise _not_found()
    if row.floor:
        pen.claim_floor()
    check_on_duty(tx, pen.now_us, answer.role, person)
    _check_answer(tx, row, answer)
    content = pen.seal(fields_of_message_answer(answer))
    pen.write_content(_lane(row.floor), row.sender, content)
    after = _answered(tx, pen, row, answer, content.id)
    _note_check(tx, pen, after, answer, None)
    clear_refused_answer(tx, pen, row.id)
    settle(tx, pen, row.id)
    return after


def take_message_answer(  # noqa: PLR0917 - what a desk is given
    tx: Transaction,
    pen: Pen,
    by: str,
    id_: bytes,
    kind: EntryType,
    fields: tuple[Field, ...],
    said_us: int | None = None,
) -> None:
    """Keep a party's answer to a message of ours; `said_us` is when, by its own clock."""
    answer = message_answer_from(fields)
    row = tx.messages.message(answer.of)
    if row is None or (row.sender, row.receiver) != (pen.origin, by):
        raise _not_found()
    _check_lane(kind, row.floor)
    if row.floor:
        pen.claim_floor()
    if any(each.id == id_ for each in tx.messages.answers(row.id)):
        raise _no("already_said", "it was answered so before", "nothing: that answer stands")
    _check_answer(tx, row, answer)
    after = _answered(tx, pen, row, answer, id_)
    _note_check(tx, pen, after, answer, said_us)
    heard_from(tx, pen, row.id, by)


def newest_answer(reading: Reading, row: MessageRow) -> MessageAnswer | None:
    """The newest answer to a message; None while nothing was said."""
    answers = reading.messages.answers(row.id)
    return message_answer_from(parse_fields(answers[-1].content)) if answers else None


def next_message_due_us(reading: Reading) -> int | None:
    """When the next deadline passes."""
    return reading.messages.next_due()


def warn_unanswered_messages(tx: Transaction, pen: Pen) -> None:
    """Warn, once, of each message whose deadline has passed: here, and at the other side alike."""
    book, overdue = phrasebook(), tx.messages.overdue(pen.now_us)
    if any(row.floor for row in overdue):
        pen.claim_floor()
    for row in overdue:
        text = (
            f"unanswered: {party_name(row.sender)} said {row.code} {book.phrase(row.code).name} to "
            f"{party_name(row.receiver)}, and no answer settled it by "
            f"{instant_text(row.due_us or pen.now_us)}"
        )
        raise_warning(tx, pen, _WARNING, row.id, text=text, party=row.receiver)
        tx.messages.save_message(replace(row, warned=True))


def _lane(floor: bool) -> EntryType:  # noqa: FBT001 - the one thing that is asked
    return EntryType.SAFETY if floor else EntryType.MESSAGE


def _check_lane(kind: EntryType, floor: bool) -> None:  # noqa: FBT001 - as above
    """Nothing ordinary goes ahead of what keeps people safe."""
    if kind is EntryType.SAFETY and not floor:
        raise _no("not_safety", "it is not of the safety floor", "give it as a message")


def _check_passes(
    tx: Transaction, pen: Pen, phrase: Phrase, agreed: Between, parties: tuple[str, str]
) -> None:
    """Refused if it may not pass; the safety floor claims its room, and asks for no agreement."""
    if phrase.floor:
        pen.claim_floor()
    if agreed.consent is None:
        raise _no("unknown_party", f"{agreed.party} is not enrolled", "enrol it first")
    if agreed.consent.code is not None and not phrase.floor:
        raise _no(
            agreed.consent.code,
            agreed.consent.reason,
            "codes of the safety floor pass all the same",
        )
    most = SAFETY_MESSAGES_OPEN_MAX if phrase.floor else MESSAGES_OPEN_MAX
    # Of the floor each code has room of its own: no line checks may stand in the way of a distress.
    code = phrase.code if phrase.floor else None
    if tx.messages.count_between(*parties, floor=phrase.floor, code=code) >= most:
        raise _no(
            "too_many_messages",
            f"{most} {code or 'messages'} of one party to another wait for an answer",
            "wait for the answers, or say it by voice",
        )


def _context(
    tx: Transaction, message: Message, other: str, parties: tuple[str, str]
) -> _Context | None:
    """What it names, if both know it: a notice of either, or a message between the two."""
    if message.about is None:
        return _Context(about=None, case=Case(by=parties[0], to=parties[1]))
    notice = about_between(tx, message.about, other)
    if notice is not None:
        return _Context(about=notice.known_as, case=case_of(notice.declared, *parties))
    earlier = tx.messages.message(message.about)
    if earlier is not None and {earlier.sender, earlier.receiver} == set(parties):
        return _Context(about=earlier.id, case=Case(by=parties[0], to=parties[1]))
    return None


def _kept(
    tx: Transaction,
    pen: Pen,
    id_: bytes,
    message: Message,
    phrase: Phrase,
    *,
    context: _Context,
    agreed: Between,
    parties: tuple[str, str],
) -> MessageRow:
    must(phrase.parameter is not None, "a message's deadline can be agreed")
    ruling = agreed.rules.ruling(phrase.parameter or "", context.case)
    row = MessageRow(
        id=id_,
        code=message.code,
        sender=parties[0],
        receiver=parties[1],
        about=message.about,
        content=serialise_fields(fields_of_message(message)),
        at_us=pen.now_us,
        due_us=pen.now_us + ruling.value,
        ground=ruling.sentence,
        floor=phrase.floor,
    )
    tx.messages.save_message(row)
    watch_message(tx, pen, row, agreed.rules, context.case)
    return row


def _check_answer(tx: Transaction, row: MessageRow, answer: MessageAnswer) -> None:
    """What settled a message stays, but that "we will" and "we cannot" may change places."""
    checked_answer(phrasebook(), message_from(parse_fields(row.content)), answer)
    before = newest_answer(tx, row)
    changes = before is not None and {before.code, answer.code} == {WILCO, UNABLE}
    if row.due_us is None and not changes:
        raise _no("already_answered", "it was answered before", "send a message of your own")
    most = MESSAGE_ANSWERS_MAX + (LAST_ANSWERS_MAX if is_final(answer.code) else 0)
    if len(tx.messages.answers(row.id)) >= most:
        raise _no("too_many_answers", f"it has {most} answers", "call by voice")


def _answered(
    tx: Transaction, pen: Pen, row: MessageRow, answer: MessageAnswer, id_: bytes
) -> MessageRow:
    """An answer that settles it ends it, standby moves its deadline; either ends the warning."""
    tx.messages.save_answer(
        MessageAnswerRow(
            id=id_,
            of=row.id,
            number=len(tx.messages.answers(row.id)),
            content=serialise_fields(fields_of_message_answer(answer)),
            at_us=pen.now_us,
        )
    )
    after = row
    if answer.code == STANDBY:
        after = replace(row, due_us=pen.now_us + _standby_us(answer), warned=False)
    elif is_final(answer.code) and settled_by(row, answer):
        after = replace(row, due_us=None, warned=False)
    if after is not row:
        tx.messages.save_message(after)
        clear_warnings(tx, pen, _WARNING, row.id)
    warn_of_answer(tx, pen, row, answer)
    return after


def _note_check(
    tx: Transaction, pen: Pen, row: MessageRow, answer: MessageAnswer, said_us: int | None
) -> None:
    """A line check that was answered by a person goes on record, by both clocks if we asked."""
    if row.code != LINE_CHECK or row.due_us is not None:
        return
    ours = row.sender == pen.origin
    index = tx.journal.index_of_content(row.id, row.receiver) if ours else None
    taken = None if index is None else tx.post.taken(index)
    checked(
        tx,
        pen,
        CheckRow(
            of=row.id,
            peer=row.receiver if ours else row.sender,
            asker=row.sender,
            asker_role=message_from(parse_fields(row.content)).role,
            answerer_role=answer.role,
            asked_us=row.at_us,
            answered_us=pen.now_us,
            there_from_us=None if taken is None else taken.taken_us,
            there_until_us=said_us,
        ),
    )


def _standby_us(answer: MessageAnswer) -> int:
    match answer.values:
        case (("minutes", int(minutes)),):
            return minutes * _MINUTE_US
        case _:
            raise Corrupt("standby says how many minutes", code="invariant_broken")


def _not_found() -> Refused:
    return _no("not_found", "no message or notice with that id is there", "list the messages")


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
