"""Every wrong thing that a caller can say: refused by name, nothing changed, no fault of ours."""

import math
from collections.abc import Iterator

import httpx
import pytest

from comity.model.notice import FORBIDDEN_FIELDS
from comity.wire.canonical import Json
from comity.wire.limits import PEERS_MAX, UNITS_MAX, VOLUMES_MAX
from tests.web.problems import problem
from tests.web.support import ABSENT, NOW, PEER_NOTICE, Rig, notice, party_request, volume

VERTICES_MAX = 2_000  # of one notice
CENTRE = "volumes[0].footprint.centre"
PAST = "2026-01-01T13:00:00Z"
SQUARE: list[Json] = [[10.0, 10.0], [10.0, 11.0], [11.0, 11.0], [11.0, 10.0]]
BOW_TIE: list[Json] = [[10.0, 10.0], [11.0, 11.0], [11.0, 10.0], [10.0, 11.0]]
BASIS: dict[str, Json] = {
    "source": "a NOTAM",
    "confidence": "probable",
    "expires": "2026-03-01T15:00:00Z",
}


def ring(count: int) -> list[Json]:
    turns = (2 * math.pi * index / count for index in range(count))
    return [[10 + math.sin(turn), 10 + math.cos(turn)] for turn in turns]


GIVEN: dict[str, Json] = {
    "lower_datum": "msl",
    "lower_m": 0,
    "upper_datum": "msl",
    "upper_m": 20_000,
}


def area(**footprint: Json) -> dict[str, Json]:
    return notice(volumes=[volume(footprint=footprint)])


def with_volume(**changes: Json) -> dict[str, Json]:
    return notice(volumes=[volume(**changes)])


