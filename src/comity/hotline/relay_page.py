"""How a relay page looks, as HTML or plain text, and whether a page shows what its note says.

The page is drawn from the signed note alone, without scripts, pictures or anything from elsewhere,
so whoever has the note can draw it again: a page that shows something else is found out. Pure.
Called by the doors and the command line.
"""

from collections.abc import Callable, Collection
from enum import StrEnum
from html import escape

from comity.airspace.places import nearest_place
from comity.model.fault import Malformed, Untrusted
from comity.model.given import GivenHeights, HeightDatum, HeightLimit
from comity.model.lifecycle import LifeState
from comity.model.notice import Code
from comity.model.party import exercise_of, is_origin, party_name
from comity.model.quantity import FOOT_MM, SECOND_US, Position, degrees, instant_text
from comity.model.relay import RelayPage
from comity.model.volume import Circle, Corridor, Polygon, Volume4D, places_of
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, parse_note, verify_note
from comity.wire.canonical import dumps, loads
from comity.wire.limits import RELAY_PAGE_BYTES_MAX
from comity.wire.relay_page_v1 import page_from
from comity.wire.voice_text import spelled

__all__ = ["Form", "checked_page", "drawn", "note_in"]

_BEGIN, _END = "-----BEGIN COMITY RELAY PAGE-----", "-----END COMITY RELAY PAGE-----"
_MM_PER_KM = 1_000_000
_LEVEL_MM = 30_480
_DATUMS = {
    HeightDatum.WGS84: "above the WGS84 ellipsoid",
    HeightDatum.MSL: "above mean sea level",
    HeightDatum.PRESSURE: "by an altimeter on QNH",
    HeightDatum.FLIGHT_LEVEL: "by an altimeter on 1013.25 hPa",
    HeightDatum.AGL: "above ground",
}
_HEADS = {
    Code.NOTIFY: "Notice of an activity",
    Code.PROTECT: "Protected: please stay out of this volume",
    Code.HAZARD: "Hazard: this volume is dangerous",
}
_STYLE = (
    "body{font:18px/1.45 sans-serif;max-width:46em;margin:1em auto;padding:0 1em;color:#000;"
    "background:#fff}h1{font-size:1.7em;margin:.2em 0}h2{font-size:1.2em;margin:1.2em 0 .2em}"
    ".mark{border:4px solid #000;font-size:1.5em;font-weight:bold;padding:.3em;text-align:center}"
    "dl{margin:0}dt{font-weight:bold;margin-top:.5em}dd{margin:0}"
    ".code{border:3px solid #000;padding:.5em;margin:1em 0;page-break-inside:avoid}"
    ".groups{font:bold 2em monospace;letter-spacing:.1em}"
    "pre{font-size:11px;white-space:pre-wrap;word-break:break-all}"
    "@media print{body{margin:0;font-size:13pt}pre{font-size:6pt}}"
)


class Form(StrEnum):
    """What a page can be written as."""

    HTML = "html"
    TEXT = "txt"
    JSON = "json"


def drawn(note: bytes, form: Form) -> bytes:
    """The page that a note is, as a file.

    Raises:
        Malformed: it is none.
        Untrusted: `page_differs`: beside one signature it shows what nobody signed.
    """
    page = _page_of(parse_note(note))
    signed = note.decode("utf-8")
    if form is Form.JSON:
        says = {name: value for name, value in _facts(page) if name}
        return dumps({"says": {**says}, "note": signed}) + b"\n"
    text = _html(page, signed) if form is Form.HTML else _text(page, signed)
    return text.encode("utf-8")


def note_in(data: bytes) -> tuple[bytes, Form]:
    """The note in a page's file, whichever form that has; Malformed (`bad_page`) if none is."""
    if len(data) > RELAY_PAGE_BYTES_MAX:
        raise Malformed(f"a page has at most {RELAY_PAGE_BYTES_MAX} bytes", code="too_large")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("a page is UTF-8", code="bad_page") from error
    if text.startswith("{"):
        return _json_note(data), Form.JSON
    _, begun, rest = text.partition(f"{_BEGIN}\n")
    note, ended, _ = rest.partition(_END)
    if not begun or not ended:
        raise Malformed("no signed note is in it", code="bad_page")
    form = Form.HTML if text.startswith("<!doctype html>") else Form.TEXT
    return note.encode("utf-8"), form


