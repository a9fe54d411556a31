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
from msgspec.structs import replace

from comity.cli.area_file import area_from
from comity.cli.height_words import is_of_now, limits, qnh, terrain
from comity.cli.written import circle, corners, is_from_now, length_m, moment_us, points
from comity.exercise.amount import duration_us, length_mm
from comity.model.fault import Malformed
from comity.model.given import HeightDatum
from comity.model.quantity import instant_text, seconds
from comity.web.api.shapes import Footprint, Volume
from comity.web.api.shapes_heights import HeightReference

__all__ = [
    "AreaOption",
    "AreaWords",
    "CircleOption",
    "DatumOption",
    "EndOption",
    "HalfWidthOption",
    "HeightWords",
    "HeightsOption",
    "IsaOption",
    "LineOption",
    "PlaceWords",
    "PolygonOption",
    "QnhOption",
    "StartOption",
    "TerrainOption",
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
        "--heights",
        metavar="LOWER..UPPER",
        help="Height limits: 0m..20000ft, '3000ft msl..FL195', GND..FL95; else above --datum.",
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
    str | None,
    typer.Option(
        "--datum",
        help=f"What heights are measured from: {', '.join(HeightDatum)}; wgs84 if not said.",
    ),
]
QnhOption = Annotated[
    str | None,
    typer.Option("--qnh", metavar="HPA@TIME", help="The QNH, and since when: 1013@now, 1013@-20m."),
]
IsaOption = Annotated[
    int | None,
    typer.Option(
        "--isa-deviation",
        metavar="DEGREES",
        help="How much warmer than standard the air below is, if known.",
    ),
]
TerrainOption = Annotated[
    str | None,
    typer.Option(
        "--terrain",
        metavar="LOWEST..HIGHEST",
        help="The ground in the area, for heights agl: 120m..340m (msl, or wgs84).",
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


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """What was written about where, one way of several."""

    polygon: str | None
    circle: str | None
    line: str | None
    half_width: str | None
    file: Path | None

    def given(self) -> bool:
        """Whether anything was written."""
        ways = (self.polygon, self.circle, self.line, self.half_width, self.file)
        return any(word is not None for word in ways)


@dataclass(frozen=True, slots=True)
class HeightWords:
    """What was written about heights, and what it takes to convert them."""

    band: str | None
    datum: str | None
    qnh: str | None
    isa_deviation: int | None
    terrain: str | None

    def given(self) -> bool:
        """Whether anything was written but a datum, which has a value by itself."""
        words = (self.band, self.qnh, self.isa_deviation, self.terrain)
        return any(word is not None for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaWords:
    """What was written about one volume, as it was written."""

    place: PlaceWords
    height: HeightWords
    start: str | None
    end: str | None
    uncertainty: str | None = None

    def given(self) -> bool:
        """Whether anything was written."""
        others = (self.start, self.end, self.uncertainty)
        written = any(word is not None for word in others)
        return written or self.place.given() or self.height.given()


def volume(words: AreaWords, now_us: Callable[[], int]) -> Volume:
    """The volume; wrong use names its option. `now_us` is asked only for times counted from now."""
    footprint = _footprint(words.place)
    with blaming("--start"):
        start = _needed(words.start)
        start_us = moment_us(start, now_us() if is_from_now(start) else 0)
    with blaming("--end"):
        end_us = moment_us(_needed(words.end), start_us)
    return volume_over(words, footprint, (start_us, end_us), now_us)


def volume_over(
    words: AreaWords,
    footprint: Footprint,
    window_us: tuple[int, int],
    now_us: Callable[[], int],
) -> Volume:
    """The volume over a footprint in a window, with the heights and uncertainty that were given."""
    with blaming("--heights"):
        found = limits(_needed(words.height.band), words.height.datum)
    with blaming("--uncertainty"):
        lateral_m, vertical_m, time_s = _uncertainty(words.uncertainty)
    return Volume(
        footprint=footprint,
        lower_m=found.lower_m,
        upper_m=found.upper_m,
        start=instant_text(window_us[0]),
        end=instant_text(window_us[1]),
        datum=found.lower_datum,
        upper_datum=None if found.upper_datum == found.lower_datum else found.upper_datum,
        reference=_reference(words.height, now_us),
        uncertainty_lateral_m=lateral_m,
        uncertainty_vertical_m=vertical_m,
        uncertainty_time_s=time_s,
    )


def _reference(words: HeightWords, now_us: Callable[[], int]) -> HeightReference | None:
    """What heights by pressure or above ground need; None if nothing of it was written."""
    if words.qnh is None and words.isa_deviation is None and words.terrain is None:
        return None
    reference = HeightReference(isa_deviation_c=words.isa_deviation)
    if words.qnh is not None:
        with blaming("--qnh"):
            hpa, at_us = qnh(words.qnh, now_us() if is_of_now(words.qnh) else 0)
        reference = replace(reference, qnh_hpa=hpa, qnh_at=instant_text(at_us))
    if words.terrain is not None:
        with blaming("--terrain"):
            low_m, high_m, over = terrain(words.terrain)
        ground = {"terrain_lower_m": low_m, "terrain_upper_m": high_m}
        reference = replace(reference, terrain_datum=over, **ground)
    return reference


@contextmanager
def blaming(option: str) -> Iterator[None]:
    """Turn what an option's words lack into wrong use of that option."""
    try:
        yield
    except Malformed as fault:
        raise typer.BadParameter(fault.reason, param_hint=option) from fault


def _footprint(words: PlaceWords) -> Footprint:
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
