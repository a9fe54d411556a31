"""Schema v1 of a conflict's content, for our own record: which two, how close, where, and why."""

from comity.model.quantity import Position
from comity.wire.fields import Field, id_field, int_field, points_field, text_field

__all__ = ["fields_of_conflict"]


def fields_of_conflict(
    *,
    pair: tuple[bytes, bytes],
    clause: str,
    closest_mm: int,
    vertical_mm: int,
    time_us: int,
    point: Position,
) -> tuple[Field, ...]:
    """The content, in canonical order."""
    return (
        id_field("a", pair[0]),
        id_field("b", pair[1]),
        text_field("clause", clause),
        int_field("closest", closest_mm),
        int_field("vertical-gap", vertical_mm),
        int_field("time-gap", time_us),
        points_field("point", (point,)),
    )
