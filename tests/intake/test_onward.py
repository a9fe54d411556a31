"""What may be passed on of a peer's notice, byte by byte: none, derived, full, and as agreed."""

from dataclasses import replace

import pytest

from comity.intake.agree import sign
from comity.model.fault import Refused
from comity.model.notice import Code, Declaration, Onward
from comity.wire.agreement_v1 import agreement_text
from comity.wire.fields import FieldType
from comity.wire.notice_v1 import fields_of
from tests.agreement.samples import agreement, clause
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

SAID = replace(declaration(volume(start_us=NOON_US + 7 * MINUTE_US)), name="blue line")
OWN = declaration(
    volume(lat=36.25, lon=34.75, radius_m=9_000.0, start_us=NOON_US + 1), code=Code.PROTECT
)


@pytest.fixture
def three(table: Table) -> tuple[Party, Party, Party]:
    alpha, bravo, host = (table.seat(name) for name in ("alpha", "bravo", "host"))
    table.join(alpha, bravo)
    table.join(bravo, host)
    return alpha, bravo, host


def marks(notice: Declaration) -> list[bytes]:
    """Every point, instant and size of a notice and its name, as they stand in its bytes."""
    found = [
        field.value
        for field in fields_of(notice)
        if field.type is FieldType.POINTS or field.path.endswith(("/start", "/end", "/radius"))
    ]
    return [*found, notice.name.encode()]


def passed_on(three: tuple[Party, Party, Party], onward: Onward, own: Declaration) -> bytes:
    """What bravo gives to host because of alpha's notice."""
    alpha, bravo, host = three
    alpha.declare(replace(SAID, onward=onward), bravo)
    notice = bravo.table.between(alpha, bravo)[-1].id
    bravo.declare(own, host, prompted_by=notice)
    return b"".join(handed.data for handed in bravo.table.between(bravo, host))


def refused(three: tuple[Party, Party, Party], onward: Onward, own: Declaration) -> Refused:
    with pytest.raises(Refused) as caught:
        passed_on(three, onward, own)
    given = three[0].table.between(three[1], three[2])
    assert all(mark not in handed.data for handed in given for mark in marks(SAID))
    return caught.value


def test_none_lets_nothing_follow(three: tuple[Party, Party, Party]) -> None:
    assert refused(three, Onward.NONE, OWN).code == "onward_none"


def test_derived_lets_what_is_our_own_follow_with_no_byte_taken(
    three: tuple[Party, Party, Party],
) -> None:
    data = passed_on(three, Onward.DERIVED, OWN)
    assert len(data) > 500
    assert all(mark not in data for mark in marks(SAID))
    assert all(mark in data for mark in marks(replace(OWN, name="")))


@pytest.mark.parametrize(
    "own",
    [
        replace(OWN, volumes=SAID.volumes),
        replace(OWN, name=SAID.name),
        replace(OWN, volumes=(replace(OWN.volumes[0], window=SAID.volumes[0].window),)),
        replace(OWN, volumes=(replace(OWN.volumes[0], footprint=SAID.volumes[0].footprint),)),
    ],
)
def test_derived_with_one_thing_taken_is_refused(
    three: tuple[Party, Party, Party], own: Declaration
) -> None:
    assert refused(three, Onward.DERIVED, own).code == "taken_from_notice"


def test_full_lets_all_of_it_follow(three: tuple[Party, Party, Party]) -> None:
    data = passed_on(three, Onward.FULL, replace(SAID, onward=Onward.NONE))
    assert all(mark in data for mark in marks(SAID))


def test_an_agreement_may_be_narrower_than_the_notice_and_is_named(
    three: tuple[Party, Party, Party],
) -> None:
    alpha, bravo, _ = three
    text = agreement_text(agreement(clause("onward", onward_max=0)))
    for seat in (alpha, bravo):
        seat.do(lambda tx, pen: sign(tx, pen, text))
        seat.table.hand_over()
    no = refused(three, Onward.FULL, OWN)
    assert no.code == "onward_none"
    assert no.refusal.basis == "flight-safety/1#onward:onward_max"
    assert "by clause onward of flight-safety, version 1, onward_max is none" in no.reason
