"""How a volume and a span of time are shown. Called by `notice show` and its neighbours."""

from comity.cli.height_words import added_text, given_text
from comity.cli.show import facts
from comity.exercise.amount import duration_text
from comity.web.api.shapes import Footprint, Volume

__all__ = ["area_text", "need_facts", "show_volume", "span"]


def span(span_s: float | None) -> str:
    """A span for people; empty if there is none."""
    return "" if span_s is None else duration_text(span_s)


def need_facts(
    total_s: float | None, terms_s: dict[str, float] | None, unable: str | None
) -> list[tuple[str, str]]:
    """A time to clear, term by term; or that there is none, and why."""
    if unable is not None:
        return [("time to clear", f"UNABLE: {unable.replace('_', ' ')}")]
    terms = [(f"  {name}", span(value)) for name, value in (terms_s or {}).items()]
    return [("time to clear", span(total_s)), *terms]


def show_volume(volume: Volume) -> None:
    """Where, how high, when, and how far it may be from that."""
    given = volume.given
    facts(
        [
            ("area", area_text(volume.footprint)),
            ("heights", f"{volume.lower_m:g} m to {volume.upper_m:g} m above {volume.datum}"),
            ("heights as given", "" if given is None else given_text(given)),
            ("times", f"{volume.start} to {volume.end}"),
            ("lateral uncertainty", f"{volume.uncertainty_lateral_m:g} m"),
            ("vertical uncertainty", f"{volume.uncertainty_vertical_m:g} m"),
            ("added by conversion", "" if given is None else added_text(given)),
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
