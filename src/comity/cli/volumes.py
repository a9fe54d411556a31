"""Shows one 4D volume as names and values. Called by the verbs that show a notice or an entry."""

from comity.cli.show import facts
from comity.exercise.amount import duration_text
from comity.web.api.shapes import Footprint, Volume

__all__ = ["show_volume"]


def show_volume(volume: Volume) -> None:
    """Area, heights, times and what is uncertain of them."""
    facts(
        [
            ("area", _area(volume.footprint)),
            ("heights", f"{volume.lower_m:g} m to {volume.upper_m:g} m above {volume.datum}"),
            ("times", f"{volume.start} to {volume.end}"),
            ("lateral uncertainty", f"{volume.uncertainty_lateral_m:g} m"),
            ("vertical uncertainty", f"{volume.uncertainty_vertical_m:g} m"),
            ("time uncertainty", duration_text(volume.uncertainty_time_s)),
        ]
    )


def _area(footprint: Footprint) -> str:
    if footprint.centre is None:
        return " ".join(_point(each) for each in footprint.polygon or ())
    return f"circle of {footprint.radius_m or 0:.0f} m about {_point(footprint.centre)}"


def _point(spot: tuple[float, float]) -> str:
    return f"{spot[0]:.7f},{spot[1]:.7f}"