def _json_note(data: bytes) -> bytes:
    value = loads(data, bytes_max=RELAY_PAGE_BYTES_MAX)
    note = value.get("note") if isinstance(value, dict) else None
    if not isinstance(note, str):
        raise Malformed("no signed note is in it", code="bad_page")
    return note.encode("utf-8")


def checked_page(data: bytes, keys_of: Callable[[str], Collection[VerifierKey]]) -> RelayPage:
    """The page in a file, signed by one of the keys of who made it, and showing what was signed.

    `keys_of` gives the entry keys of an origin that are believed.

    Raises:
        Malformed: it is no page.
        Untrusted: `not_signed`, `bad_signature`, or `page_differs`: what it shows is not what was
            signed.
    """
    note, form = note_in(data)
    parsed = parse_note(note)
    page = _page_of(parsed)
    if not verify_note(parsed, keys_of(page.made_by)):
        raise Untrusted(f"not signed by a key of {page.made_by} that counts", code="not_signed")
    if drawn(note, form) != data:
        raise Untrusted(
            "what the page shows is not what was signed, or another release drew it",
            code="page_differs",
        )
    return page


def _page_of(note: Note) -> RelayPage:
    """What was signed, if one line stands under it: anybody can add lines, and they are shown.

    A page's key is named like an origin, so its name holds no markup and turns no text round.
    """
    page = page_from(note.text)
    if len(note.signatures) != 1 or not is_origin(note.signatures[0].name):
        raise Untrusted("more stands under the page than one party's line", code="page_differs")
    return page


def _facts(page: RelayPage) -> list[tuple[str, str]]:
    """What the page says, name by name; volumes are numbered."""
    passed = page.passed
    by = f"{party_name(passed.declared_by)} ({passed.declared_by})"
    belief = (
        []
        if passed.confidence is None or passed.believed_until_us is None
        else [
            ("how sure", str(passed.confidence)),
            ("believed until", instant_text(passed.believed_until_us)),
        ]
    )
    found = [
        ("declared by", by),
        ("notice", passed.notice.hex()),
        ("state", _state(page)),
        ("what", f"{passed.purpose}, {passed.domain}, craft: {passed.craft}"),
        *belief,
    ]
    many = len(passed.volumes) > 1
    for number, volume in enumerate(passed.volumes, start=1):
        mark = f" {number}" if many else ""
        found += [(f"{name}{mark}", value) for name, value in _volume(volume)]
    made_by = f"{party_name(page.made_by)} ({page.made_by})"
    return [
        *found,
        ("page made by", made_by),
        ("page made at", instant_text(page.made_us)),
        ("page valid until", instant_text(page.until_us)),
        ("read back", " ".join(page.code)),
    ]


def _state(page: RelayPage) -> str:
    if page.passed.state is not LifeState.ACTIVE:
        return "it is declared, and has not started"
    overrun = page.made_us > page.passed.end_us
    return "it has started, and goes on past its time" if overrun else "it has started"


def _volume(volume: Volume4D) -> list[tuple[str, str]]:
    heights, unsure = volume.heights, volume.uncertainty
    given = [] if volume.given is None else [("heights as given", _given(volume.given))]
    return [
        ("from", instant_text(volume.window.start_us)),
        ("to", instant_text(volume.window.end_us)),
        ("area", _area(volume)),
        ("near", _near(places_of(volume.footprint)[0])),
        (
            "heights",
            f"{_height(heights.lower_mm)} to {_height(heights.upper_mm)} above the WGS84 ellipsoid",
        ),
        *given,
        (
            "uncertain by",
            ", ".join(
                (
                    f"{_metres(unsure.lateral_mm)} sideways",
                    f"{_metres(unsure.vertical_mm)} in height",
                    f"{unsure.time_us / SECOND_US:g} s",
                )
            ),
        ),
    ]


