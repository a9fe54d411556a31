"""Schema v1 of conflicts: our own record, so only its one form is fixed."""

from comity.model.quantity import Position
from comity.wire.conflict_v1 import fields_of_conflict
from comity.wire.fields import FieldType
from tests.model.samples import ID


def test_a_conflict_names_two_subjects_three_gaps_and_a_point() -> None:
    fields = fields_of_conflict(
        pair=(ID, bytes(32)),
        clause="clearance",
        closest_mm=1,
        vertical_mm=2,
        time_us=3,
        point=Position(lat_e7=-1, lon_e7=1),
    )
    assert [(field.path, field.type) for field in fields] == [
        ("a", FieldType.ID),
        ("b", FieldType.ID),
        ("clause", FieldType.TEXT),
        ("closest", FieldType.INT),
        ("vertical-gap", FieldType.INT),
        ("time-gap", FieldType.INT),
        ("point", FieldType.POINTS),
    ]
    assert fields[-1].value.hex() == "ffffffff" + "00000001"
