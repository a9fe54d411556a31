"""Heights as a party gave them: each limit with its datum, and what is needed to convert it.

Nouns only. Kept beside the converted band of a volume, so that whoever receives it can convert
again and see what was meant; the conversion is `airspace.heights`. Called by `model.volume` and
whatever reads or writes volumes.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.model.fault import Malformed
from comity.model.quantity import checked_instant_us

__all__ = [
    "HEIGHT_MM_MAX",
    "HEIGHT_MM_MIN",
    "ISA_DEVIATION_C_MAX",
    "ISA_DEVIATION_C_MIN",
    "PRESSURE_HEIGHT_MM_MAX",
    "PRESSURE_HEIGHT_MM_MIN",
    "QNH_PA_MAX",
    "QNH_PA_MIN",
    "GivenHeights",
    "HeightDatum",
    "HeightLimit",
    "HeightTerm",
    "Qnh",
    "Terrain",
]

HEIGHT_MM_MIN: Final = -12_000_000  # below the deepest trench
HEIGHT_MM_MAX: Final = 100_000_000  # 100 km, the usual edge of space
# Where pressure is a height: the two lowest layers of the standard atmosphere, FL656 at the top.
PRESSURE_HEIGHT_MM_MIN: Final = -2_000_000
PRESSURE_HEIGHT_MM_MAX: Final = 20_000_000
# About what was ever seen at sea level: 870 hPa (Typhoon Tip, 1979), 1083.8 hPa (Agata, 1968).
QNH_PA_MIN: Final = 87_000
QNH_PA_MAX: Final = 108_500
ISA_DEVIATION_C_MIN: Final = -60
ISA_DEVIATION_C_MAX: Final = 40


class HeightDatum(StrEnum):
    """What a height is measured from."""

    WGS84 = "wgs84"  # the ellipsoid
    MSL = "msl"  # mean sea level, as EGM96 has it
    PRESSURE = "pressure"  # an altimeter set to the QNH that is given
    FLIGHT_LEVEL = "flight-level"  # an altimeter set to 1013.25 hPa: a pressure altitude
    AGL = "agl"  # the ground


class HeightTerm(StrEnum):
    """What a conversion adds to the uncertainty of a height, and why."""

    GEOID_MODEL = "geoid-model"
    GEOID_INTERPOLATION = "geoid-interpolation"
    TERRAIN = "terrain"
    QNH = "qnh-age-and-place"
    PRESSURE = "pressure"
    TEMPERATURE = "temperature"
    GRAVITY = "gravity"


_BY_PRESSURE = frozenset({HeightDatum.PRESSURE, HeightDatum.FLIGHT_LEVEL})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightLimit:
    """One end of a band: millimetres from its datum (as an altimeter counts them, for pressure)."""

    datum: HeightDatum
    height_mm: int

    def __post_init__(self) -> None:
        """Refuse what is no height from that datum."""
        if type(self.height_mm) is not int or not HEIGHT_MM_MIN <= self.height_mm <= HEIGHT_MM_MAX:
            raise Malformed("heights lie between -12 km and 100 km", code="bad_height")
        low, high = PRESSURE_HEIGHT_MM_MIN, PRESSURE_HEIGHT_MM_MAX
        if self.datum in _BY_PRESSURE and not low <= self.height_mm <= high:
            raise Malformed(
                "pressure tells heights between -2 km and 20 km", code="height_beyond_isa"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Qnh:
    """The pressure at sea level that an altimeter is set to, in pascal, and when it was so."""

    pressure_pa: int
    at_us: int

    def __post_init__(self) -> None:
        """Refuse what was never seen at sea level."""
        if type(self.pressure_pa) is not int or not QNH_PA_MIN <= self.pressure_pa <= QNH_PA_MAX:
            raise Malformed("a QNH lies between 870 and 1085 hPa", code="bad_qnh")
        checked_instant_us(self.at_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """The lowest and the highest ground anywhere in the area, millimetres above `datum`."""

    datum: HeightDatum
    lower_mm: int
    upper_mm: int

    def __post_init__(self) -> None:
        """Refuse ground that is counted from itself or from a pressure, or upside down."""
        if self.datum not in (HeightDatum.WGS84, HeightDatum.MSL):
            raise Malformed("terrain is above wgs84 or msl", code="bad_terrain")
        for height_mm in (self.lower_mm, self.upper_mm):
            HeightLimit(datum=self.datum, height_mm=height_mm)
        if self.lower_mm > self.upper_mm:
            raise Malformed("the lowest ground is above the highest", code="bad_terrain")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenHeights:
    """A band as given: at least one limit is above something else than the ellipsoid.

    `qnh` and `isa_deviation_c` belong to limits by pressure, `terrain` to limits above ground. The
    deviation is that of the air below the limits from the standard atmosphere, on the mean.
    """

    lower: HeightLimit
    upper: HeightLimit
    qnh: Qnh | None = None
    isa_deviation_c: int | None = None
    terrain: Terrain | None = None

    def __post_init__(self) -> None:
        """Refuse a band that cannot be converted, or that says more than it needs."""
        datums = {self.lower.datum, self.upper.datum}
        if datums == {HeightDatum.WGS84}:
            raise Malformed("both heights are above the ellipsoid already", code="no_other_datum")
        if len(datums) == 1 and self.lower.height_mm > self.upper.height_mm:
            raise Malformed("the lower height is above the upper one", code="inverted_band")
        if HeightDatum.PRESSURE in datums and self.qnh is None:
            raise Malformed("an altitude on a QNH needs that QNH", code="qnh_missing")
        if HeightDatum.AGL in datums and self.terrain is None:
            raise Malformed(
                "a height above ground needs the lowest and highest ground", code="terrain_missing"
            )
        self._no_surplus(datums)
        deviation_c = self.isa_deviation_c
        if deviation_c is not None and (
            type(deviation_c) is not int
            or not ISA_DEVIATION_C_MIN <= deviation_c <= ISA_DEVIATION_C_MAX
        ):
            raise Malformed(
                "air is -60 to +40 degrees off the standard atmosphere", code="bad_isa_deviation"
            )

    def _no_surplus(self, datums: set[HeightDatum]) -> None:
        by_pressure = bool(datums & _BY_PRESSURE)
        if not by_pressure and not (self.qnh is None and self.isa_deviation_c is None):
            raise Malformed("no limit is by pressure: no QNH, no air", code="unexpected_field")
        if HeightDatum.AGL not in datums and self.terrain is not None:
            raise Malformed("no limit is above ground: no terrain", code="unexpected_field")
