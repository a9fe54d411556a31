"""Schema v1 of a notice's content: which paths, of which type, in which order.

`fields_of` writes, `notice_from` reads and refuses everything that `fields_of` would not write.
Never edited after release: a change is notice_v2. Reference with golden vectors:
docs/reference/notice-v1.md.
"""

from comity.model.fault import Malformed
from comity.model.notice import (
    FORBIDDEN_FIELDS,
    Amendment,
    Code,
    Confidence,
    Craft,
    Declaration,
    Domain,
    HazardBasis,
    Notice,
    Onward,
    Purpose,
    Transition,
    checked_text,
)
from comity.model.quantity import Position
from comity.model.volume import (
    Circle,
    Corridor,
    Footprint,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
)
from comity.wire.fields import Field, Reader, id_field, int_field, points_field, text_field
from comity.wire.given_v1 import given_fields, given_from
from comity.wire.limits import VOLUMES_MAX

__all__ = ["fields_of", "notice_from", "volume_fields", "volumes_from"]

_DATUM = "wgs84"  # of lower and upper; what they were converted from stands beside them


def fields_of(notice: Notice) -> tuple[Field, ...]:
    """The content of a notice, in canonical order."""
    if isinstance(notice, Transition):
        return (
            text_field("code", notice.code),
            id_field("of", notice.of),
            int_field("at", notice.at_us),
        )
    if isinstance(notice, Amendment):
        return (
            text_field("code", notice.code),
            id_field("of", notice.of),
            *volume_fields(notice.volumes),
        )
    return _declaration_fields(notice)


def _declaration_fields(notice: Declaration) -> tuple[Field, ...]:
    head = (
        text_field("code", notice.code),
        text_field("purpose", notice.purpose),
        text_field("domain", notice.domain),
        text_field("craft", notice.craft),
        text_field("onward", notice.onward),
        text_field("name", notice.name),
    )
    needs = () if notice.needs_us is None else (int_field("needs", notice.needs_us),)
    basis: tuple[Field, ...] = ()
    if notice.basis is not None:
        basis = (
            text_field("basis/source", notice.basis.source),
            text_field("basis/confidence", notice.basis.confidence),
            int_field("basis/expires", notice.basis.expires_us),
        )
    return (*head, *needs, *basis, *volume_fields(notice.volumes))


def volume_fields(volumes: tuple[Volume4D, ...]) -> tuple[Field, ...]:
    """The fields of volumes, numbered from 0."""
    found: list[Field] = []
    for index, volume in enumerate(volumes):
        at = f"volume/{index}"
        found += [
            *_footprint_fields(volume.footprint, at),
            text_field(f"{at}/datum", _DATUM),
            int_field(f"{at}/lower", volume.heights.lower_mm),
            int_field(f"{at}/upper", volume.heights.upper_mm),
            *given_fields(at, volume.given),
            int_field(f"{at}/start", volume.window.start_us),
            int_field(f"{at}/end", volume.window.end_us),
            int_field(f"{at}/uncertainty/lateral", volume.uncertainty.lateral_mm),
            int_field(f"{at}/uncertainty/vertical", volume.uncertainty.vertical_mm),
            int_field(f"{at}/uncertainty/time", volume.uncertainty.time_us),
        ]
    return tuple(found)


def _footprint_fields(footprint: Footprint, at: str) -> tuple[Field, ...]:
    if isinstance(footprint, Circle):
        return (
            points_field(f"{at}/centre", (footprint.centre,)),
            int_field(f"{at}/radius", footprint.radius_mm),
        )
    if isinstance(footprint, Corridor):
        return (
            points_field(f"{at}/line", footprint.vertices),
            int_field(f"{at}/half-width", footprint.half_width_mm),
        )
    return (
        points_field(f"{at}/polygon", footprint.vertices),
        *(points_field(f"{at}/hole/{j}", hole) for j, hole in enumerate(footprint.holes)),
    )


