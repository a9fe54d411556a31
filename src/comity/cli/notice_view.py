"""How a volume and a span of time are shown. Called by `notice show` and its neighbours."""

from comity.cli.show import facts
from comity.exercise.amount import duration_text
from comity.web.api.shapes import Footprint, Volume

__all__ = ["area_text", "show_volume", "span"]


def span(span_s: float | None) -> str:
    """A span for people; empty if there is none."""
    return "" if span_s is None else duration_text(span_s)


def show_volume(volume: Volume) -> None:
    """Where, how high, when, and how far it may be from that."""
    facts(
        [
            ("area", area_text(volume.footprint)),
            ("heights", f"{volume.lower_m:g} m to {volume.upper_m:g} m above {volume.datum}"),
            ("times", f"{volume.start} to {volume.end}"),
            ("lateral uncertainty", f"{volume.uncertainty_lateral_m:g} m"),
            ("vertical uncertainty", f"{volume.uncertainty_vertical_m:g} m"),
            ("time uncertainty", span(volume.uncertainty_time_s)),
        ]
    )


def area_text(footprint: Footprint) -> str:
    """A circle or a corridor in words, or the corners of a polygon and of its holes."""
    if footprint.line is not None:
        along = " ".join(_point(each) for each in footprint.line)
        return f"corridor of {footprint.half_width_m or 0:.0f} m either side of {along}"
    if footprint.centre is None:
        rings = (footprint.polygon or (), *(footprint.holes or ()))
        return ", without ".join(" ".join(map(_point, ring)) for ring in rings)
    return f"circle of {footprint.radius_m or 0:.0f} m about {_point(footprint.centre)}"


def _point(spot: tuple[float, float]) -> str:
    return f"{spot[0]:.7f},{spot[1]:.7f}"
