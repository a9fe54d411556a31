"""Schema v1 of notices: round trips, one form only, and each way to spoil a content by its code."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh, Terrain
from comity.model.notice import FORBIDDEN_FIELDS, Code, Notice, Transition
from comity.model.quantity import Position
from comity.model.volume import Corridor, Polygon, Volume4D
from comity.wire.fields import (
    Field,
    id_field,
    int_field,
    leaves_for,
    parse_fields,
    points_field,
    serialise_fields,
    text_field,
)
from comity.wire.limits import CONTENT_LEAVES, VOLUMES_MAX
from comity.wire.notice_v1 import fields_of, notice_from
from tests.model.samples import ID, NOON_US, declaration, notices, volume
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

Spoil = Callable[[tuple[Field, ...]], tuple[Field, ...]]


@given(notices)
def test_notices_round_trip(notice: Notice) -> None:
    fields = fields_of(notice)
    assert notice_from(fields) == notice
    assert notice_from(parse_fields(serialise_fields(fields))) == notice


@given(notices, st.data())
def test_only_the_canonical_order_is_read(notice: Notice, data: st.DataObject) -> None:
    fields = fields_of(notice)
    shuffled = tuple(data.draw(st.permutations(fields)))
    if shuffled == fields:
        return
    with says_no("bad_field"):
        notice_from(shuffled)


@given(notices, st.data())
def test_a_changed_byte_is_another_notice_or_none(notice: Notice, data: st.DataObject) -> None:
    good = serialise_fields(fields_of(notice))
    at = data.draw(st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[at] ^= data.draw(st.integers(1, 255))
    with suppress(Malformed):
        fields = parse_fields(bytes(changed))
        found = notice_from(fields)
        assert found != notice
        assert serialise_fields(fields_of(found)) == changed


@given(notices, st.data())
def test_no_field_can_be_left_out(notice: Notice, data: st.DataObject) -> None:
    fields = fields_of(notice)
    dropped = data.draw(st.sampled_from([x for x in fields if "/hole/" not in x.path]))
    left = tuple(field for field in fields if field is not dropped)
    if dropped.path == "needs" or dropped.path.endswith("isa-deviation"):  # may be left out
        assert notice_from(left) != notice
        return
    with pytest.raises(Malformed):
        notice_from(left)


@given(notices, st.data())
def test_no_field_can_be_added(notice: Notice, data: st.DataObject) -> None:
    fields = fields_of(notice)
    at = data.draw(st.integers(0, len(fields)))
    surplus = text_field(data.draw(st.sampled_from(("speed", "name/more", "volume/0/note"))), "")
    with says_no("unknown_field"):
        notice_from((*fields[:at], surplus, *fields[at:]))


@given(notices, st.sampled_from(sorted(FORBIDDEN_FIELDS)), st.booleans())
def test_forbidden_fields_are_refused_by_name(notice: Notice, word: str, within: bool) -> None:  # noqa: FBT001 - drawn
    name = word.replace("_", "-")
    path = f"volume/0/{name}" if within else name
    with says_no("forbidden_field"):
        notice_from((*fields_of(notice), text_field(path, "x")))


SPOTS = tuple(Position(lat_e7=lat, lon_e7=lat**2) for lat in range(9))
RING = Polygon(vertices=SPOTS[:3], holes=(SPOTS[3:6], SPOTS[6:]))
SHAPES = (Corridor(vertices=SPOTS[:2], half_width_mm=500_000), RING)
HERE = fields_of(declaration())
ROUTE, FRAME = (fields_of(declaration(replace(volume(), footprint=shape))) for shape in SHAPES)
START = fields_of(Transition(of=ID, code=Code.START, at_us=NOON_US))
HIGH = fields_of(
    declaration(
        replace(
            volume(),
            given=GivenHeights(
                lower=HeightLimit(datum=HeightDatum.AGL, height_mm=0),
                upper=HeightLimit(datum=HeightDatum.PRESSURE, height_mm=3_000_000),
                qnh=Qnh(pressure_pa=101_300, at_us=NOON_US),
                terrain=Terrain(datum=HeightDatum.MSL, lower_mm=0, upper_mm=400_000),
            ),
        )
    )
)


def without(path: str) -> Spoil:
    return lambda fields: tuple(field for field in fields if field.path != path)


def instead(new: Field) -> Spoil:
    return lambda fields: tuple(new if field.path == new.path else field for field in fields)


SPOILT: dict[str, tuple[tuple[Field, ...], Spoil, str]] = {
    "no code": (HERE, without("code"), "missing_field"),
    "a code of another list": (HERE, instead(text_field("code", "X")), "bad_choice"),
    "a transition's code": (HERE, instead(text_field("code", "A1")), "missing_field"),
    "a declaration's code": (START, instead(text_field("code", "N1")), "missing_field"),
    "no area": (HERE, lambda f: tuple(x for x in f if x.path[:6] != "volume"), "no_area"),
    "no footprint": (HERE, without("volume/0/centre"), "missing_field"),
    "no radius": (HERE, without("volume/0/radius"), "missing_field"),
    "no heights": (HERE, without("volume/0/upper"), "missing_field"),
    "no end": (HERE, without("volume/0/end"), "missing_field"),
    "no datum": (HERE, without("volume/0/datum"), "missing_field"),
    "sea level": (HERE, instead(text_field("volume/0/datum", "msl")), "datum_not_convertible"),
    "a purpose of their own": (HERE, instead(text_field("purpose", "strike")), "bad_choice"),
    "two centres": (
        HERE,
        instead(points_field("volume/0/centre", [volume().footprint.centre] * 2)),  # type: ignore[union-attr]
        "bad_field",
    ),
    "no line": (ROUTE, without("volume/0/line"), "missing_field"),
    "no half-width": (ROUTE, without("volume/0/half-width"), "missing_field"),
    "half a width of nothing": (ROUTE, instead(int_field("volume/0/half-width", 0)), "bad_radius"),
    "a line of one place": (
        ROUTE,
        instead(points_field("volume/0/line", SPOTS[:1])),
        "bad_line",
    ),
    "a ring for a line": (
        ROUTE,
        lambda f: tuple(replace(x, path=x.path.replace("line", "polygon")) for x in f),
        "bad_polygon",
    ),
    "a hole of two places": (
        FRAME,
        instead(points_field("volume/0/hole/1", SPOTS[:2])),
        "bad_polygon",
    ),
    "holes from 1": (FRAME, without("volume/0/hole/0"), "unknown_field"),
    "a hole in a circle": (
        HERE,
        lambda f: (*f[:8], *(x for x in FRAME if "/hole/" in x.path), *f[8:]),
        "unknown_field",
    ),
    "a hole in a line": (
        ROUTE,
        lambda f: (*f[:8], *(x for x in FRAME if "/hole/" in x.path), *f[8:]),
        "unknown_field",
    ),
    "a hole before its ring": (
        FRAME,
        lambda f: (*f[:6], f[7], f[6], *f[8:]),
        "bad_field",
    ),
    "a number as text": (HERE, instead(text_field("volume/0/radius", "40 km")), "missing_field"),
    "an inverted window": (
        HERE,
        instead(int_field("volume/0/end", NOON_US - 1)),
        "inverted_window",
    ),
    "seconds for microseconds": (START, instead(int_field("at", NOON_US // 1_000_000)), "bad_time"),
    "a text for an id": (START, instead(text_field("of", "x")), "missing_field"),
    "a line feed in a name": (HERE, instead(text_field("name", "a\nb")), "bad_text"),
    "a long name": (HERE, instead(text_field("name", "x" * 41)), "text_too_long"),
    "volumes from 1": (
        HERE,
        lambda f: tuple(
            Field(path=x.path.replace("/0/", "/1/"), type=x.type, value=x.value) for x in f
        ),
        "bad_field",
    ),
    "an operation with a source": (
        HERE,
        lambda f: (
            *f[:6],
            text_field("basis/source", "x"),
            text_field("basis/confidence", "probable"),
            int_field("basis/expires", NOON_US),
            *f[6:],
        ),
        "no_source",
    ),
    "an operation with needs": (
        HERE,
        lambda f: (*f[:6], int_field("needs", 1), *f[6:]),
        "bad_needs",
    ),
    "half a QNH": (HIGH, without("volume/0/given/qnh"), "qnh_missing"),
    "a QNH of no time": (HIGH, without("volume/0/given/qnh-at"), "missing_field"),
    "no ground": (HIGH, without("volume/0/given/terrain-datum"), "terrain_missing"),
    "half the ground": (HIGH, without("volume/0/given/terrain-upper"), "missing_field"),
    "one end": (HIGH, without("volume/0/given/upper"), "missing_field"),
    "an end without a datum": (HIGH, without("volume/0/given/lower-datum"), "unknown_field"),
    "an unknown datum": (
        HIGH,
        instead(text_field("volume/0/given/upper-datum", "qfe")),
        "bad_choice",
    ),
    "hectopascals": (HIGH, instead(int_field("volume/0/given/qnh", 1_013)), "bad_qnh"),
    "an id too many": (START, lambda f: (*f, id_field("for", ID)), "unknown_field"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_spoilt_contents_are_refused_by_code(name: str) -> None:
    fields, spoil, code = SPOILT[name]
    notice_from(fields)
    with says_no(code):
        notice_from(spoil(fields))


def test_what_was_given_stands_beside_the_band() -> None:
    paths = [field.path for field in HIGH]
    start = paths.index("volume/0/upper") + 1
    assert paths[start : paths.index("volume/0/start")] == [
        *(f"volume/0/given/{name}" for name in ("lower-datum", "lower", "upper-datum", "upper")),
        *(f"volume/0/given/{name}" for name in ("qnh", "qnh-at")),
        *(f"volume/0/given/terrain-{name}" for name in ("datum", "lower", "upper")),
    ]
    assert [field for field in HIGH if "/given/" not in field.path] == list(HERE)


def test_volumes_end_at_50_and_the_largest_notice_fits_into_a_content() -> None:
    largest = declaration(*(volume(),) * VOLUMES_MAX, code=Code.HAZARD)
    fields = fields_of(largest)
    assert notice_from(parse_fields(serialise_fields(fields))) == largest
    assert leaves_for(fields) == max(CONTENT_LEAVES)
    last = [x for x in fields if x.path.startswith("volume/49/")]
    more = [Field(path=x.path.replace("49", "50"), type=x.type, value=x.value) for x in last]
    with says_no("too_many_volumes"):
        notice_from((*fields, *more))


def test_the_order_of_a_declaration() -> None:
    assert [field.path for field in HERE] == [
        *("code", "purpose", "domain", "craft", "onward", "name"),
        *("volume/0/centre", "volume/0/radius", "volume/0/datum"),
        *("volume/0/lower", "volume/0/upper", "volume/0/start", "volume/0/end"),
        *(f"volume/0/uncertainty/{of}" for of in ("lateral", "vertical", "time")),
    ]


def test_a_hole_that_is_left_out_leaves_another_area_or_none() -> None:
    fewer = notice_from(without("volume/0/hole/1")(FRAME))
    assert fewer != notice_from(FRAME)
    with says_no("unknown_field"):
        notice_from(without("volume/0/hole/0")(FRAME))


def test_volumes_and_holes_are_50_together_and_fit_into_a_content() -> None:
    def pierced(holes: int) -> Volume4D:
        return replace(volume(), footprint=replace(RING, holes=(SPOTS[:3],) * holes))

    for volumes, holes in ((1, 49), (25, 25), (49, 1)):
        shapes = (pierced(holes), *(volume(),) * (volumes - 1))
        most = declaration(*shapes, code=Code.HAZARD)
        assert notice_from(parse_fields(serialise_fields(fields_of(most)))) == most
        with says_no("too_many_holes"):
            declaration(pierced(holes + 1), *shapes[1:])
