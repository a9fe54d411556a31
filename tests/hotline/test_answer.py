"""Answers: to whom they may go, and what a read-back that differs brings to light on both sides."""

from dataclasses import replace

import pytest
from hypothesis import given

from comity.hotline.answer import Comparison, compare, compared, key_fields
from comity.intake.order import MoveOrder
from comity.model.answer import Answer, KeyFields, Reason, Step
from comity.model.fault import Refused
from comity.model.notice import Code
from comity.model.quantity import Position
from comity.model.volume import Polygon, Volume4D
from comity.storage.rows import AnswerRow
from comity.wire.answer_v1 import fields_of_answer
from comity.wire.entry_v1 import EntryType
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume, volume_lists
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

ROLE = "duty officer"
KEY = key_fields((volume(),))


@pytest.fixture
def pair(table: Table) -> tuple[Party, Party]:
    """Alpha and bravo, agreed."""
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return alpha, bravo


Pair = tuple[Party, Party]


def seen(of: bytes) -> Answer:
    return Answer(of=of, step=Step.SEEN, role=ROLE)


def read_back(of: bytes, heard: KeyFields) -> Answer:
    return Answer(of=of, step=Step.READ_BACK, role=ROLE, read_back=heard)


def answers(party: Party, of: bytes) -> tuple[AnswerRow, ...]:
    return party.read(lambda r: r.people.answers(of))


def found(party: Party, row: AnswerRow) -> Comparison | None:
    return party.read(lambda r: compared(r, row))


# --- what is compared ----------------------------------------------------------------------------


@given(volume_lists)
def test_what_is_repeated_word_for_word_agrees(volumes: tuple[Volume4D, ...]) -> None:
    said = key_fields(volumes)
    same = compare(said, said)
    assert same.agrees
    assert same == Comparison(moved_mm=(0,) * len(volumes), differs=())


def test_key_fields_span_the_whole_notice() -> None:
    corners = tuple(Position(lat_e7=i, lon_e7=-i) for i in (7, 8, 9))
    later = replace(volume(start_us=NOON_US + MINUTE_US), footprint=Polygon(vertices=corners))
    later = replace(later, heights=replace(later.heights, lower_mm=-5, upper_mm=7))
    assert key_fields((volume(), later)) == KeyFields(
        start_us=NOON_US,
        end_us=NOON_US + 61 * MINUTE_US,
        points=(Position(lat_e7=355_000_000, lon_e7=358_000_000), corners[0]),
        lower_mm=-5,
        upper_mm=10_000_000,
    )


def moved(north_e7: int) -> KeyFields:
    [point] = KEY.points
    return replace(KEY, points=(replace(point, lat_e7=point.lat_e7 + north_e7),))


def test_the_nine_kilometres_of_deir_ez_zor() -> None:
    heard = moved(811_000)
    difference = compare(KEY, heard)
    assert difference.moved_mm[0] == pytest.approx(9_000_000, rel=1e-3)
    assert (difference.agrees, difference.differs) == (False, ())


@pytest.mark.parametrize(("north_e7", "agrees"), [(90_000, True), (90_200, False)])
def test_a_point_may_move_by_a_kilometre(north_e7: int, agrees: bool) -> None:  # noqa: FBT001 - a case
    difference = compare(KEY, moved(north_e7))
    assert difference.agrees is agrees
    assert difference.moved_mm[0] == pytest.approx(1_000_000, rel=2e-3)


@pytest.mark.parametrize(
    ("heard", "differs"),
    [
        (replace(KEY, start_us=KEY.start_us + 1), ("start",)),
        (replace(KEY, end_us=KEY.end_us - 60 * MINUTE_US), ("end",)),
        (replace(KEY, lower_mm=1), ("lower",)),
        (replace(KEY, upper_mm=KEY.upper_mm + 304_800), ("upper",)),
        (replace(KEY, points=KEY.points * 2), ("points",)),
        (
            replace(KEY, start_us=KEY.start_us + 1, lower_mm=1, points=KEY.points * 2),
            ("start", "lower", "points"),
        ),
    ],
)
def test_each_difference_is_named(heard: KeyFields, differs: tuple[str, ...]) -> None:
    difference = compare(KEY, heard)
    assert (difference.agrees, difference.differs) == (False, differs)


