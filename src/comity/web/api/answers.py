"""What people say to a peer's notice: their answers, and which units were told.

Called by way of the table.
"""

from comity.hotline.answer import give_answer
from comity.hotline.attest import attest
from comity.journal.pen import Pen
from comity.storage.store import Transaction
from comity.web.api.shapes import (
    AnswerRequest,
    AnswerView,
    AttestationRequest,
    Page,
    RiskView,
)
from comity.web.api.translate import answer_from, identity_from, units_from
from comity.web.api.views import answer_view, risk_view
from comity.web.gate import Admitted
from comity.web.once import commit

__all__ = ["answered", "attested"]


async def answered(call: Admitted, request: AnswerRequest) -> bytes:
    """One step of the receipt chain."""
    answer = answer_from(request, identity_from(call.path["id"], "id"))

    def change(tx: Transaction, pen: Pen) -> AnswerView:
        return answer_view(tx, give_answer(tx, pen, answer, request.person))

    return await commit(call, change)


async def attested(call: Admitted, request: AttestationRequest) -> bytes:
    """Told, answered, not reached: unit by unit."""
    notice = identity_from(call.path["id"], "id")
    units = units_from(request, call.now_us)

    def change(tx: Transaction, pen: Pen) -> Page[RiskView]:
        rows = attest(tx, pen, call.node.handle_secret, notice, units)
        return Page(items=[risk_view(row) for row in rows])

    return await commit(call, change)
