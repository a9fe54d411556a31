"""Raise and clear warnings, in pairs: one open warning for a kind, a thing and a party.

Which things deserve a warning is the desks' to say. A raised one also stands in line for those who
tell people elsewhere (`outlets`). Called by intake, hotline, the exchange and the outlets.
"""

from dataclasses import replace

from comity.journal.pen import Pen
from comity.storage.lines import WarningChangeRow
from comity.storage.rows import WarningRow
from comity.storage.store import Transaction
from comity.wire.canonical import sha256

__all__ = ["clear_warnings", "raise_warning"]


def raise_warning(
    tx: Transaction, pen: Pen, kind: str, about: bytes, *, text: str, party: str | None = None
) -> bool:
    """Raise a warning unless the same one is open; whether it was raised."""
    for row in tx.sky.open_warnings(about):
        if (row.kind, row.party) == (kind, party):
            return False
    key = f"comity/warning/v1\0{kind}\0{party or ''}\0{pen.now_us}\0".encode() + about
    row = WarningRow(
        id=sha256(key),
        kind=kind,
        about=about,
        party=party,
        text=text,
        raised_us=pen.now_us,
        cleared_us=None,
    )
    tx.dispatches.put_raised(row.id)
    tx.sky.save_warning(row)
    _count(tx, pen, row)
    return True


def clear_warnings(
    tx: Transaction, pen: Pen, kind: str, about: bytes, party: str | None = None
) -> None:
    """Clear the open warnings of a kind about one thing; of one party only, if it is named."""
    for row in tx.sky.open_warnings(about):
        if row.kind == kind and party in (None, row.party):
            after = replace(row, cleared_us=pen.now_us)
            tx.sky.save_warning(after)
            _count(tx, pen, after)


def _count(tx: Transaction, pen: Pen, row: WarningRow) -> None:
    """Number the change, so that whoever follows warnings misses none."""
    tx.lines.save_change(
        WarningChangeRow(
            number=tx.lines.newest_change() + 1,
            warning=row.id,
            kind=row.kind,
            raised=row.cleared_us is None,
            at_us=pen.now_us,
            size=tx.journal.size(),
        )
    )
