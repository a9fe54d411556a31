"""What passes between nodes when a disk has no room even for the safety floor.

The giver says it without an entry, signed; the taker shows what it cannot record, and says so,
signed. Neither leaves a receipt: both sides are told NOT RECORDED, and the giver says it again
until somebody's journal holds it. Called by assembly (to call out), the server and the courier.
"""

import asyncio
import logging
from collections.abc import Mapping

from comity.exchange.line import UNRECORDED_PATH, Line
from comity.exchange.messages import Gift, Give, NotKept, ShownOnly, content_from, note_from
from comity.hotline.phrases import phrasebook
from comity.intake.permit import ENDS
from comity.journal.content import open_content, owned_seed
from comity.journal.merkle import leaf_hash
from comity.journal.pen import Unsaid
from comity.model.fault import Fault, Malformed, Unavailable, Untrusted
from comity.model.message import Message, MessageAnswer, checked_message
from comity.model.notice import Amendment, Declaration, SubjectKind
from comity.model.party import party_name
from comity.model.phrasebook import ENGLISH, checked_values
from comity.model.quantity import degrees, instant_text
from comity.model.volume import Volume4D, places_of
from comity.model.wording import wording
from comity.trust.envelope import check_time, open_entry
from comity.trust.identity import Identity
from comity.trust.note import Note, serialise, sign_note, signed_by
from comity.trust.roster import Peer
from comity.web.board import Board, Shown
from comity.web.node import Node
from comity.wire.answer_v1 import STEP_PATH, answer_from
from comity.wire.canonical import b64
from comity.wire.entry_v1 import ContentBody, EntryType
from comity.wire.fields import Field, serialise_fields
from comity.wire.limits import ENVELOPE_AGE_US_MAX
from comity.wire.message_v1 import (
    ANSWER_PATH,
    MESSAGE_PATH,
    message_answer_from,
    message_from,
)
from comity.wire.notice_v1 import notice_from
from comity.wire.unrecorded_v1 import (
    NotRecordedHere,
    Unrecorded,
    not_recorded_from,
    not_recorded_text,
    unrecorded_from,
    unrecorded_text,
)

__all__ = [
    "ShownNotRecorded",
    "call_out",
    "check_statement",
    "said_in",
    "show_given",
    "show_unrecorded",
]

_LOG = logging.getLogger("comity.exchange")


class ShownNotRecorded(Unavailable):
    """We have shown it and cannot record it: the answer to a GIVE carries the `statement`."""

    code = "not_recorded"

    def __init__(self, statement: str) -> None:
        """Hold the signed statement, for the giver."""
        super().__init__("it was shown to the people on duty; there is no room to record it")
        self.statement = statement


async def call_out(
    lines: Mapping[str, Line], board: Board, unsaid: tuple[Unsaid, ...], now_us: int
) -> str:
    """Say what could not be recorded to everyone who should have got it; who was told, in words."""
    notices = (each for each in unsaid if each.kind in {EntryType.SAFETY, EntryType.NOTICE})
    whom = [(lines[each.audience], each) for each in notices if each.audience in lines]
    for line, each in whom:
        said = said_in(each.content.fields)
        own = line.identity.origin
        board.show(Shown(id=each.content.id, party=own, said=said, at_us=now_us))
        _LOG.critical("NOT RECORDED: %s", said)
    if not whom:
        return "nobody was told"
    return "; ".join(await asyncio.gather(*(_say(line, each, now_us) for line, each in whom)))


async def _say(line: Line, unsaid: Unsaid, now_us: int) -> str:
    name = party_name(line.peer.origin)
    said = Unrecorded(
        sender=line.identity.origin,
        audience=line.peer.origin,
        issued_us=now_us + line.scribe.standing().correction_us,
        body=unsaid.content.body,
    )
    message = NotKept(
        statement=_signed(unrecorded_text(said), line.identity),
        seed=b64(unsaid.content.seed),
        fields=b64(serialise_fields(unsaid.content.fields)),
    )
    try:
        shown = await line.ask(UNRECORDED_PATH, message, ShownOnly)
        check_statement(shown.statement, line.peer, unsaid.content.id)
    except Fault as fault:
        _LOG.warning("not recorded, and %s was not told: %s", name, fault.reason)
        return f"{name} was not told ({fault.code})"
    return f"{name} has shown it"


def check_statement(text: str, peer: Peer, of: bytes) -> NotRecordedHere:
    """The peer's signed word that it has shown `of`; Malformed or Untrusted if it is not that."""
    note = note_from(text)
    signed_by(note, peer.entry)
    here = not_recorded_from(note.text)
    if here.sender != peer.origin or here.of != of:
        raise Untrusted("a statement about something else", code="bad_statement")
    return here


