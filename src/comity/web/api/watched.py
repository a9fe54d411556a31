"""What a person on duty looks at: risks, warnings, accounts of calls. Whole lists.

These lists are never shortened: a safety answer that leaves something out is worse than a long one.
Called by way of the table.
"""

from comity.hotline.call import file_call
from comity.journal.pen import Pen
from comity.storage.store import Transaction
from comity.web.api.shapes import (
    CallRequest,
    CallView,
    Page,
    RiskView,
    WarningView,
)
from comity.web.api.translate import call_from
from comity.web.api.views import call_view, risk_view, warning_view
from comity.web.gate import Admitted
from comity.web.once import commit

__all__ = ["calls", "filed", "risks", "warnings"]


def risks(call: Admitted) -> Page[RiskView]:
    """The newest word on every unit and notice."""
    rows = call.read(lambda r: r.people.units())
    return Page(items=[risk_view(row) for row in rows])


def warnings(call: Admitted) -> Page[WarningView]:
    """All warnings, cleared ones too."""
    rows = call.read(lambda r: r.sky.warnings())
    return Page(items=[warning_view(row) for row in rows])


def calls(call: Admitted) -> Page[CallView]:
    """All accounts of voice calls."""
    rows = call.read(lambda r: r.people.calls())
    return Page(items=[call_view(row) for row in rows])


async def filed(call: Admitted, request: CallRequest) -> bytes:
    """File an account; it stays at home."""
    account = call_from(request)

    def change(tx: Transaction, pen: Pen) -> CallView:
        return call_view(file_call(tx, pen, account))

    return await commit(call, change)
