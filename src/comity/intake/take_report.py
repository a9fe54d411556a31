"""Reports on hazards, as they come: kept in the order of arrival, none over another.

A report may come before the hazard that it is about, by another way: it is kept, and shown with it.
A hazard that is contradicted stays in force; a person is told. Called by receive, file_report and
through assembly.
"""

from comity.journal.pen import Pen
from comity.journal.warn import raise_warning
from comity.model.fault import Refusal, Refused
from comity.model.notice import SubjectKind
from comity.model.party import party_name
from comity.model.report import HazardReport, Stance
from comity.storage.reports import ReportRow
from comity.storage.rows import SubjectRow
from comity.storage.store import Transaction
from comity.wire.fields import Field, parse_fields, serialise_fields
from comity.wire.limits import REPORTS_MAX, REPORTS_STRAY_MAX
from comity.wire.report_v1 import fields_of_report, report_from

__all__ = ["keep_report", "take_report", "warn_contradicted"]


def take_report(tx: Transaction, pen: Pen, by: str, id_: bytes, fields: tuple[Field, ...]) -> None:
    """Keep a peer's report, whether or not we know its hazard; `not_found` about what is none.

    A peer that has not got the hazard from us may know it from its owner, as we may.
    """
    said = report_from(fields)
    pen.claim_floor()
    if tx.reports.report(id_) is not None:
        return
    hazard = tx.sky.subject_of_notice(said.of)
    if hazard is not None and hazard.kind != SubjectKind.HAZARD:
        raise _no("not_found", "no hazard has that id", "list the hazards")
    if hazard is None and tx.reports.strays(by) >= REPORTS_STRAY_MAX:
        raise _no(
            "too_many_reports",
            f"{REPORTS_STRAY_MAX} reports of hazards that are unknown here",
            "give the hazards first",
        )
    keep_report(tx, pen, said, id_, by=by, recipients=())
    if hazard is not None:
        warn_contradicted(tx, pen, hazard)


def keep_report(
    tx: Transaction,
    pen: Pen,
    said: HazardReport,
    id_: bytes,
    *,
    by: str,
    recipients: tuple[str, ...],
) -> ReportRow:
    """Add a report to the others on its hazard."""
    others = tx.reports.reports_of(said.of)
    if sum(row.by == by for row in others) >= REPORTS_MAX:
        raise _no(
            "too_many_reports",
            f"a party reports at most {REPORTS_MAX} times on one hazard",
            "say it by voice",
        )
    row = ReportRow(
        id=id_,
        of=said.of,
        number=len(others),
        by=by,
        content=serialise_fields(fields_of_report(said)),
        at_us=pen.now_us,
        recipients=" ".join(recipients),
    )
    tx.reports.save_report(row)
    return row


def warn_contradicted(tx: Transaction, pen: Pen, hazard: SubjectRow) -> None:
    """A person here looks at it: who contradicts, and that it stays in force all the same."""
    for row in tx.reports.reports_of(hazard.id):
        said = report_from(parse_fields(row.content))
        if said.stance is Stance.CONTRADICTS and row.by != pen.origin:
            text = (
                f"{party_name(row.by)} contradicts hazard {hazard.id.hex()[:8]} of "
                f"{party_name(hazard.owner)} ({said.confidence}); it stays in force"
            )
            raise_warning(tx, pen, "hazard_contradicted", hazard.id, text=text, party=row.by)


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
