"""How heights as given are written: the fields `given/...` of a volume, all or none of them.

Part of schema v1 of a notice's content (docs/reference/notice-v1.md, section 2). Whether the
volume's own band holds what they convert to is geometry, and the desk's question. Called by
`notice_v1`.
"""

from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh, Terrain
from comity.wire.fields import Field, Reader, int_field, text_field

__all__ = ["given_fields", "given_from"]


def given_fields(at: str, given: GivenHeights | None) -> tuple[Field, ...]:
    """The fields of what was given, under the volume's path `at`; none if nothing was."""
    if given is None:
        return ()
    found = [
        text_field(f"{at}/given/lower-datum", given.lower.datum),
        int_field(f"{at}/given/lower", given.lower.height_mm),
        text_field(f"{at}/given/upper-datum", given.upper.datum),
        int_field(f"{at}/given/upper", given.upper.height_mm),
    ]
    if given.qnh is not None:
        found += [
            int_field(f"{at}/given/qnh", given.qnh.pressure_pa),
            int_field(f"{at}/given/qnh-at", given.qnh.at_us),
        ]
    if given.isa_deviation_c is not None:
        found.append(int_field(f"{at}/given/isa-deviation", given.isa_deviation_c))
    if given.terrain is not None:
        found += [
            text_field(f"{at}/given/terrain-datum", given.terrain.datum),
            int_field(f"{at}/given/terrain-lower", given.terrain.lower_mm),
            int_field(f"{at}/given/terrain-upper", given.terrain.upper_mm),
        ]
    return tuple(found)


def given_from(reader: Reader, at: str) -> GivenHeights | None:
    """Take them; Malformed for a part without the others, or what cannot be converted."""
    if not reader.has(f"{at}/given/lower-datum"):
        return None
    lower, upper = (
        HeightLimit(
            datum=reader.choice(f"{at}/given/{end}-datum", HeightDatum),
            height_mm=reader.integer(f"{at}/given/{end}"),
        )
        for end in ("lower", "upper")
    )
    return GivenHeights(
        lower=lower,
        upper=upper,
        qnh=_qnh_from(reader, f"{at}/given"),
        isa_deviation_c=_deviation_from(reader, f"{at}/given/isa-deviation"),
        terrain=_terrain_from(reader, f"{at}/given"),
    )


def _qnh_from(reader: Reader, at: str) -> Qnh | None:
    if not reader.has(f"{at}/qnh"):
        return None
    return Qnh(pressure_pa=reader.integer(f"{at}/qnh"), at_us=reader.integer(f"{at}/qnh-at"))


def _deviation_from(reader: Reader, path: str) -> int | None:
    return reader.integer(path) if reader.has(path) else None


def _terrain_from(reader: Reader, at: str) -> Terrain | None:
    if not reader.has(f"{at}/terrain-datum"):
        return None
    return Terrain(
        datum=reader.choice(f"{at}/terrain-datum", HeightDatum),
        lower_mm=reader.integer(f"{at}/terrain-lower"),
        upper_mm=reader.integer(f"{at}/terrain-upper"),
    )