def _area(volume: Volume4D) -> str:
    footprint = volume.footprint
    if isinstance(footprint, Circle):
        return f"circle of {_km(footprint.radius_mm)} radius about {_point(footprint.centre)}"
    if isinstance(footprint, Corridor):
        line = "; ".join(map(_point, footprint.vertices))
        return f"corridor, {_km(footprint.half_width_mm)} either side of {line}"
    return _polygon(footprint)


def _polygon(footprint: Polygon) -> str:
    rings = (footprint.vertices, *footprint.holes)
    corners = ["; ".join(map(_point, ring)) for ring in rings]
    return f"inside {', but not inside '.join(corners)}"


def _point(position: Position) -> str:
    lat, lon = degrees(position.lat_e7), degrees(position.lon_e7)
    north, east = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
    return f"{abs(lat):.7f} {north} {abs(lon):.7f} {east}"


def _near(position: Position) -> str:
    place = nearest_place(position)
    far = f"{place.distance_mm / _MM_PER_KM:.0f} km from {place.name}"
    return f"its first point is {far}, bearing {place.bearing_deg:03.0f} true"


def _given(given: GivenHeights) -> str:
    text = f"{_limit(given.lower)} to {_limit(given.upper)}"
    if given.qnh is None:
        return text
    return f"{text}; QNH {given.qnh.pressure_pa / 100:g} hPa of {instant_text(given.qnh.at_us)}"


def _limit(limit: HeightLimit) -> str:
    level, rest_mm = divmod(limit.height_mm, _LEVEL_MM)
    if limit.datum is HeightDatum.FLIGHT_LEVEL and level >= 0 and rest_mm == 0:
        return f"FL{level:03d}"
    return f"{_height(limit.height_mm)} {_DATUMS[limit.datum]}"


def _height(value_mm: int) -> str:
    return f"{_metres(value_mm)} ({value_mm / FOOT_MM:.0f} ft)"


def _metres(value_mm: int) -> str:
    return f"{_exact(value_mm, 3)} m"


def _km(value_mm: int) -> str:
    return f"{_exact(value_mm, 6)} km"


def _exact(value: int, digits: int) -> str:
    """A whole number with its point moved left: nothing is rounded."""
    whole, rest = divmod(abs(value), 10**digits)
    text = f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text


def _marks(page: RelayPage) -> list[str]:
    exercise = exercise_of(page.made_by)
    return [] if exercise is None else [f"EXERCISE {exercise}: this is not real"]


def _asks(page: RelayPage) -> list[str]:
    name = party_name(page.made_by)
    return [
        f"Read these two groups back to {name} by voice:",
        f"It tells {name} that you have read this page and understood it. It approves nothing.",
    ]


def _text(page: RelayPage, signed: str) -> str:
    facts = _facts(page)
    width = max(len(name) for name, _ in facts)
    ask, means = _asks(page)
    lines = [
        *_marks(page),
        _HEADS[page.passed.code].upper(),
        "",
        *(f"{name:<{width}}  {value}" for name, value in facts),
        "",
        ask,
        *(f"  {group}   {spelled(group)}" for group in page.code),
        means,
        "",
        "Signed, for `comity hotline relay check`:",
        _BEGIN,
    ]
    return "\n".join(lines) + f"\n{signed}{_END}\n"


def _html(page: RelayPage, signed: str) -> str:
    title = escape(_HEADS[page.passed.code])
    marks = "".join(f'<p class="mark">{escape(mark)}</p>\n' for mark in _marks(page))
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>\n" for name, value in _facts(page)
    )
    ask, means = map(escape, _asks(page))
    groups = "".join(
        f'<p><span class="groups">{group}</span><br>{spelled(group)}</p>\n' for group in page.code
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{marks}<h1>{title}</h1>\n<dl>\n{facts}</dl>\n"
        f'<div class="code">\n<h2>{ask}</h2>\n{groups}<p>{means}</p>\n</div>\n'
        f"<p>Signed, for <code>comity hotline relay check</code>:</p>\n"
        f"<pre>\n{_BEGIN}\n{escape(signed)}{_END}\n</pre>\n</body>\n</html>\n"
    )