NOTICES: list[tuple[str, str, str | None, dict[str, Json]]] = [
    ("no volumes", "no_area", "volumes", notice(volumes=[])),
    ("words only", "no_area", "volumes", notice(volumes=[], area_in_words="north of the river")),
    ("words too", "area_in_words", "area_in_words", notice(area_in_words="north of the river")),
    ("inverted window", "inverted_window", "volumes[0]", with_volume(end="2026-03-01T12:59:59Z")),
    ("200 years", "bad_time", "volumes[0].end", with_volume(end="2226-03-01T12:59:59Z")),
    ("year 3000", "bad_time", "volumes[0].end", with_volume(end="3000-01-01T00:00:00Z")),
    ("years", "window_too_long", "volumes[0]", with_volume(end="2028-03-01T12:59:59Z")),
    ("no offset", "bad_time", "volumes[0].start", with_volume(start="2026-03-01T13:00:00")),
    ("no such day", "bad_time", "volumes[0].start", with_volume(start="2026-02-30T13:00:00Z")),
    ("no time", "bad_time", "volumes[0].start", with_volume(start="soon")),
    ("no string", "wrong_type", "volumes[0].start", with_volume(start=1772366400)),
    ("over already", "expired", "end", with_volume(start=PAST, end=PAST)),
    ("inverted band", "inverted_band", "volumes[0]", with_volume(lower_m=3_001)),
    ("too high", "bad_height", "volumes[0].upper_m", with_volume(upper_m=100_001)),
    ("absurdly high", "bad_number", "volumes[0].upper_m", with_volume(upper_m=1e300)),
    ("huge integer", "bad_height", "volumes[0].upper_m", with_volume(upper_m=9_007_199_254_740)),
    ("other datum", "datum_not_convertible", "volumes[0].datum", with_volume(datum="qfe")),
    (
        "other upper datum",
        "datum_not_convertible",
        "volumes[0].upper_datum",
        with_volume(upper_datum="egm2008"),
    ),
    ("no QNH", "qnh_missing", "volumes[0].reference", with_volume(datum="pressure")),
    ("no ground", "terrain_missing", "volumes[0].reference", with_volume(datum="agl")),
    (
        "half a QNH",
        "missing_field",
        "volumes[0].reference.qnh_at",
        with_volume(datum="pressure", reference={"qnh_hpa": 1013}),
    ),
    (
        "half the ground",
        "missing_field",
        "volumes[0].reference.terrain_upper_m",
        with_volume(datum="agl", reference={"terrain_lower_m": 3}),
    ),
    (
        "inches",
        "bad_qnh",
        "volumes[0].reference",
        with_volume(datum="flight-level", reference={"qnh_hpa": 29.92, "qnh_at": NOW}),
    ),
    (
        "tomorrow's QNH",
        "qnh_from_future",
        None,
        with_volume(
            datum="flight-level", reference={"qnh_hpa": 1013, "qnh_at": "2026-03-01T12:59:59Z"}
        ),
    ),
    (
        "last year's QNH",
        "qnh_too_old",
        "volumes[0].datum",
        with_volume(datum="pressure", reference={"qnh_hpa": 1013, "qnh_at": PAST}),
    ),
    (
        "ground of a flight level",
        "unexpected_field",
        "volumes[0].reference",
        with_volume(datum="flight-level", reference={"terrain_lower_m": 0, "terrain_upper_m": 1}),
    ),
    (
        "ground above ground",
        "bad_terrain",
        "volumes[0].reference",
        with_volume(
            datum="agl",
            reference={"terrain_lower_m": 0, "terrain_upper_m": 1, "terrain_datum": "agl"},
        ),
    ),
    (
        "hot air",
        "bad_isa_deviation",
        "volumes[0].reference",
        with_volume(datum="flight-level", reference={"isa_deviation_c": 41}),
    ),
    (
        "a flight level in space",
        "height_beyond_isa",
        "volumes[0].upper_m",
        with_volume(upper_datum="flight-level", upper_m=20_001),
    ),
    (
        "a reference for nothing",
        "unexpected_field",
        "volumes[0].reference",
        with_volume(reference={}),
    ),
    (
        "given twice",
        "unexpected_field",
        "volumes[0].given",
        with_volume(datum="msl", given=GIVEN),
    ),
    (
        "a term of one's own",
        "not_in_list",
        "volumes[0].given.added[0].term",
        with_volume(given=GIVEN | {"added": [{"term": "target", "metres": 1}]}),
    ),
    ("given and not so", "heights_disagree", None, with_volume(given=GIVEN)),
    (
        "given above the ellipsoid",
        "no_other_datum",
        "volumes[0].given",
        with_volume(given=GIVEN | {"lower_datum": "wgs84", "upper_datum": "wgs84"}),
    ),
    (
        "a bow tie above the sea",
        "self_crossing",
        "volumes[0].footprint",
        with_volume(datum="msl", footprint={"polygon": BOW_TIE}),
    ),
    ("uncertain", "bad_uncertainty", "volumes[0]", with_volume(uncertainty_lateral_m=-1)),
    ("no footprint", "bad_footprint", "volumes[0].footprint", area()),
    ("both", "bad_footprint", "volumes[0].footprint", area(polygon=SQUARE, centre=[1, 1])),
    ("no radius", "bad_footprint", "volumes[0].footprint", area(centre=[1, 1])),
    ("negative radius", "bad_radius", "volumes[0]", area(centre=[1, 1], radius_m=-1)),
    ("zero radius", "bad_radius", "volumes[0]", area(centre=[1, 1], radius_m=0)),
    ("wide radius", "bad_radius", "volumes[0]", area(centre=[1, 1], radius_m=2_500_001)),
    ("no latitude", "off_the_globe", CENTRE, area(centre=[91, 1], radius_m=9)),
    ("no angle", "bad_angle", CENTRE, area(centre=[1, 361], radius_m=9)),
    ("two vertices", "bad_polygon", "volumes[0]", area(polygon=SQUARE[:2])),
    ("10,001 vertices", "too_many_vertices", None, area(polygon=ring(10_001))),
    ("one vertex more", "too_many_vertices", None, area(polygon=ring(VERTICES_MAX + 1))),
    ("self-crossing", "self_crossing", None, area(polygon=BOW_TIE)),
    ("a line", "zero_area", None, area(polygon=[[10, 10], [11, 10], [10.5, 10]])),
    ("closed ring", "duplicate_vertex", None, area(polygon=[*SQUARE, SQUARE[0]])),
    ("too wide", "too_wide", None, area(polygon=[[0, 0], [0, 60], [60, 30]])),
    ("holes alone", "bad_footprint", "volumes[0].footprint", area(holes=[SQUARE])),
    (
        "a hole in a circle",
        "bad_footprint",
        "volumes[0].footprint",
        area(centre=[1, 1], radius_m=5, holes=[]),
    ),
    (
        "a hole in a line",
        "bad_footprint",
        "volumes[0].footprint",
        area(line=SQUARE, half_width_m=5, holes=[SQUARE]),
    ),
    ("a small hole", "bad_polygon", "volumes[0]", area(polygon=SQUARE, holes=[SQUARE[:2]])),
    (
        "a hole off the globe",
        "off_the_globe",
        "volumes[0].footprint.holes[0][1]",
        area(polygon=SQUARE, holes=[[[1, 1], [91, 1], [1, 2]]]),
    ),
    ("a hole outside", "bad_hole", None, area(polygon=SQUARE, holes=[[[1, 1], [1, 2], [2, 1]]])),
    ("the ring as its hole", "bad_hole", None, area(polygon=SQUARE, holes=[SQUARE])),
    ("51 rings", "too_many_holes", None, area(polygon=SQUARE, holes=[SQUARE] * 50)),
    (
        "vertices in holes",
        "too_many_vertices",
        None,
        area(polygon=SQUARE, holes=[ring(VERTICES_MAX - 3)]),
    ),
    ("a line without width", "bad_footprint", "volumes[0].footprint", area(line=SQUARE)),
    ("a width alone", "bad_footprint", "volumes[0].footprint", area(half_width_m=5)),
    (
        "a line with a radius",
        "bad_footprint",
        "volumes[0].footprint",
        area(line=SQUARE, half_width_m=5, radius_m=5),
    ),
    (
        "a line and a polygon",
        "bad_footprint",
        "volumes[0].footprint",
        area(line=SQUARE, half_width_m=5, polygon=SQUARE),
    ),
    ("one place", "bad_line", "volumes[0]", area(line=[[1, 1]], half_width_m=5)),
    ("no width", "bad_radius", "volumes[0]", area(line=SQUARE, half_width_m=0)),
    (
        "off the globe",
        "off_the_globe",
        "volumes[0].footprint.line[1]",
        area(line=[[1, 1], [91, 1]], half_width_m=5),
    ),
    ("a line at rest", "duplicate_vertex", None, area(line=[[1, 1], [1, 1]], half_width_m=5)),
    ("a hair", "zero_area", None, area(line=[[1, 1], [1, 2]], half_width_m=0.004)),
    ("a long line", "too_wide", None, area(line=[[0, 0], [0, 60]], half_width_m=5)),
    (
        "a line of one vertex more",
        "too_many_vertices",
        None,
        area(line=ring(VERTICES_MAX + 1), half_width_m=5),
    ),
    ("many volumes", "too_many_volumes", None, notice(volumes=[volume()] * (VOLUMES_MAX + 1))),
    ("name", "text_too_long", None, notice(name="x" * 41)),
    ("control", "bad_text", None, notice(name="a\u001b[31m")),
    ("kind", "not_in_list", "kind", notice(kind="flight")),
    ("purpose", "not_in_list", "purpose", notice(purpose="strike")),
    ("hazard", "no_source", None, notice(kind="hazard")),
    ("basis", "no_source", None, notice(basis=BASIS)),
    ("needs", "bad_needs", None, notice(clear_needs_s=60)),
    ("long needs", "bad_needs", None, notice(kind="presence", clear_needs_s=1e9)),
    (
        "small hazard",
        "area_too_small",
        None,
        area(centre=[1, 1], radius_m=999) | {"kind": "hazard", "basis": BASIS},
    ),
    ("nobody", "unknown_party", "to[0]", notice(to=["nobody"])),
    ("ourselves", "unknown_party", "to[0]", notice(to=["alpha"])),
    ("twice", "duplicate_party", "to", notice(to=["bravo", "bravo.example/comity/2026"])),
    ("crowd", "too_many_parties", "to", notice(to=["bravo"] * (PEERS_MAX + 1))),
    ("no agreement", "no_agreement", "to", notice(to=["charlie"])),
    ("bad prompt", "bad_id", "prompted_by", notice(prompted_by="XY")),
    ("no prompt", "not_found", "prompted_by", notice(prompted_by=ABSENT)),
    ("surplus", "unknown_field", "speed", notice(speed=3)),
    *((word, "forbidden_field", word, notice(**{word: 1})) for word in sorted(FORBIDDEN_FIELDS)),
]

