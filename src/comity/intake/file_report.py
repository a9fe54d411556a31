"""A report of our own on a hazard that we know, given to chosen parties. Called by the doors."""

from dataclasses import replace

from comity.intake.permit import may_report
from comity.intake.receive import check_areas, prompt_of, refuse
from comity.intake.subject import declaration_of
from comity.intake.take_report import keep_report
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.fault import Refusal, Refused
from comity.model.notice import SubjectKind
from comity.model.report import HazardReport
from comity.storage.reports import ReportRow
from comity.storage.store import Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.report_v1 import fields_of_report

__all__ = ["file_report"]


def file_report(tx: Transaction, pen: Pen, report: HazardReport, to: tuple[str, ...]) -> ReportRow:
    """Report on a hazard to `to` (origins; none keeps it at home). `report.of`: any id of it.

    It is civil safety: it passes whatever the agreement's state, by any clock and on a full disk.

    Raises:
        Refused: `not_found`, `unknown_party`, `too_many_reports`, `area_too_small`, or what the
            hazard's `onward` holds back: `onward_none`, `taken_from_notice`.
    """
    check_areas(report.volumes, pen.now_us)
    hazard = tx.sky.subject_of_notice(report.of)
    if hazard is None or hazard.kind != SubjectKind.HAZARD:
        raise _no("not_found", "no hazard has that id", "list the hazards")
    for origin in to:
        if tx.post.peer(origin) is None:
            raise _no("unknown_party", f"{origin} is not enrolled", "enrol it first")
    pen.claim_floor()
    prompt = None
    if not hazard.ours:
        prompt = prompt_of(tx, agreed(tx, pen.origin, pen.now_us), hazard.id)
    said = replace(report, of=hazard.id)
    area = None
    if said.volumes:
        area = replace(declaration_of(hazard), name="", volumes=said.volumes)
    refuse(may_report(area, to, prompt))
    content = pen.seal(fields_of_report(said))
    for audience in to or (pen.origin,):
        pen.write_content(EntryType.REPORT, audience, content, floor=True)
    return keep_report(tx, pen, said, content.id, by=pen.origin, recipients=to)


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
