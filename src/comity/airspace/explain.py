"""What does a conflict say, in one plain sentence, in the reader's units?

Who, what, where (the point of closest approach and the nearest named place), at what heights, when,
how close, which buffer that breaks and by how much, and which clause asks for it. Says what it is
given and looks nothing up but the place; what may be said of a sealed entry is its caller's
business (`coarse`). Called by the notebook and the doors.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from comity.airspace.clearance import NO_CLEARANCE, Approach, Clearance
from comity.airspace.figures import (
    asked_height,
    asked_length,
    band_text,
    down,
    height_text,
    length_text,
    range_text,
    span_text,
    up,
    window_text,
)
from comity.airspace.places import Place, nearest_place
from comity.model.quantity import DEGREE_E7, Position, degrees
from comity.model.units import Units
from comity.model.volume import HeightBand, Window

__all__ = ["Encounter", "border_words", "place_text", "point_text", "sentence"]

_COMPASS: Final = (
    *("north", "north-east", "east", "south-east"),
    *("south", "south-west", "west", "north-west"),
)
_HERE_MM: Final = 500_000  # nearer to a town's point than this there is no way to go
_COARSE_MM: Final = (1_000_000, 100_000)  # the steps of coarse gaps, sideways and in height
_TENTHS_A_DEGREE: Final = 600  # of a minute of arc


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """What is known of two that meet or come too close; what is None or empty is not said.

    `one` and `other` are words for who and what ("our operation 4f1d2c7a"), `asked` is the
    clearance and `grounds` where each of its three numbers stands ("by clause C4 of ..."), lateral,
    vertical, time. `heights` and `window` are what both share or what lies between them
    (`shared`). `where` is said as a place. `coarse` marks distances that were rounded down before
    they came here, and a point that is the middle of a cell.
    """

    one: str
    other: str
    approach: Approach
    asked: Clearance | None = None
    grounds: tuple[str, ...] = ()
    heights: HeightBand | None = None
    window: Window | None = None
    where: bool = True
    coarse: bool = False


def sentence(met: Encounter, units: Units) -> str:
    """One sentence with its full stop; no distance in it is above the truth, no lack below it."""
    both = f"{met.one[:1].upper()}{met.one[1:]} and {met.other}"
    place = _place(met, units)
    if met.approach.meets:
        parts = [f"{both} meet{place}", *_in_common(met, units), *_to_keep(met, units)]
    else:
        gaps = (_sideways(met, units), _in_height(met, units), _in_time(met))
        parts = [f"{both} come too close{place}: {gaps[0]}", *gaps[1:]]
    if len(set(met.grounds)) == 1:
        parts.append(met.grounds[0])
    return f"{'; '.join(parts)}."


def border_words(point: Position, closest_mm: int, buffer_mm: int, units: Units) -> str:
    """How near something comes to a border, where, and by how much that is less than its buffer."""
    near = length_text(closest_mm, units, down)
    lack = length_text(buffer_mm - closest_mm, units, up)
    less = "no more" if lack.startswith("0 ") else f"{lack} less"
    reach = "reaches the border" if closest_mm == 0 else f"comes within {near} of the border"
    return (
        f"{reach} at {point_text(point, units)}, {place_text(nearest_place(point), units)}, "
        f"{less} than the {asked_length(buffer_mm, units)} asked"
    )


def place_text(place: Place, units: Units) -> str:
    """`12 NM north-west (bearing 312° true) of Latakia`; `at Latakia` within 500 m of its point."""
    if place.distance_mm < _HERE_MM:
        return f"at {place.name}"
    whole = round(place.bearing_deg) % 360 or 360
    toward = _COMPASS[round(place.bearing_deg / 45.0) % 8]
    return (
        f"{range_text(place.distance_mm, units)} {toward} (bearing {whole:03d}° true) of "
        f"{place.name}"
    )


def point_text(point: Position, units: Units) -> str:
    """`35.5313° N 35.7909° E`, or `35°31.9'N 035°47.5'E` in aeronautical units."""
    halves = ((point.lat_e7, "NS", 2), (point.lon_e7, "EW", 3))
    if units is Units.METRIC:
        return " ".join(
            f"{degrees(abs(value)):.4f}° {sides[value < 0]}" for value, sides, _ in halves
        )
    shown = []
    for value, sides, width in halves:
        tenths = (abs(value) * _TENTHS_A_DEGREE + DEGREE_E7 // 2) // DEGREE_E7
        whole, minutes = divmod(tenths, _TENTHS_A_DEGREE)
        shown.append(f"{whole:0{width}d}°{minutes // 10:02d}.{minutes % 10}'{sides[value < 0]}")
    return " ".join(shown)


def _place(met: Encounter, units: Units) -> str:
    if not met.where:
        return ""
    point = met.approach.point
    about = "in the cell about" if met.coarse else "at"
    return f" {about} {point_text(point, units)}, {place_text(nearest_place(point), units)}"


def _in_common(met: Encounter, units: Units) -> Iterator[str]:
    """The heights and times that two which meet share, as far as they are told."""
    if met.heights is not None:
        yield f"both at {band_text(met.heights, units)}"
    if met.window is not None:
        yield f"both from {window_text(met.window)}"


def _to_keep(met: Encounter, units: Units) -> Iterator[str]:
    """What two that meet are to keep; one of the three is enough."""
    if met.asked is None:
        return
    if met.asked == NO_CLEARANCE:
        yield "they are not to meet"
        return
    kept = [
        f"{asked_length(met.asked.lateral_mm, units)} sideways{_ground(met, 0)}",
        f"{asked_height(met.asked.vertical_mm, units)} in height{_ground(met, 1)}",
        f"{span_text(met.asked.time_us, up)} in time{_ground(met, 2)}",
    ]
    yield f"they are to keep {kept[0]}, {kept[1]} or {kept[2]} apart"


def _ground(met: Encounter, number: int) -> str:
    """Where one of the three numbers stands, if they do not all stand in one clause."""
    return f" ({met.grounds[number]})" if len(set(met.grounds)) > 1 else ""


def _sideways(met: Encounter, units: Units) -> str:
    gap_mm = met.approach.closest_mm
    if gap_mm == 0:
        return _at_most(met, length_text(_COARSE_MM[0], units, up), "over the same area")
    text = f"{length_text(gap_mm, units, down)}{_or_more(met)} apart sideways"
    if met.asked is None:
        return text
    lack = length_text(met.asked.lateral_mm - gap_mm, units, up)
    return text + _short_of(met, 0, lack, asked_length(met.asked.lateral_mm, units))


def _in_height(met: Encounter, units: Units) -> str:
    gap_mm = met.approach.vertical_gap_mm
    band = "" if met.heights is None else band_text(met.heights, units)
    if gap_mm == 0:
        same = f"both at {band}" if band else "at heights that they share"
        return _at_most(met, height_text(_COARSE_MM[1], units, up), same)
    text = f"{height_text(gap_mm, units, down)}{_or_more(met)} apart in height"
    if met.asked is not None:
        lack = height_text(met.asked.vertical_mm - gap_mm, units, up)
        text += _short_of(met, 1, lack, asked_height(met.asked.vertical_mm, units))
    return f"{text}, from {band}" if band else text


def _in_time(met: Encounter) -> str:
    gap_us = met.approach.time_gap_us
    window = "" if met.window is None else window_text(met.window)
    if gap_us == 0:
        return f"both from {window}" if window else "at times that they share"
    text = f"{span_text(gap_us, down)} apart in time"
    if met.asked is not None:
        lack = span_text(met.asked.time_us - gap_us, up)
        text += _short_of(met, 2, lack, span_text(met.asked.time_us, up))
    return f"{text}, from {window}" if window else text


def _short_of(met: Encounter, number: int, lack: str, asked: str) -> str:
    """By how much a gap is less than what is asked for."""
    if lack.startswith("0 "):
        return f" (no more than the {asked} asked{_ground(met, number)})"
    upto = "up to " if met.coarse else ""
    return f" ({upto}{lack} less than the {asked} asked{_ground(met, number)})"


def _at_most(met: Encounter, step: str, same: str) -> str:
    """Of a coarse gap of nothing only the step is known."""
    return f"{same}, or less than {step} apart" if met.coarse else same


def _or_more(met: Encounter) -> str:
    return " or more" if met.coarse else ""
