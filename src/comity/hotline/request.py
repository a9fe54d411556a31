"""Requests to another party about a notice, and its replies: both signed, both on record.

The reply is the asked party's act; Comity approves nothing. Asked is who holds the notice: its
owner, or a recipient of ours. What is about a hazard or a volume to be kept clear passes whatever
the agreement's state, on a full disk and by any clock: it is civil safety. A deadline that passes
without a final reply is a warning at both sides. Called by the doors, and through assembly.
"""

from dataclasses import replace

from comity.agreement.between import Between
from comity.agreement.resolve import case_of
from comity.hotline.about import About, about_between
from comity.hotline.duty import check_on_duty, clear_refused_answer
from comity.hotline.watch import heard_from, settle, watch_request
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.fault import Refusal, Refused
from comity.model.party import party_name
from comity.model.quantity import instant_text
from comity.model.request import PHRASES, Decision, Reply, Request
from comity.storage.requests import ReplyRow, RequestRow
from comity.storage.store import Reading, Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, parse_fields, serialise_fields
from comity.wire.limits import REQUESTS_OPEN_MAX
from comity.wire.request_v1 import fields_of_reply, fields_of_request, reply_from, request_from

__all__ = [
    "ask",
    "decision_on",
    "next_request_due_us",
    "reply_to",
    "take_reply",
    "take_request",
    "warn_unanswered",
]

_WARNING = "request_unanswered"


def ask(tx: Transaction, pen: Pen, request: Request, agreed: Between) -> RequestRow:
    """Ask a party about a notice: one of ours that it was given, or one of its own.

    `request.of` may be any id of the subject that is known here.

    Raises:
        Refused: `not_found`, `not_known_there`, `too_late_to_ask`, `too_many_requests`, or the code
            for which ordinary words do not pass.
    """
    about = about_between(tx, request.of, agreed.party)
    if about is None:
        raise _no("not_known_there", "that party holds no such notice", "give it notice first")
    if request.by_us <= pen.now_us:
        raise _no("too_late_to_ask", "it is asked for by a time that has passed", "ask for later")
    said = replace(request, of=about.known_as)
    _check(tx, pen, about, agreed, (pen.origin, agreed.party))
    content = pen.seal(fields_of_request(said))
    pen.write_content(EntryType.REQUEST, agreed.party, content, floor=about.of_floor)
    parties = (pen.origin, agreed.party)
    return _kept(tx, pen, content.id, said, about=about, agreed=agreed, parties=parties)


def take_request(
    tx: Transaction, pen: Pen, id_: bytes, fields: tuple[Field, ...], agreed: Between
) -> None:
    """Keep what a party asks of us; `not_found` about what it did not give or get."""
    request = request_from(fields)
    if tx.requests.request(id_) is not None:
        raise _no("already_said", "it was asked before", "nothing: it stands as it was asked")
    about = about_between(tx, request.of, agreed.party)
    if about is None:
        raise _not_found()
    parties = (agreed.party, pen.origin)
    _check(tx, pen, about, agreed, parties)
    _kept(tx, pen, id_, request, about=about, agreed=agreed, parties=parties)


def reply_to(tx: Transaction, pen: Pen, reply: Reply, person: str = "") -> RequestRow:
    """Answer a request that was put to us: our act, signed by us, said by who holds the role.

    Raises:
        Refused: `not_found`, `already_decided`; `not_on_duty` where the roster says that nobody, or
            not `person`, holds the role.
    """
    row = tx.requests.request(reply.of)
    if row is None or row.asked != pen.origin:
        raise _not_found()
    floor = _is_of_floor(tx, pen, row)
    if floor:
        pen.claim_floor()
    check_on_duty(tx, pen.now_us, reply.role, person)
    _check_undecided(row)
    content = pen.seal(fields_of_reply(reply))
    pen.write_content(EntryType.REPLY, row.asker, content, floor=floor)
    after = _settled(tx, pen, row, reply, content.id)
    clear_refused_answer(tx, pen, row.id)
    settle(tx, pen, row.id)
    return after


