"""What has to be said: each duty appears with its deadline, and goes when it was done."""

from dataclasses import replace

import pytest

from comity.hotline.answer import key_fields
from comity.hotline.attest import NamedUnit
from comity.hotline.due import Due, Duty, duties
from comity.hotline.handover import begin_handover
from comity.hotline.request import ask, reply_to
from comity.intake.order import MoveOrder
from comity.intake.terms import agreed
from comity.model.answer import Answer, Step, UnitState
from comity.model.handover import Handover
from comity.model.notice import Code
from comity.model.request import Decision, Reply, Request, Wanted
from comity.model.volume import Volume4D, Window
from tests.hotline.talking import Pair, answers, reply, says, short, watch
from tests.intake.table import MORNING_US, Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

END_US = NOON_US + 60 * MINUTE_US
DAY_US = 24 * 60 * MINUTE_US


def until(end_us: int) -> Volume4D:
    """The sample's volume with a later end."""
    return replace(volume(), window=Window(start_us=NOON_US, end_us=end_us))


def listed(party: Party, ahead_us: int = DAY_US) -> tuple[Due, ...]:
    now_us = party.table.now_us
    found = party.read(lambda r: agreed(r, party.origin, now_us))
    span = (now_us, now_us + ahead_us)
    return party.read(lambda r: duties(r, party.origin, span, found.with_party))


def named(party: Party, ahead_us: int = DAY_US) -> dict[Duty, int]:
    return {each.duty: each.due_us for each in listed(party, ahead_us)}


