"""Contents are kept for as long as was agreed after their window, and not purged sooner."""

from collections.abc import Callable

import pytest

from comity.intake.agree import sign
from comity.intake.order import MoveOrder
from comity.intake.purge import Doomed, doomed
from comity.intake.terms import agreed
from comity.model.fault import Refused
from comity.model.notice import Code
from comity.storage.rows import PurgeRow
from comity.wire.agreement_v1 import agreement_text
from tests.agreement.samples import agreement, clause
from tests.intake.table import Party, Table
from tests.model.samples import ID, MINUTE_US, NOON_US, declaration

DAY_US = 1_440 * MINUTE_US
END_US = NOON_US + 60 * MINUTE_US


def asked(party: Party, notice: bytes, now_us: int, before_us: int | None = None) -> Doomed:
    row = PurgeRow(
        id=ID,
        before_us=before_us,
        notice=None if before_us is not None else notice,
        proposed_by=ID,
        proposed_us=now_us,
        confirmed_by=None,
        done_us=None,
    )
    return party.read(lambda r: doomed(r, row, agreed(r, party.origin, now_us), now_us))


@pytest.fixture
def over(table: Table) -> Callable[[int | None], tuple[Party, Party, bytes]]:
    """Alpha gave bravo a notice that is over, under an agreement that keeps it for some days."""

    def build(days: int | None) -> tuple[Party, Party, bytes]:
        alpha, bravo = table.seat("alpha"), table.seat("bravo")
        table.join(alpha, bravo)
        if days is not None:
            text = agreement_text(agreement(clause("keep", retention_us=days * DAY_US)))
            for seat in (alpha, bravo):
                seat.do(lambda tx, pen: sign(tx, pen, text))
                table.hand_over()
        subject = alpha.declare(declaration(), bravo).subject
        alpha.move(MoveOrder(subject=subject, code=Code.END, at_us=table.now_us))
        return alpha, bravo, subject

    return build


def test_before_its_time_it_stays_on_both_sides_and_the_clause_is_named(
    over: Callable[[int | None], tuple[Party, Party, bytes]],
) -> None:
    alpha, bravo, subject = over(60)
    for party in (alpha, bravo):
        with pytest.raises(Refused) as caught:
            asked(party, subject, END_US + 60 * DAY_US - 1)
        assert caught.value.code == "retained"
        assert caught.value.refusal.basis == "flight-safety/1#keep:retention_us"
        assert "retention_us is 60 d" in caught.value.reason
        assert asked(party, subject, END_US + 60 * DAY_US).subjects == (subject,)


def test_of_many_what_is_retained_is_left_and_named(
    over: Callable[[int | None], tuple[Party, Party, bytes]],
) -> None:
    alpha, _, subject = over(60)
    found = asked(alpha, subject, END_US + DAY_US, before_us=END_US + DAY_US)
    assert (found.subjects, found.kept) == ((), (subject,))


def test_where_nothing_is_agreed_nothing_is_retained(
    over: Callable[[int | None], tuple[Party, Party, bytes]],
) -> None:
    alpha, _, subject = over(None)
    assert asked(alpha, subject, END_US).subjects == (subject,)
