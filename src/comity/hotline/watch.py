"""Watches receipt chains: whom to alert when a step is not met in time, and how far it has gone.

A watch is a row, made when a notice or message comes or goes while a duty roster is set; its times
are those that were agreed then. What was given to us goes from the first role to the alternates,
the next echelon and, last, its giver is told (`escalate`); what we gave only warns us. Everything
is computed anew from what is kept, so that it does not matter in which order answers, restarts and
clocks come. Called by the desks of this room, and through the exchange and the doors.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from comity.agreement.resolve import Case, Rules, case_of
from comity.hotline.about import about_between
from comity.hotline.escalate import alert, close_alerts, name_of, warn_late
from comity.hotline.standing import standing_answers
from comity.hotline.steps import OpenStep, level_times, open_step, spans_of, watch_row
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.duty import ChainStep, Level, Spans, WatchKind
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.notice import Declaration, SubjectKind
from comity.model.party import party_name
from comity.model.quantity import instant_text
from comity.storage.duty import EscalationRow, WatchRow
from comity.storage.messages import MessageRow
from comity.storage.requests import RequestRow
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading, Transaction
from comity.wire.duty_v1 import unanswered_from
from comity.wire.fields import Field, parse_fields
from comity.wire.notice_v1 import notice_from

__all__ = [
    "RulesOf",
    "alerts",
    "came_by",
    "close_all",
    "declared_in",
    "delivered",
    "escalate_due",
    "heard_from",
    "next_watch_us",
    "settle",
    "shift_watches",
    "take_unanswered",
    "watch_end",
    "watch_gifts",
    "watch_message",
    "watch_notice",
    "watch_request",
]

# What its answer makes an end of, whatever it says.
_WHETHER_THERE = ("nobody_answers", "unbound_at_peer", "not_recorded_by_peer")
RulesOf = Callable[[str], Rules]  # what holds between us and a party; asked only if need be


def alerts(reading: Reading) -> tuple[EscalationRow, ...]:
    """Whom to alert now, of what: every alert that nobody has met, most urgent first.

    For outlets: a row is new once (by its `id`), and over when `cleared_us` is set.
    """
    return reading.duty.open_escalations()


def watch_notice(
    tx: Transaction, pen: Pen, notice: bytes, rules_of: RulesOf, *, opens: bool
) -> None:
    """A peer's notice has come; one that `opens` (a declaration, an amendment) is answered."""
    subject = tx.sky.subject_of_notice(notice) if tx.duty.chain() else None
    if subject is None:
        return  # nobody is on duty; or the register's, which has its own
    if not opens:
        settle(tx, pen, subject.id)
        return
    case = case_of(declared_in(subject), subject.owner, pen.origin)
    _open(
        tx,
        pen,
        subject.id,
        party=subject.owner,
        kind=WatchKind.NOTICE,
        notice=notice,
        from_us=pen.now_us,
        floor=subject.kind == SubjectKind.HAZARD,
        spans=spans_of([(rules_of(subject.owner), case)]),
    )


def watch_gifts(
    tx: Transaction,
    pen: Pen,
    subject: bytes,
    given: Iterable[tuple[str, bytes]],
    rules_of: RulesOf,
    *,
    opens: bool,
) -> None:
    """A notice of ours goes out: to each audience under the id of what it is told."""
    row = tx.sky.subject(subject) if tx.duty.chain() else None
    if row is None:
        return
    if not opens:
        settle(tx, pen, subject)
        return
    for audience, notice in given:
        if audience != pen.origin:
            case = case_of(declared_in(row), pen.origin, audience)
            _open(
                tx,
                pen,
                subject,
                party=audience,
                kind=WatchKind.GIVEN,
                notice=notice,
                from_us=pen.now_us,
                floor=row.kind == SubjectKind.HAZARD,
                spans=spans_of([(rules_of(audience), case)]),
            )
    settle(tx, pen, subject)  # a later window ends the alert that its end is overdue


def watch_message(
    tx: Transaction,
    pen: Pen,
    row: MessageRow,
    rules: Rules,
    case: Case,
    *,
    from_us: int | None = None,
) -> None:
    """A message has come, or goes out; times count from its arrival, or from `from_us`."""
    if not tx.duty.chain():
        return
    ours = row.sender == pen.origin
    _open(
        tx,
        pen,
        row.id,
        party=row.receiver if ours else row.sender,
        kind=WatchKind.SAID if ours else WatchKind.MESSAGE,
        notice=row.id,
        from_us=row.at_us if from_us is None else from_us,
        floor=row.floor,
        spans=spans_of([(rules, case)]),
    )


