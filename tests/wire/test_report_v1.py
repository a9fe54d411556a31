"""Schema v1 of a report on a hazard: round trips, one form only, refusals by code."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS, Confidence
from comity.model.report import HazardReport, Stance
from comity.model.volume import Polygon
from comity.wire.fields import parse_fields, serialise_fields, text_field
from comity.wire.report_v1 import fields_of_report, report_from
from tests.airspace.samples import at
from tests.airspace.samples import volume as volume_over
from tests.model.samples import ID, hazard_reports, volume
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

REPORT = HazardReport(
    of=ID, stance=Stance.SUPPORTS, source="own post", confidence=Confidence.POSSIBLE
)


@given(hazard_reports())
def test_reports_round_trip(report: HazardReport) -> None:
    assert report_from(parse_fields(serialise_fields(fields_of_report(report)))) == report


@given(hazard_reports(), st.data())
def test_only_the_canonical_order_is_read(report: HazardReport, data: st.DataObject) -> None:
    fields = fields_of_report(report)
    shuffled = tuple(data.draw(st.permutations(fields)))
    if shuffled != fields:
        with says_no("bad_field"):
            report_from(shuffled)


@given(hazard_reports(), st.data())
def test_a_changed_byte_is_another_report_or_none(
    report: HazardReport, data: st.DataObject
) -> None:
    good = serialise_fields(fields_of_report(report))
    changed = bytearray(good)
    changed[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(Malformed):
        assert report_from(parse_fields(bytes(changed))) != report


@given(hazard_reports(), st.data())
def test_no_field_can_be_left_out(report: HazardReport, data: st.DataObject) -> None:
    fields = fields_of_report(report)
    gone = data.draw(st.integers(0, len(fields) - 1))
    with pytest.raises(Malformed):
        report_from(fields[:gone] + fields[gone + 1 :])


@pytest.mark.parametrize("word", sorted(FORBIDDEN_FIELDS))
def test_what_comity_has_no_field_for_is_refused_by_name(word: str) -> None:
    with says_no("forbidden_field"):
        report_from((*fields_of_report(REPORT), text_field(word.replace("_", "-"), "x")))


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("bad_id", {"of": b"short"}),
        ("no_source", {"source": ""}),
        ("text_too_long", {"source": "x" * 281}),
        ("no_area", {"stance": Stance.NARROWS}),
        ("too_many_volumes", {"volumes": (volume(),) * 11}),
        (
            "too_many_vertices",
            {"volumes": (volume_over(Polygon(vertices=(at(1, 1),) * 251)),) * 2},
        ),
    ],
)
def test_what_no_report_can_say(code: str, changes: dict[str, object]) -> None:
    whole: dict[str, object] = {
        "of": ID,
        "stance": Stance.SUPPORTS,
        "source": "own post",
        "confidence": Confidence.POSSIBLE,
    }
    with says_no(code):
        HazardReport(**(whole | changes))  # type: ignore[arg-type]