def notice_from(fields: tuple[Field, ...]) -> Notice:
    """Read a content; Malformed for a missing, surplus, misordered, forbidden or bad field."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    code = reader.choice("code", Code)
    notice: Notice
    if code in (Code.NOTIFY, Code.PROTECT, Code.HAZARD):
        notice = _declaration_from(reader, code)
    elif code is Code.AMEND:
        notice = Amendment(of=reader.identity("of"), volumes=volumes_from(reader))
    else:
        notice = Transition(of=reader.identity("of"), code=code, at_us=reader.integer("at"))
    reader.finish()
    if fields_of(notice) != fields:  # one content, one form
        raise Malformed("the fields are not in canonical order", code="bad_field")
    return notice


def _declaration_from(reader: Reader, code: Code) -> Declaration:
    return Declaration(
        code=code,
        purpose=reader.choice("purpose", Purpose),
        domain=reader.choice("domain", Domain),
        craft=reader.choice("craft", Craft),
        onward=reader.choice("onward", Onward),
        name=checked_text(reader.text("name"), 40, "name"),
        needs_us=reader.integer("needs") if reader.has("needs") else None,
        basis=_basis_from(reader) if reader.has("basis/source") else None,
        volumes=volumes_from(reader),
    )


def _basis_from(reader: Reader) -> HazardBasis:
    return HazardBasis(
        source=reader.text("basis/source"),
        confidence=reader.choice("basis/confidence", Confidence),
        expires_us=reader.integer("basis/expires"),
    )


def volumes_from(reader: Reader) -> tuple[Volume4D, ...]:
    """Take the volumes; Malformed (`no_area`) if there are none."""
    count = reader.count("volume")
    if count == 0:
        raise Malformed(
            "a notice without an area, heights and times is not a notice", code="no_area"
        )
    if count > VOLUMES_MAX:
        raise Malformed(f"a notice has at most {VOLUMES_MAX} volumes", code="too_many_volumes")
    return tuple(_volume_from(reader, f"volume/{index}") for index in range(count))


def _footprint_from(reader: Reader, at: str) -> Footprint:
    if reader.has(f"{at}/centre"):
        points = reader.points(f"{at}/centre")
        if len(points) != 1:
            raise Malformed("a circle has one centre", code="bad_field")
        return Circle(centre=points[0], radius_mm=reader.integer(f"{at}/radius"))
    if reader.has(f"{at}/line"):
        line = reader.points(f"{at}/line")
        return Corridor(vertices=line, half_width_mm=reader.integer(f"{at}/half-width"))
    return Polygon(vertices=reader.points(f"{at}/polygon"), holes=_holes_from(reader, at))


def _holes_from(reader: Reader, at: str) -> tuple[tuple[Position, ...], ...]:
    holes: list[tuple[Position, ...]] = []
    while reader.has(path := f"{at}/hole/{len(holes)}"):
        holes.append(reader.points(path))
    return tuple(holes)


def _volume_from(reader: Reader, at: str) -> Volume4D:
    footprint = _footprint_from(reader, at)
    if reader.text(f"{at}/datum") != _DATUM:
        raise Malformed("heights must be above the WGS84 ellipsoid", code="datum_not_convertible")
    return Volume4D(
        footprint=footprint,
        heights=HeightBand(
            lower_mm=reader.integer(f"{at}/lower"), upper_mm=reader.integer(f"{at}/upper")
        ),
        given=given_from(reader, at),
        window=Window(start_us=reader.integer(f"{at}/start"), end_us=reader.integer(f"{at}/end")),
        uncertainty=Uncertainty(
            lateral_mm=reader.integer(f"{at}/uncertainty/lateral"),
            vertical_mm=reader.integer(f"{at}/uncertainty/vertical"),
            time_us=reader.integer(f"{at}/uncertainty/time"),
        ),
    )