def watch_request(
    tx: Transaction,
    pen: Pen,
    row: RequestRow,
    rules: Rules,
    case: Case,
    *,
    floor: bool,
    from_us: int | None = None,
) -> None:
    """A request was put to us, or is ours; times as of `watch_message`."""
    if not tx.duty.chain():
        return
    ours = row.asker == pen.origin
    _open(
        tx,
        pen,
        row.id,
        party=row.asked if ours else row.asker,
        kind=WatchKind.ASKED if ours else WatchKind.REQUEST,
        notice=row.id,
        from_us=row.at_us if from_us is None else from_us,
        floor=floor,
        spans=spans_of([(rules, case)]),
    )


def watch_end(tx: Transaction, pen: Pen, subject: SubjectRow, asked: Iterable[Rules]) -> None:
    """An activity of ours was to be over, and nobody has ended it: our people are asked to."""
    if not tx.duty.chain() or not subject.ours:
        return
    case = case_of(declared_in(subject), pen.origin, None)
    _open(
        tx,
        pen,
        subject.id,
        party=pen.origin,
        kind=WatchKind.END,
        notice=subject.id,
        from_us=subject.box.end_us + 1,
        floor=subject.kind == SubjectKind.HAZARD,
        spans=spans_of([(rules, case) for rules in asked] or [(Rules(books=()), case)]),
    )


def came_by(tx: Transaction, about: bytes, party: str, leaf: bytes) -> None:
    """Remember by which entry a notice came, for who asks for its chain."""
    if not tx.duty.chain():
        return
    subject = tx.sky.subject_of_notice(about)
    for row in () if subject is None else tx.duty.watches(subject.id):
        if (row.party, row.notice, row.leaf) == (party, about, None):
            tx.duty.save_watch(replace(row, leaf=leaf))


def delivered(tx: Transaction, pen: Pen, notice: bytes) -> None:
    """A party has taken what we gave it under this id."""
    if tx.duty.chain():
        subject = tx.sky.subject_of_notice(notice)
        settle(tx, pen, notice if subject is None else subject.id)


def settle(tx: Transaction, pen: Pen, about: bytes) -> None:
    """Something was said or done about a thing: what is met is met, the next step counts."""
    for row in tx.duty.watches(about):
        _settled(tx, pen, row)


def heard_from(tx: Transaction, pen: Pen, about: bytes, party: str) -> None:
    """A party answered: whatever it was, it is there."""
    for kind in _WHETHER_THERE:
        clear_warnings(tx, pen, kind, about, party)
    settle(tx, pen, about)


def next_watch_us(reading: Reading) -> int | None:
    """When the next alert goes on."""
    return reading.duty.next_watch()


def escalate_due(tx: Transaction, pen: Pen) -> None:
    """Let every alert go on whose time has come, through as many levels as have passed."""
    due = tx.duty.due_watches(pen.now_us)
    if any(row.floor for row in due):
        pen.claim_floor()
    for row in due:
        _passed(tx, pen, _settled(tx, pen, row))


def shift_watches(tx: Transaction, pen: Pen, back_us: int) -> None:
    """Our clock was set back by so much: what is watched came that much earlier by it.

    Deadlines that both sides know (until when a message is to be answered) stay as they are.
    """
    for row in tx.duty.open_watches():
        pen.claim_floor()
        fixed = row.step == ChainStep.ANSWERED
        moved = replace(row, from_us=row.from_us - back_us)
        if not fixed:
            next_us = None if row.next_us is None else row.next_us - back_us
            moved = replace(moved, due_us=row.due_us - back_us, next_us=next_us)
        tx.duty.save_watch(moved)


def close_all(tx: Transaction, pen: Pen) -> None:
    """No roster is set any more: nothing is watched, nobody alerted."""
    for row in tx.duty.open_watches():
        _over(tx, pen, row)
    for each in tx.duty.open_escalations():
        tx.duty.save_escalation(replace(each, cleared_us=pen.now_us))
        clear_warnings(tx, pen, "escalated", each.about)


def take_unanswered(tx: Transaction, pen: Pen, by: str, fields: tuple[Field, ...]) -> None:
    """A party says that none of its people has done a step of what we gave: a person must know."""
    said = unanswered_from(fields)
    found = _ours_toward(tx, pen.origin, by, said.of)
    if found is None:
        raise Refused(
            Refusal(
                code="not_found",
                reason="no message, request or notice with that id is there",
                what_to_do="list the messages",
            )
        )
    about, floor = found
    if floor:
        pen.claim_floor()
    if not _is_open(tx, about, by, said.step):
        return  # it was on its way while the answer, or the end, was
    text = (
        f"{party_name(by)} says that nobody there has {name_of(said.step)} it by "
        f"{instant_text(said.at_us)}: reach them another way"
    )
    raise_warning(tx, pen, "nobody_answers", about, text=text, party=by)


