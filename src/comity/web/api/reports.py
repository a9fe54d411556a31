"""Reports of our own on hazards. Called by way of the table; listed with the hazard's view."""

from comity.intake.file_report import file_report
from comity.journal.pen import Pen
from comity.storage.store import Transaction
from comity.web.api.shapes import ReportView
from comity.web.api.shapes_reports import ReportRequest
from comity.web.api.translate import identity_from, parties_from, report_from
from comity.web.api.views import report_view
from comity.web.gate import Admitted
from comity.web.once import commit

__all__ = ["filed"]


async def filed(call: Admitted, request: ReportRequest) -> bytes:
    """File a report and give it to the parties that are named."""
    said = report_from(request, identity_from(call.path["id"], "id"))
    to = parties_from(request.to, call.node.roster.now)

    def change(tx: Transaction, pen: Pen) -> ReportView:
        return report_view(file_report(tx, pen, said, to))

    return await commit(call, change)
