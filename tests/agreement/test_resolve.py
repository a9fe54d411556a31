"""Which clause decides: scope, precedence, weight, the stricter; and it says so in a sentence."""

from time import perf_counter_ns

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agreement.resolve import Case, Rules, book_of
from comity.model.clause import CLAUSES_MAX, Clause, Scope
from comity.model.fault import Malformed
from comity.model.notice import Craft, SubjectKind
from comity.model.parameter import PARAMETERS
from tests.agreement.samples import ALPHA, BRAVO, agreement, clause
from tests.model.samples import MINUTE_US

NAME = "lead_short_notice_us"
COMBAT = Scope(crafts=frozenset({Craft.COMBAT}))
COMBAT_BY_ALPHA = Scope(crafts=frozenset({Craft.COMBAT}), by=frozenset({ALPHA}))


def rules(*clauses: Clause) -> Rules:
    return Rules(books=(book_of(agreement(*clauses)),))


def decides(found: Rules, **case: object) -> str:
    return found.ruling(NAME, Case(**case)).clause  # type: ignore[arg-type]


def test_a_clause_holds_within_its_scope_only() -> None:
    found = rules(clause("combat", scope=COMBAT, lead_short_notice_us=9))
    assert decides(found, craft=Craft.COMBAT) == "combat"
    assert decides(found, craft=Craft.UAV) == decides(found) == "-"


def test_the_scope_with_more_conditions_counts() -> None:
    found = rules(
        clause("all", lead_short_notice_us=9),
        clause("alphas", scope=COMBAT_BY_ALPHA, lead_short_notice_us=1),
        clause("combat", scope=COMBAT, lead_short_notice_us=5),
    )
    assert decides(found, craft=Craft.COMBAT, by=ALPHA) == "alphas"
    assert decides(found, craft=Craft.COMBAT, by=BRAVO) == "combat"
    assert decides(found, craft=Craft.UAV, by=ALPHA) == "all"


def test_a_clause_over_another_wins_whatever_the_weight_also_by_way_of_others() -> None:
    found = rules(
        clause("a", over=("b",), lead_short_notice_us=1),
        clause("b", over=("c",), lead_short_notice_us=2, margin_us=1),
        clause("c", scope=COMBAT_BY_ALPHA, lead_short_notice_us=3),
    )
    assert decides(found, craft=Craft.COMBAT, by=ALPHA) == "a"


@pytest.mark.parametrize("order", [(5, 9), (9, 5)])
def test_of_equals_and_of_several_agreements_the_stricter_counts(order: tuple[int, int]) -> None:
    one, other = order
    found = rules(
        clause("one", lead_short_notice_us=one), clause("other", lead_short_notice_us=other)
    )
    assert found.value(NAME) == 9
    several = Rules(
        books=tuple(
            book_of(
                agreement(clause("it", lead_short_notice_us=n, receipt_seen_us=n), name=f"n{n}")
            )
            for n in order
        )
    )
    assert several.value(NAME) == 9  # a longer lead protects more,
    assert several.value("receipt_seen_us") == 5  # a shorter deadline does


def test_where_nothing_is_agreed_the_block_counts_and_then_the_default() -> None:
    block = Rules(books=(book_of(agreement()),), block={"margin_us": 7}, block_version=3)
    ruling = block.ruling("margin_us")
    assert (ruling.value, ruling.sentence) == (
        7,
        "by clause block of terms, version 3, margin_us is 0.000007 s",
    )
    assert block.ruling("onward_max").sentence == ("nothing else being agreed, onward_max is full")


def test_a_ruling_names_agreement_version_clause_and_parameter() -> None:
    ruling = rules(clause("lead", lead_short_notice_us=20 * MINUTE_US)).ruling(NAME)
    assert ruling.basis == "flight-safety/1#lead:lead_short_notice_us"
    assert ruling.sentence == (
        "by clause lead of flight-safety, version 1, lead_short_notice_us is 20 min"
    )


def test_no_such_parameter() -> None:
    with pytest.raises(Malformed) as caught:
        rules().ruling("lead_time")
    assert caught.value.code == "unknown_parameter"


def _slow(clauses: tuple[Clause, ...], case: Case) -> int | None:
    """The rule once more, by hand: the strictest of the heaviest that nothing stands over."""
    fitting = [
        c
        for c in clauses
        if NAME in dict(c.values)
        and (not c.scope.crafts or case.craft in c.scope.crafts)
        and (not c.scope.by or case.by in c.scope.by)
        and (not c.scope.kinds or case.kind in c.scope.kinds)
    ]
    above = {c.id: set(c.over) for c in clauses}
    for _ in clauses:
        for name, below in above.items():
            above[name] = below.union(*(above[each] for each in below))
    free = [c for c in fitting if not any(c.id in above[o.id] for o in fitting)]
    heaviest = max((c.scope.weight for c in free), default=0)
    return max((dict(c.values)[NAME] for c in free if c.scope.weight == heaviest), default=None)


@st.composite
def clause_lists(draw: st.DrawFn) -> tuple[Clause, ...]:
    found: list[Clause] = []
    for index in range(draw(st.integers(1, 6))):
        scope = Scope(
            crafts=frozenset(draw(st.sets(st.sampled_from((Craft.COMBAT, Craft.UAV)), max_size=1))),
            by=frozenset(draw(st.sets(st.sampled_from((ALPHA, BRAVO)), max_size=1))),
            kinds=frozenset(draw(st.sets(st.just(SubjectKind.OPERATION), max_size=1))),
        )
        below = [each.id for each in found]
        over = sorted(draw(st.sets(st.sampled_from(below), max_size=2))) if below else []
        value = draw(st.integers(0, 4))
        found.append(clause(f"c{index}", scope=scope, over=tuple(over), lead_short_notice_us=value))
    return tuple(found)


@given(
    clause_lists(),
    st.sampled_from((None, Craft.COMBAT, Craft.UAV)),
    st.sampled_from((None, ALPHA, BRAVO)),
    st.sampled_from((None, SubjectKind.OPERATION)),
)
def test_the_rule_is_what_the_reference_says(
    clauses: tuple[Clause, ...], craft: Craft | None, by: str | None, kind: SubjectKind | None
) -> None:
    case = Case(craft=craft, by=by, kind=kind)
    expected = _slow(clauses, case)
    found = rules(*clauses).ruling(NAME, case)
    default = PARAMETERS[NAME].default
    assert found.value == (default if expected is None else expected)
    assert (found.clause == "-") is (expected is None)


def test_a_decision_against_many_clauses_is_quick() -> None:
    """A guard against a quadratic, not a figure: `comity bench agreement` measures."""
    crafts = [craft for craft in Craft if craft is not Craft.NONE]
    clauses = [
        clause(f"c{n}", scope=Scope(crafts=frozenset({crafts[n % 5]})), margin_us=n // 5)
        for n in range(CLAUSES_MAX)
    ]
    found = rules(*clauses)
    began_ns = perf_counter_ns()
    for _ in range(100):
        found.ruling("margin_us", Case(craft=Craft.COMBAT))
    assert (perf_counter_ns() - began_ns) / 100 < 20_000_000
