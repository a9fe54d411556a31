"""The duty roster: who holds what when, who may answer, and that it can be shown later."""

from dataclasses import replace

import pytest

from comity.hotline.duty import check_on_duty
from comity.model.answer import Answer, Step
from comity.model.duty import RosterAct, RosterChange, same_name
from comity.model.fault import Refused
from comity.model.message import Message
from comity.storage.rows import AnswerRow
from tests.hotline.duty import (
    ALTERNATE,
    CHIEF,
    OFFICER,
    PEOPLE,
    SECOND_US,
    chain,
    change,
    gives,
    on_duty,
    present,
    takes,
)
from tests.hotline.talking import STOP, answers, reply, says
from tests.hotline.test_watch import own_entries
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, declaration
from tests.model.saying_no import says_no

Pair = tuple[Party, Party]
LEVI = PEOPLE[OFFICER]


def seen(party: Party, of: bytes, role: str) -> AnswerRow:
    return party.answer(Answer(of=of, step=Step.SEEN, role=role))


def test_without_a_roster_anybody_answers_as_before(pair: Pair) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    seen(bravo, notice, "anybody at all")


def test_an_answer_without_the_role_is_refused_by_name(pair: Pair) -> None:
    alpha, bravo = pair
    notice = gives(alpha, declaration(), bravo)
    stop = says(alpha, bravo, Message(code="X", role=OFFICER, values=STOP))
    chain(bravo)
    for role in (OFFICER, "anybody"):  # nobody is there at all; and no such role
        with says_no("not_on_duty", Refused):
            seen(bravo, notice, role)
    takes(bravo, OFFICER)
    with says_no("not_on_duty", Refused):
        seen(bravo, notice, "chief")
    with says_no("not_on_duty", Refused):
        answers(bravo, replace(reply(stop, "W", STOP), role="chief"))
    seen(bravo, notice, "Duty-Officer")  # one role, however it is written
    answers(bravo, reply(stop, "W", STOP))


def test_who_is_named_must_hold_the_role_himself(pair: Pair) -> None:
    _, bravo = pair
    on_duty(bravo)
    now_us = bravo.table.now_us
    bravo.read(lambda r: check_on_duty(r, now_us, OFFICER, "a. levi"))
    with pytest.raises(Refused) as caught:
        bravo.read(lambda r: check_on_duty(r, now_us, OFFICER, PEOPLE[CHIEF]))
    assert caught.value.refusal.reason == "C. Katz does not hold the role 'duty officer' now"
    assert "comity hotline roster take 'duty officer'" in caught.value.refusal.what_to_do


def test_a_shift_counts_from_its_start_until_just_before_its_end(pair: Pair, table: Table) -> None:
    _, bravo = pair
    chain(bravo)
    start_us = table.now_us + 60 * MINUTE_US
    takes(bravo, OFFICER, from_us=start_us, until_us=start_us + 60 * MINUTE_US)
    held = {}
    for at_us in (start_us - 1, start_us, start_us + 60 * MINUTE_US - 1, start_us + 60 * MINUTE_US):
        table.now_us = at_us
        held[at_us - start_us] = present(bravo, OFFICER)
    assert list(held.values()) == [(), (LEVI,), (LEVI,), ()]


def test_who_is_away_holds_nothing_until_he_is_back(pair: Pair) -> None:
    _, bravo = pair
    on_duty(bravo)
    change(bravo, RosterAct.AWAY, person="a. LEVI")
    assert present(bravo, OFFICER) == ()
    change(bravo, RosterAct.BACK, person=LEVI)
    assert present(bravo, OFFICER) == (LEVI,)
    change(bravo, RosterAct.AWAY, person=LEVI)
    takes(bravo, OFFICER)  # whoever takes a role is there
    assert present(bravo, OFFICER) == (LEVI,)
    with says_no("not_on_duty", Refused):
        change(bravo, RosterAct.AWAY, person="nobody")


def test_a_role_is_left_now_and_what_was_planned_falls_away(pair: Pair, table: Table) -> None:
    _, bravo = pair
    on_duty(bravo)
    tomorrow_us = table.now_us + 24 * 60 * MINUTE_US
    takes(bravo, ALTERNATE, LEVI, from_us=tomorrow_us)
    change(bravo, RosterAct.LEAVE, roles=(OFFICER,), person=LEVI)
    assert present(bravo, OFFICER) == ()
    change(bravo, RosterAct.LEAVE, roles=(ALTERNATE,), person=LEVI)
    table.now_us = tomorrow_us
    assert LEVI not in present(bravo, ALTERNATE)
    with says_no("not_on_duty", Refused):
        change(bravo, RosterAct.LEAVE, roles=(OFFICER,), person=LEVI)


def test_taking_a_role_again_is_one_shift(pair: Pair, table: Table) -> None:
    _, bravo = pair
    chain(bravo)
    takes(bravo, OFFICER)
    table.now_us += SECOND_US
    takes(bravo, OFFICER, until_us=table.now_us + MINUTE_US)
    assert present(bravo, OFFICER) == (LEVI,)
    table.now_us += MINUTE_US
    assert present(bravo, OFFICER) == ()


def test_what_is_no_roster_is_refused(pair: Pair, table: Table) -> None:
    _, bravo = pair
    with says_no("no_roster", Refused):
        takes(bravo, OFFICER)
    for roles in ((), ("a", "b", "c", "d"), ("duty officer", "Duty-Officer")):
        with says_no("bad_roster"):
            RosterChange(act=RosterAct.CHAIN, by="", roles=roles)
    with says_no("no_role"):
        RosterChange(act=RosterAct.CHAIN, by="", roles=("-",))
    with says_no("no_person"):
        RosterChange(act=RosterAct.AWAY, by="", person="-")
    with says_no("bad_roster"):
        takes(bravo, OFFICER, from_us=table.now_us + 1, until_us=table.now_us + 1)
    chain(bravo)
    with says_no("shift_over", Refused):
        takes(bravo, OFFICER, from_us=table.now_us - 2, until_us=table.now_us - 1)


def test_every_change_can_be_shown_and_none_is_told(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    change(bravo, RosterAct.AWAY, person=LEVI)
    change(bravo, RosterAct.CLEAR)
    found = [{f.path: f.value for f in each} for each in own_entries(bravo, "roster")]
    assert [each["roster"].decode() for each in found] == [
        *("chain", "take", "take", "take", "away", "clear"),
    ]
    assert (found[0]["role/2"], found[1]["person"]) == (b"chief", b"A. Levi")
    assert int.from_bytes(found[1]["from"]) == table.now_us
    table.hand_over()
    handed = b"".join(each.data for each in table.between(bravo, alpha))
    assert b"Levi" not in handed
    assert b"roster" not in handed


def test_names_are_compared_as_people_write_them() -> None:
    assert same_name(" Duty-Officer ") == same_name("duty  officer") == same_name("DUTY_OFFICER")
    assert same_name("chief") != same_name("chef")