def test_a_notice_is_started_and_ended_by_its_owner(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    of = alpha.declare(declaration(), bravo).subject
    assert named(alpha) == {Duty.START: NOON_US, Duty.CLOSE: END_US}
    assert named(alpha, NOON_US - MORNING_US - 1) == {}
    table.now_us = NOON_US
    alpha.move(MoveOrder(subject=of, code=Code.START, at_us=NOON_US))
    assert named(alpha) == {Duty.END: END_US}
    later = until(END_US + MINUTE_US)
    alpha.move(MoveOrder(subject=of, code=Code.AMEND, at_us=NOON_US, volumes=(later,)))
    assert named(alpha) == {Duty.END: END_US + MINUTE_US}
    alpha.move(MoveOrder(subject=of, code=Code.END, at_us=NOON_US))
    assert listed(alpha) == ()


def test_what_was_never_started_is_closed(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    of = alpha.declare(declaration(), bravo).subject
    table.now_us = END_US + 1
    assert named(alpha, 0) == {Duty.CLOSE: END_US}
    assert Duty.START not in named(alpha)
    alpha.move(MoveOrder(subject=of, code=Code.CANCEL, at_us=table.now_us))
    assert listed(alpha) == ()


def test_the_other_side_sees_reads_back_and_tells(pair: Pair) -> None:
    alpha, bravo = pair
    of = alpha.declare(declaration(), bravo).subject
    assert named(bravo) == {
        Duty.SEE: MORNING_US + MINUTE_US,
        Duty.READ_BACK: MORNING_US + 2 * MINUTE_US,
        Duty.ATTEST: MORNING_US + 3 * MINUTE_US,
    }
    assert [each.party for each in listed(bravo)] == 3 * [alpha.origin]
    bravo.answer(Answer(of=of, step=Step.SEEN, role="duty"))
    assert Duty.SEE not in named(bravo)
    read_back = key_fields(declaration().volumes)
    bravo.answer(Answer(of=of, step=Step.READ_BACK, role="duty", read_back=read_back))
    assert [*named(bravo)] == [Duty.ATTEST]
    bravo.attest(of, NamedUnit(name="one", state=UnitState.TOLD, at_us=MORNING_US))
    assert listed(bravo) == ()


def test_an_amendment_is_to_be_read_anew(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    of = alpha.declare(declaration(), bravo).subject
    bravo.answer(Answer(of=of, step=Step.SEEN, role="duty"))
    later = until(END_US + MINUTE_US)
    order = MoveOrder(subject=of, code=Code.AMEND, at_us=table.now_us, volumes=(later,))
    amendment = alpha.move(order).notice
    assert {each.of for each in listed(bravo)} == {amendment}  # the id that an answer is taken for
    bravo.answer(Answer(of=amendment, step=Step.SEEN, role="duty"))
    assert Duty.SEE not in named(bravo)


def test_who_was_asked_answers(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, short("Q"))
    assert listed(alpha) == ()
    (due,) = listed(bravo)
    assert (due.duty, due.of, due.party) == (Duty.ANSWER, of, alpha.origin)
    answers(bravo, reply(of, "S", minutes=30))
    assert named(bravo) == {Duty.ANSWER: table.now_us + 30 * MINUTE_US}
    answers(bravo, reply(of, "I", fact="delayed"))
    assert listed(bravo) == ()


def test_who_was_requested_replies(pair: Pair) -> None:
    alpha, bravo = pair
    subject = bravo.declare(declaration(), alpha).subject
    wanted = Request(of=subject, wanted=Wanted.DELAY, by_us=NOON_US)
    row = alpha.do(
        lambda tx, pen: ask(
            tx, pen, wanted, agreed(tx, pen.origin, pen.now_us).toward(bravo.origin)
        )
    )
    alpha.table.hand_over()
    assert Duty.REPLY in named(bravo)
    final = Reply(of=row.id, decision=Decision.GRANTED, role="duty")
    bravo.do(lambda tx, pen: reply_to(tx, pen, final))
    assert Duty.REPLY not in named(bravo)


def test_a_hazard_is_given_anew_before_the_belief_in_it_lapses(pair: Pair) -> None:
    alpha, bravo = pair
    lapses_us = NOON_US + 5 * MINUTE_US
    hazard = declaration(code=Code.HAZARD)
    assert hazard.basis is not None
    basis = replace(hazard.basis, expires_us=lapses_us)
    alpha.declare(replace(hazard, basis=basis), bravo)
    assert named(alpha) == {Duty.CONTINUE: lapses_us, Duty.CLOSE: END_US}


def test_a_handover_waits_for_its_taker(pair: Pair, table: Table) -> None:
    alpha, _ = pair
    handover = Handover(giver="A. Ivri", taker="B. Sade", items=())
    alpha.do(lambda tx, pen: begin_handover(tx, pen, handover))
    assert named(alpha, 0) == {Duty.HANDOVER: table.now_us}


def test_the_list_is_by_deadline(pair: Pair) -> None:
    alpha, bravo = pair
    bravo.declare(declaration(), alpha)
    alpha.declare(declaration(), bravo)
    says(bravo, alpha, short("L1"))
    found = [each.due_us for each in listed(alpha)]
    assert len(found) == 6
    assert found == sorted(found)


CLOSES = (
    MoveOrder(subject=b"", code=Code.CANCEL, at_us=END_US),
    MoveOrder(subject=b"", code=Code.END, at_us=END_US),
)


def unclosed(party: Party) -> list[str]:
    watch(party, party.table.now_us)
    return [row.text for row in party.warnings() if row.kind == "not_closed"]


@pytest.mark.parametrize("order", CLOSES)
def test_what_nobody_closed_is_a_warning_on_both_sides(
    pair: Pair, table: Table, order: MoveOrder
) -> None:
    alpha, bravo = pair
    of = alpha.declare(declaration(), bravo).subject
    table.now_us = END_US + 15 * MINUTE_US
    assert [unclosed(party) for party in pair] == [[], []]
    table.now_us += 1
    for party in pair:
        (text,) = unclosed(party)
        assert unclosed(party) == [text]
        assert text == (
            f"operation {of.hex()[:8]} of alpha, never said to have started, was over at "
            "2026-09-22T13:00:00Z and nobody has ended or cancelled it"
        )
    alpha.move(replace(order, subject=of, at_us=table.now_us))
    assert [unclosed(party) for party in pair] == [[], []]


def test_an_overdue_end_that_stays_is_named_again(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    of = alpha.declare(declaration(), bravo).subject
    table.now_us = NOON_US
    alpha.move(MoveOrder(subject=of, code=Code.START, at_us=NOON_US))
    table.now_us = END_US + 1
    for party in pair:
        watch(party, table.now_us)
        assert [row.kind for row in party.warnings()] == ["overdue_end"]
    table.now_us += 15 * MINUTE_US
    for party in pair:
        assert len(unclosed(party)) == 1
        assert {row.kind for row in party.warnings()} == {"overdue_end", "not_closed"}
    later = until(table.now_us + MINUTE_US)
    alpha.move(MoveOrder(subject=of, code=Code.AMEND, at_us=table.now_us, volumes=(later,)))
    assert [party.warnings() for party in pair] == [[], []]
