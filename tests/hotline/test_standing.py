"""What was said to a notice counts until it is amended; nobody is assured of what it was."""

import pytest

from comity.hotline.answer import compared, key_fields
from comity.hotline.due import Duty
from comity.hotline.standing import standing_answers
from comity.intake.order import MoveOrder
from comity.intake.purge import purge
from comity.model.answer import Answer, Reason, Step
from comity.model.fault import Refused
from comity.model.notice import Code
from comity.model.volume import Volume4D
from comity.wire.answer_v1 import fields_of_answer
from comity.wire.entry_v1 import EntryType
from tests.hotline.test_answer import read_back, seen
from tests.hotline.test_due import named
from tests.hotline.test_message_purge import order_of
from tests.intake.table import Party, Table
from tests.model.samples import NOON_US, declaration, volume
from tests.model.saying_no import says_no

Pair = tuple[Party, Party]
ELSEWHERE = volume(lat=34.0)
UNABLE = Step.UNABLE


@pytest.fixture
def pair(table: Table) -> Pair:
    """Alpha and bravo, agreed."""
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return alpha, bravo


def amend(party: Party, subject: bytes, *to: Volume4D) -> bytes:
    order = MoveOrder(
        subject=subject, code=Code.AMEND, at_us=party.table.now_us, volumes=to or (ELSEWHERE,)
    )
    return party.move(order).notice


def says(of: bytes, step: Step) -> Answer:
    if step is Step.READ_BACK:
        return read_back(of, key_fields((volume(),)))
    return Answer(
        of=of, step=step, role="duty officer", reason=Reason.OTHER if step is UNABLE else None
    )


def count(party: Party, subject: bytes, by: Party) -> int:
    return len(party.read(lambda r: standing_answers(r, subject, by.origin)))


@pytest.mark.parametrize("step", [Step.SEEN, Step.READ_BACK, Step.WILCO])
def test_nobody_is_assured_of_what_was_amended(pair: Pair, step: Step) -> None:
    alpha, bravo = pair
    first = alpha.declare(declaration(), bravo).subject
    bravo.answer(says(first, step))
    assert count(alpha, first, bravo) == count(bravo, first, bravo) == 1
    second = amend(alpha, first)
    assert count(alpha, first, bravo) == count(bravo, first, bravo) == 0
    with says_no("superseded", Refused):
        bravo.answer(says(first, step))
    bravo.answer(seen(second))
    third = amend(alpha, first, volume(lat=33.0))
    for old in (first, second):
        with says_no("superseded", Refused):
            bravo.answer(says(old, step))
    bravo.answer(seen(third))
    assert count(alpha, first, bravo) == count(bravo, first, bravo) == 1


def test_the_refusal_names_what_stands(pair: Pair) -> None:
    alpha, bravo = pair
    first = alpha.declare(declaration(), bravo).subject
    second = amend(alpha, first)
    with pytest.raises(Refused) as caught:
        bravo.answer(seen(first))
    assert "amended at 20" in caught.value.reason
    assert f"then answer {second.hex()[:12]}" in caught.value.refusal.what_to_do


def test_an_answer_that_crosses_an_amendment_is_refused_by_its_receipt(
    pair: Pair, table: Table
) -> None:
    """Bravo had not got the amendment when it wrote: alpha refuses by name, on record."""
    alpha, bravo = pair
    first = alpha.declare(declaration(), bravo).subject
    amend(alpha, first)
    content = fields_of_answer(seen(first))
    bravo.do(lambda _, pen: pen.write_content(EntryType.ANSWER, alpha.origin, pen.seal(content)))
    table.hand_over()
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.ANSWER, "superseded")
    assert count(alpha, first, bravo) == 0


@pytest.mark.parametrize("step", [Step.UNABLE, Step.NOT_UNDERSTOOD])
def test_a_warning_passes_whatever_it_is_about(pair: Pair, step: Step) -> None:
    alpha, bravo = pair
    first = alpha.declare(declaration(), bravo).subject
    amend(alpha, first)
    bravo.answer(says(first, step))
    assert len(alpha.read(lambda r: r.people.answers_about(first))) == 1


def test_a_start_replaces_nothing(pair: Pair, table: Table) -> None:
    """What was said of an amendment counts after the start, which is another notice."""
    alpha, bravo = pair
    first = alpha.declare(declaration(), bravo).subject
    bravo.answer(seen(amend(alpha, first)))
    table.now_us = NOON_US
    alpha.move(MoveOrder(subject=first, code=Code.START, at_us=NOON_US))
    assert count(alpha, first, bravo) == 1
    assert Duty.SEE not in named(bravo)
    assert Duty.READ_BACK in named(bravo)


def test_an_amendment_replaces_a_start_too(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    first = alpha.declare(declaration(), bravo).subject
    table.now_us = NOON_US
    start = alpha.move(MoveOrder(subject=first, code=Code.START, at_us=NOON_US)).notice
    bravo.answer(seen(start))
    assert count(alpha, first, bravo) == count(bravo, first, bravo) == 1
    amend(alpha, first)
    assert count(alpha, first, bravo) == count(bravo, first, bravo) == 0
    with says_no("superseded", Refused):
        bravo.answer(seen(start))


def test_an_old_read_back_is_compared_with_nothing_else(pair: Pair) -> None:
    alpha, bravo = pair
    first = alpha.declare(declaration(), bravo).subject
    second = amend(alpha, first)
    row = bravo.answer(read_back(second, key_fields((ELSEWHERE,))))
    found = alpha.read(lambda r: compared(r, row))
    assert found is not None
    assert found.agrees
    amend(alpha, first, volume(lat=33.0))
    assert alpha.read(lambda r: compared(r, row)) is None


def test_a_purge_forgets_what_was_replaced(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    first = alpha.declare(declaration(), bravo).subject
    second = amend(alpha, first)
    alpha.move(MoveOrder(subject=first, code=Code.CANCEL, at_us=table.now_us))
    assert bravo.read(lambda r: r.sky.replaced_us(first)) is not None
    bravo.do(lambda tx, pen: purge(tx, pen, order_of(table, first), ("a", "b")))
    for notice in (first, second):
        assert bravo.read(lambda r, n=notice: r.sky.replaced_us(n)) is None  # type: ignore[misc]