OTHERS: list[tuple[str, dict[str, Json], str]] = [
    (f"notices/{ABSENT}/moves", {"move": "start"}, "not_found"),
    ("notices/xyz/moves", {"move": "start"}, "bad_id"),
    (f"notices/{ABSENT.upper()}/moves", {"move": "start"}, "bad_id"),
    (f"notices/{ABSENT}/moves", {"move": "revive"}, "not_in_list"),
    (f"notices/{ABSENT}/moves", {"move": "amend"}, "no_area"),
    (f"notices/{ABSENT}/moves", {"move": "end", "volumes": [volume()]}, "unexpected_field"),
    (
        f"notices/{ABSENT}/moves",
        {"move": "amend", "volumes": [volume()], "at": "2026-03-01T12:00:00Z"},
        "unexpected_field",
    ),
    (f"notices/{ABSENT}/moves", {"move": "end", "at": "noon"}, "bad_time"),
    (f"notices/{PEER_NOTICE.hex()}/moves", {"move": "cancel"}, "not_found"),
    (f"notices/{ABSENT}/answers", {"step": "seen", "role": "r"}, "not_found"),
    (f"notices/{PEER_NOTICE.hex()}/answers", {"step": "seen", "role": ""}, "no_role"),
    (f"notices/{PEER_NOTICE.hex()}/answers", {"step": "seen", "role": "r" * 41}, "text_too_long"),
    (f"notices/{PEER_NOTICE.hex()}/answers", {"step": "agree", "role": "r"}, "not_in_list"),
    (f"notices/{PEER_NOTICE.hex()}/answers", {"step": "unable", "role": "r"}, "no_reason"),
    (f"notices/{PEER_NOTICE.hex()}/answers", {"step": "read-back", "role": "r"}, "no_key_fields"),
    (
        f"notices/{PEER_NOTICE.hex()}/answers",
        {
            "step": "read-back",
            "role": "r",
            "read_back": {"start": "x", "end": "x", "points": [], "lower_m": 0, "upper_m": 0},
        },
        "bad_time",
    ),
    (f"notices/{PEER_NOTICE.hex()}/attestations", {"units": []}, "bad_units"),
    (
        f"notices/{PEER_NOTICE.hex()}/attestations",
        {"units": [{"unit": "a", "state": "told"}] * 2},
        "bad_units",
    ),
    (
        f"notices/{PEER_NOTICE.hex()}/attestations",
        {"units": [{"unit": str(i), "state": "told"} for i in range(UNITS_MAX + 1)]},
        "bad_units",
    ),
    (
        f"notices/{PEER_NOTICE.hex()}/attestations",
        {"units": [{"unit": "", "state": "told"}]},
        "bad_units",
    ),
    (
        f"notices/{PEER_NOTICE.hex()}/attestations",
        {"units": [{"unit": "a", "state": "told", "at": "3000-01-01T00:00:00Z"}]},
        "bad_time",
    ),
    (f"notices/{ABSENT}/attestations", {"units": [{"unit": "a", "state": "told"}]}, "not_found"),
    ("calls", {"other": "", "account_of": "AA", "words": ""}, "bad_text"),
    ("calls", {"other": "b" * 300, "account_of": "AA", "words": ""}, "text_too_long"),
    ("calls", {"other": "bravo", "account_of": "", "words": ""}, "no_source"),
    ("calls", {"other": "bravo", "account_of": "AA", "words": "w" * 281}, "text_too_long"),
    ("calls", {"other": "bravo", "account_of": "AA", "words": "", "start": "?"}, "bad_time"),
    (
        "calls",
        {"other": "bravo", "account_of": "AA", "words": "", "target": "x"},
        "forbidden_field",
    ),
    ("parties", {"card": "", "fingerprint": ""}, "bad_note"),
    ("parties", {"card": "x" * 70_000, "fingerprint": ""}, "too_large"),
    ("parties", party_request("delta") | {"fingerprint": "AAAA"}, "fingerprint_differs"),
    ("parties", party_request("delta") | {"parameters": {"nosuch": 1}}, "bad_parameter"),
    ("parties", party_request("delta") | {"parameters": {"margin_us": -1}}, "bad_parameter"),
    ("parties", party_request("delta") | {"parameters": {"margin_us": 1.5}}, "wrong_type"),
    ("parties", party_request("bravo"), "already_enrolled"),
    ("parties", party_request("alpha"), "already_enrolled"),
    ("keys", {"name": "", "scopes": ["read"]}, "bad_text"),
    ("keys", {"name": "x" * 41, "scopes": ["read"]}, "text_too_long"),
    ("keys", {"name": "x", "scopes": []}, "bad_scopes"),
    ("keys", {"name": "x", "scopes": ["read", "read"]}, "bad_scopes"),
    ("keys", {"name": "x", "scopes": ["root"]}, "not_in_list"),
]

