"""Moves: they reach whom the declaration reached, change what they may, and end conflicts."""

from dataclasses import replace

import pytest

from comity.intake.order import MoveOrder
from comity.intake.subject import volumes_of
from comity.model.fault import Refused
from comity.model.notice import Amendment, Code, Onward, Transition
from comity.model.volume import Volume4D
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field
from comity.wire.notice_v1 import fields_of, notice_from
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume
from tests.model.saying_no import says_no


@pytest.fixture
def pair(table: Table) -> tuple[Party, Party]:
    """Alpha and bravo, agreed."""
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return alpha, bravo


Pair = tuple[Party, Party]


def order(subject: bytes, code: Code, *volumes: Volume4D) -> MoveOrder:
    return MoveOrder(subject=subject, code=code, at_us=NOON_US, volumes=volumes)


def states(pair: Pair, subject: bytes) -> set[str]:
    return {party.subject(subject).state for party in pair}


def test_a_subject_lives_on_both_sides(pair: Pair) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(), bravo).subject
    for code, state in (
        (Code.AMEND, "declared"),
        (Code.START, "active"),
        (Code.AMEND, "active"),
        (Code.END, "ended"),
    ):
        volumes = (volume(lat=34),) if code is Code.AMEND else ()
        outcome = alpha.move(order(subject, code, *volumes))
        assert states(pair, subject) == {outcome.state} == {state}
        assert {party.subject(subject).notice for party in pair} == {outcome.notice}
        assert bravo.read(lambda r, n=outcome.notice: r.sky.subject_of_notice(n)) is not None  # type: ignore[misc]


def test_an_amendment_replaces_the_volumes_and_nothing_else(pair: Pair) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(name="night"), bravo).subject
    before = [party.subject(subject) for party in pair]
    moved = (volume(lat=34), volume(lat=33))
    alpha.move(order(subject, Code.AMEND, *moved))
    for party, row in zip(pair, before, strict=True):
        after = party.subject(subject)
        assert volumes_of(after) == moved
        assert after.box != row.box
        assert replace(after, volumes=b"", box=row.box, notice=b"") == replace(
            row, volumes=b"", notice=b""
        )


def test_the_end_of_a_presence_is_its_release(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(code=Code.PROTECT), bravo).subject
    alpha.move(order(subject, Code.END))
    last = notice_from(table.between(alpha, bravo)[-1].fields)
    assert isinstance(last, Transition)
    assert last.code is Code.RELEASE
    assert states(pair, subject) == {"ended"}


def test_moves_outside_the_table_are_refused_here_and_there(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(), bravo).subject
    alpha.move(order(subject, Code.CANCEL))
    with says_no("no_such_move", Refused):
        alpha.move(order(subject, Code.START))
    say(alpha, bravo, fields_of(Transition(of=subject, code=Code.START, at_us=NOON_US)))
    table.hand_over()
    assert table.verdicts(alpha, bravo)[-1] == (EntryType.NOTICE, "no_such_move")
    assert states(pair, subject) == {"cancelled"}


def say(sender: Party, to: Party, fields: tuple[Field, ...]) -> None:
    """Write a notice past the sender's own desk."""
    sender.do(lambda _, pen: pen.write_content(EntryType.NOTICE, to.origin, pen.seal(fields)))


@pytest.mark.parametrize("code", [Code.END, Code.AMEND])
def test_nobody_moves_anothers_subject(pair: Pair, table: Table, code: Code) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(), bravo).subject
    volumes = (volume(),) if code is Code.AMEND else ()
    with says_no("not_found", Refused):
        bravo.move(order(subject, code, *volumes))
    spoof = (
        Amendment(of=subject, volumes=volumes)
        if code is Code.AMEND
        else Transition(of=subject, code=code, at_us=NOON_US)
    )
    say(bravo, alpha, fields_of(spoof))
    table.hand_over()
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.NOTICE, "not_found")
    assert states(pair, subject) == {"declared"}


def test_an_unknown_subject_is_not_moved(pair: Pair) -> None:
    with says_no("not_found", Refused):
        pair[0].move(order(bytes(32), Code.END))


def test_an_amendment_needs_an_area(pair: Pair) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(), bravo).subject
    with says_no("no_area"):
        alpha.move(order(subject, Code.AMEND))


@pytest.mark.parametrize("code", [Code.PROTECT, Code.HAZARD])
def test_an_amendment_may_not_shrink_to_a_position(pair: Pair, table: Table, code: Code) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(code=code), bravo).subject
    small = volume(radius_m=999)
    with says_no("area_too_small", Refused):
        alpha.move(order(subject, Code.AMEND, small))
    say(alpha, bravo, fields_of(Amendment(of=subject, volumes=(small,))))
    table.hand_over()
    assert table.verdicts(alpha, bravo)[-1] == (EntryType.NOTICE, "area_too_small")
    assert volumes_of(bravo.subject(subject)) == (volume(),)


def test_an_amendment_may_not_take_from_the_notice_that_prompted(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    host = table.seat("host")
    table.join(bravo, host)
    said = alpha.declare(declaration(onward=Onward.DERIVED), bravo)
    own = volume(lat=35.1, radius_m=20_000, start_us=NOON_US + MINUTE_US)
    subject = bravo.declare(
        declaration(own, code=Code.PROTECT), host, prompted_by=said.notice
    ).subject
    with says_no("taken_from_notice", Refused):
        bravo.move(order(subject, Code.AMEND, volume()))
    other = volume(lat=35.2, radius_m=21_000, start_us=NOON_US + 2 * MINUTE_US)
    bravo.move(order(subject, Code.AMEND, other))
    assert volumes_of(host.subject(subject)) == (other,)


def test_the_end_clears_the_warning_of_short_notice(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    table.now_us = NOON_US - MINUTE_US
    subject = alpha.declare(declaration(), bravo).subject
    assert [row.kind for row in bravo.warnings()] == ["short_notice"]
    alpha.move(order(subject, Code.CANCEL))
    assert bravo.warnings() == []
    [cleared] = bravo.read(lambda r: r.sky.warnings())
    assert cleared.cleared_us == table.now_us


def test_a_move_of_what_stays_at_home_stays_at_home(pair: Pair) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration()).subject
    [written] = alpha.move(order(subject, Code.END)).written
    assert written.entry.audience == alpha.origin
    assert alpha.read(lambda r: r.post.outbox_count(bravo.origin)) == 0
