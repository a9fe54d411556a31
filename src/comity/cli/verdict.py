"""A verifier's report as words for people and as JSON for programs. Called by `cli.verify`.

Nothing is decided here. What other parties wrote reaches the terminal as text only.
"""

import struct
from collections.abc import Callable, Iterator
from typing import TypeVar

from comity.cli.show import facts, heading
from comity.journal.report import End, Interval, Opened, Report, Subject, Times, Witnessing
from comity.journal.trustfile import Trust
from comity.model.fault import Malformed
from comity.model.given import GivenHeights
from comity.model.notice import Amendment, Declaration, Notice, Transition
from comity.model.quantity import (
    SECOND_US,
    Position,
    checked_instant_us,
    degrees,
    instant_text,
)
from comity.model.volume import Circle, Corridor, Volume4D
from comity.wire.canonical import Json
from comity.wire.entry_v1 import ReceiptBody
from comity.wire.fields import Field, FieldType

__all__ = ["report_json", "show_report"]

T = TypeVar("T")

_MM_PER_M = 1_000
_PA_PER_HPA = 100
_POINT = struct.Struct(">ii")
# Last parts of the paths of fields that hold a moment in microseconds.
_TIMES = frozenset(
    {
        *("at", "believed-until", "by", "due", "end", "expires", "fired", "from", "made"),
        *("qnh-at", "received", "since", "start", "until"),
    }
)
_CORNERS_SHOWN_MAX = 8  # of a polygon; --json has them all


def show_report(report: Report, trust: Trust | None) -> None:
    """Print the verdict first, then what it rests on, then what was said."""
    heading(f"{report.outcome.upper().replace('-', ' ')}: {report.reason}")
    if report.exercise is not None:
        heading(f"EXERCISE {report.exercise}: nothing in it happened")
    facts(
        [
            *((finding.code, finding.text) for finding in report.findings),
            *([] if report.subject is None else _subject_facts(report.subject)),
            *((claim.level, f"{claim.standing:<6}  {claim.text}") for claim in report.claims),
            *([] if report.times is None else _time_facts(report.times)),
            *([] if report.opened is None else _opened_facts(report.opened)),
            *([] if trust is None else _trust_facts(trust)),
        ]
    )


def _trust_facts(trust: Trust) -> list[tuple[str, str]]:
    found = [("trust", f"sha256 {trust.sha256.hex()}, signed by {trust.signer.name}")]
    if trust.policy is not None:
        found.append(("its policy", f"sha256 {trust.policy.sha256.hex()}"))
    if trust.authorities:
        found.append(("its time", f"{len(trust.authorities)} time authorities are believed"))
    return found


def _subject_facts(subject: Subject) -> list[tuple[str, str]]:
    entry = subject.entry
    return [
        ("entry", f"{entry.type} {subject.id.hex()}"),
        ("from", entry.sender),
        ("to", f"{entry.audience}, seq {entry.seq}"),
    ]


def _time_facts(times: Times) -> list[tuple[str, str]]:
    found = [("given at", _interval_text(times.given, "sender"))]
    if times.taken is not None:
        found.append(("received at", _interval_text(times.taken, "receiver")))
    return found


def _interval_text(interval: Interval, author: str) -> str:
    claim = f"{instant_text(interval.claimed_us)} by the {author}'s clock"
    if interval.clock_unsure:
        claim += ", WHICH IT KNEW TO BE WRONG"
    if interval.low.time_s is None and interval.high.time_s is None:
        return f"{claim}: parties' claims only"
    odd = "" if interval.holds_claim else ", WHICH IS OUTSIDE"
    low, high = _end_text("after", interval.low), _end_text("before", interval.high)
    return f"{low}, {high}; {claim}{odd}"


def _end_text(word: str, end: End) -> str:
    if end.time_s is None:
        return f"{word} a time that nothing shows"
    names = ", ".join(end.by)
    lies = f"; withstands {end.withstands} lying" if end.withstands else ""
    return f"{word} {instant_text(end.time_s * SECOND_US)} ({end.basis}: {names}{lies})"


def _opened_facts(opened: Opened) -> list[tuple[str, str]]:
    """The notice in words if all of it is shown, else the fields one by one; paths left out."""
    if opened.notice is not None:
        return list(_notice_facts(opened.notice))
    fields = [(field.path, _value_text(field)) for field in opened.fields]
    return [*fields, ("withheld", ", ".join(opened.withheld))]


def _value_text(field: Field) -> str:
    """As it was signed; a time that is known by its name also as people write it."""
    value = _value(field)
    if field.path.rpartition("/")[2] not in _TIMES or not isinstance(value, int):
        return str(value)
    try:
        return f"{instant_text(checked_instant_us(value))} (signed as {value} us)"
    except Malformed:
        return str(value)


def _notice_facts(notice: Notice) -> Iterator[tuple[str, str]]:
    if isinstance(notice, Transition):
        yield "says", f"{notice.code} {notice.code.name}, as of {instant_text(notice.at_us)}"
        yield "of", notice.of.hex()
        return
    if isinstance(notice, Amendment):
        yield "says", f"{notice.code} {notice.code.name}: new volumes"
        yield "of", notice.of.hex()
    else:
        yield from _declaration_facts(notice)
    for number, volume in enumerate(notice.volumes, start=1):
        yield f"volume {number}", _volume_text(volume)


def _declaration_facts(notice: Declaration) -> Iterator[tuple[str, str]]:
    yield "says", f"{notice.code} {notice.code.name}: {notice.kind}"
    yield "name", f"{notice.name!r} (free text)" if notice.name else ""
    yield "what", f"{notice.purpose}, {notice.domain}, craft {notice.craft}"
    yield "onward", notice.onward
    if notice.needs_us is not None:
        yield "needs", f"{notice.needs_us / SECOND_US:g} s to clear"
    if notice.basis is not None:
        until = instant_text(notice.basis.expires_us)
        yield "source", f"{notice.basis.source!r}, {notice.basis.confidence}, until {until}"