ADDRESSES = [
    ("notices/xyz", "bad_id"),
    (f"notices/{ABSENT}", "not_found"),
    (f"notices/{ABSENT}/bundle", "missing_parameter"),
    (f"notices/{ABSENT}/bundle?to=bravo", "not_found"),
    (f"notices/{PEER_NOTICE.hex()}/bundle?to=bravo", "not_found"),
    ("notices?kind=flight", "bad_query"),
    ("notices?owner=everybody", "bad_query"),
    ("notices?limit=0", "bad_query"),
    ("notices?limit=501", "bad_query"),
    ("notices?limit=-1", "bad_query"),
    ("notices?limit=1e2", "bad_query"),
    ("notices?after=xyz", "bad_id"),
    ("entries/x", "bad_number"),
    ("entries/-1", "bad_number"),
    ("entries/00", "bad_number"),
    ("entries/9223372036854775807", "not_found"),
    ("entries/9223372036854775808", "bad_number"),
    ("../../tile/entries/000", "not_found"),
    ("../../tile/0/000.p/0", "bad_tile"),
    ("../../tile/64/000", "bad_tile"),
    ("../../tile/0/x001/000.p/256", "bad_tile"),
    ("../../tile/1/000.p/1", "not_found"),
]


@pytest.fixture(autouse=True)
def _nothing_changes(rig: Rig) -> Iterator[None]:
    before = rig.marks()
    yield
    assert rig.marks() == before
    assert rig.enrolled == []


