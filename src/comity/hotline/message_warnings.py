"""What a person must see of an answer: UNABLE, not understood, a read-back that differs.

Both sides compute it from the same bytes, so that both see the same. Called by `message` and the
doors.
"""

from comity.airspace.geodesic import distance_m
from comity.hotline.phrases import phrasebook
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.message import NOT_UNDERSTOOD, UNABLE, MessageAnswer
from comity.model.phrasebook import PhraseField, Value
from comity.model.quantity import Position, degrees
from comity.model.wording import value_text
from comity.storage.messages import MessageRow
from comity.storage.store import Transaction
from comity.wire.fields import parse_fields
from comity.wire.message_v1 import message_from

__all__ = ["read_back_differences", "settled_by", "warn_of_answer"]


def read_back_differences(row: MessageRow, answer: MessageAnswer) -> tuple[str, ...]:
    """Where a read-back differs from its message, in words; nothing if it is none, or agrees."""
    if answer.read_back is None:
        return ()
    said = dict(message_from(parse_fields(row.content)).values)
    heard = dict(answer.read_back.values)
    fields = {field.name: field for field in phrasebook().phrase(row.code).fields}
    return tuple(
        _difference(name, fields.get(name), said.get(name), heard.get(name))
        for name in sorted(said.keys() | heard.keys())
        if said.get(name) != heard.get(name)
    )


def settled_by(row: MessageRow, answer: MessageAnswer) -> bool:
    """Whether what it reads back, if it does, is what was said."""
    return not read_back_differences(row, answer)


def warn_of_answer(tx: Transaction, pen: Pen, row: MessageRow, answer: MessageAnswer) -> None:
    """Raise what this answer is a reason for, clear what it ends."""
    party = row.receiver
    different = read_back_differences(row, answer)
    found = {
        "unable": _reason(answer) if answer.code == UNABLE else "",
        "not_understood": "it was not understood" if answer.code == NOT_UNDERSTOOD else "",
        "read_back_differs": ", ".join(different),
    }
    for kind, text in found.items():
        if text:
            _raise(tx, pen, kind, row, f"{row.code}: {text}", party)
        else:
            clear_warnings(tx, pen, kind, row.id, party)


def _raise(  # noqa: PLR0917 - the parts of a warning
    tx: Transaction, pen: Pen, kind: str, row: MessageRow, text: str, party: str
) -> None:
    """The newest words count: what was raised before about the same is cleared first."""
    clear_warnings(tx, pen, kind, row.id, party)
    raise_warning(tx, pen, kind, row.id, text=text, party=party)


def _reason(answer: MessageAnswer) -> str:
    return f"UNABLE, {dict(answer.values).get('reason', 'without a reason')}"


def _difference(
    name: str, field: PhraseField | None, said: Value | None, heard: Value | None
) -> str:
    if said is None or heard is None:
        return f"{name} was {'not said' if said is None else 'left out'}"
    if isinstance(said, Position) and isinstance(heard, Position):
        start = (degrees(said.lat_e7), degrees(said.lon_e7))
        km = distance_m(start, (degrees(heard.lat_e7), degrees(heard.lon_e7))) / 1_000
        return f"{name} moved {km:.1f} km"
    return f"{name} is {value_text(field, said)}, not {value_text(field, heard)}"
