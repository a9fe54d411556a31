"""Units and neighbours: who is to be told, who was, and what silence makes of the others."""

from dataclasses import replace

import pytest

from comity.hotline.attest import NamedUnit
from comity.intake.order import MoveOrder
from comity.intake.purge import purge
from comity.model.answer import UnitState
from comity.model.fault import Refused
from comity.model.notice import Code, Onward
from comity.model.quantity import SECOND_US, instant_text
from comity.model.relay import RelayState
from comity.storage.rows import UnitRow
from comity.storage.store import Reading
from comity.trust.note import parse_note
from comity.wire.entry_v1 import ContentBody, EntryType, parse_entry
from comity.wire.fields import Field, parse_fields
from tests.hotline.relaying import (
    drops,
    given_to,
    lists,
    open_risks,
    page_for,
    picks,
    says,
    states,
    unit,
)
from tests.hotline.talking import kinds, watch
from tests.hotline.test_message_purge import order_of
from tests.intake.table import MORNING_US, Party, Table
from tests.model.samples import NOON_US, declaration, volume
from tests.model.saying_no import says_no

TO_TELL, TOLD, MISSED = RelayState.TO_TELL, RelayState.TOLD, RelayState.NOT_REACHED
LEFT_OUT = RelayState.NOT_CONCERNED
Pair = tuple[Party, Party]


def amends(party: Party, subject: bytes, lat: float = 36) -> bytes:
    """A new area, which is handed over."""
    order = MoveOrder(
        subject=subject, code=Code.AMEND, at_us=party.table.now_us, volumes=(volume(lat=lat),)
    )
    return party.move(order).notice


def later(party: Party, seconds: float) -> int:
    """Time passes for all, and what is due is done at this party; what it gives is handed over."""
    party.table.now_us += round(seconds * SECOND_US)
    done = watch(party, party.table.now_us)
    party.table.hand_over()
    return done