@pytest.mark.parametrize(
    ("code", "field", "body"),
    [case[1:] for case in NOTICES],
    ids=[case[0].replace(" ", "-") for case in NOTICES],
)
def test_a_wrong_notice_is_refused_by_name(
    client: httpx.Client, code: str, field: str | None, body: dict[str, Json]
) -> None:
    found = problem(client.post("/api/v1/notices", json=body))
    assert found.code == code
    assert field in {None, found.field}
    assert 400 <= found.status < 500


GEOMETRY = {"self_crossing", "zero_area", "duplicate_vertex", "too_wide", "bad_hole"}


@pytest.mark.parametrize("door", ["checks", "previews"])
@pytest.mark.parametrize(
    ("code", "body"),
    [(case[1], case[3]) for case in NOTICES],
    ids=[case[0].replace(" ", "-") for case in NOTICES],
)
def test_a_plan_is_refused_as_its_notice_would_be(
    client: httpx.Client, door: str, code: str, body: dict[str, Json]
) -> None:
    """What only declaring asks for may pass here; what is no area is no fault of the node's."""
    answer = client.post(f"/api/v1/{door}", json=body | {"to": body.get("to") or ["bravo"]})
    assert answer.status_code < 500
    if code in GEOMETRY:
        assert problem(answer).code == code
    assert client.get("/healthz").json()["status"] == "ok"


@pytest.mark.parametrize(("path", "body", "code"), OTHERS)
def test_a_wrong_request_is_refused_by_name(
    client: httpx.Client, path: str, body: dict[str, Json], code: str
) -> None:
    found = problem(client.post(f"/api/v1/{path}", json=body))
    assert found.code == code
    assert 400 <= found.status < 500


@pytest.mark.parametrize(("path", "code"), ADDRESSES)
def test_a_wrong_address_is_refused_by_name(client: httpx.Client, path: str, code: str) -> None:
    address = f"/{path.removeprefix('../../')}" if path.startswith("../") else f"/api/v1/{path}"
    found = problem(client.get(address))
    assert found.code == code
    assert 400 <= found.status < 500


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "bad_json"),
        (b'{"kind":"operation","kind":"operation"}', "duplicate_key"),
        (b'{"kind":"operation","clear_needs_s":NaN}', "bad_number"),
        (b'{"kind":"operation","clear_needs_s":-Infinity}', "bad_number"),
        (b'{"kind":"operation","clear_needs_s":' + b"1" * 100_000 + b"}", "bad_number"),
        (b'{"kind":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "too_deep"),
        (b'{"kind":"operation","name":"\\udc00"}', "bad_json"),
        (b'{"kind":"operation","name":"\xff"}', "bad_json"),
        (b"", "bad_json"),
    ],
)
def test_what_is_no_json_is_refused_by_name(client: httpx.Client, body: bytes, code: str) -> None:
    headers = {"content-type": "application/json"}
    found = problem(client.post("/api/v1/notices", content=body, headers=headers))
    assert (found.status, found.code) == (400, code)


def test_the_most_vertices_are_looked_at_in_time(client: httpx.Client) -> None:
    """The limit itself is no refusal: what comes back is about the ring, not about its count."""
    crossing = ring(VERTICES_MAX)
    crossing[3], crossing[VERTICES_MAX // 2] = crossing[VERTICES_MAX // 2], crossing[3]
    assert (
        problem(client.post("/api/v1/notices", json=area(polygon=crossing))).code == "self_crossing"
    )
