"""Messages of the hotline: say a code, answer one that was said to us, list what is open.

Called by way of the table.
"""

from dataclasses import dataclass

from comity.hotline.message import answer_message, newest_answer, send_message
from comity.hotline.message_warnings import read_back_differences
from comity.hotline.phrases import phrasebook
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.fault import Refusal, Refused
from comity.model.message import Message, MessageAnswer, ReadBack
from comity.model.phrasebook import ENGLISH, Phrase, Precedence
from comity.model.quantity import instant_text
from comity.model.wording import both_wordings
from comity.storage.messages import MessageAnswerRow, MessageRow
from comity.storage.store import Reading, Transaction
from comity.web.api.message_values import values_from, values_view
from comity.web.api.notices import after_in, limit_in
from comity.web.api.shapes import Page
from comity.web.api.shapes_messages import (
    MessageAnswerRequest,
    MessageAnswerView,
    MessageRequest,
    MessageView,
)
from comity.web.api.translate import identity_from, parties_from
from comity.web.api.views import when
from comity.web.gate import Admitted
from comity.web.once import commit
from comity.wire.fields import parse_fields
from comity.wire.message_v1 import message_answer_from, message_from

__all__ = ["answered", "listed", "listed_open", "message_of", "message_view", "said", "shown"]


def listed(call: Admitted) -> Page[MessageView]:
    """A page of all messages, ours and those said to us, newest first."""
    after, limit, language = after_in(call), limit_in(call), _language(call)

    def query(reading: Reading) -> Page[MessageView]:
        last = reading.messages.message(after) if after else None
        rows = reading.messages.messages(None if last is None else (last.at_us, last.id), limit + 1)
        items = [_view(reading, row, call.now_us, language) for row in rows[:limit]]
        return Page(items=items, next=items[-1].id if len(rows) > limit else None)

    return call.read(query)


def listed_open(call: Admitted) -> Page[MessageView]:
    """What no answer has settled, most urgent first, then by deadline."""
    limit, language = limit_in(call), _language(call)

    def query(reading: Reading) -> Page[MessageView]:
        rows = reading.messages.open_messages(limit)
        items = [_view(reading, row, call.now_us, language) for row in rows]
        order = [*_precedences()]
        return Page(items=sorted(items, key=lambda each: order.index(each.precedence)))

    return call.read(query)


def shown(call: Admitted) -> MessageView:
    """One message."""
    id_, language = identity_from(call.path["id"], "id"), _language(call)

    def query(reading: Reading) -> MessageView:
        return _view(reading, _message(reading, id_), call.now_us, language)

    return call.read(query)


async def said(call: Admitted, request: MessageRequest) -> bytes:
    """Say something to a party."""
    message = message_of(request)
    (to,) = parties_from((request.to,), call.node.roster.now)

    def change(tx: Transaction, pen: Pen) -> MessageView:
        between = agreed(tx, pen.origin, pen.now_us).toward(to)
        row = send_message(tx, pen, message, between)
        return _view(tx, row, pen.now_us, request.language)

    return await commit(call, change)


async def answered(call: Admitted, request: MessageAnswerRequest) -> bytes:
    """Answer a message that was said to us."""
    of = identity_from(call.path["id"], "id")

    def change(tx: Transaction, pen: Pen) -> MessageView:
        row = _message(tx, of)
        after = answer_message(tx, pen, _answer_of(request, row), request.person)
        return _view(tx, after, pen.now_us, request.language)

    return await commit(call, change)


def message_of(request: MessageRequest) -> Message:
    """What is said, about any id that is known here."""
    phrase = phrasebook().phrase(request.code)
    return Message(
        code=request.code,
        role=request.role,
        values=values_from(phrase, request.values),
        about=None if request.about is None else identity_from(request.about, "about"),
        language=phrasebook().language(request.language).language,
        words=request.words,
    )


def message_view(reading: Reading, row: MessageRow, now_us: int) -> MessageView:
    """A message as it is read in English."""
    return _view(reading, row, now_us, ENGLISH)


def _answer_of(request: MessageAnswerRequest, row: MessageRow) -> MessageAnswer:
    book = phrasebook()
    read_back = None
    if request.read_back is not None:
        heard = values_from(book.phrase(row.code), request.read_back)
        read_back = ReadBack(id=row.id, values=heard)
    return MessageAnswer(
        code=request.code,
        of=row.id,
        role=request.role,
        values=values_from(book.phrase(request.code), request.values),
        read_back=read_back,
        language=book.language(request.language).language,
        words=request.words,
    )


def _language(call: Admitted) -> str:
    return phrasebook().language(call.query.get("language", ENGLISH)).language


def _precedences() -> list[str]:
    return [each.value for each in Precedence]


def _message(reading: Reading, id_: bytes) -> MessageRow:
    row = reading.messages.message(id_)
    if row is None:
        raise Refused(
            Refusal(
                code="not_found",
                reason="no message has that id",
                what_to_do="list them: GET /api/v1/messages",
                field="id",
            )
        )
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A message as it is read in one language."""

    row: MessageRow
    phrase: Phrase
    language: str


def _view(reading: Reading, row: MessageRow, now_us: int, language: str) -> MessageView:
    book = phrasebook()
    phrase = book.phrase(row.code)
    message = message_from(parse_fields(row.content))
    both = both_wordings(
        *(book, row.code, message.values),
        sender=message.language,
        reader=language,
        words=message.words,
    )
    index = reading.journal.index_of_content(row.id, row.receiver)
    taken = None if index is None else reading.post.taken(index)
    newest = newest_answer(reading, row)
    seen = _Seen(row=row, phrase=phrase, language=language)
    return MessageView(
        id=row.id.hex(),
        code=row.code,
        precedence=phrase.precedence,
        floor=row.floor,
        sender=row.sender,
        receiver=row.receiver,
        about=None if row.about is None else row.about.hex(),
        role=message.role,
        values=values_view(phrase, message.values),
        language=message.language,
        words=message.words,
        sender_wording=both.sender,
        reader_wording=both.reader,
        at=instant_text(row.at_us),
        due=when(row.due_us),
        ground=row.ground,
        unanswered=row.due_us is not None and row.due_us <= now_us,
        answer=None if newest is None else newest.code,
        answers=[_answer_view(seen, each) for each in reading.messages.answers(row.id)],
        answers_allowed=list(phrase.answers),
        read_back_needed=phrase.read_back,
        delivered=None if taken is None else instant_text(taken.taken_us),
        verdict=None if taken is None else taken.verdict,
    )


def _answer_view(seen: _Seen, row: MessageAnswerRow) -> MessageAnswerView:
    answer, book = message_answer_from(parse_fields(row.content)), phrasebook()
    both = both_wordings(
        *(book, answer.code, answer.values),
        sender=answer.language,
        reader=seen.language,
        words=answer.words,
    )
    heard = answer.read_back
    return MessageAnswerView(
        id=row.id.hex(),
        code=answer.code,
        role=answer.role,
        values=values_view(book.phrase(answer.code), answer.values),
        read_back=None if heard is None else values_view(seen.phrase, heard.values),
        differs=list(read_back_differences(seen.row, answer)),
        words=answer.words,
        sender_wording=both.sender,
        reader_wording=both.reader,
        at=instant_text(row.at_us),
    )