def test_every_unit_on_the_list_is_to_be_told(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1", "Battery 2")
    notice = alpha.declare(declaration(), bravo).notice
    assert states(bravo, notice) == {"Falcon 1": TO_TELL, "Battery 2": TO_TELL}
    assert states(alpha, notice) == {}
    assert open_risks(bravo) == ()


def test_what_nobody_says_in_time_is_an_open_risk_on_both_sides(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1", "Battery 2")
    notice = alpha.declare(declaration(), bravo).notice
    says(bravo, notice, "Falcon 1")
    due_us = MORNING_US + 60 * SECOND_US
    assert later(bravo, 59.9) == 0
    assert kinds(bravo) == kinds(alpha) == []
    assert later(bravo, 0.1) == 1
    assert states(bravo, notice) == {"Falcon 1": TOLD, "Battery 2": MISSED}
    [ours], [theirs] = open_risks(bravo), open_risks(alpha)
    assert (ours.name, theirs.name) == ("Battery 2", None)
    assert (ours.handle, ours.at_us, theirs.at_us) == (theirs.handle, due_us, due_us)
    [home], [away] = bravo.warnings(), alpha.warnings()
    assert home.text == (
        f"Battery 2 of bravo was not reached: nobody said by {instant_text(due_us)} that it was "
        "told; it is expected to be reached within 60 s"
    )
    assert away.text == f"unit {theirs.handle.hex()[:8]} of bravo was not reached"
    assert later(bravo, 999) == 0  # once


def test_the_agreed_time_counts_where_it_is_shorter(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Courier post", within_s=86_400)
    alpha.declare(declaration(), bravo)
    assert later(bravo, 179) == 0
    assert later(bravo, 1) == 1
    assert bravo.warnings()[0].text.endswith(
        "that it was told; by clause block of terms, version 1, receipt_relayed_us is 3 min"
    )


def test_who_is_told_late_closes_the_risk_on_both_sides(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Battery 2")
    notice = alpha.declare(declaration(), bravo).notice
    later(bravo, 60)
    assert len(open_risks(alpha)) == 1
    says(bravo, notice, "Battery 2")
    assert open_risks(alpha) == open_risks(bravo) == ()
    assert kinds(alpha) == kinds(bravo) == []
    assert states(bravo, notice) == {"Battery 2": TOLD}
    assert later(bravo, 999) == 0


@pytest.mark.parametrize("code", [Code.END, Code.CANCEL])
def test_the_end_of_a_notice_closes_its_risks_on_both_sides(pair: Pair, code: Code) -> None:
    alpha, bravo = pair
    lists(bravo, "Battery 2")
    notice = alpha.declare(declaration(), bravo).notice
    later(bravo, 60)
    alpha.move(MoveOrder(subject=notice, code=code, at_us=alpha.table.now_us))
    for party in pair:
        assert len(open_risks(party)) == 1
        later(party, 0)
        assert open_risks(party) == ()
        assert kinds(party) == []
        [row] = party.read(lambda r: r.people.units_of(notice))
        assert (row.state, row.over_us) == (MISSED, party.table.now_us)


def test_what_never_started_is_over_with_its_window_and_what_did_is_not(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Battery 2")
    alpha.declare(declaration(), bravo)
    started = alpha.declare(declaration(volume(lat=36)), bravo).notice
    alpha.move(MoveOrder(subject=started, code=Code.START, at_us=NOON_US))
    later(bravo, 60)
    assert len(open_risks(bravo)) == 2
    later(bravo, 86_400)
    later(alpha, 0)
    assert [row.of for row in open_risks(bravo)] == [started]
    assert [row.of for row in open_risks(alpha)] == [started]


def test_nobody_is_missed_for_what_is_over_before_its_time(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Battery 2")
    notice = alpha.declare(declaration(), bravo).notice
    alpha.move(MoveOrder(subject=notice, code=Code.CANCEL, at_us=alpha.table.now_us))
    later(bravo, 999)
    assert kinds(bravo) == kinds(alpha) == []
    assert watch(bravo, bravo.table.now_us) == 0


def test_a_new_area_is_to_be_told_again_and_settles_the_old_one(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1", "Battery 2")
    notice = alpha.declare(declaration(), bravo).notice
    says(bravo, notice, "Falcon 1")
    later(bravo, 60)  # the battery is missed
    order = MoveOrder(
        subject=notice, code=Code.AMEND, at_us=alpha.table.now_us, volumes=(volume(lat=36),)
    )
    newer = alpha.move(order).notice
    assert states(bravo, notice) == {"Falcon 1": TO_TELL, "Battery 2": TO_TELL}
    assert [row.of for row in open_risks(alpha)] == [notice]  # a new area hides no old risk
    for name in ("Falcon 1", "Battery 2"):
        says(bravo, notice, name)
    assert open_risks(alpha) == open_risks(bravo) == ()
    heard = {(row.of, row.state) for of in (notice, newer) for row in _units(alpha, of)}
    assert heard == {(notice, "told"), (newer, "told")}


def size(party: Party) -> int:
    return party.read(lambda r: r.journal.size())


@pytest.mark.parametrize("state", [UnitState.TOLD, UnitState.NOT_REACHED])
def test_a_word_is_as_long_after_many_new_areas_as_after_one(pair: Pair, state: UnitState) -> None:
    """A peer that amends fast fills no journal of ours: a word is written once, and told once."""
    alpha, bravo = pair
    lists(bravo, "Falcon 1", "Battery 2")
    newest = notice = alpha.declare(declaration(), bravo).notice
    for number in range(9):
        newest = amends(alpha, notice, lat=36 + number / 10)
    before = size(bravo)
    says(bravo, notice, "Falcon 1", state)
    assert size(bravo) - before == 2  # to ourselves, and to the owner
    assert len(bravo.table.attested(bravo, alpha)) == 1
    assert [(row.of, row.state) for row in _all_units(alpha)] == [(newest, state)]
    tasks = bravo.read(lambda r: r.relay.tasks_of(notice))
    assert {task.due_us for task in tasks if task.unit == "Falcon 1"} == {None}
    assert len(open_risks(bravo)) == len(open_risks(alpha)) == (state is UnitState.NOT_REACHED)
    says(bravo, notice, "Falcon 1")
    assert open_risks(alpha) == open_risks(bravo) == ()
    told = bravo.read(lambda r: r.relay.tasks_of(notice))
    assert {task.state for task in told if task.unit == "Falcon 1"} == {"told"}


def test_silence_about_many_areas_is_one_open_risk_by_the_first_deadline(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1", "Battery 2")
    newest = notice = alpha.declare(declaration(), bravo).notice
    for number in range(9):
        later(bravo, 5)
        newest = amends(alpha, notice, lat=36 + number / 10)
    before = size(bravo)
    assert later(bravo, 14.9) == 0
    assert later(bravo, 0.1) == 1  # a minute after the first area, whatever came since
    assert size(bravo) - before == 2
    risks = open_risks(alpha)
    assert [row.of for row in risks] == [newest, newest]
    assert {row.at_us for row in risks} == {MORNING_US + 60 * SECOND_US}
    assert later(bravo, 999) == 1  # the other deadlines pass
    assert len(open_risks(alpha)) == len(open_risks(bravo)) == 2
    assert size(bravo) - before == 2
    says(bravo, notice, "Falcon 1")
    assert size(bravo) - before == 4
    says(bravo, notice, "Battery 2")
    assert open_risks(alpha) == open_risks(bravo) == ()


def test_a_start_tells_nobody_anew(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1")
    notice = alpha.declare(declaration(), bravo).notice
    says(bravo, notice, "Falcon 1")
    alpha.move(MoveOrder(subject=notice, code=Code.START, at_us=alpha.table.now_us))
    assert states(bravo, notice) == {"Falcon 1": TOLD}


def test_a_new_unit_is_to_be_told_of_all_that_is_live(pair: Pair) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    over = alpha.declare(declaration(volume(lat=36)), bravo).notice
    alpha.move(MoveOrder(subject=over, code=Code.CANCEL, at_us=alpha.table.now_us))
    lists(bravo, "Falcon 1")
    assert states(bravo, notice) == {"Falcon 1": TO_TELL}
    assert states(bravo, over) == {}
    lists(bravo, "Falcon 1", within_s=5)  # changed, not new
    assert len(bravo.read(lambda r: r.relay.tasks_of(notice))) == 1
    assert bravo.read(lambda r: r.relay.units())[0].expected_us == 5 * SECOND_US


def test_picking_leaves_out_who_is_not_concerned_and_no_one_who_was_missed(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1", "Falcon 2", "Battery 2")
    lists(bravo, "Slow 9", within_s=600)
    notice = alpha.declare(declaration(), bravo).notice
    picks(bravo, notice, "Falcon 1", "Slow 9")
    assert states(bravo, notice) == {
        "Falcon 1": TO_TELL,
        "Falcon 2": LEFT_OUT,
        "Battery 2": LEFT_OUT,
        "Slow 9": TO_TELL,
    }
    later(bravo, 60)
    picks(bravo, notice, "Falcon 2")  # concerned after all; the others need not
    assert states(bravo, notice) == {
        "Falcon 1": MISSED,
        "Falcon 2": TO_TELL,
        "Battery 2": LEFT_OUT,
        "Slow 9": LEFT_OUT,
    }
    assert len(open_risks(alpha)) == 1
    order = MoveOrder(
        subject=notice, code=Code.AMEND, at_us=alpha.table.now_us, volumes=(volume(lat=36),)
    )
    alpha.move(order)
    assert states(bravo, notice) == {
        "Falcon 1": TO_TELL,
        "Falcon 2": TO_TELL,
        "Battery 2": LEFT_OUT,
        "Slow 9": LEFT_OUT,
    }


def test_who_leaves_the_list_stays_open_where_he_was(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1")
    alpha.declare(declaration(), bravo)
    drops(bravo, "Falcon 1")
    later(bravo, 60)
    assert len(open_risks(alpha)) == 1
    assert alpha.declare(declaration(volume(lat=36)), bravo).notice not in [
        row.of for row in open_risks(bravo)
    ]
    with says_no("unknown_unit", Refused):
        drops(bravo, "Falcon 1")


def test_who_comes_back_to_the_list_is_to_be_told_of_what_is_new_meanwhile(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1")
    notice = alpha.declare(declaration(), bravo).notice
    says(bravo, notice, "Falcon 1")
    drops(bravo, "Falcon 1")
    newer = amends(alpha, notice)
    assert states(bravo, notice) == {"Falcon 1": TOLD}  # nobody expects anything of it
    lists(bravo, "Falcon 1")
    assert states(bravo, notice) == {"Falcon 1": TO_TELL}
    later(bravo, 60)
    assert [row.of for row in open_risks(alpha)] == [newer]
    alpha.move(MoveOrder(subject=notice, code=Code.START, at_us=NOON_US))
    says(bravo, notice, "Falcon 1")  # what was started stands as it was amended
    assert open_risks(alpha) == open_risks(bravo) == ()
    assert len(bravo.read(lambda r: r.relay.tasks_of(notice))) == 2


def test_who_is_off_the_list_and_told_at_last_is_told_of_what_is(pair: Pair) -> None:
    """The risk that it left behind is closed, and its owner hears of the area that stands."""
    alpha, bravo = pair
    lists(bravo, "Falcon 1")
    notice = alpha.declare(declaration(), bravo).notice
    later(bravo, 60)
    drops(bravo, "Falcon 1")
    newer = amends(alpha, notice)
    says(bravo, notice, "Falcon 1")
    assert open_risks(alpha) == open_risks(bravo) == ()
    assert [row.state for row in _units(alpha, newer)] == ["told"]
    assert later(bravo, 999) == 0


def test_a_name_that_is_not_on_the_list_is_refused(pair: Pair) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    with says_no("unknown_unit", Refused):
        says(bravo, notice, "Falcon 1")
    with says_no("unknown_unit", Refused):
        picks(bravo, notice, "Falcon 1")
    with says_no("not_found", Refused):
        says(bravo, bytes(32), "Falcon 1")


def test_units_that_came_and_went_take_nobodys_room(pair: Pair) -> None:
    """Names change while a notice stands for weeks; each of them may be listed, told and missed."""
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    for number in range(66):
        lists(bravo, f"Unit {number}")
        drops(bravo, f"Unit {number}")
    lists(bravo, "Tower")
    assert states(bravo, notice)["Tower"] == TO_TELL
    later(bravo, 60)
    assert len(open_risks(bravo)) == 67
    assert len(open_risks(alpha)) == 65  # the last is for all that came after 64
    assert {verdict for _, verdict in bravo.table.verdicts(bravo, alpha)} == {"accepted"}
    last, *others = [row.name or "" for row in open_risks(bravo)]
    for name in others:
        says(bravo, notice, name)
    assert len(open_risks(alpha)) == 1  # whoever it was, its owner sees that one is missed
    says(bravo, notice, last)
    assert open_risks(alpha) == open_risks(bravo) == ()


def test_the_list_has_64_units(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, *(f"Unit {number}" for number in range(64)))
    with says_no("too_many_units", Refused):
        lists(bravo, "One more")
    lists(bravo, "Unit 7", within_s=9)  # one that is there may change
    alpha.declare(declaration(), bravo)
    later(bravo, 600)
    assert len(open_risks(alpha)) == 64
    assert {verdict for _, verdict in bravo.table.verdicts(bravo, alpha)} == {"accepted"}


@pytest.mark.parametrize(
    ("name", "channel", "within_s", "code"),
    [
        ("", "", 1, "bad_units"),
        ("x" * 41, "", 1, "text_too_long"),
        ("a\nb", "", 1, "bad_text"),
        ("a", "y" * 41, 1, "text_too_long"),
        ("a", "", 0, "bad_units"),
        ("a", "", 86_401, "bad_units"),
    ],
)
def test_a_unit_has_a_name_and_a_time(name: str, channel: str, within_s: int, code: str) -> None:
    with says_no(code):
        replace(unit("a"), name=name, channel=channel, expected_us=within_s * SECOND_US)


def test_names_and_channels_are_written_to_ourselves_alone(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1", "Battery 2")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    says(bravo, notice, "Falcon 1", UnitState.ANSWERED)
    later(bravo, 60)
    given = given_to(bravo, alpha)
    for secret in (b"Falcon", b"Battery", b"121.5", b"radio"):
        assert secret not in given
    assert b"not-reached" in given  # the check looks at the right bytes
    own = [_text(fields) for fields in _written_to_ourselves(bravo)]
    assert [fields.get("relay-unit", fields.get("relay-word")) for fields in own] == [
        *("listed", "listed", "said", "deadline"),
    ]
    assert own[3]["unit/0/name"] == "Battery 2"


def test_old_attestations_settle_what_is_to_be_told(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1")
    notice = alpha.declare(declaration(), bravo).notice
    bravo.attest(notice, NamedUnit(name="Falcon 1", state=UnitState.TOLD, at_us=MORNING_US))
    assert states(bravo, notice) == {"Falcon 1": TOLD}
    assert later(bravo, 999) == 0


def test_a_hazard_is_relayed_too(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1")
    notice = alpha.declare(declaration(code=Code.HAZARD), bravo).notice
    later(bravo, 60)
    [row] = open_risks(alpha)
    assert row.of == notice
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.ATTESTATION, "accepted")


def test_a_purge_takes_what_was_said_of_units(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    lists(bravo, "Falcon 1", "Battery 2")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    page_for(bravo, notice, "Falcon 1")
    says(bravo, notice, "Falcon 1")
    later(bravo, 60)
    alpha.move(MoveOrder(subject=notice, code=Code.CANCEL, at_us=table.now_us))
    assert len(_written_to_ourselves(bravo)) == 5
    bravo.do(lambda tx, pen: purge(tx, pen, order_of(table, notice), ("a", "b")))
    assert states(bravo, notice) == {}
    assert _units(bravo, notice) == ()
    left = [_text(fields) for fields in _written_to_ourselves(bravo)]
    assert [fields.get("relay-unit") for fields in left] == ["listed", "listed"]
    assert later(bravo, 999) == 0


def _all_units(party: Party) -> tuple[UnitRow, ...]:
    return party.read(lambda r: r.people.units())


def _units(party: Party, of: bytes) -> tuple[UnitRow, ...]:
    return party.read(lambda r: r.people.units_of(of))


def _text(fields: tuple[Field, ...]) -> dict[str, str]:
    return {each.path: each.value.decode("utf-8", "replace") for each in fields}


def _written_to_ourselves(party: Party) -> list[tuple[Field, ...]]:
    def query(reading: Reading) -> list[tuple[Field, ...]]:
        found = []
        for row in reading.journal.entries(0, 1_000):
            entry = parse_entry(parse_note(row.body).text)
            mine = entry.type is EntryType.ATTESTATION and entry.audience == party.origin
            opening = reading.journal.opening(row.leaf) if mine else None
            if opening is not None and isinstance(entry.body, ContentBody):
                found.append(parse_fields(opening.fields))
        return found

    return party.read(query)