def show_unrecorded(
    kept: NotKept,
    peer: Peer,
    identity: Identity,
    board: Board,
    now_us: int,
    *,
    sent_us: int | None = None,
) -> ShownOnly:
    """Show what a peer said without an entry.

    Malformed unless it is of the safety floor, and has values that the phrasebook allows. Its time
    is compared with `sent_us`, the envelope's, which was let in by whichever clock.
    """
    note = note_from(kept.statement)
    signed_by(note, peer.entry)
    said = unrecorded_from(note.text)
    if said.sender != peer.origin or said.audience != identity.origin:
        raise Untrusted("a statement of, or for, somebody else", code="wrong_audience")
    as_of_us = now_us if sent_us is None else sent_us
    check_time(said.issued_us, as_of_us, ENVELOPE_AGE_US_MAX)
    seed, data = content_from(kept)
    fields = open_content(said.body, owned_seed(seed, peer.origin), data)
    if not _of_floor(fields):
        raise Malformed("only the safety floor is said without an entry", code="not_safety")
    words = said_in(fields)
    board.show(Shown(id=said.body.root, party=peer.origin, said=words, at_us=now_us))
    _LOG.critical("NOT RECORDED by %s: %s", party_name(peer.origin), words)
    return ShownOnly(statement=_statement(peer, said.body.root, identity, now_us))


def show_given(give: Give, peer: Peer, node: Node, now_us: int) -> ShownNotRecorded:
    """Show what was given, each entry after its own signature, where our journal has no room.

    The statement is about the first, which is the one that the giver waits for.
    """
    leaves = [_show_gift(gift, peer, node, now_us) for gift in give.entries]
    return ShownNotRecorded(_statement(peer, leaves[0], node.identity, now_us))


def _show_gift(gift: Gift, peer: Peer, node: Node, now_us: int) -> bytes:
    data = gift.entry.encode("utf-8", "surrogatepass")
    entry = open_entry(data, node.roster.now)
    body = entry.value.body
    if not isinstance(body, ContentBody):
        raise Malformed("entries of that type are not given", code="bad_entry")
    seed, fields = content_from(gift)
    words = said_in(open_content(body, owned_seed(seed, peer.origin), fields))
    node.board.show(Shown(id=body.root, party=peer.origin, said=words, at_us=now_us))
    _LOG.critical("NOT RECORDED here, from %s: %s", party_name(peer.origin), words)
    return leaf_hash(data)


def _statement(peer: Peer, of: bytes, identity: Identity, now_us: int) -> str:
    here = NotRecordedHere(sender=identity.origin, audience=peer.origin, of=of, shown_us=now_us)
    return _signed(not_recorded_text(here), identity)


def _signed(text: str, identity: Identity) -> str:
    note: Note = sign_note(text, identity.entry)
    return serialise(note).decode("utf-8")


def _of_floor(fields: tuple[Field, ...]) -> bool:
    """A hazard, an end, a message of the floor or an answer: of what, people know.

    A full disk may not have been told.
    """
    if fields[0].path in {MESSAGE_PATH, ANSWER_PATH}:
        return _is_floor_message(fields)
    try:
        if fields[0].path == STEP_PATH:
            answer_from(fields)
            return True
        notice = notice_from(fields)
    except Malformed:
        return False
    if isinstance(notice, Declaration):
        return notice.kind is SubjectKind.HAZARD
    return notice.code in ENDS


def said_in(fields: tuple[Field, ...]) -> str:
    """One line for a person: code, what, when, where; never an answer to be computed with."""
    if fields[0].path in {MESSAGE_PATH, ANSWER_PATH}:
        return _message_in(fields)
    try:
        if fields[0].path == STEP_PATH:
            answer = answer_from(fields)
            return f"{answer.step.upper()} to {answer.of.hex()[:16]}, by {answer.role}"
        notice = notice_from(fields)
    except Malformed:
        return f"an answer of {len(fields)} fields"
    if isinstance(notice, Declaration):
        return f"{notice.code} {notice.name}: {_where(notice.volumes)}"
    if isinstance(notice, Amendment):
        return f"{notice.code} of {notice.of.hex()[:16]}: {_where(notice.volumes)}"
    return f"{notice.code} of {notice.of.hex()[:16]} at {instant_text(notice.at_us)}"


def _message_in(fields: tuple[Field, ...]) -> str:
    """A message or an answer to one, in English: it has no language but what is in it."""
    try:
        said = _checked(fields)
    except Malformed:  # given on a full disk: none of its words is ours to repeat
        return f"a message of {len(fields)} fields"
    return wording(phrasebook(), said.code, said.values, language=ENGLISH, words=said.words)


def _is_floor_message(fields: tuple[Field, ...]) -> bool:
    """Malformed, by the name of its flaw, for what the phrasebook does not let anybody say."""
    said = _checked(fields)
    return isinstance(said, MessageAnswer) or phrasebook().phrase(said.code).floor


def _checked(fields: tuple[Field, ...]) -> Message | MessageAnswer:
    """With values that the phrasebook allows: an instant can be written, a text is of its list."""
    book = phrasebook()
    if fields[0].path == MESSAGE_PATH:
        message = message_from(fields)
        checked_message(book, message)
        return message
    answer = message_answer_from(fields)
    checked_values(book.phrase(answer.code).fields, answer.values)
    return answer


def _where(volumes: tuple[Volume4D, ...]) -> str:
    """When the first volume is there, and around which point."""
    first = volumes[0]
    window = f"{instant_text(first.window.start_us)} to {instant_text(first.window.end_us)}"
    point = places_of(first.footprint)[0]
    place = f"{degrees(point.lat_e7):.4f} {degrees(point.lon_e7):.4f}"
    return f"{window}, near {place}, {len(volumes)} volumes in all"
