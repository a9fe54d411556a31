"""A template and what its drafter sets make an agreement; what is left open is named."""

import pytest

from comity.agreement.template import (
    LINE,
    Choice,
    Setting,
    Template,
    amended,
    drafted,
    unmade,
    with_settings,
)
from comity.model.clause import Agreement
from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.wire.agreement_v1 import agreement_hash, agreement_text
from tests.agreement.samples import ALPHA, BRAVO, FROM_US, HOST, agreement, clause, principal

BORDER = (Position(lat_e7=450_000_000, lon_e7=-300_000_000), Position(lat_e7=1, lon_e7=2))
TEMPLATE = Template(
    name="small",
    title="Small",
    about="A small one",
    precedents=(),
    choices=(
        Choice(clause="lead", key="lead_cleartext_min_us", about="how early"),
        Choice(clause="border", key=LINE, about="which line"),
    ),
    clauses=(clause("lead", lead_short_notice_us=1), clause("border", buffer_combat_mm=1)),
)
LEAD = Setting(clause="lead", key="lead_cleartext_min_us", value=2)
DRAWN = Setting(clause="border", key=LINE, value=BORDER)


def draft(*settings: Setting) -> Agreement:
    return drafted(
        TEMPLATE,
        name="mine",
        parties=(principal(BRAVO), principal(ALPHA)),
        from_us=FROM_US,
        until_us=None,
        languages=("en", "ru"),
        settings=settings,
    )


def test_what_is_set_stands_in_the_text_and_parties_in_their_order() -> None:
    found = draft(LEAD, DRAWN, Setting(clause="lead", key="lead_short_notice_us", value=7))
    assert (found.name, found.version, found.previous) == ("mine", 1, None)
    assert found.principals == (ALPHA, BRAVO)
    assert found.clauses[0].values == (("lead_cleartext_min_us", 2), ("lead_short_notice_us", 7))
    assert found.clauses[1].line == BORDER


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ((), "lead.lead_cleartext_min_us, border.line"),
        ((LEAD,), "border.line"),
        ((DRAWN,), "lead.lead_cleartext_min_us"),
    ],
)
def test_what_no_template_can_know_is_asked_for(settings: tuple[Setting, ...], left: str) -> None:
    with pytest.raises(Malformed) as caught:
        draft(*settings)
    assert caught.value.code == "choice_missing"
    assert caught.value.reason.endswith(left)
    assert len(unmade(TEMPLATE, settings)) == 2 - len(settings)


def test_an_unknown_clause_or_parameter_is_refused_by_name() -> None:
    for setting, code in (
        (Setting(clause="led", key="margin_us", value=1), "no_such_clause"),
        (Setting(clause="lead", key="lede_us", value=1), "unknown_parameter"),
        (Setting(clause="lead", key="margin_us", value=-1), "parameter_out_of_range"),
    ):
        with pytest.raises(Malformed) as caught:
            with_settings(TEMPLATE.clauses, (setting,))
        assert caught.value.code == code


def test_the_next_version_names_the_one_before_and_keeps_the_rest() -> None:
    before = agreement(parties=(principal(ALPHA), principal(BRAVO), principal(HOST)))
    after = amended(
        before,
        from_us=FROM_US + 5,
        until_us=FROM_US + 9,
        settings=(Setting(clause="lead", key="lead_short_notice_us", value=3),),
    )
    assert after.previous == agreement_hash(agreement_text(before))
    assert (after.version, after.from_us, after.until_us) == (2, FROM_US + 5, FROM_US + 9)
    assert (after.name, after.parties) == (before.name, before.parties)
    assert after.clauses[0].values == (("lead_short_notice_us", 3),)
