"""What differs between two texts: everything, once, in words; and nothing where nothing does."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from comity.agreement.compare import differences
from comity.model.clause import Agreement, Party, PartyRole, Scope
from comity.model.notice import Craft
from comity.model.parameter import PARAMETERS
from comity.model.quantity import Position
from comity.wire.agreement_v1 import agreement_text
from tests.agreement.samples import ALPHA, BRAVO, FROM_US, HOST, agreement, clause, principal
from tests.model.samples import MINUTE_US

ONE = agreement(
    clause("lead", lead_short_notice_us=20 * MINUTE_US, disclosure_step=1),
    clause("line", heartbeat_us=30_000_000),
)


def told(before: Agreement, after: Agreement) -> list[tuple[str, str, str, str]]:
    return [(d.place, d.what, d.before, d.after) for d in differences(before, after)]


def test_the_same_text_differs_in_nothing() -> None:
    assert told(ONE, ONE) == []


def test_values_are_told_in_the_units_of_people() -> None:
    lead = clause("lead", lead_short_notice_us=90_000_000, margin_us=1_000_000)
    after = replace(ONE, clauses=(lead, ONE.clauses[1]))
    assert told(ONE, after) == [
        ("clause lead", "disclosure_step", "caution", "-"),
        ("clause lead", "lead_short_notice_us", "20 min", "90 s"),
        ("clause lead", "margin_us", "-", "1 s"),
    ]


def test_head_and_parties_are_told() -> None:
    after = replace(
        ONE,
        name="other",
        version=2,
        previous=b"\x01" * 32,
        until_us=FROM_US + MINUTE_US,
        languages=("en", "he"),
        parties=(
            principal(ALPHA),
            principal(BRAVO),
            Party(origin=HOST, role=PartyRole.BOUND, bound_by=BRAVO),
        ),
    )
    found = {what: (before, then) for _, what, before, then in told(ONE, after)}
    assert found["name"] == ("flight-safety", "other")
    assert found["version"] == ("1", "2")
    assert found["previous"] == ("-", "01" * 32)
    assert found["until"][0] == "without end"
    assert found["languages"] == ("en", "en he")
    assert found[f"party {HOST}"] == ("-", "bound, bravo signs for it")


def test_clauses_that_come_go_or_move_are_told_with_all_that_they_say() -> None:
    new = replace(
        clause("new", scope=Scope(crafts=frozenset({Craft.UAV})), over=("line",), margin_us=2),
        line=(Position(lat_e7=0, lon_e7=5), Position(lat_e7=10_000_000, lon_e7=0)),
        basis="so it was agreed",
    )
    found = told(ONE, replace(ONE, clauses=(ONE.clauses[1], new)))
    assert ("clause lead", "clause", "there", "taken out") in found
    assert ("clause lead", "lead_short_notice_us", "20 min", "-") in found
    assert ("clause new", "clause", "-", "added") in found
    assert ("clause new", "holds for", "-", "everything, craft uav") in found
    assert ("clause new", "goes before", "-", "line") in found
    assert ("clause new", "line", "-", "0.0000000,0.0000005 1.0000000,0.0000000") in found
    turned = told(ONE, replace(ONE, clauses=ONE.clauses[::-1]))
    assert turned == [("agreement", "order of clauses", "lead line", "line lead")]


@given(st.sampled_from(sorted(PARAMETERS)), st.data())
def test_no_two_texts_are_the_same_in_words(name: str, data: st.DataObject) -> None:
    """Where bytes differ something is told, and backward the same; also of neighbours."""
    known = PARAMETERS[name]
    values = st.integers(known.least, known.most)
    first = data.draw(values)
    second = data.draw(values | st.sampled_from((first, min(first + 1, known.most))))
    one, other = (
        agreement(replace(clause("x", margin_us=1), values=((name, value),)))
        for value in (first, second)
    )
    found = told(one, other)
    assert bool(found) is (agreement_text(one) != agreement_text(other))
    assert [(place, what, new, old) for place, what, old, new in found] == told(other, one)