def _volume_text(volume: Volume4D) -> str:
    heights, window = volume.heights, volume.window
    return (
        f"{_footprint_text(volume)}; {heights.lower_mm / _MM_PER_M:g} to "
        f"{heights.upper_mm / _MM_PER_M:g} m above WGS84{_given_text(volume.given)}; "
        f"{instant_text(window.start_us)} to {instant_text(window.end_us)}"
    )


def _given_text(given: GivenHeights | None) -> str:
    """What the heights were converted from, as the sender said; not converted again here."""
    if given is None:
        return ""
    ends = (f"{end.height_mm / _MM_PER_M:g} m {end.datum}" for end in (given.lower, given.upper))
    qnh = "" if given.qnh is None else f", QNH {given.qnh.pressure_pa / _PA_PER_HPA:g} hPa"
    return f" (given as {' to '.join(ends)}{qnh})"


def _footprint_text(volume: Volume4D) -> str:
    footprint = volume.footprint
    if isinstance(footprint, Circle):
        return f"circle of {footprint.radius_mm / _MM_PER_M:g} m about {_point(footprint.centre)}"
    shown = " ".join(_point(vertex) for vertex in footprint.vertices[:_CORNERS_SHOWN_MAX])
    more = len(footprint.vertices) - _CORNERS_SHOWN_MAX
    kind, holes = "polygon", ""
    if isinstance(footprint, Corridor):
        kind = f"corridor of {footprint.half_width_mm / _MM_PER_M:g} m either side of"
    elif footprint.holes:
        holes = f", less {len(footprint.holes)} holes (--json)"
    return f"{kind} {shown}" + (f" and {more} more corners (--json)" if more > 0 else "") + holes


def _point(position: Position) -> str:
    return f"{degrees(position.lat_e7):.7f},{degrees(position.lon_e7):.7f}"


def report_json(report: Report, trust: Trust | None) -> dict[str, Json]:
    """The whole report; times in RFC 3339, hashes in hex, fields as they were signed."""
    taken = None if report.times is None else report.times.taken
    return {
        "outcome": report.outcome,
        "reason": report.reason,
        "exercise": report.exercise,
        "subject": _if_any(report.subject, _subject_json),
        "claims": [
            {"level": claim.level, "standing": claim.standing, "text": claim.text}
            for claim in report.claims
        ],
        "misbehaviour": [
            {"code": found.code, "by": found.by, "text": found.text} for found in report.findings
        ],
        "receipt": _if_any(report.receipt, _receipt_json),
        "witnesses": _if_any(report.witnessing, _witnesses_json),
        "given": _if_any(report.times, lambda times: _interval_json(times.given)),
        "acknowledged": _if_any(taken, _interval_json),
        "opened": _if_any(report.opened, _opened_json),
        "trust": _if_any(trust, _trust_json),
    }


def _if_any(value: T | None, form: Callable[[T], Json]) -> Json:
    return None if value is None else form(value)


def _receipt_json(receipt: ReceiptBody) -> Json:
    return {"got": receipt.got, "verdict": receipt.verdict}


def _witnesses_json(found: Witnessing) -> Json:
    return {
        "cosigned": list(found.names),
        "post_quantum": list(found.post_quantum),
        "known": found.known,
        "quorum": found.quorum,
        "tolerates": found.tolerates,
        "met": found.met,
        "policy": None if found.policy is None else found.policy.hex(),
    }


def _trust_json(trust: Trust) -> Json:
    return {
        "sha256": trust.sha256.hex(),
        "signer": trust.signer.text(),
        "policy": None if trust.policy is None else trust.policy.sha256.hex(),
        "authorities": len(trust.authorities),
    }


def _subject_json(subject: Subject) -> Json:
    entry = subject.entry
    return {
        "type": entry.type,
        "id": subject.id.hex(),
        "leaf": subject.leaf.hex(),
        "index": subject.index,
        "from": entry.sender,
        "to": entry.audience,
        "seq": entry.seq,
    }


def _interval_json(interval: Interval) -> Json:
    return {
        "low": _end_json(interval.low),
        "high": _end_json(interval.high),
        "after": [_end_json(end) for end in interval.lows],
        "before": [_end_json(end) for end in interval.highs],
        "claimed": instant_text(interval.claimed_us),
        "clock_unsure": interval.clock_unsure,
        "holds_claim": interval.holds_claim,
        "contradictory": interval.contradictory,
    }


def _end_json(end: End) -> dict[str, Json]:
    time = None if end.time_s is None else instant_text(end.time_s * SECOND_US)
    return {"time": time, "basis": end.basis, "by": list(end.by), "withstands": end.withstands}


def _opened_json(opened: Opened) -> Json:
    return {
        "is_notice": opened.notice is not None,
        "fault": opened.fault,
        "fields": [
            {"path": field.path, "type": field.type, "value": _value(field)}
            for field in opened.fields
        ],
        "withheld": list(opened.withheld),
    }


def _value(field: Field) -> Json:
    """An i64 as a number, text as text, an id in hex, points as pairs of 1e-7 degree."""
    if field.type is FieldType.INT:
        return int.from_bytes(field.value, "big", signed=True)
    if field.type is FieldType.ID:
        return field.value.hex()
    if field.type is FieldType.POINTS:
        return [[lat_e7, lon_e7] for lat_e7, lon_e7 in _POINT.iter_unpack(field.value)]
    return field.value.decode("utf-8", "backslashreplace")
