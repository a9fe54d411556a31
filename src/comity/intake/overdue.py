"""The end of a started activity has passed and nobody has ended it: owner and recipients are told.

It may go on, or be over and forgotten; only its owner knows. An end or a later window clears it.
Run by the exchange's watcher when the moment comes.
"""

from comity.journal.pen import Pen
from comity.journal.warn import raise_warning
from comity.model.party import party_name
from comity.model.quantity import instant_text
from comity.storage.store import Reading, Transaction

__all__ = ["next_overdue_us", "warn_overdue"]


def next_overdue_us(reading: Reading) -> int | None:
    """When the next started subject is overdue: just after its end, uncertainty included."""
    end_us = reading.sky.next_end()
    return None if end_us is None else end_us + 1


def warn_overdue(tx: Transaction, pen: Pen) -> None:
    """Warn of each that is overdue, once."""
    for row in tx.sky.overdue(pen.now_us):
        text = (
            f"{row.kind} {row.id.hex()[:8]} of {party_name(row.owner)} was to end by "
            f"{instant_text(row.box.end_us)} and nobody has ended it"
        )
        raise_warning(tx, pen, "overdue_end", row.id, text=text, party=row.owner)
