"""Notices: what makes one whole, each limit at n and n + 1, and what can never be said."""

from dataclasses import fields, replace
from enum import StrEnum

import pytest

from comity.model.notice import (
    FORBIDDEN_FIELDS,
    Amendment,
    Code,
    Confidence,
    Craft,
    Declaration,
    Domain,
    HazardBasis,
    Onward,
    Purpose,
    SubjectKind,
    Transition,
    checked_text,
    kind_of,
)
from comity.model.quantity import Position
from comity.model.volume import Circle, HeightBand, Polygon, Uncertainty, Volume4D, Window
from tests.model.samples import ID, NOON_US, declaration, volume
from tests.model.saying_no import says_no

NEEDS_US_MAX = 7 * 86_400 * 1_000_000
OPENERS = {
    Code.NOTIFY: SubjectKind.OPERATION,
    Code.HAZARD: SubjectKind.HAZARD,
    Code.PROTECT: SubjectKind.PRESENCE,
}


def basis(source: str = "radar post", expires_us: int = NOON_US) -> HazardBasis:
    return HazardBasis(source=source, confidence=Confidence.PROBABLE, expires_us=expires_us)


@pytest.mark.parametrize("code", Code)
def test_three_codes_open_a_subject_and_no_other(code: Code) -> None:
    if code in OPENERS:
        assert declaration(code=code).kind is kind_of(code) is OPENERS[code]
        return
    with pytest.raises(KeyError):
        kind_of(code)
    with says_no("bad_code"):
        declaration(code=code)


@pytest.mark.parametrize("code", Code)
def test_transitions_are_the_other_codes_less_the_amendment(code: Code) -> None:
    moves = (Code.START, Code.END, Code.RELEASE, Code.CANCEL)
    if code in moves:
        assert Transition(of=ID, code=code, at_us=NOON_US).code is code
        return
    with says_no("bad_code"):
        Transition(of=ID, code=code, at_us=NOON_US)


def test_an_amendment_has_its_one_code() -> None:
    with says_no("bad_code"):
        Amendment(of=ID, volumes=(volume(),), code=Code.NOTIFY)


def test_words_are_no_area() -> None:
    with says_no("no_area"):
        replace(declaration(), name="north of the country", volumes=())
    with says_no("no_area"):
        Amendment(of=ID, volumes=())


def test_a_notice_has_at_most_50_volumes() -> None:
    assert len(declaration(*(volume(),) * 50).volumes) == 50
    for build in (declaration, lambda *v: Amendment(of=ID, volumes=v)):
        with says_no("too_many_volumes"):
            build(*(volume(),) * 51)


def test_a_notice_has_at_most_2000_vertices_in_all() -> None:
    def ring(count: int) -> Volume4D:
        vertices = (Position(lat_e7=0, lon_e7=0),) * count
        return replace(volume(), footprint=Polygon(vertices=vertices))

    assert len(declaration(ring(1_000), volume(), ring(1_000)).volumes) == 3
    for rings in ((ring(2_001),), (ring(1_000), ring(1_001))):
        with says_no("too_many_vertices"):
            declaration(*rings)
        with says_no("too_many_vertices"):
            Amendment(of=ID, volumes=rings)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_an_id_has_32_bytes(size: int) -> None:
    with says_no("bad_id"):
        Transition(of=bytes(size), code=Code.END, at_us=NOON_US)
    with says_no("bad_id"):
        Amendment(of=bytes(size), volumes=(volume(),))


def test_only_a_presence_publishes_a_clearing_time() -> None:
    presence = declaration(code=Code.PROTECT)
    assert replace(presence, needs_us=NEEDS_US_MAX).needs_us == NEEDS_US_MAX
    for broken in (NEEDS_US_MAX + 1, -1):
        with says_no("bad_needs"):
            replace(presence, needs_us=broken)
    for code in (Code.NOTIFY, Code.HAZARD):
        with says_no("bad_needs"):
            replace(declaration(code=code), needs_us=0)


def test_a_hazard_has_a_source_and_nothing_else_has() -> None:
    for code in (Code.NOTIFY, Code.PROTECT):
        with says_no("no_source"):
            replace(declaration(code=code), basis=basis())
    with says_no("no_source"):
        replace(declaration(code=Code.HAZARD), basis=None)
    with says_no("no_source"):
        basis(source="")


@pytest.mark.parametrize(("make", "limit"), [(lambda t: declaration(name=t), 40), (basis, 280)])
def test_free_text_is_short(make: object, limit: int) -> None:
    assert callable(make)
    make("x" * limit)
    with says_no("text_too_long"):
        make("x" * (limit + 1))


@pytest.mark.parametrize(
    "text",
    [
        *(" x", "x ", "a\nb", "a\x00b", "a\x7fb", "a\u200bb", "a\u202eb", "a\u00a0b"),
        *("a\u2028b", "\ud800", "a\ufeffb", "\ue000"),
    ],
)
def test_free_text_is_what_it_looks_like(text: str) -> None:
    with says_no("bad_text"):
        checked_text(text, 40, "name")


@pytest.mark.parametrize("text", ["", "a b", "Latakia-1", "\u0414\u0435\u0436", "\u05d0\u05d1"])
def test_free_text_of_any_script_passes(text: str) -> None:
    assert checked_text(text, 40, "name") == text


NOUNS = (
    *(Declaration, Amendment, Transition, HazardBasis, Volume4D),
    *(Circle, Polygon, HeightBand, Window, Uncertainty),
)


def test_no_noun_has_a_forbidden_field() -> None:
    names = {field.name for noun in NOUNS for field in fields(noun)}
    assert not names & FORBIDDEN_FIELDS
    words = {word for name in names for word in name.split("_")}
    assert not words & FORBIDDEN_FIELDS


@pytest.mark.parametrize("choices", [Purpose, Domain, Craft, Onward, Code, SubjectKind])
def test_no_closed_list_names_a_target_or_a_means(choices: type[StrEnum]) -> None:
    parts = {part for choice in choices for part in choice.value.lower().split("-")}
    assert not parts & FORBIDDEN_FIELDS
