"""Escalation: whom an alert reaches, when, why, and what ends it."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.hotline.answer import key_fields
from comity.hotline.watch import alerts
from comity.intake.order import MoveOrder
from comity.intake.purge import purge
from comity.journal.content import open_content, owned_seed
from comity.model.agreement import Parameters
from comity.model.answer import Answer, Reason, Step, UnitState
from comity.model.duty import RosterAct
from comity.model.fault import Malformed, Refused
from comity.model.message import WILCO, Message
from comity.model.notice import Code
from comity.trust.note import parse_note
from comity.wire.duty_v1 import fields_of_unanswered, unanswered_from
from comity.wire.entry_v1 import ContentBody, EntryType, parse_entry
from comity.wire.fields import Field, text_field
from tests.hotline.duty import (
    ALTERNATE,
    CHIEF,
    OFFICER,
    PEOPLE,
    SECOND_US,
    alerted,
    all_alerts,
    change,
    gives,
    kinds,
    later,
    moves,
    on_duty,
    takes,
)
from tests.hotline.talking import STOP, answers, reply, says, short
from tests.hotline.test_attest import named
from tests.hotline.test_message_purge import order_of
from tests.intake.table import Party, Table, in_memory
from tests.model.samples import NOON_US, declaration, volume
from tests.model.saying_no import says_no

Pair = tuple[Party, Party]
KEY = key_fields((volume(),))


def seen(of: bytes, role: str = OFFICER) -> Answer:
    return Answer(of=of, step=Step.SEEN, role=role)


def read_back(of: bytes) -> Answer:
    return Answer(of=of, step=Step.READ_BACK, role=OFFICER, read_back=KEY)


def own_entries(party: Party, path: str) -> list[tuple[Field, ...]]:
    """The contents of this party's own entries that begin with a path."""
    found = []
    rows = party.read(lambda r: r.journal.entries(0, 10_000))
    for row in rows:
        body = parse_entry(parse_note(row.body).text).body
        opening = party.read(lambda r, leaf=row.leaf: r.journal.opening(leaf))  # type: ignore[misc]
        if isinstance(body, ContentBody) and opening is not None:
            seed = owned_seed(opening.seed, party.origin)
            fields = open_content(body, seed, opening.fields)
            if fields[0].path == path:
                found.append(fields)
    return found


def texts(party: Party, kind: str) -> list[str]:
    return [row.text for row in party.warnings() if row.kind == kind]


def test_without_a_roster_nothing_is_watched(pair: Pair) -> None:
    alpha, bravo = pair
    notice = gives(alpha, declaration(), bravo)
    stop = says(alpha, bravo, short("X"))
    for party in pair:
        later(party, 100)
        assert party.read(alerts) == ()
        assert party.read(lambda r: r.duty.watches(notice) + r.duty.watches(stop)) == ()
    assert kinds(alpha) == []
    assert kinds(bravo) == ["message_unanswered"]  # the rest is as it always was


def test_nobody_there_reaches_the_witness_in_three_minutes(pair: Pair, table: Table) -> None:
    """Deir ez-Zor: the contact was away for 27 minutes."""
    alpha, bravo = pair
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    came_us = table.now_us
    assert alerted(bravo) == [(0, "seen", OFFICER)]
    assert "escalated" not in kinds(bravo)
    steps = ((60, ALTERNATE), (120, CHIEF), (180, "witness"))
    for level, (at_s, role) in enumerate(steps, start=1):
        table.now_us = came_us
        later(bravo, at_s - 0.000001)
        assert len(alerted(bravo)) == level  # not before its time
        later(bravo, 0.000001)
        assert alerted(bravo)[-1] == (level, "seen", role)
        [row] = [each for each in all_alerts(bravo, notice) if each.level == level]
        assert (row.at_us, row.due_us) == (came_us + at_s * SECOND_US,) * 2
    [text] = texts(bravo, "escalated")
    assert "not seen by our people since" in text
    assert "alpha is told so: by clause block of terms, version 1, receipt_seen_us is 1 min" in text
    assert "escalate_witness_us is 3 min" in text
    [told] = texts(alpha, "nobody_answers")
    assert told.startswith("bravo says that nobody there has seen it by ")
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.ANSWER, "accepted")
    bravo.answer(seen(notice))
    assert "nobody_answers" not in kinds(alpha)
    assert "escalated" not in kinds(bravo)


