"""Do the heights of a volume say what was given? Converted again here, whoever converted them.

A band that does not hold what its given heights convert to would be read differently by two people:
it is refused. So is a QNH of a time that has not come. Called by `receive.check_areas`.
"""

from typing import Final

from comity.airspace.heights import agrees
from comity.model.fault import Malformed
from comity.model.quantity import SECOND_US
from comity.model.volume import Volume4D

__all__ = ["check_heights"]

_AHEAD_US_MAX: Final = 300 * SECOND_US  # two parties' clocks, and a report that is a little early


def check_heights(volume: Volume4D, now_us: int) -> None:
    """Raise when what was given does not fit; the footprint has passed `footprint.check`.

    Raises:
        Malformed: `heights_disagree`, `qnh_from_future`, or as `heights.converted`.
    """
    if volume.given is None:
        return
    if volume.given.qnh is not None and volume.given.qnh.at_us > now_us + _AHEAD_US_MAX:
        raise Malformed("the QNH is of a time that has not come", code="qnh_from_future")
    if not agrees(volume):
        raise Malformed(
            "the band above wgs84 does not hold what the given heights convert to",
            code="heights_disagree",
        )
