"""The text of an agreement: one form, read back as it was, everything else refused by name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.clause import Clause, Party, PartyRole, Scope
from comity.model.fault import Malformed
from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.model.parameter import PARAMETERS
from comity.model.quantity import Position
from comity.wire.agreement_v1 import (
    Standing,
    StandingChange,
    agreement_hash,
    agreement_text,
    fields_of_note,
    fields_of_standing,
    note_from,
    parse_agreement,
    standing_from,
)
from tests.agreement.samples import (
    ALPHA,
    BRAVO,
    FROM_US,
    HOST,
    UN,
    agreement,
    clause,
    principal,
    setting,
)

FULL = agreement(
    Clause(
        id="border",
        title="Border buffers",
        basis="an example",
        scope=Scope(
            kinds=frozenset({SubjectKind.OPERATION}),
            purposes=frozenset({Purpose.TRAINING, Purpose.SURVEY}),
            domains=frozenset({Domain.AIR}),
            crafts=frozenset({Craft.COMBAT, Craft.UAV}),
            by=frozenset({ALPHA}),
            to=frozenset({BRAVO, HOST}),
        ),
        over=("lead",),
        values=(("buffer_combat_mm", 10_000_000), ("disclosure_step", 2)),
        line=(Position(lat_e7=-1, lon_e7=5), Position(lat_e7=7, lon_e7=-9)),
    ),
    clause("lead", lead_short_notice_us=5),
    parties=(
        principal(ALPHA),
        principal(BRAVO),
        Party(origin=HOST, role=PartyRole.BOUND, bound_by=BRAVO),
        Party(origin=UN, role=PartyRole.MEDIATOR),
    ),
    version=2,
    previous=b"\x01" * 32,
    until_us=FROM_US + 1,
)
TEXT = agreement_text(FULL)


def refused(text: str) -> str:
    with pytest.raises(Malformed) as caught:
        parse_agreement(text)
    return caught.value.code


def test_it_reads_as_people_expect() -> None:
    assert TEXT.split("\n")[:9] == [
        "comity/agreement@v1",
        "name flight-safety",
        "version 2",
        "previous AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
        "party alpha.example/comity/2026 principal",
        "party bravo.example/comity/2026 principal",
        "party host.example/comity/2026 bound bravo.example/comity/2026",
        "party un.example/comity/2026 mediator",
        f"from {FROM_US}",
    ]
    assert "crafts combat uav" in TEXT
    assert "set disclosure_step area" in TEXT
    assert "line -1,5 7,-9" in TEXT


def test_it_comes_back_as_it_was() -> None:
    assert parse_agreement(TEXT) == FULL
    assert agreement_hash(TEXT) == agreement_hash(agreement_text(parse_agreement(TEXT)))


@given(st.data())
def test_no_edit_is_read_as_something_else(data: st.DataObject) -> None:
    """Whatever is read is written back as the same bytes: one agreement, one hash."""
    at = data.draw(st.integers(0, len(TEXT) - 1))
    with_ = data.draw(st.sampled_from((" ", "\n", "0", "9", "-", "a", "é", "\u202e", "")))
    edited = TEXT[:at] + with_ + TEXT[at + data.draw(st.integers(0, 2)) :]
    try:
        found = parse_agreement(edited)
    except Malformed:
        return
    assert agreement_text(found) == edited


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("comity/agreement@v1", "comity/agreement@v2", "bad_agreement"),
        ("version 2", "version 02", "bad_number"),
        ("mediator", "observer", "bad_choice"),
        ("bound bravo.example/comity/2026", "bound", "bad_parties"),
        ("set disclosure_step area", "set disclosure_step 2", "parameter_out_of_range"),
        ("set disclosure_step area", "set disclosure_stop area", "unknown_parameter"),
        (
            "set buffer_combat_mm 10000000",
            "set buffer_combat_mm 2000000000",
            "parameter_out_of_range",
        ),
        ("set buffer_combat_mm 10000000", "set buffer_combat_mm ten", "parameter_out_of_range"),
        ("over lead", "over lead2", "bad_clause"),
        ("crafts combat uav", "crafts uav combat", "bad_agreement"),
        ("languages en", "languages ru", "bad_agreement"),
        ("line -1,5 7,-9", "line -1,5", "bad_clause"),
        ("line -1,5 7,-9", "line 900000001,5 7,-9", "off_the_globe"),
        ("by alpha.example/comity/2026", "by other.example/comity/2026", "bad_clause"),
    ],
)
def test_what_is_wrong_is_refused_by_name(old: str, new: str, code: str) -> None:
    assert old in TEXT
    edited = TEXT.replace(old, new, 1)
    assert refused(edited) == code


def test_precedence_that_goes_round_is_refused_and_the_circle_named() -> None:
    with pytest.raises(Malformed) as caught:
        agreement(
            clause("a", over=("b",), margin_us=1),
            clause("b", over=("c",), margin_us=1),
            clause("c", over=("a",), margin_us=1),
        )
    assert caught.value.code == "circular_precedence"
    assert caught.value.reason == "precedence goes round: a over b over c over a"


def test_a_long_chain_of_precedence_is_no_circle() -> None:
    names = [f"c{n}" for n in range(256)]
    below = [*names[1:], None]
    agreement(
        *(
            clause(name, over=() if after is None else (after,), margin_us=1)
            for name, after in zip(names, below, strict=True)
        )
    )


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_is_written_and_read_at_both_ends(name: str) -> None:
    known = PARAMETERS[name]
    for value in (known.least, known.most, known.default):
        found = agreement(setting("x", {name: value}))
        assert parse_agreement(agreement_text(found)) == found
        assert known.shown(value)
    for value in (known.least - 1, known.most + 1):
        with pytest.raises(Malformed) as caught:
            setting("x", {name: value})
        assert caught.value.code == "parameter_out_of_range"


@pytest.mark.parametrize(
    "parties",
    [
        (principal(ALPHA),),
        (principal(ALPHA), Party(origin=BRAVO, role=PartyRole.MEDIATOR)),
        (principal(ALPHA), principal(BRAVO), Party(origin=HOST, role=PartyRole.BOUND, bound_by=UN)),
    ],
)
def test_an_agreement_has_two_principals_who_alone_bind_others(parties: tuple[Party, ...]) -> None:
    with pytest.raises(Malformed) as caught:
        agreement(parties=parties)
    assert caught.value.code == "bad_parties"


def test_live_and_exercise_do_not_mix() -> None:
    with pytest.raises(Malformed) as caught:
        agreement(parties=(principal(ALPHA), principal("bravo.example/comity/2026/exercise/x")))
    assert caught.value.code == "exercise_mismatch"


def test_notes_and_standings_come_back() -> None:
    assert note_from(fields_of_note("a note\n")) == "a note\n"
    standing = Standing(of=b"\x02" * 32, change=StandingChange.SUSPEND, reason="why", at_us=FROM_US)
    assert standing_from(fields_of_standing(standing)) == standing
    with pytest.raises(Malformed) as caught:
        replace(standing, reason="")
    assert caught.value.code == "no_reason"
    with pytest.raises(Malformed):
        standing_from(tuple(reversed(fields_of_standing(standing))))


def test_an_agreement_too_long_is_refused_before_it_is_read() -> None:
    assert refused(TEXT + "x" * 60_000) == "too_large"
