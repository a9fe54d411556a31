"""The options that describe one 4D volume, and the volume that they make.

Called by the verbs that give and amend notices, and by `legs`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from comity.cli.written import (
    circle,
    corners,
    heights,
    is_from_now,
    length_m,
    moment_us,
    points,
)
from comity.exercise.amount import duration_us, length_mm
from comity.model.fault import Malformed
from comity.model.quantity import instant_text, seconds
from comity.web.api.shapes import Footprint, Volume

__all__ = [
    "AreaWords",
    "CircleOption",
    "DatumOption",
    "EndOption",
    "HalfWidthOption",
    "HeightsOption",
    "LineOption",
    "PolygonOption",
    "StartOption",
    "UncertaintyOption",
    "blaming",
    "volume",
    "volume_over",
]

PolygonOption = Annotated[
    str | None,
    typer.Option(
        "--polygon", metavar="'LAT,LON LAT,LON ...'", help="The corners of the area, in degrees."
    ),
]
CircleOption = Annotated[
    str | None,
    typer.Option(
        "--circle", metavar="LAT,LON,RADIUS", help="The area as a circle; radius in m, km or nm."
    ),
]
LineOption = Annotated[
    str | None,
    typer.Option(
        "--line",
        metavar="'LAT,LON LAT,LON ...'",
        help="The centre line of a corridor, in degrees; with --half-width.",
    ),
]
HalfWidthOption = Annotated[
    str | None,
    typer.Option(
        "--half-width",
        metavar="LENGTH",
        help="How far the corridor reaches either side of its --line, and beyond its ends.",
    ),
]
HeightsOption = Annotated[
    str | None,
    typer.Option(
        "--heights", metavar="LOWER..UPPER", help="Height limits, as 0m..20000ft, above --datum."
    ),
]
StartOption = Annotated[
    str | None,
    typer.Option(
        "--start", metavar="TIME", help="2030-01-01T10:00:00Z, now, or +20m by the node's clock."
    ),
]
EndOption = Annotated[
    str | None, typer.Option("--end", metavar="TIME", help="A time, or +30m after the start.")
]
DatumOption = Annotated[
    str,
    typer.Option(
        "--datum", help="What heights are measured from; a node refuses what it cannot convert."
    ),
]
UncertaintyOption = Annotated[
    str | None,
    typer.Option(
        "--uncertainty",
        metavar="LATERAL,VERTICAL,TIME",
        help="How far it may be from what is stated, as 100m,50m,30s.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaWords:
    """What was written into the options."""

    polygon: str | None
    circle: str | None
    heights: str | None
    start: str | None
    end: str | None
    datum: str = "wgs84"
    uncertainty: str | None = None
    line: str | None = None
    half_width: str | None = None

    def given(self) -> bool:
        """Whether anything was written."""
        words = (*self.area, self.heights, self.start, self.end, self.uncertainty)
        return any(word is not None for word in words)

    @property
    def area(self) -> tuple[str | None, ...]:
        """What says where, whichever way."""
        return (self.polygon, self.circle, self.line, self.half_width)


def volume(words: AreaWords, now_us: Callable[[], int]) -> Volume:
    """The volume; wrong use names its option. `now_us` is asked only for times counted from now."""
    footprint = _footprint(words)
    with blaming("--start"):
        start = _needed(words.start)
        start_us = moment_us(start, now_us() if is_from_now(start) else 0)
    with blaming("--end"):
        end_us = moment_us(_needed(words.end), start_us)
    return volume_over(words, footprint, (start_us, end_us))


def volume_over(words: AreaWords, footprint: Footprint, window_us: tuple[int, int]) -> Volume:
    """The volume over a footprint in a window, with the heights and uncertainty that were given."""
    with blaming("--heights"):
        lower_m, upper_m = heights(_needed(words.heights))
    with blaming("--uncertainty"):
        lateral_m, vertical_m, time_s = _uncertainty(words.uncertainty)
    return Volume(
        footprint=footprint,
        lower_m=lower_m,
        upper_m=upper_m,
        start=instant_text(window_us[0]),
        end=instant_text(window_us[1]),
        datum=words.datum,
        uncertainty_lateral_m=lateral_m,
        uncertainty_vertical_m=vertical_m,
        uncertainty_time_s=time_s,
    )


@contextmanager
def blaming(option: str) -> Iterator[None]:
    """Turn what an option's words lack into wrong use of that option."""
    try:
        yield
    except Malformed as fault:
        raise typer.BadParameter(fault.reason, param_hint=option) from fault


def _footprint(words: AreaWords) -> Footprint:
    ways = (words.polygon, words.circle, words.line)
    if sum(way is not None for way in ways) != 1:
        hint = "--polygon, --circle or --line"
        raise typer.BadParameter("give one of them, and one only", param_hint=hint)
    if words.line is None and words.half_width is not None:
        raise typer.BadParameter("a half-width is a --line's", param_hint="--half-width")
    if words.polygon is not None:
        with blaming("--polygon"):
            return Footprint(polygon=corners(words.polygon))
    if words.line is not None:
        with blaming("--line"):
            line = points(words.line)
        with blaming("--half-width"):
            return Footprint(line=line, half_width_m=length_m(_needed_half(words.half_width)))
    with blaming("--circle"):
        centre, radius_m = circle(_needed(words.circle))
        return Footprint(centre=centre, radius_m=radius_m)


def _uncertainty(text: str | None) -> tuple[float, float, float]:
    if text is None:
        return 0.0, 0.0, 0.0
    parts = text.split(",")
    if len(parts) != 3:  # noqa: PLR2004
        raise Malformed(f"{text[:40]!r} is not of the form 100m,50m,30s")
    lateral, vertical, time = parts
    return length_mm(lateral) / 1_000, length_mm(vertical) / 1_000, seconds(duration_us(time))


def _needed_half(word: str | None) -> str:
    if word is None:
        raise Malformed("it is missing; a line has no width of its own")
    return word


def _needed(word: str | None) -> str:
    if word is None:
        raise Malformed("it is missing; a notice says where, how high and when")
    return word
