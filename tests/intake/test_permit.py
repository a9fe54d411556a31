"""What the agreement allows: pure rules, one refusal each, and what to do about it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agreement.standing import Consent
from comity.intake.permit import (
    Prompt,
    may_amend,
    may_declare,
    may_have_more,
    may_move,
    of_the_floor,
    taken_from,
)
from comity.model.fault import Refusal
from comity.model.lifecycle import MOVES, LifeState
from comity.model.notice import Code, Declaration, Onward, SubjectKind
from comity.model.quantity import Position
from comity.model.volume import Circle, Corridor, Polygon, Volume4D, Window
from comity.wire.limits import LIVE_SUBJECTS_MAX
from tests.model.samples import MINUTE_US, NOON_US, declaration, declarations, volume

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

ALPHA, BRAVO, HOST = (f"{name}.example/comity/2026" for name in ("alpha", "bravo", "host"))
AGREED = {ALPHA: Consent(), BRAVO: Consent(), HOST: Consent()}
END_US = NOON_US + 60 * MINUTE_US
KINDS = (Code.NOTIFY, Code.PROTECT, Code.HAZARD)


def code_of(refusal: Refusal | None) -> str | None:
    if refusal is not None:
        assert refusal.reason
        assert refusal.what_to_do
        assert refusal.field
    return None if refusal is None else refusal.code


def allowed(
    notice: Declaration,
    *to: str,
    agreed: dict[str, Consent] | None = None,
    prompt: Prompt | None = None,
    now_us: int = NOON_US,
) -> str | None:
    return code_of(may_declare(notice, to, AGREED if agreed is None else agreed, prompt, now_us))


@pytest.mark.parametrize("code", KINDS)
def test_what_is_over_is_not_declared(code: Code) -> None:
    notice = declaration(code=code)
    assert allowed(notice, ALPHA, now_us=END_US) is None
    assert allowed(notice, ALPHA, now_us=END_US + 1) == "expired"
    later = declaration(volume(), volume(start_us=NOON_US + MINUTE_US), code=code)
    assert allowed(later, ALPHA, now_us=END_US + 1) is None


@pytest.mark.parametrize("code", KINDS)
def test_strangers_get_nothing(code: Code) -> None:
    assert allowed(declaration(code=code), ALPHA, "other.example/x") == "unknown_party"


@pytest.mark.parametrize("code", KINDS)
def test_a_hazard_passes_without_an_agreement(code: Code) -> None:
    for why in ("no_agreement", "agreement_suspended", "agreement_expired"):
        missing = {ALPHA: Consent(code=why, reason="so it is")}
        found = allowed(declaration(code=code), ALPHA, agreed=missing)
        assert found == (None if code is Code.HAZARD else why)


def test_what_stays_at_home_needs_no_agreement() -> None:
    assert allowed(declaration(), agreed={ALPHA: Consent(code="no_agreement")}) is None


# --- the least size ------------------------------------------------------------------------------


def ring(*corners: tuple[int, int]) -> Volume4D:
    vertices = tuple(Position(lat_e7=355_000_000 + a, lon_e7=358_000_000 + b) for a, b in corners)
    return replace(volume(), footprint=Polygon(vertices=vertices))


def line(half_width_mm: int, *spots: tuple[int, int]) -> Volume4D:
    vertices = tuple(Position(lat_e7=355_000_000 + a, lon_e7=358_000_000 + b) for a, b in spots)
    return replace(volume(), footprint=Corridor(vertices=vertices, half_width_mm=half_width_mm))


# 1e-7 degree of latitude is 1.11 cm: 89,000 are 988 m, 91,000 are 1,010 m (WGS84, 35.5 north).
SMALL = (
    volume(radius_m=999.999),
    line(500_000, (0, 0), (44_000, 0)),  # 489 m long, and 500 m around it
    ring((0, 0), (89_000, 0), (0, 89_000)),
)
LARGE = (
    volume(radius_m=1_000),
    line(500_000, (0, 0), (46_000, 0)),  # 511 m
    line(1_000_000, (0, 0), (1, 0)),
    ring((0, 0), (91_000, 0), (0, 89_000)),
    ring((0, 0), (1_000, 5_000_000), (2_000, 0)),  # a corridor is thin and long
)


@pytest.mark.parametrize("code", KINDS)
def test_a_hazard_or_presence_is_no_position(code: Code) -> None:
    for small in SMALL:
        found = allowed(declaration(small, code=code), ALPHA)
        assert found == (None if code is Code.NOTIFY else "area_too_small")
        both = declaration(LARGE[0], small, code=code)
        assert code_of(may_amend(both, (ALPHA,), None)) == found
    for large in LARGE:
        assert allowed(declaration(large, code=code), ALPHA) is None
        assert may_amend(declaration(large, code=code), (ALPHA,), None) is None


# --- what may follow from a notice ---------------------------------------------------------------


def prompt(onward: Onward, notice: Declaration | None = None) -> Prompt:
    said = notice or declaration(name="night")
    return Prompt(owner=ALPHA, onward=onward, name=said.name, volumes=said.volumes)


OWN = declaration(
    volume(lat=35.1, radius_m=20_000, start_us=NOON_US + MINUTE_US), code=Code.PROTECT, name="hold"
)


@pytest.mark.parametrize("onward", Onward)
def test_its_owner_may_always_be_answered(onward: Onward) -> None:
    copy = replace(declaration(name="night"), code=Code.NOTIFY)
    assert allowed(copy, ALPHA, prompt=prompt(onward)) is None
    assert allowed(copy, prompt=prompt(onward)) is None  # kept at home


def test_none_means_none() -> None:
    for notice in (OWN, declaration(code=Code.HAZARD), declaration()):
        for to in ((HOST,), (ALPHA, HOST)):
            assert allowed(notice, *to, prompt=prompt(Onward.NONE)) == "onward_none"


def test_derived_lets_only_our_own_presence_or_hazard_follow() -> None:
    derived = prompt(Onward.DERIVED)
    assert allowed(OWN, HOST, prompt=derived) is None
    assert allowed(replace(OWN, code=Code.NOTIFY), HOST, prompt=derived) == "onward_derived"


def test_full_lets_everything_follow() -> None:
    same = declaration(name="night")
    assert allowed(same, HOST, prompt=prompt(Onward.FULL, same)) is None


def moved_by(notice: Declaration, **change: object) -> Declaration:
    [only] = notice.volumes
    return replace(notice, volumes=(replace(only, **change),))  # type: ignore[arg-type]


SAID = declaration(name="night")
CENTRE = Position(lat_e7=355_000_000, lon_e7=358_000_000)
TAKEN = {
    "footprint": moved_by(OWN, footprint=Circle(centre=CENTRE, radius_mm=9_000_000)),
    "radius_m": moved_by(
        OWN,
        footprint=Circle(centre=Position(lat_e7=0, lon_e7=0), radius_mm=40_000_000),
    ),
    "window": moved_by(OWN, window=Window(start_us=NOON_US + 1, end_us=END_US)),
    "name": replace(OWN, name="night"),
}


@pytest.mark.parametrize("field", TAKEN)
def test_nothing_may_be_taken_from_the_notice(field: str) -> None:
    derived = prompt(Onward.DERIVED, SAID)
    assert taken_from(OWN, derived) is None
    assert taken_from(TAKEN[field], derived) == field
    assert allowed(TAKEN[field], HOST, prompt=derived) == "taken_from_notice"
    assert code_of(may_amend(TAKEN[field], (HOST,), derived)) == "taken_from_notice"
    assert may_amend(TAKEN[field], (ALPHA,), derived) is None


def test_one_corner_of_another_shape_is_taken() -> None:
    said = declaration(ring((0, 0), (500_000, 0), (0, 500_000)))
    ours = declaration(ring((1, 1), (500_000, 0), (9, 700_000)), code=Code.PROTECT)
    assert taken_from(ours, prompt(Onward.DERIVED, said)) == "footprint"


def test_a_vertex_or_the_width_of_a_corridor_is_taken() -> None:
    said = declaration(line(3_000_000, (0, 0), (500_000, 0)))
    derived = prompt(Onward.DERIVED, said)
    same_end = declaration(line(2_000_000, (9, 9), (500_000, 0)), code=Code.PROTECT)
    assert taken_from(same_end, derived) == "footprint"
    same_width = declaration(line(3_000_000, (9, 9), (400_000, 0)), code=Code.PROTECT)
    assert taken_from(same_width, derived) == "radius_m"


def test_two_nameless_notices_share_no_name_and_heights_may_coincide() -> None:
    said, ours = declaration(), replace(OWN, name="")
    assert said.volumes[0].heights == ours.volumes[0].heights
    assert taken_from(ours, prompt(Onward.DERIVED, said)) is None


@given(declarations(), st.sampled_from(Onward))
def test_a_copy_never_passes_as_derived(notice: Declaration, onward: Onward) -> None:
    asked = Prompt(owner=ALPHA, onward=onward, name=notice.name, volumes=notice.volumes)
    found = may_declare(notice, (HOST,), AGREED, asked, now_us=0)
    assert (code_of(found) is None) <= (onward is Onward.FULL)


# --- moves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SubjectKind)
@pytest.mark.parametrize("state", LifeState)
@pytest.mark.parametrize("code", Code)
def test_moves_follow_the_table(state: LifeState, code: Code, kind: SubjectKind) -> None:
    in_table = code in MOVES[state]
    fits = code is not Code.RELEASE or kind is SubjectKind.PRESENCE
    found = code_of(may_move(state, code, kind))
    assert found == (None if in_table and fits else "no_such_move")


def test_a_party_has_so_many_live_subjects_here_and_no_more() -> None:
    assert may_have_more(LIVE_SUBJECTS_MAX - 1) is None
    refusal = may_have_more(LIVE_SUBJECTS_MAX)
    assert refusal is not None
    assert refusal.code == "too_many_subjects"


@pytest.mark.parametrize("code", Code)
def test_only_hazards_and_ends_are_of_the_safety_floor(code: Code) -> None:
    assert of_the_floor(code, SubjectKind.HAZARD) is None
    ends = (Code.END, Code.RELEASE, Code.CANCEL)
    for kind in (SubjectKind.OPERATION, SubjectKind.PRESENCE, None):
        refusal = of_the_floor(code, kind)
        assert (refusal is None) is (code in ends)
