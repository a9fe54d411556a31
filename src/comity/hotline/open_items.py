"""Everything that is open at this node, as items that two officers can sign: no name, no place.

What the rows do not hold (how a line is, what had no room) is told by who asks. Reads, and changes
nothing. Called by `handover` and the doors.
"""

from collections.abc import Iterable, Iterator

from comity.hotline.message import newest_answer
from comity.hotline.request import decision_on
from comity.hotline.standing import standing_answers
from comity.model.answer import Step
from comity.model.fault import Refusal, Refused
from comity.model.handover import ItemKind, OpenItem
from comity.model.party import party_name
from comity.model.quantity import INSTANT_US_MAX, instant_text
from comity.storage.rows import SubjectRow, UnitRow
from comity.storage.store import Reading
from comity.wire.answer_v1 import answer_from
from comity.wire.canonical import sha256
from comity.wire.fields import parse_fields
from comity.wire.limits import OPEN_ITEMS_MAX

__all__ = ["line_item", "open_items", "unrecorded_item"]

_DIGITS = 12  # of an id, as it is shown elsewhere
_ORDER = {kind: at for at, kind in enumerate(ItemKind)}
_STEPS = {Step.SEEN: "not seen", Step.READ_BACK: "not read back"}


def open_items(reading: Reading, own: str, also: Iterable[OpenItem] = ()) -> tuple[OpenItem, ...]:
    """All of them: by kind, then by deadline, then by id.

    Raises:
        Refused: `too_many_open_items`.
    """
    found = [
        *also,
        *_messages(reading),
        *_requests(reading),
        *_notices(reading, own),
        *_units(reading),
        *_warnings(reading),
        *_conflicts(reading),
        *_suspensions(reading),
    ]
    if len(found) > OPEN_ITEMS_MAX:
        raise Refused(
            Refusal(
                code="too_many_open_items",
                reason=f"more than {OPEN_ITEMS_MAX} items are open",
                what_to_do="end what is over, and see which warnings can be cleared",
            )
        )
    return tuple(sorted(found, key=_place))


def line_item(origin: str, state: str) -> OpenItem:
    """A line that is not up."""
    words = f"the line to {party_name(origin)} is {state}"
    return OpenItem(kind=ItemKind.LINE, id=sha256(origin.encode()), state=words)


def unrecorded_item(id_: bytes, party: str) -> OpenItem:
    """What a party said that had no room here."""
    words = f"said by {party_name(party)} and not recorded"
    return OpenItem(kind=ItemKind.NOT_RECORDED, id=id_, state=words)


def _place(item: OpenItem) -> tuple[int, bool, int, bytes]:
    return _ORDER[item.kind], item.due_us is None, item.due_us or 0, item.id


def _messages(reading: Reading) -> Iterator[OpenItem]:
    for row in reading.messages.open_messages(OPEN_ITEMS_MAX + 1):
        answer = newest_answer(reading, row)
        yield OpenItem(
            kind=ItemKind.MESSAGE,
            id=row.id,
            due_us=row.due_us,
            state=(
                f"{row.code} from {party_name(row.sender)} to {party_name(row.receiver)}, "
                f"{_newest(None if answer is None else answer.code)}"
            ),
        )


def _requests(reading: Reading) -> Iterator[OpenItem]:
    for row in reading.requests.requests():
        if row.due_us is not None:
            yield OpenItem(
                kind=ItemKind.REQUEST,
                id=row.id,
                due_us=row.due_us,
                state=(
                    f"asked by {party_name(row.asker)} of {party_name(row.asked)}, "
                    f"{_newest(decision_on(reading, row))}"
                ),
            )


def _newest(word: str | None) -> str:
    return "no answer" if word is None else f"newest answer {word}"


def _notices(reading: Reading, own: str) -> Iterator[OpenItem]:
    for row in reading.sky.live(OPEN_ITEMS_MAX + 1):
        until = instant_text(row.box.end_us)
        whose = f"{row.kind} of {party_name(row.owner)}, {row.state}, until {until}"
        steps = _steps_of_ours(reading, row) if row.ours else [_steps_of(reading, row, own)]
        yield OpenItem(
            kind=ItemKind.NOTICE,
            id=row.id,
            due_us=min(row.box.end_us, INSTANT_US_MAX),  # an end may be uncertain by days
            state="; ".join([whose, *(each for each in steps if each)]),
        )


def _steps_of_ours(reading: Reading, row: SubjectRow) -> list[str]:
    """What each recipient has not done yet."""
    found = []
    for to in row.recipients.split():
        told = reading.accords.told(row.id, to)
        newest = row.notice if told is None else told.notice
        index = reading.journal.index_of_content(newest, to)
        taken = None if index is None else reading.post.taken(index)
        missing = _missing(reading, row, to)
        delivered = ["not delivered"] if taken is None else []
        if missing or delivered:
            found.append(f"{party_name(to)}: {', '.join([*delivered, *missing])}")
    return found


def _steps_of(reading: Reading, row: SubjectRow, own: str) -> str:
    """What we have not done yet with another's."""
    missing = _missing(reading, row, own)
    return f"here: {', '.join(missing)}" if missing else ""


def _missing(reading: Reading, row: SubjectRow, by: str) -> list[str]:
    """As the doors have it: what was said of a notice counts until it is amended."""
    done = {
        answer_from(parse_fields(answer.content)).step
        for answer in standing_answers(reading, row.id, by)
    }
    return [words for step, words in _STEPS.items() if step not in done]


def _units(reading: Reading) -> Iterator[OpenItem]:
    for row in reading.people.open_risks():
        yield OpenItem(kind=ItemKind.UNIT, id=_id_of(row), state=_unit(row))


def _id_of(row: UnitRow) -> bytes:
    return sha256(row.of + row.handle)


def _unit(row: UnitRow) -> str:
    """By its handle: names of units stand in no signed list."""
    return (
        f"unit {_short(row.handle)} of {party_name(row.party)} not reached, notice {_short(row.of)}"
    )


def _warnings(reading: Reading) -> Iterator[OpenItem]:
    for row in reading.sky.warnings():
        if row.cleared_us is None:
            party = "" if row.party is None else f", {party_name(row.party)}"
            words = f"{row.kind} about {_short(row.about)}{party}"
            yield OpenItem(kind=ItemKind.WARNING, id=row.id, state=words)


def _conflicts(reading: Reading) -> Iterator[OpenItem]:
    for row in reading.sky.conflicts():
        if row.over_us is None:
            words = f"{_short(row.a)} and {_short(row.b)}, {'meet' if row.meets else 'too close'}"
            yield OpenItem(kind=ItemKind.CONFLICT, id=row.id, state=words)


def _suspensions(reading: Reading) -> Iterator[OpenItem]:
    for row in reading.accords.open_suspensions():
        words = f"suspended by {party_name(row.origin)} since {instant_text(row.since_us)}"
        id_ = sha256(row.hash + row.origin.encode())
        yield OpenItem(kind=ItemKind.AGREEMENT, id=id_, state=words)


def _short(id_: bytes) -> str:
    return id_.hex()[:_DIGITS]