def _is_open(reading: Reading, about: bytes, by: str, step: ChainStep) -> bool:
    """Whether somebody of that party's still has to do this step."""
    message, request = reading.messages.message(about), reading.requests.request(about)
    word = message or request
    if word is not None:
        return word.due_us is not None
    subject = reading.sky.subject(about)
    if subject is None or not is_live(LifeState(subject.state)):
        return False
    return step is not ChainStep.SEEN or not standing_answers(reading, about, by)


def _ours_toward(reading: Reading, own: str, party: str, of: bytes) -> tuple[bytes, bool] | None:
    """What of ours a party names, and whether it is of the safety floor."""
    subject = reading.sky.subject_of_notice(of)
    if subject is not None and subject.ours and party in subject.recipients.split():
        return subject.id, subject.kind == SubjectKind.HAZARD
    message = reading.messages.message(of)
    if message is not None and (message.sender, message.receiver) == (own, party):
        return message.id, message.floor
    request = reading.requests.request(of)
    if request is not None and (request.asker, request.asked) == (own, party):
        about = about_between(reading, request.subject, party)
        return request.id, about is not None and about.of_floor
    return None


def _open(
    tx: Transaction,
    pen: Pen,
    about: bytes,
    *,
    party: str,
    kind: WatchKind,
    notice: bytes,
    from_us: int,
    floor: bool,
    spans: Spans,
) -> None:
    row = watch_row(
        about,
        party=party,
        kind=kind,
        notice=notice,
        from_us=from_us,
        floor=floor,
        spans=spans,
    )
    for before in tx.duty.watches(about):  # an amendment begins anew
        if (before.party, before.kind) == (party, kind):
            close_alerts(tx, pen, before)
    tx.duty.save_watch(row)
    found = open_step(tx, row)
    if found is not None:
        _begun(tx, pen, row, found)


def _settled(tx: Transaction, pen: Pen, row: WatchRow) -> WatchRow:
    """The watch as what is kept has it: nothing is done if it stands there already, or is over."""
    if not row.step:
        return row
    found = open_step(tx, row)
    if found is None:
        return _over(tx, pen, row)
    if (found.step, found.due_us) == (row.step, row.due_us):
        return row
    close_alerts(tx, pen, row)
    return _begun(tx, pen, row, found)


def _begun(tx: Transaction, pen: Pen, row: WatchRow, found: OpenStep) -> WatchRow:
    """A step is the first that is not met: who is told first is told now."""
    after = replace(row, step=found.step, due_us=found.due_us, level=Level.FIRST)
    after = replace(after, next_us=_next_us(after))
    if WatchKind(row.kind).for_us:
        after = _alerted(tx, pen, after, found, Level.FIRST)
    tx.duty.save_watch(after)
    return after


def _passed(tx: Transaction, pen: Pen, row: WatchRow) -> None:
    """Go on as far as the time has come; bounded by the levels."""
    while row.step and row.next_us is not None and row.next_us <= pen.now_us:
        found = open_step(tx, row)
        if found is None:
            return
        if WatchKind(row.kind).for_us:
            row = _alerted(tx, pen, row, found, Level(row.level + 1))
        else:
            warn_late(tx, pen, row, found)
            row = replace(row, level=Level.ALTERNATES, next_us=None)
        tx.duty.save_watch(row)


def _alerted(tx: Transaction, pen: Pen, row: WatchRow, found: OpenStep, level: Level) -> WatchRow:
    """Alert a level; where nobody of it is present, the one above it at once."""
    at, reason = level, ""
    while True:  # bounded by the echelons of the chain
        persons = alert(tx, pen, row, found, at, reason)
        if persons or at + 1 >= min(len(tx.duty.chain()), Level.WITNESS):
            break
        reason = f"nobody is present as {tx.duty.chain()[at]}"
        at = Level(at + 1)
    after = replace(row, level=at)
    return replace(after, next_us=_next_us(after))


def _next_us(row: WatchRow) -> int | None:
    if not WatchKind(row.kind).for_us:
        return row.due_us
    return None if row.level >= Level.WITNESS else level_times(row, row.due_us)[row.level]


def _over(tx: Transaction, pen: Pen, row: WatchRow) -> WatchRow:
    close_alerts(tx, pen, row)
    after = replace(row, step="", next_us=None)
    tx.duty.save_watch(after)
    return after


def declared_in(subject: SubjectRow) -> Declaration:
    """The declaration that opened a subject."""
    notice = notice_from(parse_fields(subject.content))
    if not isinstance(notice, Declaration):
        raise Malformed("a subject opens with a declaration", code="bad_subject")
    return notice
