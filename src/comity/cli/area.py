"""The options that describe one 4D volume, and the volume that they make.

Called by the verbs that give and amend notices, and by `legs`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from comity.cli.area_file import area_from
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
    "AreaOption",
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
AreaOption = Annotated[
    Path | None,
    typer.Option(
        "--area",
        metavar="FILE",
        help="The area as GeoJSON, - for stdin: a Polygon, or with --half-width a LineString.",
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
    file: Path | None = None

    def given(self) -> bool:
        """Whether anything was written."""
        words = (*self.area, self.heights, self.start, self.end, self.uncertainty)
        return any(word is not None for word in words)

    @property
    def area(self) -> tuple[str | Path | None, ...]:
        """What says where, whichever way."""
        return (self.polygon, self.circle, self.line, self.half_width, self.file)


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
    ways = (words.polygon, words.circle, words.line, words.file)
    if sum(way is not None for way in ways) != 1:
        hint = "--polygon, --circle, --line or --area"
        raise typer.BadParameter("give one of them, and one only", param_hint=hint)
    if words.polygon is not None:
        with blaming("--polygon"):
            found = Footprint(polygon=corners(words.polygon))
    elif words.circle is not None:
        with blaming("--circle"):
            centre, radius_m = circle(words.circle)
            found = Footprint(centre=centre, radius_m=radius_m)
    elif words.file is not None:
        with blaming("--area"):
            found = area_from(words.file)
    else:
        with blaming("--line"):
            found = Footprint(line=points(_needed(words.line)))
    return _with_half_width(found, words.half_width)


def _with_half_width(footprint: Footprint, half_width: str | None) -> Footprint:
    """A line has one, and nothing else."""
    with blaming("--half-width"):
        if (footprint.line is None) != (half_width is None):
            raise Malformed("a line needs it, and nothing else has one")
        if half_width is None:
            return footprint
        return msgspec.structs.replace(footprint, half_width_m=length_m(half_width))


def _uncertainty(text: str | None) -> tuple[float, float, float]:
    if text is None:
        return 0.0, 0.0, 0.0
    parts = text.split(",")
    if len(parts) != 3:  # noqa: PLR2004
        raise Malformed(f"{text[:40]!r} is not of the form 100m,50m,30s")
    lateral, vertical, time = parts
    return length_mm(lateral) / 1_000, length_mm(vertical) / 1_000, seconds(duration_us(time))


def _needed(word: str | None) -> str:
    if word is None:
        raise Malformed("it is missing; a notice says where, how high and when")
    return word
