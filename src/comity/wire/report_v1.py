"""Schema v1 of a report on a hazard: paths, types, order. Reference: docs/reference/notice-v1.md.

Never edited after release. Called by intake and the doors.
"""

from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS, Confidence
from comity.model.report import HazardReport, Stance
from comity.wire.fields import Field, Reader, id_field, text_field
from comity.wire.notice_v1 import volume_fields, volumes_from

__all__ = ["fields_of_report", "report_from"]


def fields_of_report(report: HazardReport) -> tuple[Field, ...]:
    """The content of a report, in canonical order."""
    return (
        text_field("stance", report.stance),
        id_field("of", report.of),
        text_field("source", report.source),
        text_field("confidence", report.confidence),
        *volume_fields(report.volumes),
    )


def report_from(fields: tuple[Field, ...]) -> HazardReport:
    """Read a report; Malformed for anything that `fields_of_report` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    report = HazardReport(
        stance=reader.choice("stance", Stance),
        of=reader.identity("of"),
        source=reader.text("source"),
        confidence=reader.choice("confidence", Confidence),
        volumes=volumes_from(reader) if reader.has("volume/0/datum") else (),
    )
    reader.finish()
    if fields_of_report(report) != fields:  # one content, one form
        raise Malformed("the fields are not in canonical order", code="bad_field")
    return report
