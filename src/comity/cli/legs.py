"""A site or a movement on the ground, leg by leg: `LAT,LON,RADIUS@START/END`, or a CSV of the same.

Each leg is a volume of one protected presence. The next leg begins before the one before it is
over, at a place that touches it, so that whoever moves is never between two legs. Called by
`notice give`.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.area import AreaWords, blaming, volume_over
from comity.cli.files import read_file
from comity.cli.written import circle, is_from_now, moment_us
from comity.model.fault import Malformed
from comity.model.quantity import instant_text
from comity.web.api.shapes import Footprint, Volume
from comity.wire.limits import BODY_BYTES_MAX, VOLUMES_MAX

__all__ = ["LegOption", "LegsOption", "leg_volumes"]

LegOption = Annotated[
    list[str] | None,
    typer.Option(
        "--leg",
        metavar="LAT,LON,RADIUS@START/END",
        help="A leg of a humanitarian movement, or its site; repeat it for more, in order.",
    ),
]
LegsOption = Annotated[
    Path | None,
    typer.Option("--legs", metavar="FILE.csv", help="The legs: lat,lon,radius,start,end."),
]
_COLUMNS = ("lat", "lon", "radius", "start", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    """One circle and its window."""

    centre: tuple[float, float]
    radius_m: float
    start_us: int
    end_us: int


def leg_volumes(
    given: Sequence[str] | None, file: Path | None, words: AreaWords, now_us: Callable[[], int]
) -> list[Volume]:
    """A volume for each leg, all with the heights and uncertainty of `words`; none without legs.

    Wrong use names its option. `now_us` is asked only for times counted from now.
    """
    if given is None and file is None:
        return []
    option = "--legs" if file is not None else "--leg"
    with blaming(option):
        _check_alone(given, file, words)
        rows = [_split(text) for text in given or ()] if file is None else _rows(file)
        if not 1 <= len(rows) <= VOLUMES_MAX:
            raise Malformed(f"a notice has 1 to {VOLUMES_MAX} legs")
        legs = [_leg(number, row, now_us) for number, row in enumerate(rows, start=1)]
        _check_joints(legs)
    return [
        volume_over(
            words,
            Footprint(centre=leg.centre, radius_m=leg.radius_m),
            (leg.start_us, leg.end_us),
            now_us,
        )
        for leg in legs
    ]


def _check_alone(given: Sequence[str] | None, file: Path | None, words: AreaWords) -> None:
    elsewhere = words.place.given() or words.start is not None or words.end is not None
    if elsewhere or (given is not None and file is not None):
        raise Malformed("legs have their own areas and times; give them one way alone")


def _split(text: str) -> tuple[str, str, str]:
    """Circle, start and end of `35.1,36.2,2km@+50h/+2h`."""
    area, at, window = text.partition("@")
    start, slash, end = window.partition("/")
    if not (at and slash):
        raise Malformed(f"{text[:60]!r} is no leg like 35.1,36.2,2km@+50h/+2h")
    return area, start, end


def _rows(path: Path) -> list[tuple[str, str, str]]:
    """The same from a CSV file whose first line names the columns."""
    try:
        text = read_file(path, size_max=BODY_BYTES_MAX).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Malformed(f"{path} is no CSV in UTF-8: {error}") from error
    if not lines or tuple(cell.strip() for cell in lines[0]) != _COLUMNS:
        raise Malformed(f"the first line of {path} is {','.join(_COLUMNS)}")
    found: list[tuple[str, str, str]] = []
    for number, cells in enumerate(lines[1:], start=2):
        if not cells:
            continue
        if len(cells) != len(_COLUMNS):
            raise Malformed(f"line {number} of {path} has {len(cells)} cells, not {len(_COLUMNS)}")
        lat, lon, radius, start, end = (cell.strip() for cell in cells)
        found.append((f"{lat},{lon},{radius}", start, end))
    return found


def _leg(number: int, row: tuple[str, str, str], now_us: Callable[[], int]) -> _Leg:
    area, start, end = row
    try:
        centre, radius_m = circle(area)
        start_us = moment_us(start, now_us() if is_from_now(start) else 0)
        end_us = moment_us(end, start_us)
    except Malformed as fault:
        raise Malformed(f"leg {number}: {fault.reason}") from fault
    if end_us <= start_us:
        raise Malformed(f"leg {number} ends before it starts")
    return _Leg(centre=centre, radius_m=radius_m, start_us=start_us, end_us=end_us)


def _check_joints(legs: Sequence[_Leg]) -> None:
    """Who moves is somewhere at every moment: windows overlap at the joints, and areas touch."""
    # What one leg has no use for takes 30 ms to import.
    from comity.airspace.geodesic import distance_m  # noqa: PLC0415

    for number, (one, other) in enumerate(pairwise(legs), start=1):
        if other.start_us < one.start_us or other.end_us < one.end_us:
            raise Malformed(f"leg {number + 1} is not after leg {number}; give them in order")
        if other.start_us > one.end_us:
            raise Malformed(
                f"nobody is told of the time from {instant_text(one.end_us)} to "
                f"{instant_text(other.start_us)}: let legs {number} and {number + 1} overlap, or "
                "give two notices"
            )
        apart_m = distance_m(one.centre, other.centre) - one.radius_m - other.radius_m
        if apart_m > 0:
            raise Malformed(
                f"legs {number} and {number + 1} lie {apart_m:.0f} m apart: widen them, or give "
                "the one between"
            )
