"""What a person has to say now or soon: `GET /api/v1/due`. Part of `web.api.table`."""

from comity.hotline.due import duties
from comity.intake.terms import agreed
from comity.model.fault import Malformed
from comity.model.quantity import SECOND_US, instant_text
from comity.storage.store import Reading
from comity.web.api import shapes, shapes_due
from comity.web.gate import Admitted
from comity.web.problem import BadField
from comity.web.route import Query, Route, reading
from comity.web.scope import Scope
from comity.wire.canonical import decimal

__all__ = ["DUE_TABLE"]

_WITHIN_S = 600
_WITHIN_S_MAX = 31 * 86_400


def _listed(call: Admitted) -> shapes.Page[shapes_due.DueView]:
    """What is overdue, or due within so many seconds, by deadline."""
    own, now_us = call.node.origin, call.now_us
    until_us = now_us + _within_s(call) * SECOND_US

    def query(reading: Reading) -> shapes.Page[shapes_due.DueView]:
        found = agreed(reading, own, now_us)
        items = [
            shapes_due.DueView(
                duty=each.duty,
                of=each.of.hex(),
                due=instant_text(each.due_us),
                overdue=each.due_us < now_us,
                party=each.party,
                about=each.about,
            )
            for each in duties(reading, own, (now_us, until_us), found.with_party)
        ]
        return shapes.Page(items=items)

    return call.read(query)


def _within_s(call: Admitted) -> int:
    text = call.query.get("within")
    try:
        seconds = _WITHIN_S if text is None else decimal(text)
    except Malformed:
        seconds = -1
    if not 0 <= seconds <= _WITHIN_S_MAX:
        reason = f"within is 0 to {_WITHIN_S_MAX} seconds"
        raise BadField(reason, code="bad_query", field="within")
    return seconds


DUE_TABLE: tuple[Route, ...] = (
    reading(
        "/api/v1/due",
        Scope.READ,
        shapes.Page[shapes_due.DueView],
        _listed,
        summary="What a person here has to say, overdue or within so many seconds, by deadline",
        query=(Query(name="within", about=f"seconds from now, 0 to {_WITHIN_S_MAX}; default 600"),),
    ),
)