# --- at the desk ---------------------------------------------------------------------------------


def test_an_answer_reaches_the_owner_and_both_keep_it(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    given = bravo.answer(seen(notice))
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.ANSWER, "accepted")
    assert answers(alpha, notice) == answers(bravo, notice) == (given,)
    assert (given.by, given.of) == (bravo.origin, notice)
    assert found(alpha, given) is None


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        (moved(811_000), "a point moved 9.0 km"),
        (replace(KEY, start_us=KEY.start_us - 3_600_000_000), "start differs"),
        (replace(moved(811_000), upper_mm=0), "a point moved 9.0 km, upper differs"),
    ],
)
def test_a_read_back_that_differs_is_pointed_at_on_both_sides(
    pair: Pair, heard: KeyFields, text: str
) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    row = bravo.answer(read_back(notice, heard))
    assert found(alpha, row) == found(bravo, row) == compare(KEY, heard)
    for party in pair:
        [warning] = party.warnings()
        assert (warning.kind, warning.about, warning.party, warning.text) == (
            *("read_back_differs", notice, bravo.origin, text),
        )
    bravo.answer(read_back(notice, KEY))
    assert alpha.warnings() == bravo.warnings() == []


def test_a_read_back_that_agrees_warns_nobody(pair: Pair) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    row = bravo.answer(read_back(notice, KEY))
    comparison = found(alpha, row)
    assert comparison is not None
    assert comparison.agrees
    assert alpha.warnings() == bravo.warnings() == []


def test_unable_is_heard(pair: Pair) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    unable = Answer(of=notice, step=Step.UNABLE, role=ROLE, reason=Reason.FINAL_APPROACH)
    bravo.answer(unable)
    for party in pair:
        assert [(row.kind, row.text) for row in party.warnings()] == [
            ("unable", "UNABLE: final-approach")
        ]


def test_an_amendment_can_be_answered_too(pair: Pair) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(), bravo).subject
    order = MoveOrder(subject=subject, code=Code.AMEND, at_us=NOON_US, volumes=(volume(lat=34.0),))
    amendment = alpha.move(order).notice
    row = bravo.answer(read_back(amendment, key_fields(order.volumes)))
    assert answers(alpha, amendment) == (row,)
    comparison = found(alpha, row)
    assert comparison is not None
    assert comparison.agrees


def test_an_amendment_does_not_make_an_earlier_read_back_false(pair: Pair) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    row = bravo.answer(read_back(notice, KEY))
    moved_away = (volume(lat=34.0),)
    alpha.move(MoveOrder(subject=notice, code=Code.AMEND, at_us=NOON_US, volumes=moved_away))
    for party in pair:
        comparison = found(party, row)
        assert comparison is not None
        assert comparison.agrees


def test_one_answers_what_a_peer_gave_and_nothing_else(pair: Pair) -> None:
    alpha, bravo = pair
    own = bravo.declare(declaration(), alpha).notice
    for unknown in (own, bytes(32)):
        with says_no("not_found", Refused):
            bravo.answer(seen(unknown))


def test_nobody_answers_what_was_not_given_to_him(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    host = table.seat("host")
    table.join(alpha, host)
    secret = alpha.declare(declaration(), bravo).notice
    for of in (secret, bytes(32)):
        fields = fields_of_answer(seen(of))
        host.do(
            lambda _, pen, f=fields: pen.write_content(  # type: ignore[misc]
                EntryType.ANSWER, alpha.origin, pen.seal(f)
            )
        )
    table.hand_over()
    said = table.verdicts(host, alpha)[-2:]
    assert said == [(EntryType.ANSWER, "not_found")] * 2  # the same, whether it exists or not
    assert answers(alpha, secret) == ()


def test_a_word_that_is_no_answer_is_malformed(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    fields = fields_of_answer(seen(notice))[1:]
    bravo.do(lambda _, pen: pen.write_content(EntryType.ANSWER, alpha.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.ANSWER, "missing_field")
