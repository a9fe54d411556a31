"""What a person here has to say now, or soon: start, end, continue, answer, reply, read back, tell.

A list made when it is asked for; nothing is written, and nothing is said by it. Start, end and
continuation are intake's, answers are the hotline's: this only reminds. Called by the doors.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from comity.agreement.resolve import Case, Rules, case_of
from comity.hotline.standing import standing_answers, stands
from comity.model.answer import Step, UnitState
from comity.model.duty import WatchKind
from comity.model.fault import Malformed
from comity.model.lifecycle import LifeState
from comity.model.notice import Declaration, SubjectKind
from comity.model.party import party_name
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading
from comity.wire.answer_v1 import answer_from
from comity.wire.fields import parse_fields
from comity.wire.limits import OPEN_ITEMS_MAX
from comity.wire.notice_v1 import notice_from

__all__ = ["Due", "Duty", "duties"]


class Duty(StrEnum):
    """What is to be said."""

    START = "start"  # or amend, or cancel
    END = "end"  # or give it a later window
    CLOSE = "close"  # it was never started: end or cancel it
    CONTINUE = "continue"  # the belief in a hazard lapses: give it anew, or end it
    ANSWER = "answer"
    REPLY = "reply"
    SEE = "see"
    READ_BACK = "read-back"
    ATTEST = "attest"
    RELEASE = "release"
    HANDOVER = "handover"


# What a person answers to another's notice, and what says by when.
_STEPS = (
    (Step.SEEN, "receipt_seen_us", Duty.SEE),
    (Step.READ_BACK, "receipt_readback_us", Duty.READ_BACK),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing to say: about the id `of`, by a time, with the party that waits for it, if any."""

    duty: Duty
    of: bytes
    due_us: int
    party: str | None
    about: str


def duties(
    reading: Reading, own: str, span: tuple[int, int], rules_with: Callable[[str], Rules]
) -> tuple[Due, ...]:
    """What is overdue now or due until a time (`span`, both), by deadline.

    `rules_with` gives what is agreed with a party.
    """
    now_us, until_us = span
    found = [
        *_of_our_notices(reading, now_us),
        *_of_their_notices(reading, own, rules_with),
        *_messages(reading, own),
        *_requests(reading, own),
        *_held(reading),
        *_handovers(reading),
    ]
    chosen = [each for each in found if each.due_us <= until_us]
    return tuple(sorted(chosen, key=lambda each: (each.due_us, each.duty, each.of)))


def _of_our_notices(reading: Reading, now_us: int) -> Iterator[Due]:
    for row in reading.sky.live(OPEN_ITEMS_MAX):
        if row.ours:
            yield from _of_ours(row, now_us)


def _of_ours(row: SubjectRow, now_us: int) -> Iterator[Due]:
    """The next word on its life, and on a hazard's belief."""
    about = f"{row.kind} {row.id.hex()[:12]}, {row.state}"

    def due(duty: Duty, due_us: int) -> Due:
        return Due(duty=duty, of=row.id, due_us=due_us, party=None, about=about)

    if row.state == LifeState.ACTIVE:
        yield due(Duty.END, row.box.end_us)
    else:
        yield due(Duty.CLOSE, row.box.end_us)
        if row.kind == SubjectKind.OPERATION and row.box.end_us >= now_us:
            yield due(Duty.START, row.box.start_us)
    if row.kind == SubjectKind.HAZARD:
        basis = _declared(row).basis
        if basis is not None:
            yield due(Duty.CONTINUE, basis.expires_us)


def _of_their_notices(
    reading: Reading, own: str, rules_with: Callable[[str], Rules]
) -> Iterator[Due]:
    """What we owe on each: seen, read back, and which units were told; by what is agreed."""
    for row in reading.sky.live(OPEN_ITEMS_MAX):
        if row.ours or row.delivered_us is None:
            continue
        rules, case = rules_with(row.owner), case_of(_declared(row), row.owner, own)
        yield from _steps(reading, row, own, rules, case)


def _steps(reading: Reading, row: SubjectRow, own: str, rules: Rules, case: Case) -> Iterator[Due]:
    """By the id of the notice that stands: an answer to what was amended would be refused."""
    of = row.id if stands(reading, row.id) else row.notice
    watches = [each for each in reading.duty.watches(row.id) if each.kind == WatchKind.NOTICE]
    from_us = watches[0].from_us if watches else row.delivered_us or row.issued_us
    about = f"{row.kind} {row.id.hex()[:12]} of {party_name(row.owner)}"

    def due(duty: Duty, parameter: str) -> Due:
        due_us = from_us + rules.value(parameter, case)
        return Due(duty=duty, of=of, due_us=due_us, party=row.owner, about=about)

    said = standing_answers(reading, row.id, own)
    done = {answer_from(parse_fields(each.content)).step for each in said}
    for step, parameter, duty in _STEPS:
        if step not in done:
            yield due(duty, parameter)
    notices = (of for of in reading.sky.notices_of(row.id) if stands(reading, of))
    told = (unit for of in notices for unit in reading.people.units_of(of))
    if not any(unit.party == own and unit.state != UnitState.NOT_REACHED for unit in told):
        yield due(Duty.ATTEST, "receipt_relayed_us")


def _messages(reading: Reading, own: str) -> Iterator[Due]:
    for row in reading.messages.open_messages(OPEN_ITEMS_MAX):
        if row.receiver == own and row.due_us is not None:
            yield Due(
                duty=Duty.ANSWER,
                of=row.id,
                due_us=row.due_us,
                party=row.sender,
                about=f"{row.code} of {party_name(row.sender)}",
            )


def _requests(reading: Reading, own: str) -> Iterator[Due]:
    for row in reading.requests.requests():
        if row.asked == own and row.due_us is not None:
            yield Due(
                duty=Duty.REPLY,
                of=row.id,
                due_us=row.due_us,
                party=row.asker,
                about=f"a request of {party_name(row.asker)}",
            )


def _held(reading: Reading) -> Iterator[Due]:
    for row in reading.releases.waiting():
        yield Due(
            duty=Duty.RELEASE,
            of=row.id,
            due_us=row.expires_us,
            party=row.receiver,
            about=f"{row.code} to {party_name(row.receiver)}, by {row.by}",
        )


def _handovers(reading: Reading) -> Iterator[Due]:
    """Waiting since it was begun."""
    for row in reading.handovers.waiting():
        yield Due(
            duty=Duty.HANDOVER,
            of=row.id,
            due_us=row.begun_us,
            party=None,
            about=f"{row.giver} hands over to {row.taker}",
        )


def _declared(row: SubjectRow) -> Declaration:
    notice = notice_from(parse_fields(row.content))
    if not isinstance(notice, Declaration):
        raise Malformed("a subject opens with a declaration", code="bad_subject")
    return notice