def take_reply(tx: Transaction, pen: Pen, by: str, id_: bytes, fields: tuple[Field, ...]) -> None:
    """Keep a party's reply to a request of ours."""
    reply = reply_from(fields)
    row = tx.requests.request(reply.of)
    if row is None or (row.asker, row.asked) != (pen.origin, by):
        raise _not_found()
    if _is_of_floor(tx, pen, row):
        pen.claim_floor()
    if any(each.id == id_ for each in tx.requests.replies(row.id)):
        raise _no("already_said", "it was replied so before", "nothing: that reply stands")
    _check_undecided(row)
    _settled(tx, pen, row, reply, id_)
    heard_from(tx, pen, row.id, by)


def decision_on(reading: Reading, row: RequestRow) -> Decision | None:
    """The newest word on a request; None while nothing was said."""
    replies = reading.requests.replies(row.id)
    return reply_from(parse_fields(replies[-1].content)).decision if replies else None


def next_request_due_us(reading: Reading) -> int | None:
    """When the next deadline passes."""
    return reading.requests.next_due()


def warn_unanswered(tx: Transaction, pen: Pen) -> None:
    """Warn, once, of each request whose deadline has passed: here, and at the other side alike."""
    for row in tx.requests.overdue(pen.now_us):
        if _is_of_floor(tx, pen, row):
            pen.claim_floor()
        wanted = request_from(parse_fields(row.content)).wanted
        text = (
            f"unanswered: {party_name(row.asker)} asked {party_name(row.asked)} to "
            f"{PHRASES[wanted]}, and no decision came by {instant_text(row.due_us or pen.now_us)}"
        )
        raise_warning(tx, pen, _WARNING, row.id, text=text, party=row.asked)
        tx.requests.save_request(replace(row, warned=True))


def _check(
    tx: Transaction, pen: Pen, about: About, agreed: Between, parties: tuple[str, str]
) -> None:
    """Refused if it may not pass; civil safety claims the floor's room."""
    if about.of_floor:
        pen.claim_floor()
    consent = agreed.consent
    if consent is None:
        raise _no("unknown_party", f"{agreed.party} is not enrolled", "enrol it first")
    if consent.code is not None and not about.of_floor:
        raise _no(
            consent.code,
            consent.reason,
            "requests about hazards and volumes to be kept clear pass all the same",
        )
    if tx.requests.undecided(*parties) >= REQUESTS_OPEN_MAX:
        raise _no(
            "too_many_requests",
            f"{REQUESTS_OPEN_MAX} requests of one party to another wait for a decision",
            "wait for the replies, or ask by voice",
        )


def _kept(
    tx: Transaction,
    pen: Pen,
    id_: bytes,
    request: Request,
    *,
    about: About,
    agreed: Between,
    parties: tuple[str, str],
) -> RequestRow:
    case = case_of(about.declared, *parties)
    ruling = agreed.rules.ruling("request_answer_us", case)
    # Whoever gets it late still has its time, but no decision helps after the time asked for.
    due_us = min(pen.now_us + ruling.value, max(request.by_us, pen.now_us))
    row = RequestRow(
        id=id_,
        subject=about.subject.id,
        asker=parties[0],
        asked=parties[1],
        content=serialise_fields(fields_of_request(request)),
        at_us=pen.now_us,
        due_us=due_us,
        ground=ruling.sentence,
    )
    tx.requests.save_request(row)
    watch_request(tx, pen, row, agreed.rules, case, floor=about.of_floor)
    return row


def _settled(tx: Transaction, pen: Pen, row: RequestRow, reply: Reply, id_: bytes) -> RequestRow:
    """A final reply ends it, standby moves its deadline; either ends the warning."""
    tx.requests.save_reply(
        ReplyRow(
            id=id_,
            of=row.id,
            number=len(tx.requests.replies(row.id)),
            content=serialise_fields(fields_of_reply(reply)),
            at_us=pen.now_us,
        )
    )
    due_us = None if reply.standby_us is None else pen.now_us + reply.standby_us
    after = replace(row, due_us=due_us, warned=False)
    tx.requests.save_request(after)
    clear_warnings(tx, pen, _WARNING, row.id)
    return after


def _is_of_floor(tx: Transaction, pen: Pen, row: RequestRow) -> bool:
    """As when it was asked: by what both sides know of the subject."""
    other = row.asker if row.asked == pen.origin else row.asked
    about = about_between(tx, row.subject, other)
    return about is not None and about.of_floor


def _check_undecided(row: RequestRow) -> None:
    if row.due_us is None:
        raise _no("already_decided", "it was decided before", "ask anew")


def _not_found() -> Refused:
    return _no("not_found", "no request or notice with that id is there", "list the requests")


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
