"""A notice whose window is over and that nobody closed becomes a warning, on both sides.

A started one is overdue at once (`intake.overdue`). This is the step after: a while later whatever
was not ended, cancelled or given a later window is named, started or not, so that no stale volume
keeps others out unseen. Run by the exchange's watcher when the moment comes.
"""

from comity.journal.pen import Pen
from comity.journal.warn import raise_warning
from comity.model.lifecycle import LifeState
from comity.model.party import party_name
from comity.model.quantity import instant_text
from comity.storage.store import Reading, Transaction
from comity.wire.limits import UNCLOSED_AFTER_US

__all__ = ["NOT_CLOSED", "next_unclosed_us", "warn_unclosed"]

NOT_CLOSED = "not_closed"


def next_unclosed_us(reading: Reading) -> int | None:
    """When the next live subject has been over for so long; uncertainty included."""
    end_us = reading.sky.next_unclosed()
    return None if end_us is None else end_us + UNCLOSED_AFTER_US + 1


def warn_unclosed(tx: Transaction, pen: Pen) -> None:
    """Warn of each, once."""
    for row in tx.sky.unclosed(pen.now_us - UNCLOSED_AFTER_US):
        started = "started" if row.state == LifeState.ACTIVE else "never said to have started"
        text = (
            f"{row.kind} {row.id.hex()[:8]} of {party_name(row.owner)}, {started}, was over at "
            f"{instant_text(row.box.end_us)} and nobody has ended or cancelled it"
        )
        raise_warning(tx, pen, NOT_CLOSED, row.id, text=text, party=row.owner)