def test_each_step_of_an_escalation_is_an_entry_without_a_name(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    later(bravo, 500)
    found = [{f.path: f.value for f in each} for each in own_entries(bravo, "escalation")]
    assert [each["role"].decode() for each in found] == [ALTERNATE, CHIEF, "witness"]
    assert {each["of"] for each in found} == {notice}
    assert [int.from_bytes(each["level"]) for each in found] == [1, 2, 3]
    due = [int.from_bytes(each["due"]) for each in found]
    fired = [int.from_bytes(each["fired"]) for each in found]
    assert (due[1] - due[0], fired[1] - fired[0]) == (60 * SECOND_US, 0)
    assert b"escalate_alternates_us is 1 min" in found[0]["ground"]
    bytes_of_all = b"".join(f.value for each in own_entries(bravo, "escalation") for f in each)
    handed = b"".join(each.data for each in table.between(bravo, alpha))
    for person in PEOPLE.values():
        assert person.encode() not in bytes_of_all + handed
    assert PEOPLE[CHIEF] in all_alerts(bravo, notice)[2].persons


def test_a_step_that_is_met_ends_its_alert_and_the_next_one_counts(pair: Pair) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    later(bravo, 60)
    assert alerted(bravo) == [(0, "seen", OFFICER), (1, "seen", ALTERNATE)]
    bravo.answer(seen(notice, ALTERNATE))
    assert alerted(bravo) == [(0, "read-back", OFFICER)]
    assert "escalated" not in kinds(bravo)
    later(bravo, 59)
    assert alerted(bravo) == [(0, "read-back", OFFICER)]
    later(bravo, 1)
    assert alerted(bravo)[-1] == (1, "read-back", ALTERNATE)
    bravo.answer(read_back(notice))
    assert alerted(bravo) == [(0, "relayed", OFFICER)]
    later(bravo, 60)
    assert alerted(bravo)[-1] == (1, "relayed", ALTERNATE)
    bravo.attest(notice, named("Falcon 1"))
    assert alerted(bravo) == []
    assert bravo.read(lambda r: r.duty.next_watch()) is None


@pytest.mark.parametrize("last", [Step.WILCO, Step.UNABLE])
def test_who_has_no_unit_to_tell_answers_by_acting(pair: Pair, last: Step) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    bravo.answer(read_back(notice))
    reason = Reason.OTHER if last is Step.UNABLE else None
    bravo.answer(Answer(of=notice, step=last, role=OFFICER, reason=reason))
    assert alerted(bravo) == []


def test_a_read_back_that_differs_is_none(pair: Pair) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    notice = gives(alpha, declaration(volume(lat=34.0)), bravo)
    bravo.answer(read_back(notice))
    assert alerted(bravo) == [(0, "read-back", OFFICER)]


def test_where_nobody_is_present_the_next_is_alerted_at_once(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    on_duty(bravo, CHIEF)
    takes(bravo, ALTERNATE)
    change(bravo, RosterAct.AWAY, person=PEOPLE[ALTERNATE])
    notice = gives(alpha, declaration(), bravo)
    rows = all_alerts(bravo, notice)
    assert [(row.level, row.persons, row.at_us) for row in rows] == [
        (0, "", table.now_us),
        (1, "", table.now_us),
        (2, PEOPLE[CHIEF], table.now_us),
    ]
    assert rows[2].reason == "nobody is present as alternate"
    later(bravo, 179)
    assert len(all_alerts(bravo, notice)) == 3  # what was fired early does not fire again
    later(bravo, 1)
    assert [row.level for row in all_alerts(bravo, notice)] == [0, 1, 2, 3]


def test_the_times_are_those_of_the_agreement(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    agreed = Parameters(escalate_alternates_us=10 * SECOND_US, escalate_witness_us=90 * SECOND_US)
    table.join(alpha, bravo, agreed)
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    came_us = table.now_us
    later(bravo, 400)
    due = [row.due_us - came_us for row in all_alerts(bravo, notice)]
    assert [each // SECOND_US for each in due] == [0, 10, 120, 120]  # never one before another
    assert "by clause block of terms, version 1" in all_alerts(bravo, notice)[1].ground


def test_a_stop_escalates_in_its_own_lane(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    stop = says(alpha, bravo, Message(code="X", role="duty officer", values=STOP))
    later(bravo, 180)
    rows = all_alerts(bravo, stop)
    assert [(row.level, row.step, row.floor) for row in rows] == [
        (level, "seen", True) for level in range(4)
    ]
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.SAFETY, "accepted")
    assert "nobody_answers" in kinds(alpha)
    answers(bravo, reply(stop, WILCO, STOP))
    assert alerted(bravo) == []
    assert "nobody_answers" not in kinds(alpha)


def test_a_standby_moves_the_alert_to_its_end(pair: Pair) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    stop = says(alpha, bravo, short("X"))
    later(bravo, 60)
    answers(bravo, reply(stop, "S", minutes=5))
    assert alerted(bravo) == [(0, "answered", OFFICER)]
    later(bravo, 299)
    assert alerted(bravo) == [(0, "answered", OFFICER)]
    later(bravo, 1)
    assert alerted(bravo)[-1] == (1, "answered", ALTERNATE)


def test_a_hazard_is_of_the_floor_and_its_end_ends_the_alert(pair: Pair) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    danger = gives(alpha, declaration(code=Code.HAZARD), bravo)
    later(bravo, 60)
    assert all(row.floor for row in all_alerts(bravo, danger))
    moves(alpha, MoveOrder(subject=danger, code=Code.END, at_us=alpha.table.now_us))
    assert alerted(bravo) == []
    assert "escalated" not in kinds(bravo)


def test_an_amendment_is_to_be_answered_anew_and_a_start_is_not(pair: Pair) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    bravo.answer(read_back(notice))
    bravo.attest(notice, named("Falcon 1"))
    moves(alpha, MoveOrder(subject=notice, code=Code.START, at_us=alpha.table.now_us))
    assert alerted(bravo) == []
    order = MoveOrder(subject=notice, code=Code.AMEND, at_us=NOON_US, volumes=(volume(lat=34.0),))
    amendment = moves(alpha, order)
    assert alerted(bravo) == [(0, "seen", OFFICER)]
    with says_no("superseded", Refused):
        bravo.answer(seen(notice))
    assert alerted(bravo) == [(0, "seen", OFFICER)]
    bravo.answer(seen(amendment))
    assert alerted(bravo) == [(0, "read-back", OFFICER)]


# --- the giver's side ----------------------------------------------------------------------------


def test_the_giver_is_warned_of_each_step_that_is_late(pair: Pair) -> None:
    alpha, bravo = pair
    on_duty(alpha)
    notice = gives(alpha, declaration(), bravo)
    later(alpha, 5)
    assert texts(alpha, "receipt_overdue")[0].startswith("not delivered to bravo by ")
    bravo.answer(seen(notice))
    assert texts(alpha, "receipt_overdue") == []
    later(alpha, 115)
    [text] = texts(alpha, "receipt_overdue")
    assert text.startswith("not read back by bravo by ")
    assert text.endswith("by clause block of terms, version 1, receipt_readback_us is 2 min")
    bravo.answer(read_back(notice))
    later(alpha, 60)
    assert texts(alpha, "receipt_overdue")[0].startswith("not relayed or acted on by bravo by ")
    bravo.attest(notice, named("Falcon 1", UnitState.NOT_REACHED))
    assert texts(alpha, "receipt_overdue") != []  # that nobody was reached is nobody's doing
    bravo.attest(notice, named("Falcon 1"))
    assert texts(alpha, "receipt_overdue") == []
    assert alerted(alpha) == []


def test_a_unit_that_became_an_open_risk_by_itself_shows_that_nobody_has_seen_it(
    pair: Pair,
) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    bravo.attest(notice, named("Falcon 1", UnitState.NOT_REACHED))
    later(bravo, 60)
    assert [level for level, *_ in alerted(bravo)] == [0, 1]
    assert {step for _, step, *_ in alerted(bravo)} == {"seen"}


def test_an_end_that_nobody_gave_is_asked_for(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    on_duty(alpha)
    notice = gives(alpha, declaration(), bravo)
    bravo.answer(read_back(notice))
    bravo.attest(notice, named("Falcon 1"))
    table.now_us = NOON_US
    moves(alpha, MoveOrder(subject=notice, code=Code.START, at_us=NOON_US))
    end_us = alpha.subject(notice).box.end_us + 1
    table.now_us = end_us - 1
    later(alpha, 0)
    assert alerted(alpha) == []
    later(alpha, 0.000001)
    assert alerted(alpha) == [(0, "ended", OFFICER)]
    for level, at_s in enumerate((60, 120, 180), start=1):
        table.now_us = end_us
        later(alpha, at_s)
        assert len(alerted(alpha)) == level + 1
    assert "it is on record" in texts(alpha, "escalated")[0]
    assert "nobody_answers" not in kinds(bravo)  # bravo's own node says that it is overdue
    assert "overdue_end" in kinds(alpha)
    moves(alpha, MoveOrder(subject=notice, code=Code.END, at_us=table.now_us))
    assert alerted(alpha) == []
    assert "escalated" not in kinds(alpha)
    assert "overdue_end" not in kinds(alpha)


def test_only_who_was_given_it_may_say_that_nobody_answers(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    host = table.seat("host")
    table.join(alpha, host)
    on_duty(bravo)
    gives(alpha, declaration(), bravo)
    later(bravo, 180)
    said = fields_of_unanswered(unanswered_from(own_entries(bravo, "unanswered")[0]))
    host.do(lambda _, pen: pen.write_content(EntryType.ANSWER, alpha.origin, pen.seal(said)))
    table.hand_over()
    assert table.verdicts(host, alpha)[-1] == (EntryType.ANSWER, "not_found")
    for wrong in (said[:-1], (*said, text_field("target", "x")), said[::-1]):
        with pytest.raises(Malformed):
            unanswered_from(wrong)
    with says_no("bad_choice"):
        unanswered_from((text_field("unanswered", "sent"), *said[1:]))


def test_a_roster_that_is_taken_away_alerts_nobody(pair: Pair) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    notice_of_theirs = gives(bravo, declaration(volume(lat=34.0)), alpha)
    later(bravo, 180)
    assert {"escalated", "receipt_overdue"} <= {*kinds(bravo)}
    change(bravo, RosterAct.CLEAR)
    assert alerted(bravo) == []
    assert "receipt_overdue" not in kinds(bravo)
    alpha.answer(Answer(of=notice_of_theirs, step=Step.SEEN, role="anybody"))
    assert "escalated" not in kinds(bravo)
    bravo.answer(Answer(of=notice, step=Step.SEEN, role="anybody"))
    later(bravo, 500)
    assert alerted(bravo) == []


# --- in any order --------------------------------------------------------------------------------

# A table is a tenth of a second: a fifth of what cheap properties get.
EXAMPLES = settings.get_profile(settings.get_current_profile_name()).max_examples // 5
ACTS = st.one_of(
    st.integers(1, 150),
    st.sampled_from(("seen", "read-back", "unit", "wilco", "away", "back")),
)


@settings(max_examples=EXAMPLES)
@given(acts=st.lists(ACTS, max_size=12))
def test_what_is_due_goes_out_once_in_any_order(acts: list[int | str]) -> None:
    with in_memory() as folder:
        table = Table(folder)
        try:
            _play(table, acts)
        finally:
            table.close()


def _play(table: Table, acts: list[int | str]) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    came_us = table.now_us
    doing = _doing(bravo, notice)
    done: set[str] = set()
    for act in acts:
        if isinstance(act, int):
            later(bravo, act)
        else:
            doing[act]()
            done.add(act)
    rows = all_alerts(bravo, notice)
    keys = [(row.step, row.level) for row in rows]
    assert len(set(keys)) == len(keys)  # none twice
    entries = own_entries(bravo, "escalation")
    assert len(own_entries(bravo, "unanswered")) == sum(level == 3 for _, level in keys)
    assert len(entries) == sum(level > 0 for _, level in keys)
    for step in {step for step, _ in keys}:
        levels = sorted(level for each, level in keys if each == step)
        assert levels == list(range(len(levels)))  # none left out
    [watched] = bravo.read(lambda r: r.duty.watches(notice))
    spent_s = (table.now_us - came_us) // SECOND_US
    met = "unit" in done or "wilco" in done
    if not done & {"seen", "read-back", "unit", "wilco"}:
        on_time = sum(spent_s >= at_s for at_s in (60, 120, 180))
        assert watched.level >= on_time
        assert watched.level <= max(on_time, 2 if on_time else 0)
    assert (watched.step == "") is ("read-back" in done and met)
    assert all(row.at_us >= before.at_us for before, row in pairwise(rows))


def _doing(bravo: Party, notice: bytes) -> dict[str, Callable[[], object]]:
    return {
        "seen": lambda: bravo.answer(seen(notice, CHIEF)),
        "read-back": lambda: bravo.answer(
            Answer(of=notice, step=Step.READ_BACK, role=CHIEF, read_back=KEY)
        ),
        "unit": lambda: bravo.attest(notice, named("Falcon 1")),
        "wilco": lambda: bravo.answer(Answer(of=notice, step=Step.WILCO, role=CHIEF)),
        "away": lambda: change(bravo, RosterAct.AWAY, person=PEOPLE[ALTERNATE]),
        "back": lambda: change(bravo, RosterAct.BACK, person=PEOPLE[ALTERNATE]),
    }


def test_a_purge_takes_what_was_watched(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    later(bravo, 60)
    moves(alpha, MoveOrder(subject=notice, code=Code.CANCEL, at_us=table.now_us))
    assert all_alerts(bravo, notice)
    bravo.do(lambda tx, pen: purge(tx, pen, order_of(table, notice), ("a", "b")))
    assert all_alerts(bravo, notice) == ()
    assert bravo.read(lambda r: r.duty.watches(notice)) == ()
