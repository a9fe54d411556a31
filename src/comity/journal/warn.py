"""Raise and clear warnings, in pairs: one open warning for a kind, a thing and a party.

Which things deserve a warning is the desks' to say. A raised one also stands in line for those who
tell people elsewhere (`outlets`). Called by intake, hotline, the exchange and the outlets.
"""

from dataclasses import replace

from comity.journal.pen import Pen
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
    id_ = sha256(key)
    tx.dispatches.put_raised(id_)
    tx.sky.save_warning(
        WarningRow(
            id=id_,
            kind=kind,
            about=about,
            party=party,
            text=text,
            raised_us=pen.now_us,
            cleared_us=None,
        )
    )
    return True


def clear_warnings(
    tx: Transaction, pen: Pen, kind: str, about: bytes, party: str | None = None
) -> None:
    """Clear the open warnings of a kind about one thing; of one party only, if it is named."""
    for row in tx.sky.open_warnings(about):
        if row.kind == kind and party in (None, row.party):
            tx.sky.save_warning(replace(row, cleared_us=pen.now_us))
