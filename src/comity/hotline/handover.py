"""One officer hands over to the next: both sign, with their party's key, what is open.

The outgoing one signs the list as it stands, the incoming one as it stands when he takes over: if
it changed meanwhile, he is shown it again before he can. Both statements stay in our own journal.
That it was this person who typed it is the party's own word. Called by the doors.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.journal.pen import Content, Pen
from comity.model.fault import Refusal, Refused
from comity.model.handover import Acceptance, Handover, ItemKind, OpenItem
from comity.storage.handovers import HandoverItemRow, HandoverRow
from comity.storage.store import Reading, Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field
from comity.wire.handover_v1 import (
    fields_of_acceptance,
    fields_of_handover,
    item_hash,
    list_hash,
)

__all__ = ["Changes", "accept_handover", "begin_handover", "changes_between", "signed_items"]

_NAMED = 3  # of the items that changed, in a refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What came to a list of items, and what went; an item whose state changed did both."""

    added: tuple[OpenItem, ...]
    gone: tuple[OpenItem, ...]


def begin_handover(tx: Transaction, pen: Pen, handover: Handover) -> HandoverRow:
    """Sign the open items over; a handover that still waits is over with it."""
    content = _written(pen, fields_of_handover(handover))
    for waiting in tx.handovers.waiting():
        tx.handovers.save_handover(replace(waiting, over_us=pen.now_us))
    row = HandoverRow(
        id=content.id,
        giver=handover.giver,
        taker=handover.taker,
        note=handover.note,
        begun_us=pen.now_us,
    )
    tx.handovers.save_handover(row)
    _keep(tx, content.id, handover.items)
    return row


def accept_handover(tx: Transaction, pen: Pen, acceptance: Acceptance, seen: bytes) -> HandoverRow:
    """Countersign: `seen` is the hash of the list that the incoming officer was shown.

    Raises:
        Refused: `not_found`, `already_accepted`, `handover_replaced`, `another_person`,
            `items_changed`.
    """
    row = tx.handovers.handover(acceptance.of)
    if row is None:
        raise _no("not_found", "no handover has that id", "list the handovers")
    if row.accepted_us is not None:
        raise _no("already_accepted", f"{row.taker} has accepted it", "begin another one")
    if row.over_us is not None:
        raise _no("handover_replaced", "another one was begun after it", "accept the newest")
    if acceptance.by != row.taker:
        raise _no("another_person", f"it was handed over to {row.taker}", "begin another one")
    if seen != list_hash(acceptance.items):
        raise _changed(tx, row, acceptance.items)
    content = _written(pen, fields_of_acceptance(acceptance))
    _keep(tx, content.id, acceptance.items)
    after = replace(row, acceptance=content.id, accepted_us=pen.now_us)
    tx.handovers.save_handover(after)
    return after


def signed_items(reading: Reading, of: bytes) -> tuple[OpenItem, ...]:
    """The items that a statement names, as they were signed."""
    return tuple(
        OpenItem(kind=ItemKind(row.kind), id=row.id, due_us=row.due_us, state=row.state)
        for row in reading.handovers.items(of)
    )


def changes_between(before: Iterable[OpenItem], after: Iterable[OpenItem]) -> Changes:
    """What changed from one list to another, in the order of each."""
    old = {item_hash(item): item for item in before}
    new = {item_hash(item): item for item in after}
    return Changes(
        added=tuple(item for hash_, item in new.items() if hash_ not in old),
        gone=tuple(item for hash_, item in old.items() if hash_ not in new),
    )


def _written(pen: Pen, fields: tuple[Field, ...]) -> Content:
    content = pen.seal(fields)
    pen.write_content(EntryType.HANDOVER, pen.origin, content)
    return content


def _keep(tx: Transaction, of: bytes, items: Iterable[OpenItem]) -> None:
    for number, item in enumerate(items):
        tx.handovers.save_item(
            HandoverItemRow(
                of=of,
                number=number,
                kind=item.kind,
                id=item.id,
                due_us=item.due_us,
                state=item.state,
            )
        )


def _changed(tx: Transaction, row: HandoverRow, items: tuple[OpenItem, ...]) -> Refused:
    """Against what was signed over, since what he was shown is not here any more."""
    changes = changes_between(signed_items(tx, row.id), items)
    named = [f"new: {item.kind} {item.state}" for item in changes.added[:_NAMED]]
    named += [f"gone: {item.kind} {item.state}" for item in changes.gone[:_NAMED]]
    since = "; ".join(named) or "nothing, compared with what was signed over"
    return _no(
        "items_changed",
        f"the list is not the one that was shown: {since}",
        "look at it again, and accept what is open now",
    )


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
